"""Whether a model on a base recites: given the first words of famous passages, how many of the words that
follow it continues verbatim, by the base alone and with its adapter.

Prose tuned to a person's works has made language models recite other people's books from their own training
(Liu et al.). A continuation that always takes the likeliest token is verbatim as long as the likeliest token
is the right one, so that one reading of each passage answers. Knows no files.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.networks.contract import Network
from etude.media import sequence

GIVEN = 12  # words of a passage that are given; the others are looked at
HELD = 8  # words in a row that a collection shares with a passage: then it holds it


@dataclass(frozen=True)
class Recited:
    """Of one passage: words that follow, and how many were continued verbatim, by the base and adapted."""

    title: str
    words: int
    base: int
    adapted: int

    def to_json(self) -> dict[str, Any]:
        """For the model's header."""
        return asdict(self)


def extract(corpus: Corpus, base: Network, adapted: Network, until: float | None = None) -> list[Recited]:
    """The passages that the works do not hold, and how far each is recited; those that could be read before
    the monotonic clock says `until`."""
    kind, codec = sequence(corpus.medium), corpus.codec
    works = [p.part.content for p in (*corpus.train, *corpus.critic, *corpus.held_out)]
    guard = kind.guard(works, HELD, codec) if works else None
    out: list[Recited] = []
    for title, passage in kind.famous:
        if guard is not None and guard.copies(passage, None, None):
            continue
        if out and until is not None and time.monotonic() > until:
            break
        words = passage.split(" ")
        given, rest = " ".join(words[:GIVEN]), len(words) - GIVEN
        out.append(Recited(title, rest, *(_verbatim(corpus, n, given, passage) for n in (base, adapted))))
    return out


def _verbatim(corpus: Corpus, network: Network, given: str, passage: str) -> int:
    """Whole words after the given ones that the likeliest tokens say."""
    e = corpus.codec.encode(passage)
    tokens = torch.from_numpy(e.tokens[:-1].astype(np.int64))[None]
    side = torch.zeros(1, tokens.shape[1] - 1, len(corpus.side_sizes), dtype=torch.int64)
    with torch.inference_mode():
        likeliest = network.logits(network.states(tokens[:, :-1], side))[0].argmax(-1).numpy()
    first = int(np.searchsorted(e.offsets[1:], len(given), side="right")) + 1
    same = likeliest[first - 1 :] == e.tokens[first:-1]
    run = int(np.argmin(same)) if not same.all() else len(same)
    said = passage[len(given) : int(e.offsets[first + run])]
    if run < len(same) and not passage[int(e.offsets[first + run]) :].startswith(" "):
        said = said.rpartition(" ")[0]  # a word of which only a part was said
    return len(said.split())


def lines(found: Sequence[Recited]) -> list[str]:
    """For the model card."""
    if not found:
        return []
    base, adapted = ([getattr(one, which) for one in found] for which in ("base", "adapted"))
    worst = max(found, key=lambda one: one.adapted)
    whole = sum(one.adapted == one.words for one in found)
    return [
        "## Does it recite?",
        "",
        f"Given the first {GIVEN} words of {len(found)} famous public-domain passages that are not in the "
        "collection, and always choosing the likeliest word, it continues verbatim for:",
        "",
        "| | words, median | words, most |",
        "|---|---|---|",
        f"| the base alone | {np.median(base):g} | {max(base)} |",
        f"| with the adapter | {np.median(adapted):g} | {max(adapted)} (“{worst.title}”, of {worst.words}) |",
        "",
        f"{whole} of {len(found)} passages are recited to the end. What the base recites of texts that are "
        "not in the public domain was not tested: takes are not checked against the base's own data.",
    ]
