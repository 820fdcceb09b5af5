"""Whom and what a collection holds: the share of every maker, attribute and time, against the shares that a
person wants, and how many works would close the gaps.

Shares are counted, not estimated, so they have no interval: of works, and of what is learned from (units, as
the medium counts them). No target is assumed; parity is one that a person may name. Groups with fewer than
`CURATE.too_few` works are said to be too few to measure anything in. Knows no contents.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from etude.config.curate import CURATE
from etude.errors import ProjectError

MAKER = "maker"
PARITY = "parity"
_YEAR = re.compile(r"\s*(?:c\.|ca\.|about)?\s*(1[0-9]{3}|20[0-9]{2})\b")
Target = Mapping[str, float]  # value -> share; empty: parity


@dataclass(frozen=True)
class Described:
    """A work as it is counted: `size` in units of its medium."""

    id: str
    title: str
    maker: str
    size: int
    weight: float
    attrs: Mapping[str, str]

    def value(self, key: str) -> str:
        """What it says of a key; empty where it says nothing."""
        return self.maker if key == MAKER else self.attrs.get(key, "")


@dataclass(frozen=True)
class Share:
    """One value: its works, their units, and both as shares of the works that say something. `target`: what
    the person wants of the units; `more_works`: about how many would close the gap."""

    value: str
    works: int
    units: int
    share: float
    of_units: float
    target: float | None = None
    more_works: int = 0
    more_units: float = 0.0

    @property
    def too_few(self) -> bool:
        """Whether nothing can be measured in it."""
        return self.works < CURATE.too_few

    @property
    def lacks(self) -> bool:
        """Whether it lies clearly below its target."""
        return self.target is not None and self.of_units < CURATE.lacking * self.target


@dataclass(frozen=True)
class Attribute:
    """A key with its values, the most frequent first. `unsaid`: works that say nothing of it; `as_even_as`:
    of so many equal values the collection would be as diverse (inverse Simpson index, Hill 1973)."""

    key: str
    shares: tuple[Share, ...]
    unsaid: int
    as_even_as: float

    @property
    def too_few(self) -> int:
        """Values with too few works to measure anything in."""
        return sum(share.too_few for share in self.shares)


@dataclass(frozen=True)
class Crossing:
    """Two values at once and how many works have both."""

    keys: tuple[str, str]
    values: tuple[str, str]
    works: int


@dataclass(frozen=True)
class Crossings:
    """Of two keys: how many of their combinations have too few works (or none), and the emptiest by name."""

    keys: tuple[str, str]
    of: int
    too_few: int
    empty: int
    named: tuple[Crossing, ...]


@dataclass(frozen=True)
class Times:
    """Of a key that names years: works a decade, and the decades between first and last without any."""

    key: str
    decades: tuple[tuple[int, int], ...]
    missing: tuple[int, ...]


def targets_of(said: Sequence[str]) -> Mapping[str, Target]:
    """`maker=parity`, `skin tone=dark:0.3` as targets by key. Raises ProjectError for what makes no sense."""
    found: dict[str, dict[str, float]] = {}
    for one in said:
        key, equals, rest = one.partition("=")
        value, colon, number = rest.rpartition(":")
        key = key.strip()
        if equals and key and rest.strip() == PARITY:
            found.setdefault(key, {})
            continue
        try:
            share = float(number)
            if not (equals and key and colon and value.strip() and 0 < share < 1):
                raise ValueError
        except ValueError:
            raise ProjectError(
                f"'{one}' is no target.", "Say --target maker=parity, or --target gender=woman:0.5"
            ) from None
        found.setdefault(key, {})[value.strip()] = share
    for key, shares in found.items():
        if sum(shares.values()) > 1 + 1e-9:
            raise ProjectError(
                f"The targets of {key} sum to {sum(shares.values()):g}.", "Give shares that sum to 1 or less."
            )
    return found


def attributes(
    works: Sequence[Described], targets: Mapping[str, Target], *, every: bool = False
) -> tuple[Attribute, ...]:
    """The maker and every attribute that groups works. Those that name single works are left out, unless a
    target names them. Raises ProjectError for a target whose key or value no work has."""
    keys = [MAKER, *dict.fromkeys(key for work in works for key in work.attrs)]
    unknown = [key for key in targets if not any(work.value(key) for work in works)]
    if unknown:
        raise ProjectError(f"No work says anything of '{unknown[0]}'.", f"There are: {', '.join(keys[:12])}")
    found = []
    for key in keys:
        said = [work for work in works if work.value(key)]
        values = {work.value(key) for work in said}
        names_works = len(values) > max(CURATE.labels * len(said), 1) and key != MAKER
        if not said or (not every and key not in targets and names_works):
            continue
        found.append(_attribute(key, said, len(works) - len(said), targets.get(key)))
    return tuple(found)


def _attribute(key: str, said: Sequence[Described], unsaid: int, target: Target | None) -> Attribute:
    works: Counter[str] = Counter(work.value(key) for work in said)
    units: Counter[str] = Counter()
    for work in said:
        units[work.value(key)] += work.size
    total = max(1, sum(units.values()))
    wanted = dict(target or {})
    if target is not None and not wanted:
        wanted = dict.fromkeys(works, 1 / len(works))
    lost = [value for value in wanted if value not in works]
    if lost and len(wanted) == len(lost):
        known = ", ".join(value for value, _ in works.most_common(8))
        raise ProjectError(f"No work has {key} = {lost[0]}.", f"There are: {known}")
    more = missing_units(units, wanted)
    mean = total / len(said)
    rows = []
    for value in [*works, *lost]:
        n, lacking = works[value], more.get(value, 0.0)
        each = units[value] / n if n else mean
        rows.append(
            Share(
                value,
                n,
                units[value],
                n / len(said),
                units[value] / total,
                wanted.get(value),
                -int(-lacking // max(each, 1)),
                round(lacking, 1),
            )
        )
    rows.sort(key=lambda row: (-row.units, row.value))
    even = 1 / sum(row.of_units**2 for row in rows)
    return Attribute(key, tuple(rows), unsaid, even)


def missing_units(units: Mapping[str, int], wanted: Target) -> dict[str, float]:
    """Units to add of each value so that all wanted shares hold, nothing taken away: values above their share
    stay as they are, and the rest grows with the total T until none is below T times its share."""
    total = float(sum(units.values()))
    short = {v for v, t in wanted.items() if units.get(v, 0) < t * total}
    while short:
        fixed = sum(n for v, n in units.items() if v not in short)
        room = 1 - sum(wanted[v] for v in short)
        grown = fixed / room if room > 1e-9 else float("inf")
        if grown == float("inf"):  # everything that is wanted is short, and nothing else is there
            grown = max(units.get(v, 0) / wanted[v] for v in short)
        more = {v for v, t in wanted.items() if units.get(v, 0) < t * grown - 1e-9}
        if more <= short:
            return {v: max(0.0, wanted[v] * grown - units.get(v, 0)) for v in short}
        short |= more
    return {}


def crossings(works: Sequence[Described], found: Sequence[Attribute]) -> tuple[Crossings, ...]:
    """Every two attributes of a handful of values each: the combinations in which nothing can be measured."""
    few = [row for row in found if 2 <= len(row.shares) <= 12]
    out = []
    for one, other in combinations(few, 2):
        counts: Counter[tuple[str, str]] = Counter(
            (work.value(one.key), work.value(other.key))
            for work in works
            if work.value(one.key) and work.value(other.key)
        )
        if len(works) < CURATE.too_few or _settles(counts, 0) or _settles(counts, 1):
            continue
        cells = [(a.value, b.value) for a in one.shares for b in other.shares]
        low = sorted((cell for cell in cells if counts[cell] < CURATE.too_few), key=lambda c: (-counts[c], c))
        if low:
            keys = one.key, other.key
            named = tuple(Crossing(keys, cell, counts[cell]) for cell in low[: CURATE.listed] if counts[cell])
            out.append(Crossings(keys, len(cells), len(low), sum(not counts[c] for c in low), named))
    return tuple(out)


def _settles(counts: Counter[tuple[str, str]], at: int) -> bool:
    """Whether one of two attributes settles the other (a maker their gender): then crossing them says
    nothing."""
    return len(counts) == len({pair[at] for pair in counts})


def times(works: Sequence[Described]) -> tuple[Times, ...]:
    """The attributes that name years, by decade."""
    years: dict[str, list[int]] = defaultdict(list)
    for work in works:
        for key, value in work.attrs.items():
            if found := _YEAR.match(value):
                years[key].append(int(found[1]))
    out = []
    for key, found_years in years.items():
        if len(found_years) < max(3, 0.5 * len(works)) or len(set(found_years)) < 2:
            continue
        counts = Counter(year // 10 * 10 for year in found_years)
        span = range(min(counts), max(counts) + 10, 10)
        missing = tuple(decade for decade in span if decade not in counts)
        out.append(Times(key, tuple(sorted(counts.items())), missing))
    return tuple(out)
