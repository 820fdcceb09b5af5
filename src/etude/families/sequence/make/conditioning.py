"""A take as the generator met it: which of its tokens were given by a person, and what was known before each was drawn.

A trace reads a take again. Without this it would count the words that a person gave as drawn from the memory, and would read a bass under a
given melody without knowing the melody. Knows no project.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from etude.families.sequence.make.sampling import MakeRequest
from etude.media.contract import Codec, Content, Encoded


def heard(codec: Codec, content: Content, asked: MakeRequest) -> Encoded | None:
    """The tokens of a take of this request, given ones not `scored`, with the side inputs that each was drawn by.

    None where the content does not hold what was given: then it is read as any other.
    """
    if isinstance(content, str):
        return _text(codec, content, asked)
    given = asked.given if asked.given is not None else asked.start
    return _music(codec, content, given) if given is not None else codec.encode(content)


def _text(codec: Codec, content: str, asked: MakeRequest) -> Encoded | None:
    e = codec.encode(content)
    whole = asked.start or ""
    left, right = (len(whole), 0) if asked.fill is None else (asked.fill[0], len(whole) - asked.fill[1])
    if not content.startswith(whole[:left]) or not content.endswith(whole[len(whole) - right :]):
        return None
    first, end = e.offsets[:-1], e.offsets[1:]
    given = (end <= left) | (first >= len(content) - right)
    return replace(e, scored=e.scored & ~(given & (end > first)))


def _music(codec: Codec, content: Content, given: Any) -> Encoded | None:
    e = codec.encode(content)
    cursor = codec.cursor(units=None, given=given)
    side, scored = e.side.copy(), e.scored.copy()
    for t, token in enumerate(e.tokens.tolist()):
        if t == 0:
            continue  # bos
        if cursor.done and token != codec.eos:
            return None
        if cursor.done:
            break
        forced = cursor.forced()
        if forced is not None and forced != token:
            return None
        now = cursor.side()
        if len(now):
            side[t] = np.array(now, side.dtype)
        scored[t] &= forced is None
        cursor.push(token)
    return replace(e, side=side, scored=scored)
