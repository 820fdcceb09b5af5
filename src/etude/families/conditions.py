"""What a model can be asked for: maker, and the attributes that tell the works of a collection apart. Knows
no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_CONDITIONS, MOST_VALUES = 6, 200  # attributes a take can be asked for; values of one attribute


@dataclass(frozen=True)
class Condition:
    """One thing a take can be asked for: `key` (maker, or an attribute) and the values that works of the
    collection have."""

    key: str
    values: tuple[str, ...]


def conditions_of(works: Iterable[tuple[str, Mapping[str, str]]]) -> tuple[Condition, ...]:
    """Maker and the attributes that have from 2 to MOST_VALUES values among the works (maker, attributes)
    learned from."""
    values: dict[str, dict[str, None]] = {}
    for maker, attrs in works:
        for key, value in (("maker", maker), *attrs.items()):
            if value:
                values.setdefault(key, {})[value] = None
    useful = [(k, v) for k, v in values.items() if 2 <= len(v) <= MOST_VALUES]
    useful.sort(key=lambda kv: (kv[0] != "maker", kv[0]))
    return tuple(Condition(k, tuple(sorted(v))) for k, v in useful[:MOST_CONDITIONS])


def condition_values(
    conditions: Sequence[Condition], maker: str, attrs: Mapping[str, str]
) -> tuple[int, ...]:
    """The condition row of a work: 0 where it says nothing, or has a value that is not learned from."""
    own = {**attrs, "maker": maker}
    return tuple(1 + c.values.index(own[c.key]) if own.get(c.key) in c.values else 0 for c in conditions)
