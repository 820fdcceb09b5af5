"""Pictures and clips that are the same or nearly so, found from their signatures: saved anew, resized,
trimmed, mirrored, recoloured.

Every pair is compared, in blocks: a likeness is a product of unit vectors. A clip has a signature for each
moment looked at, and counts by how many of the shorter one's are found in the other. What a signature is,
`media/pixels/signature.py` knows.

Letters: K rows of one work, R rows of all works, S width.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from etude.config.curate import LOOKALIKE
from etude.curate.duplicates import Group, Pair, joined
from etude.media.pixels.signature import mirrored

Rows = npt.NDArray[np.floating]
Float32 = npt.NDArray[np.float32]
_BLOCK = 1024  # rows compared with all others at a time


def find(signatures: Mapping[str, Rows], new: Collection[str] | None = None) -> tuple[Group, ...]:
    """Groups of works that look alike, from signatures (K, 2, S). With `new`, only pairs in which one work is
    new are looked for.

    In the pairs `jaccard` is the mean likeness of the moments found in both, `contained` the share of the
    shorter one's.
    """
    ids = [work_id for work_id, rows in signatures.items() if len(rows)]
    order = {work_id: number for number, work_id in enumerate(signatures)}
    if len(ids) < 2:
        return ()
    counts = np.array([len(signatures[work_id]) for work_id in ids])
    owner = np.repeat(np.arange(len(ids)), counts)
    rows = np.concatenate([signatures[work_id] for work_id in ids]).astype(np.float32)  # (R, 2, S)
    fresh = np.array([new is None or work_id in new for work_id in ids])[owner]
    if not fresh.any():
        return ()
    found: dict[tuple[int, int], dict[int, float]] = defaultdict(
        dict
    )  # pair of works -> moment of the first -> likeness
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        if not fresh[part].any():
            others = np.flatnonzero(fresh)  # the block is known: only the new ones can make a pair with it
        else:
            others = np.arange(len(rows))
        like = likeness(rows[part], rows[others])
        for i, j in np.argwhere(like >= LOOKALIKE.likeness):
            a, b = int(owner[start + i]), int(owner[others[j]])
            if a != b and (fresh[start + i] or fresh[others[j]]):
                seen = found[(a, b)]
                seen[int(i) + start] = max(seen.get(int(i) + start, 0.0), float(like[i, j]))
    return joined(_pairs(found, ids, counts), order)


def likeness(left: Float32, right: Float32) -> Float32:
    """(A, B) cosine of whole with whole, whole with trimmed and trimmed with whole, each also in a mirror."""
    whole, trimmed = right[:, 0], right[:, 1]
    best = left[:, 0] @ whole.T
    for one, other in (
        (left[:, 0], trimmed),
        (left[:, 1], whole),
        (left[:, 0], mirrored(whole)),
        (left[:, 0], mirrored(trimmed)),
        (left[:, 1], mirrored(whole)),
    ):
        np.maximum(best, one @ other.T, out=best)
    return np.asarray(np.minimum(best, 1.0), np.float32)


def _pairs(
    found: Mapping[tuple[int, int], Mapping[int, float]], ids: list[str], counts: npt.NDArray[np.int64]
) -> list[Pair]:
    pairs = []
    for a, b in sorted({(min(pair), max(pair)) for pair in found}):
        shorter, longer = (a, b) if counts[a] <= counts[b] else (b, a)
        moments = found.get((shorter, longer), {})
        share = len(moments) / int(counts[shorter])
        if share >= LOOKALIKE.contained:
            pairs.append(Pair(ids[a], ids[b], round(float(np.mean(list(moments.values()))), 4), share))
    return pairs
