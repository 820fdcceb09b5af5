"""Scores to MusicXML 4.0: a part a track, bars, voices, ties, triplets, beams, accidentals, metre, key, tempo
and loudness.

Where the score names no key, the signature that needs the fewest accidentals is written. Notes finer than
32nds and triplets of 16ths are moved to those (see `notation`). Writes neither slurs, ornaments nor words.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from etude.media.music.bars import Bar, bars
from etude.media.music.notation import Sign, lanes, signs
from etude.media.music.score import TPQ, Note, Score, Track
from etude.media.music.spelling import likely_fifths, signature, spell

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" \
"http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0">
"""
ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
DEFAULT_VELOCITY = 80
FAIR_SHARE = 0.15  # of the notes that each of two staves must have: with fewer it would stand nearly empty
SPLIT = 60  # the note that divides the two staves of a keyboard
STEADY = 0.08  # a tempo change smaller than this share is written for players, not printed
DRUM_PLACES = {
    35: "F4",
    36: "F4",
    37: "C5",
    38: "C5",
    40: "C5",
    42: "G5",
    44: "D4",
    46: "G5",
    49: "A5",
    51: "F5",
    57: "A5",
}

CYMBALS = {42, 44, 46, 49, 51, 52, 53, 55, 57, 59}


@dataclass(frozen=True)
class Staff:
    """One staff of a part: its number, its clef (sign, line, octave change), and for each voice the signs of
    each bar."""

    number: int
    clef: tuple[str, int, int]
    voices: list[list[list[Sign]]]


def write(score: Score) -> bytes:
    """The score as a MusicXML document (UTF-8), the same bytes for the same score."""
    grid = bars(score)
    keys = score.keys or (
        (0, likely_fifths(n.pitch for t in score.tracks if not t.drum for n in t.notes), False),
    )
    tracks = score.tracks or (Track(()),)
    out = [HEAD]
    if score.title:
        out.append(f"<work><work-title>{_text(score.title)}</work-title></work>\n")
    out.append(
        "<identification><encoding><software>Etude</software></encoding></identification>\n<part-list>\n"
    )
    out += [_head(track, i) for i, track in enumerate(tracks)]
    out.append("</part-list>\n")
    for i, track in enumerate(tracks):
        out.append(f'<part id="P{i + 1}">\n')
        out += _part(track, i, score, grid, keys)
        out.append("</part>\n")
    out.append("</score-partwise>\n")
    return "".join(out).encode()


def _text(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable()))


def _head(track: Track, i: int) -> str:
    ids = (
        [(f"P{i + 1}-I{p}", p) for p in sorted({n.pitch for n in track.notes})]
        if track.drum
        else [(f"P{i + 1}-I1", -1)]
    )
    name = _text(track.name)
    out = f'<score-part id="P{i + 1}"><part-name>{name}</part-name>'
    out += "".join(
        f'<score-instrument id="{x}"><instrument-name>{name}</instrument-name></score-instrument>'
        for x, _ in ids
    )
    channel = 10 if track.drum else i % 15 + 1 + (i % 15 >= 9)
    for x, pitch in ids:
        out += (
            "<midi-instrument "
            f'id="{x}"><midi-channel>{channel}</midi-channel><midi-program>{track.program + 1}</midi-program>'
        )
        out += f"<midi-unpitched>{pitch + 1}</midi-unpitched>" if pitch >= 0 else ""
        out += "</midi-instrument>"
    return out + "</score-part>\n"


def _staves(track: Track, grid: list[Bar]) -> list[Staff]:
    notes = track.notes
    if track.drum:
        return [Staff(1, ("percussion", 2, 0), [signs(lane, grid) for lane in lanes(notes, grid)])]
    low, high = min((n.pitch for n in notes), default=60), max((n.pitch for n in notes), default=60)
    whole = lanes(notes, grid)
    if low < 53 and high > 67 and (len(whole) > 1 or any(len(c.notes) > 1 for lane in whole for c in lane)):
        hands = ([n for n in notes if n.pitch >= SPLIT], [n for n in notes if n.pitch < SPLIT])
        if min(map(len, hands)) < FAIR_SHARE * len(
            notes
        ):  # a stray note does not make a keyboard: it gets ledger lines
            return [Staff(1, _clef(track.name, notes), [signs(lane, grid) for lane in whole])]
        return [
            Staff(k + 1, _clef("", hand), [signs(lane, grid) for lane in lanes(hand, grid)])
            for k, hand in enumerate(hands)
        ]
    return [Staff(1, _clef(track.name, notes), [signs(lane, grid) for lane in whole])]


def _clef(name: str, notes: tuple[Note, ...] | list[Note]) -> tuple[str, int, int]:
    mean = sum(n.pitch for n in notes) / len(notes) if notes else 67
    if "tenor" in name.lower() and 50 <= mean <= 66:
        return ("G", 2, -1)
    return ("G", 2, 0) if mean >= 59 else ("F", 4, 0)


