"""What `etude curate` found, as records, and in sentences for people.

Everything is counted in the collection; nothing is estimated, and nothing is judged but against a target that
the person named. Knows no contents and no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from etude.config.curate import CURATE
from etude.curate.balance import Balance
from etude.curate.consent import Refusal
from etude.curate.coverage import MAKER, Attribute, Crossings, Share, Times
from etude.curate.reservations import Reservation


@dataclass(frozen=True)
class Member:
    """A work of a group of near-duplicates. `role`: what it is for in the split ('divided' where it has
    several); `like`: its nearest twin's likeness, 1 where the content is the same."""

    id: str
    title: str
    maker: str
    role: str
    like: float


@dataclass(frozen=True)
class Twins:
    """Works that are the same or nearly so. `across`: they stand on both sides of the split, so that copying
    looks normal; `differ`: what is written about them that does not agree (licence, consent, maker)."""

    members: tuple[Member, ...]
    exact: bool
    across: bool
    differ: tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """A region of the map: its points and works, the share of all points, how far its points stand from
    their neighbours (1: as usual), whether it is thin, the works nearest to its middle, and what most of it
    is."""

    number: int
    points: int
    works: int
    share: float
    alone: float
    thin: bool
    named: tuple[tuple[str, str], ...]  # work, title
    mostly: str


@dataclass(frozen=True)
class Reserved:
    """A work whose file says something of learning, and what the person wrote about it."""

    id: str
    title: str
    consent: str
    holds: str
    statements: tuple[Reservation, ...]


@dataclass(frozen=True)
class Proposal:
    """Something to do: `apply` where `--apply` does it; `command` where the person does."""

    kind: str
    what: str
    apply: bool = False
    command: str = ""


@dataclass(frozen=True)
class Curated:
    """A collection, looked at. `unit` is what sizes count; `points` of the map are works, or passages of
    `passage` units; `places` are the points themselves (work, across, down, region), across and down from 0
    to 1; `done`: what `--apply` or `--undo` changed."""

    schema: ClassVar[str] = "etude.curate/1"
    collection: str
    medium: str
    where: Mapping[str, str]
    works: int
    units: int
    unit: str
    twins: tuple[Twins, ...]
    attributes: tuple[Attribute, ...]
    crossings: tuple[Crossings, ...]
    times: tuple[Times, ...]
    points: int
    passage: int
    regions: tuple[Region, ...]
    refused: tuple[Refusal, ...]
    reserved: tuple[Reserved, ...]
    contradictions: tuple[str, ...]
    collect: tuple[str, ...]
    proposals: tuple[Proposal, ...]
    balance: Balance | None = None
    done: tuple[str, ...] = ()
    places: tuple[tuple[str, float, float, int], ...] = ()


def collect_more(
    attributes: Sequence[Attribute], regions: Sequence[Region], one: str, unit: str, singles: bool
) -> tuple[str, ...]:
    """ "Collect more of ...": what would close the gaps to the targets, and the thin regions by name. `one`:
    a work in words, `unit`: of sizes; `singles`: each work is one unit."""
    said = []
    for row in attributes:
        for share in sorted(row.shares, key=lambda s: -s.more_works):
            if share.lacks and share.target is not None and share.more_works:
                works = f"{share.more_works:,} more {one}{'s' * (share.more_works != 1)}"
                much = "" if singles else f", or {rounded(share.more_units)} {unit} in works of any length"
                said.append(
                    f"{named(row.key, share.value)}: about {works}{much} ({share.works:,} now, "
                    f"{percent(share.of_units)} of the material; your target is {percent(share.target)})"
                )
    for region in regions:
        if region.thin:
            titles = ", ".join(f"“{title}”" for _, title in region.named)
            said.append(
                f"works like {titles}: {region.works} stand there, {region.alone:.1f} times as far from "
                "their neighbours as usual"
            )
    return tuple(said)


def uneven(row: Attribute) -> str:
    """One sentence on how an attribute is spread; empty where it has one value."""
    if len(row.shares) < 2:
        return ""
    most, least = row.shares[0], row.shares[-1]
    said = (
        f"{_key(row.key)}: {len(row.shares):,} values, as diverse as {row.as_even_as:.1f} equal ones. "
        f"Most is {most.value} ({percent(most.of_units)} of the material in {_works(most)}), least "
        f"{least.value} ({percent(least.of_units)} in {_works(least)})"
    )
    if row.unsaid:
        said += f"; {row.unsaid:,} works say nothing of it"
    return said + "."


def hardly(works: int) -> str:
    """What can be said of groups in a collection of so few works; empty where there are enough."""
    if works >= CURATE.too_few:
        return ""
    return (
        f"{works:,} work{'s' * (works != 1)} are fewer than {CURATE.too_few}: no group of them is large "
        "enough to measure quality, copying or bias in it."
    )


def too_few(row: Attribute) -> str:
    """Which values have too few works to measure anything in; empty where none, or where all works are."""
    if sum(share.works for share in row.shares) < CURATE.too_few:
        return ""
    few = [share for share in row.shares if share.too_few]
    if not few:
        return ""
    if len(few) == len(row.shares):
        which = "each value has" if len(few) > 1 else "its one value has"
    else:
        which = f"{len(few):,} of {len(row.shares):,} values have"
    return (
        f"{_key(row.key)}: {which} fewer than {CURATE.too_few} works, too few to measure quality, copying or "
        "bias there."
    )


def crossed(found: Crossings) -> str:
    """One sentence on the combinations of two attributes."""
    a, b = found.keys
    said = (
        f"{_key(a)} with {b}: {found.too_few:,} of {found.of:,} combinations have fewer than "
        f"{CURATE.too_few} works ({found.empty:,} have none), too few to say anything of them"
    )
    if found.named:
        some = "; ".join(f"{' and '.join(c.values)}, {c.works}" for c in found.named[:3])
        said += f": {some}"
    return said + "."


def dated(found: Times) -> str:
    """One sentence on the years."""
    first, last = found.decades[0], found.decades[-1]
    most = max(found.decades, key=lambda d: d[1])
    said = f"{_key(found.key)}: from the {first[0]}s to the {last[0]}s, "
    said += f"most in the {most[0]}s ({most[1]:,} works)"
    runs: list[list[int]] = []
    for decade in found.missing:
        if runs and decade - runs[-1][-1] == 10:
            runs[-1].append(decade)
        else:
            runs.append([decade])
    runs.sort(key=lambda run: (-len(run), run[0]))
    some = [f"{r[0]}s" + (f" to {r[-1]}s" if len(r) > 1 else "") for r in runs[:3]]
    if some:
        more = f" and {len(runs) - 3} shorter gaps" if len(runs) > 3 else ""
        said += f"; none in the {', '.join(some)}{more}"
    return said + "."


def named(key: str, value: str) -> str:
    """'by Ada' for a maker, 'gender female' for an attribute."""
    return f"by {value}" if key == MAKER else f"{key} {value}"


def rounded(number: float) -> str:
    """A number to two digits, as people say it."""
    digits = max(0, len(str(int(number))) - 2)
    return f"{round(number, -digits):,.0f}"


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.1f} %"


def _key(key: str) -> str:
    return key[:1].upper() + key[1:]


def _works(share: Share) -> str:
    return f"{share.works:,} work{'s' * (share.works != 1)}"
