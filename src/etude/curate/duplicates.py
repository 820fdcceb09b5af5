"""Works that are the same, nearly the same, or one inside the other, found from their shingles.

MinHash signatures with banding (Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets",
chapter 3) find pairs that resemble each other; a sample of the shingles, kept by value (FracMinHash, Irber et
al. 2022), finds a short work inside a long one. Every pair found is then measured exactly. Knows nothing of
media: shingles come as uint64 hashes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.curate import DUPLICATES

UInt64 = npt.NDArray[np.uint64]
UInt32 = npt.NDArray[np.uint32]  # wide enough for minima of some millions, and twice as fast
_CHUNK = (
    1 << 10
)  # shingles hashed at a time: the block (permutations x chunk) takes 512 kB and stays in the cache
_INDEXED = 1 << 23  # shingles in the inverted index: 20 MB of text fit whole, more is sampled
_CROWD = 16  # a shingle that more works share is a stock phrase and says nothing about a pair


@dataclass(frozen=True)
class Pair:
    """Two works and how much they share: `jaccard` of their shingles, `contained` the share of the smaller
    one's in the other."""

    a: str
    b: str
    jaccard: float
    contained: float


@dataclass(frozen=True)
class Group:
    """Works that belong together, in the order of the mapping, and the pairs that join them. Exact copies
    have jaccard 1."""

    ids: tuple[str, ...]
    pairs: tuple[Pair, ...]


def find(shingles: Mapping[str, UInt64], new: Collection[str] | None = None) -> tuple[Group, ...]:
    """Groups of near-duplicates among the works. With `new`, only pairs in which one work is new are looked
    for."""
    sets = {work_id: np.unique(np.asarray(hashes, dtype=np.uint64)) for work_id, hashes in shingles.items()}
    fresh = set(sets if new is None else new)
    order = {work_id: number for number, work_id in enumerate(sets)}
    pairs = []
    for a, b in sorted(_alike(sets) | _inside(sets), key=lambda pair: (order[pair[0]], order[pair[1]])):
        if a in fresh or b in fresh:
            pair = measure(a, b, sets[a], sets[b])
            if _same(pair, min(len(sets[a]), len(sets[b]))):
                pairs.append(pair)
    return joined(pairs, order)


def group_of(groups: Collection[Group]) -> dict[str, str]:
    """work id -> the first id of its group; works of no group are left out."""
    return {work_id: group.ids[0] for group in groups for work_id in group.ids}


def measure(a: str, b: str, left: UInt64, right: UInt64) -> Pair:
    """The exact figures of a pair, from sorted sets of shingles."""
    if not len(left) or not len(right):
        return Pair(a, b, 0.0, 0.0)
    small, large = (left, right) if len(left) <= len(right) else (right, left)
    at = np.minimum(np.searchsorted(large, small), len(large) - 1)
    shared = int(np.count_nonzero(large[at] == small))
    return Pair(a, b, shared / (len(left) + len(right) - shared), shared / len(small))


def signature(shingles: UInt64, permutations: int = DUPLICATES.permutations) -> UInt32:
    """(permutations,) the least value of each hash over the shingles. The share of equal places estimates the
    Jaccard index."""
    factors, shifts = _hashes(permutations)
    least = np.full(permutations, np.iinfo(np.uint32).max, dtype=np.uint32)
    mixed = (_mix(np.asarray(shingles, dtype=np.uint64)) >> np.uint64(32)).astype(np.uint32)
    for start in range(0, len(mixed), _CHUNK):
        block = factors[:, None] * mixed[None, start : start + _CHUNK]  # (P, chunk), modulo 2^32
        block += shifts[:, None]
        np.minimum(least, block.min(axis=1), out=least)
    return least


def estimate(left: UInt32, right: UInt32) -> float:
    """The Jaccard index of two works as their signatures estimate it."""
    return float(np.mean(left == right))


def _hashes(permutations: int) -> tuple[UInt32, UInt32]:
    draw = rng.for_(0, "minhash", permutations)
    top = np.iinfo(np.uint32).max
    factors = draw.integers(0, top, permutations, dtype=np.uint32) | np.uint32(
        1
    )  # odd, so that x -> a x + b is one to one
    return factors, draw.integers(0, top, permutations, dtype=np.uint32)


