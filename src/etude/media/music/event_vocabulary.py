"""The tokens of scores as events: their kinds, the grammar's states, and the score that they spell.

What the codec (`event_codec`) and the cursor (`event_cursor`) have in common. Positions, durations and
loudness are those that the collection uses most. Metre and tempo are not tokens: `decode` takes them from the
collection or from a score to follow. Knows no learning and no cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.errors import WorkError
from etude.media.music.event_grid import DRUM, EventGrid, Events
from etude.media.music.metre import BAR_CAP, bar_lines
from etude.media.music.score import STEP, Note, Score, Track

# What side inputs say of the next token: which kind it is, as far as the grammar tells.
HEADER, BAR, TRACK, PITCH, DURATION, LOUDNESS, NOTE = range(1, 8)
Bools = npt.NDArray[np.bool_]


def bar_length(ticks: int) -> int:
    """The length of a bar as side inputs have it: in 16ths, at least one and at most `BAR_CAP`."""
    return min(max(1, round(ticks / STEP)), BAR_CAP)


@dataclass(frozen=True)
class EventVocabulary:
    """Tokens of general scores; every field is learned from a collection."""

    instruments: tuple[int, ...]  # programs, DRUM for drums
    ranges: tuple[tuple[int, int], ...]  # lowest and highest pitch of each instrument
    low: int  # the pitches that have tokens (drums apart)
    high: int
    drums: tuple[int, ...]  # the drum pitches that have tokens
    positions: tuple[int, ...]  # ticks from the bar line, ascending
    durations: tuple[int, ...]  # ticks, ascending
    loudness: tuple[int, ...]  # velocities; one of them: no tokens for it
    tracks: int  # most tracks of a piece
    meter: tuple[int, int] = (4, 4)
    pickup: int = 0
    tempo: float = 100.0
    shifts: tuple[int, int] = CODEC.shifts  # transpositions tried
    medium: str = "music"
    bos: int = 0
    eos: int = 1
    bar: int = 2

    @cached_property
    def first(self) -> dict[str, int]:
        """The first token of each kind, in the order of the vocabulary."""
        sizes = {
            "instrument": len(self.instruments),
            "position": len(self.positions),
            "track": self.tracks if self.tracks > 1 else 0,
            "pitch": self.high - self.low + 1,
            "drum": len(self.drums),
            "duration": len(self.durations),
            "loudness": len(self.loudness) if len(self.loudness) > 1 else 0,
        }
        ends = np.cumsum([3, *sizes.values()]).tolist()
        return dict(zip([*sizes, "end"], ends, strict=True))

    @cached_property
    def kind(self) -> list[tuple[str, int]]:
        """For each token its kind and its number within the kind."""
        table = [("bos", 0), ("eos", 0), ("bar", 0)]
        for name, following in pairwise(self.first):
            table += [(name, i) for i in range(self.first[following] - self.first[name])]
        return table

    @property
    def vocab(self) -> int:
        """How many tokens there are, with bos, eos and the bar line."""
        return self.first["end"]

    @cached_property
    def grid(self) -> EventGrid:
        """Positions, durations and instruments, and how scores are moved onto them."""
        return EventGrid(
            self.instruments, self.drums, self.positions, self.durations, self.loudness, self.tracks
        )

    def is_drum(self, instrument: int) -> bool:
        """Whether the instrument of this index is the drums."""
        return self.instruments[instrument] == DRUM

    def pitch_tokens(self, e: Events, shift: int) -> tuple[npt.NDArray[np.int64], Bools]:
        """(N,) the pitch token of each note and whether it is a drum's. Raises WorkError for a pitch without
        a token."""
        drum = np.array([self.is_drum(k) for k in e.instruments], bool)[e.rows[:, 2]]
        pitch = e.rows[:, 3] + np.where(drum, 0, shift)
        bad = ~drum & ((pitch < self.low) | (pitch > self.high))
        if bad.any():
            raise WorkError(
                f"The piece has pitches {pitch[~drum].min()} to {pitch[~drum].max()}; "
                f"the model knows {self.low} to {self.high}.",
                "Transpose the piece, or learn a model from works in its range.",
            )
        token = pitch - self.low + self.first["pitch"]
        token[drum] = self.first["drum"] + np.searchsorted(self.drums, pitch[drum])
        return token, drum

    def decode(self, tokens: Sequence[int], like: Score | None = None) -> Score:
        """The score of a token sequence; what does not follow the grammar is passed over.

        Metre, pickup, tempo, key and title come from `like` where it is given, else from the collection.
        """
        meters = like.meters if like is not None else ((0, *self.meter),)
        pickup = like.pickup if like is not None else self.pickup
        lines = bar_lines(meters, pickup)
        instruments: list[int] = []
        notes: list[list[list[int]]] = []
        bar: tuple[int, int, int] | None = None
        tick, track = -1, 0
        for token in tokens:
            kind, value = self.kind[token]
            if kind == "instrument" and bar is None:
                instruments.append(value)
                notes.append([])
            elif kind == "bar":
                bar, tick, track = next(lines), -1, 0
            elif kind == "position" and bar is not None:
                index, ticks = self.grid.places(*bar)
                tick = bar[0] + ticks[index.index(value)] if value in index else -1
            elif kind == "track":
                track = value
            elif kind in ("pitch", "drum") and tick >= 0 and track < len(notes):
                pitch = self.low + value if kind == "pitch" else self.drums[value]
                notes[track].append(
                    [tick, pitch, STEP if kind == "drum" else self.durations[0], self.loudness[0]]
                )
            elif kind in ("duration", "loudness") and track < len(notes) and notes[track]:
                notes[track][-1][2 if kind == "duration" else 3] = (
                    self.durations if kind == "duration" else self.loudness
                )[value]
        names = [""] * len(instruments)
        if like is not None and [k for _, k in self.grid.kept(like)] == instruments:
            names = [like.tracks[i].name for i, _ in self.grid.kept(like)]
        found = []
        for name, k, rows in zip(names, instruments, notes, strict=True):
            program = self.instruments[k]
            sounds = tuple(sorted(Note(*row) for row in rows))
            found.append(Track(sounds, name, 0 if program == DRUM else program, program == DRUM))
        if like is not None:
            return Score(tuple(found), like.meters, like.tempos, like.keys, like.pickup, like.title)
        return Score(tuple(found), meters, ((0, self.tempo),), (), pickup)
