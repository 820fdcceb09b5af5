"""A take as its generator met it, by walking a cursor through it: which tokens were given, and what was known
before each was drawn.

For codecs whose cursors keep what is given token by token. Knows no medium.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from etude.media.codec import Cursor, Encoded


def along(e: Encoded, cursor: Cursor, eos: int) -> Encoded | None:
    """The encoding with the cursor's side inputs, tokens that it forces not scored; None where it forces
    other tokens."""
    side, scored = e.side.copy(), e.scored.copy()
    for t, token in enumerate(e.tokens.tolist()):
        if t == 0:
            continue  # bos
        if cursor.done and token != eos:
            return None
        if cursor.done:
            break
        forced = cursor.forced()
        if forced is not None and forced != token:
            return None
        now = cursor.side()
        if len(now):
            side[t] = np.array(now, side.dtype)
        scored[t] &= forced is None
        cursor.push(token)
    return replace(e, side=side, scored=scored)
