"""The mixture at one decision: network, memory of the collection and memory of the present text, weighed by the gate.

p(s) = sum_c w_c p_c(s), c over the network and every view and match of both memories. The weights come from the gate (gate.py), from
what is known before the symbol is drawn. Because the mixture is linear, the posterior share of a component,
w_c p_c(s) / p(s), is exactly what it contributed, and a view's share belongs in equal parts to the places it counted.
Linear mixtures of network and n-grams: Mikolov et al. 2011; Khandelwal et al. 2020. Knows nothing of training or of sampling policy.

Letters: K views, C = 2 K + 3 components (network; K views and the match of the collection; the same of the present text),
E children of a node, F features, G gate units, D decisions, T tokens.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.memory import (
    BEST,
    BEST_SYM,
    CNT,
    HEAD,
    NEXT,
    SYM,
    TOTAL,
    TYPES,
    add,
    context_keys,
    edge_of,
    find,
    follow,
    index_run,
    njit,
    push,
)

PER_COMPONENT, OF_NETWORK = 5, 5  # features of each memory component; of the network and the node
_TINY = 1e-12


class Gate(NamedTuple):
    """Weights of the gate: features (F,) -> tanh units (G,) -> one logit a component (C,)."""

    w1: npt.NDArray[np.float32]  # (F, G)
    b1: npt.NDArray[np.float32]  # (G,)
    w2: npt.NDArray[np.float32]  # (G, C)
    b2: npt.NDArray[np.float32]  # (C,)


class Scratch(NamedTuple):
    """Room for one decision, made once a stream: nothing is allocated while walking."""

    keys: npt.NDArray[np.uint64]  # (K,)
    child_of: npt.NDArray[np.int32]  # (n_symbols,) child index of a symbol at this node, -1
    p: npt.NDArray[np.float32]  # (C, E) each component's distribution over the children
    has: npt.NDArray[np.uint8]  # (C,) whether the component says anything here
    feat: npt.NDArray[np.float32]  # (F,)
    unit: npt.NDArray[np.float32]  # (G,)
    w: npt.NDArray[np.float32]  # (C,) gate weights
    mix: npt.NDArray[np.float64]  # (E,)
    cum: npt.NDArray[np.float64]  # (V' + 1,) the network's cumulative distribution in tree order
    match: npt.NDArray[np.int64]  # (4,) place and length of the match in the collection, in the present text


def scratch(tree: Any, k: int, gate: Gate) -> Scratch:
    """Room for walking one stream with k views."""
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
        np.zeros(len(tree.order) + 1, np.float64),
        np.zeros(4, np.int64),
    )


def features(k: int) -> int:
    """Number of gate features F with k views."""
    return PER_COMPONENT * (2 * k + 2) + OF_NETWORK


@njit
def _view(c: Any, key: Any, row: int, s: Any, n: int, f: int) -> None:
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
def _match(c: Any, place: int, length: int, depth: int, end: int, row: int, s: Any, n: int, f: int) -> None:
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
    """The gate's weights from s.feat into s.w; components that say nothing get 0.

    `lift` is added to every memory component's logit (0: as fitted; the `borrow` control is the log-odds of borrow).
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


@njit
def decide(
    tree: Any,
    node: Any,
    depth: int,
    side: Any,
    stat: Any,
    doc: Any,
    views: Any,
    grow: bool,
    gate: Any,
    lift: float,
    s: Any,
) -> Any:
    """Everything known at one decision: each component's distribution, the weights and the mixture s.mix[:n]. Returns n children.

    `stat` is the memory of the collection, `doc` the history (and, when it grows, the memory) of the present text.
    """
    e0 = tree.first[node]
    n = tree.first[node + 1] - e0
    base = s.cum[tree.lo[node]]
    mass = s.cum[tree.hi[node]] - base
    top = 0.0
    ent = 0.0
    for i in range(n):
        e = e0 + i
        q = (s.cum[tree.edge_hi[e]] - s.cum[tree.edge_lo[e]]) / mass if mass > 0.0 else 1.0 / n
        s.p[0, i] = q
        s.child_of[tree.symbol[e]] = (
            i if q > 0.0 else -1
        )  # what the network rules out (not allowed here) the memory may not say
        top = max(top, q)
        if q > _TINY:
            ent -= q * np.log(q)
    s.has[0] = 1
    k = views.back.shape[0]
    context_keys(doc.hist, doc.meta[2], doc.meta[3], depth, side, views, s.keys)
    f = OF_NETWORK
    for v in range(k):
        _view(stat, s.keys[v], 1 + v, s, n, f)
        f += PER_COMPONENT
    _match(stat, s.match[0], s.match[1], depth, tree.end, k + 1, s, n, f)
    f += PER_COMPONENT
    if grow:
        for v in range(k):
            _view(doc, s.keys[v], k + 2 + v, s, n, f)
            f += PER_COMPONENT
        _match(doc, s.match[2], s.match[3], depth, tree.end, 2 * k + 2, s, n, f)
    else:
        for j in range(k + 2, 2 * k + 3):
            s.has[j] = 0
        for i in range(f, s.feat.shape[0]):
            s.feat[i] = 0.0
    s.feat[0] = ent * 0.5
    s.feat[1] = np.log(top + 1e-4)
    s.feat[2] = 1.0 if depth == 0 else 0.0
    s.feat[3] = min(depth, 8) * 0.25
    s.feat[4] = 1.0 if grow else 0.0
    weigh(gate, s, lift)
    for i in range(n):
        s.child_of[tree.symbol[e0 + i]] = -1
        s.mix[i] = 0.0
    for j in range(
        s.w.shape[0]
    ):  # component by component: for each child the same sum in the same order, several children at a time
        if s.has[j] == 1:
            w = np.float64(s.w[j])
            for i in range(n):
                s.mix[i] += w * np.float64(s.p[j, i])
    return np.int64(n)


