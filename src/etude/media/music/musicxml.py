"""MusicXML (plain and zipped) to scores (MusicXML 4.0, W3C Music Notation Community Group, 2021). Writing:
musicxml_out.

Reads partwise and timewise files as MuseScore plays them: repeats, endings, D.C. and D.S. are played out;
tempo, metre and key hold from where they stand. Grace and cue notes, ornaments and microtones are left out.
Entities are never resolved, nothing is fetched, and zip files are read within limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.music.bars import bar_ticks, metre_map
from etude.media.music.guarded import clean, guarded
from etude.media.music.musicxml_lines import only_tablature, tracks_of
from etude.media.music.musicxml_out import write
from etude.media.music.musicxml_part import Measure, PartReader
from etude.media.music.musicxml_text import EXPORT_HINT, ROOTS, Document, document
from etude.media.music.musicxml_values import Element, first_text
from etude.media.music.musicxml_zip import score_in
from etude.media.music.playing_order import BarSigns, played
from etude.media.music.score import Score, Track

__all__ = ["looks_like", "read", "read_zipped", "write"]

T = TypeVar("T")
ROUNDING = 2  # ticks, less than a 32nd, by which durations rounded by a program may miss a full bar
DEFAULT_METER, DEFAULT_TEMPO = (4, 4), 120.0  # what holds before the file says anything


def looks_like(head: bytes) -> bool:
    """Whether the first bytes are those of a MusicXML document, in UTF-8 or UTF-16."""
    plain = head.replace(b"\0", b"")
    return b"<" in plain.lstrip()[:8] and any(root.encode() in plain for root in ROOTS)


@guarded("zipped MusicXML score", EXPORT_HINT)
def read_zipped(data: bytes, *, expand_repeats: bool = True) -> Reading:
    """Read a .mxl file within limits. Raises WorkError."""
    return _read(score_in(data), expand_repeats)


@guarded("MusicXML score", EXPORT_HINT)
def read(data: bytes, *, expand_repeats: bool = True) -> Reading:
    """Read a MusicXML document. Raises WorkError where nothing can be made of it.

    `expand_repeats`: play repeats, endings and jumps out; otherwise the music stands as printed, each bar
    once.
    """
    return _read(data, expand_repeats)


def _read(data: bytes, expand: bool) -> Reading:
    found = document(data)
    heads = {p.get("id", ""): p for p in found.root.iter("score-part")}
    readers = [PartReader(heads.get(name)) for name in found.parts]
    for reader, measures in zip(readers, found.parts.values(), strict=True):
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
    return _assemble(found, readers, expand)


@dataclass
class _Bars:
    """The measures of all parts side by side: their lengths in ticks, metres, and tempos."""

    lengths: list[int] = field(default_factory=list)
    metres: list[tuple[int, int]] = field(default_factory=list)
    tempos: list[list[tuple[int, float]]] = field(default_factory=list)  # the one in force at 0 first
    signs: list[BarSigns] = field(default_factory=list)


def _bars(readers: Sequence[PartReader]) -> _Bars:
    out = _Bars()
    metre, tempo = DEFAULT_METER, DEFAULT_TEMPO
    rows: list[list[Measure]] = [[] for _ in range(max(len(r.measures) for r in readers))]
    for reader in readers:
        for row, measure in zip(rows, reader.measures, strict=False):  # a part may end before the others
            row.append(measure)
    for row in rows:
        metre = next((m.metre for m in row if m.metre is not None), metre)
        out.metres.append(metre)
        out.lengths.append(_length(row, bar_ticks(*metre)))
        stated = {
            round(at): bpm for m in reversed(row) for at, bpm in m.tempos
        }  # of one place the first part's counts
        out.tempos.append(sorted(({0: tempo} | stated).items()))
        tempo = out.tempos[-1][-1][1]
        signs = BarSigns()
        for m in row:
            signs.forward |= m.signs.forward
            signs.backward = max(signs.backward, m.signs.backward)
            signs.after_jump |= m.signs.after_jump
            signs.endings = signs.endings or m.signs.endings
            signs.marks += m.signs.marks
            signs.double |= m.signs.double
        out.signs.append(signs)
    return out


def _length(row: Sequence[Measure], full: int) -> int:
    """The ticks of a measure over all parts: the longest part, a full bar where none has anything.

    Space that is only skipped does not count in a measure that is said to be no full bar, nor do rests beyond
    a full bar where another part is full.
    """
    if any(m.implicit for m in row) and (filled := max(round(m.filled) for m in row)):
        return filled
    longest = max(round(m.length) for m in row) or full
    if abs(longest - full) <= ROUNDING:
        return full
    sounding = max((n.onset + n.duration for m in row for n in m.notes), default=0.0)
    if longest > full >= sounding and any(round(m.length) == full for m in row):
        return full
    return longest


def _assemble(found: Document, readers: list[PartReader], expand: bool) -> Reading:
    bars = _bars(readers)
    warnings = [*found.warnings, *sorted({w for r in readers for w in r.warnings})]
    order = _order(readers, bars, warnings) if expand else [(i, 1) for i in range(len(bars.lengths))]
    starts, at = [], 0
    for i, _ in order:
        starts.append(at)
        at += bars.lengths[i]
    meters, pickup = metre_map([bars.lengths[i] for i, _ in order], [bars.metres[i] for i, _ in order])
    tempos = _holding(
        [(s + offset, bpm) for s, (i, _) in zip(starts, order, strict=True) for offset, bpm in bars.tempos[i]]
    )
    tracks = _tracks(readers, order, starts, warnings)
    title = first_text(found.root, "work/work-title") or first_text(found.root, "movement-title")
    title = title or _credit(found.root)
    makers = [
        c for c in found.root.findall("identification/creator") if c.get("type", "composer") == "composer"
    ]
    maker = next((name for c in makers if (name := clean(c.text))), "")
    rights = first_text(found.root, "identification/rights")
    score = Score(tuple(tracks), meters, tempos, _keys(readers, order, starts), pickup, title)
    return Reading(score, title, maker, tuple(warnings), {"rights": rights} if rights else {})


def _order(readers: list[PartReader], bars: _Bars, warnings: list[str]) -> list[tuple[int, int]]:
    """The measures as played, or as printed where that would be more than a score may hold."""
    printed = [(i, 1) for i in range(len(bars.lengths))]
    order = played(bars.signs, max(MUSIC_LIMITS.max_played_bars, len(printed)))
    notes = [0] * len(printed)
    for reader in readers:
        for i, measure in enumerate(reader.measures):
            notes[i] += len(measure.notes)
    if (
        order is None
        or sum(notes[i] for i, _ in order) > MUSIC_LIMITS.max_notes
        or sum(bars.lengths[i] for i, _ in order) > max(MUSIC_LIMITS.max_ticks, sum(bars.lengths))
    ):
        warnings.append("its repeats would make it too long: each bar was read once, as printed")
        return printed
    silent = sum(1 for i in set(range(len(notes))) - {i for i, _ in order} if notes[i])
    if silent:
        many = "one bar is" if silent == 1 else f"{silent:,} bars are"
        warnings.append(f"{many} never reached by its repeats and jumps, and left out")
    return order


def _tracks(
    readers: list[PartReader], order: list[tuple[int, int]], starts: list[int], warnings: list[str]
) -> list[Track]:
    """The tracks of all parts; a part in tablature alone that repeats another part is left out."""
    parts = [tracks_of(reader, order, starts) for reader in readers]
    places = [{(n.onset, n.pitch) for t in tracks for n in t.notes} for tracks in parts]
    staves = [k for k, reader in enumerate(readers) if not only_tablature(reader)]
    out: list[Track] = []
    for k, tracks in enumerate(parts):
        if k not in staves and any(places[k] <= places[other] for other in staves):
            warnings.append("a tablature that repeats another part was left out")
            continue
        out += tracks
    return out


def _keys(
    readers: list[PartReader], order: list[tuple[int, int]], starts: list[int]
) -> tuple[tuple[int, int, bool], ...]:
    """The sounding keys: those of the first pitched part that states any. Horns written without a signature
    state none."""
    stating = [
        reader
        for reader in readers
        if any(m.keys for m in reader.measures) and not all(n.drum for m in reader.measures for n in m.notes)
    ]
    reader = next((r for r in stating if not r.unsigned), next(iter(stating), None))
    if reader is None:
        return ()
    changes = [
        (start + round(at), key)
        for (i, _), start in zip(order, starts, strict=True)
        if i < len(reader.measures)
        for at, key in reader.measures[i].keys
    ]
    return tuple((tick, *key) for tick, key in _holding([(0, (0, False)), *changes]))


def _holding(events: Sequence[tuple[int, T]]) -> tuple[tuple[int, T], ...]:
    """Events in order of time, the last of each tick, without those that change nothing."""
    out: list[tuple[int, T]] = []
    for tick, value in dict(events).items():
        if not out or out[-1][1] != value:
            out.append((tick, value))
    return tuple(out)


def _credit(root: Element) -> str:
    """The title that is only printed on the first page, where a program says so."""
    for credit in root.findall("credit"):
        if any((kind.text or "").strip() == "title" for kind in credit.findall("credit-type")):
            return clean(" ".join(w.text or "" for w in credit.findall("credit-words")))
    return ""
