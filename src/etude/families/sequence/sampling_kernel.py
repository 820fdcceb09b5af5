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
    mark: Any,
    recent: Any,
    seen: Any,
) -> Any:
    """Draw the next token. logits (V,); allowed (V,) uint8; p (V',) and kept (V' + 1,) room; uniform (>=
    depth,). `mark` (5,), `recent` (W,) and `seen`: see `marking.py`; with mark[0] = 0 nothing is marked.

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
        if mark[0] != 0 and mark[3] == 0 and mark[2] == recent.shape[0] and temperature > 0.0 and n > 1:
            pick = _marked(
                tree, node, n, s.cut if least > 0.0 else s.mix, top, temperature, u, mark, recent, seen
            )
        if pick < 0:
            a = 0.0
            for i in range(n):
                q = (
                    _power(s.cut[i] / top, temperature)
                    if least > 0.0
                    else _power(s.mix[i] / top, temperature)
                )
                if q > 0.0:
                    a += q
                    pick = i
                    if a >= u:
                        break
        e = tree.first[node] + pick
        if mark[0] != 0 and tree.symbol[e] < tree.end:
            _note(tree.symbol[e], mark, recent, seen)
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
def _mixed(z: Any) -> Any:
    """See `watermark.mixed`."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit
def _context(recent: Any) -> Any:
    """The hash of the last symbols, as `watermark.contexts` has it."""
    out = np.uint64(0)
    for k in range(recent.shape[0]):
        out = _mixed(out + recent[k] + np.uint64(0x9E3779B97F4A7C15))
    return out


@njit
def _place(context: Any, seen: Any) -> Any:
    """Where a context stands in the table, or would stand."""
    mask = np.uint64(seen.shape[0] - 1)
    at = context & mask
    while seen[at] != 0 and seen[at] != context:
        at = (at + np.uint64(1)) & mask
    return at


@njit
def _note(symbol: Any, mark: Any, recent: Any, seen: Any) -> None:
    """A symbol was drawn: its context is known from now on, and it is the last of the next one."""
    if mark[2] == recent.shape[0]:
        context = _context(recent)
        at = _place(context, seen)
        if seen[at] == 0 and context != 0:
            seen[at] = context
            mark[4] += np.uint64(1)
    else:
        mark[2] += np.uint64(1)
    for k in range(recent.shape[0] - 1):
        recent[k] = recent[k + 1]
    recent[recent.shape[0] - 1] = np.uint64(symbol)
    if mark[3] > 0:
        mark[3] -= np.uint64(1)


@njit
def _marked(
    tree: Any,
    node: Any,
    n: int,
    weight: Any,
    top: float,
    temperature: float,
    u: float,
    mark: Any,
    recent: Any,
    seen: Any,
) -> int:
    """The child with the largest u**(1/p) (see `stats/watermark.py`); -1 where it is to be drawn freely: in a
    context that came before, and where a token or the content ends, which leaves no symbol."""
    context = _context(recent)
    if seen[_place(context, seen)] != 0:
        return -1
    e0 = tree.first[node]
    silent = 0.0
    for i in range(n):
        if tree.symbol[e0 + i] >= tree.end:
            silent += _power(weight[i] / top, temperature)
    if silent > 0.0:
        if u <= silent:
            a = 0.0
            pick = -1
            for i in range(n):
                q = _power(weight[i] / top, temperature) if tree.symbol[e0 + i] >= tree.end else 0.0
                if q > 0.0:
                    a += q
                    pick = i
                    if a >= u:
                        break
            return pick
    seeded = _mixed(context ^ mark[1])
    best = -np.inf
    pick = -1
    for i in range(n):
        symbol = tree.symbol[e0 + i]
        q = _power(weight[i] / top, temperature) if symbol < tree.end else 0.0
        if q > 0.0:
            z = _mixed(seeded + (np.uint64(symbol) + np.uint64(1)) * np.uint64(0xD6E8FEB86659FD93))
            number = (np.float64(z >> np.uint64(11)) + 0.5) * 2.0**-53
            value = np.log(number) / q
            if value > best:
                best = value
                pick = i
    return pick


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
