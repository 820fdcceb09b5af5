"""Who is in a draft: the names that are one person put together, he or she, and in which scenes they
are seen or only spoken of.

`Ahab`, `Captain Ahab` and `old Ahab` are one; `Mara` is `Mara Venn` where no second Mara is there.
Someone is seen in a scene where they speak or act outside of what others say, and mentioned where only
their name is said. Whoever tells the story as "I" is the narrator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from etude.config.story import STORY
from etude.story.draft import Draft
from etude.story.lexicon import TITLES
from etude.story.names import Mention, Name, by_part, kinds, names

NARRATOR = "narrator"
_I = re.compile(r"\bI(?:['’](?:m|ve|d|ll))?\b")
_CALLED = re.compile(r"\b(?:[Cc]all me|[Mm]y name is|[Mm]y name was|I am called|I was called) ([A-Z]\w+)")


@dataclass(frozen=True)
class Person:
    """Somebody: the name, other names, 'he', 'she' or '', and every mention in order."""

    id: str
    name: str
    also: tuple[str, ...]
    gender: str
    mentions: tuple[Mention, ...]

    def seen(self) -> tuple[int, ...]:
        """The scenes in which they speak or act."""
        return tuple(sorted({one.scene for one in self.mentions if one.acts}))

    def named(self) -> tuple[int, ...]:
        """The scenes in which their name stands."""
        return tuple(sorted({one.scene for one in self.mentions}))


@dataclass(frozen=True)
class Cast:
    """Characters, those named most often first, and places."""

    people: tuple[Person, ...]
    places: tuple[Person, ...]
    narrator: bool
    capitals: bool  # the script has them
    names: Mapping[str, Name]
    kinds: Mapping[str, str]  # of each name: person, place, other

    def person(self, words: str) -> Person | None:
        """Whom a name stands for."""
        return next((one for one in self.people if words == one.name or words in one.also), None)


def cast(draft: Draft) -> Cast:
    """Who and where, read out of a draft."""
    found = names(draft)
    kind = kinds(found)
    together = _together(found, kind)
    people, used = [], set[str]()
    for group in together:
        mentions = sorted((m for one in group for m in found[one].mentions), key=lambda m: m.start)
        if len(mentions) < STORY.least_mentions:
            continue
        name = _best(group, found)
        people.append(
            Person(
                _id(name, used),
                name,
                tuple(one for one in group if one != name),
                _gender(group, found),
                tuple(mentions),
            )
        )
    people.sort(key=lambda one: -len(one.mentions))
    places = [
        Person(_id(words, used), words, (), "", tuple(found[words].mentions))
        for words, what in kind.items()
        if what == "place"
        and len(found[words].mentions) >= STORY.least_mentions
        and not any(words in group for group in together)
    ]
    places.sort(key=lambda one: -len(one.mentions))
    told = narrator(draft, people)
    people = people[: STORY.most_characters]
    if told is not None:
        people = [told, *(one for one in people if one.name != told.name)]
    capitals = any(sign.isupper() for sign in draft.text[:200_000])
    return Cast(tuple(people), tuple(places[: STORY.most_places]), told is not None, capitals, found, kind)


def _together(found: dict[str, Name], kind: dict[str, str]) -> list[list[str]]:
    """Names of persons, those of one person together."""
    people = [words for words, what in kind.items() if what == "person"]
    # A longer form of a person's name is that person, however seldom: "Peter Coffin" beside "Coffin"
    singles = {w for w in people if " " not in w}
    longer = [w for w in found if " " in w and w not in people and kind[w] != "place" and _one_of(w, singles)]
    parts = by_part([*people, *longer])
    groups: dict[str, list[str]] = {}
    full = [*(w for w in people if " " in w), *longer]
    for words in sorted(full, key=lambda w: (-len(found[w].mentions), w)):
        groups[words] = [words]
    for words in sorted((w for w in people if " " not in w), key=lambda w: -len(found[w].mentions)):
        fits = [w for w in parts.get(words, []) if w in groups and w != words]
        sizes = sorted((len(found[w].mentions) for w in fits), reverse=True)
        clear = len(fits) == 1 or (len(sizes) > 1 and sizes[0] >= 8 * sizes[1])
        best = max(fits, key=lambda w: len(found[w].mentions)) if fits and clear else ""
        if best and _agree(found[words], found[best]):
            groups[best].append(words)
        else:
            groups[words] = [words]
    return list(groups.values())


def _one_of(words: str, singles: set[str]) -> bool:
    """Whether just one word of a longer name is somebody: "Mara Venn" of Mara, and not "Mara Tom"."""
    return sum(part in singles for part in words.split()) == 1


def _agree(one: Name, other: Name) -> bool:
    """Whether two names may be one person: no he for the one and she for the other."""
    a, b = _side(one), _side(other)
    return not a or not b or a == b


def _side(name: Name) -> str:
    said = Counter(name.pronouns)
    for title, n in name.titles.items():
        if TITLES.get(title):
            said[TITLES[title]] += 3 * n
    he, she = said["he"], said["she"]
    if max(he, she) == 0 or max(he, she) < 2 * min(he, she) + (min(he, she) > 0):
        return ""
    return "he" if he > she else "she"


def _gender(group: list[str], found: dict[str, Name]) -> str:
    merged = Name("")
    for one in group:
        merged.pronouns.update(found[one].pronouns)
        merged.titles.update(found[one].titles)
    return _side(merged)


def _best(group: list[str], found: dict[str, Name]) -> str:
    """What to call them: the longest form that is not rare."""
    most = max(len(found[one].mentions) for one in group)
    usual = [one for one in group if len(found[one].mentions) >= max(1, 0.1 * most)]
    return max(usual, key=lambda one: (len(one.split()), len(found[one].mentions)))


def _id(name: str, used: set[str]) -> str:
    plain = re.sub(r"[^\w]+", "-", name.lower()).strip("-")[:40] or "someone"
    free = plain
    n = 2
    while free in used:
        free, n = f"{plain}-{n}", n + 1
    used.add(free)
    return free


def narrator(draft: Draft, people: list[Person]) -> Person | None:
    """Whoever says "I" outside of quotation marks, in most scenes; named where they say their name."""
    mentions = [
        Mention(m.start(), m.end(), draft.scene_at(m.start()), False, False, True)
        for m in _I.finditer(draft.text)
        if not draft.quoted(m.start())
    ]
    scenes = {one.scene for one in mentions}
    dense = len(mentions) * 400 >= len(draft.text.split())
    if len(mentions) < 3 or len(scenes) * 2 < len(draft.scenes) or not dense:
        return None
    called = next((m[1] for m in _CALLED.finditer(draft.text) if not draft.quoted(m.start())), "")
    known = next((one for one in people if called and called in (one.name, *one.also)), None)
    if known is not None:
        both = sorted((*known.mentions, *mentions), key=lambda one: one.start)
        return Person(known.id, known.name, known.also, known.gender, tuple(both))
    return Person(NARRATOR, called or "the narrator", (), "", tuple(mentions))
