"""Rules on the world: what nobody can do and somebody does, what a place does not have and has, where
places lie and what faces where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etude.story.facts import Fact, Reading, Warned, clashes
from etude.story.lexicon import PLACE_NOUNS
from etude.story.said import Sentence
from etude.story.verbs import base, pasts

_NOBODY = re.compile(
    r"\b(?:[Nn]o one|[Nn]obody|[Nn]o \w+) (?:could|can|may|might|was allowed to|were"
    r" allowed to|is allowed to|was permitted to|dared to|dared|ever)"
    r" (?:ever )?(\w+) (?:on |in |into |upon )?(?:the|a|an) (\w+)"
)
_NEVER = re.compile(
    r"\b(?:[Nn]o \w+|[Ww]omen|[Mm]en|[Cc]hildren|[Ss]trangers) (?:had )?(?:ever|never)"
    r" (\w+) (?:on |in |into )?the (\w+)"
)
_WEATHER = re.compile(r"\b[Ii]t (?:had )?never (snow|rain)(?:ed|s)? (?:in|on) (?:the )?(\w+)")
_FALLS = {
    "snow": r"\b(?:[Ss]now (?:fell|lay|covered|came)|[Ii]t snowed)",
    "rain": r"\b(?:[Rr]ain (?:fell|came|poured)|[Ii]t rained)",
}
_NONE = re.compile(r"\b[Tt]here (?:was|were|is|are) no (\w+) (?:in|on|at) (?:the )?(\w+)")
_SIDE = r"(north|south|east|west|north-east|north-west|south-east|south-west)"
_LIES = re.compile(
    rf"\b([A-Z]\w+),? (?:which )?(?:lay|lies|was|is|stood) (?:\w+ ){{0,3}}?{_SIDE} of ([A-Z]\w+)"
)
_OPPOSITE = {"north": "south", "east": "west", "north-east": "south-west", "north-west": "south-east"}
_OPPOSITE |= {b: a for a, b in _OPPOSITE.items()}
_FACES = re.compile(rf"\b[Tt]he (\w+) (?:faced|faces|looked|looks) {_SIDE}\b")
_STANDS = re.compile(
    rf"\b[Tt]he (\w+) (?:stood|stands|lay|lies) (on|by|in|at|behind|under) the"
    rf" ({'|'.join(sorted(PLACE_NOUNS))})\b"
)
_FLOOR = re.compile(
    r"(⟨\d+⟩) (?:lived|lives|had rooms|had a room|slept) on the (ground|first|second|third"
    r"|fourth|fifth|sixth|top) floor"
)
_ISLE = re.compile(r"\b([A-Z]\w+) (?:was|is) an island\b")
_INLAND = re.compile(
    r"\b([A-Z]\w+),? (?:[a-z,]+ ){0,6}?(?:miles from the sea|overland|far from the sea|far inland|no sea)"
)
_BUILT = (
    "church house mill tower chapel school inn station castle lighthouse tavern bank"
    " factory theatre hospital shop"
)
_FIXED = frozenset(_BUILT.split())
_UNLESS = re.compile(
    r"\b(?:if|would|could|might|dream\w*|no|not|never|nobody|as if|except|but for|only)\b|n't\b|\?"
)


def rules(reading: Reading) -> Iterator[Warned]:
    """Every contradiction of these kinds."""
    yield from _barred(reading)
    yield from clashes(reading, _places(reading), str.__eq__, "{who} {what} {one}, and {two}.")
    yield from clashes(reading, _coast(reading), str.__eq__, "{who} is {one}, and {two}.")


def facts(reading: Reading) -> Iterator[Fact]:
    """What the draft says of these."""
    yield from _places(reading)
    yield from _coast(reading)


def _barred(reading: Reading) -> Iterator[Warned]:
    """What nobody does, and is done; what is nowhere, and is there."""
    held: list[tuple[re.Pattern[str], str, Sentence, str]] = []
    for sentence in reading.sentences:
        for does, needs, first, says in list(held):
            found = does.search(sentence.plain)
            if found and (not needs or re.search(rf"\b{needs}\b", sentence.plain)):
                if not _UNLESS.search(sentence.plain[: found.end()]):
                    yield reading.warned("world", "rules", says, first, sentence)
                    held.remove((does, needs, first, says))
        held += _said(sentence)


def _said(sentence: Sentence) -> Iterator[tuple[re.Pattern[str], str, Sentence, str]]:
    plain = sentence.plain
    for m in _NOBODY.finditer(plain):
        forms = "|".join(pasts(m[1]) if m[1] not in ("cross",) else ("crossed",))
        if m[1].endswith("ed"):
            forms = m[1]
        does = rf"⟨\d+⟩ (?:{forms}) (?:on |in |into |upon )?(?:the|a|an) {m[2]}\b"
        night = (
            "night|midnight|dark|dusk" if re.search(r"\bat night\b|\bafter dark\b", plain[m.end() :]) else ""
        )
        yield re.compile(does), night, sentence, f"Nobody can {base(m[1])} the {m[2]}, and somebody does."
    for m in _NEVER.finditer(plain):
        does = rf"⟨\d+⟩ {m[1]} (?:on |in |into )?the {m[2]}\b"
        yield re.compile(does), "", sentence, f"None of them ever {m[1]} there, and somebody does."
    for m in _WEATHER.finditer(plain):
        yield re.compile(_FALLS[m[1]]), m[2], sentence, f"It never {m[1]}s in {m[2]}, and does."
    for m in _NONE.finditer(plain):
        one = re.escape(m[1][:-1] if m[1].endswith("s") else m[1])
        if m[1] in (
            "doubt",
            "one",
            "need",
            "time",
            "sign",
            "way",
            "reason",
            "sound",
            "light",
            "wind",
            "more",
            "such",
        ):
            continue
        does = (
            rf"\b(?:[Aa]|[Aa]n|[Tt]he|[Hh]is|[Hh]er|[Tt]wo|[Tt]hree) (?:\w+ )?{one}s?\b(?: \w+)?(?:"
            rf" \w+)? (?:in|on|at) (?:the )?{m[2]}\b"
        )
        yield re.compile(does), "", sentence, f"There is no {one} there, and there is."


def _places(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        raw, plain = reading.draft.words_of(sentence.span), sentence.plain
        for m in _LIES.finditer(raw):
            a, side, b = m[1], m[2], m[3]
            if a > b:
                a, b, side = b, a, _OPPOSITE[side]
            yield Fact(a, f"lies of {b}", side, sentence, "world", "geography")
        for m in _FACES.finditer(plain):
            yield Fact(f"the {m[1]}", "faces", m[2], sentence, "world", "geography")
        for m in _STANDS.finditer(plain):
            if m[1] in _FIXED:
                yield Fact(f"the {m[1]}", "stands", f"{m[2]} the {m[3]}", sentence, "world", "geography")
        for m in _FLOOR.finditer(plain):
            yield Fact(m[1], "lives on the floor", m[2], sentence, "world", "geography")


def _coast(reading: Reading) -> Iterator[Fact]:
    for sentence in reading.sentences:
        raw = reading.draft.words_of(sentence.span)
        for m in _ISLE.finditer(raw):
            yield Fact(m[1], "sea", "an_island", sentence, "world", "geography")
        for m in _INLAND.finditer(raw):
            yield Fact(m[1], "sea", "far_from_the_sea", sentence, "world", "geography")
