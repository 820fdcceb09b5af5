"""Rules on time: the dead who speak or act, years and days that cannot both be, seasons, and things
that are gone and used again."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from etude.story.facts import Fact, Reading, Warned, clashes
from etude.story.lexicon import ACTS, MONTHS, SEASONS, SPEECH, WEEKDAYS, number
from etude.story.rules_looks import LATER
from etude.story.said import P, Sentence

_DIES = [
    re.compile(
        rf"{P} (?:had )?(?:died|drowned|perished|passed away|bled to death|hanged himself"
        rf"|hanged herself)\b(?! of laughter| down| away| out)"
    ),
    re.compile(
        rf"{P} (?:was|is|lay|were|had been) (?:already |long |now )?(?:dead|killed|drowned"
        rf"|buried|hanged|murdered|shot dead|executed|slain)\b(?! tired| asleep| drunk| sure|"
        rf" certain| set| against| on )"
    ),
    re.compile(
        rf"\b(?:they|he|she|who|had|it|sea|fever|fire) (?:\w+ )?(?:buried|killed|murdered"
        rf"|hanged|executed) {P}(?!')"
    ),
    re.compile(rf"\b(?:buried|murdered) {P}(?!')"),
    re.compile(rf"{P}'s (?:funeral|burial|grave|corpse|dead body)\b"),
    re.compile(rf"\bthe late (?:\w+\.? )?{P}"),
]
_NOT_SO = re.compile(
    r"\b(?:not|never|nearly|almost|if|would|could|might|should|may|will|shall|must|when"
    r"|until|till|before|as though|as if|like"
    r"|thought|think|feared?|dreamed|dreamt|dream|wish(?:ed)?|hoped?|believed?|said to be"
    r"|supposed|half|pretend\w*|play\w*|or)\b|n't\b|\?"
)
_ELSEWHEN = re.compile(
    r"\b(?:dream\w*|dreamt|remember\w*|memor\w+|recall\w*|once|used to|years (?:ago"
    r"|earlier|before)|earlier|long ago|in those days"
    r"|back then|ghost|spirit|photograph|portrait|picture|letter|voice of|imagin\w*|before"
    r" (?:he|she|they) died|had|would|could|might"
    r"|as if|as though|if|tomb|grave|when)\b"
)
_LIVES = ACTS - {
    "was",
    "is",
    "had",
    "has",
    "lay",
    "would",
    "could",
    "should",
    "might",
    "must",
    "will",
    "can",
    "never",
    "always",
    "still",
    "only",
    "then",
    "himself",
    "herself",
    "fell",
    "died",
    "did",
    "does",
    "lived",
    "seemed",
}
_ACTING = re.compile(rf"{P} (\w+)")
_SAYING = re.compile(rf"\b({'|'.join(SPEECH)}) {P}")
_YEAR = r"(1[0-9]\d\d|20\d\d)"
_DATED = [
    re.compile(
        rf"{P}(?:,? who)? (?:was|had been) (born|married|wounded|arrested|elected|crowned)"
        rf" (?:in|on) (?:\w+,? )?(?:\d{{1,2}},? )?{_YEAR}"
    ),
    re.compile(rf"{P} (died) in (?:\w+ )?{_YEAR}"),
]
_THING_IN = re.compile(
    rf"\b[Tt]he (\w+) (sank|burned|burnt|closed|opened|fell|ended|began|collapsed|flooded"
    rf"|was built|was founded) in (?:\w+ )?{_YEAR}"
)
_IN_THING = re.compile(
    rf"\b{_YEAR},? (?:was )?(?:the (?:year|summer|winter|spring|autumn) )?(?:in which|when"
    rf"|that|in the year) the (\w+) (sank|burned|burnt|closed|opened|fell|ended|began|collapsed|flooded)"
)
_AGO = re.compile(
    rf"{P} (?:had )?(left|married|bought|sold|met|joined|lost|came to|moved to) (?:the |his"
    rf" |her )?(\w+|⟨\d+⟩) (\w+|\d+) (years|months|weeks) (?:ago|before|earlier)"
)
_DATE = re.compile(
    rf"\b({'|'.join(d.capitalize() for d in WEEKDAYS)}),? (?:the )?(?:(\d{{1,2}})(?:st|nd"
    rf"|rd|th)? (?:of )?({'|'.join(m.capitalize() for m in MONTHS)})"
    rf"|({'|'.join(m.capitalize() for m in MONTHS)}) (\d{{1,2}})(?:st|nd|rd|th)?),? {_YEAR}"
)
_DAY = "|".join(d.capitalize() for d in WEEKDAYS)
_IS_DAY = re.compile(rf"\b(?:[Ii]t was|[Oo]n|[Oo]n a|[Tt]hat) ({_DAY})\b")
_NEXT_DAY = re.compile(
    rf"\b(?:[Tt]he next (?:day|morning)|[Tt]he following (?:day|morning)|[Tt]he day"
    rf" after)\b(?:,| was)?(?: an?)? ({_DAY})\b"
)
_LEAP = re.compile(r"\b(?:next|following|later|after|week|days|until|by)\b")
_MONTH = re.compile(
    rf"\b(?:[Ii]t was (?:still |already |late |early )?|week of |days of |in |month of"
    rf" )({'|'.join(m.capitalize() for m in MONTHS)})\b"
)
_SEASON = re.compile(
    r"\b(?:the )?(winter|spring|summer|autumn|fall) (?:heat|sun|cold|snow|frost|rain|storm"
    r"|air|morning|evening|night|day|light)\b"
)
_GONE = re.compile(
    rf"{P} (?:had )?(?:burned|burnt|lost|sold|gave away|threw away|smashed|destroyed"
    rf"|drowned|buried|tore up) (?:the|⟨\d+⟩'s|his|her) ((?:\w+ )?\w+)"
)
_SOLD = re.compile(r"\b(?:sold|lost|gave away|threw away|buried|gave)\b")
_USES = (
    r"(?:took|drew|pulled|opened|read|wore|put on|lit|held|unfolded|picked up|rowed(?:"
    r" out)? in|sailed(?: out)? in|drove|rode|showed|handed|pocketed|sat in|polished|played|fired)"
)
_AGAIN = re.compile(
    r"\b(?:found|bought|got|back|recovered|mended|repaired|another|new|second|other|copy"
    r"|copied|spare|stole|won)\b"
)
_NO_THINGS = """
way temper mind sleep time hope heart breath voice sight track balance it them him her one head life
place count
"""
_NO_THING = frozenset(_NO_THINGS.split())


def rules(reading: Reading) -> Iterator[Warned]:
    """Every contradiction of these kinds."""
    yield from _dead(reading)
    yield from clashes(reading, _years(reading), str.__eq__, "{who} {what} in {one}, and in {two}.")
    for one in clashes(reading, _ago(reading), str.__eq__, "{who} {what} {one} before, and {two} before."):
        if not LATER.search(reading.draft.text, one.first.end, one.second.start):
            yield one
    yield from _weekdays(reading)
    yield from _seasons(reading)
    yield from _objects(reading)


def facts(reading: Reading) -> Iterator[Fact]:
    """What the draft says of these."""
    yield from _years(reading)
    yield from _ago(reading)
    for sentence in reading.sentences:
        for who in sorted(_told_dead(sentence)):
            yield Fact(f"⟨{who}⟩", "is", "dead", sentence, "timeline", "the dead act")


def _dead(reading: Reading) -> Iterator[Warned]:
    """Who is told to be dead, and speaks or acts in the telling afterwards."""
    dead: dict[int, Sentence] = {}
    warned: set[int] = set()
    for sentence in reading.sentences:
        told = sentence.told
        for who in {*sentence.who} & dead.keys() - warned:
            if not _ELSEWHEN.search(told) and _acts(told, who) and not _remembered(reading, sentence):
                warned.add(who)
                name = reading.name(f"⟨{who}⟩")
                yield reading.warned(
                    "timeline",
                    "the dead act",
                    f"{name} is dead, and acts or speaks afterwards.",
                    dead[who],
                    sentence,
                )
        for who in _told_dead(sentence):
            dead.setdefault(who, sentence)


def _told_dead(sentence: Sentence) -> set[int]:
    found = set()
    for pattern in _DIES:
        for m in pattern.finditer(sentence.plain):
            clause = re.split(r"[;:“”\"]|, (?:and|but) ", sentence.plain[: m.end()])[-1]
            after = sentence.plain[m.end() : m.end() + 14]
            inverted = re.search(r"\b[Hh]ad ⟨\d+⟩ \w+$", clause)  # had he died, ...
            if (
                not inverted
                and not _NOT_SO.search(clause)
                and not _NOT_SO.search(after)
                and "?" not in sentence.plain[m.end() :]
            ):
                found.add(int(m[1]))
    return found & sentence.named  # whom a pronoun means is not sure enough to bury them


def _acts(told: str, who: int) -> bool:
    sign = str(who)
    for m in _ACTING.finditer(told):
        verb = m[2].lower()
        if m[1] == sign and (verb in _LIVES or verb in SPEECH):
            return True
    return any(m[2] == sign for m in _SAYING.finditer(told))


def _remembered(reading: Reading, sentence: Sentence) -> bool:
    """Whether the sentence before says that this is a dream or long ago."""
    if not sentence.number:
        return False
    before = reading.sentences[sentence.number - 1]
    return before.scene == sentence.scene and bool(
        re.search(r"\b(?:dream\w*|remember\w*|memory|recall\w*|years (?:ago|earlier|before))\b", before.told)
    )


def _years(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        for pattern in _DATED:
            for m in pattern.finditer(sentence.plain):
                yield Fact(f"⟨{m[1]}⟩", m[2], m[3], sentence, "timeline", "absolute time")
        for m in _THING_IN.finditer(sentence.plain):
            yield Fact(f"the {m[1]}", m[2], m[3], sentence, "timeline", "absolute time")
        for m in _IN_THING.finditer(sentence.plain):
            yield Fact(f"the {m[2]}", m[3], m[1], sentence, "timeline", "absolute time")


def _ago(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        for m in _AGO.finditer(sentence.plain):
            n = number(m[4])
            if n is not None:
                what = f"{m[2]} {reading.name(m[3])}"
                yield Fact(f"⟨{m[1]}⟩", what, f"{n} {m[5]}", sentence, "timeline", "duration")


def _weekdays(reading: Reading) -> Iterator[Warned]:
    """A date whose weekday the calendar does not have; a next day that is not the next."""
    day: tuple[int, Sentence] | None = None
    for sentence in reading.sentences:
        text = reading.draft.words_of(sentence.span)
        for m in _DATE.finditer(text):
            weekday, n, month = m[1], int(m[2] or m[5]), (m[3] or m[4])
            try:
                real = datetime.date(int(m[6]), MONTHS.index(month.lower()) + 1, n).strftime("%A")
            except ValueError:
                real = "no day at all"
            if real != weekday:
                says = f"{n} {month} {m[6]} was {real}, and no {weekday}."
                yield reading.warned("timeline", "absolute time", says, sentence, sentence)
        if found := _NEXT_DAY.search(text):
            index = WEEKDAYS.index(found[1].lower())
            if day is not None and index != (day[0] + 1) % 7:
                says = f"The day after {WEEKDAYS[day[0]].capitalize()} is a {found[1]}."
                yield reading.warned("timeline", "absolute time", says, day[1], sentence)
            day = (index, sentence)
        elif found := _IS_DAY.search(text):
            day = (WEEKDAYS.index(found[1].lower()), sentence)
        elif (
            day is not None and _LEAP.search(text) and re.search(r"\b(?:day|days|week|weeks|morning)\b", text)
        ):
            day = None


def _seasons(reading: Reading) -> Iterator[Warned]:
    """A month and a season of which it is none, in one scene, in the telling."""
    month: tuple[str, Sentence] | None = None
    for sentence in reading.sentences:
        if month is not None and month[1].scene != sentence.scene:
            month = None
        if found := _MONTH.search(sentence.told):
            month = (found[1], sentence)
        for m in _SEASON.finditer(sentence.told):
            if month is None or (m[1] == "fall" and "the fall" not in m[0]):
                continue
            n = MONTHS.index(month[0].lower()) + 1
            near = {((n + d - 1) % 12) + 1 for d in (-1, 0, 1)}
            if not near & set(SEASONS[m[1]]):
                yield reading.warned(
                    "timeline", "season", f"It is {month[0]}, and {m[1]}.", month[1], sentence
                )


def _objects(reading: Reading) -> Iterator[Warned]:
    """What is burnt, lost or sold, and used again without having been found, bought or mended."""
    gone: dict[str, tuple[str, Sentence, bool]] = {}
    for sentence in reading.sentences:
        plain = sentence.plain
        for noun, (who, first, sold) in list(gone.items()):
            if _AGAIN.search(plain) and noun in plain:
                del gone[noun]
                continue
            used = re.search(
                rf"{P} {_USES} (?:the|this|that|⟨\d+⟩'s|his|her) (?:\w+ )?{re.escape(noun)}\b", sentence.told
            )
            if used and (used[1] == who or not sold) and not re.search(r"\bhad\b", sentence.told):
                says = f"The {noun} is gone, and {reading.name(f'⟨{used[1]}⟩')} has it again."
                yield reading.warned("timeline", "objects", says, first, sentence)
                del gone[noun]
        for m in _GONE.finditer(plain):
            words = m[2].split()
            stops = (
                "to",
                "in",
                "on",
                "at",
                "and",
                "from",
                "with",
                "of",
                "for",
                "by",
                "that",
                "when",
                "off",
                "into",
            )
            noun = words[0] if len(words) < 2 or words[1] in stops else words[1]
            if noun not in _NO_THING and not re.search(r"\b(?:not|never|nearly|almost|would|could)\b", m[0]):
                gone[noun] = (m[1], sentence, bool(_SOLD.search(m[0])))
