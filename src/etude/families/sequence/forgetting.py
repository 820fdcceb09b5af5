"""A stored sequence model whose memory forgets works: their tokens, and what was known of them, are cut out
of the arrays and the header.

The network stays: what it learned of them is in all of its weights, and only learning again takes it out.
Knows no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from etude.families.course import Arrays

_OF_TOKENS = ("memory.tokens", "memory.side", "memory.offsets")


def without(
    header: Mapping[str, Any], arrays: Arrays, works: Set[str]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and arrays without these works; None where the memory holds none of them."""
    segments = [list(segment) for segment in header.get("segments") or []]
    known = dict(header.get("known") or {})
    if not any(segment[0] in works for segment in segments) and not works & known.keys():
        return None
    kept = np.ones(len(arrays["memory.tokens"]), np.bool_)
    moved, at = [], 0
    for work, unit, copy, start, end in segments:
        if work in works:
            kept[start:end] = False
        else:
            moved.append([work, unit, copy, at, at + end - start])
            at += end - start
    new = {**header, "segments": moved}
    if known:
        new["known"] = {work: row for work, row in known.items() if work not in works}
    return new, {name: array[kept] if name in _OF_TOKENS else array for name, array in arrays.items()}
