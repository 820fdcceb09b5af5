"""How good are its takes? What can be measured of takes and of works that the model never saw alike: how far
apart they are, whether a classifier tells them apart, whether takes lie where works lie, and what people
count in them.

Nothing here asks the model's own critic. Distance and classifier are judged by drawing labels anew
(`stats/two_samples.py`), with training works in the place of takes as the noise floor; density follows Naeem
et al. 2020 (arXiv 2002.09797, eq. 4). A verdict is a concern by chance in one audit of twenty. None of it
measures what a reader, listener or viewer would say. Knows no model and no medium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.audit.report import Row, Section, percent, worst
from etude.config.audit import AUDIT
from etude.stats import two_samples
from etude.stats.figure import Figure
from etude.stats.groups_differ import Differ, differ
from etude.stats.two_samples import Apart

Floats = npt.NDArray[np.float64]
# Of false alarms of the section: half for distance, classifier and density, half for what is counted
LEVEL = 0.05
SMALL = 0.2  # standard deviations of works: a difference that hardly anybody notices (J. Cohen 1988)
NEIGHBOURS = 5


@dataclass(frozen=True)
class Looked:
    """Cases of one size: features (N, D), what is counted in each, and the work that each is of."""

    features: Floats
    counted: Sequence[Mapping[str, float]]
    works: Sequence[str]

    def __len__(self) -> int:
        return len(self.works)


@dataclass(frozen=True)
class Predicts:
    """What works cost the model that it never saw, and by how much two halves of them differ by chance."""

    unseen: Figure
    halves: Figure | None


def quality(
    takes: Looked, train: Looked, held_out: Looked, predicts: Predicts | None, *, seed: int, passages: str
) -> Section:
    """The section. `passages`: what a case of works is ('works', 'passages')."""
    rows: list[Row] = []
    if predicts is not None:
        rows.append(_predicts(predicts))
    rows += _apart(takes, train, held_out, seed, passages)
    counted = _counted(takes, held_out, passages)
    rows += counted
    verdict = worst(tuple(rows))
    bad = [row.name.lower() for row in counted if row.verdict == "concern"]
    told = any(row.verdict == "concern" for row in rows if row not in counted)
    if told or bad:
        answer = "Its takes can be told from your works." if told else "Its takes differ from your works."
        answer += f" They differ most in: {'; '.join(bad[:3])}." if bad else ""
    elif verdict == "good":
        answer = "By what is measured here its takes are like works that it never saw."
    else:
        answer = "Too few takes or held-out works to tell."
    return Section("Quality", "How good are its takes?", verdict, answer, tuple(rows))


def halves_differ(works: Mapping[str, Sequence[float]], unit: str, *, seed: int) -> Figure | None:
    """By how much the figures of two halves of works differ, each (sum, units): the middle of random
    divisions, and what nine of ten lie below. None for fewer than four works."""
    if len(works) < 4:
        return None
    table = np.array([list(works[work][:2]) for work in sorted(works)], float)
    g, found = rng.for_(seed, "audit-halves"), []
    for _ in range(AUDIT.draws):
        at = g.permutation(len(table))
        a, b = table[at[: len(at) // 2]].sum(0), table[at[len(at) // 2 :]].sum(0)
        if a[1] > 0 and b[1] > 0:
            found.append(abs(a[0] / a[1] - b[0] / b[1]))
    if not found:
        return None
    low, middle, high = (float(q) for q in np.quantile(found, [0.05, 0.5, 0.95]))
    return Figure(middle, low, high, len(table), unit)


def _predicts(of: Predicts) -> Row:
    unseen = of.unseen
    said = f"A work that it never saw costs it {unseen.value:.3g} {unseen.unit} (less is better)."
    if of.halves is not None:
        said += f" Between two halves of these works this differs by {of.halves.value:.2g} by chance alone."
    return Row("Prediction", "told", said, unseen, of.halves, "by how much two halves of these works differ")


def _apart(takes: Looked, train: Looked, held_out: Looked, seed: int, passages: str) -> list[Row]:
    """Distance, classifier and density, or the sentence that there are too few."""
    n = min(len(takes), len(train))
    if n < AUDIT.least_takes or len(held_out) < AUDIT.held_out_needed:
        return [Row("Takes beside works", "unknown", _few(len(takes), len(held_out), passages))]
    g = rng.for_(seed, "audit-quality")
    others = train.features[np.sort(g.permutation(len(train))[:n])]
    kernel = two_samples.gram(takes.features, held_out.features)
    plain = two_samples.gram(others, held_out.features)
    works = len(set(held_out.works))
    few = "" if works == len(held_out) else f" The {len(held_out)} passages are of {works} works."
    rows = []
    for name, of, unit, say in (
        ("Distance", two_samples.distance, "squared distance", _distance),
        ("Told apart", two_samples.told_apart, "of pairs told apart", _told),
    ):
        own = of(kernel, len(takes), g, AUDIT.relabelled)
        usual = of(plain, n, g, AUDIT.relabelled)
        # works among each other may be told apart too, where passages of few works are compared
        clear = own.p <= LEVEL / 4 and own.value > usual.high
        rows.append(
            Row(
                name,
                "concern" if clear else "good",
                say(own, usual, passages) + few,
                Figure(own.value, own.low, own.high, len(takes) + len(held_out), unit),
                Figure(usual.value, usual.low, usual.high, n + len(held_out), unit),
                f"training {passages} in the place of takes",
            )
        )
    return [*rows, _density(takes.features[:n], others, held_out.features, g, passages)]


def _chance(p: float) -> str:
    return f"chance alone gives as much in {'under 1' if p < 0.01 else f'{100 * p:.0f}'} of 100 cases"


def _distance(own: Apart, usual: Apart, passages: str) -> str:
    return (
        f"Takes and held-out {passages} are {own.value:.3g} apart; {_chance(own.p)}. Training and held-out "
        f"{passages} are {usual.value:.3g} apart (0: no difference)."
    )


def _told(own: Apart, usual: Apart, passages: str) -> str:
    return (
        f"A plain classifier finds the take in {100 * own.value:.0f} of 100 pairs of a take and one of the "
        f"held-out {passages} (50: it guesses); {_chance(own.p)}. Training and held-out {passages} it tells "
        f"apart in {100 * usual.value:.0f}."
    )


def density(works: Floats, made: Floats, k: int = NEIGHBOURS) -> float:
    """Of how many neighbourhoods of works one of `made` lies in, on average, where k would be usual; over k:
    1 where both are of one kind, 0 where takes lie where no works do."""
    square = (works * works).sum(1)
    inner = np.maximum(0.0, square[:, None] + square[None] - 2.0 * works @ works.T)
    reach = np.sort(inner, 1)[:, min(k, len(works) - 1)]
    far = np.maximum(0.0, (made * made).sum(1)[:, None] + square[None] - 2.0 * made @ works.T)
    return float((far <= reach[None]).sum(1).mean() / k)


def _density(own: Floats, others: Floats, works: Floats, g: np.random.Generator, passages: str) -> Row:
    a, b = density(works, own), density(works, others)
    drawn = np.empty((AUDIT.draws, 2))
    for i in range(AUDIT.draws):
        some = works[g.integers(0, len(works), len(works))]
        some = np.unique(some, axis=0)  # a work twice would be its own neighbour
        drawn[i] = [density(some, x[g.integers(0, len(x), len(x))]) for x in (own, others)]
    drawn -= drawn.mean(0)
    figures = [
        Figure(
            value,
            max(0.0, value + float(np.quantile(of, 0.05))),
            value + float(np.quantile(of, 0.95)),
            len(own),
            "density",
        )
        for value, of in ((a, drawn[:, 0]), (b, drawn[:, 1]))
    ]
    less = a - b + float(np.quantile(drawn[:, 0] - drawn[:, 1], 1.0 - LEVEL / 4)) < 0.0
    said = (
        f"Takes lie among works {a:.2f} times as densely as works would (1: as works do, 0: where no works "
        f"are); training {passages} {b:.2f}."
    )
    return Row(
        "Density",
        "concern" if less else "good",
        said,
        figures[0],
        figures[1],
        f"training {passages} in the place of takes",
    )


def _counted(takes: Looked, held_out: Looked, passages: str) -> list[Row]:
    """What people count, one row each."""
    names = list(dict.fromkeys(name for one in held_out.counted for name in one))
    found: list[tuple[str, Differ, float]] = []
    few = []
    for name in names:
        own = np.array([one[name] for one in takes.counted if name in one])
        at = [i for i, one in enumerate(held_out.counted) if name in one]
        works = np.array([held_out.counted[i][name] for i in at])
        if min(len(own), len(works)) < AUDIT.too_few:
            few.append(name)
            continue
        found.append((name, differ(own, works, [held_out.works[i] for i in at], ""), float(works.std())))
    rows = [_difference(*one, LEVEL / 2 / len(found), passages) for one in found]
    if few:
        said = f"Fewer than {AUDIT.too_few} takes or held-out {passages} have: {'; '.join(few)}."
        rows.append(Row("Too few to count", "unknown", said))
    return rows


def _difference(name: str, of: Differ, spread: float, level: float, passages: str) -> Row:
    first, second = of.first, of.second
    said = (
        f"{first.value:.3g} in takes ({first.low:.3g} to {first.high:.3g}), {second.value:.3g} in held-out "
        f"{passages} ({second.low:.3g} to {second.high:.3g})."
    )
    clear = of.p <= level
    noticed = clear and abs(of.more) > SMALL * spread
    if noticed:
        times = (
            ""
            if spread <= 0.0
            else f", by {abs(of.more) / spread:.1f} times what {passages} usually differ by"
        )
        said += f" Takes have clearly {'more' if of.more > 0 else 'less'}{times}."
    elif clear:
        said += f" A difference that is sure and small: {percent(abs(of.more) / spread)} of what {passages} "
        said += "usually differ by."
    else:
        said += " No clear difference."
    title = name[0].upper() + name[1:]
    return Row(title, "concern" if noticed else "good", said, first, second, f"held-out {passages}")


def _few(takes: int, held_out: int, passages: str) -> str:
    if takes < AUDIT.least_takes:
        return (
            f"Only {takes} takes could be made in the time; {AUDIT.least_takes} are needed. "
            "Give --seconds more."
        )
    return (
        f"Not enough works: {held_out} {passages} are held out, and {AUDIT.held_out_needed} are needed "
        "before a distance or a classifier says anything."
    )
