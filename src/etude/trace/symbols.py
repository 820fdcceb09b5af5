"""Contents as streams of symbols for verbatim search: words for text, motifs of notes for music.

Text: a word is what `media.words` says it is, so that case, punctuation, line breaks and the form of the apostrophe do not count
and the copy guard agrees with the trace. Music: each line is a run of overlapping motifs of three notes (`media.motifs`, which the
guard asks too), each seen only through its intervals and the ratio of its times, so that a melody transposed or played at another
tempo gives the same run; m motifs in a row are m + 2 notes. Knows no works and no index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.errors import WorkError
from etude.media.contract import Content
from etude.media.music.motifs import hashed, melody, windows
from etude.media.music.score import Score
from etude.media.text.words import word_table

Array = npt.NDArray[Any]
MOTIF = (
    3  # notes in one motif: two times make the first ratio, so three notes are the fewest that know no tempo
)


@dataclass(frozen=True)
class Stream:
    """One run of symbols: `symbols` (length,) uint64; `starts`, `ends` (length,) int32 the units each covers; `units` (n,) all in order.

    For music `units` are the notes of the voice (indices in `Score.flat()`), `overlap` = notes that a symbol shares with the next.
    """

    symbols: Array
    starts: Array
    ends: Array
    units: Array
    voice: int = 0
    overlap: int = 0

    def length(self, first: int, last: int) -> int:
        """Words or notes in symbols first..last (last excluded)."""
        return last - first + self.overlap

    def ranges(self, first: int, last: int) -> tuple[tuple[int, int], ...]:
        """The units of symbols first..last, neighbours joined."""
        if not self.overlap:
            return ((int(self.starts[first]), int(self.ends[last - 1])),)
        out: list[tuple[int, int]] = []
        for unit in sorted(int(u) for u in self.units[first : last + self.overlap]):
            if out and out[-1][1] == unit:
                out[-1] = (out[-1][0], unit + 1)
            else:
                out.append((unit, unit + 1))
        return tuple(out)


def streams(medium: str, content: Content) -> list[Stream]:
    """The streams of one content. Raises WorkError for a medium without verbatim search."""
    if medium == "text":
        return [words(content)]
    if medium == "music":
        return _lines(content)
    raise WorkError(
        f"Works of the medium {medium} cannot be searched word for word.",
        "Verbatim search knows text and music.",
    )


def words(text: str) -> Stream:
    """The words of a text, as `media.words` knows them, with the characters they cover."""
    table = word_table(text)
    starts = table.start.astype(np.int32)
    return Stream(table.hash, starts, table.end.astype(np.int32), starts)


def _lines(score: Score) -> list[Stream]:
    """The lines of a score as `media.motifs` reads them."""
    out = []
    for line in melody(score):
        symbols = hashed(windows(line, MOTIF))
        starts, ends = (
            line.notes[: len(symbols)].astype(np.int32),
            line.notes[MOTIF - 1 :][: len(symbols)].astype(np.int32) + 1,
        )
        out.append(Stream(symbols, starts, ends, line.notes, line.voice, MOTIF - 1))
    return out
