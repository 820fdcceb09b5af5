"""Where a piece being made of events stands: grammar, what is given, and the side inputs of the next token.

Notes that are given are waited for: nothing may be made that comes after the next of them, so one mask serves
free pieces, gaps of bars and accompaniments alike. Knows the vocabulary; knows no codec and no model, and has
no sight of what is ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import tee

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.media.music.event_vocabulary import (
    BAR,
    DURATION,
    HEADER,
    LOUDNESS,
    NOTE,
    PITCH,
    TRACK,
    EventVocabulary,
    bar_length,
)
from etude.media.music.given_score import Given
from etude.media.music.metre import bar_lines
from etude.media.music.score import Score

Ahead = tuple[int, int, int, int, int, int]  # bar, place, track, pitch, duration, loudness of a given note


class EventCursor:
    """A cursor over events, standing after bos."""

    def __init__(self, codec: EventVocabulary, units: int | None, given: Given | None) -> None:
        self.codec, self.units, self.given = codec, units, given
        self._state, self._done = HEADER, False
        self._bar, self._place, self._track, self._above = -1, -1, -1, -1
        self._instruments: list[int] = []
        self._made = 0
        self._ahead: list[Ahead] = []
        self._at = 0  # given notes that were reached
        self._current: Ahead | None = None  # the given note being written
        self._header: tuple[int, ...] = ()
        self._bars = 0  # bars of what is given
        self._keep: set[int] = set()
        if given is not None:
            self._give(given)
        self.like = given.score if given else None
        like = self.like or Score((), ((0, *codec.meter),), pickup=codec.pickup)
        (self._lines,) = tee(
            bar_lines(like.meters, like.pickup), 1
        )  # unlike a generator, a tee can be copied
        self._line = (0, 0, 0)
        self._places: list[int] = []
        self._ticks: list[int] = []
        # For the copy guard: for each track the line of its top notes and that of its bottom notes.
        self._melody: list[tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]] = []
        self._here: dict[
            int, tuple[int, int]
        ] = {}  # track -> highest and lowest pitch at the current position

    def _give(self, given: Given) -> None:
        codec = self.codec
        e = codec.grid.events(given.score)
        codec.pitch_tokens(e, 0)  # says in one sentence which pitches have no token
        self._header, self._bars = e.instruments, len(e.bars)
        kept = [i for i, _ in codec.grid.kept(given.score)]
        self._keep = {k for k, i in enumerate(kept) if i in given.keep_tracks}
        rows = [tuple(row[:6]) for row in e.rows.tolist()]
        self._ahead = [
            (b, p, t, h, d, v) for b, p, t, h, d, v in rows if given.onward or not self._is_free(b, t)
        ]

    def _is_free(self, bar: int, track: int) -> bool:
        """Whether notes of this bar and track are to be made."""
        given = self.given
        if given is None:
            return True
        if given.onward:
            return self._at >= len(self._ahead)
        inside = given.fill_bars is None or given.fill_bars[0] <= bar < given.fill_bars[1]
        return inside and track not in self._keep

    def _next(self) -> Ahead | None:
        return self._ahead[self._at] if self._at < len(self._ahead) else None

    def side(self) -> tuple[int, ...]:
        length = bar_length(self._line[2]) if self._bar >= 0 else 0
        track = self._track
        return (
            self._state,
            self._place + 1,
            length,
            track + 1,
            self._instruments[track] + 1 if track >= 0 else 0,
        )

    def allowed(self) -> npt.NDArray[np.bool_]:
        """(V,) what the grammar and the given notes admit; never empty."""
        codec, state, wait = self.codec, self._state, self._next()
        first = codec.first
        mask = np.zeros(codec.vocab, bool)
        if state == HEADER:
            if self._header:
                done = len(self._instruments) == len(self._header)
                mask[codec.bar if done else first["instrument"] + self._header[len(self._instruments)]] = True
            else:
                mask[first["instrument"] : first["position"]] = len(self._instruments) < codec.tracks
                mask[codec.bar] = bool(self._instruments)
        elif state in (DURATION, LOUDNESS):
            kind, after, value = ("duration", "loudness", 4) if state == DURATION else ("loudness", "end", 5)
            if self._current is not None:
                mask[first[kind] + self._current[value]] = True
            else:
                mask[first[kind] : first[after]] = True
        elif state == PITCH:
            self._pitches(mask, wait)
        elif state == TRACK:
            self._tracks(mask, wait, -1)
        else:
            self._onward(mask, wait)
        return mask

    def _pitches(self, mask: npt.NDArray[np.bool_], wait: Ahead | None) -> None:
        """The pitches that may follow on this position and track."""
        codec, track = self.codec, self._track
        if not self._is_free(self._bar, track):
            if wait is not None and wait[:3] == (self._bar, self._place, track):
                mask[self._pitch_token(track, wait[3])] = True
            return
        k = self._instruments[track]
        if codec.is_drum(k):
            first = codec.first["drum"] + int(np.searchsorted(codec.drums, self._above, side="right"))
            mask[first : codec.first["duration"]] = True
        else:
            low, high = codec.ranges[k]
            first = codec.first["pitch"] - codec.low
            mask[first + max(low, self._above + 1) : first + high + 1] = True

    def _tracks(self, mask: npt.NDArray[np.bool_], wait: Ahead | None, above: int) -> None:
        """The tracks above `above` that may have notes on this position."""
        last = len(self._instruments)
        if wait is not None and wait[:2] == (self._bar, self._place):
            last = wait[2]
            mask[self.codec.first["track"] + last] = True
        for track in range(above + 1, last):
            if self._is_free(self._bar, track):
                mask[self.codec.first["track"] + track] = True

    def _onward(self, mask: npt.NDArray[np.bool_], wait: Ahead | None) -> None:
        """After a bar line or a note: more on this position, a later position, the next bar, or the end."""
        codec = self.codec
        if self._state == NOTE:
            self._pitches(mask, wait)
            if wait is not None and wait[:3] == (self._bar, self._place, self._track):
                return
            if codec.tracks > 1:
                self._tracks(mask, wait, self._track)
            if wait is not None and wait[:2] == (self._bar, self._place):
                return
        free = any(self._is_free(self._bar, t) for t in range(len(self._instruments)))
        limit = wait[1] if wait is not None and wait[0] == self._bar else None
        places = np.asarray(self._places) if free else np.asarray([] if limit is None else [limit], np.int64)
        open_ = (places > self._place) & (places <= (limit if limit is not None else len(codec.positions)))
        mask[codec.first["position"] + places[open_]] = True
        if limit is not None:
            return
        bounded = self.given is not None and not self.given.onward
        last = bounded and self._bar >= self._bars - 1
        enough = not bounded and self.units is not None and self._made >= self.units
        mask[codec.bar] = not last and not (enough and self._state == NOTE)
        if self._state == NOTE and wait is None:
            early = self.units is not None and self._made < CODEC.earliest_end * self.units
            mask[codec.eos] = last if bounded else self._made > 0 and not early

    def forced(self) -> int | None:
        """The token where only one may come: what is given, and the end of what is given."""
        if self.given is None:
            return None
        choice = np.flatnonzero(self.allowed())
        return int(choice[0]) if len(choice) == 1 else None

    def push(self, token: int) -> None:
        """Take a token; a bos at the start is passed over."""
        codec = self.codec
        kind, value = codec.kind[token]
        if kind == "eos":
            self._done = True
        elif kind == "instrument":
            self._instruments.append(value)
            self._melody.append((([], []), ([], [])))
        elif kind == "bar":
            self._settle()
            self._bar, self._place, self._track, self._state = self._bar + 1, -1, -1, BAR
            self._line = next(self._lines)
            self._places, self._ticks = codec.grid.places(*self._line)
        elif kind == "position":
            self._settle()
            self._place, self._above = value, -1
            self._track, self._state = (-1, TRACK) if codec.tracks > 1 else (0, PITCH)
        elif kind == "track":
            self._track, self._above, self._state = value, -1, PITCH
        elif kind in ("pitch", "drum"):
            self._note(codec.low + value if kind == "pitch" else codec.drums[value], kind == "drum")
        elif kind == "duration":
            self._state = LOUDNESS if len(codec.loudness) > 1 else NOTE
        elif kind == "loudness":
            self._state = NOTE

    def fork(self) -> EventCursor:
        """A twin at the same place: what has been played is its own, tables are only ever replaced whole."""
        twin = copy(self)
        twin._instruments, twin._here = list(self._instruments), dict(self._here)
        twin._melody = [((list(a), list(b)), (list(c), list(d))) for (a, b), (c, d) in self._melody]
        twin._lines = copy(self._lines)
        return twin

    def _note(self, pitch: int, drum: bool) -> None:
        wait = self._next()
        self._current = None
        if (
            wait is not None
            and wait[:4] == (self._bar, self._place, self._track, pitch)
            and not self._is_free(self._bar, self._track)
        ):
            self._current = wait
            self._at += 1
        else:
            self._made += 1
        self._above = pitch
        high, low = self._here.get(self._track, (pitch, pitch))
        self._here[self._track] = (max(high, pitch), min(low, pitch))
        many = len(self.codec.loudness) > 1
        self._state = DURATION if not drum else LOUDNESS if many else NOTE

    def _tick(self) -> int:
        return self._line[0] + self._ticks[self._places.index(self._place)]

    def _settle(self) -> None:
        """The position is complete: its highest and lowest notes join the lines of their tracks."""
        for track, ends in self._here.items():
            for line, pitch in zip(self._melody[track], ends, strict=True):
                line[0].append(self._tick())
                line[1].append(pitch)
        self._here.clear()

    def lines(self) -> list[tuple[list[int], list[int], int]]:
        """For the copy guard: the lines of the track that the next note may belong to, and its onset; none
        where it is given or a drum.

        The first note of a position is its lowest, so it joins the bottom line; any may turn out to be the
        highest.
        """
        if self._state not in (PITCH, NOTE) or self.codec.is_drum(self._instruments[self._track]):
            return []
        if not self._is_free(self._bar, self._track):
            return []
        top, low = self._melody[self._track]
        tick = self._tick()
        return [(*top, tick)] if self._track in self._here else [(*top, tick), (*low, tick)]

    def note_token(self, pitch: int) -> int | None:
        """The token of a note of this pitch, None where there is none."""
        codec = self.codec
        return codec.first["pitch"] + pitch - codec.low if codec.low <= pitch <= codec.high else None

    def _pitch_token(self, track: int, pitch: int) -> int:
        codec = self.codec
        if codec.is_drum(self._instruments[track]):
            return codec.first["drum"] + codec.drums.index(pitch)
        return codec.first["pitch"] + pitch - codec.low

    def content(self, tokens: Sequence[int]) -> Score:
        """The score of the tokens that were made, with the metre, tempo and title of what was given."""
        return self.codec.decode(tokens, like=self.like)

    @property
    def done(self) -> bool:
        return self._done
