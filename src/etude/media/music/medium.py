"""The music medium: symbolic scores, read by content, cut at bars, and shown as roll, engraving and sound.

Ties together the file formats (midi, musicxml, abc), the pictures and the sound, and the similarity of
motifs. Units are notes in the order of `Score.flat()`. Knows no model and no project.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from etude.config.media import MUSIC_LIMITS
from etude.config.sequence import LEARN, MAKE
from etude.config.trust import TRACE
from etude.errors import ModelError, WorkError
from etude.media.base import BaseSequence
from etude.media.codec import Codec, Guard
from etude.media.music import parts, stored, tonic
from etude.media.music.bars import Bar, layout
from etude.media.music.clock import length_s
from etude.media.music.cuts import cut_ticks
from etude.media.music.form import spoken
from etude.media.music.score import Note, Score
from etude.media.music.spelling import key_name
from etude.media.music.voices import is_tune, label, on_grid, voices
from etude.media.values import (
    Drawing,
    Excerpt,
    Float32,
    Gap,
    Kept,
    Look,
    Marked,
    Names,
    Reading,
    ReadOption,
    RunWords,
    SheetStyle,
    Sizes,
    Stream,
    Tool,
    UInt64,
)
from etude.stats.figure import Figure

# Of the works must have one number of voices on the 16th grid for the grid codec to be chosen
SEPARABLE_SHARE = 0.8
CHORALES = "chorales-pd"  # weights that come along, of works in four voices
TILE_PX = (200, 80)  # of a score on a sheet


class Music(BaseSequence):
    """The `SequenceMedium` contract for symbolic music; has no state."""

    name = "music"
    names = Names("note", "notes", "score")
    suffixes: tuple[str, ...] = (".mid", ".midi", ".kar", ".rmi", ".musicxml", ".xml", ".mxl", ".abc")
    formats: tuple[str, ...] = ("mid", "musicxml", "abc")
    desk = "roll"
    read_options: tuple[ReadOption, ...] = (
        ReadOption(
            "as_printed",
            "read each bar of music once, as printed: repeats, endings and jumps are not played out",
            default=False,
        ),
    )
    gaps: tuple[Gap, ...] = (parts.VOICES, parts.BARS)
    settings = parts.SETTINGS
    sizes = Sizes(LEARN.least_music, MAKE.units_music, LEARN.window_music)
    codecs: tuple[str, ...] = ("frames", "events", "tune")
    runs = RunWords("notes", "note for note", TRACE.verbatim_notes, "Transposition and tempo do not count")
    unable = ("It will write phrases in your manner, and seldom a form that comes back as a whole.", "")

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether the bytes are MIDI, MusicXML or ABC."""
        return kind(data, suffix) is not None

    def read(self, data: bytes, *, suffix: str, as_printed: bool = False) -> Reading:
        """Read MIDI, MusicXML (also zipped) or ABC, told apart by content; repeats are played out, unless
        `as_printed`. Raises WorkError in one sentence."""
        if not data.strip():
            raise WorkError("The file is empty (0 bytes).", "Export it again.")
        if len(data) > MUSIC_LIMITS.max_bytes:
            raise WorkError(
                f"The file has {len(data) / 1e6:.1f} MB; "
                f"at most {MUSIC_LIMITS.max_bytes / 1e6:.0f} MB of music are read.",
                "Cut it into movements and add those.",
            )
        reading = _reader(kind(data, suffix), suffix, not as_printed)(data)
        score: Score = reading.content
        if score.end > MUSIC_LIMITS.max_ticks:
            raise WorkError(
                f"The last note ends {score.end // 24:,} quarter notes in; "
                f"at most {MUSIC_LIMITS.max_ticks // 24:,} are read.",
                "Remove the stray note at the end, or cut the piece into movements.",
            )
        return reading

    def split(self, data: bytes, suffix: str) -> list[bytes]:
        """The works inside one file: each tune of an ABC book; any other file is one work."""
        if kind(data, suffix) == "abc":
            from etude.media.music import abc

            return abc.split_book(data)
        return [data]

    def write(self, content: Score, fmt: str) -> bytes:
        """A file of the score: 'mid', 'musicxml' or 'abc'. Raises WorkError for any other format."""
        if fmt not in self.formats:
            raise WorkError(
                f"Music cannot be written as '{fmt}'.", f"Choose one of {', '.join(self.formats)}."
            )
        from etude.media.music import abc, midi, musicxml

        writers = {"mid": midi.write, "musicxml": musicxml.write, "abc": abc.write}
        return writers[fmt](content)

    def store(self, content: Score) -> bytes:
        """Compact JSON: lossless, and the same bytes for the same score."""
        return stored.to_bytes(content)

    def load(self, data: bytes) -> Score:
        """The inverse of `store`. Raises WorkError for anything else."""
        return stored.from_bytes(data)

    def size(self, content: Score) -> int:
        """Notes."""
        return sum(len(t.notes) for t in content.tracks)

    def cut(self, content: Score, start: int, end: int) -> Score:
        """The bars that hold notes start..end, from tick 0 on. Notes that begin earlier stay out; those that
        last longer are clipped."""
        laid = layout(content)
        if not laid.notes or end <= start:
            return replace(content, tracks=tuple(replace(t, notes=()) for t in content.tracks))
        first = laid.bars[laid.bar_of[max(0, start)]]
        last = laid.bars[laid.bar_of[min(end, len(laid.notes)) - 1]]
        return cut_ticks(content, first.start, last.end)

    def boundaries(self, content: Score) -> list[int]:
        """The first note of each bar, without 0: bars that begin with no new note of their own share the next
        one's."""
        onsets = [n.onset for _, n in layout(content).notes]
        starts = {bisect_left(onsets, bar.start) for bar in layout(content).bars}
        return sorted(starts - {0, len(onsets)})

    def labelled(self, content: Score, words: str) -> Score:
        """With the words in its title, which engraved scores and programs show."""
        return replace(content, title=f"{content.title} [{words}]".strip())

    def marks(self, content: Score) -> UInt64:
        """Hashed spans of six notes, in any key and at any tempo, distinct and ascending."""
        from etude.media.music import motifs

        return np.unique(motifs.shingles(content))

    def features(self, content: Score) -> Float32:
        """(512,) see `motifs.features`."""
        from etude.media.music import motifs

        return motifs.features(content)

    def descriptors(self, content: Score) -> Mapping[str, float]:
        """Pitches, rhythms, bars, key and voices."""
        from etude.media.music.descriptors import described

        return described(content)

    def learn_codec(self, contents: Sequence[Score]) -> Codec:
        """Tunes where most works have one voice, voices on a grid where most keep one number of them on
        16ths, events otherwise."""
        from etude.media.music import event_codec, grid_codec, tune_learning

        if sum(map(is_tune, contents)) >= SEPARABLE_SHARE * max(1, len(contents)):
            return tune_learning.learn_codec(contents)
        counts = [len(v) for score in contents if (v := voices(score)) is not None and on_grid(score)]
        common = max((counts.count(n) for n in set(counts)), default=0)
        if common >= SEPARABLE_SHARE * max(1, len(contents)):
            return grid_codec.learn_codec(contents)
        return event_codec.learn_codec(contents)

    def codec(self, data: Mapping[str, Any]) -> Codec:
        """The codec that a model's header holds. Raises ModelError."""
        from etude.media.music import event_codec, grid_codec, tune_codec

        readers: dict[str, Callable[[Mapping[str, Any]], Codec]] = {
            "frames": grid_codec.from_json,
            "events": event_codec.from_json,
            "tune": tune_codec.from_json,
        }
        if data.get("kind") not in readers:
            raise ModelError(
                f"The music codec of the model is of an unknown kind: '{data.get('kind')}'.",
                "Install a newer version of Etude: pip install -U etude",
            )
        return readers[str(data["kind"])](data)

    def adopted(self, codec: Codec, contents: Sequence[Score], of: str) -> Codec:
        """With their metre, tempo and ranges. Raises WorkError where it has no place for their voices."""
        from etude.media.music import adopting

        return adopting.adopted(codec, contents, of)

    def elsewhere(self, codec: Codec, content: Score, controls: Mapping[str, Any]) -> str:
        """`chorales-pd` where voices are wanted that this codec does not make."""
        from etude.media.music import event_codec, grid_codec

        keep = controls.get("keep")
        if keep is None or (isinstance(codec, grid_codec.GridCodec) and codec.makes(content, keep)):
            return ""
        rewrites = not codec.homeless(content) and not set(range(len(content.tracks))) <= set(keep)
        if isinstance(codec, event_codec.EventCodec) and rewrites and not codec.hands_over:
            return ""  # models of events from before 0.2.0 go on rewriting voices by themselves
        return CHORALES

    def traits(self, contents: Sequence[Score]) -> Mapping[str, Figure]:
        """How well they hold together (see `coherence`), and how their voices move (see `part_writing`)."""
        from etude.media.music import coherence, part_writing

        return coherence.measured(contents) | part_writing.measured(contents)

    def join(self, first: Score, second: Score) -> Score:
        """The second from the end of the first one's last bar."""
        return parts.join(first, second)

    def guard(self, contents: Sequence[Score], n: int, codec: Codec) -> Guard:
        """No span of n notes of these scores, in any key and at any tempo. Raises TakeError for n below 4."""
        from etude.media.music.copy_guard import MusicGuard

        return MusicGuard(contents, n, codec)

    def streams(self, content: Score) -> list[Stream]:
        """Its lines."""
        from etude.media.music import runs

        return runs.streams(content)

    def excerpt(self, content: Score, ranges: Sequence[tuple[int, int]]) -> Excerpt:
        """The notes in these ranges."""
        from etude.media.music import runs

        return Excerpt(notes=runs.notes_of(content, ranges))

    def said(self, content: Score, start: int, end: int) -> str:
        """The names of the notes' pitches."""
        from etude.media.music.runs import pitch_name

        return " ".join(pitch_name(note.pitch) for _, note in layout(content).notes[start:end])

    def drawing(
        self, content: Score, shares: Mapping[int, float], runs: Sequence[Marked], title: str
    ) -> Drawing:
        """A piano roll in systems."""
        from etude.media.music import svg_roll

        names = tuple(track.name or f"voice {i}" for i, track in enumerate(content.tracks, 1))
        return Drawing(
            svg_roll.roll(content, shares, runs, title=f"Piano roll: {title}"),
            "Piano roll",
            names,
            "A full note came from the memory, a hollow one from the network.",
            "Underlined notes stand in a work, in any key and at any tempo; the number leads to it.",
        )

    def miniature(self, excerpt: Excerpt, words: str) -> str:
        """The notes alone as a small roll."""
        from etude.media.music import svg_roll

        return svg_roll.mini_roll(excerpt.notes, words)

    def title(self, content: Score) -> str:
        """The title in the score."""
        return content.title

    def parts(self, content: Score) -> list[tuple[int, Note]]:
        """Notes with the number of their track."""
        return content.flat()

    def part(self, content: Score, gap: Gap, value: Any, called: str) -> list[Any]:
        """Voices as track indices, bars counted from 0. Raises TakeError that says what there is."""
        if gap.form == "names":
            return parts.tracks_of(content, value, called)
        return parts.bars_of(content, value, called)

    def kept(self, given: Score, made: Score, controls: Mapping[str, Any]) -> Kept:
        """The given notes that stay."""
        total = self.size(made)
        return Kept(min(parts.notes_kept(given, controls), total), total, self.unit)

    def sound(self, content: Score) -> bytes:
        """Played with a soundfont, or with the built-in synthesiser."""
        from etude.media.music import sound

        return sound.wav(content)

    def look(self, content: Score) -> Look:
        """A small roll."""
        from etude.media.music import roll

        return Look(roll.tile(content, *TILE_PX)[None])

    @property
    def sheet(self) -> SheetStyle:
        """Rolls with their names, two and a half times as wide as high."""
        return SheetStyle(self.name, ("png",), across=0.5, named=True)

    def tools(self) -> tuple[Tool, ...]:
        """What it is played with."""
        from etude.media.music import sound

        font = sound.soundfont()
        how = "Debian: apt install timgm6mb-soundfont; or name one in ETUDE_SOUNDFONT"
        without = f"none: music is played with {sound.BUILT_IN}"
        return (Tool("soundfont", str(font) if font else "", without, how),)

    def previews(self, content: Score) -> dict[str, Callable[[], bytes]]:
        """Piano roll, engraved score, sound and MusicXML, each made when called."""
        from etude.media.music import engrave, roll, sound

        return {
            ".png": lambda: roll.png(content),
            ".svg": lambda: engrave.svg(content),
            ".wav": lambda: sound.wav(content),
            ".musicxml": lambda: self.write(content, "musicxml"),
        }

    def describe(self, content: Score) -> str:
        """For example: 'Tallis: 4 voices (soprano, alto, tenor, bass), 12 bars of 4/4 in G major, 187 notes,
        0:42 long'."""
        laid = layout(content)
        names = [label(content, i) for i in range(len(content.tracks))]
        shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        whole = f"{len(names)} voices ({shown})" if len(names) > 1 else (names[0] if names else "no voices")
        full = sum(1 for bar in laid.bars if bar.number)
        text = f"{whole}, {full} bar{'s' if full != 1 else ''} of {laid.bars[-1].beats}/{laid.bars[-1].unit}"
        form = content.form
        if form is not None and content.keys == tonic.keys(form):
            text += f" in {tonic.spoken(form.tonic % 12, form.mode)}"
        elif content.keys:
            text += f" in {key_name(*content.keys[0][1:])}"
        if form is not None and (letters := spoken(form.plan or (), content.pickup > 0)):
            text += f", form {letters}"
        seconds = round(length_s(content))
        text += f", {self.names.count(len(laid.notes))}, {seconds // 60}:{seconds % 60:02d} long"
        return f"{content.title}: {text}" if content.title else text

    def place(self, content: Score, offset: int) -> str:
        """Where note `offset` lies: 'bar 3, soprano'; 'upbeat' for the pickup; 'the end' past the last
        note."""
        laid = layout(content)
        if not 0 <= offset < len(laid.notes):
            return "the end"
        bar: Bar = laid.bars[laid.bar_of[offset]]
        where = f"bar {bar.number}" if bar.number else "upbeat"
        return f"{where}, {label(content, laid.notes[offset][0])}" if len(content.tracks) > 1 else where


