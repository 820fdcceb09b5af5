"""A draft's sentences with everybody in them by number: names, pronouns and "I" become ⟨3⟩, so that a
rule is one pattern whoever it is about.

A pronoun is somebody only where one person of that kind was named last: in the sentence itself or in one of
the two before it, in the same scene. Where two could be meant, it stays a pronoun, and no rule reads it: a
fact that is not sure is none. In what somebody says, "I" is the speaker where the sentence names them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from etude.story.cast import Cast
from etude.story.draft import Draft, Span
from etude.story.lexicon import SPEECH, TITLES

P = r"⟨(\d+)⟩"  # somebody; the group is their number in the cast
_NAME_SIGN = re.compile(r"⟨\d+⟩")
_PRONOUN = re.compile(r"\b(he|she|his|him|her|himself|herself|I|my|me)\b", re.IGNORECASE)
_SELF = re.compile(r"I(?:['’](?:m|ve|d|ll))?")
_STOPS = "and to in on at for with that when as but or from into again about over by if so then was had"
_NO_NOUN = frozenset(_STOPS.split())
_BACK = 2  # sentences


@dataclass(frozen=True)
class Sentence:
    """One sentence: `plain` with people by number and in small letters but for names of places; `told` the
    same without what is said in it; `who`: those named in the telling, in order; `named`: those whose name
    stands anywhere in it, so that a pronoun was not needed."""

    number: int
    span: Span
    plain: str
    told: str
    who: tuple[int, ...]
    named: frozenset[int]

    @property
    def scene(self) -> int:
        """The number of its scene."""
        return self.span.scene


def sentences(draft: Draft, cast: Cast) -> tuple[Sentence, ...]:
    """Every sentence of a draft."""
    places = sorted(
        (m.start, m.end, number)
        for number, one in enumerate(cast.people)
        for m in one.mentions
        if not _SELF.fullmatch(draft.text, m.start, m.end)
    )
    out: list[Sentence] = []
    recent: list[tuple[int, int]] = []  # sentence, person: whom the telling named
    i = 0
    scene = -1
    for number, span in enumerate(draft.sentences):
        if span.scene != scene:
            scene, recent = span.scene, []
        here = []
        while i < len(places) and places[i][0] < span.end:
            if places[i][0] >= span.start:
                here.append(places[i])
            i += 1
        out.append(_one(draft, cast, number, span, here, recent))
        recent = [(n, who) for n, who in recent if n > number - _BACK]
        recent += [(number, who) for who in out[-1].who]
    return tuple(out)


def _one(
    draft: Draft,
    cast: Cast,
    number: int,
    span: Span,
    here: list[tuple[int, int, int]],
    recent: list[tuple[int, int]],
) -> Sentence:
    """One sentence, with the people of those before it at hand."""
    text = draft.text
    quotes = [(a, b) for a, b in draft.quotes_in(span)]
    speaker = _speaker(text, span, quotes, here)
    told = [who for start, _, who in here if not draft.quoted(start)]
    pieces: list[tuple[str, bool]] = []
    before: list[int] = []  # people of this sentence so far, outside of what is said
    at = span.start
    for start, end, who in [*here, (span.end, span.end, -1)]:
        title = _title(text, start, at)
        for a, b, quoted in _cut(at, start - title, quotes):
            pieces.append((_resolved(text[a:b], quoted, cast, number, before, recent, speaker), quoted))
        if who >= 0:
            quoted = draft.quoted(start)
            pieces.append((f"⟨{who}⟩", quoted))
            if not quoted:
                before.append(who)
        at = end
    plain = " ".join("".join(piece for piece, _ in pieces).split()).replace("’", "'")
    outside = " ".join("".join("" if quoted else piece for piece, quoted in pieces).split()).replace("’", "'")
    return Sentence(number, span, plain, outside, tuple(told), frozenset(who for _, _, who in here))


def _title(text: str, start: int, at: int) -> int:
    """How many characters before a name are its title: "Mrs. " is a part of who it is."""
    found = re.search(r"(\w+)\.? $", text[max(at, start - 14) : start])
    return len(found[0]) if found and found[1].lower() in TITLES else 0


def _cut(start: int, end: int, quotes: list[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """A stretch in pieces inside and outside quotation marks."""
    out, at = [], start
    for a, b in quotes:
        a, b = max(a, start), min(b, end)
        if a >= b:
            continue
        if at < a:
            out.append((at, a, False))
        out.append((a, b, True))
        at = b
    if at < end:
        out.append((at, end, False))
    return out


def _speaker(
    text: str, span: Span, quotes: list[tuple[int, int]], here: list[tuple[int, int, int]]
) -> int | None:
    """Who says what is said in a sentence, where it names them: `said Tom` or `Tom said` beside the
    marks."""
    if not quotes:
        return None
    for start, end, who in here:
        if any(a <= start < b for a, b in quotes):
            continue
        before = re.search(r"(\w+)\s+(?:\w+\.?\s+)?$", text[span.start : start])
        after = re.match(r"\s+(\w+)", text[end : span.end])
        if (before and before[1].lower() in SPEECH) or (after and after[1].lower() in SPEECH):
            return who
    return None


def _resolved(
    piece: str,
    quoted: bool,
    cast: Cast,
    number: int,
    before: list[int],
    recent: list[tuple[int, int]],
    speaker: int | None,
) -> str:
    """A piece of text with its pronouns by number where they are sure."""

    def sign(match: re.Match[str]) -> str:
        word = match[1].lower()
        if word in ("i", "my", "me"):
            if match[1] == "i":
                return match[0]
            who = speaker if quoted else (0 if cast.narrator else None)
        elif quoted:
            return match[0]
        else:
            who = _meant("he" if word in ("he", "his", "him", "himself") else "she", cast, before, recent)
        if who is None:
            return match[0]
        return (
            f"⟨{who}⟩'s"
            if word in ("his", "my") or (word == "her" and _owns(piece, match.end()))
            else f"⟨{who}⟩"
        )

    return _PRONOUN.sub(sign, piece)


def _owns(piece: str, at: int) -> bool:
    """Whether `her` stands before what is hers."""
    after = re.match(r"\s+([\w-]+)", piece[at:])
    return after is not None and after[1].lower() not in _NO_NOUN


def _meant(gender: str, cast: Cast, before: list[int], recent: list[tuple[int, int]]) -> int | None:
    """The one person of this kind whom the sentence, or the two before it, named; None where there are none
    or several."""
    for people in (before, [who for _, who in recent]):
        fits = {who for who in people if cast.people[who].gender in (gender, "")}
        sure = {who for who in fits if cast.people[who].gender == gender}
        if len(fits) == 1 and sure:
            return sure.pop()
        if fits:
            return None
    return None


def people_in(text: str) -> list[int]:
    """The numbers of everybody in a piece of a sentence."""
    return [int(m[0][1:-1]) for m in _NAME_SIGN.finditer(text)]
