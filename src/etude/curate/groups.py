"""Works that must stay together in the split: near-duplicates, and the works of one series.

Knows nothing of roles or shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etude.store.collections import Part, Role


@dataclass(frozen=True)
class Item:
    """A work as the split sees it. `duplicates` names its group of near-duplicates ('' = none); a series
    counts within a maker.

    `boundaries`: units at which the work may be divided, ascending, without 0 and `size`.
    """

    work_id: str
    size: int
    maker: str = ""
    series: str = ""
    duplicates: str = ""
    boundaries: Sequence[int] = ()


@dataclass(frozen=True)
class Group:
    """Works that stay together, in their order. Works of several makers are one group only when they are
    near-duplicates."""

    items: tuple[Item, ...]
    near: bool  # some of them are near-duplicates of each other

    @property
    def key(self) -> str:
        """The id of its first work, which stands for the group."""
        return self.items[0].work_id

    @property
    def size(self) -> int:
        """Units in all its works."""
        return sum(item.size for item in self.items)

    @property
    def maker(self) -> str:
        """The maker whose share it counts in: of several, the first by name."""
        return min(item.maker for item in self.items)


def group_items(items: Sequence[Item]) -> list[Group]:
    """Items joined by a group of near-duplicates or by a series of one maker, in their order."""
    members: dict[int, list[int]] = {}  # group -> places of its items
    home: dict[tuple[str, ...], int] = {}  # what joins works -> their group
    for place, item in enumerate(items):
        keys: list[tuple[str, ...]] = [("near", item.duplicates)] if item.duplicates else []
        keys += [("series", item.maker, item.series)] if item.series else []
        joined = sorted({home[key] for key in keys if key in home})
        target = joined[0] if joined else place
        for other in joined[1:]:
            members[target] += members.pop(other)
            home = {key: target if group == other else group for key, group in home.items()}
        members.setdefault(target, []).append(place)
        home.update(dict.fromkeys(keys, target))
    groups = []
    for places in sorted(sorted(places) for places in members.values()):
        found = tuple(items[place] for place in places)
        names = [item.duplicates for item in found if item.duplicates]
        groups.append(Group(found, near=len(names) > len(set(names))))
    return groups


def cuts_of(group: Group) -> list[int]:
    """Where the group may be cut, counted through all its works: at their boundaries and between them."""
    cuts: list[int] = []
    offset = 0
    for item in group.items:
        cuts += [offset + cut for cut in item.boundaries if 0 < cut < item.size]
        offset += item.size
        cuts.append(offset)
    return cuts[:-1]


def parts_within(item: Item, offset: int, blocks: Sequence[tuple[int, int, Role]]) -> list[Part]:
    """The parts of one work that begins `offset` units into its group, given the group's blocks; the rest is
    learned from."""
    parts = []
    at = 0
    for start, end, role in sorted(blocks):
        low, high = max(0, start - offset), min(item.size, end - offset)
        if low < high:
            if at < low:
                parts.append(Part(item.work_id, at, low, "train"))
            parts.append(Part(item.work_id, low, high, role))
            at = high
    if at < item.size:
        parts.append(Part(item.work_id, at, item.size, "train"))
    return parts


def maker_clusters(groups: Sequence[Group]) -> dict[frozenset[str], int]:
    """Makers, joined where they share a near-duplicate, and how many units each cluster has."""
    of: dict[str, frozenset[str]] = {}
    for group in groups:
        makers = {item.maker for item in group.items}
        cluster = frozenset(makers.union(*(of.get(maker, ()) for maker in makers)))
        of.update(dict.fromkeys(cluster, cluster))
    sizes = dict.fromkeys(of.values(), 0)
    for group in groups:
        sizes[of[group.maker]] += group.size
    return sizes
