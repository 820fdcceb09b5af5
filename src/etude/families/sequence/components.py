"""What each component of the mixture predicts at one decision, and the weight that the gate gives it.

A component is the network, a view of the memory of the collection or of the present text, or a match. Each
gives a distribution over the children of a node of the symbol tree and a few features; the gate turns the
features into weights. The mixture itself is in mixing.py, the fitting of the gate in gate.py.

Letters: K views, C = 2 K + 3 components (network; K views and the match of the collection; the same of the
present text), E children of a node, F features, G gate units, V' drawable tokens.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.compiling import njit
from etude.families.sequence.counts import BEST, BEST_SYM, CNT, HEAD, NEXT, SYM, TOTAL, TYPES, find
from etude.families.sequence.symbol_tree import Tree

PER_COMPONENT, OF_NETWORK = 5, 5  # features of each memory component; of the network and the node


class Gate(NamedTuple):
    """Weights of the gate: features (F,) -> tanh units (G,) -> one logit a component (C,)."""

    w1: npt.NDArray[np.float32]  # (F, G)
    b1: npt.NDArray[np.float32]  # (G,)
    w2: npt.NDArray[np.float32]  # (G, C)
    b2: npt.NDArray[np.float32]  # (C,)


class Scratch(NamedTuple):
    """Buffers for one decision, allocated once for a text: nothing is allocated while walking."""

    keys: npt.NDArray[np.uint64]  # (K,)
    child_of: npt.NDArray[np.int32]  # (n_symbols,) child index of a symbol at this node, -1
    p: npt.NDArray[np.float32]  # (C, E) each component's distribution over the children
    has: npt.NDArray[np.uint8]  # (C,) whether the component says anything here
    feat: npt.NDArray[np.float32]  # (F,)
    unit: npt.NDArray[np.float32]  # (G,)
    w: npt.NDArray[np.float32]  # (C,) gate weights
    mix: npt.NDArray[np.float64]  # (E,)
    cut: npt.NDArray[np.float64]  # (E,) the mixture without what is too unlikely to be drawn
    cum: npt.NDArray[np.float64]  # (V' + 1,) the network's cumulative distribution in tree order
    match: npt.NDArray[np.int64]  # (4,) place and length of the match in the collection, in the present text


def scratch(tree: Tree, k: int, gate: Gate) -> Scratch:
    """Buffers for walking through one text with k views."""
    c = 2 * k + 3
    widest = int(np.max(np.diff(tree.first)))
    return Scratch(
        np.zeros(k, np.uint64),
        np.full(tree.n_symbols + 1, -1, np.int32),
        np.zeros((c, widest), np.float32),
        np.zeros(c, np.uint8),
        np.zeros(features(k), np.float32),
        np.zeros(len(gate.b1), np.float32),
        np.zeros(c, np.float32),
        np.zeros(widest, np.float64),
        np.zeros(widest, np.float64),
        np.zeros(len(tree.order) + 1, np.float64),
        np.zeros(4, np.int64),
    )


def features(k: int) -> int:
    """Number of gate features F with k views."""
    return PER_COMPONENT * (2 * k + 2) + OF_NETWORK


@njit
def view(c: Any, key: Any, row: int, s: Any, n: int, f: int) -> None:
    """One view's distribution over the children into s.p[row], its features into s.feat[f:]."""
    for i in range(PER_COMPONENT):
        s.feat[f + i] = 0.0
    s.has[row] = 0
    slot = find(c, key)
    if slot < 0:
        return
    for i in range(n):
        s.p[row, i] = 0.0
    total = np.int64(0)
    e = np.int64(c.slots[slot, HEAD])
    while e >= 0:
        i = s.child_of[c.entries[e, SYM]]
        if i >= 0:
            s.p[row, i] = c.entries[e, CNT]
            total += c.entries[e, CNT]
        e = np.int64(c.entries[e, NEXT])
    if total == 0:
        return
    s.has[row] = 1
    inv = np.float32(1.0 / total)
    for i in range(n):
        s.p[row, i] *= inv
    s.feat[f] = 1.0
    s.feat[f + 1] = np.log(c.slots[slot, TOTAL] + 1.0) * 0.3
    s.feat[f + 2] = c.slots[slot, BEST] / c.slots[slot, TOTAL]
    s.feat[f + 3] = np.log(np.float64(c.slots[slot, TYPES])) * 0.5
    b = s.child_of[c.slots[slot, BEST_SYM]]
    s.feat[f + 4] = np.log(s.p[0, b] + 1e-4) * 0.3 if b >= 0 else -3.0


@njit
def match(c: Any, place: int, length: int, depth: int, end: int, row: int, s: Any, n: int, f: int) -> None:
    """The match's prediction (one child, certain) into s.p[row], its features into s.feat[f:]."""
    for i in range(PER_COMPONENT):
        s.feat[f + i] = 0.0
    s.has[row] = 0
    if place <= 0 or place >= c.meta[2]:
        return
    sym = end if depth > 0 and c.ends[place] == 1 else np.int64(c.hist[place])
    i = s.child_of[sym] if sym < s.child_of.shape[0] else -1
    if i < 0:
        return
    for j in range(n):
        s.p[row, j] = 0.0
    s.p[row, i] = 1.0
    s.has[row] = 1
    s.feat[f] = 1.0
    s.feat[f + 1] = np.log(np.float64(length)) * 0.3
    s.feat[f + 2] = 1.0 if length >= 32 else length / 32.0
    s.feat[f + 4] = np.log(s.p[0, i] + 1e-4) * 0.3


@njit
def weigh(gate: Any, s: Any, lift: float) -> None:
    """The gate's weights from s.feat into s.w; components that predict nothing get 0.

    `lift` is added to every memory component's logit (0: as fitted; the `borrow` control is the log-odds of
    borrow).
    """
    for g in range(gate.b1.shape[0]):
        s.unit[g] = gate.b1[g]
    for i in range(s.feat.shape[0]):
        x = s.feat[i]
        if x != 0.0:
            for g in range(gate.b1.shape[0]):
                s.unit[g] += x * gate.w1[i, g]
    for j in range(s.w.shape[0]):
        s.w[j] = gate.b2[j] + (lift if j > 0 else 0.0)
    for g in range(gate.b1.shape[0]):
        u = np.tanh(s.unit[g])
        for j in range(s.w.shape[0]):
            s.w[j] += u * gate.w2[g, j]
    top = np.float32(-1e30)
    for j in range(s.w.shape[0]):
        if s.has[j] == 1 and s.w[j] > top:
            top = s.w[j]
    z = np.float32(0.0)
    for j in range(s.w.shape[0]):
        s.w[j] = np.exp(s.w[j] - top) if s.has[j] == 1 else 0.0
        z += s.w[j]
    for j in range(s.w.shape[0]):
        s.w[j] /= z
