"""What a trace asks of a score: its lines as symbols, the notes of passages, and the names of pitches.

Each line is a run of overlapping motifs of three notes (`motifs`, which the copy guard asks too), each seen
only through its intervals and the ratio of its times, so that a melody transposed or played at another tempo
gives the same run; m motifs in a row are m + 2 notes. Knows no works and no index.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from etude.media.music.bars import layout
from etude.media.music.motifs import hashed, melody, windows
from etude.media.music.score import Score
from etude.media.values import Stream

MOTIF = 3  # notes: two times make the first ratio, so three notes are the fewest that know no tempo
NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


def streams(score: Score) -> list[Stream]:
    """The lines of a score, one stream each."""
    out = []
    for line in melody(score):
        symbols = hashed(windows(line, MOTIF))
        starts = line.notes[: len(symbols)].astype(np.int32)
        ends = line.notes[MOTIF - 1 :][: len(symbols)].astype(np.int32) + 1
        out.append(Stream(symbols, starts, ends, line.notes, line.voice, MOTIF - 1))
    return out


def notes_of(score: Score, ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int, int], ...]:
    """(onset, pitch, duration) of the notes in these ranges of the flat order."""
    notes = layout(score).notes
    return tuple((n.onset, n.pitch, n.duration) for a, b in ranges for _, n in notes[a:b])


def pitch_name(pitch: int) -> str:
    """'C4' for 60."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"
