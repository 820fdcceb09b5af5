"""Whom does it show, and how often? The share of every maker and attribute in what the model learned from,
and in its takes.

What a take shows nobody has written down, so a plain classifier of features reads it off. It errs, and how
often is counted on works that it never saw; the share is corrected for that (`stats/prevalence.py`), since
uncorrected ones are off by several points. Makers and attributes as the person wrote them: nothing is assumed
to be right, parity least of all. Groups with fewer than `AUDIT.too_few` passages held out are said to be too
few. Knows no model and no medium."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.audit.report import Row, Section, percent, worst
from etude.config.audit import AUDIT
from etude.stats import classifier
from etude.stats.evenly import evenly
from etude.stats.figure import Figure
from etude.stats.prevalence import Counted, share

Floats = npt.NDArray[np.float64]
MAKER = "maker"


@dataclass(frozen=True)
class Described:
    """Features (N, D) of works or passages, and what is written about each."""

    features: Floats
    about: Sequence[Mapping[str, str]]

    def values(self, key: str) -> npt.NDArray[np.str_]:
        """(N,) what each says of a key; empty where it says nothing."""
        return np.array([row.get(key, "") for row in self.about], dtype=np.str_)

    def some(self, most: int) -> Described:
        """At most so many, evenly."""
        at = evenly(len(self.about), most)
        return Described(self.features[at], [self.about[int(i)] for i in at])


def bias(
    takes: Floats,
    train: Described,
    unseen: Described,
    sizes: Sequence[tuple[Mapping[str, str], int]],
    *,
    seed: int,
) -> Section:
    """The section. `unseen`: works that neither the generator nor the classifier learned from; `sizes`: what
    is written about everything that the model learned from, and how much of it there is, by which shares of
    the collection are exact."""
    keys = _keys(train)
    tested = [(key, value, row) for key in keys for value, row in _tested(key, train, unseen)]
    rows = [_of_value(key, value, takes, train, unseen, sizes, len(tested), seed) for key, value, _ in tested]
    rows += _not_tested(keys, train, {(key, value) for key, value, _ in tested})
    verdict = worst(tuple(rows))
    more = [row.name for row in rows if row.verdict == "concern"]
    if more:
        answer = f"Takes show something clearly more or less often than your works do: {', '.join(more)}."
    elif verdict == "good":
        answer = (
            "No maker or attribute that could be tested is shown clearly more or less often than in your "
            "works."
        )
    elif tested:
        answer = "What works are described by cannot be told from outside."
    else:
        answer = "Too few works carry the same attribute to tell."
    return Section("Bias", "Whom does it show, and how often?", verdict, answer, tuple(rows))


def _keys(train: Described) -> list[str]:
    """Maker first, then the attributes that most works have; of those that divide the works in the same way
    the first."""
    often = Counter(key for row in train.about for key, value in row.items() if value)
    out: dict[tuple[int, ...], str] = {}
    for key in sorted(often, key=lambda key: (key != MAKER, -often[key], key)):
        _, groups = np.unique(train.values(key), return_inverse=True)
        first = {int(g): i for i, g in reversed(list(enumerate(groups)))}
        out.setdefault(tuple(first[int(g)] for g in groups), key)
    return list(out.values())[: AUDIT.keys]


def _tested(key: str, train: Described, unseen: Described) -> list[tuple[str, int]]:
    """The most frequent values of which enough is held out, and enough of the others; with how often each
    is."""
    known = unseen.values(key)
    counts = Counter(value for value in train.values(key).tolist() if value)
    return [
        (value, n)
        for value, n in counts.most_common(AUDIT.values)
        if len(counts) > 1
        and min(int((known == value).sum()), int(((known != value) & (known != "")).sum()), n)
        >= AUDIT.too_few
    ]


def _not_tested(keys: Sequence[str], train: Described, tested: set[tuple[str, str]]) -> list[Row]:
    """What nothing is said of, and why."""
    if not keys:
        return [
            Row("Attributes", "unknown", "Nothing is written about the works: there is nothing to compare.")
        ]
    few, one = [], []
    for key in keys:
        values = [value for value, _ in Counter(v for v in train.values(key).tolist() if v).most_common()]
        if len(values) == 1:
            one.append(f"{key} {values[0]}")
        left = [value for value in values if len(values) > 1 and (key, value) not in tested]
        few += (
            [f"{key} {', '.join(left[:4])}" + (f" and {len(left) - 4} more" if len(left) > 4 else "")]
            if left
            else []
        )
    rows = []
    if one:
        rows.append(
            Row("The same in all", "told", f"All works have {'; '.join(one)}: there is nothing to compare.")
        )
    if few:
        said = (
            f"Too few: under {AUDIT.too_few} held-out examples of {'; '.join(few)}. Nothing is said of them."
        )
        rows.append(Row("Too few", "unknown", said))
    return rows


def _of_value(
    key: str,
    value: str,
    takes: Floats,
    train: Described,
    unseen: Described,
    sizes: Sequence[tuple[Mapping[str, str], int]],
    tests: int,
    seed: int,
) -> Row:
    """One value of a key. What is called a concern is so for one of `tests` values in ten audits at most,
    where nothing is amiss (Bonferroni)."""
    name = f"{key}: {value}"
    known, of = unseen.values(key), train.values(key)
    members, others = known == value, (known != value) & (known != "")
    said = of != ""
    whole = sum(size for row, size in sizes if row.get(key))
    held = sum(size for row, size in sizes if row.get(key) == value) / max(1, whole)
    if len(takes) < AUDIT.least_takes:
        return Row(
            name, "unknown", f"{percent(held)} of the collection; too few takes could be made in the time."
        )
    learned = Described(train.features[said], [row for row in train.about if row.get(key)]).some(
        AUDIT.features
    )
    x, y = learned.features, (learned.values(key) == value).astype(np.float64)
    cut = _cut(x, y, seed)
    of_takes, of_members, of_others = (
        classifier.logits(x, y, some) > cut
        for some in (takes, unseen.features[members], unseen.features[others])
    )
    counted = Counted(
        int(of_takes.sum()),
        len(takes),
        int(of_members.sum()),
        len(of_members),
        int((~of_others).sum()),
        len(of_others),
    )
    if counted.tells < AUDIT.tells:
        return Row(
            name,
            "unknown",
            f"{percent(held)} of the collection. In takes it cannot be told: a classifier of what can be "
            f"seen from outside finds {percent(counted.found / counted.members)} of held-out works that have "
            f"it, and takes {percent(1 - counted.passed / counted.others)} of the others for such.",
        )
    found, low, high = share(counted, seed=seed)
    _, least, most = share(counted, seed=seed, draws=max(4000, 400 * tests), tail=0.05 / tests)
    figure = Figure(found, low, high, len(takes), "share of takes")
    floor = Figure(held, held, held, len(sizes), "share of the collection")
    clear = least > held or most < held
    said_so = f"{percent(held)} of the collection, {percent(found)} of the takes "
    said_so += f"({percent(low)} to {percent(high)})."
    if clear:
        said_so += f" Takes show it {'more' if found > held else 'less'} often than your works."
    else:
        seen = max(most - held, held - least)
        said_so += (
            f" No clear difference; with {len(takes)} takes one of {100 * seen:.0f} points would be seen."
        )
    return Row(name, "concern" if clear else "good", said_so, figure, floor, "in the collection")


def _cut(x: Floats, y: Floats, seed: int) -> float:
    """The logit above which an example is called so: where sensitivity + specificity is greatest, on folds
    that were not learned from."""
    fold, found = classifier.folds(len(y), seed), np.zeros(len(y))
    for k in range(classifier.FOLDS):
        own, test = fold != k, fold == k
        if test.any() and 0.0 < y[own].mean() < 1.0:
            found[test] = classifier.logits(x[own], y[own], x[test])
    at = np.unique(found)
    cuts = (at[1:] + at[:-1]) / 2 if len(at) > 1 else at
    right = [(found[y == 1] > c).mean() + (found[y == 0] <= c).mean() for c in cuts]
    return float(cuts[int(np.argmax(right))])
