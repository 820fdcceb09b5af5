"""Does it copy? Takes beside the works that the model learned from, each figure beside the same one for works
that it never saw.

Five tests, since none sees everything: duplicates (by what keeps near-duplicates together when works are
added), the longest run that is the same unit for unit, near-copies by a conformal p-value (Bates et al.
2021), and what works cost that were learned from beside works that were not. Distance tests are detectors of
copies and no claim of privacy ("The DCR Delusion", arXiv 2505.01524). Knows no model and no medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.audit.report import Plot, Row, Section, Verdict, percent, worst
from etude.config.audit import AUDIT
from etude.config.trust import TRACE
from etude.families.verdict import HOLDS, OVERFITTED
from etude.stats.conformal import as_many, by_chance, flagged
from etude.stats.figure import Figure, wilson
from etude.stats.more_often import more_often
from etude.stats.plot import Curve, draw

Values = npt.NDArray[np.floating]
LEVEL = 0.05  # of false alarms


@dataclass(frozen=True)
class Near:
    """How near each take (n,) is to the work nearest to it, and each held-out passage (h,) of `works` works
    to the training work nearest to it. Greater is nearer, 1 is the same."""

    takes: Values
    usual: Values
    works: int


@dataclass(frozen=True)
class Duplicates:
    """Near-duplicates: how many takes are one of a work that the model knows (`families`: of works that have
    near-duplicates among the others, too), how many of `of` held-out works or passages are, and how many of
    `among` works have one among the others."""

    takes: int
    families: int = 0
    held_out: int = 0
    of: int = 0
    works: int = 0
    among: int = 0


@dataclass(frozen=True)
class Runs:
    """The longest run that each take (n,) and each held-out passage (h,) of about its size shares with a
    training work, in `unit`s ('words')."""

    takes: Values
    usual: Values
    unit: str


def copying(
    n: int,
    duplicates: Duplicates,
    near: Near,
    runs: Runs | None,
    fit: tuple[Figure, Figure] | None,
    held_out: int,
    *,
    blended: Row | None = None,
    seed: int,
) -> Section:
    """The section. `n` takes, with their `duplicates`; `fit`: what works cost
    that were learned from, and what works cost that were not; `held_out` works; `blended`: see `blends`."""
    rows = tuple(
        row
        for row in (
            _duplicates(n, duplicates),
            _runs(runs, seed),
            _near(near, seed),
            blended,
            _fit(fit, held_out),
        )
        if row is not None
    )
    verdict = worst(rows)
    return Section("Copying", "Does it copy?", verdict, _answer(rows, verdict), rows, _plots(near))


def _answer(rows: Sequence[Row], verdict: Verdict) -> str:
    bad = [row.name.lower() for row in rows if row.verdict == "concern"]
    unknown = [row.name.lower() for row in rows if row.verdict == "unknown"]
    beside = f" Not tested, for want of works or takes: {', '.join(unknown)}." if unknown else ""
    if "overfitting" in bad:
        more = " Its takes show it." if len(bad) > 1 else ""
        return f"It is overfitted: it knows its own works far better than others.{more}{beside}"
    if bad:
        return (
            f"It copies more than chance allows ({', '.join(bad)}). Look at the trace of each take that you "
            f"keep.{beside}"
        )
    if verdict == "unknown":
        return "Too few works are held out to tell."
    return f"Its takes are no nearer to your works than works that it never saw are.{beside}"


def _duplicates(n: int, found: Duplicates) -> Row:
    """A concern wherever there are any, unless held-out works are as often like works that were known."""
    name = "Duplicates"
    if n < AUDIT.least_takes:
        return Row(name, "unknown", _few_takes(n))
    figure, floor = _share(found.takes, n, "share of takes"), None
    said = f"None of {n} takes is a near-duplicate of a work that it knows."
    if found.takes:
        said = (
            f"{found.takes} of {n} takes are so like a work that it knows that Etude would call them "
            "near-duplicates."
        )
    if found.of:
        floor = _share(found.held_out, found.of, "share of held-out works")
        said += f" Of {found.of} held-out works or passages {_counted(found.held_out)}"
        said += " (near-duplicates are kept on one side of the split)." if not found.held_out else "."
    if found.takes and found.among and found.works:
        said += (
            f" {found.works} of {found.among} works have a near-duplicate among the others: motifs that come "
            f"in families are learned most often, and {found.families} of these takes are like one of those."
        )
    usual = found.held_out and more_often(found.takes, n, found.held_out, found.of) > LEVEL
    verdict: Verdict = "good" if not found.takes else "told" if usual else "concern"
    return Row(name, verdict, said, figure, floor, "held-out works")


def _counted(count: int) -> str:
    return "none is" if not count else "1 is" if count == 1 else f"{count} are"


def _share(count: int, n: int, unit: str) -> Figure:
    middle, half = wilson(count / n, n)
    return Figure(count / n, max(0.0, middle - half), min(1.0, middle + half), n, unit)


def _runs(runs: Runs | None, seed: int) -> Row | None:
    """None where a medium has no runs to count."""
    name = "Long runs"
    if runs is None:
        return None
    if len(runs.takes) < AUDIT.least_takes or len(runs.usual) < TRACE.held_out_needed:
        return Row(name, "unknown", _few(len(runs.takes), len(runs.usual)))
    g = rng.for_(seed, "audit-runs")
    figure = flagged(runs.takes, runs.usual, TRACE.alpha, g, AUDIT.draws)
    chance = by_chance(TRACE.alpha, len(runs.usual))
    (own, longest), (other, usual) = ((int(np.median(x)), int(x.max())) for x in (runs.takes, runs.usual))
    said = (
        f"The longest run that a take shares with a training work has {own} {runs.unit} in the middle, and "
        f"{longest} at most; for passages of held-out works these are {other} and {usual}."
    )
    verdict: Verdict = "concern" if _too_many(figure, len(runs.usual)) else "good"
    return Row(
        name,
        verdict,
        said,
        figure,
        _chance(chance, len(runs.usual)),
        "by chance: runs longer than 95 % of held-out passages have",
    )


def _near(near: Near, seed: int) -> Row:
    name = "Near-copies"
    if len(near.takes) < AUDIT.least_takes or len(near.usual) < TRACE.held_out_needed:
        return Row(name, "unknown", _few(len(near.takes), len(near.usual)))
    g = rng.for_(seed, "audit-near")
    figure = flagged(near.takes, near.usual, TRACE.alpha, g, AUDIT.draws)
    chance = by_chance(TRACE.alpha, len(near.usual))
    count, expected = round(figure.value * figure.n), chance * figure.n
    said = (
        f"{count} of {figure.n} takes are nearer to a training work than 95 % of held-out works are; "
        f"{expected:.1f} are expected by chance."
    )
    over = _too_many(figure, len(near.usual))
    if over:
        said += f" About {percent(max(0.0, figure.value - chance))} of the takes are near-copies."
    return Row(
        name,
        "concern" if over else "good",
        said,
        figure,
        _chance(chance, len(near.usual)),
        "by chance: a take as ordinary as held-out works",
    )


def _too_many(figure: Figure, usual: int) -> bool:
    """Whether so many flagged takes come of chance in one audit of twenty at most: exactly, since an interval
    around the share is only about right."""
    return as_many(round(figure.value * figure.n), figure.n, usual, TRACE.alpha) <= LEVEL


def _fit(fit: tuple[Figure, Figure] | None, held_out: int) -> Row:
    name = "Overfitting"
    if fit is None or fit[1].value <= 0:
        return Row(
            name, "unknown", f"It was not measured when the model was trained ({held_out} works held out)."
        )
    seen, unseen = fit
    share = seen.value / unseen.value
    beside = (
        f"Its loss is {seen.value:.3g} {seen.unit} on training works and "
        f"{unseen.value:.3g} on held-out works (lower is better)."
    )
    clear = seen.high < unseen.low
    if share < OVERFITTED and clear:
        return Row(name, "concern", f"{beside} It is overfitted.", seen, unseen, "held-out works")
    if share < HOLDS and clear:
        said = f"{beside} It is partly overfitted: more works help more than more minutes."
        return Row(name, "told", said, seen, unseen, "held-out works")
    return Row(
        name,
        "good",
        f"{beside} It predicts both about equally well.",
        seen,
        unseen,
        "held-out works",
    )


def _chance(chance: float, n: int) -> Figure:
    return Figure(chance, chance, chance, n, "share of held-out works")


def _few_takes(n: int) -> str:
    return f"Only {n} takes could be made in the time; {AUDIT.least_takes} are needed. Give --seconds more."


def _few(takes: int, usual: int) -> str:
    if takes < AUDIT.least_takes:
        return _few_takes(takes)
    return (
        f"Not enough works are held out: {usual} can be compared with, and {TRACE.held_out_needed} "
        "are needed before chance can be told from copying."
    )


def _plots(near: Near) -> tuple[Plot, ...]:
    """How near takes and held-out works are, as two falling lines."""
    if len(near.usual) < TRACE.held_out_needed or len(near.takes) < AUDIT.least_takes:
        return ()
    at = np.linspace(0.0, 1.0, 101)

    def nearer(values: Values) -> npt.NDArray[np.float64]:
        return np.asarray(100.0 * (values[None, :] >= at[:, None]).mean(1))

    curves = [
        Curve("takes", 100 * at, nearer(near.takes)),
        Curve("held-out works", 100 * at, nearer(near.usual)),
    ]
    title = "How near to a training work: takes, and works that the model never saw"
    svg = draw(
        curves, title=title, across="likeness to the nearest training work, in %", up="% so near", fmt="svg"
    )
    words = (
        "Where the first line runs to the right of the second, takes are nearer to works than chance allows."
    )
    return (Plot(title, words, svg.decode()),)
