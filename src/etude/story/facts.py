"""What a rule takes from a sentence: a fact with its sentence, and when two facts cannot both be.

Two facts of one key contradict where their values are of different groups: `green` and `brown` do,
`dark` and `brown` do not. Knows no rules."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from etude.story.cast import Cast
from etude.story.draft import Draft
from etude.story.said import Sentence


@dataclass(frozen=True)
class Fact:
    """`about` (a person by number as ⟨3⟩, or a thing by its words), `what` is said of it, the value, the
    sentence that says so, and whether it is only said by somebody."""

    about: str
    what: str
    value: str
    sentence: Sentence
    kind: str  # detail, timeline, character, world, telling
    subtype: str
    quoted: bool = False


@dataclass(frozen=True)
class Quote:
    """A sentence as it is quoted: characters `start`..`end`, the words, and its scene (from 1)."""

    start: int
    end: int
    words: str
    scene: int


@dataclass(frozen=True)
class Warned:
    """One contradiction: its kind and subtype, one sentence on it, and both passages. `key` stays the same
    while the two sentences do."""

    key: str
    kind: str
    subtype: str
    says: str
    first: Quote
    second: Quote


@dataclass(frozen=True)
class Reading:
    """What every rule is given."""

    draft: Draft
    cast: Cast
    sentences: tuple[Sentence, ...]

    def name(self, about: str) -> str:
        """⟨3⟩ as a name; other words as they are."""
        return self.cast.people[int(about[1:-1])].name if about.startswith("⟨") else about

    def quote(self, sentence: Sentence) -> Quote:
        """A sentence as it is shown."""
        span = sentence.span
        return Quote(span.start, span.end, self.draft.shown(span.start, span.end), span.scene + 1)

    def warned(self, kind: str, subtype: str, says: str, first: Sentence, second: Sentence) -> Warned:
        """A warning of two sentences."""
        one, two = self.quote(first), self.quote(second)
        said = f"{subtype}\0{one.words}\0{two.words}"
        return Warned(hashlib.sha256(said.encode()).hexdigest()[:10], kind, subtype, says, one, two)

    def between(self, first: Sentence, second: Sentence) -> Iterator[Sentence]:
        """The sentences from one to the other, both left out."""
        return iter(self.sentences[first.number + 1 : second.number])


Same = Callable[[str, str], bool]  # whether two values may both be true


def clashes(reading: Reading, facts: Iterable[Fact], same: Same, says: str) -> Iterator[Warned]:
    """Each fact against the first that it contradicts of the same key. `says` may name {who}, {what}, {one}
    and {two}."""
    known: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        earlier = known.setdefault((fact.about, fact.what), [])
        for old in earlier:
            if not same(old.value, fact.value):
                told = says.format(
                    who=reading.name(fact.about),
                    what=fact.what,
                    one=reading_of(old.value),
                    two=reading_of(fact.value),
                )
                yield reading.warned(fact.kind, fact.subtype, told, old.sentence, fact.sentence)
                break
        earlier.append(fact)


def reading_of(value: str) -> str:
    """A value as people read it."""
    return value.replace("_", " ")
