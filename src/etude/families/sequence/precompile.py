"""Compile everything on a toy before the clock of a budget matters: else the compiler would take half of a
short budget.

The compiled code is kept on disk by numba, so only the first run on a machine waits (some 30 seconds on two
cores). Knows no files.
"""

from __future__ import annotations

import numpy as np

from etude.families.sequence import gate, marking, sampling_kernel, scoring, symbol_tree
from etude.families.sequence.history import History
from etude.families.sequence.records import Segment
from etude.families.sequence.works_memory import WorksMemory
from etude.media.contract import View


def precompile() -> None:
    """Run what learning needs of it once, with the types that real work has."""
    tree = symbol_tree.build([(0,), (1,), (1, 0), ()], 2, drawn=[True] * 4)
    views = [View((1,)), View((1, 2))]
    n = 4
    tokens, side, offsets = (
        np.array([0, 2, 1, 3], np.int32),
        np.zeros((n, 1), np.int16),
        np.zeros(n, np.int32),
    )
    memory = WorksMemory(tree, views, [Segment("toy", 0, 0, 0, n)], tokens, side, offsets)
    weights = gate.initial(len(views))
    history = History(tree, views, weights, grow=True, symbols=200)
    mixture = scoring.Mixture(tree, memory, weights, most_decisions=n, drawn_decisions=n)
    reader = scoring.Reader(mixture, history, tokens, side, decisions=True, with_features=True)
    reader.read(0, np.full((n, n), 0.25, np.float32))
    doc, s = history.doc, history.scratch
    sampling_kernel.feed(tokens, side, tree, memory.counts, doc.counts, doc.views, True, s)
    logits, allowed, p = np.zeros(n, np.float32), np.ones(n, np.uint8), np.zeros(n, np.float32)
    uniform, out = np.zeros(40), np.zeros(2)
    of_text = doc.counts, doc.views, True
    sampling_kernel.draw(
        logits,
        allowed,
        p,
        1.0,
        0.1,
        np.zeros(n + 1, np.int32),
        side[0],
        tree,
        memory.counts,
        *of_text,
        weights,
        0.0,
        s,
        uniform,
        out,
        *marking.none().arrays,
    )
