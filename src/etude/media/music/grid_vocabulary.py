"""The tokens of voices on a 16th grid: their tables, their side inputs, and the score that they spell.

What the codec (`grid_codec`) and the cursor (`grid_cursor`) have in common. Knows no learning and no
collection. Metre and tempo are not tokens: `decode` takes them from the collection or from a score to follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.media.contract import Int32
from etude.media.music import given as gaps
from etude.media.music import grid
from etude.media.music import key as keys
from etude.media.music.grid import Grid
from etude.media.music.metre import BAR_CAP
from etude.media.music.score import Note, Score, Track

KEYS = 25  # unknown, twelve major (or mixolydian) and twelve minor (or dorian)
BEAT_CAP = 12  # longest beat that the side inputs tell apart, in 16ths
Known = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GridVocabulary:
    """Tokens of voices on a grid; every field is learned from a collection.

    `ties` says how a note goes on: `sustain` (a second token for each pitch), `hold` (one token for all), or
    `repeat` (the pitch again; equal neighbours are then one note).
    """

    names: tuple[str, ...]  # of the V voices
    programs: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]  # lowest and highest pitch seen, for each voice
    means: tuple[float, ...]
    low: int  # the pitches that have tokens
    high: int
    ties: str = CODEC.ties
    meter: tuple[int, int] = (4, 4)
    pickup: int = 0
    tempo: float = 100.0
    ends: tuple[
        tuple[int, int], ...
    ] = ()  # (position, bar length) in frames at which pieces of the collection end
    given_share: float = CODEC.given_share  # share of the varied copies in which voices or bars are given
    shifts: tuple[int, int] = CODEC.shifts  # transpositions tried
    # The key is known from the start; absent in models from before 0.2.0, as are the three after it
    keyed: bool = False
    rests: tuple[int, ...] = ()  # of each voice, the longest rest of nearly all works, in frames; (): any
    crosses: bool = True  # whether takes may have voices that cross
    given_whole: bool = False  # given voices come back as they were given, on their own tracks
    medium: str = "music"
    bos: int = 0
    eos: int = 1
    _grids: dict[int, tuple[Score, Grid]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def voices(self) -> int:
        """V, from the highest to the lowest."""
        return len(self.names)

    @property
    def rest(self) -> int:
        """The token of a voice that is silent."""
        return 2

    @property
    def hold(self) -> int | None:
        """The token that says that the note goes on, where there is one for all pitches."""
        return 3 if self.ties == "hold" else None

    @property
    def vocab(self) -> int:
        """How many tokens there are, with bos, eos and the rest."""
        pitches = self.high - self.low + 1
        return self._first + pitches * (2 if self.ties == "sustain" else 1)

    @property
    def _first(self) -> int:
        return 4 if self.ties == "hold" else 3

    @cached_property
    def attack_token(self) -> Int32:
        """(129,) token of a note of each pitch, -1 where there is none; the last entry (pitch -1) is the
        rest."""
        table = np.full(129, -1, np.int32)
        table[self.low : self.high + 1] = self._first + np.arange(self.high - self.low + 1)
        table[-1] = self.rest
        return table

    @cached_property
    def tie_token(self) -> Int32:
        """(129,) token of a note that goes on, as `attack_token`."""
        table = self.attack_token.copy()
        pitched = slice(self.low, self.high + 1)
        if self.ties == "hold":
            table[pitched] = 3
        elif self.ties == "sustain":
            table[pitched] += self.high - self.low + 1
        return table

    @cached_property
    def token_pitch(self) -> list[tuple[int, bool]]:
        """For each token its pitch (-1: none, -2: the pitch before) and whether a note begins."""
        table = [(-1, False)] * self.vocab
        if self.hold is not None:
            table[self.hold] = (-2, False)
        for p in range(self.low, self.high + 1):
            table[self.tie_token[p]] = (-2 if self.ties == "hold" else p, False)
            table[self.attack_token[p]] = (p, True)
        return table

    @cached_property
    def masks(self) -> dict[tuple[int, int, bool, bool, int, int], Known]:
        """Allowed tokens by (voice, sounding pitch, may end, may rest, floor, ceiling), filled by cursors."""
        return {}

    def note_token(self, pitch: int) -> int | None:
        """The token that begins a note of this pitch, None where there is none."""
        token = int(self.attack_token[pitch]) if 0 <= pitch <= 127 else -1
        return token if token >= 0 else None

    @cached_property
    def side_sizes(self) -> tuple[int, ...]:
        """Voice, place in the beat, place in the bar, bar length, distance to what is given next, then for
        each voice what is given in this frame and what is given next; and the key, where it is known."""
        pitches = self.high - self.low + 3
        fixed = (self.voices + 1, BEAT_CAP + 1, BAR_CAP + 1, BAR_CAP + 1, gaps.DISTANCES + 1)
        return fixed + (pitches,) * (2 * self.voices) + ((KEYS,) if self.keyed else ())

    def grid(self, score: Score) -> Grid:
        """The score on this codec's grid and voices."""
        found = self._grids.get(id(score))
        if found is not None and found[0] is score:
            return found[1]
        made = grid.grid_of(score, grid.assign(score, self.names, self.means), merge=self.ties == "repeat")
        if len(self._grids) >= CODEC.cached_grids:
            self._grids.clear()
        self._grids[id(score)] = (score, made)
        return made

    def key_code(self, score: Score | None, shift: int = 0) -> int:
        """The key of a score that is transposed, as a side input; 0 where there is none."""
        found = keys.of(score) if self.keyed and score is not None else None
        if found is None:
            return 0
        return 1 + (found.tonic + shift) % 12 + 12 * (found.mode in (keys.MINOR, keys.DORIAN))

    def sides(self, score: Score, pitch: Int32, known: Known | None, key: int = 0) -> npt.NDArray[np.int16]:
        """Side inputs of every cell of the frames of `pitch` (F, V) and of one frame more (the place of eos):
        ((F + 1) * V, S). `key` as `key_code` has it."""
        frames, v = pitch.shape
        m = gaps.metre_of(score, frames + 1)
        rows = np.zeros((frames + 1, v, len(self.side_sizes)), np.int16)
        rows[:, :, 0] = np.arange(1, v + 1)
        rows[:, :, 1] = np.minimum(m.pos % m.beat, BEAT_CAP - 1)[:, None] + 1
        rows[:, :, 2] = np.minimum(m.pos, BAR_CAP - 1)[:, None] + 1
        rows[:, :, 3] = np.minimum(m.bar_len, BAR_CAP)[:, None]
        if self.keyed:
            rows[:, :, -1] = key
        if known is not None and known.any():
            code = np.where(pitch >= 0, np.clip(pitch, self.low, self.high) - self.low + 2, 1)
            here, ahead, distance = gaps.given(code, known, m)
            rows[:frames, :, 4] = distance
            rows[:frames, :, 5 : 5 + v] = here[:, None, :]
            rows[:frames, :, 5 + v : 5 + 2 * v] = ahead[:, None, :]
        return rows.reshape(-1, rows.shape[2])

    def decode(self, tokens: Sequence[int], like: Score | None = None) -> Score:
        """The score of a token sequence (bos and eos may be missing; a broken last frame is rested out).

        Metre, pickup, tempo, key and title come from `like` where it is given, else from the collection.
        """
        body = [t for t in tokens if t not in (self.bos, self.eos)]
        body += [self.rest] * (-len(body) % self.voices)
        cells = np.asarray([self.token_pitch[t] for t in body], np.int32).reshape(-1, self.voices, 2)
        pitch, attack = cells[:, :, 0].copy(), cells[:, :, 1].astype(bool)
        for f in range(len(pitch)):
            before = pitch[f - 1] if f else np.full(self.voices, -1, np.int32)
            pitch[f] = np.where(pitch[f] == -2, before, pitch[f])
            if self.ties == "repeat":
                attack[f] &= pitch[f] != before
        return self._score(pitch, attack, like)

    def _score(self, pitch: Int32, attack: Known, like: Score | None) -> Score:
        lines: list[tuple[Note, ...]] = grid.notes_of(pitch, attack)
        tracks = tuple(
            Track(notes, name, program)
            for notes, name, program in zip(lines, self.names, self.programs, strict=True)
        )
        if self.keyed and not (like and like.keys):
            return keys.with_signature(self._framed(tracks, like))
        return self._framed(tracks, like)

    def _framed(self, tracks: tuple[Track, ...], like: Score | None) -> Score:
        if like is not None:
            return Score(tracks, like.meters, like.tempos, like.keys, like.pickup, like.title)
        return Score(tracks, ((0, *self.meter),), ((0, self.tempo),), (), self.pickup)
