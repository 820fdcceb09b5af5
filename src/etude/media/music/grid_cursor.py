"""Where a piece being made in frames stands: the side inputs, allowed and given values of the next cell.

Knows the vocabulary and what is given; knows no codec and no model. The same side inputs as those of
`GridCodec.encode`, cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.errors import WorkError
from etude.media.music import beside
from etude.media.music import given as gaps
from etude.media.music.given_score import Given
from etude.media.music.grid import assign, grid_of
from etude.media.music.grid_vocabulary import GridVocabulary
from etude.media.music.score import STEP, Score

BLOCK = 256  # frames whose metre is worked out at once


class GridCursor:
    """A cursor over the cells of a piece, standing after bos."""

    def __init__(self, codec: GridVocabulary, units: int | None, given: Given | None) -> None:
        self.codec = codec
        self.units = units
        self.like = given.score if given else None
        self._done = False
        self._frame = 0
        self._voice = 0
        self._now: list[int] = [-1] * codec.voices  # the pitch that sounds in each voice
        self._silent = [0] * codec.voices  # for how many frames each voice has rested
        self._sung = [False] * codec.voices
        self._lines: list[tuple[list[int], list[int]]] = [([], []) for _ in range(codec.voices)]
        self._made = 0
        self._frames = 0  # frames that are given, at least in part
        self._beside: Given | None = None
        self._onward = bool(given and given.onward)
        self._known = np.zeros((0, codec.voices), bool)
        if given is not None:
            self._give(given)
        self._pos: list[int] = []
        self._len: list[int] = []
        self._sides: list[tuple[int, ...]] = []
        self._grow()

    def _give(self, given: Given) -> None:
        codec = self.codec
        score, placed, self._octave = given.score, None, 0
        if codec.given_whole and not given.onward and (given.keep_tracks or given.wanted):
            self._beside, placed = given, beside.placed(codec, given)
            self._octave = beside.octave(codec, placed)
            score = beside.moved(score, self._octave)
            self._placed, placed = placed, beside.placed(codec, replace(given, score=score))
        g = codec.grid(score) if placed is None else grid_of(score, placed, merge=codec.ties == "repeat")
        sung = g.pitch[g.pitch >= 0]
        if len(sung) and (sung.min() < codec.low or sung.max() > codec.high):
            raise WorkError(
                f"The given notes have pitches {sung.min()} to {sung.max()}; "
                f"the model knows {codec.low} to {codec.high}.",
                "Transpose what is given, or learn a model from works in its range.",
            )
        self._frames = len(g.pitch)
        self._pitch, self._attack = g.pitch.tolist(), g.attack.tolist()
        if self._onward:
            self._known = np.ones((self._frames, codec.voices), bool)
        else:
            placed = placed or assign(given.score, codec.names, codec.means)
            keep = tuple(
                v for v, line in enumerate(placed) if line is not None and line.track in given.keep_tracks
            )
            self._known = gaps.known_cells(self._frames, codec.voices, g.metre.bar, keep, given.fill_bars)
        self._grid = g

    def _grow(self) -> None:
        """Work out metre and side inputs for more frames."""
        codec = self.codec
        score = self.like or Score((), ((0, *codec.meter),), pickup=codec.pickup)
        frames = max(2 * len(self._pos), self._frames + BLOCK)
        m = gaps.metre_of(score, frames + 1)
        self._pos, self._len = m.pos.tolist(), m.bar_len.tolist()
        pitch = np.full((frames, codec.voices), -1, np.int32)
        known = np.zeros((frames, codec.voices), bool)
        if self._frames and not self._onward:
            pitch[: self._frames] = self._grid.pitch
            known[: self._frames] = self._known
        key = codec.key_code(self.like)
        self._sides = [tuple(row) for row in codec.sides(score, pitch, known, key).tolist()]

    def side(self) -> tuple[int, ...]:
        return self._sides[self._frame * self.codec.voices + self._voice]

    def allowed(self) -> npt.NDArray[np.bool_]:
        """(V,) what may come next: notes in the voice's range, a held note only after one, the end only where
        pieces end."""
        voice, sounding = self._voice, self._now[self._voice]
        if self._frame < self._frames and self._known[self._frame, voice]:
            return self._mask(voice, sounding, self._may_end(), True, 0, 127)
        floor, ceiling = (0, 127) if self.codec.crosses else self._between()
        rests = self.codec.rests
        may_rest = (
            not rests or self._silent[voice] < rests[voice] or not self._sung[voice] or self._all_rest()
        )
        return self._mask(voice, sounding, self._may_end(), may_rest, floor, ceiling)

    def _between(self) -> tuple[int, int]:
        """The pitches between the nearest voice below that is known in this frame, and the nearest above."""
        frame, voice = self._frame, self._voice
        above = next((p for p in reversed(self._now[:voice]) if p >= 0), 127)
        here = zip(self._pitch[frame], self._known[frame], strict=True) if frame < self._frames else ()
        known = [p if k else -1 for p, k in here][voice + 1 :]
        below = next((p for p in known if p >= 0), 0)
        return (below, above) if below <= above else (0, 127)

    def _all_rest(self) -> bool:
        """Whether every given voice rests in this frame: then others may."""
        if self._frame >= self._frames:
            return False
        known = self._known[self._frame]
        return bool(known.any()) and all(
            p < 0 for p, k in zip(self._pitch[self._frame], known, strict=True) if k
        )

    def _may_end(self) -> bool:
        if (
            self._voice
            or not self._frame
            or (self._frames and not self._onward)
            or self._frame < self._frames
        ):
            return False
        pos, length = self._pos[self._frame], self._len[self._frame]
        if pos and (pos, length) not in self.codec.ends:
            return False
        return self._made > 0 and (self.units is None or self._made >= CODEC.earliest_end * self.units)

    def _mask(
        self, voice: int, sounding: int, end: bool, rest: bool, floor: int, ceiling: int
    ) -> npt.NDArray[np.bool_]:
        codec = self.codec
        masks = codec.masks
        key = (voice, sounding, end, rest, floor, ceiling)
        if key not in masks:
            mask = np.zeros(codec.vocab, bool)
            low, high = codec.ranges[voice]
            mask[codec.attack_token[max(low, floor) : min(high, ceiling) + 1]] = True
            mask[codec.eos] = end
            if sounding >= 0 and floor <= sounding <= ceiling:
                mask[codec.tie_token[sounding]] = True
            mask[codec.rest] = rest or not mask.any()
            masks[key] = mask
        return masks[key]

    def forced(self) -> int | None:
        """The token of a given cell; eos at the end of what is given, and at the bar line after the wanted
        number of notes."""
        f, v, codec = self._frame, self._voice, self.codec
        if f < self._frames and self._known[f, v]:
            pitch = self._pitch[f][v]
            tie = pitch >= 0 and not self._attack[f][v] and self._now[v] == pitch
            return int(codec.tie_token[pitch] if tie else codec.attack_token[pitch])
        if self._frames and not self._onward and f >= self._frames:
            return codec.eos
        if self.units is not None and self._made >= self.units and self._may_end():
            return codec.eos
        return None

    def push(self, token: int) -> None:
        """Take a token; a bos at the start is passed over."""
        codec = self.codec
        if token == codec.bos:
            return
        if token == codec.eos:
            self._done = True
            return
        f, v = self._frame, self._voice
        pitch, attack = codec.token_pitch[token]
        if attack and not (codec.ties == "repeat" and pitch == self._now[v]):
            onsets, pitches = self._lines[v]
            onsets.append(f * STEP)
            pitches.append(pitch)
            if not (f < self._frames and self._known[f, v]):
                self._made += 1
        if pitch != -2:
            self._now[v] = pitch
        self._silent[v] = self._silent[v] + 1 if self._now[v] < 0 else 0
        self._sung[v] |= self._now[v] >= 0
        self._voice += 1
        if self._voice == codec.voices:
            self._voice, self._frame = 0, f + 1
            if self._frame >= len(self._pos) - 1:
                self._grow()

    def fork(self) -> GridCursor:
        """A twin at the same place: what sounds and the lines are its own, tables are only ever replaced
        whole."""
        twin = copy(self)
        twin._now, twin._silent, twin._sung = list(self._now), list(self._silent), list(self._sung)
        twin._lines = [(list(onsets), list(pitches)) for onsets, pitches in self._lines]
        return twin

    def lines(self) -> list[tuple[list[int], list[int], int]]:
        """For the copy guard: onsets (ticks) and pitches of the voice whose cell is next, and the onset of a
        note there; none where the cell is given."""
        f, v = self._frame, self._voice
        if f < self._frames and self._known[f, v]:
            return []
        return [(*self._lines[v], f * STEP)]

    def note_token(self, pitch: int) -> int | None:
        """The token that begins a note of this pitch in the next cell; None where it would only go on, or has
        no token."""
        if self.codec.ties == "repeat" and pitch == self._now[self._voice]:
            return None
        return self.codec.note_token(pitch)

    def content(self, tokens: Sequence[int]) -> Score:
        """The score of the tokens that were made, with the metre, tempo and title of what was given."""
        made = self.codec.decode(tokens, like=self.like)
        if self._beside is None:
            return made
        return beside.together(self.codec, self._beside, self._placed, self._octave, made)

    @property
    def done(self) -> bool:
        return self._done
