"""A new model beside the one that its name stood for: which predicts the same held-out works better.

A family writes into the header what each held-out work cost (`compared`: the unit, and sum and units by
work). Works that either model learned from do not count. A model that is clearly worse never takes over its
name by itself: the person chooses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from etude.stats.paired import Paired, paired
from etude.store.chosen import choose
from etude.store.models import ModelInfo
from etude.workspace.core import Workspace


@dataclass(frozen=True)
class Compared:
    """The model that the name stood for, the new one beside it on the same works (None: `why` not), and
    whether the name stays with the earlier one."""

    earlier: str
    on_same: Paired | None
    unit: str
    why: str
    stays: bool

    def sentence(self, name: str, new: str) -> str:
        """For people: what was found, what the name stands for now, and how to choose the other."""
        other = f"etude models use {quote(new if self.stays else self.earlier)}"
        found = self.on_same
        if found is None:
            return (
                f"It cannot be compared with {self.earlier}: {self.why}. '{name}' now stands for the new "
                f"model; for the earlier one: {other}"
            )
        works = "1 work" if found.works == 1 else f"{found.works:,} works"
        figures = f"{found.after:.3f} against {found.before:.3f} {self.unit} on the same {works} held out"
        verdict = {"worse": "worse than", "better": "better than"}.get(found.verdict, "about as good as")
        stands = (
            f"'{name}' still stands for the earlier model; for the new one: {other}"
            if self.stays
            else f"'{name}' now stands for the new model; for the earlier one: {other}"
        )
        return f"It is {verdict} {self.earlier}: {figures} (less is better). {stands}"


def compared(earlier: ModelInfo, header: Mapping[str, Any]) -> Compared:
    """The new model's header beside an earlier model of its name."""
    old, new = earlier.header.get("compared") or {}, header.get("compared") or {}
    unit = str(new.get("unit", ""))

    def not_at_all(why: str) -> Compared:
        return Compared(earlier.id, None, unit, why, False)

    if earlier.medium != str(header.get("medium", earlier.medium)):
        return not_at_all("they make different media")
    if not old or not new:
        return not_at_all("one of them was not measured work by work")
    if str(old.get("unit", "")) != unit:
        return not_at_all(f"one is measured in {old.get('unit')}, the other in {unit}")
    learned = _learned(earlier.header) | _learned(header)
    before, after = (
        {work: row for work, row in dict(of.get("works") or {}).items() if work not in learned}
        for of in (old, new)
    )
    found = paired(before, after)
    if found is None:
        return not_at_all("no work was held out from both")
    return Compared(earlier.id, found, unit, "", found.verdict == "worse")


def _learned(header: Mapping[str, Any]) -> set[str]:
    """Works of which no part was held out."""
    rows = header.get("parts") or ()
    held_out = {str(row[0]) for row in rows if row[3] == "held-out"}
    return {str(row[0]) for row in rows} - held_out


def beside(ws: Workspace, name: str, model_id: str, header: Mapping[str, Any]) -> Compared | None:
    """The new model beside the one that the name stands for. Where it is clearly worse the name is bound to
    that one before the new model is in its place, so that no crash lets it slip in."""
    earlier = [one for one in ws.project.models() if one.name == name and one.id != model_id]
    if not earlier:
        return None
    stood = ws.project.model(name)
    if stood.id == model_id:
        return None
    found = compared(stood, header)
    if found.stays:
        with ws.project.lock():
            choose(ws.project.root, name, stood.id)
    return found
