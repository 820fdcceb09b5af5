"""Defaults of stories, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoryDefaults:
    """Plans, what is read out of a draft, and what is warned of (`story/`)."""

    max_plan_bytes: int = 8_000_000  # of one file of a plan: 2,000 scenes with their passages have some 2 MB
    max_draft_chars: int = 12_000_000  # ten times the sample novel
    quote_chars: int = 160  # of a passage that is quoted: a sentence of prose
    least_mentions: int = 2  # of a name, before somebody is taken for a character
    most_characters: int = 120  # read out of a draft, by mentions: a long novel's cast
    most_places: int = 60
    absent_scenes: int = 5  # a character who was in three scenes and is missing for so many is a gap
    absent_share: float = 0.25  # and at least this share of all scenes: long books have long absences
    overdue_scenes: int = 6  # a planted thread that nobody touches for so many scenes
    overdue_share: float = 0.3  # and at least this share of the scenes
    borrowed_words: int = 8  # a run of so many words of an earlier chapter or a work is named
    least_options: int = 5  # proposals differ, and there are at least so many
    least_distance: float = 0.6  # mean pairwise distance of options: below, they are asked for again
    asked_again: int = 2  # times
    answer_tokens: int = 60  # of one option
    endpoint_s: float = 60.0  # for an answer of an endpoint; then it counts as hanging
    endpoint_bytes: int = 400_000  # of an answer: ten times what was asked for; more is a flood


STORY = StoryDefaults()
