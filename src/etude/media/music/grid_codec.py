"""Voices on a 16th grid as tokens, frame by frame from the highest voice to the lowest (after Music
Transformer and DeepBach).

A piece is bos, then V tokens a frame, then eos in the place of a frame's first voice. Metre, and whatever of
the piece is given (kept voices, kept bars), are side inputs, so one left-to-right model harmonises and fills
gaps with sight of what is ahead. Knows no files and no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.errors import ModelError, WorkError
from etude.media.codec import Encoded, Side, View
from etude.media.music import given as gaps
from etude.media.music import grid
from etude.media.music.frame import frame_of, framed, usual_frame
from etude.media.music.given_score import Given
from etude.media.music.grid import Grid
from etude.media.music.grid_cursor import GridCursor
from etude.media.music.grid_vocabulary import GridVocabulary, Known
from etude.media.music.part_writing import crossed, longest_rest
from etude.media.music.score import Score
from etude.media.music.score_codec import ScoreCodec
from etude.media.values import Costs, Int32


@dataclass(frozen=True)
class GridCodec(GridVocabulary, ScoreCodec[GridCursor]):
    """The codec of a collection of voices on a grid; stored as `frames`."""

    costs: ClassVar[Costs] = Costs("nats/note", 1.0, "voice cells of a 16th", "notes", by_token=True)

    @property
    def stride(self) -> int:
        """As many tokens as there are voices."""
        return self.voices

    @cached_property
    def views(self) -> tuple[View, ...]:
        """From general to specific. Memories of earlier beats (four and eight frames back) tell more than
        those of earlier 16ths."""
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

    def arrange(self, score: Score) -> Score:
        """The score as the tokens have it: V tracks from high to low, on the grid; encode and decode are
        exact inverses on it."""
        made = self.grid(score)
        return self._score(made.pitch, made.attack, score)

    def encode(
        self, content: Score, known: Known | None = None, shift: int = 0, *, in_key: bool = True
    ) -> Encoded:
        """Tokens of a score, transposed by `shift`; cells where `known` (F, V) are given: seen ahead, and not
        scored. `in_key`: its key is known.

        Raises WorkError where a pitch lies outside the codec's range.
        """
        g = self.grid(content)
        pitch = np.where(g.pitch >= 0, g.pitch + shift, -1)
        body = np.where(g.attack | (pitch < 0), self.attack_token[pitch], self.tie_token[pitch])
        if (body < 0).any():
            seen = pitch[pitch >= 0]
            raise WorkError(
                f"The piece has pitches {seen.min()} to {seen.max()}; "
                f"the model knows {self.low} to {self.high}.",
                "Transpose the piece, or learn a model from works in its range.",
            )
        tokens = np.concatenate([[self.bos], body.ravel(), [self.eos]]).astype(np.int32)
        side = np.zeros((len(tokens), len(self.side_sizes)), np.int16)
        key = self.key_code(content, shift) if in_key else 0
        side[1:] = self.sides(content, pitch, known, key)[: len(tokens) - 1]
        scored = np.ones(len(tokens), bool)
        scored[0] = False
        if known is not None and known.any():
            scored[1:-1] = ~known.ravel()
            scored[-1] = False
        return Encoded(tokens, side, scored, _offsets(g))

    def room(self, score: Score) -> tuple[int, int]:
        """Lowest and highest transposition (within `shifts`, 0 included) that keeps every voice in the range
        it has in the collection."""
        g = self.grid(score)
        down, up = self.shifts
        for v, (low, high) in enumerate(self.ranges):
            line = g.pitch[:, v][g.pitch[:, v] >= 0]
            if len(line):
                down, up = max(down, low - int(line.min())), min(up, high - int(line.max()))
        return min(down, 0), max(up, 0)

    def augment(self, content: Score, rng: np.random.Generator) -> Encoded:
        """A random transposition in range; in `given_share` of the copies some voices or bars are given and
        not scored."""
        down, up = self.room(content)
        shift = int(rng.integers(down, up + 1))
        known = None
        if rng.random() < self.given_share:
            g = self.grid(content)
            known = gaps.random_known(self.voices, g.metre.bar, rng)
        in_key = not self.keyed or known is not None or rng.random() >= CODEC.keyless_share
        return self.encode(content, known, shift, in_key=in_key)

    def copies(self, content: Score) -> list[Encoded]:
        """Every transposition in range, the smallest first."""
        down, up = self.room(content)
        return [self.encode(content, None, s) for s in sorted(range(down, up + 1), key=lambda s: (abs(s), s))]

    def begin(self, units: int | None, given: Given | None) -> GridCursor:
        """A cursor after bos. Raises WorkError where a given pitch lies outside the codec's range."""
        return GridCursor(self, units, given)

    def recall(self, tokens: Int32, side: Side) -> Score:
        """The score that a memory kept, in the usual metre."""
        return self.decode(tokens.tolist())

    def walker(self, content: Score) -> None:
        """None: what is known of a cell depends on the metre and on what is given, not on what was drawn."""

    def homeless(self, content: Score) -> tuple[str, ...]:
        """Voices beyond those of the collection, drums, and chords in a voice that has one note at a time."""
        return grid.homeless(content, grid.assign(content, self.names, self.means))

    def makes(self, content: Score, keep: Sequence[int | str]) -> bool:
        """Whether there is a voice to make beside the tracks that stay, and a place for each of those."""
        if self.homeless(content):
            return False
        named = {name.casefold() for name in self.names}
        wanted = [name for name in keep if isinstance(name, str)]
        if wanted and not self.given_whole:
            return False  # of an earlier version: it rewrites what the score has, or adds all others
        if not all(name.casefold() in named for name in wanted):
            return False
        rewritten = set(keep) != set(range(len(content.tracks)))
        return rewritten or len(grid.lines(content)) + max(1, len(wanted)) <= self.voices

    def frame(self, content: Score) -> dict[str, Any]:
        """Metre, pickup and tempo at its beginning."""
        return frame_of(content)

    def framed(self, frame: Mapping[str, Any]) -> GridCodec:
        """The codec whose new pieces are in this metre and tempo."""
        return replace(self, **framed(frame)) if frame else self

    def window_starts(self, side: Side) -> npt.NDArray[np.int64]:
        """The first cells of bars, so that a place in a window means the same place in the bar."""
        return np.flatnonzero((side[:, 0] == 1) & (side[:, 2] == 1))

    def to_json(self) -> dict[str, Any]:
        """All that the codec is, for the header of a model."""
        return {
            "kind": "frames",
            **{f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")},
        }


def learn_codec(
    scores: Sequence[Score], *, ties: str = CODEC.ties, given_share: float = CODEC.given_share
) -> GridCodec:
    """The codec of a collection: as many voices as most pieces have, their names and ranges, usual metre and
    tempo, where pieces end.

    Pitches up to `CODEC.margin` beyond what is seen have tokens too, so that unseen pieces of the same kind
    can be scored.
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
    return GridCodec(
        names=names,
        programs=programs,
        ranges=ranges,
        means=means,
        low=max(0, min(a for a, _ in ranges) - CODEC.margin),
        high=min(127, max(b for _, b in ranges) + CODEC.margin),
        ties=ties,
        **usual_frame(pieces),
        ends=tuple(sorted({end_of(s, len(g.pitch)) for s, g in zip(pieces, grids, strict=True)})),
        given_share=given_share,
        keyed=True,
        rests=tuple(longest_rest([g.pitch[:, v] for g in grids]) for v in range(voices)),
        crosses=crossed([g.pitch for g in grids]) > CODEC.crossings,
        given_whole=True,
    )


def end_of(score: Score, frames: int) -> tuple[int, int]:
    """Where in which bar a piece of so many frames ends."""
    m = gaps.metre_of(score, frames + 1)
    return int(m.pos[-1]), int(m.bar_len[-1])


def from_json(data: Mapping[str, Any]) -> GridCodec:
    """The codec that `to_json` wrote. Raises ModelError where it cannot be read."""
    try:
        d = {k: v for k, v in data.items() if k != "kind"}
        for key in ("names", "programs", "means", "meter", "shifts", "rests"):
            if key in d:
                d[key] = tuple(d[key])
        for key in ("ranges", "ends"):
            d[key] = tuple((int(a), int(b)) for a, b in d[key])
        return GridCodec(**d)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the music codec of the model cannot be read: {error}", "learn the model again"
        ) from error


def _offsets(g: Grid) -> Int32:
    """(T + 1,) note index at each token; notes that begin in one frame are counted in the order of their
    indices."""
    ordered = np.sort(np.where(g.attack, g.note, np.iinfo(np.int32).max), axis=1)
    index = np.append(ordered[ordered < np.iinfo(np.int32).max], g.n_notes)
    index[:-1][:1] = 0  # notes without a cell of their own count towards the one before, or the first
    begun = np.concatenate([[0, 0], np.cumsum(g.attack.ravel()), [g.attack.sum()]])
    offsets: Int32 = index[begun].astype(np.int32)
    return offsets
