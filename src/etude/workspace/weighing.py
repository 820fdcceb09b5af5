"""Weights for one model that balance what it is trained on: by maker, an attribute, or regions of the map.

They stand in the place of the collection's own weights, which stay as they are. Recorded in the model with
their effective sample size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etude.curate import report
from etude.curate.balance import Balance
from etude.curate.coverage import MAKER, Described, targets_of
from etude.errors import ProjectError
from etude.media import MEDIA
from etude.store.collections import Part
from etude.store.works import Work
from etude.workspace.core import Workspace, silent
from etude.workspace.curating import CLUSTER, balance_of
from etude.workspace.mapping import points_of


@dataclass(frozen=True)
class Weighing:
    """What was asked (`said`), and the balance of the works that are trained on."""

    said: str
    balance: Balance

    @property
    def weights(self) -> Mapping[str, float]:
        """By work."""
        return self.balance.weights

    @property
    def words(self) -> str:
        """One sentence for people."""
        return self.balance.words

    def to_json(self) -> dict[str, Any]:
        """For the header."""
        return {
            "said": self.said,
            "effective": round(self.balance.effective, 4),
            "before": {group: round(share, 4) for group, share in self.balance.before.items()},
            "after": {group: round(share, 4) for group, share in self.balance.after.items()},
            "held": list(self.balance.held),
        }

    @property
    def card(self) -> str:
        """For the card."""
        rows = sorted(self.balance.before.items(), key=lambda item: (-item[1], item[0]))
        after = self.balance.after
        lines = [
            f"| {group or 'nothing said'} | {report.percent(share)} | {report.percent(after[group])} |"
            for group, share in rows[:40]
        ]
        more = f"\n\n{len(rows) - 40:,} more." if len(rows) > 40 else ""
        return (
            f"\n## Weights\n\n{self.words} Shares of what it is trained on:\n\n"
            f"| {self.balance.by} | in the collection | as trained |\n|---|---|---|\n"
            + "\n".join(lines)
            + more
            + "\n"
        )


def weigh(ws: Workspace, medium: str, works: Sequence[Work], parts: Sequence[Part], said: str) -> Weighing:
    """Weights as `said`: an attribute, maker or cluster for parity, or KEY=VALUE:SHARE. Raises ProjectError
    for an attribute or value that no work has."""
    sizes: dict[str, int] = {}
    for part in parts:
        if part.role == "train":
            sizes[part.work_id] = sizes.get(part.work_id, 0) + part.end - part.start
    trained = [work for work in works if sizes.get(work.id)]
    described = tuple(Described(w.id, w.title, w.maker, sizes[w.id], 1.0, w.attrs) for w in trained)
    targets = targets_of([said]) if "=" in said else {}
    by = next(iter(targets), said)
    if by != CLUSTER and not any(one.value(by) for one in described):
        keys = dict.fromkeys([MAKER, *(key for one in described for key in one.attrs)])
        raise ProjectError(
            f"No work that is trained on says anything of '{by}'.",
            f"There are: {', '.join(list(keys)[:12])}, {CLUSTER}",
        )
    lost = [value for value in targets.get(by, {}) if not any(one.value(by) == value for one in described)]
    if lost:
        raise ProjectError(
            f"No work that is trained on has {by} = {lost[0]}.", "See: etude curate COLLECTION"
        )
    points = points_of(ws, MEDIA[medium], trained, silent) if by == CLUSTER else None
    return Weighing(said, balance_of(described, by, targets.get(by), points))
