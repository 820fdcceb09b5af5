"""The notes of a MusicXML part in the order of playing: ties joined, tablature read once, one track an
instrument or a voice.

A tie goes on in whatever voice or staff the same pitch goes on. A voice is one line, also where it visits
another staff. A part whose voices each sing one note at a time becomes one track a voice; one whose notes
name several sounds, at least one a sound.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from etude.media.music.musicxml_part import PartNote, PartReader
from etude.media.music.score import TPQ, Note, Track
from etude.media.music.voices import monophonic

# Of the bars in which the part plays must hold a voice, for each voice to become a track of its own
VOICE_SHARE = 0.6
MOST_OPEN = 32  # ties open on one pitch: more are a mistake, and each note is compared with all of them
# Ticks between the two notes of a tie, for arpeggios written out and tied into their chord.
LONGEST_GAP = 8 * TPQ
Line = tuple[int, str]  # staff (0 for a voice that is one line on all of them), voice


@dataclass
class Sounding:
    """A note at its place in the piece; `end` grows as ties are joined."""

    onset: int
    pitch: int
    end: int
    bar: int  # how many bars were played before it
    measure: int  # the number of its measure in the file
    line: Line
    written: PartNote


def tracks_of(reader: PartReader, order: Sequence[tuple[int, int]], starts: Sequence[int]) -> list[Track]:
    """The tracks of a part whose measures are played in `order` (measure, pass), each from its start in
    ticks."""
    notes = _placed(reader, order, starts)
    notes = _joined(_once(notes))
    by_sound: dict[tuple[int, bool], list[Sounding]] = defaultdict(list)
    for note in notes:
        by_sound[note.written.sound.program, note.written.drum].append(note)
    if not by_sound:
        first = reader.instruments.of("")
        return [Track((), reader.name, first.program, first.drum)]
    out: list[Track] = []
    for (program, drum), heard in by_sound.items():
        name = reader.name
        if len(by_sound) > 1:
            name = heard[0].written.sound.name or name
        out += _voices(heard, name, program, drum)
    return out


def only_tablature(reader: PartReader) -> bool:
    """Whether all notes of a part stand on tablature staves."""
    return all(n.tablature for m in reader.measures for n in m.notes)


def _placed(reader: PartReader, order: Sequence[tuple[int, int]], starts: Sequence[int]) -> list[Sounding]:
    out = []
    for bar, ((i, turn), start) in enumerate(zip(order, starts, strict=True)):
        for n in reader.measures[i].notes if i < len(reader.measures) else ():
            if n.passes and turn not in n.passes:
                continue
            onset, end = start + round(n.onset), start + round(n.onset + n.duration)
            line = (n.staff if n.voice in reader.torn else 0, n.voice)
            out.append(Sounding(onset, n.pitch, max(end, onset + 1), bar, i, line, n))
    return sorted(out, key=lambda n: n.onset)


def _once(notes: list[Sounding]) -> list[Sounding]:
    """The notes without those of a tablature that another staff of the part has too."""
    staff = {(n.onset, n.pitch) for n in notes if not n.written.tablature}
    return [n for n in notes if not n.written.tablature or (n.onset, n.pitch) not in staff]


def _joined(notes: list[Sounding]) -> list[Sounding]:
    """Notes in ascending order with tied ones made one: the nearest of the same pitch, in the same voice
    where there are several."""
    out: list[Sounding] = []
    open_: dict[int, list[Sounding]] = defaultdict(list)  # pitch -> notes whose tie is open
    free: dict[
        Line, tuple[int, int]
    ] = {}  # the last two places where a note of the voice begins that is not tied on
    for note in notes:
        before, last = free.get(note.line, (-1, -1))
        quiet = last if last < note.onset else before
        waiting = [w for w in open_[note.pitch] if w.end >= note.onset - LONGEST_GAP]
        first = min((w for w in waiting if _ties(w, note, quiet)), key=lambda w: _far(w, note), default=None)
        if first is None:
            out.append(note)
        else:
            waiting.remove(first)
            first.end, first.line, first.measure = max(first.end, note.end), note.line, note.measure
        if note.written.tied_on:
            waiting.append(first or note)
        elif last < note.onset:
            free[note.line] = (last, note.onset)
        open_[note.pitch] = waiting[-MOST_OPEN:]
    return out


def _ties(open_: Sounding, note: Sounding, quiet: int) -> bool:
    """Whether a tie may join the two: end to end, or over a gap in which its voice has only more notes that
    are tied on.

    `quiet`: where the last note of the voice before this one begins that is not tied on. A tie whose second
    note does not say so joins the next one of its voice, but not the one that a repeat or an ending brings.
    """
    gap = note.onset - open_.end
    same = open_.line == note.line
    if not note.written.tied_back:
        near = same or open_.written.staff == note.written.staff
        return abs(gap) <= 1 and near and note.measure - open_.measure in (0, 1)
    return abs(gap) <= 1 or (gap > 0 and same and quiet < open_.end)


def _far(open_: Sounding, note: Sounding) -> tuple[bool, bool, bool, int]:
    """How unlikely a tie is the one that comes back in `note`."""
    gap = abs(note.onset - open_.end)
    return gap > 1, open_.line != note.line, open_.written.staff != note.written.staff, gap


def _voices(notes: list[Sounding], name: str, program: int, drum: bool) -> list[Track]:
    """One track, or one a voice where each voice sings one note at a time through most of the bars."""
    by_line: dict[Line, list[Sounding]] = defaultdict(list)
    for note in notes:
        by_line[note.line].append(note)
    bars = {line: len({n.bar for n in heard}) for line, heard in by_line.items()}
    most = max(bars.values())
    if len(by_line) > 1 and not drum and all(count >= VOICE_SHARE * most for count in bars.values()):
        clean = [
            monophonic(_merged(by_line[line])) for line in sorted(by_line, key=lambda v: _place(by_line[v]))
        ]
        if all(clean):
            return [Track(line, f"{name} {k + 1}".strip(), program) for k, line in enumerate(clean) if line]
    return [Track(_merged(notes), name, program, drum)]


def _place(heard: list[Sounding]) -> tuple[int, int, str]:
    """Where a voice stands in the order: by the staff that has most of it, then by its number."""
    staff = Counter(n.written.staff for n in heard).most_common(1)[0][0]
    name = heard[0].written.voice
    digits = re.match(r"\d{1,9}", name)
    return staff, int(digits[0]) if digits else 0, name


def _merged(notes: list[Sounding]) -> tuple[Note, ...]:
    """The notes in order; of several on one pitch at one time the longest stays."""
    best: dict[tuple[int, int], Note] = {}
    for n in notes:
        old = best.get((n.onset, n.pitch))
        if old is None or old.duration < n.end - n.onset:
            best[n.onset, n.pitch] = Note(n.onset, n.pitch, n.end - n.onset, n.written.velocity)
    return tuple(best[k] for k in sorted(best))
