"""Weights that make groups of works count as a person wants, and what they cost.

A work of weight 2 is learned from twice as often. Weights that make up for an uneven collection repeat the
works of small groups, so that it is worth fewer works than it has: the effective sample size of L. Kish
(Survey Sampling, 1965), (sum w u)^2 / sum w^2 u over units u. Knows no contents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etude.config.curate import CURATE
from etude.curate.coverage import Described, Target


@dataclass(frozen=True)
class Balance:
    """Weights by work, mean 1 over units. `effective`: the share of the works that the collection is still
    worth; `before` and `after`: the share of units of each group; `held`: groups whose weight was held
    back."""

    by: str
    weights: Mapping[str, float]
    effective: float
    before: Mapping[str, float]
    after: Mapping[str, float]
    held: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """One sentence for people."""
        least, most = min(self.weights.values(), default=1.0), max(self.weights.values(), default=1.0)
        said = (
            f"Weights by {self.by}, from {least:.2f} to {most:.2f}: the collection is then worth "
            f"{100 * self.effective:.0f} % of its works (effective sample size)."
        )
        if self.held:
            named = ", ".join(self.held[:4]) + (" ..." if len(self.held) > 4 else "")
            said += f" Held back at {CURATE.steepest:g} times the least: {named}; below their share even so."
        return said


def balanced(
    works: Sequence[Described], groups: Mapping[str, str], by: str, target: Target | None = None
) -> Balance:
    """Weights for works of groups (work id -> group; a work without one keeps weight 1 among the others).
    `target`: group -> share of the grouped units; what is not named shares the rest as it does now; None:
    parity."""
    units: Counter[str] = Counter()
    for work in works:
        if groups.get(work.id):
            units[groups[work.id]] += work.size
    total = max(1, sum(units.values()))
    wanted = _wanted(units, total, target)
    factor = {group: wanted[group] * total / n if n else 1.0 for group, n in units.items()}
    least = min((f for f in factor.values() if f > 0), default=1.0)
    held = tuple(sorted(g for g, f in factor.items() if f > CURATE.steepest * least * (1 + 1e-9)))
    factor = {g: min(max(f, 1e-3), CURATE.steepest * least) for g, f in factor.items()}
    raw = {work.id: factor.get(groups.get(work.id, ""), 1.0) for work in works}
    everything = sum(work.size for work in works)
    mean = sum(raw[work.id] * work.size for work in works) / max(1, everything)
    weights = {key: round(value / mean, 4) for key, value in raw.items()} if mean else raw
    after: Counter[str] = Counter()
    for work in works:
        if groups.get(work.id):
            after[groups[work.id]] += weights[work.id] * work.size  # type: ignore[assignment]
    kept = sum(after.values()) or 1
    return Balance(
        by,
        weights,
        effective(works, weights),
        {group: n / total for group, n in units.items()},
        {group: n / kept for group, n in after.items()},
        held,
    )


def _wanted(units: Mapping[str, int], total: int, target: Target | None) -> dict[str, float]:
    if not target:
        return dict.fromkeys(units, 1 / max(1, len(units)))
    named = {group: share for group, share in target.items() if group in units}
    rest = sum(n for group, n in units.items() if group not in named)
    left = 1 - sum(named.values())
    if not rest:  # all are named: together they are everything
        return {group: share / sum(named.values()) for group, share in named.items()}
    return {group: named.get(group, left * n / rest) for group, n in units.items()}


def effective(works: Sequence[Described], weights: Mapping[str, float]) -> float:
    """Of what the works are worth under these weights, as a share of all of them."""
    total = sum(work.size for work in works)
    first = sum(weights.get(work.id, 1.0) * work.size for work in works)
    second = sum(weights.get(work.id, 1.0) ** 2 * work.size for work in works)
    return first * first / (second * total) if second and total else 0.0


def shared(pairs: Sequence[tuple[str, str]], weights: Mapping[str, float]) -> dict[str, float]:
    """Weights in which near-duplicates share one place: each work has its own divided by one more than its
    twins, so that a chain of likenesses is not taken for one work."""
    twins: Counter[str] = Counter(one for pair in set(pairs) for one in pair)
    return {key: round(value / (1 + twins[key]), 4) for key, value in weights.items()}
