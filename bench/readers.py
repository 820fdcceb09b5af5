"""Whether our readers of music agree with other people's: the share of files with the same notes, metre and
key, by format.

    python bench/readers.py musicxml --sample 150     150 files of music21's corpus, drawn evenly
    python bench/readers.py musicxml midi             the whole corpus, more than an hour
    python bench/readers.py --folder SCORES musicxml  a folder of one's own

The second readers are music21 for MusicXML and ABC, and mido for MIDI, whose files are the same scores as
music21 writes them. Music is compared as printed, each bar once; where there are repeats, also as played. A
note is the same where pitch, onset and duration are, to one tick of 24 in a quarter note. What differs for a
known reason is listed in `readers_explained.txt`.
"""

from __future__ import annotations

import argparse
import io
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from _harness import Row, Table, say, show
from etude.errors import EtudeError
from etude.media.contract import Reading
from etude.media.music import abc, midi, musicxml
from etude.media.music.score import TPQ, Score

EXPLAINED = Path(__file__).with_name("readers_explained.txt")
SUFFIXES = {"musicxml": (".musicxml", ".xml", ".mxl"), "abc": (".abc",)}
MOST_PLAYED = 4_000  # notes of a piece whose repeats music21 plays out: longer ones take it minutes
Notes = Counter[tuple[int, int, int]]  # (pitch, onset, duration) in ticks


@dataclass
class Facts:
    """What two readers must agree on. `meters` and `keys` are (tick, ...) without what changes nothing; None:
    not known."""

    notes: Notes
    meters: list[tuple[int, ...]] | None = None
    keys: list[tuple[int, ...]] | None = None
    small: set[tuple[int, int]] = field(default_factory=set)  # (pitch, onset) of cue size, played or not


@dataclass
class Tally:
    """How many pieces of a format agree, and which do not."""

    files: int = 0
    asked: Counter[str] = field(default_factory=Counter)  # kind -> pieces in which it could be compared
    same: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, str] = field(default_factory=dict)  # piece -> why the second reader has nothing to say

    def add(self, format_: str, name: str, found: dict[str, str] | str, known: dict[str, str]) -> None:
        """Count a piece, and print what differs in it."""
        if isinstance(found, str):
            self.skipped[name] = found
            print(f"{format_} {name}: {found}", flush=True)
            return
        self.files += 1
        for kind, difference in found.items():
            self.asked[kind] += 1
            self.same[kind] += not difference
            if difference:
                reason = known.get(f"{name} {kind}", "")
                self.explained[kind] += bool(reason)
                print(f"{format_} {name} {kind}: {difference}{f' ({reason})' if reason else ''}", flush=True)


def ours(score: Score) -> Facts:
    """The facts of a score of our own."""
    notes = Counter((n.pitch, n.onset, n.duration) for t in score.tracks if not t.drum for n in t.notes)
    keys: list[tuple[int, ...]] = [(tick, fifths) for tick, fifths, _ in score.keys]
    return Facts(notes, [tuple(m) for m in score.meters], _changes(keys))


def music21_facts(score: Any) -> Facts:
    """The facts of a score that music21 has read."""
    from music21 import chord, harmony, key, meter, note, percussion

    if not score.isWellFormedNotation():
        raise ValueError("music21 makes no parts of it")
    score = score.toSoundingPitch()
    notes: Notes = Counter()
    small: set[tuple[int, int]] = set()
    meters: dict[int, tuple[int, ...]] = {}
    keys: dict[int, tuple[int, ...]] = {}
    rows = [list(part.getElementsByClass("Measure")) for part in score.parts]
    starts = _starts(rows)
    for number, row in enumerate(rows):
        sounding = []
        for i, element in [(i, e) for i, measure in enumerate(row) for e in measure.flatten()]:
            at = starts[i] + Fraction(element.offset)
            if isinstance(element, meter.TimeSignature) and number == 0:
                meters[_ticks(at)] = (element.numerator, element.denominator)
            elif isinstance(element, key.KeySignature) and number == 0:
                keys[_ticks(at)] = (element.sharps,)
            elif isinstance(
                element, (harmony.Harmony, percussion.PercussionChord, note.Unpitched, note.Rest)
            ):
                continue
            elif isinstance(element, (note.Note, chord.Chord)):
                if not element.duration.isGrace:
                    end = at + Fraction(element.quarterLength)
                    every = element.notes if isinstance(element, chord.Chord) else (element,)
                    sounding += [[one.pitch.midi, at, end, one.tie.type if one.tie else ""] for one in every]
                    if element.style.noteSize == "cue":
                        small |= {(one.pitch.midi, _ticks(at)) for one in every}
        notes += _tied(sounding)
    return Facts(
        notes,
        _changes([(t, *m) for t, m in sorted(meters.items())]),
        _changes([(t, *k) for t, k in sorted(keys.items())]),
        small,
    )


