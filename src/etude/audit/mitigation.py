"""What quotas change, and what they cost: shares among takes as they come and among takes that were asked for
in the shares that a person set, and how far both are from held-out works. Knows no model and no medium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.audit.bias import Described, shown
from etude.audit.report import Row, Section, percent, worst
from etude.config.audit import AUDIT
from etude.stats import two_samples
from etude.stats.figure import Figure

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Features (N, D) of takes that were made in these shares of the values of `key`, as the classifier sees
    them and as quality is measured."""

    key: str
    shares: Mapping[str, float]
    features: Floats
    looked: Floats


def mitigation(
    before: Floats,
    looked: Floats,
    asked: Asked,
    train: Described,
    unseen: Described,
    held_out: Floats,
    sizes: Sequence[tuple[Mapping[str, str], int]],
    *,
    seed: int,
) -> Section:
    """The section. `before`, `looked`: features of takes as they come; `held_out`: of works, as quality is
    measured."""
    rows = [
        _share(value, share, before, asked, train, unseen, sizes, seed)
        for value, share in asked.shares.items()
    ]
    rows.append(_cost(looked, asked.looked, held_out, seed))
    verdict = worst(tuple(rows[:-1]))
    missed = [row.name for row in rows if row.verdict == "concern"]
    if missed:
        answer = f"Takes that were asked for do not come in the shares that you set: {', '.join(missed)}."
    elif verdict == "good":
        answer = "Takes that are asked for by quota come in the shares that you set, as far as can be seen."
    else:
        answer = "Whether quotas reach the shares that you set cannot be told from outside."
    return Section("Mitigation", "What do quotas change?", verdict, answer, tuple(rows))


def _share(
    value: str,
    share: float,
    before: Floats,
    asked: Asked,
    train: Described,
    unseen: Described,
    sizes: Sequence[tuple[Mapping[str, str], int]],
    seed: int,
) -> Row:
    key = asked.key
    name = f"{key}: {value}"
    whole = sum(size for row, size in sizes if row.get(key))
    held = sum(size for row, size in sizes if row.get(key) == value) / max(1, whole)
    said = f"{percent(held)} of the collection; your share {percent(share)}; so many takes were asked for."
    known = unseen.values(key)
    members, others = int((known == value).sum()), int(((known != value) & (known != "")).sum())
    if min(members, others) < AUDIT.too_few:
        few = f"{said} Whether they show it cannot be told: {min(members, others)} works held out"
        return Row(name, "unknown", f"{few}, and {AUDIT.too_few} are needed.")
    if min(len(before), len(asked.features)) < AUDIT.least_takes:
        return Row(name, "unknown", f"{said} Too few takes could be made in the time.")
    first = shown(key, value, before, train, unseen, seed)
    after = shown(key, value, asked.features, train, unseen, seed)
    if after is None:
        return Row(name, "unknown", f"{said} Whether they show it cannot be told from outside.")
    as_they_come = "" if first is None else f" As they come {_range(first)} of the takes show it."
    reached = after.low <= share <= after.high
    said += f"{as_they_come} Asked for, {_range(after)} do."
    said += "" if reached else " The share that you set lies outside."
    floor = Figure(share, share, share, len(asked.features), "share of takes")
    return Row(name, "good" if reached else "concern", said, after, floor, "the share that you set")


def _range(of: Figure) -> str:
    return f"{percent(of.value)} ({percent(of.low)} to {percent(of.high)})"


def _cost(before: Floats, after: Floats, held_out: Floats, seed: int) -> Row:
    """How far both kinds of takes are from works. Takes in other shares than the works are further from them
    for that alone."""
    name = "What it costs"
    n = min(len(before), len(after))
    if n < AUDIT.least_takes or len(held_out) < AUDIT.held_out_needed:
        return Row(name, "unknown", "Too few takes or held-out works to measure what quotas cost in quality.")
    g = rng.for_(seed, "audit-mitigation")
    one, other = (
        two_samples.told_apart(two_samples.gram(x[:n], held_out), n, g, AUDIT.relabelled)
        for x in (before, after)
    )
    said = (
        f"A plain classifier finds the take in {100 * other.value:.0f} of 100 pairs of a take that was asked "
        f"for and a held-out work, and in {100 * one.value:.0f} for takes as they come (50: it guesses). "
        "Part of a difference is that the shares are no longer those of the works."
    )
    figures = [Figure(x.value, x.low, x.high, n + len(held_out), "of pairs told apart") for x in (other, one)]
    return Row(name, "told", said, figures[0], figures[1], "takes as they come")
