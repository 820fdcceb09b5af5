"""The copy guard of music: no span of n notes of the collection, in any key and at any tempo, while a take is
being made.

Exact for the lines and classes of `motifs`: before a note is drawn, every pitch that would complete such a
span is named. Notes that a person has given are not judged. Knows cursors only through `Lines`; knows no
model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import numpy as np

from etude.errors import TakeError, WorkError
from etude.media.codec import Bools, Codec, Cursor, Span
from etude.media.music.bars import bars
from etude.media.music.cuts import cut_ticks
from etude.media.music.given_score import given_of
from etude.media.music.motifs import melody, ratio_class, windows
from etude.media.music.score import Score


class Lines(Protocol):
    """What the guard asks of a cursor of music."""

    def lines(self) -> Sequence[tuple[Sequence[int], Sequence[int], int]]:
        """Onsets and pitches so far of each line that the next token may add a note to, and the onset of that
        note."""

    def note_token(self, pitch: int) -> int | None:
        """The token that begins a note of this pitch here, None where none does."""


class MotifGuard:
    """The spans of n notes of some scores, ready to be asked while sampling."""

    def __init__(self, scores: Iterable[Score], n: int) -> None:
        """Raises TakeError for n below 4: shorter motifs are common property, and too few notes would be
        left."""
        if n < 4:
            raise TakeError(
                f"copies of {n} notes cannot be kept out: nearly every motif so short is in every work",
                "use --no-copy 6 or more",
            )
        self.n = n
        self._next: dict[bytes, set[int]] = {}
        self._ratios: dict[tuple[int, int], int] = {}
        for score in scores:
            for line in melody(score):
                rows = windows(line, n)
                keys, last = rows[:, :-1].tobytes(), rows[:, -1].tolist()
                width = rows.shape[1] - 1
                for i, interval in enumerate(last):
                    self._next.setdefault(keys[i * width : (i + 1) * width], set()).add(interval - 128)

    def pitches(self, onsets: Sequence[int], pitches: Sequence[int], onset: int) -> set[int]:
        """Pitches that, begun at `onset`, would complete a span of the collection after the last notes of a
        line."""
        n = self.n
        if len(pitches) < n - 1:
            return set()
        p, t = pitches[1 - n :], [*onsets[1 - n :], onset]
        key = [p[i + 1] - p[i] + 128 for i in range(n - 2)]
        ratios = self._ratios
        for i in range(n - 2):
            pair = t[i + 2] - t[i + 1], t[i + 1] - t[i]
            if pair not in ratios:
                ratios[pair] = ratio_class(*pair)
            key.append(ratios[pair] + 128)
        found = self._next.get(bytes(key))
        return {p[-1] + step for step in found} if found else set()

    def copies(self, score: Score, given: Collection[tuple[int, int]] = ()) -> list[tuple[int, int]]:
        """Onsets of the first and last note of every span of n notes that stands in the collection, but for
        those whose notes (onset, pitch) were all given; in the order of their ends."""
        out = []
        for line in melody(score):
            rows = windows(line, self.n)
            keys, last, width = rows[:, :-1].tobytes(), rows[:, -1].tolist(), rows.shape[1] - 1
            onset, pitch = line.onset.tolist(), line.pitch.tolist()
            for i, interval in enumerate(last):
                if interval - 128 in self._next.get(keys[i * width : (i + 1) * width], ()):
                    end = i + self.n
                    if not all(note in given for note in zip(onset[i:end], pitch[i:end], strict=True)):
                        out.append((onset[i], onset[end - 1]))
        return sorted(out, key=lambda span: (span[1], span[0]))

    def banned(self, codec: Codec, cursor: Lines) -> Bools | None:
        """(V,) tokens that must not come next, None where all may. The cursor (`Lines`) knows what `tokens`
        would tell.

        In frames a rest always remains. Among events every pitch of a narrow instrument may be banned once a
        position was named; then the caller must let one through, and ask `copies` about the finished take.
        """
        out: Bools | None = None
        for onsets, pitches, onset in cursor.lines():
            for pitch in self.pitches(onsets, pitches, onset):
                token = cursor.note_token(pitch)
                if token is not None:
                    out = np.zeros(codec.vocab, bool) if out is None else out
                    out[token] = True
        return out


class MusicGuard:
    """The `Guard` of scores: spans are the onsets of their first and last note."""

    def __init__(self, scores: Sequence[Score], n: int, codec: Codec) -> None:
        """Raises TakeError for n below 4."""
        self.n, self._codec, self._motifs = n, codec, MotifGuard(scores, n)

    def watch(self, tokens: Sequence[int], cursor: Cursor) -> MusicWatch:
        """Watch a score that stands at this cursor, which knows all that its tokens would tell."""
        return MusicWatch(self._motifs, self._codec, cursor)

    def copies(
        self, content: Score, given: Score | None = None, stays: Mapping[str, Any] | None = None
    ) -> list[Span]:
        """Copied spans that have a note which was made."""
        return self._motifs.copies(content, self._given(given, stays))

    def _given(self, given: Score | None, stays: Mapping[str, Any] | None) -> set[Span]:
        """(onset, pitch) of the notes that a person gave, as they were and as the codec writes them."""
        whole = given_of(given, stays)
        if whole is None:
            return set()
        scores = [whole.score]
        with suppress(WorkError):
            cursor = self._codec.cursor(given=whole.score)
            scores.append(cursor.content(self._codec.encode(whole.score).tokens.tolist()))
        out: set[Span] = set()
        for score in scores:
            grid = bars(score)
            a, b = whole.fill_bars or (0, len(grid))
            inside = range(grid[min(a, len(grid) - 1)].start, grid[min(b, len(grid)) - 1].end)
            for i, track in enumerate(score.tracks):
                kept = whole.onward or i in whole.keep_tracks
                out |= {(n.onset, n.pitch) for n in track.notes if kept or n.onset not in inside}
        return out

    def without(
        self, content: Score, given: Score | None = None, stays: Mapping[str, Any] | None = None
    ) -> Score:
        """The take cut off at the bar line before the end of its first copy. Raises TakeError where fewer
        notes than such a span would be left of what was made, or where the take must be as long as what was
        given."""
        known, whole = self._given(given, stays), given_of(given, stays)
        while found := self.copies(content, given, stays):
            at = min(last for _, last in found)
            start = max(bar.start for bar in bars(content) if bar.start <= at)
            content = cut_ticks(content, 0, start)
            left = sum((n.onset, n.pitch) not in known for t in content.tracks for n in t.notes)
            if left < self.n or (whole is not None and not whole.onward):
                raise TakeError(
                    f"no take was found without a span of {self.n} notes that stands in the collection",
                    "raise --no-copy or --temperature, lower --borrow, or try another --seed",
                )
        return content


class MusicWatch:
    """One score as it grows under a guard."""

    def __init__(self, motifs: MotifGuard, codec: Codec, cursor: Any) -> None:
        self._motifs, self._codec, self._cursor = motifs, codec, cursor

    def banned(self) -> Bools | None:
        """Tokens with which the next note would complete a copied span."""
        return self._motifs.banned(self._codec, self._cursor)

    def push(self, token: int) -> None:
        """Nothing to keep: the cursor knows."""
