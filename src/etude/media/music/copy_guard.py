"""The copy guard of music: no span of n notes of the collection, in any key and at any tempo, while a take is being made.

Exact for the lines and classes of `motifs`: before a note is drawn, every pitch that would complete such a span is named. Notes
that a person has given are not judged. Knows cursors only through `Lines`; knows no model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from etude.errors import TakeError
from etude.media.contract import Codec
from etude.media.music.motifs import melody, ratio_class, windows
from etude.media.music.score import Score


class Lines(Protocol):
    """What the guard asks of a cursor of music."""

    def lines(self) -> Sequence[tuple[Sequence[int], Sequence[int], int]]:
        """Onsets and pitches so far of each line that the next token may add a note to, and the onset of that note."""

    def note_token(self, pitch: int) -> int | None:
        """The token that begins a note of this pitch here, None where none does."""


class MotifGuard:
    """The spans of n notes of some scores, ready to be asked while sampling."""

    def __init__(self, scores: Iterable[Score], n: int) -> None:
        """Raises TakeError for n below 4: shorter motifs are common property, and too few notes would be left."""
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
        """Pitches that, begun at `onset`, would complete a span of the collection after the last notes of a line."""
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
        """Onsets of the first and last note of every span of n notes that stands in the collection, but for those whose notes
        (onset, pitch) were all given; in the order of their ends."""
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

    def banned(self, tokens: Sequence[int], codec: Codec, cursor: Any) -> npt.NDArray[np.bool_] | None:
        """(V,) tokens that must not come next, None where all may. The cursor (`Lines`) knows what `tokens` would tell.

        In frames a rest always remains. Among events every pitch of a narrow instrument may be banned once a position was named;
        then the caller must let one through, and ask `copies` about the finished take.
        """
        view: Lines = cursor
        out: npt.NDArray[np.bool_] | None = None
        for onsets, pitches, onset in view.lines():
            for pitch in self.pitches(onsets, pitches, onset):
                token = view.note_token(pitch)
                if token is not None:
                    out = np.zeros(codec.vocab, bool) if out is None else out
                    out[token] = True
        return out