def kind(data: bytes, suffix: str) -> str | None:
    """'midi', 'musicxml', 'mxl' or 'abc' by content; the suffix only settles what the bytes leave open."""
    head = data[:4096]
    if head[:4] == b"MThd" or (head[:4] == b"RIFF" and head[8:12] == b"RMID"):
        return "midi"
    if head[:4] == b"PK\x03\x04":
        return (
            "mxl"
            if suffix == ".mxl" or (b"META-INF/container.xml" in head and b"application/epub" not in head)
            else None
        )
    from etude.media.music import abc, musicxml

    if musicxml.looks_like(head):
        return "musicxml"
    if abc.looks_like(data[:65536], suffix):
        return "abc"
    return None


def _reader(found: str | None, suffix: str, expand: bool) -> Callable[[bytes], Reading]:
    from etude.media.music import abc, midi, musicxml

    if found is None:  # the suffix promises music: let that reader say what is wrong
        known = dict.fromkeys((".mid", ".midi", ".kar", ".rmi"), "midi") | {".mxl": "mxl", ".abc": "abc"}
        found = known.get(suffix, "musicxml")
    readers: dict[str, Callable[[bytes], Reading]] = {
        "midi": midi.read,
        "musicxml": partial(musicxml.read, expand_repeats=expand),
        "mxl": partial(musicxml.read_zipped, expand_repeats=expand),
        "abc": partial(abc.read, expand_repeats=expand),
    }
    return readers[found]


MEDIUM = Music()
