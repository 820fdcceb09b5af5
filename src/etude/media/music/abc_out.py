"""Scores to ABC notation 2.1: a voice a track, chords, ties, triplets, changes of metre, key and tempo.

Loudness is not written, drums are written as their pitches, and times are those of `notation` (32nds and
triplets of 16ths).
"""

from __future__ import annotations

from fractions import Fraction

from etude.media.music.bars import Bar, bars
from etude.media.music.notation import Sign, lanes, signs
from etude.media.music.score import Score, Track
from etude.media.music.spelling import likely_fifths, signature, spell

UNIT = 12  # ticks of L:1/8
MAJOR = {
    i - 7: name
    for i, name in enumerate(
        ["Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"]
    )
}
MINOR = {
    i - 7: name + "m"
    for i, name in enumerate(
        ["Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#"]
    )
}
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}


def write(score: Score) -> bytes:
    """The score as one ABC tune (UTF-8), the same bytes for the same score."""
    grid = bars(score)
    keys = score.keys or ((0, likely_fifths(n.pitch for t in score.tracks for n in t.notes), False),)
    tempo = (score.tempos or ((0, 100.0),))[0][1]
    head = [
        "%abc-2.1",
        "X:1",
        f"T:{_plain(score.title)}",
        f"M:{grid[0].beats}/{grid[0].unit}",
        "L:1/8",
        f"Q:1/4={tempo:.10g}",
    ]
    head += [
        f"V:{i + 1}" + (f' name="{_plain(t.name)}"' if t.name else "") for i, t in enumerate(score.tracks)
    ]
    out = [*head, f"K:{_key(*keys[0][1:])}"]
    for i, track in enumerate(score.tracks or (Track(()),)):
        out += [f"V:{i + 1}", *([f"%%MIDI program {track.program}"] if track.program else [])]
        out += _voice(track, i == 0, score, grid, keys)
    return ("\n".join(line for line in out if line != "T:") + "\n").encode()


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c not in '%"').strip()


def _key(fifths: int, minor: bool) -> str:
    return (MINOR if minor else MAJOR)[max(-7, min(7, fifths))]


def _voice(
    track: Track, first: bool, score: Score, grid: list[Bar], keys: tuple[tuple[int, int, bool], ...]
) -> list[str]:
    rows = [signs(lane, grid) for lane in lanes(track.notes, grid)]
    lines: list[str] = []
    line: list[str] = []
    fifths = keys[0][1]
    for b, bar in enumerate(grid):
        before = grid[b - 1] if b else bar
        text = f"[M:{bar.beats}/{bar.unit}]" if (bar.beats, bar.unit) != (before.beats, before.unit) else ""
        for _, sharps, minor in [k for k in keys if before.start < k[0] <= bar.start]:
            text += f"[K:{_key(sharps, minor)}]"
            fifths = sharps
        for _, bpm in [t for t in score.tempos if first and before.start < t[0] <= bar.start]:
            text += f"[Q:1/4={bpm:.10g}]"
        written = [row[b] for row in rows if row[b]]
        length = _length(Fraction(bar.end - bar.start, UNIT))
        text += " & ".join(_bar(row, fifths) for row in written) if written else f"z{length}"
        line.append(text)
        if len(line) == 4 or b == len(grid) - 1:
            lines.append(" | ".join(line) + (" |]" if b == len(grid) - 1 else " |"))
            line = []
    return lines


def _bar(row: list[Sign], fifths: int) -> str:
    in_force = signature(fifths)
    touched: set[str] = set()
    out = []
    for k, sign in enumerate(row):
        ticks = Fraction(sign.ticks)
        text = ""
        if sign.triplet:
            ticks = ticks * 3 / 2
            opens = k == 0 or not row[k - 1].triplet or sign.group == "start"
            if opens:
                stop = (
                    next((j for j in range(k, len(row)) if row[j].group == "stop"), k)
                    if sign.group == "start"
                    else k
                )
                text = f"(3:2:{stop - k + 1}"
        heads = []
        for note in sign.notes:
            step, alter, octave = spell(note.pitch, fifths)
            accidental = SIGNS[alter] if alter != in_force.get(step, 0) or step in touched else ""
            if accidental:
                touched.add(step)
            letter = step.lower() + "'" * (octave - 5) if octave >= 5 else step + "," * (4 - octave)
            heads.append(accidental + letter)
        body = f"[{''.join(heads)}]" if len(heads) > 1 else heads[0] if heads else "z"
        out.append(text + body + _length(ticks / UNIT) + ("-" if sign.tied_on else ""))
    return " ".join(out)


def _length(units: Fraction) -> str:
    if units == 1:
        return ""
    return (
        f"{units.numerator}"
        if units.denominator == 1
        else f"{units.numerator if units.numerator != 1 else ''}/{units.denominator}"
    )
