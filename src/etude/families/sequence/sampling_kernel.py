"""Drawing a token from the mixture, and feeding a given one, as compiled loops.

A token is drawn as its walk down the tree of symbols, one uniform number a decision, from the mixture at the
temperature: p(s)**(1/temperature), normalised over the children. Knows nothing of cursors, guards or takes.

Letters: V vocabulary, V' drawable tokens.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.families.sequence.compiling import njit
from etude.families.sequence.counts import context_keys
from etude.families.sequence.mixing import advance, decide, network_row
from etude.families.sequence.softmax import softmax_in_order
from etude.families.sequence.symbol_tree import edge_of


@njit
def draw(
    logits: Any,
    allowed: Any,
    p: Any,
    temperature: float,
    least: float,
    kept: Any,
    side: Any,
    tree: Any,
    stat: Any,
    doc: Any,
    views: Any,
    grow: bool,
    gate: Any,
    lift: float,
    s: Any,
    uniform: Any,
    out: Any,
) -> Any:
    """Draw the next token. logits (V,); allowed (V,) uint8; p (V',) and kept (V' + 1,) room; uniform (>=
    depth,).

    `least`: tokens that the network finds less likely than this share of its likeliest are left out, unless
    the memory itself speaks for them (min-p: Nguyen et al. 2024, arXiv 2407.01082).

    out (2,): nats of the token under the mixture at temperature 1, and the memory's share of it (the mean
    over its decisions).
    """
    softmax_in_order(logits, tree.order, np.float32(1.0), p)
    for i in range(p.shape[0]):
        if allowed[tree.order[i]] == 0:
            p[i] = 0.0
    network_row(p, s)
    if least > 0.0:
        _keep(p, least, kept)
    node = np.int64(0)
    depth = 0
    nats = 0.0
    share = 0.0
    steps = 0
    token = np.int64(-1)
    while node >= 0:
        n = decide(tree, node, depth, side, stat, doc, views, grow, gate, lift, s)
        top = 0.0
        for i in range(n):
            top = max(top, s.mix[i])
        if least > 0.0:
            top = _leave_out(tree, node, n, least, kept, top, s)
        z = 0.0
        for i in range(n):
            z += _power(s.cut[i] / top, temperature) if least > 0.0 else _power(s.mix[i] / top, temperature)
        u = uniform[depth] * z
        pick = -1
        a = 0.0
        for i in range(n):
            q = _power(s.cut[i] / top, temperature) if least > 0.0 else _power(s.mix[i] / top, temperature)
            if q > 0.0:
                a += q
                pick = i
                if a >= u:
                    break
        e = tree.first[node] + pick
        if n > 1:
            nats -= np.log(s.mix[pick])
            share += 1.0 - s.w[0] * s.p[0, pick] / s.mix[pick]
            steps += 1
        if tree.child[e] < 0:
            token = np.int64(tree.order[tree.edge_lo[e]])
        advance(tree, e, depth, stat, doc, grow, s)
        node = np.int64(tree.child[e])
        depth += 1
    out[0] = nats
    out[1] = share / steps if steps > 0 else 0.0
    return token


@njit
def _keep(p: Any, least: float, kept: Any) -> None:
    """How many of the first n tokens in tree order are likely enough, for every n (V' + 1,)."""
    top = np.float32(0.0)
    for i in range(p.shape[0]):
        top = max(top, p[i])
    kept[0] = 0
    for i in range(p.shape[0]):
        kept[i + 1] = kept[i] + (1 if p[i] >= least * top else 0)


@njit
def _leave_out(tree: Any, node: Any, n: int, least: float, kept: Any, top: float, s: Any) -> float:
    """s.cut[:n] is the mixture without the children that lead to no likely token and that the memory does not
    speak for; the largest of it is returned."""
    rest = 0.0
    for i in range(n):
        e = tree.first[node] + i
        likely = kept[tree.edge_hi[e]] > kept[tree.edge_lo[e]]
        of_memory = s.mix[i] - s.w[0] * s.p[0, i]
        s.cut[i] = s.mix[i] if likely or of_memory >= least * top else 0.0
        rest = max(rest, s.cut[i])
    if rest > 0.0:
        return rest
    for i in range(n):  # within a token that the memory alone spoke for
        s.cut[i] = s.mix[i]
    return top


@njit
def _power(x: float, temperature: float) -> float:
    """x**(1/temperature); temperature 0 keeps the likeliest only."""
    if x <= 0.0:
        return 0.0
    if temperature == 1.0:
        return x
    if temperature <= 0.0:
        return 1.0 if x >= 1.0 else 0.0
    return float(np.exp(np.log(x) / temperature))


@njit
def feed(tokens: Any, side: Any, tree: Any, stat: Any, doc: Any, views: Any, grow: bool, s: Any) -> None:
    """Walk through given tokens: the history grows, the matches follow, and the text's memory counts them
    where it grows."""
    for t in range(tokens.shape[0]):
        r = tree.rank[tokens[t]]
        if r < 0:
            continue
        node = np.int64(0)
        depth = 0
        while node >= 0:
            e = edge_of(tree, node, r)
            if grow:
                context_keys(doc.hist, doc.meta[2], doc.meta[3], depth, side[t], views, s.keys)
            advance(tree, e, depth, stat, doc, grow, s)
            node = np.int64(tree.child[e])
            depth += 1