def _mix(x: UInt64) -> UInt64:
    """SplitMix64 (Steele et al. 2014): shingles that differ in few bits become unlike numbers."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _alike(sets: Mapping[str, UInt64]) -> set[tuple[str, str]]:
    """Pairs that agree in all rows of a band of their signatures: candidates for a high Jaccard index."""
    ids = [work_id for work_id, values in sets.items() if len(values)]
    if len(ids) < 2:
        return set()
    signatures = np.stack([signature(sets[work_id]) for work_id in ids])  # (N, P)
    rows = DUPLICATES.permutations // DUPLICATES.bands
    found: set[tuple[str, str]] = set()
    for band in range(DUPLICATES.bands):
        buckets: dict[bytes, list[str]] = defaultdict(list)
        for work_id, values in zip(ids, signatures[:, band * rows : (band + 1) * rows], strict=True):
            buckets[values.tobytes()].append(work_id)
        for members in buckets.values():
            found.update(pairwise(members) if len(members) > _CROWD else combinations(members, 2))
    return found


def _inside(sets: Mapping[str, UInt64]) -> set[tuple[str, str]]:
    """Pairs that share so many shingles that one may lie inside the other, by an inverted index over (a
    sample of) them all."""
    ids = list(sets)
    rate = min(1.0, _INDEXED / max(1, sum(map(len, sets.values()))))
    samples = [_mix(values) for values in sets.values()]
    if rate < 1.0:  # the same values are kept of every work, so that shared ones stay shared
        samples = [values[values < np.uint64(rate * 2.0**64)] for values in samples]
    mixed = np.concatenate([np.empty(0, np.uint64), *samples])
    owner = np.repeat(np.arange(len(ids)), [len(values) for values in samples])
    order = np.argsort(mixed, kind="stable")  # stable: within one shingle the owners ascend
    mixed, owner = mixed[order], owner[order]
    same = np.concatenate([[False], mixed[1:] == mixed[:-1]]) if len(mixed) else np.empty(0, bool)
    run = np.cumsum(~same) - 1
    sizes = np.bincount(run) if len(run) else run
    keep = (sizes[run] > 1) & (sizes[run] <= _CROWD)
    run, owner = run[keep], owner[keep]
    shared: dict[int, int] = defaultdict(int)
    for step in range(1, _CROWD):
        both = np.flatnonzero(run[step:] == run[:-step])
        keys, counts = np.unique(owner[both] * len(ids) + owner[both + step], return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            shared[key] += count
    found = set()
    for key, count in shared.items():
        a, b = ids[key // len(ids)], ids[key % len(ids)]
        if count >= max(
            1.0, 0.5 * DUPLICATES.contained * rate * min(len(sets[a]), len(sets[b]))
        ):  # half: samples vary
            found.add((a, b))
    return found


def _same(pair: Pair, shingles: int) -> bool:
    if shingles < DUPLICATES.min_shingles:
        return pair.jaccard == 1.0
    return pair.jaccard >= DUPLICATES.jaccard or pair.contained >= DUPLICATES.contained


def joined(pairs: Sequence[Pair], order: Mapping[str, int]) -> tuple[Group, ...]:
    """Pairs as groups of connected works in this order, by union-find with path halving."""
    parent: dict[str, str] = {}

    def root(work_id: str) -> str:
        parent.setdefault(work_id, work_id)
        while parent[work_id] != work_id:
            parent[work_id] = parent[parent[work_id]]
            work_id = parent[work_id]
        return work_id

    for pair in pairs:
        a, b = sorted((root(pair.a), root(pair.b)), key=order.__getitem__)
        parent[b] = a
    members: dict[str, list[str]] = defaultdict(list)
    for work_id in sorted(parent, key=order.__getitem__):
        members[root(work_id)].append(work_id)
    joined: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        joined[root(pair.a)].append(pair)
    return tuple(Group(tuple(ids), tuple(joined[first])) for first, ids in members.items())
