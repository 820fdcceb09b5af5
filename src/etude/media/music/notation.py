"""How a track is written down: notes cut at bar lines into tied note values, chords, voices, rests, triplets
and beams.

Onsets and ends are moved to 32nds or to triplets of 16ths, whichever is nearer in each eighth of a bar (to
triplets of 32nds only where notes would fall together), so a played performance becomes readable and a
written one stays exact. Does not know formats; spelling of pitches is in `spelling`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from etude.media.music.bars import Bar
from etude.media.music.score import TPQ, Note

CELL = TPQ // 2  # an eighth: the stretch that keeps to one grid
GRIDS = (3, 4, 2)  # ticks of a 32nd, of a 16th and of a 32nd in a triplet

PLAIN = {
    192: ("breve", 0),
    144: ("whole", 1),
    96: ("whole", 0),
    72: ("half", 1),
    48: ("half", 0),
    36: ("quarter", 1),
    24: ("quarter", 0),
    18: ("eighth", 1),
    12: ("eighth", 0),
    9: ("16th", 1),
    6: ("16th", 0),
    3: ("32nd", 0),
}  # ticks -> (note value, dots)
TRIPLET = {16: ("quarter", 0), 8: ("eighth", 0), 4: ("16th", 0), 2: ("32nd", 0), 1: ("64th", 0)}
FLAGS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}


@dataclass(frozen=True)
class Chord:
    """Notes with one onset and one end, in ticks of the piece."""

    onset: int
    end: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Sign:
    """One written note, chord or rest (no notes), in ticks from the start of its bar."""

    start: int
    ticks: int
    notes: tuple[Note, ...]
    value: str
    dots: int
    triplet: bool
    tied_back: bool = False
    tied_on: bool = False
    group: str = ""  # of a triplet: 'start', 'stop', or '' inside
    beams: tuple[str, ...] = ()  # for each level: begin, continue, end, forward hook, backward hook


def beat_of(bar: Bar) -> int:
    """Ticks of a felt beat: dotted in compound metres, a quarter note otherwise (an eighth in 5/8 and the
    like)."""
    if bar.unit >= 8 and bar.beats % 3 == 0 and bar.beats > 3:
        return 12 * TPQ // bar.unit
    return min(TPQ, 4 * TPQ // bar.unit) if bar.beats % 2 and bar.unit >= 8 and bar.beats != 3 else TPQ


def lanes(notes: Sequence[Note], grid: list[Bar]) -> list[list[Chord]]:
    """Notes as voices of chords that never overlap, each moved to its nearest notatable place."""
    chords: dict[tuple[int, int], list[Note]] = {}
    for note in notes:
        chords.setdefault((note.onset, note.onset + note.duration), []).append(note)
    out: list[list[Chord]] = []
    for (onset, end), together in sorted(
        chords.items(), key=lambda c: (c[0][0], -max(n.pitch for n in c[1]))
    ):
        lane = next((line for line in out if line[-1].end <= onset), None)
        if lane is None:
            lane = []
            out.append(lane)
        lane.append(Chord(onset, end, tuple(sorted(together, key=lambda n: n.pitch))))
    return [_snap(lane, grid) for lane in out]


def _snap(lane: list[Chord], grid: list[Bar]) -> list[Chord]:
    starts = [b.start for b in grid]
    onsets = {c.onset for c in lane}
    cells: dict[tuple[int, int], list[int]] = {}
    for t in sorted(onsets | {c.end for c in lane}):
        bar = starts[bisect_right(starts, t) - 1]
        cells.setdefault((bar, (t - bar) // CELL), []).append(t)
    where: dict[int, tuple[int, int]] = {}  # tick -> (moved tick, step of its grid)
    for (bar, _), ticks in cells.items():
        g = min(
            GRIDS, key=lambda g: _cost([t - bar for t in ticks], [t - bar for t in ticks if t in onsets], g)
        )
        for t in ticks:
            where[t] = (bar + g * round((t - bar) / g), g)
    out: list[Chord] = []
    for chord in lane:
        onset, g = where[chord.onset]
        end = where[chord.end][0]
        if end <= onset:
            end = onset + g
        if out and onset == out[-1].onset:  # two faster than a 32nd become one chord
            out[-1] = Chord(
                onset,
                max(end, out[-1].end),
                tuple(sorted({*out[-1].notes, *chord.notes}, key=lambda n: n.pitch)),
            )
            continue
        if out and out[-1].end > onset:
            out[-1] = replace(out[-1], end=onset)
        out.append(Chord(onset, end, chord.notes))
    return out


def _cost(ticks: list[int], onsets: list[int], g: int) -> tuple[int, int]:
    """How ill a grid suits a cell: onsets that would fall together first, then the ticks that all are moved
    by."""
    together = len(onsets) - len({round(t / g) for t in onsets})
    return together, sum(abs(t - g * round(t / g)) for t in ticks) + (2 * len(ticks) if g == 2 else 0)


def signs(lane: list[Chord], grid: list[Bar]) -> list[list[Sign]]:
    """For each bar what is written in this voice; an empty list where the voice is silent for the whole
    bar."""
    out: list[list[Sign]] = []
    first = 0
    for bar in grid:
        while first < len(lane) and lane[first].end <= bar.start:
            first += 1
        row: list[Sign] = []
        now, i, beat = bar.start, first, beat_of(bar)
        while i < len(lane) and lane[i].onset < bar.end:
            chord = lane[i]
            start, end = max(chord.onset, bar.start), min(chord.end, bar.end)
            row += _signs(now - bar.start, start - bar.start, (), beat)
            pieces = _signs(start - bar.start, end - bar.start, chord.notes, beat)
            for k, piece in enumerate(pieces):
                back = k > 0 or chord.onset < bar.start
                row.append(replace(piece, tied_back=back, tied_on=k < len(pieces) - 1 or chord.end > bar.end))
            now = end
            i += 1
        if row:
            row += _signs(now - bar.start, bar.end - bar.start, (), beat)
        out.append(_beamed(_grouped(row), beat))
    return out


def _signs(start: int, end: int, notes: tuple[Note, ...], beat: int) -> list[Sign]:
    out = []
    while start < end:
        ticks, value, dots, triplet = _value(start, end, beat)
        out.append(Sign(start, ticks, notes, value, dots, triplet))
        start += ticks
    return out


def _value(p: int, q: int, beat: int) -> tuple[int, str, int, bool]:
    """The first note value of a stretch from p to q: (ticks, name, dots, triplet)."""
    d = q - p
    if p % 3 == 0 and q % 3 == 0:
        within = p % beat + d <= beat
        syncopated = beat == TPQ and d <= 2 * beat and p % (beat // 2) == 0
        on_beat = p % beat == 0 and (beat == TPQ or d % beat == 0)
        if d in PLAIN and (within or syncopated or on_beat):
            return (d, *PLAIN[d], False)
        if p % beat and not within:
            return _value(p, p + beat - p % beat, beat)
        whole = d - d % beat if d > beat and beat != TPQ else d
        best = max((v for v in PLAIN if v <= whole), default=3)
        return (best, *PLAIN[best], False)
    if d in TRIPLET:
        return (d, *TRIPLET[d], True)
    for step in (TPQ, CELL):
        cut = p - p % step + step if p % 3 else (q - 1) - (q - 1) % step
        if p < cut < q:
            return _value(p, cut, beat)
    best = max(v for v in TRIPLET if v <= d)
    return (best, *TRIPLET[best], True)


def _grouped(row: list[Sign]) -> list[Sign]:
    """Mark where each triplet starts and stops."""
    out: list[Sign] = []
    total = 0
    for sign in row:
        if not sign.triplet:
            if total and out:
                out[-1] = replace(out[-1], group="stop" if out[-1].group != "start" else "")
            total = 0
            out.append(sign)
            continue
        opening = total == 0
        total += sign.ticks
        if not opening and total % CELL == 0 and (sign.start + sign.ticks) % CELL == 0:
            total = 0
        out.append(replace(sign, group="start" if opening else "stop" if total == 0 else ""))
    if total and out:
        out[-1] = replace(out[-1], group="stop" if out[-1].group != "start" else "")
    return out


def _beamed(row: list[Sign], beat: int) -> list[Sign]:
    """Beams over the notes of one beat that are shorter than a quarter note."""
    out = list(row)
    i = 0
    while i < len(row):
        j = i
        while (
            j < len(row)
            and row[j].notes
            and row[j].value in FLAGS
            and row[j].start // beat == row[i].start // beat
        ):
            j += 1
        if j - i > 1:
            flags = [FLAGS[s.value] for s in row[i:j]]
            for k in range(i, j):
                levels = tuple(_beam(flags, k - i, level) for level in range(1, flags[k - i] + 1))
                out[k] = replace(row[k], beams=levels)
        i = max(j, i + 1)
    return out


def _beam(flags: list[int], k: int, level: int) -> str:
    before = k > 0 and flags[k - 1] >= level
    after = k + 1 < len(flags) and flags[k + 1] >= level
    if before and after:
        return "continue"
    if before or after:
        return "end" if before else "begin"
    return "backward hook" if k else "forward hook"
