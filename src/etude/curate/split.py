"""The fixed split of works into train, critic and held-out, so that every figure is measured on works not
learned from.

Whole works are assigned, near-duplicates and the works of one series together; a work that is long beside its
maker's others is divided into contiguous parts instead, so that its maker is learned from and measured. What
was assigned stays assigned when works are added. Knows nothing of media: a work is a size, a maker and the
places where it may be divided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from etude import rng
from etude.config.curate import SPLIT
from etude.curate.divide import divide, may_divide
from etude.curate.groups import Group, Item, cuts_of, group_items, maker_clusters, parts_within
from etude.errors import WorkError
from etude.store.collections import Part, Role

__all__ = ["Item", "Shares", "Split", "shares_for", "split"]


@dataclass(frozen=True)
class Shares:
    """Which share of each maker's units is kept for the critic and held out; `min_part` units at least in a
    divided part."""

    critic: float = SPLIT.critic
    held_out: float = SPLIT.held_out
    min_part: int = SPLIT.min_part_units
    seed: int = SPLIT.seed


def shares_for(unit: str) -> Shares:
    """The usual shares for works measured in this unit ("characters", "notes", "frames", "pictures")."""
    least = {"notes": SPLIT.min_part_notes, "frames": SPLIT.min_part_frames}
    return Shares(min_part=least.get(unit, SPLIT.min_part_units))


@dataclass(frozen=True)
class Split:
    """The parts, in the order of the items; works that had to be left out, each with its reason; what a
    person should know."""

    parts: tuple[Part, ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def split(
    items: Sequence[Item],
    *,
    shares: Shares | None = None,
    previous: Iterable[Part] = (),
    held_out: Collection[str] = (),
    by_maker: bool = False,
) -> Split:
    """Parts that cover every work exactly once (those in `left_out` excepted).

    `previous`: the parts of an earlier split, kept as they are. `held_out`: ids of works to hold out whole,
    with their near-duplicates; no others are then held out. `by_maker`: makers are assigned whole, so that
    what is measured is a maker never learned from. Raises WorkError when `held_out` names works that are not
    among the items.
    """
    plan = _Plan(items, shares or Shares(), previous, held_out)
    if by_maker:
        plan.assign_makers()
    else:
        plan.assign_groups()
        plan.give_smallest()
    plan.rest_to_train()
    return plan.result()


class _Plan:
    """The split while it is being made: what is decided, and the groups that still wait."""

    def __init__(
        self, items: Sequence[Item], shares: Shares, previous: Iterable[Part], held_out: Collection[str]
    ) -> None:
        self.items = [item for item in items if item.size > 0]
        self.of_maker: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            self.of_maker[item.maker].append(item)
        self.shares = shares
        self.parts: dict[str, list[Part]] = {}
        self.left_out = [(item.work_id, "it is empty") for item in items if item.size <= 0]
        self.notes: list[str] = []
        self.named = bool(held_out)
        known = {item.work_id: item for item in self.items}
        missing = sorted(set(held_out) - set(known))
        if missing:
            raise WorkError(
                f"Works to hold out are not in the collection: {', '.join(missing[:5])}.",
                "List them with: etude works",
            )
        for part in previous:
            if part.work_id in known:
                self.parts.setdefault(part.work_id, []).append(part)
        near = {known[work_id].duplicates for work_id in held_out} - {""}
        chosen = [item for item in self.items if item.work_id in held_out or item.duplicates in near]
        for item in chosen:
            self._whole(item, "held-out")
        others = [
            item for item in self.items if item not in chosen
        ]  # a series does not follow a work held out by name
        self.waiting = {group.key: group for group in group_items(others) if self._follow(group)}

    def _whole(self, item: Item, role: Role) -> None:
        self.parts[item.work_id] = [Part(item.work_id, 0, item.size, role)]

    def _give(self, group: Group, role: Role) -> None:
        for item in group.items:
            self._whole(item, role)
        del self.waiting[group.key]

    def _follow(self, group: Group) -> bool:
        """New works of a group that was assigned before go where it went; True when the whole group still
        waits."""
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
                    (
                        item.work_id,
                        f"it is a near-duplicate of {twins[0].work_id}, which is divided",
                    )
                )
            elif near_roles:
                self._whole(item, near_roles.pop())
            else:  # a series that was divided goes on in what is learned from
                self._whole(item, next(iter(roles)) if len(roles) == 1 else "train")
        return False

    def _held(self, role: Role, maker: str | None = None) -> int:
        """Units that have this role so far (of this maker)."""
        items = self.items if maker is None else self.of_maker[maker]
        parts = (part for item in items for part in self.parts.get(item.work_id, ()))
        return sum(part.end - part.start for part in parts if part.role == role)

    def _enough_left(self, role: Role) -> bool:
        """Whether a group may go to this role and still leave one for every role that has nothing yet,
        learning included."""
        if len(self.waiting) > 3:
            return True
        others: list[Role] = ["train", *(other for other, share in self._wanted() if share > 0)]
        return len(self.waiting) > sum(other != role and not self._held(other) for other in others)

    def _wanted(self) -> list[tuple[Role, float]]:
        held: list[tuple[Role, float]] = [] if self.named else [("held-out", self.shares.held_out)]
        return [*held, ("critic", self.shares.critic)]

    def _shuffled(self, groups: Iterable[Group]) -> list[Group]:
        """In an order that depends on the works' ids alone, so that it is the same whatever else is there."""
        return sorted(groups, key=lambda group: rng.seed_for(self.shares.seed, "split", group.key))

    def assign_groups(self) -> None:
        """Maker by maker: divide what is long, then take whole groups while the maker's share lacks
        something."""
        by_maker: dict[str, list[Group]] = defaultdict(list)
        for group in self.waiting.values():
            by_maker[group.maker].append(group)
        for maker in sorted(by_maker):
            total = sum(item.size for item in self.of_maker[maker])
            groups = self._divide_long(by_maker[maker], total)
            for role, share in self._wanted():
                lacking = share * total - self._held(role, maker)
                for group in self._shuffled(groups):
                    if lacking > 0 and group.size <= 2 * lacking and self._enough_left(role):
                        lacking -= group.size
                        groups.remove(group)
                        self._give(group, role)
        self._from_small_makers()

    def _divide_long(self, groups: list[Group], total: int) -> list[Group]:
        """Divide the works that are too large to be given away whole; returns the groups that stay whole."""
        whole = []
        most = 2 * min([share for _, share in self._wanted() if share > 0], default=0.0) * total
        for group in groups:
            only_series = not group.near and len(groups) == 1 and len(group.items) > 1
            if group.size > most and (len(group.items) == 1 or only_series) and self._divide(group):
                del self.waiting[group.key]
                if only_series:
                    maker = group.maker or "unnamed makers"
                    self.notes.append(
                        f"All works of {maker} are one series: it is divided, in order, instead of kept "
                        "together."
                    )
            else:
                whole.append(group)
        return whole

    def _divide(self, group: Group) -> bool:
        """A group as one sequence, cut into contiguous parts at its boundaries. False when it is too short
        for that."""
        roles = [(role, share) for role, share in self._wanted() if share > 0]
        if not roles or not may_divide(group.size, [share for _, share in roles], self.shares.min_part):
            return False
        draw = rng.for_(self.shares.seed, "divide", group.key)
        blocks = divide(group.size, cuts_of(group), [share for _, share in roles], self.shares.min_part, draw)
        if blocks is None:
            return False
        named = [(start, end, role) for (start, end), (role, _) in zip(blocks, roles, strict=True)]
        offset = 0
        for item in group.items:
            self.parts[item.work_id] = parts_within(item, offset, named)
            offset += item.size
        return True

    def _from_small_makers(self) -> None:
        """Makers with too few works to give their share: some of them give one, until the collection as a
        whole has its share."""
        total = sum(item.size for item in self.items)
        for role, share in self._wanted():
            lacking = share * total - self._held(role)
            givers: set[str] = set()
            for group in self._shuffled(self.waiting.values()):
                if group.size > 2 * lacking or group.maker in givers or not self._enough_left(role):
                    continue
                stay = any(
                    other.maker == group.maker and other is not group for other in self.waiting.values()
                )
                if stay or self._held("train", group.maker):
                    givers.add(group.maker)
                    lacking -= group.size
                    self._give(group, role)

    def assign_makers(self) -> None:
        """Whole makers, those joined by near-duplicates together, while a share of the collection is
        lacking."""
        total = sum(item.size for item in self.items)
        for cluster in maker_clusters(list(self.waiting.values())):
            before = {
                part.role
                for maker in cluster
                for item in self.of_maker[maker]
                for part in self.parts.get(item.work_id, ())
            }
            if before:  # a maker known from an earlier split stays where it was
                self._give_makers(cluster, before.pop() if len(before) == 1 else "train")
        for role, share in self._wanted():
            lacking = share * total - self._held(role)
            sizes = maker_clusters(list(self.waiting.values()))
            order = sorted(sizes, key=lambda cluster: rng.seed_for(self.shares.seed, "makers", min(cluster)))
            chosen = []
            for cluster in order:
                if lacking > 0 and sizes[cluster] <= 2 * lacking:
                    lacking -= sizes[cluster]
                    chosen.append(cluster)
            if not chosen and not self._held(role) and share > 0:
                chosen = sorted(order, key=lambda cluster: (sizes[cluster], min(cluster)))[:1]
            spare = len(sizes) - (0 if self._held("train") else 1)  # one maker at least is learned from
            for cluster in chosen[:spare]:
                self._give_makers(cluster, role)

    def _give_makers(self, makers: frozenset[str], role: Role) -> None:
        for group in [group for group in self.waiting.values() if group.maker in makers]:
            self._give(group, role)

    def give_smallest(self) -> None:
        """Nothing can be measured without a work: where a role has none yet, it gets the smallest that
        waits."""
        for role, share in self._wanted():
            spare = sorted(self.waiting.values(), key=lambda group: (group.size, group.key))
            if spare and share > 0 and not self._held(role) and (len(spare) > 1 or self._held("train")):
                self._give(spare[0], role)

    def rest_to_train(self) -> None:
        """What still waits is learned from."""
        for group in list(self.waiting.values()):
            self._give(group, "train")
        for role, share in self._wanted():
            if share > 0 and self.items and not self._held(role):
                self.notes.append(
                    f"Nothing could be kept for {role}: there are too few works, and none is long enough to "
                    "divide."
                )

    def result(self) -> Split:
        parts = tuple(part for item in self.items for part in self.parts.get(item.work_id, ()))
        return Split(parts, tuple(self.left_out), tuple(self.notes))
