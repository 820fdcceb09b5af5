"""Rules on how people look, how old they are, whose kin they are, and how many there are of what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etude.story.facts import Fact, Reading, Warned, clashes
from etude.story.lexicon import NUMBERS, ORDINALS, number
from etude.story.said import P, Sentence

_EYES = {
    "blue": "blue",
    "green": "green",
    "brown": "brown",
    "hazel": "hazel",
    "grey": "grey",
    "gray": "grey",
    "black": "black",
    "dark": "dark",
    "amber": "amber",
    "violet": "violet",
    "emerald": "green",
    "chestnut": "brown",
    "pale": "pale",
    "light": "pale",
    "silver": "grey",
}
_HAIR = {
    "black": "black",
    "brown": "brown",
    "dark": "dark",
    "red": "red",
    "ginger": "red",
    "auburn": "red",
    "copper": "red",
    "fair": "fair",
    "blond": "fair",
    "blonde": "fair",
    "golden": "fair",
    "yellow": "fair",
    "white": "white",
    "grey": "grey",
    "gray": "grey",
    "silver": "grey",
    "chestnut": "brown",
    "raven": "black",
    "bald": "bald",
}
_MAY_BE = {
    "dark": {"brown", "black", "hazel", "dark"},
    "pale": {"blue", "grey", "green", "fair", "white", "pale"},
    "hazel": {"brown", "green", "amber", "hazel", "dark"},
    "amber": {"brown", "hazel", "amber"},
    "black": {"dark", "black"},
    "grey": {"grey", "white", "pale"},
    "white": {"white", "grey", "fair", "pale"},
    "fair": {"fair", "white", "pale"},
    "blue": {"blue", "pale"},
    "green": {"green", "hazel", "pale"},
    "brown": {"brown", "dark", "hazel", "amber"},
}
_EYE, _HUE = "|".join(_EYES), "|".join(one for one in _HAIR if one != "bald")
_ADJ = r"(?:[\w-]+,? ){0,2}?"
_EYE_RULES = [
    re.compile(rf"{P}'s {_ADJ}({_EYE})(?:-\w+)? eyes?\b"),
    re.compile(rf"{P}'s eyes (?:were|are|looked|shone|was) (?:[\w-]+,? (?:and )?){{0,2}}?({_EYE})\b"),
    re.compile(rf"{P} (?:had|has|with|lowered|raised|opened) {_ADJ}({_EYE})(?:-\w+)? eyes\b"),
    re.compile(rf"{P} (?:was|is) (?:a |an )?{_ADJ}({_EYE})-eyed\b"),
]
_EYED = re.compile(rf"\b({_EYE})-eyed (?:\w+,? )?{P}")
_HAIR_RULES = [
    re.compile(rf"{P}'s {_ADJ}({_HUE}) (?:\w+ )?hair\b"),
    re.compile(rf"{P}'s hair (?:was|is|had been|shone) (?:[\w-]+,? (?:and )?){{0,2}}?({_HUE})\b"),
    re.compile(rf"{P} (?:had|has|with) {_ADJ}({_HUE})(?: \w+)? hair\b"),
    re.compile(rf"{P} (?:was|is) (?:a |an )?{_ADJ}({_HUE})-haired\b"),
    re.compile(rf"{P} (?:was|is) (?:quite |almost )?(bald)\b"),
]
_MARK = re.compile(
    rf"{P}[^⟨.;]{{0,60}}?\b(scar|limp|tattoo|burn|birthmark|mole|eyepatch"
    rf"|patch)\b[^⟨.;]{{0,24}}(?:{P}'s )?\b(left|right)\b (\w+)"
)
_MARK_OF = re.compile(
    rf"\b(scar|tattoo|burn|birthmark|mole|patch)\b (?:on|over|across|below|above) {P}'s (left|right) (\w+)"
)
_NUM = "|".join(sorted((*NUMBERS, r"\d{1,3}"), key=len, reverse=True))
_ORD = "|".join(sorted(ORDINALS, key=len, reverse=True))
_STOP = r"(?= years? old| years of age|[,.;:!?”\"]| (?:and|when|that|then|now|but|this|in|at|last|next)\b|$)"
_AGES = [
    re.compile(
        rf"{P},? (?:who )?(?:was|is|'s|had turned|turned|had just turned)(?: only| just| barely"
        rf"| now| already| nearly)? ({_NUM}){_STOP}"
    ),
    re.compile(rf"{P},? (?:was |is )?(?:a |an )?(?:[\w-]+ )?({_NUM})-year-old"),
    re.compile(rf"{P}, ({_NUM}),"),
    re.compile(rf"{P},? (?:was |is )?an? (?:\w+ )?(?:man|woman|girl|boy|fellow|widow|widower) of ({_NUM})\b"),
    re.compile(rf"({_NUM})-year-old {P}"),
]
_KINS = (
    "mother|father|wife|husband|brother|sister|son|daughter|uncle|aunt|cousin|nephew"
    "|niece|grandmother|grandfather"
)
_KIN_OF = re.compile(rf"{P}'s (?:\w+ )?({_KINS})(?:,| was| is|, called| was called| was named)? {P}(?!')")
_IS_KIN = re.compile(rf"{P}(?:,| was| is)(?: only| the)? {P}'s (?:\w+ )?({_KINS})\b")
_NO_KIN = re.compile(
    rf"{P} (?:had|has) (?:no|never had any|neither) (brothers?|sisters?|siblings|children"
    rf"|sons?|daughters?|wife|husband)\b"
)
_ONLY = re.compile(rf"{P} (?:was|is|had been) an only child\b")
_HAS_KIN = re.compile(rf"{P}'s (?:\w+ )?(brothers?|sisters?|sons?|daughters?|children|wife|husband)\b")
_ONE_EACH = ("mother", "father", "wife", "husband")
_KIN_GROUPS = {"brother": {"brother"}, "sister": {"sister"}, "son": {"son"}, "daughter": {"daughter"}}
_COUNT_NOUNS = (
    "brothers|sisters|sons|daughters|children|wives|husbands|uncles|aunts|cousins|dogs"
    "|cats|horses|cows|fingers|toes"
)
_OWN = [
    re.compile(rf"{P}'s ({_NUM}) (?:\w+ )?({_COUNT_NOUNS})\b"),
    re.compile(rf"{P} (?:had|has) ({_NUM}) (?:\w+ )?({_COUNT_NOUNS})\b"),
]
_PARTS = (
    "rooms|windows|doors|floors|storeys|stories|steps|stairs|masts|decks|chimneys|beds"
    "|arches|towers|rungs|houses|inhabitants|wells|gates"
)
_OF = [
    re.compile(rf"\b[Tt]he ([\w-]+) (?:had|has) ({_NUM}) (?:\w+ )?({_PARTS})\b"),
    re.compile(rf"\b[Tt]here (?:were|are) ({_NUM}) (?:\w+ )?({_PARTS}) (?:in|on|of) the ([\w-]+)"),
    re.compile(rf"\b[Tt]he ({_NUM}) (?:\w+ )?({_PARTS}) (?:in|on|of|to) the ([\w-]+)"),
]
_MILES = [
    re.compile(rf"({_NUM}) (miles|leagues|kilometres|kilometers|hours) from ([A-Z]\w+) to ([A-Z]\w+)"),
    re.compile(
        rf"[Ff]rom ([A-Z]\w+) to ([A-Z]\w+) (?:it )?(?:was|is|were) ({_NUM}) (miles|leagues"
        rf"|kilometres|kilometers|hours)"
    ),
    re.compile(
        rf"([A-Z]\w+) (?:was|lay|is|lies) ({_NUM}) (miles|leagues|kilometres|kilometers|hours)"
        rf" from ([A-Z]\w+)"
    ),
]
LATER = re.compile(
    r"\b(?:years?|winters|summers|decades?) (?:later|after|afterwards|passed|went by|had"
    r" passed|had gone)\b|\bbirthday\b"
    r"|\bnow (?:an? )?(?:old|grown)\b|\bgrown\b|\bdyed?\b"
)
_UNSURE = re.compile(r"\b(?:not|never|no longer|as if|might|would|could|nearly|almost|wig|seemed)\b|n't\b|\?")


def rules(reading: Reading) -> Iterator[Warned]:
    """Every contradiction of these kinds."""
    yield from clashes(
        reading,
        _looks(reading, "eyes", _EYE_RULES, _EYES, _EYED),
        _agree,
        "{who}'s eyes are {one}, and {two}.",
    )
    hair = list(_looks(reading, "hair", _HAIR_RULES, _HAIR, None))
    for one in clashes(reading, hair, _agree, "{who}'s hair is {one}, and {two}."):
        if not _time_passes(reading, one):
            yield one
    yield from clashes(
        reading, _marks(reading), str.__eq__, "{who}'s {what} is on the {one} side, and on the {two}."
    )
    for one in clashes(reading, _ages(reading), str.__eq__, "{who} is {one} years old, and {two}."):
        if not _time_passes(reading, one):
            yield one
    yield from _kin(reading)
    yield from clashes(reading, _counts(reading), str.__eq__, "Of {who} there are {one} {what}, and {two}.")


def facts(reading: Reading) -> Iterator[Fact]:
    """What the draft says of these."""
    yield from _looks(reading, "eyes", _EYE_RULES, _EYES, _EYED)
    yield from _looks(reading, "hair", _HAIR_RULES, _HAIR, None)
    yield from _marks(reading)
    yield from _ages(reading)
    yield from _counts(reading)
    for sentence in reading.sentences:
        for m in (*_KIN_OF.finditer(sentence.plain), *_IS_KIN.finditer(sentence.plain)):
            whose, kin, who = (m[1], m[2], m[3]) if m.re is _KIN_OF else (m[2], m[3], m[1])
            if whose != who:
                value = f"{kin} of {reading.name(f'⟨{whose}⟩')}"
                yield Fact(f"⟨{who}⟩", "is", value, sentence, "character", "kinship")


def _time_passes(reading: Reading, one: Warned) -> bool:
    """Whether years go by between two passages, or in the second of them."""
    return bool(LATER.search(reading.draft.text, one.first.end, one.second.end))


def _quoted(sentence: Sentence, match: re.Match[str]) -> bool:
    return match[0] not in sentence.told


def _looks(
    reading: Reading,
    what: str,
    patterns: list[re.Pattern[str]],
    colours: dict[str, str],
    before: re.Pattern[str] | None,
) -> Iterator[Fact]:
    for sentence in reading.sentences:
        if what not in sentence.plain and "-eyed" not in sentence.plain and "-haired" not in sentence.plain:
            if what != "hair" or "bald" not in sentence.plain:
                continue
        for pattern in patterns:
            for m in pattern.finditer(sentence.plain):
                if not _UNSURE.search(sentence.plain, m.start(), m.end()):
                    yield Fact(
                        f"⟨{m[1]}⟩",
                        what,
                        colours[m[2]],
                        sentence,
                        "detail",
                        "appearance",
                        _quoted(sentence, m),
                    )
        if before is not None:
            for m in before.finditer(sentence.plain):
                yield Fact(
                    f"⟨{m[2]}⟩", what, colours[m[1]], sentence, "detail", "appearance", _quoted(sentence, m)
                )


def _agree(one: str, two: str) -> bool:
    return one == two or two in _MAY_BE.get(one, ()) or one in _MAY_BE.get(two, ())


def _marks(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        for m in _MARK_OF.finditer(sentence.plain):
            yield Fact(f"⟨{m[2]}⟩", f"{m[1]} ({m[4]})", m[3], sentence, "detail", "appearance")
        if not _MARK_OF.search(sentence.plain):
            for m in _MARK.finditer(sentence.plain):
                who = m[3] or m[1]
                yield Fact(f"⟨{who}⟩", f"{m[2]} ({m[5]})", m[4], sentence, "detail", "appearance")


def _ages(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        for i, pattern in enumerate(_AGES):
            for m in pattern.finditer(sentence.plain):
                who, said = (m[2], m[1]) if i == 4 else (m[1], m[2])
                age = number(said)
                if age and 3 <= age <= 110 and not _UNSURE.search(m[0]):
                    yield Fact(f"⟨{who}⟩", "age", str(age), sentence, "detail", "age", _quoted(sentence, m))


def _kin(reading: Reading) -> Iterator[Warned]:
    """One mother each; nobody both brother and cousin of one; an only child has no sister."""
    one_each: list[Fact] = []
    between: list[Fact] = []
    none: dict[tuple[str, str], Sentence] = {}
    for sentence in reading.sentences:
        plain = sentence.plain
        if _UNSURE.search(plain) or "step" in plain or "foster" in plain or "-in-law" in plain:
            continue
        for m in (*_KIN_OF.finditer(plain), *_IS_KIN.finditer(plain)):
            whose, kin, who = (m[1], m[2], m[3]) if m.re is _KIN_OF else (m[2], m[3], m[1])
            if whose == who:
                continue
            if kin in _ONE_EACH:
                one_each.append(Fact(f"⟨{whose}⟩", kin, f"⟨{who}⟩", sentence, "character", "kinship"))
            between.append(
                Fact(
                    f"⟨{who}⟩", f"kin of {reading.name(f'⟨{whose}⟩')}", kin, sentence, "character", "kinship"
                )
            )
        for m in _ONLY.finditer(plain):
            for kin in ("brother", "sister"):
                none[m[1], kin] = sentence
        for m in _NO_KIN.finditer(plain):
            kins = {"siblings": ("brother", "sister"), "children": ("son", "daughter", "child")}
            for kin in kins.get(m[2], (m[2].rstrip("s"),)):
                none[m[1], kin] = sentence
        for m in _HAS_KIN.finditer(plain):
            kin = "child" if m[2] == "children" else m[2].rstrip("s")
            for key in {(m[1], kin)} | ({(m[1], "child")} if kin in ("son", "daughter") else set()):
                if key in none and none[key].number < sentence.number:
                    name = reading.name(f"⟨{m[1]}⟩")
                    yield reading.warned(
                        "character", "kinship", f"{name} has no {kin}, and has one.", none[key], sentence
                    )
    yield from clashes(reading, one_each, str.__eq__, "{who}'s {what} is one person, and another.")
    yield from clashes(reading, between, str.__eq__, "{who}, {what}: {one}, and {two}.")


def _counts(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        plain = sentence.plain
        for pattern in _OWN:
            for m in pattern.finditer(plain):
                if "of " + m[0] not in plain or "all of" in plain.lower():
                    yield Fact(f"⟨{m[1]}⟩", m[3], str(number(m[2])), sentence, "detail", "quantity")
        for i, pattern in enumerate(_OF):
            for m in pattern.finditer(plain):
                owner, count, noun = (m[1], m[2], m[3]) if i == 0 else (m[3], m[1], m[2])
                yield Fact(f"the {owner}", noun, str(number(count)), sentence, "detail", "quantity")
        for i, pattern in enumerate(_MILES):
            for m in pattern.finditer(reading.draft.words_of(sentence.span)):
                count, unit, a, b = (
                    (m[1], m[2], m[3], m[4]),
                    (m[3], m[4], m[1], m[2]),
                    (m[2], m[3], m[1], m[4]),
                )[i]
                way = " to ".join(sorted((a, b)))
                yield Fact(way, unit, str(number(count)), sentence, "detail", "quantity")
