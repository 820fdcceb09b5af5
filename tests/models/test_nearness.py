"""How unusual nearness is: conformal p-values, and works found again."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from small_pictures import drawing

from etude.models import nearness
from etude.trace.resembles import conformal_p

_SCORES = st.lists(st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]), max_size=12)


@given(_SCORES, _SCORES)
def test_p_values_count_what_is_at_least_as_near(scores: list[float], usual: list[float]) -> None:
    assert nearness.p_values(scores, usual).tolist() == [conformal_p(one, usual) for one in scores]


def test_works_are_found_again_and_others_are_not() -> None:
    works, unseen = ([drawing(32, first + i)[0] for i in range(n)] for first, n in ((0, 60), (200, 40)))
    shelf = nearness.shelf(works, unseen)
    assert (shelf.nearest(works[:5]) > 0.999).all()
    assert np.array_equal(shelf.unusual([works[3], works[3][:, ::-1]]), [1 / 41, 1 / 41])
    assert shelf.unusual([drawing(32, 900 + i)[0] for i in range(30)]).mean() > 0.3
