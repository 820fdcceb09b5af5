"""Defaults of splits and duplicates, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SplitDefaults:
    """How works are divided between learning and measuring."""

    # Share of the units: enough for a small critic, little beside what the generator learns from
    critic: float = 0.06
    # Share of the units: 6 % of a novel are some 40,000 characters, enough for a figure with an interval.
    held_out: float = 0.06
    min_part_units: int = 400  # characters; a shorter part of a divided work measures nothing: about a page
    min_part_notes: int = 64  # about two phrases in four voices
    min_part_frames: int = 24  # a second of film: a clip is cut at its shots
    largest_block: float = 0.25  # of one work: more would take away too much of it from learning
    seed: int = 0


SPLIT = SplitDefaults()


@dataclass(frozen=True)
class DuplicateDefaults:
    """When two works count as the same."""

    permutations: int = 128  # standard error of the estimate <= 0.045 (Broder 1997)
    bands: int = 32  # 32 bands of 4 rows find a pair of Jaccard 0.6 with probability 0.988
    jaccard: float = 0.6  # editions of one poem lie above, poems of one poet far below
    # Of the shorter work's shingles found in the longer one: a poem inside a collected edition
    contained: float = 0.8
    min_shingles: int = 8  # below this, agreement is chance: only equal works count


DUPLICATES = DuplicateDefaults()


@dataclass(frozen=True)
class LookalikeDefaults:
    """When two pictures count as the same (`curate/lookalikes.py`). Figures are in docs/decisions/."""

    # Cosine of two signatures: saved anew 0.99 and more, most other drawings below 0.95
    likeness: float = 0.97
    trimmed: float = 0.04  # of each side: a picture is also compared with its own middle
    contained: float = 0.8  # of the shorter clip's frames found in the longer one


LOOKALIKE = LookalikeDefaults()


@dataclass(frozen=True)
class OutlookDefaults:
    """What is said of a collection before learning, in multiples of the least that anything can be learned
    from: 2,000 characters, 400 notes."""

    few: int = 25  # 50,000 characters: some eight thousand words
    some: int = 250  # 500,000 characters: a novel
    uneven: float = 0.5  # of the whole, by one of several makers


OUTLOOK = OutlookDefaults()


@dataclass(frozen=True)
class CurateDefaults:
    """What `etude curate` says of a collection."""

    too_few: int = 20  # works of one kind below which no share, quality or bias of theirs can be measured
    labels: float = 0.5  # of the works: an attribute with more values than that names works, no groups
    lacking: float = 0.8  # of its target: a share below it is a gap worth a line
    listed: int = 8  # values of an attribute that are named; 121 artists are a table, not reading
    # Points of the map. Long works are many passages; the layout takes about a millisecond a point.
    points: int = 3000
    passage: int = 5  # times the least part of a work: some 2,000 characters, 320 notes
    neighbours: int = 8  # that a point is compared with, and laid beside
    rounds: int = 150  # of the layout; more moves nothing that an eye would see
    regions: int = 14  # of the map at most: as many names as fit on it
    small: float = 0.75  # of an even share of the points: a region that has room
    thin: float = 1.15  # times the usual distance to the neighbours: a region where works stand alone
    groups: int = 24  # groups of near-duplicates shown side by side
    beside: int = 6  # works of one group that are shown
    thumb_px: int = 88
    # Largest weight over smallest: beyond it a handful of works is learned by heart rather than balanced
    steepest: float = 20.0


CURATE = CurateDefaults()
