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
KS = 1.63  # times the deviation, which two samples of one kind are apart in one case of a hundred


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
    whole = sum(size for row, size in sizes if row.get(key))
    held = sum(size for row, size in sizes if row.get(key) == value) / max(1, whole)
    if len(takes) < AUDIT.least_takes:
        return Row(
            name, "unknown", f"{percent(held)} of the collection; too few takes could be made in the time."
        )
    counted, neither = _count(key, value, takes, train, unseen, seed)
    if counted.tells < AUDIT.tells:
        return Row(
            name,
            "unknown",
            f"{percent(held)} of the collection. In takes it cannot be told: a classifier of what can be "
            f"seen from outside finds {percent(counted.found / counted.members)} of held-out works that have "
            f"it, and takes {percent(1 - counted.passed / counted.others)} of the others for such.",
        )
    found, low, high = share(counted, seed=seed)
    # called so more seldom than works that are not, or more often than works that are: no share explains that
    if high <= 0.0 or low >= 1.0 or neither:
        return Row(
            name,
            "unknown",
            f"{percent(held)} of the collection. In takes it cannot be told: they are unlike works that have "
            "it and unlike works that do not.",
        )
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


def shown(
    key: str, value: str, takes: Floats, train: Described, unseen: Described, seed: int
) -> Figure | None:
    """The share of takes that show a value, corrected; None where it cannot be told."""
    counted, neither = _count(key, value, takes, train, unseen, seed)
    found, low, high = share(counted, seed=seed)
    if counted.tells < AUDIT.tells or neither or high <= 0.0 or low >= 1.0:
        return None
    return Figure(found, low, high, len(takes), "share of takes")


def _count(
    key: str, value: str, takes: Floats, train: Described, unseen: Described, seed: int
) -> tuple[Counted, bool]:
    """What a classifier calls so among takes, and among works of which it is known; and whether takes are
    like neither."""
    known = unseen.values(key)
    members, others = known == value, (known != value) & (known != "")
    said = train.values(key) != ""
    learned = Described(train.features[said], [row for row in train.about if row.get(key)]).some(
        AUDIT.features
    )
    x, y = learned.features, (learned.values(key) == value).astype(np.float64)
    cut = _cut(x, y, seed)
    takes_at, members_at, others_at = (
        classifier.logits(x, y, some) for some in (takes, unseen.features[members], unseen.features[others])
    )
    of_takes, of_members, of_others = (one > cut for one in (takes_at, members_at, others_at))
    counted = Counted(
        int(of_takes.sum()),
        len(takes),
        int(of_members.sum()),
        len(of_members),
        int((~of_others).sum()),
        len(of_others),
    )
    return counted, _of_neither(takes_at, members_at, others_at)


def _of_neither(takes: Floats, members: Floats, others: Floats) -> bool:
    """Whether no mixture of members and others has logits like those of takes: then what the classifier gets
    wrong on works says nothing of takes (the assumption of label shift: Z. Lipton et al. 2018, arXiv
    1802.03916). The nearest mixture by the distance of Kolmogorov and Smirnov, at a level of 1 %."""
    at = np.sort(np.concatenate([takes, members, others]))

    def below(values: Floats) -> Floats:
        return np.searchsorted(np.sort(values), at, side="right") / len(values)

    of, one, other = below(takes), below(members), below(others)
    shares = np.linspace(0.0, 1.0, 101)
    far = np.array([float(np.abs(of - (w * one + (1 - w) * other)).max()) for w in shares])
    usual = np.sqrt(1 / len(takes) + shares**2 / len(members) + (1 - shares) ** 2 / len(others))
    return bool((far > KS * usual).all())


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
