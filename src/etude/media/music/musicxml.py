"""MusicXML (plain and zipped) to scores (MusicXML 4.0, W3C Music Notation Community Group, 2021). Writing: musicxml_out.

Reads partwise and timewise files: parts, voices, chords, ties, backup and forward, changes of divisions, metre, key and tempo,
pickups, transposing instruments, percussion. A part whose voices each sing one note at a time becomes one track a voice. Repeats
are not expanded unless asked; D.C. and D.S. never are. Grace and cue notes, ornaments and microtones are left out. Entities are
never resolved, nothing is fetched, and zip files are read within limits.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace

from lxml import etree

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.music.bars import bar_ticks, metre_map
from etude.media.music.musicxml_out import write
from etude.media.music.musicxml_part import Element, Measure, PartReader, first_text
from etude.media.music.score import Note, Score, Track
from etude.media.music.voices import monophonic

__all__ = ["looks_like", "read", "read_zipped", "write"]

EXPORT_HINT = "Open it in the program that made it and export MusicXML again."
VOICE_SHARE = (
    0.6  # of the bars in which the part plays must hold a voice, for each voice to become a track of its own
)


def looks_like(head: bytes) -> bool:
    """Whether the first bytes are those of a MusicXML document, in UTF-8 or UTF-16."""
    plain = head.replace(b"\0", b"")
    return b"<" in plain[:8] and (b"score-partwise" in plain or b"score-timewise" in plain)


def read_zipped(data: bytes, *, expand_repeats: bool = False) -> Reading:
    """Read a .mxl file within limits. Raises WorkError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            wanted = ""
            if "META-INF/container.xml" in names:
                root = _parse(_member(archive, "META-INF/container.xml"))
                wanted = next((e.get("full-path", "") for e in root.iter() if _local(e) == "rootfile"), "")
            if wanted not in names:
                scores = [
                    n
                    for n in names
                    if n.lower().endswith((".xml", ".musicxml")) and not n.startswith("META-INF")
                ]
                if not scores:
                    raise WorkError(
                        f"The .mxl file holds no score among its {len(names)} members.", EXPORT_HINT
                    )
                wanted = scores[0]
            body = _member(archive, wanted)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise WorkError(
            f"The .mxl file is not a zip file that can be opened ({error}).", EXPORT_HINT
        ) from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise WorkError(f"The .mxl file is damaged ({error}).", EXPORT_HINT) from error
    return read(body, expand_repeats=expand_repeats)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One member, never more than the limit whatever its header says."""
    limit = MUSIC_LIMITS.max_unzipped_bytes
    with archive.open(name) as stream:
        body = stream.read(limit + 1)
    if len(body) > limit:
        raise WorkError(
            f"The .mxl file unpacks to more than {limit / 1e6:.0f} MB, from {archive.getinfo(name).compress_size / 1e6:.2f} MB zipped.",
            "It may be a zip bomb; a real score of that size should be cut into movements.",
        )
    return body


def _parse(data: bytes) -> Element:
    if b"<!ENTITY" in data.replace(b"\0", b"")[:100_000]:
        raise WorkError(
            "The XML declares entities, which MusicXML never needs and Etude never expands.", EXPORT_HINT
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkError(f"This is not well-formed XML ({error}).", EXPORT_HINT) from error
    return root


def _local(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def read(data: bytes, *, expand_repeats: bool = False) -> Reading:
    """Read a MusicXML document. Raises WorkError where nothing can be made of it.

    `expand_repeats`: play repeats and numbered endings out; by default the music stands as printed, each bar once.
    """
    root = _parse(data)
    if isinstance(root.tag, str) and "}" in root.tag:
        for element in root.iter():
            if isinstance(element.tag, str):
                element.tag = etree.QName(element).localname
    if root.tag not in ("score-partwise", "score-timewise"):
        raise WorkError(f"The XML is <{root.tag}>, not a MusicXML score.", EXPORT_HINT)
    parts: dict[str, list[Element]] = {}
    if root.tag == "score-partwise":
        for part in root.findall("part"):
            parts.setdefault(part.get("id", ""), []).extend(part.findall("measure"))
    else:
        for measure in root.findall("measure"):
            for part in measure.findall("part"):
                part.set("number", measure.get("number", ""))
                part.set("implicit", measure.get("implicit", "no"))
                parts.setdefault(part.get("id", ""), []).append(part)
    if not parts:
        raise WorkError("The score has no parts.", EXPORT_HINT)
    heads = {p.get("id", ""): p for p in root.iter("score-part")}
    readers = [PartReader(heads.get(name)) for name in parts]
    for reader, measures in zip(readers, parts.values(), strict=True):
        for element in measures:
            reader.measure(element)
    total = sum(len(m.notes) for r in readers for m in r.measures)
    if total > MUSIC_LIMITS.max_notes:
        raise WorkError(
            f"The score has {total:,} notes; at most {MUSIC_LIMITS.max_notes:,} are read.",
            "Cut it into movements.",
        )
    if total == 0:
        raise WorkError("The score has no notes.", "Check that the right file was exported.")
    return _assemble(root, readers, expand_repeats)


@dataclass
class _Timeline:
    """Where each measure of the file stands in the score: its index, start and length in ticks."""

    order: list[int]
    starts: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)


def _assemble(root: Element, readers: list[PartReader], expand: bool) -> Reading:
    count = max(len(r.measures) for r in readers)
    for reader in readers:
        reader.measures += [Measure(metre=reader.measures[-1].metre if reader.measures else (4, 4))] * (
            count - len(reader.measures)
        )
    lead = readers[0].measures
    repeated = any(m.forward or m.backward for r in readers for m in r.measures)
    line = _Timeline(_played(readers) if expand else list(range(count)))
    at = 0
    for i in line.order:
        length = max((round(r.measures[i].length) for r in readers), default=0) or bar_ticks(*lead[i].metre)
        line.starts.append(at)
        line.lengths.append(length)
        at += length
    meters, pickup = metre_map(line.lengths, [lead[i].metre for i in line.order])
    warnings = sorted({w for r in readers for w in r.warnings})
    if repeated and not expand:
        warnings.append("repeats were not expanded: each bar is read once, as printed")
    tracks: list[Track] = []
    for reader in readers:
        tracks += _tracks(reader, line)
    keys = _changes(
        [(s, r.measures[i].key) for r in readers[:1] for s, i in zip(line.starts, line.order, strict=True)]
    )
    tempos = sorted(
        {
            s + round(offset): bpm
            for r in reversed(readers)
            for s, i in zip(line.starts, line.order, strict=True)
            for offset, bpm in r.measures[i].tempos
        }.items()
    )
    if not tempos or tempos[0][0] > 0:
        tempos.insert(0, (0, tempos[0][1] if tempos else 120.0))
    title = first_text(root, "work/work-title") or first_text(root, "movement-title")
    makers = {
        c.get("type", "composer"): (c.text or "").strip() for c in root.findall("identification/creator")
    }
    rights = first_text(root, "identification/rights")
    score = Score(tuple(tracks), meters, tuple(tempos), tuple((t, *k) for t, k in keys if k), pickup, title)
    return Reading(
        score, title, makers.get("composer", ""), tuple(warnings), {"rights": rights} if rights else {}
    )


def _changes(items: list[tuple[int, tuple[int, bool] | None]]) -> list[tuple[int, tuple[int, bool] | None]]:
    out: list[tuple[int, tuple[int, bool] | None]] = []
    for tick, value in items:
        if value is not None and (not out or out[-1][1] != value):
            out.append((tick if out else 0, value))
    return out


def _tracks(reader: PartReader, line: _Timeline) -> list[Track]:
    """The notes of a part on the timeline, ties joined; one track, or one a voice where voices are clean."""
    by_voice: dict[tuple[int, str], list[Note]] = {}
    bars: Counter[tuple[int, str]] = Counter()
    open_: dict[tuple[int, tuple[int, str]], int] = {}  # (pitch, voice) -> index of a note whose tie is open
    for start, i in zip(line.starts, line.order, strict=True):
        measure = reader.measures[i]
        bars.update({n.voice for n in measure.notes})
        for n in measure.notes:
            notes = by_voice.setdefault(n.voice, [])
            onset, end = start + round(n.onset), start + round(n.onset + n.duration)
            index = open_.pop((n.pitch, n.voice), None) if n.tied_back else None
            if index is not None and notes[index].onset + notes[index].duration == onset:
                notes[index] = replace(notes[index], duration=end - notes[index].onset)
            else:
                index = len(notes)
                notes.append(Note(onset, n.pitch, max(1, end - onset), n.velocity))
            if n.tied_on:
                open_[n.pitch, n.voice] = index
    if not by_voice:
        return [Track((), reader.name, reader.program, reader.drum)]
    voices = sorted(by_voice)
    most = max(bars.values())
    clean = [monophonic(tuple(sorted(by_voice[v]))) for v in voices]
    if (
        len(voices) > 1
        and not reader.drum
        and all(clean)
        and all(bars[v] >= VOICE_SHARE * most for v in voices)
    ):
        return [
            Track(notes, f"{reader.name} {k + 1}".strip(), reader.program)
            for k, notes in enumerate(clean)
            if notes is not None
        ]
    best: dict[tuple[int, int], Note] = {}
    for note in (n for v in voices for n in by_voice[v]):  # two voices on one note: one note, the longer
        old = best.get((note.onset, note.pitch))
        if old is None or old.duration < note.duration:
            best[note.onset, note.pitch] = note
    return [Track(tuple(best[k] for k in sorted(best)), reader.name, reader.program, reader.drum)]


def _played(readers: list[PartReader]) -> list[int]:
    """Measure numbers in the order they are played, with repeats and numbered endings; marks of any part count."""
    count = len(readers[0].measures)
    forward = {i for r in readers for i in range(count) if r.measures[i].forward}
    backward = {i: max(r.measures[i].backward for r in readers) for i in range(count)}
    ending = {
        i: next((r.measures[i].ending for r in readers if r.measures[i].ending), ()) for i in range(count)
    }
    order: list[int] = []
    start, turn, i = 0, 1, 0
    while i < count:
        if i != start and (i in forward or (ending[i - 1] and not ending[i])):  # a new passage begins here
            start, turn = i, 1
        if ending[i] and turn not in ending[i]:
            i += 1
            continue
        order.append(i)
        again = turn < max(backward[i], *ending[i]) if ending[i] else turn < backward[i]
        again |= turn + 1 in ending.get(i + 1, ())
        if backward[i] and again and len(order) < 100 * count:
            turn, i = turn + 1, start
            continue
        if backward[i] and not ending[i]:
            start, turn = i + 1, 1
        i += 1
    return order
