"""Questions that ask the author, by rules from the plan and the draft: for whoever is stuck, and wants no
sentence written. No language model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from etude.story.plan import Row, Story


@dataclass(frozen=True)
class Asking:
    """One question, and the part of the plan that it is about."""

    part: str
    ask: str


def questions(story: Story, scene: Row | None, n: int) -> tuple[Asking, ...]:
    """Up to `n` questions on a scene, or on the story as a whole."""
    found = [*(_scene(story, scene) if scene else ()), *_story(story)]
    return tuple(found[:n])


def _scene(story: Story, scene: Row) -> Iterator[Asking]:
    rows = list(story.of("scene"))
    at = next(i for i, row in enumerate(rows) if row.id == scene.id)
    here = [row for row in story.of("character") if row.id in scene.texts("present")]
    for who in here[:2]:
        wants = who.text("wants")
        if wants:
            yield Asking(who.part, f"{who.name} wants {wants}. What in this scene stands in the way of it?")
        else:
            yield Asking(who.part, f"What does {who.name} want when the scene begins, and what when it ends?")
        if who.text("wounds"):
            yield Asking(
                who.part,
                f"Who here could touch what hurts {who.name} ({who.text('wounds')}), without knowing?",
            )
    if len(here) > 1:
        yield Asking(scene.part, f"What do {here[0].name} and {here[1].name} both know, and neither says?")
        yield Asking(
            scene.part,
            f"Which of the two, {here[0].name} or {here[1].name}, could leave first, and why do they stay?",
        )
    if not scene.text("turn"):
        yield Asking(scene.part, "What is true at the end of this scene that was not true at its beginning?")
    if not scene.text("goal"):
        yield Asking(scene.part, "If this scene were cut, what would the reader no longer understand?")
    if scene.text("place"):
        place = scene.text("place")
        place = f"the {place}" if place.islower() else place
        yield Asking(scene.part, f"What in {place} could somebody pick up, break or hide?")
    if at:
        yield Asking(
            rows[at - 1].part, f"What was left unsaid in “{rows[at - 1].name}” that somebody could say now?"
        )
    away = [
        row
        for row in story.of("character")
        if row.id not in (*scene.texts("present"), *scene.texts("mentioned"))
    ]
    if away:
        yield Asking(
            away[0].part, f"What is {away[0].name} doing at this hour, and who here would want to know?"
        )


def _story(story: Story) -> Iterator[Asking]:
    for row in story.of("question"):
        if not row.text("answer"):
            yield Asking(
                row.part,
                f"You asked: {row.text('ask')} What would the most stubborn person in the story answer?",
            )
    for row in story.of("thread"):
        if not row.text("payoff"):
            yield Asking(row.part, f"Who would be hurt most if “{row.name}” were never paid off?")
    for who in list(story.of("character"))[:4]:
        yield Asking(who.part, f"What would {who.name} never do, and what would make them do it?")
    yield Asking("premise", "Which sentence of this story are you afraid to write?")
