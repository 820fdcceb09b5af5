"""Rules on what people can, do and know: who cannot swim and swims, never drinks and drinks, has never been
where they lived, is an only child with a sister."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etude.story.facts import Fact, Reading, Warned, clashes
from etude.story.said import P, Sentence
from etude.story.verbs import pasts

_CANNOT = re.compile(
    rf"{P} (?:could not|couldn't|cannot|can't|(?:had )?never learn(?:ed|t)(?: how)? to|did"
    rf" not know how to|didn't know how to)"
    r" (swim|read|write|drive|ride|dance|cook|sail|sing|whistle|row|knit|fly|speak \w+"
    r"|play the \w+)(?= ?[.,;!”\"]|$| and)"
)
_NEVER = re.compile(
    rf"{P} (?:never|did not|didn't|does not|doesn't|would not|wouldn't|no longer) (drank"
    rf"|drink|ate|eat|smoked|smoke|danced|dance|lied|lie|swore|swear"
    r"|prayed|pray|wore|wear|gambled|gamble)(?: (?:any )?(\w+))?(?= ?[.,;!”\"]|$)"
)
_STATES = {
    "deaf": r"(?:heard|listened to|overheard)",
    "blind": r"(?:saw|watched|read|looked at|stared at|noticed|glanced)",
    "mute": r"(?:said|asked|answered|whispered|cried|shouted|spoke|called|sang)",
    "dumb": r"(?:said|asked|answered|whispered|cried|shouted|spoke|called|sang)",
}
_STATE = re.compile(
    rf"{P} (?:was|is|had been)(?: stone| quite| born)? ({'|'.join(_STATES)})\b(?! to | in one| with )"
)
_HANDED = re.compile(rf"{P}(?:,? who)? (?:was|is) (left|right)-handed\b")
_NEVER_BEEN = re.compile(
    rf"{P} had never (?:been (?:to|in)|visited|seen|set foot in|set foot on|lived in|left)"
    rf" (?:the )?([A-Z]\w+)"
)
_BEEN = (
    r"(?:had lived|lived|was born|grew up|had grown up|had been|had worked|worked|had"
    r" studied|studied|had gone to school|went to school)"
)
_NEVER_MET = re.compile(rf"{P} had never (?:met|seen|spoken to|heard of|known) {P}")
_MET = r"(?:met|saw|kissed|married|spoke (?:to|with)|talked (?:to|with)|knew|visited|embraced|danced with)"
_LEARNED = re.compile(
    r"\b(?:learn(?:ed|t|ing)?|taught|teach\w*|lesson\w*|first time|again|now could|began"
    r" to|cured|healed|glasses)\b"
)
_UNLESS = re.compile(
    r"\b(?:if|would|could|might|had|dream\w*|not|never|wish\w*|pretend\w*|tried|as if|as though)\b|n't\b|\?"
)


def rules(reading: Reading) -> Iterator[Warned]:
    """Every contradiction of these kinds."""
    yield from _skills(reading)
    yield from clashes(reading, _hands(reading), str.__eq__, "{who} is {one}-handed, and {two}-handed.")
    yield from _never(reading)


def facts(reading: Reading) -> Iterator[Fact]:
    """What the draft says of these."""
    yield from _hands(reading)
    for sentence in reading.sentences:
        for who, verb, _, says in _said_of(reading, sentence):
            value = says.partition(", and")[0].partition(" ")[2]
            yield Fact(f"⟨{who}⟩", verb, value, sentence, "character", "skill")


def _skills(reading: Reading) -> Iterator[Warned]:
    """Who cannot, or never does, and then does, in the telling, without having learned."""
    barred: dict[tuple[str, str], tuple[re.Pattern[str], Sentence, str]] = {}
    for sentence in reading.sentences:
        for key, (does, first, says) in list(barred.items()):
            if _LEARNED.search(sentence.plain) and key[0] in sentence.plain:
                del barred[key]
                continue
            found = does.search(sentence.told)
            if found and not _UNLESS.search(sentence.told[: found.end()]):
                yield reading.warned(
                    "character", "skill" if "cannot" in says else "habit", says, first, sentence
                )
                del barred[key]
        for who, verb, form, says in _said_of(reading, sentence):
            barred[f"⟨{who}⟩", verb] = (re.compile(form), sentence, says)


def _said_of(reading: Reading, sentence: Sentence) -> Iterator[tuple[str, str, str, str]]:
    plain = sentence.plain
    for m in _CANNOT.finditer(plain):
        verb, _, rest = m[2].partition(" ")
        forms = "|".join(pasts(verb))
        what = (
            rf"(?: \w+)? {re.escape(rest)}" if rest else r"(?! (?:his|her) (?:mind|face|thoughts|eyes|hands))"
        )
        name = reading.name(f"⟨{m[1]}⟩")
        yield m[1], verb, rf"⟨{m[1]}⟩(?:, who \w+,)? (?:{forms})\b{what}", f"{name} cannot {m[2]}, and does."
    for m in _NEVER.finditer(plain):
        if re.search(r"\b(?:before|until|after|on|when|if|that (?:day|night|evening))\b", plain[m.end() :]):
            continue
        verb = next(
            (
                v
                for v in ("drink", "eat", "smoke", "dance", "lie", "swear", "pray", "wear", "gamble")
                if m[2] == v or m[2] in pasts(v)
            ),
            m[2],
        )
        forms = "|".join(pasts(verb))
        thing = rf" (?:\w+ ){{0,3}}?{re.escape(m[3])}\b" if m[3] else r"\b(?! (?:in|from the sight)\b)"
        name = reading.name(f"⟨{m[1]}⟩")
        yield (
            m[1],
            verb,
            rf"⟨{m[1]}⟩ (?:{forms}){thing}",
            f"{name} does not {verb} {m[3] or ''}".rstrip() + ", and does.",
        )
    for m in _STATE.finditer(plain):
        if not _UNLESS.search(plain[: m.start()]) or " had been" in m[0]:
            name = reading.name(f"⟨{m[1]}⟩")
            yield (
                m[1],
                m[2],
                rf"⟨{m[1]}⟩ {_STATES[m[2]]}\b|\b{_STATES[m[2]]} ⟨{m[1]}⟩",
                f"{name} is {m[2]}, and cannot do this.",
            )


def _hands(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        for m in _HANDED.finditer(sentence.plain):
            yield Fact(f"⟨{m[1]}⟩", "hand", m[2], sentence, "character", "skill")


def _never(reading: Reading) -> Iterator[Warned]:
    """Never been where they lived; never met whom the telling let them meet."""
    lived: dict[tuple[str, str], Sentence] = {}
    never: dict[tuple[str, str], Sentence] = {}
    met: dict[frozenset[str], Sentence] = {}
    was = re.compile(rf"{P} {_BEEN} (?:in|to|at) ([A-Z]\w+)")
    meets = re.compile(rf"{P} {_MET} {P}(?!')")
    for sentence in reading.sentences:
        plain = sentence.plain
        for m in _NEVER_BEEN.finditer(plain):
            key = (m[1], m[2])
            name = reading.name(f"⟨{m[1]}⟩")
            if key in lived and "left" not in m[0]:
                yield reading.warned(
                    "character",
                    "knowledge",
                    f"{name} has never been to {m[2]}, and was there.",
                    lived[key],
                    sentence,
                )
            elif "left" not in m[0]:
                never.setdefault(key, sentence)
        for m in was.finditer(plain):
            if _UNLESS.search(plain[: m.start()]) or re.search(r"\bnever\b", plain):
                continue
            key = (m[1], m[2])
            back = re.search(r"\b(?:had|was born|grew up)\b", m[0])
            if key in never and back:
                name = reading.name(f"⟨{m[1]}⟩")
                yield reading.warned(
                    "character",
                    "knowledge",
                    f"{name} has never been to {m[2]}, and was there.",
                    never.pop(key),
                    sentence,
                )
            lived.setdefault(key, sentence)
        for m in _NEVER_MET.finditer(plain):
            pair = frozenset((m[1], m[2]))
            if pair in met:
                one, two = reading.name(f"⟨{m[1]}⟩"), reading.name(f"⟨{m[2]}⟩")
                yield reading.warned(
                    "character", "knowledge", f"{one} has never met {two}, and has.", met[pair], sentence
                )
        for m in meets.finditer(sentence.told):
            if m[1] != m[2] and not _UNLESS.search(sentence.told[: m.end()]):
                met.setdefault(frozenset((m[1], m[2])), sentence)
