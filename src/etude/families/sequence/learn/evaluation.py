"""How well a network that is being learned predicts works that it is not learned from. Knows no files.

Letters: W tokens of a window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from etude.config.sequence import LEARN
from etude.families.sequence.learn.dataset import Corpus, Piece
from etude.families.sequence.networks.contract import Learner

LEAST_TOKENS = 8  # a shorter rest of a work is left out


def unit_of(corpus: Corpus) -> tuple[str, float]:
    """The unit of the figures, and what a mean nat a token is in it on the works learned from."""
    costs = corpus.codec.costs
    if costs.by_token:
        return costs.unit, costs.scale
    units = sum(int(p.encoded.offsets[-1]) for p in corpus.train)
    return costs.unit, corpus.train_tokens / max(1, units) * costs.scale


@torch.no_grad()
def evaluate(
    learner: Learner,
    pieces: Sequence[Piece],
    batch: int,
    per_unit: float,
    tokens: int = 0,
) -> float:
    """The figure on so many tokens of held-out pieces (0: as is usual): windows side by side, the first
    quarter of each not counted.

    NaN where there is nothing to predict.
    """
    learner.train(False)
    w = learner.context
    xs, ys, sides, counts = [], [], [], []
    left = tokens = tokens or LEARN.evaluation_tokens
    per_piece = max(w + 1, tokens // max(1, len(pieces)))
    for p in pieces:
        e = p.encoded
        for s in range(0, min(len(e.tokens) - 1, per_piece), w):
            n = min(w, len(e.tokens) - 1 - s)
            if n < LEAST_TOKENS or left <= 0:
                continue
            left -= n
            xs.append(np.pad(e.tokens[s : s + n], (0, w - n)))
            ys.append(np.pad(e.tokens[s + 1 : s + n + 1], (0, w - n)))
            sides.append(np.pad(p.side[s + 1 : s + n + 1], ((0, w - n), (0, 0))))
            c = np.zeros(w, bool)
            c[:n] = e.scored[s + 1 : s + n + 1]
            if s:
                c[: w // 4] = False
            counts.append(c)
    if not xs:
        learner.train(True)
        return math.nan
    total, n_all = 0.0, 0
    for i in range(0, len(xs), batch):
        x, y, side = (torch.from_numpy(np.stack(v[i : i + batch]).astype(np.int64)) for v in (xs, ys, sides))
        nats = learner.nats(x, y, side).flatten()
        counted = torch.from_numpy(np.stack(counts[i : i + batch])).flatten()
        total += float(nats[counted].sum())
        n_all += int(counted.sum())
    learner.train(True)
    return total / max(1, n_all) * per_unit
