"""Compiling everything that is compiled, on a toy, before time counts: a budget is no promise while half of it goes into a compiler.

The compiled code is kept on disk by numba, so only the first run on a machine waits (some 30 seconds on two cores). Knows no files.
"""

from __future__ import annotations

import numpy as np

from etude.families.sequence import gate, memory
from etude.families.sequence import mixing as mix
from etude.families.sequence import sampling_kernel as draw
from etude.families.sequence import symbol_tree as tree
from etude.media.contract import View


def warm_up() -> None:
    """Run what learning needs of it once, with the types that real work has."""
    t = tree.build([(0,), (1,), (1, 0), ()], 2, drawn=[True] * 4)
    views = [View((1,)), View((1, 2))]
    tokens, side = np.array([0, 2, 1, 3], np.int32), np.zeros((4, 1), np.int16)
    stat, doc = memory.Memory(t, views, symbols=64), memory.Memory(t, views, symbols=64)
    stat.observe(tokens, side)
    doc.reserve(200)
    memory.push(doc.counts, memory.GAP, True)
    g = gate.initial(2)
    s = mix.scratch(t, 2, g)
    probs = np.full((4, 4), 0.25, np.float32)
    d, c, f = 40, 7, mix.features(2)
    mix.walk(
        probs, tokens, side, t, stat.counts, doc.counts, doc.views, True, g, 0.0, s, np.zeros(4), np.ones(4), np.zeros(d, np.int32),
        np.zeros((d, c), np.float32), np.zeros((d, f), np.float32), np.zeros((d, c), np.uint8), np.zeros((d, c), np.float32),
        np.zeros((d, 4), np.int64),
    )  # fmt: skip
    draw.feed(tokens, side, t, stat.counts, doc.counts, doc.views, True, s)
    draw.draw(
        np.zeros(4, np.float32), np.ones(4, np.uint8), np.zeros(4, np.float32), 1.0, side[0], t, stat.counts, doc.counts, doc.views, True,
        g, 0.0, s, np.zeros(40), np.zeros(2),
    )  # fmt: skip
