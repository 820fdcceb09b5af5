"""Contents as streams of symbols for verbatim search: words for text, motifs of notes for music.

Text: a word is a run of letters and digits; case, punctuation, line breaks and the form of the apostrophe do not count, so that
"Don't -- go" and "don’t go" are the same two words. Done on arrays of code points, because a collection of 20 MB has four million
words. Music: each voice is a run of overlapping motifs of three notes, each seen only through its intervals and the ratio of its
times, so that a melody transposed or played at another tempo gives the same run; m motifs in a row are m + 2 notes. Knows no works
and no index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.errors import WorkError
from etude.media.contract import Content
from etude.media.score import Score

Array = npt.NDArray[Any]
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2^64
_APOSTROPHES = (0x27, 0x2019, 0x02BC, 0x60)
_BLOCK = 2_000_000  # code points hashed at once, so that 20 MB of text needs tens of megabytes, not gigabytes
MOTIF = 3  # notes in one motif: two times make the first ratio, so three notes are the fewest that know no tempo


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
        return _voices(content)
    raise WorkError(f"Works of the medium {medium} cannot be searched word for word.", "Verbatim search knows text and music.")


def words(text: str) -> Stream:
    """The words of a text as hashes of their normalised letters, with the characters they cover."""
    blocks: list[tuple[Array, Array, Array]] = []
    at = 0
    while at < len(text) or not blocks:
        end = _word_break(text, min(at + _BLOCK, len(text)))
        blocks.append(_hash_words(text[at:end], at))
        at = end if end > at else len(text)
    hashes, starts, ends = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return Stream(hashes, starts, ends, starts)


def _word_break(text: str, end: int) -> int:
    """The first place from `end` on that is white space or the end, so that no word is cut in two."""
    while end < len(text) and not text[end].isspace():
        end += 1
    return end


def _hash_words(text: str, offset: int) -> tuple[Array, Array, Array]:
    """Hash of a word = sum of (scrambled letter * base^(place in the word)) modulo 2^64, by prefix sums moved back to power 0."""
    code = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    letter, mixed = _alphabet(code)
    solid = letter[code]
    padded = np.concatenate([[False], solid, [False]])
    inner = np.isin(code, _APOSTROPHES) & padded[:-2] & padded[2:]  # an apostrophe joins two letters, and is not one itself
    inside = np.concatenate([[False], solid | inner, [False]])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[0::2], edges[1::2]
    powers = _powers(int(_BASE), len(code) + 1)
    place = np.maximum(np.cumsum(solid) - 1, 0)
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum(np.where(solid, mixed[code] * powers[place], np.uint64(0)))])
    hashes = (prefix[ends] - prefix[starts]) * _powers(pow(int(_BASE), -1, 2**64), len(code) + 1)[place[starts]]
    return hashes, (starts + offset).astype(np.int32), (ends + offset).astype(np.int32)


def _alphabet(code: Array) -> tuple[Array, Array]:
    """For the code points in the text: whether each is a letter or digit, and a scrambled 64-bit number of its lower case."""
    present = np.unique(code) if len(code) < 100_000 else np.flatnonzero(np.bincount(code))
    size = int(present[-1]) + 1 if len(present) else 1
    letter, low = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.uint64)
    for c in present.tolist():
        lower = chr(c).lower()
        letter[c], low[c] = chr(c).isalnum(), ord(lower) if len(lower) == 1 else c
    mixed = (low + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)  # the finaliser of splitmix64
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return letter, mixed ^ (mixed >> np.uint64(31))


def _powers(base: int, count: int) -> Array:
    out = np.full(count, base, dtype=np.uint64)
    out[0] = 1
    return np.cumprod(out)


def _voices(score: Score) -> list[Stream]:
    """Each track's upper line, and its lower line where it has chords, as motifs of three notes. Drums have no intervals: none."""
    lines: dict[tuple[int, str], dict[int, tuple[int, int]]] = {}  # (track, side) -> onset -> (pitch, index in flat order)
    for index, (track, note) in enumerate(score.flat()):
        if not score.tracks[track].drum:
            top, low = lines.setdefault((track, "top"), {}), lines.setdefault((track, "low"), {})
            top[note.onset] = max(top.get(note.onset, (-1, 0)), (note.pitch, index))
            low[note.onset] = min(low.get(note.onset, (999, 0)), (note.pitch, index))
    found = []
    for voice, ((track, side), line) in enumerate(sorted(lines.items())):
        if side == "low" or line != lines[track, "low"]:
            found.append(_motifs(line, voice))
    return found


def _motifs(line: dict[int, tuple[int, int]], voice: int) -> Stream:
    onset = np.array(sorted(line), dtype=np.int64)
    pitch, unit = (np.array([line[int(t)][i] for t in onset], dtype=np.int64) for i in (0, 1))
    if len(onset) < MOTIF:
        none = np.zeros(0, np.int32)
        return Stream(none.astype(np.uint64), none, none, unit, voice, MOTIF - 1)
    step, gap = np.diff(pitch), np.diff(onset)
    # eighths of an octave of time: tells 1:2, 2:3 and 3:4 apart, and forgives a played rhythm a few per cent
    ratio = np.rint(8 * np.log2(gap[1:] / gap[:-1])).astype(np.int64)
    symbols = ((step[:-1] + 128) << 40) | ((step[1:] + 128) << 20) | (ratio + 1024)
    return Stream(symbols.astype(np.uint64), unit[:-2].astype(np.int32), unit[2:].astype(np.int32) + 1, unit, voice, MOTIF - 1)
