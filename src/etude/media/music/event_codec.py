"""Any score as tokens: an instrument for each track, then bars, positions, tracks, pitches and durations
(after REMI and MMM).

A piece is bos, one instrument a track, then for each bar `bar`, and in it, in ascending order, a position,
the track (where the collection has several), and its notes from low to high as pitch, duration and, where
they vary, loudness. Drums have a pitch only. Knows no files and no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import numpy as np

from etude.config.media import CODEC
from etude.errors import ModelError, WorkError
from etude.media.codec import Encoded, Side, View
from etude.media.music.event_cursor import EventCursor
from etude.media.music.event_grid import DRUM, in_bar
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
from etude.media.music.frame import frame_of, framed, usual_frame
from etude.media.music.given_score import Given
from etude.media.music.metre import BAR_CAP
from etude.media.music.score import STEP, Score
from etude.media.music.score_codec import ScoreCodec
from etude.media.values import Costs, Int32

LENGTH = 2  # the side column that says how long the bar is


@dataclass(frozen=True)
class EventCodec(EventVocabulary, ScoreCodec[EventCursor]):
    """The codec of a collection of general scores; stored as `events`."""

    stride: ClassVar[int] = 1
    costs: ClassVar[Costs] = Costs("nats/note", 1.0, "notes", "notes")

    hands_over: bool = False  # new voices are left to weights that know voices; absent before 0.2.0
    _plain: dict[int, tuple[Score, Encoded]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def side_sizes(self) -> tuple[int, ...]:
        """What the next token may be, position, bar length in 16ths (`LENGTH`), track, instrument."""
        return (NOTE + 1, len(self.positions) + 1, BAR_CAP + 1, self.tracks + 1, len(self.instruments) + 1)

    @property
    def views(self) -> tuple[View, ...]:
        """From general to specific; the short ones beside what the grammar tells."""
        sides = {1: (0, 4), 2: (0, 1), 3: (0,), 4: (0,)}
        return tuple(View(tuple(range(1, n + 1)), sides.get(n, ())) for n in (1, 2, 3, 4, 5, 6, 8, 12))

    def encode(self, content: Score, shift: int = 0) -> Encoded:
        """Tokens of a score, transposed by `shift` (drums are not). Raises WorkError where a pitch lies
        outside the range."""
        e = self.grid.events(content)
        n, first = len(e.rows), self.first
        bar, place, track, _, duration, loudness, index = e.rows.T
        pitch_token, drum = self.pitch_tokens(e, shift)
        bars_new = np.diff(bar, prepend=-1)
        place_new = (bars_new > 0) | (np.diff(place, prepend=-1) != 0)
        track_new = (place_new | (np.diff(track, prepend=-1) != 0)) & (self.tracks > 1)
        loud = np.full(n, len(self.loudness) > 1)
        count = bars_new + place_new + track_new + 1 + ~drum + loud
        head = 1 + len(e.instruments)
        start = head + np.cumsum(count) - count
        total = head + int(count.sum()) + 1
        tokens = np.zeros(total, np.int32)
        side = np.zeros((total, 5), np.int16)
        tokens[1:head] = [first["instrument"] + i for i in e.instruments]
        side[1:head, 0] = HEADER

        length = np.array([bar_length(full) for _, _, full in e.bars], np.int64)
        instrument = np.asarray(e.instruments, np.int64)
        before = np.column_stack([np.full(n, NOTE), place + 1, length[bar], track + 1, instrument[track] + 1])
        before = np.vstack(
            [[HEADER, 0, 0, 0, 0], before]
        )  # what is known after each note, and before the first
        tokens[-1] = self.eos
        side[-1] = before[-1]

        at = (
            np.repeat(start, bars_new)
            + np.arange(int(bars_new.sum()))
            - np.repeat(np.cumsum(bars_new) - bars_new, bars_new)
        )
        tokens[at] = self.bar
        passed = np.arange(len(at))  # the k-th bar token opens bar k
        side[at, 0], side[at, 2] = BAR, np.where(passed > 0, length[np.maximum(passed - 1, 0)], 0)
        opens = start[bars_new > 0]
        side[opens] = before[:-1][bars_new > 0]

        spot = start + bars_new
        in_bar = np.column_stack([np.full(n, BAR), 0 * place, length[bar], 0 * track, 0 * track])
        free = np.where(
            (bars_new > 0)[:, None], in_bar, before[:-1]
        )  # what is known before a position is named
        tokens[spot[place_new]] = (first["position"] + place)[place_new]
        side[spot[place_new]] = free[place_new]
        spot = spot + place_new
        on_place = np.column_stack([np.full(n, TRACK), place + 1, length[bar], 0 * track, 0 * track])
        free = np.where(place_new[:, None], on_place, before[:-1])
        tokens[spot[track_new]] = (first["track"] + track)[track_new]
        side[spot[track_new]] = free[track_new]
        spot = spot + track_new
        here = before[1:].copy()
        here[:, 0] = np.where(track_new | place_new, PITCH, NOTE)
        tokens[spot], side[spot] = pitch_token, here
        named = spot
        spot = spot + 1
        for state, kind, value, present in (
            (DURATION, "duration", duration, ~drum),
            (LOUDNESS, "loudness", loudness, loud),
        ):
            here[:, 0] = state
            tokens[spot[present]] = (first[kind] + value)[present]
            side[spot[present]] = here[present]
            spot = spot + present

        scored = np.ones(total, bool)
        scored[0] = False
        begun = np.zeros(total + 1, np.int64)
        begun[named + 1] = 1
        ordered = np.append(np.sort(index), e.n_notes)
        ordered[:-1][:1] = 0  # notes without a row of their own count towards the one before, or the first
        return Encoded(tokens, side, scored, ordered[np.cumsum(begun)].astype(np.int32))

    def room(self, score: Score) -> tuple[int, int]:
        """Lowest and highest transposition (within `shifts`, 0 included) that keeps each track in the range
        of its instrument."""
        down, up = self.shifts
        for i, k in self.grid.kept(score):
            if self.instruments[k] != DRUM:
                pitches = [n.pitch for n in score.tracks[i].notes]
                down, up = (
                    max(down, self.ranges[k][0] - min(pitches)),
                    min(up, self.ranges[k][1] - max(pitches)),
                )
        return min(down, 0), max(up, 0)

    def _moved(self, plain: Encoded, shift: int) -> Encoded:
        pitched = (plain.tokens >= self.first["pitch"]) & (plain.tokens < self.first["drum"])
        return replace(plain, tokens=(plain.tokens + shift * pitched).astype(np.int32))

    def augment(self, content: Score, rng: np.random.Generator) -> Encoded:
        """A random transposition in range; drums stay."""
        down, up = self.room(content)
        shift = int(rng.integers(down, up + 1))
        found = self._plain.get(id(content))
        if found is None or found[0] is not content:
            if len(self._plain) >= CODEC.cached_grids:
                self._plain.clear()
            found = self._plain[id(content)] = (content, self.encode(content))
        return self._moved(found[1], shift)

    def copies(self, content: Score) -> list[Encoded]:
        """Every transposition in range, the smallest first."""
        down, up = self.room(content)
        plain = self.encode(content)
        return [self._moved(plain, s) for s in sorted(range(down, up + 1), key=lambda s: (abs(s), s))]

    def arrange(self, score: Score) -> Score:
        """The score as the tokens have it; encode and decode are exact inverses on it."""
        return self.decode(self.encode(score).tokens.tolist(), like=score)

    def begin(self, units: int | None, given: Given | None) -> EventCursor:
        """A cursor after bos. Raises WorkError where a given pitch lies outside the codec's range."""
        return EventCursor(self, units, given)

    def recall(self, tokens: Int32, side: Side) -> Score:
        """The score that a memory kept: its tokens say nothing of the metre, and its side inputs how long
        each bar is."""
        bar = np.flatnonzero(tokens[:-1] == self.bar)
        length = side[bar + 1, LENGTH].astype(np.int64)
        first = np.cumsum(length) - length
        meters = tuple((int(a) * STEP, int(n), 16) for a, n in zip(first, length, strict=True))
        return self.decode(tokens.tolist(), like=Score((), meters))

    def walker(self, content: Score) -> EventCursor:
        """A cursor in the metre of the score: what is known of a token depends on those before it."""
        return EventCursor(self, None, Given(replace(content, tracks=()), onward=True))

    def homeless(self, content: Score) -> tuple[str, ...]:
        """Tracks beyond as many as the pieces of the collection have, and drums where they have none."""
        kept = {i for i, _ in self.grid.kept(content)}
        lost = [i for i, track in enumerate(content.tracks) if track.notes and i not in kept]
        return tuple(content.tracks[i].name or f"voice {i + 1}" for i in lost)

    def frame(self, content: Score) -> dict[str, Any]:
        """Metre, pickup and tempo at its beginning."""
        return frame_of(content)

    def framed(self, frame: Mapping[str, Any]) -> EventCodec:
        """The codec whose new pieces are in this metre and tempo."""
        return replace(self, **framed(frame)) if frame else self

    def window_starts(self, side: Side) -> None:
        """None: a window of events begins anywhere."""

    def to_json(self) -> dict[str, Any]:
        """All that the codec is, for the header of a model."""
        return {
            "kind": "events",
            **{f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")},
        }


def learn_codec(scores: Sequence[Score]) -> EventCodec:
    """The codec of a collection: its instruments and their ranges, its usual positions, durations, loudness,
    metre and tempo.

    Raises WorkError where no score has notes.
    """
    tracks = [[t for t in s.tracks if t.notes] for s in scores]
    if not any(tracks):
        raise WorkError("no piece of the collection has notes", "add works with notes")
    pieces = [s for s, found in zip(scores, tracks, strict=True) if found]
    by_instrument: dict[int, list[int]] = {}
    durations: Counter[int] = Counter()
    positions: Counter[int] = Counter()
    velocities: list[int] = []
    for score in pieces:
        for track in score.tracks:
            if track.notes:
                by_instrument.setdefault(DRUM if track.drum else track.program, []).extend(
                    n.pitch for n in track.notes
                )
                durations.update(n.duration for n in track.notes if not track.drum)
                velocities += [n.velocity for n in track.notes]
        positions.update(in_bar(score).tolist())
    pitches = [p for k, found in by_instrument.items() if k != DRUM for p in found] or [60]
    loud = np.asarray(velocities)
    levels = (
        np.quantile(loud, (0.125, 0.375, 0.625, 0.875)) if loud.std() > CODEC.steady else [np.median(loud)]
    )
    return EventCodec(
        instruments=tuple(sorted(by_instrument)),
        ranges=tuple((min(by_instrument[k]), max(by_instrument[k])) for k in sorted(by_instrument)),
        low=max(0, min(pitches) - CODEC.margin),
        high=min(127, max(pitches) + CODEC.margin),
        drums=tuple(sorted(set(by_instrument.get(DRUM, [])))),
        positions=tuple(sorted(p for p, _ in positions.most_common(CODEC.positions))),
        durations=tuple(sorted(d for d, _ in durations.most_common(CODEC.durations))) or (STEP,),
        loudness=tuple(sorted({int(v) for v in np.rint(levels)})),
        tracks=min(CODEC.tracks, max(map(len, tracks))),
        **usual_frame(pieces),
        hands_over=True,
    )


def from_json(data: Mapping[str, Any]) -> EventCodec:
    """The codec that `to_json` wrote. Raises ModelError where it cannot be read."""
    try:
        d: dict[str, Any] = {
            k: tuple(v) if isinstance(v, (list, tuple)) else v for k, v in data.items() if k != "kind"
        }
        d["ranges"] = tuple((int(a), int(b)) for a, b in d["ranges"])
        return EventCodec(**d)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the music codec of the model cannot be read: {error}", "learn the model again"
        ) from error
