"""The fixed split of works into train, critic and held-out, so that every figure is measured on works not learned from.

Whole works are assigned, near-duplicates and the works of one series together; a work that is long beside its maker's others
is divided into contiguous parts instead, so that its maker is learned from and measured. What was assigned stays assigned when
works are added. Knows nothing of media: a work is a size, a maker and the places where it may be divided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from etude import rng
from etude.config import SPLIT
from etude.curate.divide import divide, may_divide
from etude.errors import WorkError
from etude.store.collections import Part, Role


@dataclass(frozen=True)
class Item:
    """A work as the split sees it. `duplicates` names its group of near-duplicates (''= none); a series counts within a maker.
    `boundaries`: units at which the work may be divided, ascending, without 0 and `size`."""

    work_id: str
    size: int
    maker: str = ""
    series: str = ""
    duplicates: str = ""
    boundaries: Sequence[int] = ()


@dataclass(frozen=True)
class Shares:
    """Which share of each maker's units is kept for the critic and held out; `min_part` units at least in a divided part."""

    critic: float = SPLIT.critic
    held_out: float = SPLIT.held_out
    min_part: int = SPLIT.min_part_units
    seed: int = SPLIT.seed


@dataclass(frozen=True)
class Split:
    """The parts, in the order of the items; works that had to be left out, each with its reason; what a person should know."""

    parts: tuple[Part, ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Group:
    """Works that stay together. Works of several makers are one group only when they are near-duplicates."""

    items: tuple[Item, ...]
    near: bool  # some of them are near-duplicates of each other

    @property
    def size(self) -> int:
        return sum(item.size for item in self.items)

    @property
    def maker(self) -> str:
        return min(item.maker for item in self.items)


def split(
    items: Sequence[Item],
    *,
    shares: Shares | None = None,
    previous: Iterable[Part] = (),
    held_out: Collection[str] = (),
    by_maker: bool = False,
) -> Split:
    """Parts that cover every work exactly once (those in `left_out` excepted).

    `previous`: the parts of an earlier split, kept as they are. `held_out`: ids of works to hold out whole, with their
    near-duplicates; no others are then held out. `by_maker`: makers are assigned whole, so that what is measured is a maker
    never learned from. Raises WorkError when `held_out` names works that are not among the items.
    """
    plan = _Plan(items, shares or Shares(), previous, held_out)
    if by_maker:
        plan.assign_makers()
    else:
        plan.assign_groups()
    plan.complete()
    return plan.result()


class _Plan:
    """The split while it is being made: what is decided, and the groups that still wait."""

    def __init__(self, items: Sequence[Item], shares: Shares, previous: Iterable[Part], held_out: Collection[str]) -> None:
        self.items = [item for item in items if item.size > 0]
        self.shares = shares
        self.parts: dict[str, list[Part]] = {}
        self.left_out = [(item.work_id, "it is empty") for item in items if item.size <= 0]
        self.notes: list[str] = []
        self.named = bool(held_out)
        known = {item.work_id: item for item in self.items}
        missing = sorted(set(held_out) - set(known))
        if missing:
            raise WorkError(
                f"Works to hold out are not in the collection: {', '.join(missing[:5])}.", "List them with: etude works"
            )
        for part in previous:
            if part.work_id in known:
                self.parts.setdefault(part.work_id, []).append(part)
        near = {known[work_id].duplicates for work_id in held_out} - {""}
        for item in self.items:
            if item.work_id in held_out or item.duplicates in near:
                self._whole(item, "held-out")
        self.waiting = [group for group in _groups(self.items) if self._follow(group)]

    def _whole(self, item: Item, role: Role) -> None:
        self.parts[item.work_id] = [Part(item.work_id, 0, item.size, role)]

    def _give(self, group: _Group, role: Role) -> None:
        for item in group.items:
            self._whole(item, role)
        self.waiting.remove(group)

    def _follow(self, group: _Group) -> bool:
        """New works of a group that was assigned before go where it went; True when the whole group still waits."""
        done = [item for item in group.items if item.work_id in self.parts]
        new = [item for item in group.items if item.work_id not in self.parts]
        if not done or not new:
            return not done
        roles = {part.role for item in done for part in self.parts[item.work_id]}
        for item in new:
            twins = [other for other in done if item.duplicates and other.duplicates == item.duplicates]
            near_roles = {part.role for other in twins for part in self.parts[other.work_id]}
            if len(near_roles) > 1:
                self.left_out.append(
                    (item.work_id, f"it is nearly the same as {twins[0].work_id}, which is in several parts of the split")
                )
            elif near_roles:
                self._whole(item, near_roles.pop())
            else:  # a series that was divided goes on in what is learned from
                self._whole(item, roles.copy().pop() if len(roles) == 1 else "train")
        return False

    def _held(self, role: Role, makers: Collection[str] | None = None) -> int:
        """Units that have this role so far (of these makers)."""
        return sum(
            part.end - part.start
            for item in self.items
            if makers is None or item.maker in makers
            for part in self.parts.get(item.work_id, ())
            if part.role == role
        )

    def _wanted(self) -> list[tuple[Role, float]]:
        held: list[tuple[Role, float]] = [] if self.named else [("held-out", self.shares.held_out)]
        return [*held, ("critic", self.shares.critic)]

    def _shuffled(self, groups: Iterable[_Group]) -> list[_Group]:
        """In an order that depends on the works' ids alone, so that it is the same whatever else is there."""
        return sorted(groups, key=lambda group: rng.seed_for(self.shares.seed, "split", group.items[0].work_id))

    def assign_groups(self) -> None:
        """Maker by maker: divide what is long, then take whole groups while the maker's share lacks something."""
        totals: dict[str, int] = defaultdict(int)
        for item in self.items:
            totals[item.maker] += item.size
        by_maker: dict[str, list[_Group]] = defaultdict(list)
        for group in self.waiting:
            by_maker[group.maker].append(group)
        for maker in sorted(by_maker):
            groups = self._divide_long(by_maker[maker], totals[maker])
            for role, share in self._wanted():
                lacking = share * totals[maker] - self._held(role, {maker})
                for group in self._shuffled(groups):
                    if lacking > 0 and group.size <= 2 * lacking:
                        lacking -= group.size
                        groups.remove(group)
                        self._give(group, role)
        self._from_small_makers()

    def _divide_long(self, groups: list[_Group], total: int) -> list[_Group]:
        """Divide the works that are too large to be given away whole; returns the groups that stay whole."""
        whole = []
        most = 2 * min([share for _, share in self._wanted() if share > 0], default=0.0) * total
        for group in groups:
            only_series = not group.near and len(groups) == 1 and len(group.items) > 1
            if group.size > most and (len(group.items) == 1 or only_series) and self._divide(group):
                self.waiting.remove(group)
                if only_series:
                    maker = group.maker or "unnamed makers"
                    self.notes.append(f"All works of {maker} are one series: it is divided, in order, instead of kept together.")
            else:
                whole.append(group)
        return whole

    def _divide(self, group: _Group) -> bool:
        """A group as one sequence, cut into contiguous parts at its boundaries. False when it is too short for that."""
        roles = [(role, share) for role, share in self._wanted() if share > 0]
        cuts = _cuts(group)
        if not roles or not may_divide(group.size, [share for _, share in roles], self.shares.min_part):
            return False
        draw = rng.for_(self.shares.seed, "divide", group.items[0].work_id)
        blocks = divide(group.size, cuts, [share for _, share in roles], self.shares.min_part, draw)
        if blocks is None:
            return False
        named = [(start, end, role) for (start, end), (role, _) in zip(blocks, roles, strict=True)]
        offset = 0
        for item in group.items:
            self.parts[item.work_id] = _within(item, offset, named)
            offset += item.size
        return True

    def _from_small_makers(self) -> None:
        """Makers with too few works to give their share: some of them give one, until the collection as a whole has its share."""
        total = sum(item.size for item in self.items)
        for role, share in self._wanted():
            lacking = share * total - self._held(role)
            givers: set[str] = set()
            for group in self._shuffled(self.waiting):
                others = [other for other in self.waiting if other.maker == group.maker and other is not group]
                learned = self._held("train", {group.maker})
                if 0 < group.size <= 2 * lacking and (others or learned) and group.maker not in givers:
                    givers.add(group.maker)
                    lacking -= group.size
                    self._give(group, role)

    def assign_makers(self) -> None:
        """Whole makers, those joined by near-duplicates together, while a share of the collection is lacking."""
        total = sum(item.size for item in self.items)
        for cluster in _maker_clusters(self.waiting):
            roles = {part.role for item in self.items if item.maker in cluster for part in self.parts.get(item.work_id, ())}
            if len(roles) == 1:  # a maker known from an earlier split stays where it was
                for group in [group for group in self.waiting if group.maker in cluster]:
                    self._give(group, next(iter(roles)))
        for role, share in self._wanted():
            lacking = share * total - self._held(role)
            clusters = sorted(_maker_clusters(self.waiting), key=lambda c: rng.seed_for(self.shares.seed, "makers", min(c)))
            for cluster in clusters:
                size = sum(group.size for group in self.waiting if group.maker in cluster)
                last = len(_maker_clusters(self.waiting)) == 1 and not self._held("train")
                if (
                    lacking > 0
                    and not last
                    and (size <= 2 * lacking or (not self._held(role) and cluster == _least(self.waiting)))
                ):
                    lacking -= size
                    for group in [group for group in self.waiting if group.maker in cluster]:
                        self._give(group, role)

    def complete(self) -> None:
        """What still waits is learned from; but nothing can be measured without a work, so the smallest is given if need be."""
        for role, share in self._wanted():
            if share > 0 and not self._held(role):
                spare = sorted(self.waiting, key=lambda group: (group.size, group.items[0].work_id))
                if len(spare) > 1 or (spare and self._held("train")):
                    self._give(spare[0], role)
                elif self.items:
                    self.notes.append(
                        f"Nothing could be kept for {role}: there are too few works, and none is long enough to divide."
                    )
        for group in list(self.waiting):
            self._give(group, "train")

    def result(self) -> Split:
        parts = tuple(part for item in self.items for part in self.parts.get(item.work_id, ()))
        return Split(parts, tuple(self.left_out), tuple(self.notes))


def _groups(items: Sequence[Item]) -> list[_Group]:
    """Items joined by a group of near-duplicates or by a series of one maker, in their order."""
    label: dict[str, int] = {}
    members: dict[int, list[Item]] = {}
    of_key: dict[tuple[str, ...], int] = {}
    for number, item in enumerate(items):
        keys = [("near", item.duplicates)] if item.duplicates else []
        keys_all: list[tuple[str, ...]] = [*keys, *([("series", item.maker, item.series)] if item.series else [])]
        joined = sorted({of_key[key] for key in keys_all if key in of_key})
        home = joined[0] if joined else number
        members.setdefault(home, [])
        for other in joined[1:]:
            members[home] += members.pop(other)
            of_key = {key: home if value == other else value for key, value in of_key.items()}
        members[home].append(item)
        of_key.update(dict.fromkeys(keys_all, home))
        label[item.work_id] = home
    place = {item.work_id: number for number, item in enumerate(items)}
    out = []
    for found in members.values():
        found.sort(key=lambda item: place[item.work_id])
        names = [item.duplicates for item in found if item.duplicates]
        out.append(_Group(tuple(found), near=len(names) > len(set(names))))
    return sorted(out, key=lambda group: place[group.items[0].work_id])


def _cuts(group: _Group) -> list[int]:
    """Where the group may be cut, counted through all its works: their boundaries, and their ends."""
    cuts: list[int] = []
    offset = 0
    for item in group.items:
        cuts += [offset + cut for cut in item.boundaries if 0 < cut < item.size]
        offset += item.size
        cuts.append(offset)
    return cuts[:-1]


def _within(item: Item, offset: int, named: Sequence[tuple[int, int, Role]]) -> list[Part]:
    """The parts of one work, given the named blocks of its group; what no block covers is learned from."""
    parts = []
    at = 0
    for start, end, role in sorted(named):
        low, high = max(0, start - offset), min(item.size, end - offset)
        if low < high:
            if at < low:
                parts.append(Part(item.work_id, at, low, "train"))
            parts.append(Part(item.work_id, low, high, role))
            at = high
    if at < item.size:
        parts.append(Part(item.work_id, at, item.size, "train"))
    return parts


def _maker_clusters(groups: Sequence[_Group]) -> list[frozenset[str]]:
    """Makers, joined where they share a near-duplicate."""
    clusters: list[frozenset[str]] = []
    for group in groups:
        makers = frozenset(item.maker for item in group.items)
        touching = [cluster for cluster in clusters if cluster & makers]
        clusters = [cluster for cluster in clusters if not cluster & makers] + [makers.union(*touching)]
    return clusters


def _least(groups: Sequence[_Group]) -> frozenset[str]:
    sizes: Mapping[frozenset[str], int] = {
        cluster: sum(group.size for group in groups if group.maker in cluster) for cluster in _maker_clusters(groups)
    }
    return min(sizes, key=lambda cluster: (sizes[cluster], min(cluster)))
