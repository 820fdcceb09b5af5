"""The tree of symbols: every token is a path of decisions, so that network and memory can be mixed below the
token.

The network gives one probability a token; the memory counts symbols (bytes of text, tokens of music). A token
is drawn as a walk from the root: at each node a child symbol, or END where a shorter token stops. Sorted by
path, the tokens under a node are one contiguous range, so the network's probability of a child is a
difference of two cumulative sums. The walk is exact: the product of the decisions' probabilities is the
token's probability. Knows nothing of training, files or media.

Letters: V tokens, M nodes, K children. Growing the tree of a base's 49,000 tokens is compiled: half a second
before the first word of every take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.compiling import njit
from etude.media.contract import Codec

Int32 = npt.NDArray[np.int32]


class Tree(NamedTuple):
    """Flat arrays of the tree; a NamedTuple of arrays, so that compiled code can take it whole.

    `order` (V',) tokens sorted by path; `rank` (V,) place of each token in it, -1 where it is never drawn.
    Node m covers order[lo[m]:hi[m]]; its children are edges first[m]..first[m + 1], each with a `symbol` and
    a `child` node (-1: the edge ends the token order[lo]). `end` is the END symbol, `n_symbols` counts it and
    all others.
    """

    order: Int32
    rank: Int32
    lo: Int32
    hi: Int32
    first: Int32
    symbol: Int32
    child: Int32
    edge_lo: Int32
    edge_hi: Int32
    end: int
    n_symbols: int


def build(paths: Sequence[tuple[int, ...]], n_symbols: int, *, drawn: Sequence[bool]) -> Tree:
    """The tree of all tokens that may be drawn.

    `paths[v]` are the symbols (0..n_symbols-1) of token v; a drawable token without symbols (end of work)
    gets a symbol of its own. END is symbol n_symbols; the extra symbols follow.
    """
    end = n_symbols
    extra = n_symbols + 1
    full: list[tuple[tuple[int, ...], int]] = []
    for v, path in enumerate(paths):
        if not drawn[v]:
            continue
        if not path:
            full.append(((extra,), v))
            extra += 1
        else:
            full.append((tuple(path), v))
    full.sort()
    order = np.array([v for _, v in full], np.int32)
    rank = np.full(len(paths), -1, np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)

    lengths = np.array([len(path) for path, _ in full], np.int64)
    at = np.concatenate([[0], np.cumsum(lengths)])
    symbols = np.fromiter((s for path, _ in full for s in path), np.int32, int(at[-1]))
    lo, hi, first, *edges = _grow(symbols, at, end)
    symbol, child, edge_lo, edge_hi = edges
    return Tree(order, rank, lo, hi, first, symbol, child, edge_lo, edge_hi, end, extra)


@njit
def _grow(symbols: Any, at: Any, end: int) -> Any:
    """The nodes of the tree, breadth first, and their edges, as the arrays of `Tree` from `lo` on: of sorted
    paths, path i being symbols[at[i] : at[i + 1]]."""
    n = at.shape[0] - 1
    most = symbols.shape[0] + n + 1  # a path has an edge a symbol, and perhaps one for its end
    node = np.zeros((most, 3), np.int32)  # lo, hi, depth
    edge = np.zeros((most, 4), np.int32)  # symbol, child, lo, hi
    first = np.zeros(most + 1, np.int32)
    node[0, 1] = n
    m, nodes, edges = 0, 1, 0
    while m < nodes:
        i, hi, depth = node[m, 0], node[m, 1], node[m, 2]
        while i < hi and at[i + 1] - at[i] == depth:
            edge[edges] = np.array([end, -1, i, i + 1])
            edges += 1
            i += 1
        while i < hi:
            s = symbols[at[i] + depth]
            k = i + 1
            while k < hi and symbols[at[k] + depth] == s:
                k += 1
            child = -1
            if k > i + 1 or at[i + 1] - at[i] > depth + 1:
                node[nodes] = np.array([i, k, depth + 1])
                child = nodes
                nodes += 1
            edge[edges] = np.array([s, child, i, k])
            edges += 1
            i = k
        m += 1
        first[m] = edges
    lo, hi_, found = node[:nodes, 0].copy(), node[:nodes, 1].copy(), edge[:edges]
    return (
        lo,
        hi_,
        first[: nodes + 1].copy(),
        found[:, 0].copy(),
        found[:, 1].copy(),
        found[:, 2].copy(),
        found[:, 3].copy(),
    )


def of_codec(codec: Codec) -> Tree:
    """The tree of a codec's tokens: every one with symbols can be drawn but bos, and eos."""
    paths = [tuple(p) for p in codec.paths]
    drawn = [v != codec.bos and (bool(path) or v == codec.eos) for v, path in enumerate(paths)]
    return build(paths, codec.n_symbols, drawn=drawn)


@njit
def edge_of(tree: Any, node: Any, rank: Any) -> Any:
    """The edge below `node` whose range holds the token of this rank."""
    a, b = tree.first[node], tree.first[node + 1]
    while b - a > 1:
        m = (a + b) // 2
        if tree.edge_lo[m] <= rank:
            a = m
        else:
            b = m
    return np.int64(a)


@njit
def decisions(tokens: Any, tree: Any) -> int:
    """How many decisions a run of tokens takes: as many as it may add to the history and to each view."""
    n = 0
    for t in range(tokens.shape[0]):
        r = tree.rank[tokens[t]]
        node = np.int64(0) if r >= 0 else np.int64(-1)
        while node >= 0:
            node = np.int64(tree.child[edge_of(tree, node, r)])
            n += 1
    return n