@njit
def took(tree: Any, e: int, depth: int, stat: Any, doc: Any, grow: bool, s: Any) -> None:
    """After edge e was taken: grow the text's memory, lengthen its history, move the matches on."""
    sym = tree.symbol[e]
    if grow:
        for v in range(s.keys.shape[0]):
            add(doc, s.keys[v], sym)
    if sym != tree.end:
        push(doc, sym, depth == 0)
        h = doc.meta[2]
        a, b = follow(stat, s.match[0], s.match[1], doc.hist, h, doc.meta[3], stat.meta[2])
        s.match[0], s.match[1] = a, b
        if grow:
            a, b = follow(doc, s.match[2], s.match[3], doc.hist, h, doc.meta[3], h)
            s.match[2], s.match[3] = a, b
            index_run(doc, h)


@njit
def network_row(p: Any, s: Any) -> None:
    """The network's distribution over tokens in tree order (V',) as cumulative sums."""
    a = 0.0
    s.cum[0] = 0.0
    for i in range(p.shape[0]):
        a += p[i]
        s.cum[i + 1] = a


@njit
def walk(
    probs: Any,
    tokens: Any,
    side: Any,
    tree: Any,
    stat: Any,
    doc: Any,
    views: Any,
    grow: bool,
    gate: Any,
    lift: float,
    s: Any,
    nats: Any,
    own: Any,
    d_tok: Any,
    d_p: Any,
    d_feat: Any,
    d_has: Any,
    d_post: Any,
    d_where: Any,
) -> int:
    """Score tokens (T,) given the network's probs (T, V') in tree order. Returns the number of decisions written.

    nats (T,) cost of each token; own (T,) the network's share of it, the mean over its decisions. The d_ arrays (D, ...), where
    they are not empty, receive each decision: its token, p_c of the symbol taken, features, presence, posterior shares, and
    where it stood (history length, depth, symbol, match place).
    """
    d = 0
    for t in range(tokens.shape[0]):
        nats[t] = 0.0
        own[t] = 1.0
        r = tree.rank[tokens[t]]
        if r < 0:
            continue
        network_row(probs[t], s)
        node = 0
        depth = 0
        steps = 0
        share = 0.0
        while node >= 0:
            e = edge_of(tree, node, r)
            i = e - tree.first[node]
            n = decide(tree, node, depth, side[t], stat, doc, views, grow, gate, lift, s)
            q = max(s.mix[i], _TINY)
            nats[t] -= np.log(q)
            if n > 1:
                share += s.w[0] * s.p[0, i] / q
                steps += 1
                if d_tok.shape[0] > 0:
                    d_tok[d] = t
                    d_where[d, 0] = doc.meta[2]
                    d_where[d, 1] = depth
                    d_where[d, 2] = tree.symbol[e]
                    d_where[d, 3] = s.match[0]
                    for j in range(s.w.shape[0]):
                        x = s.p[j, i] if s.has[j] == 1 else np.float32(0.0)
                        d_p[d, j] = x
                        d_has[d, j] = s.has[j]
                        d_post[d, j] = s.w[j] * x / q
                    if d_feat.shape[0] > 0:
                        d_feat[d] = s.feat
                    d += 1
            took(tree, e, depth, stat, doc, grow, s)
            node = tree.child[e]
            depth += 1
        if steps > 0:
            own[t] = share / steps
    return d
