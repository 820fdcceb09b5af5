"""Takes in the shares that a person sets: how many of them are asked for each value of a condition of the
model.

Nothing is chosen afterwards: the model is asked for each value as with `--like`, so that a share is exact as
far as the model does what it is asked. Whether it does, `etude audit --share` measures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from etude.curate.coverage import targets_of
from etude.errors import ModelError
from etude.families.manner import conditions
from etude.store.models import ModelInfo
from etude.workspace.core import Workspace


@dataclass(frozen=True)
class Quota:
    """The shares that values of `key` are to have among takes; they sum to 1."""

    key: str
    shares: Mapping[str, float]

    def of(self, n: int) -> dict[str, int]:
        """How many of n takes each value gets: whole numbers, the largest remainders rounded up."""
        exact = {value: share * n for value, share in self.shares.items()}
        counts = {value: int(number) for value, number in exact.items()}
        order = sorted(exact, key=lambda value: (counts[value] - exact[value], value))
        for value in order[: n - sum(counts.values())]:
            counts[value] += 1
        return {value: count for value, count in counts.items() if count}


def quota_of(ws: Workspace, model: ModelInfo, said: str) -> Quota:
    """What a person said (KEY=parity, or KEY=VALUE:SHARE[,VALUE:SHARE]) of a model. What is not named shares
    the rest as among the works that were learned from. Raises ProjectError for what makes no sense,
    ModelError for what the model cannot be asked for."""
    key, equals, rest = said.partition("=")
    target = targets_of([f"{key}{equals}{one}" for one in rest.split(",")]) if equals else targets_of([said])
    by = next(iter(target))
    known = conditions(model.header)
    see = f"See: etude models info {quote(model.id)}"
    if by not in known:
        can = ", ".join(known) or "nothing"
        raise ModelError(f"This model cannot be asked for '{by}' (it can for: {can}).", see)
    named: dict[str, float] = {}
    for value, share in target[by].items():
        fits = [one for one in known[by] if one.casefold() == value.casefold()]
        if not fits:
            raise ModelError(f"No training work of this model has {by}={value}.", see)
        named[fits[0]] = share
    if not named:
        return Quota(by, dict.fromkeys(known[by], 1.0 / len(known[by])))
    usual = _learned(ws, model, by)
    others = {value: usual.get(value, 0) for value in known[by] if value not in named}
    left, total = 1.0 - sum(named.values()), sum(others.values())
    if left > 1e-9 and not total:
        named = {value: share / sum(named.values()) for value, share in named.items()}
    shares = named | {value: left * n / total for value, n in others.items() if total and n}
    return Quota(by, shares)


def _learned(ws: Workspace, model: ModelInfo, key: str) -> Counter[str]:
    """Units learned from, by value."""
    said = {work.id: work.maker if key == "maker" else work.attrs.get(key, "") for work in ws.project.works()}
    out: Counter[str] = Counter()
    for work, start, end, role in model.header.get("parts") or ():
        if role == "train" and said.get(str(work)):
            out[said[str(work)]] += int(end) - int(start)
    return out
