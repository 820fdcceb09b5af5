"""Voice: by how many nats the works moved each word away from the base that a model stands on.

log p of a word by the network with its adapter less log p by the base alone, both given the same words before
it. It is exact, as borrowed is: both numbers are what the networks say. It is no measure of quality, and says
nothing of what the base owes to whom. Bases are language models, so that units are characters of a text.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import numpy as np

from etude.families.contract import Shares
from etude.trace.record import Moved, Voice

STRONG = 1.0  # nats: e times as likely, or as unlikely; words moved by less are left unmarked
MOST_NAMED = 8  # words


def voice(scored: Shares, content: str, base: str) -> Voice | None:
    """The voice of a text; None where the model stands on no base. Tokens that were given do not count."""
    if scored.voice is None:
        return None
    moved = [
        Moved(int(scored.offsets[t]), int(scored.offsets[t + 1]), float(scored.voice[t]))
        for t in np.flatnonzero(scored.scored).tolist()
        if scored.offsets[t + 1] > scored.offsets[t]
    ]
    words = tuple(_joined(list(of)) for _, of in groupby(moved, _number(content)))
    return Voice(words, sum(word.nats for word in words), base)


def strongest(found: Voice, content: str) -> list[tuple[str, float]]:
    """The words that were moved most, the farthest first, each once."""
    seen: dict[str, float] = {}
    for word in sorted(found.words, key=lambda word: -abs(word.nats)):
        text = content[word.start : word.end].strip(" \n\t.,;:!?\"'()\u201c\u201d\u2018\u2019\u2014-")
        if abs(word.nats) >= STRONG and text:
            seen.setdefault(text, word.nats)
    return list(seen.items())[:MOST_NAMED]


def level(nats: float) -> int:
    """0 (hardly moved), 1 and 2: likelier by STRONG or by three times as much; -1: less likely."""
    if nats <= -STRONG:
        return -1
    return 0 if nats < STRONG else 1 if nats < 3 * STRONG else 2


def _number(content: str) -> Callable[[Moved], int]:
    """The number of the word that a token lies in: a word begins after a blank."""
    starts = [i for i, c in enumerate(content) if not c.isspace() and (i == 0 or content[i - 1].isspace())]

    def of(token: Moved) -> int:
        first = next((i for i in range(token.start, token.end) if not content[i].isspace()), token.end - 1)
        return int(np.searchsorted(starts, first, side="right"))

    return of


def _joined(tokens: list[Moved]) -> Moved:
    return Moved(tokens[0].start, tokens[-1].end, sum(token.nats for token in tokens))
