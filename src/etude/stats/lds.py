"""Whether attributions foretell what learning without some of the works changes: the linear datamodelling
score (S. Park et al. 2023, arXiv 2303.14186, section 2), with an interval and a test that chance must fail.

For each of M random halves of G groups a model was learned from that half alone, and `kept` says how well it
does on each of Q contents. An attribution foretells for a half the sum of its groups' scores; LDS is the rank
correlation over halves of what was foretold with what came, mean over contents. The interval draws contents
and halves anew, since all contents share the halves. Knows nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng

Floats = npt.NDArray[np.float64]
DRAWS = 400
LEVEL = 0.05


@dataclass(frozen=True)
class Lds:
    """The score with its 90 % interval, and how often halves in a random order give as much (`p`)."""

    value: float
    low: float
    high: float
    p: float

    @property
    def holds(self) -> bool:
        """Whether chance is ruled out, by the interval and by the test."""
        return self.low > 0.0 and self.p <= LEVEL


def lds(scores: Floats, halves: npt.NDArray[np.bool_], kept: Floats, *, seed: int) -> Lds:
    """Of scores (Q, G), halves (M, G) and what came (Q, M)."""
    foretold = scores @ halves.T.astype(np.float64)
    own, came = _ranks(foretold), _ranks(kept)
    value = float(_correlation(own, came).mean())
    g, (q, m) = rng.for_(seed, "lds"), kept.shape
    drawn = []
    for _ in range(DRAWS):
        rows, columns = g.integers(0, q, q), g.integers(0, m, m)
        at = np.ix_(rows, columns)
        drawn.append(float(_correlation(_ranks(foretold[at]), _ranks(kept[at])).mean()))
    chance = [float(_correlation(own[:, g.permutation(m)], came).mean()) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, (0.05, 0.95))
    p = (1 + sum(one >= value for one in chance)) / (1 + DRAWS)
    return Lds(value, float(low), float(high), p)


def apart(scores: Floats, kept: Floats) -> tuple[Floats, Floats]:
    """Both without what all contents have in common: that a half with more, or better, works does better on
    all of them is foretold by the sizes of its groups alone. What is left is of each content's own."""
    spread = kept.std(1, keepdims=True)
    level = (kept - kept.mean(1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return scores - scores.mean(0), level - level.mean(0)


def _ranks(values: Floats) -> Floats:
    """Mid-ranks along the last axis, centred."""
    more = values[..., :, None] - values[..., None, :]
    ranks = np.sign(more).sum(-1)
    return np.asarray(ranks, np.float64)


def _correlation(a: Floats, b: Floats) -> Floats:
    """(Q,) of centred ranks; 0 where nothing differs."""
    length = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    return np.asarray(np.divide((a * b).sum(-1), length, out=np.zeros(len(a)), where=length > 0))
