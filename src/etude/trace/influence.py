"""Which groups of works a content was influenced by, foretold in several ways, and the test that each way
must pass before it is shown.

By gradients: TRAK's kernel (S. Park et al. 2023, arXiv 2303.14186, eq. 13) over random projections, here of
the last layer's gradients: q (G'G / N + r I)^-1 g for a content q and a passage g. By likeness: a Gaussian
kernel of features with a tenth of the median squared distance as its width, which on small models foretells
as well (docs/decisions/). Beside them cosine, the size of a group alone, and chance. Shares are stated for
groups only, with intervals that draw their passages anew. Knows no model.

Letters: Q contents, N passages, P projections, D features, G groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.stats.figure import Figure
from etude.stats.lds import Lds

Floats = npt.NDArray[np.float64]
GRADIENTS, LIKENESS, COSINE, SIZE, CHANCE = "gradients", "likeness", "cosine", "size alone", "random"
SHOWN = (GRADIENTS, LIKENESS)  # what may be shown once it has passed
RIDGE, WIDTH, DRAWS = 0.1, 0.1, 200
SCHEMA = "etude.trace-test/1"


@dataclass(frozen=True)
class Passages:
    """Of training works: the group of each passage (N,), the units of its group that each stands for (N,),
    features (N, D) and projected gradients (N, P)."""

    group: npt.NDArray[np.int64]
    units: Floats
    features: Floats
    gradients: Floats


@dataclass(frozen=True)
class Row:
    """One way to attribute, and how well it foretold: `common` is the LDS as it is published; the rest is the
    LDS of each content's own, without what all have in common, and whether chance is ruled out for it."""

    way: str
    common: float
    value: float
    low: float
    high: float
    p: float
    holds: bool


@dataclass(frozen=True)
class TraceTest:
    """A model's test: groups `by` an attribute, so many random `halves`, each learned within `budget`, and so
    many contents; `way`: what passed and foretold best, empty where nothing did."""

    model: str
    by: str
    groups: tuple[str, ...]
    halves: int
    budget: str
    contents: int
    rows: tuple[Row, ...]
    way: str
    seconds: float
    at: str
    path: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is kept beside the model."""
        return {"schema": SCHEMA, **{k: v for k, v in asdict(self).items() if k != "path"}}

    @property
    def best(self) -> Row | None:
        """Of what passed."""
        return next((row for row in self.rows if row.way == self.way), None)

    @property
    def sentence(self) -> str:
        """What came of it, for people."""
        tried = (
            f"{self.halves} models, each learned in {self.budget} from a random half of {len(self.groups)} "
        )
        tried += f"groups by {self.by}, on {self.contents} takes"
        best = self.best
        if best is None:
            return f"Influence is not established for this model: no way to attribute foretold {tried}."
        return (
            f"Attribution by {best.way} foretells which takes learning without some groups changes: LDS "
            f"{best.value:.2f} ({best.low:.2f} to {best.high:.2f}, chance {best.p:.3f}), {tried}."
        )


def restored(data: Mapping[str, Any]) -> TraceTest:
    """What `to_json` gave. Raises KeyError or TypeError for anything else."""
    rest = {key: value for key, value in data.items() if key != "schema"}
    rows = tuple(Row(**row) for row in rest["rows"])
    return TraceTest(**{**rest, "rows": rows, "groups": tuple(rest["groups"])})


def tested(rows: Mapping[str, tuple[Lds, Lds]]) -> tuple[tuple[Row, ...], str]:
    """The rows, of the LDS in common and of each content's own, and the way that is shown: one that foretells
    what is each content's own, so that neither chance nor the sizes of groups explain it; the best of
    them."""
    out = tuple(
        Row(way, common.value, own.value, own.low, own.high, own.p, own.holds)
        for way, (common, own) in rows.items()
    )
    passed = [row for row in out if row.way in SHOWN and row.holds]
    return out, max(passed, key=lambda row: row.value).way if passed else ""


def by_passage(way: str, features: Floats, gradients: Floats, of: Passages, *, seed: int = 0) -> Floats:
    """(Q, N) how much each passage counts for each content, by one way."""
    if way == GRADIENTS:
        length = np.sqrt((of.gradients**2).sum(1).mean()) or 1.0
        g, q = of.gradients / length, gradients / length
        kernel = g.T @ g / len(g)
        kernel += RIDGE * max(float(np.trace(kernel)) / len(kernel), 1e-12) * np.eye(len(kernel))
        return np.asarray(q @ np.linalg.solve(kernel, g.T))
    if way == LIKENESS:
        far = ((features[:, None, :] - of.features[None]) ** 2).sum(-1)
        among = ((of.features[:, None, :] - of.features[None]) ** 2).sum(-1)
        return np.asarray(np.exp(-far / max(1e-9, WIDTH * float(np.median(among)))))
    if way == COSINE:
        return np.asarray(features @ of.features.T)
    if way == SIZE:
        return np.ones((len(features), len(of.group)))
    return rng.for_(seed, "influence-random").standard_normal((len(features), len(of.group)))


def by_group(passages: Floats, of: Passages, groups: int) -> Floats:
    """(Q, G) of (Q, N), each passage with the units that it stands for."""
    member = (of.group[:, None] == np.arange(groups)[None]).astype(np.float64) * of.units[:, None]
    return np.asarray(passages @ member / max(1.0, float(of.units.sum())))


@dataclass(frozen=True)
class Share:
    """A group's share of all that speaks for a content, with its interval."""

    group: str
    share: Figure


@dataclass(frozen=True)
class Influenced:
    """The groups whose interval lies above 0, the largest share first, by the way that passed the test."""

    by: str
    way: str
    lds: float
    low: float
    high: float
    groups: tuple[Share, ...]

    @property
    def sentence(self) -> str:
        """For people."""
        tested_as = f"(attribution by {self.way}, LDS {self.lds:.2f}, {self.low:.2f} to {self.high:.2f})"
        if not self.groups:
            return f"Influenced: by no {self.by} clearly more than by none {tested_as}."
        named = "; ".join(
            f"{one.group} {100 * one.share.value:.0f} % ({100 * one.share.low:.0f} to "
            f"{100 * one.share.high:.0f})"
            for one in self.groups[:3]
        )
        return f"Influenced, by {self.by}: {named} {tested_as}."


def shares(row: Floats, of: Passages, groups: Sequence[str], *, seed: int) -> tuple[Share, ...]:
    """Of one content with (N,) counts: groups that count for it, where their 90 % interval lies above 0. The
    passages of each group are drawn anew."""
    g = rng.for_(seed, "influence-shares")

    def of_groups(at: npt.NDArray[np.int64]) -> Floats:
        totals = np.bincount(of.group[at], (row * of.units)[at], len(groups))
        positive = np.maximum(totals, 0.0).sum()
        return np.asarray(totals / positive if positive > 0 else totals)

    members = [np.flatnonzero(of.group == k) for k in range(len(groups))]
    value = of_groups(np.arange(len(row)))
    drawn = np.stack(
        [
            of_groups(np.concatenate([one[g.integers(0, len(one), len(one))] for one in members if len(one)]))
            for _ in range(DRAWS)
        ]
    )
    low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
    found = [
        Share(name, Figure(float(v), float(a), float(b), len(one), "share"))
        for name, v, a, b, one in zip(groups, value, low, high, members, strict=True)
        if a > 0.0 and len(one) > 1
    ]
    return tuple(sorted(found, key=lambda one: -one.share.value))
