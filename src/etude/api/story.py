"""`story`: a plan in plain files, what a draft says of it, and what contradicts."""

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

__all__ = [
    "StoryInfo",
    "stories",
    "story",
    "story_add",
    "story_check",
    "story_draw",
    "story_facts",
    "story_intend",
    "story_lock",
    "story_new",
    "story_read",
    "story_rm",
    "story_set",
]