def _starts(rows: list[list[Any]]) -> list[Fraction]:
    """Where the measures start. music21 lets parts drift apart where one has a wrong bar; here a measure is
    as long as its metre says where some part is, else as the longest part."""
    starts = [Fraction(0)]
    for i in range(max(map(len, rows))):
        measures = [row[i] for row in rows if i < len(row)]
        lengths = [
            max(
                (Fraction(n.offset) + Fraction(n.quarterLength) for n in m.flatten().notesAndRests),
                default=Fraction(0),
            )
            for m in measures
        ]
        full = Fraction(measures[0].barDuration.quarterLength)
        starts.append(starts[-1] + (full if full in lengths else max(lengths) or full))
    return starts


def _tied(sounding: list[list[Any]]) -> Notes:
    """Notes (pitch, start, end, kind of tie) with tied ones made one; its own way of joining fails for
    chords."""
    open_: dict[tuple[int, Fraction], list[Any]] = {}
    whole = []
    for one in sorted(sounding, key=lambda n: n[1]):
        pitch, start, end, tie = one
        first = open_.pop((pitch, start), None)
        if first is not None:
            first[2] = end
        else:
            first = one
            whole.append(one)
        if tie in ("start", "continue"):
            open_[pitch, end] = first
    return Counter((p, _ticks(a), max(1, _ticks(b) - _ticks(a))) for p, a, b, _ in whole)


def _ticks(quarters: float | Fraction) -> int:
    return round(Fraction(quarters) * TPQ)


