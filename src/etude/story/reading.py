"""A plan read out of a draft, from below: characters, places, and scenes with who is in them, where and
when. Every field carries the passage that it stands on. Wants, wounds, goals and turns are left to the
author: no rule can read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etude.media.text.words import ngram_hashes, words
from etude.story.cast import Cast, Person, cast
from etude.story.draft import Draft, Scene
from etude.story.lexicon import MONTHS, PLACE_NOUNS, TIMES, WEEKDAYS
from etude.story.plan import Passage

_NOUN = rf"((?:[\w-]+ )?(?:{'|'.join(sorted(map(re.escape, PLACE_NOUNS), key=len, reverse=True))}))"
_PLACE = re.compile(
    r"\b(?:in|into|at|to|of|up|down|through|inside|outside|on|across|behind|reached|entered)"
    rf" (?:the|her|his|their|my|our) {_NOUN}\b"
)
_DAY, _HOUR = "|".join(day.capitalize() for day in WEEKDAYS), "|".join(sorted(TIMES))
_MONTH = "|".join(month.capitalize() for month in MONTHS)
_WHEN = re.compile(
    rf"\b(?:(?:{_DAY})(?: (?:{_HOUR}))?|(?:the \w+ of |in |\d{{1,2}} )(?:{_MONTH})(?: \d{{4}})?"
    r"|(?i:that|the next|the following|early|late|in the|this|at|by|toward|towards|before|after|one)"
    rf" (?:{_HOUR})|(?i:the next day|the following day|the day after)|\w+ (?:days|weeks"
    rf"|months|years) later)\b"
)
_KEPT = 48  # hashes of a scene that are kept to know it again


@dataclass(frozen=True)
class Found:
    """Rows of one kind, read out of a draft: fields by id, in order."""

    characters: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, Mapping[str, Any]]
    scenes: tuple[Mapping[str, Any], ...]  # without ids: these are given when they are merged
    marks: tuple[tuple[int, ...], ...]  # of each scene, to know it again
    cast: Cast
    notes: tuple[str, ...]


def found_in(draft: Draft) -> Found:
    """What a draft says of its own plan."""
    who = cast(draft)
    characters = {one.id: _person(draft, one) for one in who.people}
    places = {one.id: _place(draft, one) for one in who.places}
    scenes = tuple(_scene(draft, scene, who) for scene in draft.scenes)
    marks = tuple(tuple(_marks(draft.words_of(scene))) for scene in draft.scenes)
    return Found(characters, places, scenes, marks, who, _notes(draft, who))


def _notes(draft: Draft, who: Cast) -> tuple[str, ...]:
    out = []
    n_words = len(draft.text.split())
    if not draft.scenes:
        out.append("The draft holds no words, so nothing was read out of it.")
    elif not who.capitals:
        out.append("This script has no capitals: scenes were read, characters and places could not be.")
    elif not who.people:
        out.append(f"No name stands twice in the {n_words:,} words, so no character was read.")
    if len(draft.scenes) == 1 and n_words > 3000:
        out.append("No chapter heading or scene break (***) was found, so the draft is one scene.")
    return tuple(out)


def _marks(text: str) -> list[int]:
    """The smallest hashes of runs of four words: of two versions of one scene most are the same (Broder
    1997)."""
    found = words(text)
    hashes = sorted({int(one) for one in ngram_hashes(found, min(4, len(found)))})
    return hashes[:_KEPT]


def _person(draft: Draft, one: Person) -> dict[str, Any]:
    first = _sentence(draft, "name", one.mentions[0].start)
    passages = [str(first)]
    says: dict[str, Any] = {"name": one.name}
    if one.also:
        says["also"] = list(one.also)
        for other in one.also:
            at = next((m.start for m in one.mentions if draft.text[m.start : m.end] == other), None)
            if at is not None:
                passages.append(str(_sentence(draft, "also", at)))
    if one.gender:
        says["gender"] = one.gender
        sign = re.compile(r"\b(?:he|his|him)\b" if one.gender == "he" else r"\b(?:she|her)\b")
        for m in one.mentions:
            sentence = draft.sentences[draft.sentence_at(m.start)]
            if sign.search(draft.text, m.end, sentence.end):
                passages.append(str(_sentence(draft, "gender", m.start)))
                break
    return {**says, "passages": passages}


def _place(draft: Draft, one: Person) -> dict[str, Any]:
    return {"name": one.name, "passages": [str(_sentence(draft, "name", one.mentions[0].start))]}


def _scene(draft: Draft, scene: Scene, who: Cast) -> dict[str, Any]:
    text = draft.words_of(scene)
    title = scene.chapter or "The beginning"
    says: dict[str, Any] = {
        "title": title if scene.in_chapter == 1 else f"{title}, scene {scene.in_chapter}",
        "chapter": scene.chapter,
        "span": f"{scene.start}:{scene.end}",
        "words": len(text.split()),
    }
    passages: list[str] = []
    first = draft.sentences[draft.sentence_at(scene.start)]
    says["begins"] = draft.shown(first.start, first.end)
    for key, found in (("place", _where(draft, scene, who)), ("when", _when(draft, scene))):
        if found is not None:
            says[key] = found[0]
            passages.append(str(_sentence(draft, key, found[1])))
    present, mentioned = [], []
    for one in who.people:
        here = [m for m in one.mentions if m.scene == scene.number]
        if not here:
            continue
        acting = next((m for m in here if m.acts), None)
        told = [m for m in here if not m.quoted]
        if acting is not None or len(told) >= 3:
            present.append(one.id)
            passages.append(str(_sentence(draft, "present", (acting or told[0]).start)))
        else:
            mentioned.append(one.id)
            passages.append(str(_sentence(draft, "mentioned", here[0].start)))
    return {**says, "present": present, "mentioned": mentioned, "passages": passages}


def _where(draft: Draft, scene: Scene, who: Cast) -> tuple[str, int] | None:
    """The place that the telling names first, of those that it names most."""
    counts: dict[str, list[int]] = {}
    for m in _PLACE.finditer(draft.text, scene.start, scene.end):
        if not draft.quoted(m.start()):
            counts.setdefault(m[1].lower().split()[-1], []).append(m.start(1))
    for one in who.places:
        for mention in one.mentions:
            if mention.scene == scene.number and not mention.quoted:
                counts.setdefault(one.name, []).append(mention.start)
    if not counts:
        return None
    best = max(counts, key=lambda word: (len(counts[word]), -counts[word][0]))
    return best, counts[best][0]


def _when(draft: Draft, scene: Scene) -> tuple[str, int] | None:
    """The first word of time."""
    for m in _WHEN.finditer(draft.text, scene.start, scene.end):
        if not draft.quoted(m.start()):
            return " ".join(m[0].split()), m.start()
    return None


def _sentence(draft: Draft, field: str, at: int) -> Passage:
    one = draft.sentences[draft.sentence_at(at)]
    return Passage(field, one.start, one.end, draft.shown(one.start, one.end))
