"""Whether our reader of ABC agrees with other people's: the share of tunes with the same notes, metre, key.

    python bench/readers_abc.py                music21's corpus but for its largest collection, an hour
    python bench/readers_abc.py --sample 300   so many tunes, drawn evenly
    python bench/readers_abc.py --all          with the Essen collection, which is three times as large
    python bench/readers_abc.py --folder TUNES files of one's own

The second reader is music21; the third, where it is installed, abc2midi (Debian: abcmidi). A tune is compared
as printed, each bar once, and as played. A note is the same where pitch, onset and duration are, to one tick
of 24 in a quarter note. Where music21 differs, abc2midi says who is right; where that differs, its own
messages and the signs of the tune say why.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from _harness import Row, Table, say, show
from etude.errors import EtudeError
from etude.media.contract import Reading
from etude.media.music import abc
from etude.media.music.score import TPQ
from readers import Facts, Notes, music21_facts, ours, same_notes

LARGEST = "essenFolksong"
ABC2MIDI = shutil.which("abc2midi")
QUIET = (
    "-NGRA",
    "-NGUI",
    "-NFNP",
    "-NFER",
    "-STFU",
)  # without grace notes, accompaniment, dynamics, fermatas
FIELD = re.compile(r"[ \t]*([A-Za-z]):(?![|:])")
WORDS = (
    "TCZNOSBDFGHRIWw"  # fields that say nothing of the notes; of the rhythm (R:) abc2midi would make a swing
)
SIGNS = re.compile(r'"[^"]*"|!(?:[a-z()<>.]+)!|\{[^}]*\}|(?<!\[)[~HJLMOPRSTuvk.](?!:)')
STRAIGHT = ("%%MIDI ratio 3 1", "%%MIDI chordattack 0")  # broken rhythm and chords as written
FAULTS = (  # what abc2midi says of a tune that it plays otherwise than it is written
    ("Cannot apply broken rhythm", "broken rhythm between unequal notes"),
    ("unequal notes in chord", "chords of unequal notes"),
    ("Could not find note to be tied", "ties between different notes"),
    ("Different length notes in tuple", "tuplets of unequal notes"),
    ("Unrecognized character", "signs that it does not know"),
    ("Chord already finished", "bar lines such as [|]"),
    ("instruction !", "old chords and line breaks"),
    ("Assuming repeat", "repeats without a start or an end"),
    ("Missing :|", "repeats without a start or an end"),
    ("Field not allowed", "fields in odd places"),
)


@dataclass
class Tally:
    """Of tunes compared: in how many the readers agree, and why they do not where they do not."""

    asked: int = 0
    same: int = 0
    why: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, why: str) -> None:
        self.asked += 1
        self.same += not why
        if why:
            self.why[why] += 1
            self.examples.setdefault(why, []).append(name)

    def share(self) -> str:
        """'97.1 % of 4,248; 100.0 % with 120 explained'."""
        told = sum(n for why, n in self.why.items() if not why.startswith("OPEN"))
        text = f"{100 * self.same / max(1, self.asked):.1f} % of {self.asked:,}"
        return (
            f"{text}; {100 * (self.same + told) / max(1, self.asked):.1f} % with {told} explained"
            if told
            else text
        )


def books(folder: Path | None, everything: bool) -> list[Path]:
    """The ABC files to read."""
    if folder is not None:
        return sorted(folder.rglob("*.abc"))
    from music21 import corpus

    found = sorted(Path(p) for p in corpus.corpora.CoreCorpus().getPaths() if str(p).endswith(".abc"))
    return [p for p in found if everything or LARGEST not in p.parts]


def tunes(path: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of each tune of a book, cut at X: without our reader."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = re.split(r"(?m)^(?=X:)", text)
    for number, part in enumerate(parts[1:] or parts, 1):
        yield f"{path.parent.name}/{path.name}#{number}", part


def for_abc2midi(text: str, printed: bool) -> str:
    """A tune without what abc2midi plays on its own account; `printed`: without its repeats."""
    out: list[str] = []
    body = False
    for raw in text.split("\n"):
        line = raw if raw.startswith("%%") else re.sub(r"%.*", "", raw)
        if raw.strip() and not line.strip():
            continue
        letter = found[1] if (found := FIELD.match(line)) else ""
        if (letter and letter in WORDS) or (letter == "P" and printed):
            continue
        if letter == "X":
            line = "X:1"
        elif body and not letter:
            line = SIGNS.sub("", line)
            if printed:
                line = re.sub(r"(\|+):+|:+(\|+)|::", "|", line)
                line = re.sub(r"(\|\]?)\s*\[?\d[\d,.-]*|\[\d[\d,.-]*", r"\1 ", line)
        out.append(line)
        if letter == "K" and not body:
            body = True
            out += STRAIGHT
    return "\n".join(out)


def abc2midi(text: str, printed: bool) -> tuple[Notes | None, str]:
    """(the notes that abc2midi plays, its messages)."""
    import mido

    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "tune.abc", Path(folder) / "tune.mid"
        source.write_text(for_abc2midi(text, printed), encoding="utf-8")
        command = [str(ABC2MIDI), str(source), "1", "-o", str(made), *QUIET]
        said = subprocess.run(command, capture_output=True, check=False, timeout=60).stdout.decode("latin-1")
        if not made.exists():
            return None, said
        file = mido.MidiFile(made)
    notes: Notes = Counter()
    scale = TPQ / file.ticks_per_beat
    for track in file.tracks:
        now = 0
        sounding: dict[tuple[int, int], list[int]] = {}
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                sounding.setdefault((message.channel, message.note), []).append(now)
            elif message.type in ("note_on", "note_off") and sounding.get((message.channel, message.note)):
                start = sounding[message.channel, message.note].pop(0)
                onset, end = (
                    round((start - 1) * scale),
                    round((now + 1) * scale),
                )  # it begins and ends a tick off
                notes[message.note, onset, max(1, end - onset)] += 1
    return notes, said


def second(text: str, expand: bool) -> Facts:
    """What music21 makes of a tune. Raises whatever it raises."""
    import music21

    score = music21.converter.parseData(text, format="abc")
    if isinstance(score, music21.stream.Opus):
        score = score.scores[0]
    return music21_facts(score.expandRepeats() if expand else score)


def why_music21(mine: Facts, theirs: Facts, third: Notes | None, said: str, text: str) -> str:
    """'' where the notes are the same, else who is alone and why."""
    if not same_notes(mine.notes, theirs.notes):
        return ""
    if third is not None and not same_notes(mine.notes, third):
        return f"music21 alone: {of_tune(text)}"
    if third is not None and not same_notes(third, theirs.notes):
        return f"OPEN: ours alone: {of_tune(text)}"
    return f"three readings: {of_abc2midi(said) or of_tune(text)}"


def of_abc2midi(said: str) -> str:
    """What abc2midi says is unusual in a tune, or ''."""
    return next((why for sign, why in FAULTS if sign in said), "")


def of_tune(text: str) -> str:
    """The most unusual sign of a tune that readers take differently."""
    body = text.partition("\nK:")[2]
    signs = (
        (r"(?m)^V:|\[V:", "several voices"),
        (r"\(\d:", "tuplets with numbers"),
        (r"\([5-9]", "tuplets of five and more"),
        (r"\w[<>]|[<>]\w", "broken rhythm"),
        (r"\[[^\]|:]*-", "ties in chords"),
        (r"-", "ties"),
        (r"\[[_^=A-Ga-g]", "chords"),
        (r"[_^=][A-Ga-g]", "accidentals"),
        (r"\[[A-Z]:|(?m:^[KLM]:)", "changes within the tune"),
    )
    return next((why for sign, why in signs if re.search(sign, body)), "nothing unusual")


def compare(name: str, text: str, tallies: dict[str, Tally]) -> None:
    """Count a tune in every comparison that can be made of it."""
    try:
        printed, played = (abc.read(text.encode(), expand_repeats=e) for e in (False, True))
    except EtudeError as error:
        tallies["printed, music21"].add(name, f"OPEN: not read: {error.message}")
        return
    mine, heard = ours(printed.content), ours(played.content)
    third, said = abc2midi(text, True) if ABC2MIDI else (None, "")
    if ABC2MIDI:
        _third(name, mine.notes, third, said, text, tallies["printed, abc2midi"])
        again, told = abc2midi(text, False)
        _third(name, heard.notes, again, told, text, tallies["played, abc2midi"], True)
    try:
        theirs = second(text, False)
    except Exception as error:  # noqa: BLE001 - it fails in its own ways
        tallies["printed, music21"].add(name, f"music21 fails: {type(error).__name__}")
        return
    tallies["printed, music21"].add(name, why_music21(mine, theirs, third, said, text))
    _frame(name, printed, mine, theirs, tallies)


def _third(
    name: str, mine: Notes, third: Notes | None, said: str, text: str, tally: Tally, played: bool = False
) -> None:
    if third is None:
        tally.add(name, "abc2midi refuses it")
    elif not same_notes(mine, third):
        tally.add(name, "")
    else:
        repeats = re.search(r":\||\|:|::", text) is not None and played
        why = of_abc2midi(said) or ("repeats without a start or an end" if repeats else "")
        tally.add(name, why or f"OPEN: {of_tune(text)}")


def _frame(name: str, reading: Reading, mine: Facts, theirs: Facts, tallies: dict[str, Tally]) -> None:
    """Metre and key at the beginning."""
    if theirs.meters:
        same = mine.meters is not None and mine.meters[0][1:] == theirs.meters[0][1:]
        tallies["metre"].add(name, "" if same else f"OPEN: {mine.meters} {theirs.meters}"[:60])
    if theirs.keys and mine.keys:
        tallies["key"].add(
            name, "" if mine.keys[0][1:] == theirs.keys[0][1:] else f"OPEN: {mine.keys[:1]} {theirs.keys[:1]}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--all", action="store_true", help="the Essen collection too")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    found = [tune for path in books(args.folder, args.all) for tune in tunes(path)]
    if 0 < args.sample < len(found):
        found = [found[i * len(found) // args.sample] for i in range(args.sample)]
    tallies = {
        k: Tally() for k in ("printed, music21", "metre", "key", "printed, abc2midi", "played, abc2midi")
    }
    started = time.monotonic()
    for number, (name, text) in enumerate(found, 1):
        compare(name, text, tallies)
        if number % 100 == 0:
            say(f"{number:,} of {len(found):,} tunes, {time.monotonic() - started:,.0f} s")
    for kind, tally in tallies.items():
        for why, count in tally.why.most_common():
            print(f"{kind}: {count:,} {why}: {', '.join(tally.examples[why][:3])}")
    rows = tuple(
        Row(kind, {"tunes with the same": tally.share()}) for kind, tally in tallies.items() if tally.asked
    )
    show(Table("readers-abc", "Tunes that two readers agree on", ("tunes with the same",), rows))


if __name__ == "__main__":
    main()
