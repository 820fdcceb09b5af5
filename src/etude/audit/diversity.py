"""How varied are its takes? Coverage of held-out works, and how alike takes are among each other, beside the
same figures for training works in the place of takes.

Both are figures of nearest neighbours, which grow with the number of examples: takes and the works that stand
for them are equally many. Intervals come from half-samples without replacement, since drawing an example
twice would make it its own neighbour. Coverage follows Naeem et al. 2020 (arXiv 2002.09797). Knows no model
and no medium."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.audit.report import Row, Section, Verdict, percent, worst
from etude.config.audit import AUDIT
from etude.stats.figure import Figure, wilson
from etude.stats.kernel_distance import coverage

Floats = npt.NDArray[np.float64]
DIRECTIONS = 32  # of features that coverage is measured along


def diversity(
    takes: Floats, train: Floats, held_out: Floats, different: int, made: int, *, seed: int, passages: str
) -> Section:
    """The section. Features (N, D) of takes, of training works and of held-out works, cut into passages of
    the takes' size where works are long; `different` of `made` takes are not the same as another; `passages`:
    what a row of features is ('works', 'passages')."""
    rows = (
        _same(different, made),
        _covered(takes, train, held_out, seed, passages),
        _alike(takes, held_out, seed, passages),
    )
    verdict = worst(rows)
    bad = {row.name for row in rows if row.verdict == "concern"}
    if bad:
        found = ["are more alike than your works are"] if bad - {"Coverage"} else []
        found += ["leave out kinds of works that your collection has"] if "Coverage" in bad else []
        answer = f"Its takes {' and '.join(found)}."
    elif verdict == "good":
        known = all(row.verdict == "good" for row in rows)
        answer = (
            "Its takes are as varied as your works."
            if known
            else "Its takes differ from each other; too few works are held out to say more."
        )
    else:
        answer = "Too few takes or held-out works to tell."
    return Section("Diversity", "How varied are its takes?", verdict, answer, rows)


def _same(different: int, made: int) -> Row:
    name = "Identical takes"
    if made < 2:
        return Row(name, "unknown", f"Only {made} take could be made in the time.")
    again = made - different
    middle, half = wilson(again / made, made)
    figure = Figure(again / made, max(0.0, middle - half), min(1.0, middle + half), made, "share of takes")
    if again:
        return Row(name, "concern", f"{again} of {made} takes are the same as another.", figure)
    return Row(name, "good", f"All {made} takes are different.", figure)


def _covered(takes: Floats, train: Floats, held_out: Floats, seed: int, passages: str) -> Row:
    name = "Coverage"
    n = min(len(takes), len(train))
    if len(held_out) < AUDIT.held_out_needed or n < AUDIT.least_takes:
        return Row(name, "unknown", _few(n, len(held_out), AUDIT.held_out_needed, passages))
    g = rng.for_(seed, "audit-coverage")
    # along the directions in which works differ most: in all of them a blend lies near everything
    mean, axes = train.mean(0), np.linalg.svd(train - train.mean(0), full_matrices=False)[2][:DIRECTIONS].T
    others = train[np.sort(g.permutation(len(train))[:n])]
    works, own, others = (np.asarray((x - mean) @ axes) for x in (held_out, takes[:n], others))
    figure, floor, low = _beside(coverage, works, own, others, g, "share of held-out " + passages)
    said = (
        f"{percent(figure.value)} of held-out {passages} have a take near them; with {n} training {passages} "
        f"in the place of the takes it is {percent(floor.value)}."
    )
    verdict: Verdict = "concern" if low < 0.0 else "good"
    if verdict == "concern":
        said += " Kinds of works are missing among the takes."
    return Row(name, verdict, said, figure, floor, f"training {passages} in the place of takes")


def _alike(takes: Floats, held_out: Floats, seed: int, passages: str) -> Row:
    name = "Likeness among takes"
    n = min(len(takes), len(held_out))
    if n < AUDIT.least_takes:
        return Row(name, "unknown", _few(len(takes), len(held_out), AUDIT.least_takes, passages))
    g = rng.for_(seed, "audit-alike")
    own = takes[np.sort(g.permutation(len(takes))[:n])]
    works = held_out[np.sort(g.permutation(len(held_out))[:n])]
    a, b = nearest_likeness(own), nearest_likeness(works)
    mine, usual = (_spread(nearest_likeness, x, g) for x in (own, works))
    unit = "likeness to the nearest other"
    figure = Figure(a, a + _low(mine), a + _high(mine), n, unit)
    floor = Figure(b, b + _low(usual), b + _high(usual), n, unit)
    over = a - b + float(np.quantile(_centred(mine) - _centred(usual), 0.05))
    said = (
        f"A take and the other take most like it share {percent(a)}; of {n} held-out {passages} it is "
        f"{percent(b)}."
    )
    if over > 0.0:
        return Row(name, "concern", f"{said} Takes are more alike than works.", figure, floor, _WORKS)
    return Row(name, "good", f"{said} Takes are no more alike than works.", figure, floor, _WORKS)


_WORKS = "held-out works among each other"


def nearest_likeness(x: Floats) -> float:
    """The mean cosine of each example (N, D) of unit length with the other one most like it."""
    close = x @ x.T
    np.fill_diagonal(close, -np.inf)
    return float(close.max(1).mean())


def _beside(
    of: Callable[[Floats, Floats], float],
    works: Floats,
    own: Floats,
    others: Floats,
    g: np.random.Generator,
    unit: str,
) -> tuple[Figure, Figure, float]:
    """The figure of takes and that of works in their place, and the upper end of the interval of what the
    first is larger by, on the same half-samples."""
    a, b = of(works, own), of(works, others)
    found = np.empty((AUDIT.draws, 2))
    half = max(2, len(own) // 2)
    for i in range(AUDIT.draws):
        some = works[g.choice(len(works), len(works) // 2, replace=False)]
        found[i] = [of(some, x[g.choice(len(x), half, replace=False)]) for x in (own, others)]
    drawn = found - found.mean(0)
    figures = [
        Figure(v, max(0.0, v + _low(d)), min(1.0, v + _high(d)), len(works), unit)
        for v, d in ((a, drawn[:, 0]), (b, drawn[:, 1]))
    ]
    return figures[0], figures[1], a - b + float(np.quantile(drawn[:, 0] - drawn[:, 1], 0.95))


def _spread(of: Callable[[Floats], float], x: Floats, g: np.random.Generator) -> Floats:
    """The figure of half-samples."""
    half = max(2, len(x) // 2)
    return np.array([of(x[g.choice(len(x), half, replace=False)]) for _ in range(AUDIT.draws)])


def _centred(x: Floats) -> Floats:
    return np.asarray(x - x.mean())


def _low(x: Floats) -> float:
    return float(np.quantile(_centred(x), 0.05))


def _high(x: Floats) -> float:
    return float(np.quantile(_centred(x), 0.95))


def _few(takes: int, held_out: int, needed: int, passages: str) -> str:
    if takes < AUDIT.least_takes:
        return (
            f"Only {takes} takes could be made in the time; {AUDIT.least_takes} are needed. "
            "Give --seconds more."
        )
    return f"Not enough works: {held_out} {passages} are held out, and {needed} are needed."
