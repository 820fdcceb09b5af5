"""Making takes: from a request to contents, the same bytes for the same recipe.

A take begins at nothing, goes on from a content, or is made around what stays of one (drawing.py); where a
codec cannot see ahead, a gap is filled (filling.py). Knows no project.
"""

from __future__ import annotations

from etude.families.sequence.make.copy_guard import guard_of
from etude.families.sequence.make.drawing import draw_takes
from etude.families.sequence.make.filling import fill
from etude.families.sequence.make.request import Made, MakeRequest, check, gap_of
from etude.families.sequence.model import SequenceModel


def make(model: SequenceModel, request: MakeRequest) -> list[Made]:
    """Make the takes of a request.

    Raises TakeError or ModelError where request and model do not fit, or a copy cannot be kept out.
    """
    check(model, request)
    row = model.condition_row(request.conditions)
    guard = request.guard
    if guard is None and request.no_copy is not None:
        guard = guard_of(model, request.no_copy, {})
    model = model.narrowed(row)
    gap = gap_of(model, request)
    if gap is None:
        return draw_takes(model, request, row, guard)
    indices = range(request.first_index, request.first_index + request.n)
    return [fill(model, request, gap, row, guard, i) for i in indices]
