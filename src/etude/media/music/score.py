"""A score: tracks of notes on a fine grid, with metre, tempo and key. The content type of the music medium.

Times are ticks, TPQ of them in a quarter note. Knows no file format and no codec.
"""

from __future__ import annotations

from dataclasses import dataclass

TPQ = 24  # ticks in a quarter note: exact for 16ths (6), 32nds (3) and triplets (8)
STEP = 6  # ticks in a 16th, the grid of voice-separated frames


@dataclass(frozen=True, order=True)
class Note:
    """One note: `onset` and `duration` in ticks, MIDI `pitch` 0..127, `velocity` 1..127."""

    onset: int
    pitch: int
    duration: int
    velocity: int = 80


@dataclass(frozen=True)
class Track:
    """One instrument or voice; `notes` sorted by (onset, pitch). `program` is General MIDI 0..127."""

    notes: tuple[Note, ...]
    name: str = ""
    program: int = 0
    drum: bool = False


@dataclass(frozen=True)
class Form:
    """What a tune was made by, which its notes alone do not say for certain: the `tonic` (a MIDI pitch), the
    `mode` (an index of `tonic.MODES`), and the `plan` of its bars (see `form.py`); None: as the notes have
    it."""

    tonic: int
    mode: int
    plan: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Score:
    """A whole piece. `meters`: (tick, beats, beat unit); `tempos`: (tick, quarter notes a minute); `keys`:
    (tick, fifths, minor). `form` is known of takes alone.

    Each list is ascending and starts at tick 0 (empty: 4/4, 100, unknown). A pickup is a shorter first bar:
    `pickup` ticks before the first full bar, 0 when none.
    """

    tracks: tuple[Track, ...]
    meters: tuple[tuple[int, int, int], ...] = ((0, 4, 4),)
    tempos: tuple[tuple[int, float], ...] = ((0, 100.0),)
    keys: tuple[tuple[int, int, bool], ...] = ()
    pickup: int = 0
    title: str = ""
    form: Form | None = None

    def flat(self) -> list[tuple[int, Note]]:
        """All notes as (track index, note), sorted by (onset, track, pitch): the order that offsets and
        places refer to."""
        notes = [(i, n) for i, track in enumerate(self.tracks) for n in track.notes]
        return sorted(notes, key=lambda item: (item[1].onset, item[0], item[1].pitch))

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return max((n.onset + n.duration for t in self.tracks for n in t.notes), default=0)