def _changes(events: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    out: list[tuple[int, ...]] = []
    for event in events:
        if not out or out[-1][1:] != event[1:]:
            out.append(event)
    return out


def mido_facts(data: bytes) -> Facts:
    """The facts of a MIDI file as mido reads it; the earliest note of a pitch ends first."""
    import mido

    file = mido.MidiFile(file=io.BytesIO(data))
    scale = Fraction(TPQ, file.ticks_per_beat)
    notes: Notes = Counter()
    for track in file.tracks:
        tick = 0
        open_: dict[tuple[int, int], list[int]] = {}
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                open_.setdefault((message.channel, message.note), []).append(tick)
            elif message.type in ("note_on", "note_off") and open_.get((message.channel, message.note)):
                onset = open_[message.channel, message.note].pop(0)
                at = round(onset * scale)
                if message.channel != 9:
                    notes[message.note, at, max(1, round(tick * scale) - at)] += 1
        for (channel, pitch), onsets in open_.items():  # notes that never end get a quarter note, as with us
            notes.update((pitch, round(onset * scale), TPQ) for onset in onsets if channel != 9)
    return Facts(notes)


def same_notes(a: Notes, b: Notes, small: Set[tuple[int, int]] = frozenset()) -> str:
    """'' where the notes are the same to a tick, else what differs. Equal notes of one pitch and place count
    once; those of cue size may be missing in the first, which is ours."""
    one, two = _longest(a), _longest(b)
    only = [k for k in one if not any((k[0], k[1] + d) in two for d in (0, -1, 1))]
    missing = [k for k in two if k not in small and not any((k[0], k[1] + d) in one for d in (0, -1, 1))]
    if only or missing:
        first = min([k[1] for k in only] + [k[1] for k in missing])
        return f"{len(only)} notes only ours, {len(missing)} only theirs, from tick {first}"
    longer = [k for k in one if k in two and abs(one[k] - two[k]) > 1]
    return f"{len(longer)} durations, from tick {min(k[1] for k in longer)}" if longer else ""


def _longest(notes: Notes) -> dict[tuple[int, int], int]:
    out: dict[tuple[int, int], int] = {}
    for pitch, onset, duration in notes:
        out[pitch, onset] = max(duration, out.get((pitch, onset), 0))
    return out


def files(format_: str, folder: Path | None, sample: int) -> list[Path]:
    """The files of a format, all or `sample` of them drawn evenly."""
    if folder is None:
        from music21 import corpus

        found = [Path(p) for p in corpus.corpora.CoreCorpus().getPaths()]
    else:
        found = [p for p in folder.rglob("*") if p.is_file()]
    found = sorted(p for p in found if p.suffix.lower() in SUFFIXES[format_])
    return (
        found
        if not sample or sample >= len(found)
        else [found[i * len(found) // sample] for i in range(sample)]
    )


def compared(path: Path, formats: list[str]) -> Iterator[tuple[str, str, dict[str, str] | str]]:
    """(format, name, what differs by kind or '') for each piece of a file; or one sentence why there is
    nothing to compare."""
    import music21

    name = "/".join(path.parts[-2:])
    own = "abc" if path.suffix.lower() in SUFFIXES["abc"] else "musicxml"
    try:
        theirs = music21.converter.parse(path, forceSource=True)
    except Exception as error:  # noqa: BLE001  (it fails in its own ways)
        yield own, name, f"{type(error).__name__}: {str(error)[:80]}"
        return
    pieces = list(theirs.scores) if isinstance(theirs, music21.stream.Opus) else [theirs]
    data = path.read_bytes()
    tunes = abc.split_book(data) if own == "abc" else [data]
    for number, piece in enumerate(pieces if len(pieces) == len(tunes) else []):
        one = f"{name}#{number + 1}" if len(pieces) > 1 else name
        if own in formats:
            yield own, one, _against_music21(_reader(own, data), tunes[number], piece)
        if own == "musicxml" and "midi" in formats:
            yield "midi", one, _midi(piece)
    if len(pieces) != len(tunes):
        yield own, name, f"music21 reads {len(pieces)} pieces of {len(tunes)}"


def _reader(format_: str, data: bytes) -> Callable[..., Reading]:
    if format_ == "abc":
        return abc.read
    return musicxml.read_zipped if data[:2] == b"PK" else musicxml.read


def _against_music21(read: Callable[..., Reading], data: bytes, theirs: Any) -> dict[str, str] | str:
    """What differs between our reading of a piece and music21's, by kind."""
    try:
        facts = music21_facts(theirs)
    except Exception as error:  # noqa: BLE001 - as above
        return f"{type(error).__name__}: {str(error)[:80]}"
    try:
        mine, heard = (ours(read(data, expand_repeats=expand).content) for expand in (False, True))
    except EtudeError as error:
        return {"notes": f"not read: {error.message}"}
    found = {
        "notes": same_notes(mine.notes, facts.notes, facts.small),
        "metre": "" if not facts.meters or mine.meters == facts.meters else f"{mine.meters} {facts.meters}",
        "key": "" if not facts.keys or mine.keys == facts.keys else f"{mine.keys} {facts.keys}",
    }
    if heard.notes != mine.notes and sum(mine.notes.values()) <= MOST_PLAYED:
        try:
            played = music21_facts(theirs.expandRepeats())
            found["played out"] = same_notes(heard.notes, played.notes, played.small)
        except Exception as error:  # noqa: BLE001 - it cannot play all repeats out
            found["played out"] = f"music21: {type(error).__name__}"
    return found


def _midi(theirs: Any) -> dict[str, str] | str:
    """What differs between our reading and mido's of a MIDI file that music21 writes."""
    import music21

    try:
        data = music21.midi.translate.streamToMidiFile(theirs).writestr()
    except Exception as error:  # noqa: BLE001 - it plays repeats out, and fails where they are unusual
        return f"{type(error).__name__}: {str(error)[:80]}"
    return {"notes": same_notes(ours(midi.read(data).content).notes, mido_facts(data).notes)}


def explained() -> dict[str, str]:
    """'name kind' -> why a difference is known and right."""
    lines = EXPLAINED.read_text(encoding="utf-8").splitlines() if EXPLAINED.exists() else []
    rows = [line.split("\t") for line in lines if line and line[0] != "#"]
    return {f"{name} {kind}": why for name, kinds, why in rows for kind in kinds.split(", ")}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("formats", nargs="*", default=["musicxml", "midi"], metavar="FORMAT")
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first N files")
    parser.add_argument("--take", type=int, metavar="N", help="of the rest, only the first N files")
    parser.add_argument("--only", default="", metavar="WORD", help="files whose name holds this")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    known, tallies = explained(), {name: Tally() for name in args.formats}
    started = time.monotonic()
    kinds = sorted({"abc" if name == "abc" else "musicxml" for name in args.formats})
    chosen = [p for kind in kinds for p in files(kind, args.folder, args.sample) if args.only in str(p)]
    chosen = chosen[args.skip :][: args.take]
    for number, path in enumerate(chosen, 1):
        for format_, name, found in compared(path, args.formats):
            if format_ in tallies:
                tallies[format_].add(format_, name, found, known)
        if number % 50 == 0:
            say(f"{number} of {len(chosen)} files, {time.monotonic() - started:,.0f} s")
    show(_table(tallies))


def _table(tallies: dict[str, Tally]) -> Table:
    rows = []
    for name, tally in tallies.items():
        figures = {"pieces": f"{tally.files:,}"}
        for kind, count in tally.asked.items():
            more = tally.explained[kind]
            share = f"{100 * tally.same[kind] / count:.1f} % of {count:,}"
            figures[kind] = (
                f"{share}; {100 * (tally.same[kind] + more) / count:.1f} % with {more} explained"
                if more
                else share
            )
        rows.append(Row(name, figures, f"{len(tally.skipped)} not read by the second reader"))
    columns = ("pieces", "notes", "metre", "key", "played out")
    return Table("readers", "Pieces that two readers agree on", columns, tuple(rows))


if __name__ == "__main__":
    main()
