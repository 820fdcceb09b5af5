"""How far one version of a content is from another, by its parts in order: words, notes, characters. Knows no
medium."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

from etude.media.values import Change


def change(before: Sequence[Hashable], after: Sequence[Hashable], unit: str) -> Change:
    """What was kept, added and removed, by the longest matching blocks (Ratcliff and Obershelp, 1988)."""
    matcher = SequenceMatcher(None, list(before), list(after), autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return Change(kept, len(after) - kept, len(before) - kept, unit)


def likeness(before: Sequence[Hashable], after: Sequence[Hashable]) -> tuple[float, int]:
    """The share of matching parts, 0..1, and the index of the first that differs."""
    share = SequenceMatcher(None, list(before), list(after), autojunk=False).ratio()
    return share, first_difference(before, after)


def first_difference(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """The index of the first part that differs; of two equal ones their length."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(before), len(after)))
