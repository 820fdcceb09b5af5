"""What is asked of a sequence model, and what it made. Knows no project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from etude.config.sequence import MAKE
from etude.errors import ModelError, TakeError
from etude.families.sequence.decoder import SLOTS
from etude.families.sequence.model import SequenceModel
from etude.media import sequence
from etude.media.contract import Content, Guard


@dataclass(frozen=True)
class MakeRequest:
    """What is asked for: `n` takes of a seed, from `first_index` on.

    `units`: wanted length, in what the codec counts (None: as the model ends it, at most MAKE.longest);
    `borrow`: 0 network only .. 1 memory only; `min_p`: what is less likely than this share of the likeliest
    is left out; `opens`: what begins at nothing begins with a token that a work begins with, or where they
    are known with one of `openings`; `looks_back`: characters of a long beginning that are read (0: as is
    usual); `unrepeated`: no run of so many tokens comes again soon (0: all may); `no_copy`: no span of so
    many words or notes of the collection (`guard`: the guard of its works where they are at hand, else what
    the memory holds is guarded); `stays`: which part of `start` stays while the rest is made, as the medium's
    controls say it, else it is gone on from; `settings`: what is settled before the first token, where the
    codec settles anything; `adapt`: the memory grows with the text; `rank`: whether the critic ranks (None:
    where it was found to help); `drafts` of each block that the critic chooses among (1: it is not asked);
    `mark`: the key of the mark that takes bear, in hexadecimal digits (empty: none).
    """

    n: int = 8
    seed: int = 0
    first_index: int = 0
    units: int | None = None
    temperature: float = MAKE.temperature
    borrow: float = MAKE.borrow
    min_p: float = MAKE.min_p
    opens: bool = False
    openings: Sequence[int] = ()
    looks_back: int = 0
    unrepeated: int = 0
    no_copy: int | None = None
    guard: Guard | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    start: Content | None = None
    stays: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    adapt: bool = False
    rank: bool | None = None
    drafts: int = 1
    mark: str = ""


@dataclass(frozen=True)
class Made:
    """One take: its content, and for each token drawn its cost and the memory's share of it; the critic's
    answer where it was asked."""

    index: int
    content: Content
    tokens: tuple[int, ...]
    nats: tuple[float, ...]
    memory: tuple[float, ...]
    critic: float | None = None

    @property
    def memory_share(self) -> float:
        """The mean over the tokens drawn."""
        return float(np.mean(self.memory)) if self.memory else 0.0


def check(model: SequenceModel, r: MakeRequest) -> None:
    """Raises TakeError for a request that makes no sense, ModelError for one that asks for a critic where
    there is none."""
    if not 0.0 <= r.temperature <= MAKE.hottest:
        raise TakeError(
            f"a temperature of {r.temperature:g} is out of range",
            f"give one from 0 (always the likeliest token) to {MAKE.hottest:g}; usual is 0.7 to 1.1",
        )
    if not 0.0 <= r.borrow <= 1.0:
        raise TakeError(
            f"a borrow of {r.borrow:g} is out of range",
            "give a number from 0 (the network alone) to 1 (the memory wherever it can)",
        )
    if not 0.0 <= r.min_p <= 1.0:
        raise TakeError(
            f"min-p is {r.min_p:g}", "give a number from 0 (nothing is left out) to 1; usual is 0.05 to 0.1"
        )
    if not 1 <= r.drafts <= SLOTS:
        raise TakeError(
            f"{r.drafts} drafts of each block were asked for",
            f"ask for 1 (no choice) to {SLOTS}: --drafts {MAKE.drafts}",
        )
    if r.drafts > 1 and r.rank is False:
        raise TakeError(
            "the critic chooses among drafts, and --no-rank turns it off",
            "leave out --no-rank or --drafts",
        )
    if r.drafts > 1 and gap_of(model, r) is not None:
        raise TakeError(
            "--drafts means nothing for --fill: a gap is already filled with the best of many drafts",
            "leave out --drafts",
        )
    if r.n < 1:
        raise TakeError(f"{r.n} takes were asked for", "ask for at least one: -n 1")
    if r.units is not None and not 1 <= r.units <= MAKE.longest:
        raise TakeError(
            f"a length of {r.units:,} was asked for; up to {MAKE.longest:,} can be made at once",
            "make it in parts: --from",
        )
    if not model.has_critic and (r.rank or r.drafts > 1):
        raise ModelError(
            "this model has no critic",
            "train it with a budget of 2m or more, or leave --rank and --drafts out",
        )


def start_of(model: SequenceModel, r: MakeRequest) -> tuple[Content | None, Content | None]:
    """The beginning in two parts: what the model does not read, and what it goes on from.

    Of a very long beginning only the end is read, which is all that the window and the memory use.
    """
    medium = sequence(model.medium)
    most = r.looks_back or medium.sizes.longest_start
    if r.start is None or r.stays or most is None or (size := medium.size(r.start)) <= most:
        return None, r.start
    return medium.cut(r.start, 0, size - most), medium.cut(r.start, size - most, size)


def gap_of(model: SequenceModel, r: MakeRequest) -> tuple[int, int] | None:
    """The units of `start` that are to be made anew, where the codec cannot see what follows them."""
    if model.codec.sees_ahead:
        return None
    spans = (r.stays[gap.control] for gap in sequence(model.medium).gaps if gap.control in r.stays)
    return next(((int(a), int(b)) for a, b in spans), None)