def _part(
    track: Track, index: int, score: Score, grid: list[Bar], keys: tuple[tuple[int, int, bool], ...]
) -> list[str]:
    staves = _staves(track, grid)
    out: list[str] = []
    fifths = 0
    before: Bar | None = None
    tempos = list(score.tempos or ((0, 100.0),)) if index == 0 else []
    shown = 0.0
    for b, bar in enumerate(grid):
        out.append(
            f'<measure number="{bar.number}"{" implicit=" + quoteattr("yes") if bar.number == 0 else ""}>\n'
        )
        changed = [k for k in keys if (k[0] <= bar.start and (before is None or k[0] > before.start))]
        inner = ""
        if before is None:
            inner += f"<divisions>{TPQ}</divisions>"
        if changed and not track.drum:
            fifths, minor = changed[-1][1], changed[-1][2]
            mode = "minor" if minor else "major"
            inner += f"<key><fifths>{fifths}</fifths><mode>{mode}</mode></key>"
        if before is None or (before.beats, before.unit) != (bar.beats, bar.unit):
            inner += f"<time><beats>{bar.beats}</beats><beat-type>{bar.unit}</beat-type></time>"
        if before is None:
            inner += f"<staves>{len(staves)}</staves>" if len(staves) > 1 else ""
            for staff in staves:
                which = f' number="{staff.number}"' if len(staves) > 1 else ""
                sign, line, octave = staff.clef
                octave_text = f"<clef-octave-change>{octave}</clef-octave-change>" if octave else ""
                inner += f"<clef{which}><sign>{sign}</sign><line>{line}</line>{octave_text}</clef>"
        out.append(f"<attributes>{inner}</attributes>\n" if inner else "")
        while tempos and tempos[0][0] < bar.end:
            tick, bpm = tempos.pop(0)
            printed = tick == bar.start and abs(bpm - shown) > STEADY * shown
            shown = bpm if printed else shown
            out.append(_tempo(bpm, tick - bar.start, printed))
        out += _bar_body(track, index, staves, b, bar, fifths)
        if b == len(grid) - 1:
            out.append('<barline location="right"><bar-style>light-heavy</bar-style></barline>\n')
        out.append("</measure>\n")
        before = bar
    return out


def _tempo(bpm: float, offset: int, printed: bool) -> str:
    if printed:
        mark = f"<metronome><beat-unit>quarter</beat-unit><per-minute>{round(bpm)}</per-minute></metronome>"
        return (
            f'<direction placement="above"><direction-type>{mark}</direction-type><sound '
            f'tempo="{bpm:.10g}"/></direction>\n'
        )
    return f'<sound tempo="{bpm:.10g}"><offset>{offset}</offset></sound>\n'


def _bar_body(track: Track, index: int, staves: list[Staff], b: int, bar: Bar, fifths: int) -> list[str]:
    length = bar.end - bar.start
    out: list[str] = []
    for s, staff in enumerate(staves):
        in_force = signature(fifths)
        altered: dict[tuple[str, int], int] = {}
        rows = [(v, voice[b]) for v, voice in enumerate(staff.voices) if voice[b]]
        for row, (v, written) in enumerate(rows or [(0, [])]):
            if s or row:
                out.append(f"<backup><duration>{length}</duration></backup>\n")
            tail = f"<voice>{4 * s + v + 1}</voice>"
            place = f"<staff>{staff.number}</staff>" if len(staves) > 1 else ""
            if not written:
                out.append(f'<note><rest measure="yes"/><duration>{length}</duration>{tail}{place}</note>\n')
            for sign in written:
                out += _note(track, index, sign, tail, place, fifths, in_force, altered)
    return out


def _note(
    track: Track,
    index: int,
    sign: Sign,
    voice: str,
    staff: str,
    fifths: int,
    in_force: dict[str, int],
    altered: dict[tuple[str, int], int],
) -> list[str]:
    value = f"<type>{sign.value}</type>" + "<dot/>" * sign.dots
    tuplet = (
        "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
        if sign.triplet
        else ""
    )
    ties = ("stop",) * sign.tied_back + ("start",) * sign.tied_on
    group = f'<tuplet type="{sign.group}"/>' if sign.group else ""
    length = f"<duration>{sign.ticks}</duration>"
    if not sign.notes:
        marks = f"<notations>{group}</notations>" if group else ""
        return [f"<note><rest/>{length}{voice}{value}{tuplet}{staff}{marks}</note>\n"]
    out = []
    for k, note in enumerate(sign.notes):
        accidental = instrument = head = ""
        if track.drum:
            place = DRUM_PLACES.get(note.pitch, "E5")
            body = (
                f"<unpitched><display-step>{place[0]}</display-step><display-octave>{place[1]}</display-octav"
                "e></unpitched>"
            )
            head = "<notehead>x</notehead>" if note.pitch in CYMBALS else ""
            instrument = f'<instrument id="P{index + 1}-I{note.pitch}"/>'
        else:
            step, alter, octave = spell(note.pitch, fifths)
            body = (
                f"<pitch><step>{step}</step>{f'<alter>{alter}</alter>' if alter else ''}<octave>{octave}</oct"
                "ave></pitch>"
            )
            if not sign.tied_back and altered.get((step, octave), in_force.get(step, 0)) != alter:
                accidental = f"<accidental>{ACCIDENTALS[alter]}</accidental>"
                altered[step, octave] = alter
        loud = f' dynamics="{note.velocity / 0.9:.2f}"' if note.velocity != DEFAULT_VELOCITY else ""
        tie = "".join(f'<tie type="{t}"/>' for t in ties)
        beams = (
            "".join(f'<beam number="{n + 1}">{beam}</beam>' for n, beam in enumerate(sign.beams))
            if k == 0
            else ""
        )
        marks = "".join(f'<tied type="{t}"/>' for t in ties) + (group if k == 0 else "")
        out.append(
            f"<note{loud}>{'<chord/>' if k else ''}{body}{length}{tie}{instrument}{voice}{value}{accidental}"
            f"{tuplet}{head}{staff}{beams}"
            + (f"<notations>{marks}</notations>" if marks else "")
            + "</note>\n"
        )
    return out
