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

from etude.audit.report import Row, Section, Verdict, percent, worst
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


def bias(takes: Floats, train: Described, unseen: Described, *, seed: int) -> Section:
    """The section. `unseen`: works that neither the generator nor the classifier learned from."""
    rows: list[Row] = []
    for key in _keys(train):
        rows += _of_key(key, takes, train, unseen, seed)
    if not rows:
        rows = [
            Row(
                "Attributes",
                "unknown",
                "Works have one maker and no attributes: there is nothing to compare.",
            )
        ]
    verdict = worst(tuple(rows))
    more = [row.name for row in rows if row.verdict == "concern"]
    if more:
        answer = f"Takes show something clearly more or less often than your works do: {', '.join(more)}."
    elif verdict == "good":
        answer = (
            "No maker or attribute that could be tested is shown clearly more or less often than in your "
            "works."
        )
    else:
        answer = "Too few works carry the same attribute to tell."
    return Section("Bias", "Whom does it show, and how often?", verdict, answer, tuple(rows))


def _keys(train: Described) -> list[str]:
    """Maker first, then the attributes that most works have."""
    often = Counter(key for row in train.about for key, value in row.items() if value)
    return sorted(often, key=lambda key: (key != MAKER, -often[key], key))[: AUDIT.keys]


def _of_key(key: str, takes: Floats, train: Described, unseen: Described, seed: int) -> list[Row]:
    values = train.values(key)
    counts = Counter(value for value in values.tolist() if value)
    if len(counts) < 2:
        only = next(iter(counts), "")
        return [
            Row(
                f"{key}: {only}",
                "told",
                f"All works have the same {key}: {only}. There is nothing to compare.",
            )
        ]
    rows: list[Row] = []
    few: list[str] = []
    for value, _ in counts.most_common(AUDIT.values):
        row = _of_value(key, value, takes, train, unseen, seed)
        if row is None:
            few.append(value)
        else:
            rows.append(row)
    few += [value for value, _ in counts.most_common()[AUDIT.values :] if value]
    if few:
        named = ", ".join(few[:8]) + (f" and {len(few) - 8} more" if len(few) > 8 else "")
        said = f"Too few: under {AUDIT.too_few} held-out examples of {named}. Nothing is said of them."
        rows.append(Row(f"{key}: others", "unknown", said))
    return rows


def _of_value(
    key: str, value: str, takes: Floats, train: Described, unseen: Described, seed: int
) -> Row | None:
    """None where too few are held out."""
    known, of = unseen.values(key), train.values(key)
    members, others = known == value, (known != value) & (known != "")
    if min(int(members.sum()), int(others.sum()), int((of == value).sum())) < AUDIT.too_few:
        return None
    said = of != ""
    held = float((of[said] == value).mean())  # exact: of what the model learned from
    name = f"{key}: {value}"
    if len(takes) < AUDIT.least_takes:
        return Row(
            name, "unknown", f"{percent(held)} of the collection; too few takes could be made in the time."
        )
    learned = Described(train.features[said], [row for row in train.about if row.get(key)]).some(
        AUDIT.features
    )
    x, y = learned.features, (learned.values(key) == value).astype(np.float64)
    if not 0.0 < y.mean() < 1.0:
        return None
    cut = _cut(x, y, seed)
    called = [
        classifier.logits(x, y, some) > cut
        for some in (takes, unseen.features[members], unseen.features[others])
    ]
    counted = Counted(
        int(called[0].sum()),
        len(takes),
        int(called[1].sum()),
        len(called[1]),
        int((~called[2]).sum()),
        len(called[2]),
    )
    if counted.tells < AUDIT.tells:
        return Row(
            name,
            "unknown",
            f"{percent(held)} of the collection. In takes it cannot be told: a classifier of what can be "
            f"seen from outside finds {percent(counted.found / counted.members)} of held-out works that have "
            f"it, and takes {percent(1 - counted.passed / counted.others)} of the others for such.",
        )
    found, low, high = share(counted, seed=seed, draws=AUDIT.draws * 5)
    figure = Figure(found, low, high, len(takes), "share of takes")
    floor = Figure(held, held, held, int(said.sum()), "share of the collection")
    more = low > held or high < held
    verdict: Verdict = "concern" if more else "good"
    said_so = f"{percent(held)} of the collection, {percent(found)} of the takes "
    said_so += f"({percent(low)} to {percent(high)})."
    if more:
        times = "more" if found > held else "less"
        said_so += f" Takes show it {times} often than your works."
    else:
        least = max(high - held, held - low)
        said_so += (
            f" No clear difference; with {len(takes)} takes one of {100 * least:.0f} points would be seen."
        )
    return Row(name, verdict, said_so, figure, floor, "in the collection")


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
