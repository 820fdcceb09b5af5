"""The tree of symbols: every token is a path of decisions, so that network and memory can be mixed below the
token.

The network gives one probability a token; the memory counts symbols (bytes of text, tokens of music). A token
is drawn as a walk from the root: at each node a child symbol, or END where a shorter token stops. Sorted by
path, the tokens under a node are one contiguous range, so the network's probability of a child is a
difference of two cumulative sums. The walk is exact: the product of the decisions' probabilities is the
token's probability. Knows nothing of training, files or media.

Letters: V tokens, M nodes, K children.
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

    nodes: list[tuple[int, int, int]] = [(0, len(full), 0)]  # lo, hi, depth
    edges: list[list[tuple[int, int, int, int]]] = []  # symbol, child, lo, hi
    m = 0
    while m < len(nodes):
        lo, hi, depth = nodes[m]
        mine: list[tuple[int, int, int, int]] = []
        i = lo
        while i < hi and len(full[i][0]) == depth:
            mine.append((end, -1, i, i + 1))
            i += 1
        while i < hi:
            s = full[i][0][depth]
            k = i
            while k < hi and full[k][0][depth] == s:
                k += 1
            if k == i + 1 and len(full[i][0]) == depth + 1:
                mine.append((s, -1, i, k))
            else:
                nodes.append((i, k, depth + 1))
                mine.append((s, len(nodes) - 1, i, k))
            i = k
        edges.append(mine)
        m += 1
    first = np.zeros(len(nodes) + 1, np.int32)
    first[1:] = np.cumsum([len(e) for e in edges])
    flat = np.array([e for mine in edges for e in mine], np.int32).reshape(-1, 4)
    return Tree(
        order,
        rank,
        np.array([n[0] for n in nodes], np.int32),
        np.array([n[1] for n in nodes], np.int32),
        first,
        np.ascontiguousarray(flat[:, 0]),
        np.ascontiguousarray(flat[:, 1]),
        np.ascontiguousarray(flat[:, 2]),
        np.ascontiguousarray(flat[:, 3]),
        end,
        extra,
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
