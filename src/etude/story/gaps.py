"""What a plan lacks: characters who are away for long, scenes without anybody, fields that nobody has said,
threads and questions left open. Each is one sentence with the part that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from etude.config.story import STORY
from etude.story.plan import Story


@dataclass(frozen=True)
class Gap:
    """One gap: the part of the plan, and the sentence."""

    part: str
    says: str


def gaps(story: Story) -> tuple[Gap, ...]:
    """Every gap, those of characters first."""
    return (*_away(story), *_empty(story), *_unsaid(story), *_open(story))


def _away(story: Story) -> Iterator[Gap]:
    """Who was there at least three times and then is not, for long."""
    scenes = list(story.of("scene"))
    least = max(STORY.absent_scenes, round(STORY.absent_share * len(scenes)))
    for who in story.of("character"):
        seen = [i for i, scene in enumerate(scenes) if who.id in scene.texts("present")]
        if len(seen) < 3:
            continue
        for before, after in pairwise(seen):
            if after - before - 1 >= least:
                yield Gap(
                    who.part,
                    f"{who.name} is not seen between scene {before + 1} and scene {after + 1} "
                    f"({scenes[before].name}; {scenes[after].name}): {after - before - 1} of "
                    f"{len(scenes)} scenes.",
                )
        if len(scenes) - 1 - seen[-1] >= least:
            yield Gap(
                who.part,
                f"{who.name} is not seen after scene {seen[-1] + 1} ({scenes[seen[-1]].name}): the last "
                f"{len(scenes) - 1 - seen[-1]} of {len(scenes)} scenes.",
            )


def _empty(story: Story) -> Iterator[Gap]:
    nobody = [row for row in story.of("scene") if not row.texts("present")]
    if nobody:
        shown = ", ".join(row.id for row in nobody[:8]) + (" …" if len(nobody) > 8 else "")
        count = f"{len(nobody)} scenes have" if len(nobody) > 1 else "1 scene has"
        yield Gap(nobody[0].part, f"{count} nobody in it who acts or speaks by name: {shown}.")


def _unsaid(story: Story) -> Iterator[Gap]:
    """What every story is asked, of those who are in it most; a draft cannot answer it."""
    scenes = list(story.of("scene"))
    often = sorted(
        story.of("character"), key=lambda who: -sum(who.id in scene.texts("present") for scene in scenes)
    )
    for who in often[:5]:
        lacks = [key for key in ("wants", "wounds") if not who.text(key)]
        if lacks:
            yield Gap(
                who.part, f"The plan does not say what {who.name} {' or '.join(_ASKED[k] for k in lacks)}."
            )
    if not story.texts.get("premise"):
        yield Gap("premise", "The premise is empty.")


_ASKED = {"wants": "wants", "wounds": "is wounded by"}


def _open(story: Story) -> Iterator[Gap]:
    for row in story.of("question"):
        if not row.text("answer"):
            yield Gap(row.part, f"An open question: {row.text('ask')}")
    for row in story.of("line"):
        if not row.texts("scenes"):
            yield Gap(row.part, f"The plot line {row.name} has no scene.")
