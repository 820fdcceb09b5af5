"""The copy guard of one model: which works it guards, and what becomes of a take through which a copy got.

Guarded is what the memory holds, the parts of a divided work joined again so that a run across their border is seen, and every work that
the caller brings: held-out works are in no memory, and yet no span of them may stand in a take. While a take is drawn the guards of
`guard` and `media.guard` forbid what would complete a span; here the finished take is looked at once more, since where nothing
else was allowed one token was let through. Knows no project.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from etude.errors import TakeError, WorkError
from etude.families.sequence.decoder import Line
from etude.families.sequence.model import SequenceModel
from etude.media.contract import Content
from etude.media.music.bars import bars
from etude.media.music.copy_guard import MotifGuard
from etude.media.music.cuts import cut_ticks
from etude.media.music.event_codec import EventsCodec
from etude.media.music.grid_cursor import Given
from etude.media.music.score import STEP, Note, Score
from etude.media.text.copy_guard import Spelling, TextWatch, WordGuard

Span = tuple[int, int]
LENGTH = 2  # the column of an events codec's side inputs that tells how many 16ths the bar has


@dataclass(frozen=True)
class Shelf:
    """Whole works to guard beside the memory, known by their ids."""

    ids: tuple[str, ...] = ()
    contents: tuple[Content, ...] = field(default=(), compare=False, repr=False)


EMPTY = Shelf()


@lru_cache(maxsize=4)
def guard(model: SequenceModel, n: int, shelf: Shelf) -> TextGuard | MusicGuard:
    """The guard of the model's works and the shelf's against spans of n words or notes. Raises TakeError where n is too small."""
    if model.medium == "text":
        known = set(shelf.ids)  # what the memory holds of them is the same text
        texts = [text for work, text in remembered(model) if work not in known]
        return TextGuard(model, [*texts, *shelf.contents], n)
    # The memory holds music as the codec writes it, with its own rhythm where the original was played freely: both are guarded.
    return MusicGuard(model, [*(score for _, score in remembered(model)), *shelf.contents], n)


def remembered(model: SequenceModel) -> list[tuple[str, Content]]:
    """The works of the memory by id, parts that follow each other in one work joined."""
    out: list[tuple[str, Content]] = []
    end = -1  # the unit of the work at which the last part ends
    for s in sorted((s for s in model.segments if s.copy == 0), key=lambda s: (s.work_id, s.unit)):
        content = _content(model, s.start, s.end)
        if out and out[-1][0] == s.work_id and s.unit == end:
            out[-1] = (s.work_id, _joined(out[-1][1], content))
        else:
            out.append((s.work_id, content))
        end = s.unit + (len(content) if model.medium == "text" else sum(len(t.notes) for t in content.tracks))
    return out


def _content(model: SequenceModel, start: int, end: int) -> Content:
    codec = model.codec
    tokens = model.memory_tokens[start:end]
    plain = tokens[~np.isin(tokens, (codec.bos, codec.eos))].tolist()
    if isinstance(
        codec, EventsCodec
    ):  # its tokens say nothing of the metre, and its side inputs how long each bar is
        bar = np.flatnonzero(tokens[:-1] == codec.bar)
        length = model.memory_side[start:end][bar + 1, LENGTH].astype(np.int64)
        first = np.cumsum(length) - length
        meters = tuple((int(a) * STEP, int(n), 16) for a, n in zip(first, length, strict=True))
        return codec.decode(plain, like=Score((), meters))
    return codec.decode(plain)


def _joined(first: Content, second: Content) -> Content:
    """Two parts in a row: of scores the second begins where the last bar of the first ends."""
    if isinstance(first, str):
        return first + second
    if len(first.tracks) != len(second.tracks):
        return first
    at = bars(first)[-1].end

    def moved(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(Note(n.onset + at, n.pitch, n.duration, n.velocity) for n in notes)

    pairs = zip(first.tracks, second.tracks, strict=True)
    meters = (*first.meters, *((tick + at, beats, unit) for tick, beats, unit in second.meters))
    return replace(
        first, meters=meters, tracks=tuple(replace(a, notes=(*a.notes, *moved(b.notes))) for a, b in pairs)
    )


class TextGuard:
    """The guard of texts: spans are characters."""

    def __init__(self, model: SequenceModel, texts: Sequence[str], n: int) -> None:
        self.n, self._words = n, WordGuard(texts, n)
        self._bytes = [bytes(p) for p in model.codec.paths]
        self._spelling = Spelling(self._bytes)

    def watch(self, line: Line) -> None:
        """Forbid from where the line stands while it grows."""
        looked = max(TextWatch.TAIL, TextWatch.A_WORD * self.n)
        before = b"".join(self._bytes[t] for t in line.tokens[-looked:])
        watch = TextWatch(self._words, self._spelling, self._bytes, before)
        line.banned, line.pushed = watch.banned, watch.push

    def copies(self, content: Content, given: Any = None) -> list[Span]:
        """Copied spans that end after what was given."""
        return self._words.copies(content, len(given) if isinstance(given, str) else 0)

    def without(self, content: Content, given: Any) -> Content:
        """The take cut off before its first copy, and never within what was given."""
        kept = len(given) if isinstance(given, str) else 0
        while found := self.copies(content, given):
            content = content[: max(content.rfind(" ", 0, found[0][1]), kept)]
        return content


class MusicGuard:
    """The guard of scores: spans are the onsets of their first and last note."""

    def __init__(self, model: SequenceModel, scores: Sequence[Score], n: int) -> None:
        self.n, self._codec, self._motifs = n, model.codec, MotifGuard(scores, n)

    def watch(self, line: Line) -> None:
        """Forbid from where the line stands while it grows."""
        line.banned = lambda: self._motifs.banned(line.tokens[1:], self._codec, line.cursor)

    def copies(self, content: Content, given: Any = None) -> list[Span]:
        """Copied spans that have a note which was made."""
        return self._motifs.copies(content, self._given(given))

    def _given(self, given: Any) -> set[Span]:
        """(onset, pitch) of the notes that a person gave, as they were and as the codec writes them."""
        if given is None:
            return set()
        whole = given if isinstance(given, Given) else Given(given, onward=True)
        scores = [whole.score]
        with suppress(WorkError):
            tokens = self._codec.encode(whole.score).tokens.tolist()
            scores.append(self._codec.decode(tokens, like=whole.score))  # type: ignore[call-arg]
        out: set[Span] = set()
        for score in scores:
            grid = bars(score)
            a, b = whole.fill_bars or (0, len(grid))
            inside = range(grid[min(a, len(grid) - 1)].start, grid[min(b, len(grid)) - 1].end)
            for i, track in enumerate(score.tracks):
                kept = whole.onward or i in whole.keep_tracks
                out |= {(n.onset, n.pitch) for n in track.notes if kept or n.onset not in inside}
        return out

    def without(self, content: Content, given: Any) -> Content:
        """The take cut off at the bar line before the end of its first copy. Raises TakeError where fewer notes than such a span
        would be left of what was made, or where the take must be as long as what was given."""
        known = self._given(given)
        while found := self.copies(content, given):
            at = min(last for _, last in found)
            start = max(bar.start for bar in bars(content) if bar.start <= at)
            content = cut_ticks(content, 0, start)
            left = sum((n.onset, n.pitch) not in known for t in content.tracks for n in t.notes)
            if left < self.n or (isinstance(given, Given) and not given.onward):
                raise TakeError(
                    f"no take was found without a span of {self.n} notes that stands in the collection",
                    "raise --no-copy or --temperature, lower --borrow, or try another --seed",
                )
        return content
