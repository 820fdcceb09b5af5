"""Voices on a 16th grid as tokens, frame by frame from the highest voice to the lowest (after Music Transformer and DeepBach).

A piece is bos, then V tokens a frame, then eos in the place of a frame's first voice. Metre, and whatever of the piece is given
(kept voices, kept bars), are side inputs, so one left-to-right model harmonises and fills gaps with sight of what is ahead.
Knows no files and no model. Metre and tempo are not tokens: `decode` takes them from the collection or from a score to follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.errors import ModelError, WorkError
from etude.media.contract import Encoded, Int32, View
from etude.media.music import given as gaps
from etude.media.music import grid
from etude.media.music.grid import Grid
from etude.media.music.grid_cursor import FrameCursor, Given
from etude.media.music.score import Note, Score, Track

BAR_CAP = 48  # longest bar that the side inputs tell apart, in 16ths
BEAT_CAP = 12
Known = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FramesCodec:
    """Tokens of voices on a grid. `ties` says how a note goes on: `sustain` (a second token for each pitch), `hold` (one token
    for all), or `repeat` (the pitch again; equal neighbours are then one note)."""

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
    medium: str = "music"
    bos: int = 0
    eos: int = 1
    _grids: dict[int, tuple[Score, Grid]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def voices(self) -> int:
        return len(self.names)

    @property
    def rest(self) -> int:
        return 2

    @property
    def hold(self) -> int | None:
        """The token that says that the note goes on, where there is one for all pitches."""
        return 3 if self.ties == "hold" else None

    @property
    def vocab(self) -> int:
        pitches = self.high - self.low + 1
        return self._first + pitches * (2 if self.ties == "sustain" else 1)

    @property
    def _first(self) -> int:
        return 4 if self.ties == "hold" else 3

    @cached_property
    def attack_token(self) -> Int32:
        """(129,) token of a note of each pitch, -1 where there is none; the last entry (pitch -1) is the rest."""
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
    def masks(self) -> dict[tuple[int, int, bool], Known]:
        """Allowed tokens by (voice, sounding pitch, may end), filled by cursors."""
        return {}

    def note_token(self, pitch: int) -> int | None:
        """The token that begins a note of this pitch, None where there is none."""
        token = int(self.attack_token[pitch]) if 0 <= pitch <= 127 else -1
        return token if token >= 0 else None

    @cached_property
    def side_sizes(self) -> tuple[int, ...]:
        """Voice, place in the beat, place in the bar, bar length, distance to what is given next, then for each voice what is given
        in this frame and what is given next."""
        pitches = self.high - self.low + 3
        fixed = (self.voices + 1, BEAT_CAP + 1, BAR_CAP + 1, BAR_CAP + 1, gaps.DISTANCES + 1)
        return fixed + (pitches,) * (2 * self.voices)

    @property
    def paths(self) -> Sequence[tuple[int, ...]]:
        return [(t,) for t in range(self.vocab)]

    @property
    def n_symbols(self) -> int:
        return self.vocab

    @cached_property
    def views(self) -> tuple[View, ...]:
        """From general to specific. Memories of earlier beats (four and eight frames back) tell more than those of earlier 16ths."""
        v = self.voices

        def last(n: int) -> tuple[int, ...]:
            return tuple(range(1, n + 1))

        if v == 1:
            return (
                *(View(back, (2,)) for back in (last(1), last(2), (1, 4, 8), (*last(4), 8, 16))),
                *(View(last(n), (1,)) for n in (4, 6, 8, 12, 16, 24)),
            )
        return (
            View((v,), (0, 1)),
            View((1, v), (0, 1)),
            View((v, 4 * v, 8 * v), (0, 2)),
            View(last(v), (0, 1)),
            View((*last(v), 4 * v), (0, 1)),
            View((*last(v), 4 * v, 8 * v), (0, 1)),
            View(last(v + 2), (0, 1)),
            View(last(2 * v), (0, 1)),
            View(last(3 * v), (0, 1)),
            View(last(4 * v), (0,)),
        )

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

    def arrange(self, score: Score) -> Score:
        """The score as the tokens have it: V tracks from high to low, on the grid; encode and decode are exact inverses on it."""
        made = self.grid(score)
        return self._score(made.pitch, made.attack, score)

    def encode(self, content: Score, known: Known | None = None, shift: int = 0) -> Encoded:
        """Tokens of a score, transposed by `shift`; cells where `known` (F, V) are given: seen ahead, and not scored.

        Raises WorkError where a pitch lies outside the codec's range.
        """
        g = self.grid(content)
        pitch = np.where(g.pitch >= 0, g.pitch + shift, -1)
        body = np.where(g.attack | (pitch < 0), self.attack_token[pitch], self.tie_token[pitch])
        if (body < 0).any():
            seen = pitch[pitch >= 0]
            raise WorkError(
                f"the piece needs pitches {seen.min()} to {seen.max()}, the model knows {self.low} to {self.high}",
                "transpose the piece, or learn a model from works in its range",
            )
        tokens = np.concatenate([[self.bos], body.ravel(), [self.eos]]).astype(np.int32)
        side = np.zeros((len(tokens), len(self.side_sizes)), np.int16)
        side[1:] = self.sides(content, pitch, known)[: len(tokens) - 1]
        scored = np.ones(len(tokens), bool)
        scored[0] = False
        if known is not None and known.any():
            scored[1:-1] = ~known.ravel()
            scored[-1] = False
        return Encoded(tokens, side, scored, _offsets(g))

    def sides(self, score: Score, pitch: Int32, known: Known | None) -> npt.NDArray[np.int16]:
        """Side inputs of every cell of the frames of `pitch` (F, V) and of one frame more (the place of eos): ((F + 1) * V, S)."""
        frames, v = pitch.shape
        m = gaps.metre_of(score, frames + 1)
        rows = np.zeros((frames + 1, v, len(self.side_sizes)), np.int16)
        rows[:, :, 0] = np.arange(1, v + 1)
        rows[:, :, 1] = np.minimum(m.pos % m.beat, BEAT_CAP - 1)[:, None] + 1
        rows[:, :, 2] = np.minimum(m.pos, BAR_CAP - 1)[:, None] + 1
        rows[:, :, 3] = np.minimum(m.bar_len, BAR_CAP)[:, None]
        if known is not None and known.any():
            code = np.where(pitch >= 0, np.clip(pitch, self.low, self.high) - self.low + 2, 1)
            here, ahead, distance = gaps.given(code, known, m)
            rows[:frames, :, 4] = distance
            rows[:frames, :, 5 : 5 + v] = here[:, None, :]
            rows[:frames, :, 5 + v :] = ahead[:, None, :]
        return rows.reshape(-1, rows.shape[2])

    def room(self, score: Score) -> tuple[int, int]:
        """Lowest and highest transposition (within `shifts`, 0 included) that keeps every voice in the range it has in the collection."""
        g = self.grid(score)
        down, up = self.shifts
        for v, (low, high) in enumerate(self.ranges):
            line = g.pitch[:, v][g.pitch[:, v] >= 0]
            if len(line):
                down, up = max(down, low - int(line.min())), min(up, high - int(line.max()))
        return min(down, 0), max(up, 0)

    def augment(self, content: Score, rng: np.random.Generator) -> Encoded:
        """A random transposition in range; in `given_share` of the copies some voices or bars are given and not scored."""
        down, up = self.room(content)
        shift = int(rng.integers(down, up + 1))
        known = None
        if rng.random() < self.given_share:
            g = self.grid(content)
            known = gaps.random_known(self.voices, g.metre.bar, rng)
        return self.encode(content, known, shift)

    def copies(self, content: Score) -> list[Encoded]:
        down, up = self.room(content)
        return [self.encode(content, None, s) for s in sorted(range(down, up + 1), key=lambda s: (abs(s), s))]

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
        if like is not None:
            return Score(tracks, like.meters, like.tempos, like.keys, like.pickup, like.title)
        return Score(tracks, ((0, *self.meter),), ((0, self.tempo),), (), self.pickup)

    def cursor(self, *, units: int | None = None, given: Given | Score | None = None) -> FrameCursor:
        """A cursor after bos: for a new piece of about `units` notes, to go on from a score, or around what is given.

        Raises WorkError where a given pitch lies outside the codec's range.
        """
        return FrameCursor(self, units, Given(given, onward=True) if isinstance(given, Score) else given)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "frames",
            **{f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")},
        }


def learn_codec(
    scores: Sequence[Score], *, ties: str = CODEC.ties, given_share: float = CODEC.given_share
) -> FramesCodec:
    """The codec of a collection: as many voices as most pieces have, their names and ranges, usual metre and tempo, where pieces end.

    Pitches up to `CODEC.margin` beyond what is seen have tokens too, so that unseen pieces of the same kind can be scored.
    """
    pieces = [s for s in scores if any(t.notes and not t.drum for t in s.tracks)]
    if not pieces:
        raise WorkError("no piece of the collection has notes other than drums", "add works with notes")
    found = [sorted(grid.lines(s), key=lambda line: -line.mean) for s in pieces]
    voices = min(Counter(map(len, found)).most_common(1)[0][0], CODEC.most_voices)
    ranks = list(zip(*(lines[:voices] for lines in found if len(lines) >= voices), strict=True))
    names = tuple(Counter(line.name for line in rank).most_common(1)[0][0] for rank in ranks)
    if len(set(names)) < voices or not all(names):
        names = grid.voice_names(voices)
    means = tuple(round(sum(line.mean for line in rank) / len(rank), 3) for rank in ranks)
    programs = tuple(Counter(line.program for line in rank).most_common(1)[0][0] for rank in ranks)
    grids = [grid.grid_of(s, grid.assign(s, names, means), merge=ties == "repeat") for s in pieces]
    cells = np.concatenate([g.pitch for g in grids])
    ranges = tuple((int(line[line >= 0].min()), int(line.max())) for line in cells.T)
    return FramesCodec(
        names=names,
        programs=programs,
        ranges=ranges,
        means=means,
        low=max(0, min(a for a, _ in ranges) - CODEC.margin),
        high=min(127, max(b for _, b in ranges) + CODEC.margin),
        ties=ties,
        meter=Counter(s.meters[0][1:] if s.meters else (4, 4) for s in pieces).most_common(1)[0][0],
        pickup=Counter(s.pickup for s in pieces).most_common(1)[0][0],
        tempo=float(np.median([s.tempos[0][1] if s.tempos else 100.0 for s in pieces])),
        ends=tuple(sorted({_end(s, len(g.pitch)) for s, g in zip(pieces, grids, strict=True)})),
        given_share=given_share,
    )


def _end(score: Score, frames: int) -> tuple[int, int]:
    """Where in which bar a piece of so many frames ends."""
    m = gaps.metre_of(score, frames + 1)
    return int(m.pos[-1]), int(m.bar_len[-1])


def from_json(data: dict[str, Any]) -> FramesCodec:
    """The codec that `to_json` wrote. Raises ModelError where it cannot be read."""
    try:
        d = {k: v for k, v in data.items() if k != "kind"}
        for key in ("names", "programs", "means", "meter", "shifts"):
            d[key] = tuple(d[key])
        for key in ("ranges", "ends"):
            d[key] = tuple((int(a), int(b)) for a, b in d[key])
        return FramesCodec(**d)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the music codec of the model cannot be read: {error}", "learn the model again"
        ) from error


def _offsets(g: Grid) -> Int32:
    """(T + 1,) note index at each token; notes that begin in one frame are counted in the order of their indices."""
    ordered = np.sort(np.where(g.attack, g.note, np.iinfo(np.int32).max), axis=1)
    index = np.append(ordered[ordered < np.iinfo(np.int32).max], g.n_notes)
    index[:-1][:1] = 0  # notes without a cell of their own count towards the one before, or the first
    begun = np.concatenate([[0, 0], np.cumsum(g.attack.ravel()), [g.attack.sum()]])
    offsets: Int32 = index[begun].astype(np.int32)
    return offsets
