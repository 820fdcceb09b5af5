"""Can its takes be recognised, where nobody says whose they are? The share of takes in which the model's own
mark is found. Knows no model and no medium."""

from __future__ import annotations

from collections.abc import Sequence

from etude.audit.report import Row, Section, Verdict, percent
from etude.config.audit import AUDIT
from etude.config.trust import MARKS
from etude.stats.figure import Figure, wilson


def recognised(medium: str, p_values: Sequence[float | None] | None) -> Section:
    """The section. `p_values` of the mark in each take, None where a take is too short; None where the model
    gives no mark."""
    row = _row(medium, p_values)
    return Section("Marks", "Can its takes be recognised?", row.verdict, row.sentence, (row,))


def _row(medium: str, p_values: Sequence[float | None] | None) -> Row:
    name = "The mark in its takes"
    if p_values is None:
        said = (
            f"This model gives no mark to the {medium} that it makes. What you sign carries a credential, "
            "which is lost where somebody saves the file anew."
        )
        return Row(name, "told", said)
    if len(p_values) < AUDIT.least_takes:
        said = f"Only {len(p_values)} takes could be made in the time; {AUDIT.least_takes} are needed."
        return Row(name, "unknown", f"{said} Give --seconds more.")
    n, found = len(p_values), sum(p is not None and p <= MARKS.alpha for p in p_values)
    middle, half = wilson(found / n, n)
    figure = Figure(found / n, max(0.0, middle - half), min(1.0, middle + half), n, "share of takes")
    floor = Figure(MARKS.alpha, MARKS.alpha, MARKS.alpha, n, "share of texts without a mark")
    said = (
        f"In {percent(found / n)} of the takes 'etude detect' finds the mark, without file or credential. "
        "Editing, translating and shortening weaken it."
    )
    verdict: Verdict = "good" if found / n >= MARKS.usual else "told"
    if verdict == "told":
        said += " Its takes are too predictable or too short for more."
    return Row(name, verdict, said, figure, floor, "by chance")
