"""What can be said of a collection before anything is learned from it: is it enough, is it even, does it hold
near-duplicates?

Sentences with the figures that they stand on; nothing is refused here. Knows sizes and names alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from etude.config.curate import OUTLOOK


def outlook(
    sizes: Mapping[str, int], makers: Mapping[str, str], twins: Sequence[Sequence[str]], unit: str, least: int
) -> tuple[str, ...]:
    """`sizes` in units of each work that is learned from, `makers` of the same works, groups of
    near-duplicates; `least`: units below which nothing is learned at all (0: a size says nothing)."""
    total = sum(sizes.values())
    if not total:
        return ()
    return (
        _enough(total, len(sizes), unit, least),
        *_uneven(sizes, makers, total),
        *_twins(twins, len(sizes)),
    )


def _enough(total: int, works: int, unit: str, least: int) -> str:
    have = f"{total:,} {unit} in {works:,} work{'s' * (works != 1)} to train on"
    if total < OUTLOOK.few * least:
        return (
            f"Little data: {have}. The model will memorise the works before it learns their style. Below "
            f"{OUTLOOK.few * least:,}, expect copied passages; --no-copy prevents them."
        )
    if total < OUTLOOK.some * least:
        return (
            f"Some data: {have}. Enough to learn their style. For subjects and structure, more than "
            f"{OUTLOOK.some * least:,} help."
        )
    return f"Enough: {have}."


def _uneven(sizes: Mapping[str, int], makers: Mapping[str, str], total: int) -> list[str]:
    by: Counter[str] = Counter()
    for work, size in sizes.items():
        by[makers.get(work, "")] += size
    (most, size), *others = by.most_common()
    if not others or size <= OUTLOOK.uneven * total:
        return []
    return [
        f"Uneven: {100 * size / total:.0f} % of it is by {most or 'nobody named'}, the rest by "
        f"{len(others)} other{'s' * (len(others) != 1)}; takes will mostly resemble that maker's works. "
        "Ask for another "
        "with --like maker=NAME, or give works weights: etude collection show."
    ]


def _twins(twins: Sequence[Sequence[str]], works: int) -> list[str]:
    n = sum(len(group) - 1 for group in twins)
    if not n:
        return []
    return [
        f"Near-duplicates: {n} of {works:,} works are nearly the same as another; what they share is "
        "trained on several times. See: etude works ls"
    ]
