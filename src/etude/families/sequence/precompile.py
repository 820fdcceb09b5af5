"""Compile everything on a toy before the clock of a budget matters: else the compiler would take half of a
short budget.

The compiled code is kept on disk by numba, so only the first run on a machine waits (some 30 seconds on two
cores). `everything` compiles what takes and traces need besides: for whoever sets up a machine. Knows no
files.
"""

from __future__ import annotations

import numpy as np

from etude.families.sequence import gate, marking, sampling_kernel, scoring, symbol_tree
from etude.families.sequence.history import History
from etude.families.sequence.records import Segment
from etude.families.sequence.works_memory import WorksMemory
from etude.media.contract import View


def everything() -> None:
    """Run all of it once: what learning needs, a network's loops, and those of a trace by either way."""
    from etude.families.sequence import attribution  # loads PyTorch, as learning does anyway
    from etude.families.sequence.networks import packed
    from etude.families.sequence.networks.contract import Rows
    from etude.families.sequence.networks.transformer import TransformerNetwork
    from etude.families.sequence.networks.transformer_layers import NetConfig, SequenceNet

    precompile()
    shape = NetConfig(vocab=4, width=64, layers=1, context=8, side_sizes=(2,), hash_rows=8)
    arrays = {name: x.numpy() for name, x in SequenceNet(shape).state_dict().items()}
    cache = TransformerNetwork(shape, arrays).cache(1)
    cache.read(Rows.empty(packed.ROWS, 1), 1, np.zeros((packed.ROWS, 4), np.float32), cache.room())
    tokens = np.array([0, *[2, 1] * 20, 3], np.int32)
    side = np.zeros((len(tokens), 1), np.int16)
    offsets = np.arange(len(tokens), dtype=np.int32)
    tree = symbol_tree.build([(0,), (1,), (1, 0), ()], 2, drawn=[True] * 4)
    for views in ([View((1,)), View((1, 2))], [View((1,)), View((2,))]):  # in a row, and not
        memory = WorksMemory(tree, views, [Segment("toy", 0, 0, 0, len(tokens))], tokens, side, offsets)
        history = History(tree, views, gate.initial(len(views)), grow=True, symbols=200)
        mixture = scoring.Mixture(tree, memory, gate.initial(len(views)), most_decisions=4, drawn_decisions=4)
        reader = scoring.Reader(mixture, history, tokens, side, decisions=True)
        rows = [(0, np.full((len(tokens), 4), 0.25, np.float32))]
        trail = scoring.read(reader, rows, trail=True)[2]
        assert trail is not None
        attribution.locate(memory, trail, len(tokens))


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
