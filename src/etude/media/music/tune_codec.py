"""Tunes in one voice as tokens, seen from their tonic, in bars and phrases that are known ahead.

Keys need no transposed copies: a tune in D and the same in G are the same tokens, and the key of a take is
settled with metre, length and form before its first note (`TuneFrame`). Of a score in several voices the
melody is kept. Knows no files and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import numpy as np

from etude.config.media import CODEC
from etude.errors import ModelError, WorkError
from etude.media.codec import Encoded, Side, View
from etude.media.music.given_score import Given
from etude.media.music.score import Note, Score
from etude.media.music.score_codec import ScoreCodec
from etude.media.music.tune_choice import Asked, choose, longer
from etude.media.music.tune_cursor import Event, TuneCursor
from etude.media.music.tune_frame import TuneFrame, frame_of
from etude.media.music.tune_line import Sound, filled, melody, melody_track
from etude.media.music.tune_vocabulary import (
    DUR,
    HIGHEST,
    LEFT,
    LOWEST,
    METER,
    PITCH,
    PLACE,
    REST,
    STATE,
    TuneVocabulary,
)
from etude.media.values import Costs, Int32


@dataclass(frozen=True)
class TuneCodec(TuneVocabulary, ScoreCodec[TuneCursor]):
    """The codec of a collection of tunes in one voice; stored as `tune`."""

    kind: ClassVar[str] = "tune"
    stride: ClassVar[int] = 1
    costs: ClassVar[Costs] = Costs("nats/note", 1.0, "notes", "notes")

    _read: dict[int, tuple[Score, Encoded]] = field(default_factory=dict, repr=False, compare=False)

    _works: list[tuple[Sequence[Mapping[str, Any]], list[TuneFrame]]] = field(
        default_factory=list, repr=False, compare=False
    )

    @property
    def views(self) -> tuple[View, ...]:
        """From general to specific, among them one that sees how near the end is."""
        sides = {
            1: (STATE, DUR, PLACE, METER),
            2: (STATE, DUR, PLACE, METER),
            3: (STATE, DUR),
            4: (STATE, DUR),
        }
        rows = [View(tuple(range(1, n + 1)), sides.get(n, ())) for n in (1, 2, 3, 4, 6, 8, 12)]
        return (View((1,), (STATE, PLACE, METER, LEFT)), *rows)

    def line(self, score: Score) -> tuple[list[Sound], list[Note]]:
        """The melody without gaps, and its notes, as tokens have them."""
        sounds = filled(melody(score), self.durations)
        return sounds, [Note(s.onset, s.pitch, s.duration, self.level) for s in sounds if s.pitch >= 0]

    def encode(self, content: Score) -> Encoded:
        """Tokens of the melody of a score. Raises WorkError for a pitch too far from the tonic."""
        found = self._read.get(id(content))
        if found is not None and found[0] is content:
            return found[1]
        if len(self._read) >= 2 * CODEC.cached_grids:
            self._read.clear()
        made = self._encoded(content)
        self._read[id(content)] = (content, made)
        return made

    def _encoded(self, content: Score) -> Encoded:
        sounds, notes = self.line(content)
        size = sum(len(t.notes) for t in content.tracks)
        if not notes:
            return _nothing(self, size)
        cursor = TuneCursor(self, frame_of(content, notes))
        tokens, side, begun = [self.bos], [(0,) * len(self.side_sizes)], [0, 0]
        for sound, (token, duration) in zip(sounds, self.events(sounds, cursor.frame).values(), strict=True):
            if duration != cursor.now:
                tokens.append(self.first_duration + duration)
                side.append(cursor.side())
                cursor.push(tokens[-1])
                begun.append(begun[-1])
            tokens.append(token)
            side.append(cursor.side())
            cursor.push(token)
            begun.append(begun[-1] + (sound.pitch >= 0))
        tokens.append(self.eos)
        side.append(cursor.side())
        begun.append(begun[-1])
        scored = np.ones(len(tokens), bool)
        scored[0] = False
        ordered = np.array([*sorted(s.at for s in sounds if s.pitch >= 0), size], np.int32)
        ordered[:1] = 0  # notes without a token of their own count towards the one before, or the first
        return Encoded(
            np.array(tokens, np.int32), np.array(side, np.int16), scored, ordered[np.array(begun, np.int64)]
        )

    def events(self, sounds: Sequence[Sound], frame: TuneFrame) -> dict[int, Event]:
        """By tick the token of each note or rest and the index of its duration. Raises WorkError for a pitch
        without a token."""
        index = {d: i for i, d in enumerate(self.durations)}
        out: dict[int, Event] = {}
        for s in sounds:
            step = s.pitch - frame.tonic
            if s.pitch >= 0 and not LOWEST <= step <= HIGHEST:
                raise WorkError(
                    f"The tune has the pitch {s.pitch}, {abs(step)} semitones from its tonic; "
                    f"the model knows {-LOWEST} below to {HIGHEST} above.",
                    "Transpose what lies so far off by octaves.",
                )
            out[s.onset] = (PITCH + step - LOWEST if s.pitch >= 0 else REST, index[s.duration])
        return out

    def augment(self, content: Score, rng: np.random.Generator) -> Encoded:
        """Plain: in every key a tune is the same."""
        return self.encode(content)

    def copies(self, content: Score) -> list[Encoded]:
        """Itself alone."""
        return [self.encode(content)]

    def decode(self, tokens: Sequence[int]) -> Score:
        """The score of these tokens in the usual frame, as long as they are."""
        frame = self.frame_usual
        notes = self.notes(tokens, frame.tonic)
        end = max((n.onset + n.duration for n in notes), default=1)
        if end == frame.end:
            return frame.score(notes)
        return replace(frame, end=end).score(notes, plan=False)

    def begin(self, units: int | None, given: Given | None) -> TuneCursor:
        """A cursor after bos, in the frame that was settled; else the usual one, or that of what is given."""
        frame = self.settled or self.frame_usual
        if given is None:
            return TuneCursor(self, frame)
        score = given.score
        sounds, notes = self.line(score)
        if not notes:
            return TuneCursor(self, frame, {}, (0, frame.end), score)
        own = frame_of(score, notes)
        if given.onward:
            frame = self.settled or longer(own, None, None)
            return TuneCursor(self, frame, self.events(sounds, own), (own.end, frame.end), score)
        melody_kept = melody_track(score) in given.keep_tracks
        a, b = given.fill_bars or (0, len(own.lines))
        gap = (own.lines[a].start, own.lines[min(b, len(own.lines)) - 1].end)
        gap = (own.end, own.end) if melody_kept else (gap[0], min(gap[1], own.end))
        inside = range(0 if melody_kept else a, 0 if melody_kept else b)
        plan = tuple(0 if bar in inside else step for bar, step in enumerate(own.plan))
        return self._around(replace(own, plan=plan), sounds, gap, score)

    def _around(
        self, frame: TuneFrame, sounds: Sequence[Sound], gap: tuple[int, int], score: Score
    ) -> TuneCursor:
        """A cursor that makes what lies in the gap. A note that sounds into it is kept whole, one that sounds
        beyond it from inside is not."""
        begin, end = gap
        before = [s for s in sounds if s.pitch >= 0 and s.onset < begin]
        after = [s for s in sounds if s.pitch >= 0 and s.onset >= end]
        if before:
            begin = max(begin, before[-1].onset + before[-1].duration)
        end = max(begin, end)
        kept = {**self._row(before, 0, begin), **self._row(after, end, None)}
        return TuneCursor(self, frame, self.events(list(kept.values()), frame), (begin, end), score)

    def _row(self, notes: Sequence[Sound], begin: int, end: int | None) -> dict[int, Sound]:
        """Notes with rests before, between and, up to `end`, after them, by tick."""
        shifted = [s._replace(onset=s.onset - begin) for s in notes]
        row = filled(shifted, self.durations)
        last = row[-1].onset + row[-1].duration if row else 0
        if end is not None and end - begin > last:
            stop = Sound(end - begin, 1, 0, -1)
            row = filled([*shifted, stop], self.durations)[:-1]
        return {s.onset + begin: s._replace(onset=s.onset + begin) for s in row}

    def reread(
        self, content: Score, given: Score | None = None, stays: Mapping[str, Any] | None = None
    ) -> Encoded | None:
        """The score as its cursor met it, in the frame that it has."""
        _, notes = self.line(content)
        if not notes:
            return super().reread(content, given, stays)
        codec = replace(self, settled=frame_of(content, notes))
        return super(TuneCodec, codec).reread(content, given, stays)

    def recall(self, tokens: Int32, side: Side) -> Score:
        """The score that a memory kept; its side inputs need not be looked at."""
        return self.decode(tokens.tolist())

    def walker(self, content: Score) -> TuneCursor:
        """A cursor in the frame of the score."""
        _, notes = self.line(content)
        return TuneCursor(self, frame_of(content, notes) if notes else self.frame_usual)

    def homeless(self, content: Score) -> tuple[str, ...]:
        """All voices but the melody, and drums."""
        kept = melody_track(content)
        lost = [i for i, track in enumerate(content.tracks) if track.notes and i != kept]
        return tuple(content.tracks[i].name or f"voice {i + 1}" for i in lost)

    def frame(self, content: Score) -> dict[str, Any]:
        """All that is settled before the first note (see `TuneFrame`)."""
        _, notes = self.line(content)
        return frame_of(content, notes).to_json() if notes else dict(self.usual)

    def framed(self, frame: Mapping[str, Any]) -> TuneCodec:
        """The codec whose next take has this frame."""
        return replace(self, settled=TuneFrame.from_json(frame)) if frame else self

    def settle(
        self,
        frames: Sequence[Mapping[str, Any]],
        asked: Mapping[str, Any],
        units: int | None,
        given: Score | None,
        chance: Callable[[], np.random.Generator],
    ) -> TuneCodec:
        """The codec whose next take has the frame of one of these works, or what was asked. Raises TakeError
        for what no work of the model has."""
        known = self._frames(frames) or [self.frame_usual]
        own = None
        if given is not None:
            _, notes = self.line(given)
            own = frame_of(given, notes) if notes else None
        wanted = Asked.of(asked, units)
        frame = choose(known, wanted, own, self.meters, chance())
        return replace(self, settled=frame, held=wanted.home and own is None)

    def _frames(self, frames: Sequence[Mapping[str, Any]]) -> list[TuneFrame]:
        """The frames of works, read once for all takes."""
        if not self._works or self._works[0][0] is not frames:
            self._works[:] = [(frames, [TuneFrame.from_json(f) for f in frames])]
        return self._works[0][1]

    def window_starts(self, side: Side) -> None:
        """None: a window begins anywhere."""

    def to_json(self) -> dict[str, Any]:
        """All that the codec is, for the header of a model."""
        names = [f.name for f in fields(self) if not f.name.startswith("_") and f.compare]
        return {"kind": self.kind, **{name: getattr(self, name) for name in names}}


def _nothing(codec: TuneCodec, size: int) -> Encoded:
    """A score without a melody: the beginning and the end."""
    side = np.zeros((2, len(codec.side_sizes)), np.int16)
    return Encoded(
        np.array([codec.bos, codec.eos], np.int32),
        side,
        np.array([False, True]),
        np.array([0, size, size], np.int32),
    )


def from_json(data: Mapping[str, Any]) -> TuneCodec:
    """The codec that `to_json` wrote. Raises ModelError where it cannot be read."""
    try:
        d = {key: value for key, value in data.items() if key != "kind"}
        d["durations"], d["positions"] = tuple(map(int, d["durations"])), tuple(map(int, d["positions"]))
        d["meters"] = tuple((int(a), int(b)) for a, b in d["meters"])
        d["fits"] = tuple((int(m), int(p), tuple(map(int, found))) for m, p, found in d["fits"])
        codec = TuneCodec(**d)
        _ = codec.frame_usual
        return codec
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the codec of tunes in the model cannot be read: {error}", "learn the model again"
        ) from error
