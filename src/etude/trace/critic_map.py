"""Which regions of a take give it away: where the model's critic finds it less like a work than it finds works that nobody learned from.

The critic's logits mean something only beside each other, so that a region is compared with the same place of works held out: its p-value is
conformal (Bates et al. 2021, arXiv 2104.08279, eq. 3), the share of them that the critic doubts there at least as much. Regions are not independent, and a critic
of a small network sees grain and edges better than sense: a guide for the eye. Knows no project and no model.

Letters: M works held out, h w the critic's places.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.stats.conformal import p_each

Floats = npt.NDArray[np.float32]
Rows = tuple[tuple[float, ...], ...]


def doubted(take: Floats, works: Floats) -> Rows | None:
    """Rows of the grid with the p-value of each region, from the critic's logits of a take (h, w) and of works (M, h, w); None where too few
    works are held out to say anything."""
    if len(works) < TRACE.held_out_needed:
        return None
    p = p_each(-take, -works)
    side = TRACE.grid
    down, across = (
        np.arange(side) * n // side for n in p.shape
    )  # fewer places than regions: each stands for several
    return tuple(tuple(round(float(v), 6) for v in row) for row in p[down][:, across])


def weakest(rows: Rows) -> tuple[int, int, float]:
    """Row, column and p-value of the region that is doubted most."""
    at = np.unravel_index(int(np.argmin(np.array(rows))), (len(rows), len(rows[0])))
    return int(at[0]), int(at[1]), rows[int(at[0])][int(at[1])]
