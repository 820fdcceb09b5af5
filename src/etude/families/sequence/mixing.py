"""The mixture at one decision: network, memory of the collection and memory of the present text, weighed by
the gate.

p(s) = sum_c w_c p_c(s), c over the network and every view and match of both memories. The weights come from
the gate (gate.py), from what is known before the symbol is drawn. Because the mixture is linear, the
posterior share of a component, w_c p_c(s) / p(s), is exactly what it contributed, and a view's share belongs
in equal parts to the places it counted. Linear mixtures of network and n-grams: Mikolov et al. 2011;
Khandelwal et al. 2020. Knows nothing of training or of sampling policy.

Letters: K views, C components (components.py), E children of a node, F features, D decisions, T tokens, V'
drawable tokens.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.families.sequence.compiling import njit
from etude.families.sequence.components import OF_NETWORK, PER_COMPONENT, match, view, weigh
from etude.families.sequence.counts import add, context_keys
from etude.families.sequence.matches import follow, index_run
from etude.families.sequence.memory import push
from etude.families.sequence.symbol_tree import edge_of

_TINY = 1e-12


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
    """Compute each component's distribution, the weights and the mixture s.mix[:n] at one decision. Returns n
    children.

    `stat` is the memory of the collection, `doc` the history (and, when it grows, the memory) of the present
    text.
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
        # what the network rules out (not allowed here) the memory may not say
        s.child_of[tree.symbol[e]] = i if q > 0.0 else -1
        top = max(top, q)
        if q > _TINY:
            ent -= q * np.log(q)
    s.has[0] = 1
    k = views.back.shape[0]
    context_keys(doc.hist, doc.meta[2], doc.meta[3], depth, side, views, s.keys)
    f = OF_NETWORK
    for v in range(k):
        view(stat, s.keys[v], 1 + v, s, n, f)
        f += PER_COMPONENT
    match(stat, s.match[0], s.match[1], depth, tree.end, k + 1, s, n, f)
    f += PER_COMPONENT
    if grow:
        for v in range(k):
            view(doc, s.keys[v], k + 2 + v, s, n, f)
            f += PER_COMPONENT
        match(doc, s.match[2], s.match[3], depth, tree.end, 2 * k + 2, s, n, f)
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
    # component by component: for each child the same sum in the same order, several children at a time
    for j in range(s.w.shape[0]):
        if s.has[j] == 1:
            w = np.float64(s.w[j])
            for i in range(n):
                s.mix[i] += w * np.float64(s.p[j, i])
    return np.int64(n)


@njit
def advance(tree: Any, e: int, depth: int, stat: Any, doc: Any, grow: bool, s: Any) -> None:
    """After edge e was taken: update the text's memory, its history and the matches."""
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
    """Score tokens (T,) given the network's probs (T, V') in tree order. Returns the number of decisions
    written.

    nats (T,) cost of each token; own (T,) the network's share of it, the mean over its decisions. The d_
    arrays (D, ...), where they are not empty, receive each decision: its token, p_c of the symbol taken,
    features, presence, posterior shares, and where it stood (history length, depth, symbol, match place).
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
            advance(tree, e, depth, stat, doc, grow, s)
            node = tree.child[e]
            depth += 1
        if steps > 0:
            own[t] = share / steps
    return d
