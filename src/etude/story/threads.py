"""Threads of a story: what was planted, where it was touched again, whether it was paid off.

The author's threads stand in the plan with the words by which the draft calls them. Beside them, things
that somebody hides, keeps or locks away, and promises, are followed by rules. A thread that nobody touches
for long is overdue; one whose pay-off comes before its planting is out of order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from etude.config.story import STORY
from etude.story.facts import Quote, Reading, Warned
from etude.story.plan import Row, Story
from etude.story.said import P, Sentence

_THINGS = """
pistol revolver gun rifle knife dagger sword key letter map ring locket box chest diary journal
photograph coin medal bottle vial poison rope lantern telegram will deed notebook manuscript
necklace bracelet watch compass envelope parcel package suitcase trunk casket book ledger ticket
passport whistle badge scarf glove handkerchief doll amulet coffin doubloon harpoon
"""
THINGS = frozenset(_THINGS.split())
_THING = "|".join(sorted(THINGS, key=len, reverse=True))
_HIDES = re.compile(
    rf"{P} (?:\w+ly )?(?:hid|hides|buried|locked|kept|slipped|tucked|stole|swore|concealed"
    rf"|sewed|sealed|pocketed|put away)"
    rf" (?:\w+ )??(?:an?|the|⟨\d+⟩'s|his|her) (?:(\w+) )?({_THING})\b"
)
_PROMISE = re.compile(
    rf"{P} (?:had )?(promised|swore|vowed) ((?:⟨\d+⟩ )?(?:to|that|never to) (?:\w+ ){{1,4}}\w+)"
)
_PAYS = re.compile(
    r"\b(?:fired|shot|stabbed|unlocked|opened|read|burned|burnt|gave back|returned|found"
    r"|confessed|revealed|kept (?:his|her) (?:word|promise)"
    r"|broke (?:his|her) (?:word|promise)|used|dug up|unwrapped|showed)\b"
)
_INTRODUCED = re.compile(
    rf"\b(?:bought|found|was given|stole|picked up|got|made) an? (?:(\w+) )?({_THING})\b"
)
_USED = re.compile(
    rf"{P} (?:fired|unlocked [^.;]{{1,30}} with|stabbed [^.;]{{1,30}} with|cut"
    rf" [^.;]{{1,30}} with|opened [^.;]{{1,30}} with|drew|raised|read|burned|pocketed) the"
    rf" (?:(\w+) )?({_THING})\b"
)


@dataclass(frozen=True)
class Thread:
    """One thread: `by` is `plan` or `rule`; scenes count from 1; `payoff` is 0 while it is open."""

    name: str
    by: str
    planted: int
    touched: tuple[int, ...]
    payoff: int
    status: str  # planted, advanced, paid off, overdue, not in the draft
    passages: tuple[Quote, ...]


def threads(reading: Reading, story: Story) -> tuple[Thread, ...]:
    """Those of the plan, then those found by rules."""
    own = [_of_plan(reading, story, row) for row in story.of("thread")]
    words = {word.lower() for row in story.of("thread") for word in row.texts("words")}
    found = [one for one in _found(reading) if not any(word in one.name.lower() for word in words)]
    return (*own, *found)


def warnings(reading: Reading, story: Story, all_threads: tuple[Thread, ...]) -> Iterator[Warned]:
    """Threads that are overdue or out of order, each with its sentences."""
    scenes = [row.id for row in story.of("scene")]
    rows = list(story.of("thread"))
    for one in all_threads:
        if one.status == "overdue":
            first, last = one.passages[0], one.passages[-1]
            away = len(reading.draft.scenes) - one.touched[-1]
            says = (
                f"“{one.name}” is planted in scene {one.planted} and nobody has touched it for {away} scenes."
            )
            yield _warned(reading, "overdue", says, first, last)
    for row, one in zip(rows, all_threads, strict=False):
        plant, pay = row.text("plant"), row.text("payoff")
        if plant in scenes and pay in scenes and scenes.index(pay) < scenes.index(plant) and one.passages:
            says = f"“{row.name}” is paid off in {pay}, before it is planted in {plant}."
            yield _warned(reading, "pay-off before plant", says, one.passages[0], one.passages[-1])
        if pay in scenes and one.touched and scenes.index(pay) + 1 not in one.touched:
            says = f"The plan pays “{row.name}” off in {pay}, and that scene does not mention it."
            yield _warned(reading, "pay-off", says, one.passages[0], one.passages[-1])
    yield from _before_planted(reading)


def _warned(reading: Reading, subtype: str, says: str, first: Quote, second: Quote) -> Warned:
    one = reading.sentences[reading.draft.sentence_at(first.start)]
    two = reading.sentences[reading.draft.sentence_at(second.start)]
    return reading.warned("thread", subtype, says, one, two)


def _late(last: int, scenes: int) -> bool:
    return scenes - last >= max(STORY.overdue_scenes, round(STORY.overdue_share * scenes))


def _of_plan(reading: Reading, story: Story, row: Row) -> Thread:
    """A thread of the plan, followed by its words."""
    words = [*row.texts("words")] or [row.name]
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(word) for word in words) + r")\b", re.IGNORECASE)
    found = [one for one in reading.sentences if pattern.search(reading.draft.words_of(one.span))]
    if not found:
        return Thread(row.name, "plan", 0, (), 0, "not in the draft", ())
    scenes = [scene.id for scene in story.of("scene")]
    pay = scenes.index(row.text("payoff")) + 1 if row.text("payoff") in scenes else 0
    return _thread(reading, row.name, "plan", found, pay)


def _thread(reading: Reading, name: str, by: str, found: list[Sentence], pay: int) -> Thread:
    touched = tuple(dict.fromkeys(one.scene + 1 for one in found))
    total = len(reading.draft.scenes)
    paid = pay if pay in touched else 0
    status = (
        "paid off"
        if paid
        else "overdue"
        if _late(touched[-1], total)
        else "advanced"
        if len(touched) > 1
        else "planted"
    )
    firsts: dict[int, Sentence] = {}
    for one in found:
        firsts.setdefault(one.scene, one)
    passages = tuple(reading.quote(one) for one in firsts.values())
    return Thread(
        name, by, touched[0], touched, paid, status, passages[:12] if len(passages) > 12 else passages
    )


def _found(reading: Reading) -> Iterator[Thread]:
    """What somebody hides or promises."""
    seen: set[str] = set()
    for sentence in reading.sentences:
        for m in _HIDES.finditer(sentence.told):
            noun = m[3]
            if noun in seen:
                continue
            seen.add(noun)
            pattern = re.compile(rf"\b{noun}s?\b")
            later = [one for one in reading.sentences[sentence.number :] if pattern.search(one.plain)]
            paid = next((one.scene + 1 for one in later[1:] if _PAYS.search(one.plain)), 0)
            words = f"{m[2]} {noun}" if m[2] and m[2] not in ("own", "other", "old") else noun
            yield _thread(reading, f"the {words} of {reading.name(f'⟨{m[1]}⟩')}", "rule", later, paid)
        for m in _PROMISE.finditer(sentence.told):
            said = re.sub(P, lambda who: reading.name(who[0]), m[3])
            name = f"{reading.name(f'⟨{m[1]}⟩')} {m[2]} {said}"
            if name in seen:
                continue
            seen.add(name)
            key = [
                word
                for word in re.findall(r"[a-z]{4,}", m[3])
                if word not in ("that", "never", "would", "with", "them")
            ]
            pattern = re.compile(r"\b(?:" + "|".join(["promise\\w*", "swor\\w+", *key[:3]]) + r")\b")
            later = [
                one
                for one in reading.sentences[sentence.number :]
                if f"⟨{m[1]}⟩" in one.plain and pattern.search(one.plain)
            ]
            paid = next(
                (one.scene + 1 for one in later[1:] if key and re.search(rf"\b{key[0]}", one.told)), 0
            )
            yield _thread(reading, name, "rule", later or [sentence], paid)


def _before_planted(reading: Reading) -> Iterator[Warned]:
    """A thing that is used as known in one scene, and found or bought for the first time in a later one."""
    counts = Counter(
        word for one in reading.sentences for word in set(re.findall(r"[a-z]+", one.plain)) if word in THINGS
    )
    used: dict[tuple[str, str], Sentence] = {}
    introduced: set[tuple[str, str]] = set()
    for sentence in reading.sentences:
        for m in _INTRODUCED.finditer(sentence.told):
            key = (m[1] or "", m[2])
            if (
                key in used
                and key not in introduced
                and used[key].scene < sentence.scene
                and counts[m[2]] <= 12
            ):
                says = f"The {' '.join(key).strip()} is used before it is found."
                yield reading.warned("thread", "pay-off before plant", says, used[key], sentence)
            introduced.add(key)
        for m in re.finditer(rf"\b(?:an?|his|her|⟨\d+⟩'s) (?:(\w+) )?({_THING})\b", sentence.plain):
            if (m[1] or "", m[2]) not in used and not _INTRODUCED.search(sentence.told):
                introduced.add((m[1] or "", m[2]))
        for m in _USED.finditer(sentence.told):
            key = (m[2] or "", m[3])
            if key not in introduced:
                used.setdefault(key, sentence)
