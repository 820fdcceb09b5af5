"""Which stretch of a content gave it away to the critic: the one of lowest logit, tested by deleting it
beside deleting others (occlusion; Zeiler and Fergus 2014). Works on tokens, whatever they stand for.

Letters: T tokens, S side inputs, N windows.
"""

from __future__ import annotations

import numpy as np
import torch

from etude.families.given_away import GivenAway
from etude.families.sequence.critic import describe, mean_logit
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.records import BEFORE, STRETCH
from etude.media.contract import Encoded
from etude.stats.evenly import evenly

LEAST = 4  # stretches to compare with; fewer say nothing
MOST = 12


@torch.inference_mode()
def given_away(model: SequenceModel, e: Encoded) -> GivenAway | None:
    """None without a critic, for a content too short to compare its stretches, and on a base, where reading
    it again and again would take minutes."""
    if model.network.base() is not None or len(e.tokens) < BEFORE + (LEAST + 1) * STRETCH:
        return None
    critic = model.critic
    if critic is None:
        return None
    tokens = e.tokens.astype(np.int64)
    side = model.with_conditions(e.side, (0,) * len(model.conditions)).astype(np.int64)
    starts = range(BEFORE, len(tokens) - STRETCH + 1, STRETCH // 2)
    windows = np.stack([tokens[s - BEFORE : s + STRETCH] for s in starts])
    sides = np.stack([side[s - BEFORE : s + STRETCH] for s in starts])
    logits = critic(*describe(model.network, windows, sides, BEFORE)).numpy()
    worst = starts[int(logits.argmin())]

    def without(start: int) -> float:
        """The critic's answer to the content without the stretch from here."""
        kept = np.r_[0:start, start + STRETCH : len(tokens)]
        found = mean_logit(critic, model.network, tokens[kept].astype(np.int32), side[kept].astype(np.int16))
        assert found is not None
        return found

    apart = [s for s in starts if abs(s - worst) >= STRETCH]
    if len(apart) < LEAST:
        return None
    whole = mean_logit(critic, model.network, e.tokens, side.astype(np.int16))
    assert whole is not None
    rise = without(worst) - whole
    others = np.array([without(apart[int(i)]) - whole for i in evenly(len(apart), MOST)])
    return GivenAway(
        int(e.offsets[worst]),
        int(e.offsets[worst + STRETCH]),
        round(rise, 4),
        round(float(others.mean()), 4),
        int((others < rise).sum()),
        len(others),
    )
