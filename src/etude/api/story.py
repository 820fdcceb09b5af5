"""`story`: a plan in plain files, what a draft says of it, what contradicts, and what could come next."""

from typing import Any

from etude.api.make import make
from etude.workspace.core import Workspace
from etude.workspace.stories import (
    StoryInfo,
    stories,
    story,
    story_add,
    story_draw,
    story_lock,
    story_new,
    story_read,
    story_rm,
    story_set,
)
from etude.workspace.story_checking import story_check, story_facts, story_intend
from etude.workspace.story_muse import story_ask, story_muses, story_propose
from etude.workspace.story_passages import (
    StoryPassages,
    begun_at,
    ranked,
    story_export,
    story_guard,
    story_quirks,
    words_of,
)

__all__ = [
    "StoryInfo",
    "stories",
    "story",
    "story_add",
    "story_ask",
    "story_check",
    "story_continue",
    "story_draw",
    "story_export",
    "story_facts",
    "story_guard",
    "story_intend",
    "story_lock",
    "story_muses",
    "story_new",
    "story_propose",
    "story_quirks",
    "story_read",
    "story_rm",
    "story_set",
]


def story_continue(
    ws: Workspace, /, name: str, model: str, scene: str = "", *, n: int = 5, limit: int = 8, **controls: Any
) -> StoryPassages:
    """Takes of the author's own model that go on from the end of a scene (or of the draft), the best
    first; the draft does not change. `controls` are those of `make`."""
    source, where = begun_at(ws, name, scene)
    made = make(ws, model, n=n, source=source, **controls)
    texts = [words_of(ws, take.id, source) for take in made.takes]
    rows = ranked(ws, name, texts, [take.id for take in made.takes], limit=limit)
    return StoryPassages(name, made.model, where, rows)
