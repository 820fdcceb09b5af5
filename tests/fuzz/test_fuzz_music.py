"""Damaged files of music: whatever is done to a MIDI or MusicXML file, it is read or refused in one sentence, soon and in little room.

The mutations are drawn from a fixed seed; ETUDE_FUZZ=2000 tries that many files of each format instead of the usual few.
"""

from __future__ import annotations

import copy
import io
import os
import random
import re
import resource
import time
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from lxml import etree

from etude.errors import EtudeError
from etude.media.music import midi, musicxml
from etude.media.music.medium import MEDIUM as MUSIC
from etude.media.music.score import Score
from tests.media import midi_bytes as m
from tests.media import xml_score as x
from tests.media.scores import CHORALE

FILES = int(os.environ.get("ETUDE_FUZZ", "300"))
SEED = int(os.environ.get("ETUDE_FUZZ_SEED", "1"))
MOST_S, MOST_BYTES = 5.0, 1 << 30
TELLING = (
    b"0",
    b"-1",
    b"7",
    b"255",
    b"65535",
    b"99999999",
    b"1e308",
    b"nan",
    b"0.3333",
    b"",
    b"\0",
    b"\x1b[31m",
    "\u202e".encode(),
)
WORDS = [word.decode() for word in TELLING if word.isascii() and word.isalnum()] + [
    "C",
    "start",
    "stop",
    "1,2",
    "yes",
    "x" * 500,
]
GUARDED = re.compile(r"cannot be read \(\w+:")  # an error that a reader does not word itself


@cache
def midi_seeds() -> tuple[bytes, ...]:
    pedalled = m.track(
        (0, m.program(5)), (0, m.control(64, 127)), *m.scale(6), (200, m.control(64, 0)), (96, m.program(40))
    )
    conductor = m.track((0, m.tempo(90)), (0, m.metre(3, 4)), (0, m.key(2)), (72, m.tempo(120)))
    return (
        midi.write(CHORALE),
        m.file(conductor, pedalled, m.track((0, m.control(120, 0)), *m.scale(4, 9))),
        m.file(pedalled, pedalled, fmt=2, division=96),
        m.file(pedalled, fmt=0, division=0xE728),
    )


@cache
def xml_seeds() -> tuple[bytes, ...]:
    head = x.instrument("A", "Kick") + x.instrument("B", "Flute", "wind.flutes.flute")
    head += x.midi_instrument("A", 1, 10, 37) + x.midi_instrument("B", 74)
    bars = [
        x.attributes(2, (4, 4), "<staves>2</staves><clef number='2'><sign>TAB</sign></clef>", divisions=6) + x.FORWARD
        + x.direction("<metronome><beat-unit>quarter</beat-unit><per-minute>96-104</per-minute></metronome>")
        + x.note("C4", 12, x.tie("start") + x.plays("B") + x.voice(1, 1)) + x.note("D4", 12, x.voice(1, 1))
        + x.backup(24) + x.chord(["C4", "E4"], 24, x.voice(5, 2)),
        x.ending("1", "start") + x.drum(24, "F4", x.plays("A")) + x.ending("1", "stop", True),
        x.ending("2", "start") + x.note("C4", 24, x.tie("stop")) + x.ending("2", "stop") + x.words("D.C. al Fine"),
        x.words("Fine", 'fine="yes"') + x.rest(24, whole=True),
    ]  # fmt: skip
    small = x.text(
        x.part(bars, "Two", head), x.part(bars[:2]), top="<work><work-title>Tune</work-title></work>"
    )
    return small.encode(), small.encode("utf-16"), musicxml.write(CHORALE)


@cache
def zip_seeds() -> tuple[bytes, ...]:
    out = []
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr(
                "META-INF/container.xml",
                "<container><rootfiles><rootfile full-path='a.xml'/></rootfiles></container>",
            )
            archive.writestr("a.xml", xml_seeds()[0])
        out.append(file.getvalue())
    return tuple(out)


def mutated(data: bytes, others: tuple[bytes, ...], draw: random.Random) -> bytes:
    """The file with one to four kinds of damage."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(out)) if out else 0
        length = min(draw.choice((1, 2, 4, 16, 200)), len(out) - at)
        match draw.randrange(9):
            case 0:
                out[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                out[at : at + 1] = bytes([out[at] ^ 1 << draw.randrange(8)]) if out else b""
            case 2:
                del out[at : at + length]
            case 3:
                out[at:at] = out[at : at + length] * draw.choice((1, 2, 50))
            case 4:
                out = out[:at]
            case 5:
                out[at:at] = draw.randbytes(length)
            case 6:
                other = draw.choice(others)
                start = draw.randrange(len(other))
                out[at : at + length] = other[start : start + draw.choice((8, 64, 400))]
            case 7:  # a number or a name gets another value
                found = [f.span() for f in re.finditer(rb"\d+|(?<=<)/?[a-z-]+", bytes(out[:40_000]))]
                if found:
                    start, end = draw.choice(found)
                    out[start:end] = draw.choice(TELLING)
            case 8:
                out = bytearray(reshaped(bytes(out), draw))
    return bytes(out)


def reshaped(data: bytes, draw: random.Random) -> bytes:
    """A document that is still well-formed, with elements moved, doubled or taken away, and other texts and attributes."""
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return data
    for _ in range(draw.choice((1, 3, 10, 40))):
        every = list(root.iter())[1:]
        if not every:
            break
        one, other = draw.choice(every), draw.choice(every)
        match draw.randrange(5):
            case 0 if one.getparent() is not None:
                one.getparent().remove(one)
            case 1:
                other.append(copy.deepcopy(one)) if len(every) < 2000 else None
            case 2:
                one.text = draw.choice(WORDS)
            case 3 if one.attrib:
                one.set(draw.choice(list(one.attrib)), draw.choice(WORDS))
            case 4:
                one.tag = other.tag
    return bytes(etree.tostring(root, encoding=draw.choice(("utf-8", "utf-16", "ascii"))))


def check(score: Score) -> None:
    """What holds for every score that a reader gives."""
    for track in score.tracks:
        assert list(track.notes) == sorted(track.notes, key=lambda n: (n.onset, n.pitch))
        assert all(
            n.onset >= 0 and 0 <= n.pitch <= 127 and n.duration > 0 and 0 < n.velocity < 128
            for n in track.notes
        )
        assert 0 <= track.program <= 127
        assert track.name.isprintable()
    for events in (score.meters, score.tempos, score.keys):
        assert [e[0] for e in events] == sorted({e[0] for e in events})
        assert not events or events[0][0] == 0
    assert score.meters
    assert score.tempos
    assert MUSIC.load(MUSIC.store(score)) == score


def repacked(data: bytes, draw: random.Random) -> bytes:
    """A document or a zip whose document is reshaped, so that damage reaches what is inside."""
    if data[:2] != b"PK":
        return reshaped(data, draw)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, reshaped(old.read(name), draw))
    return file.getvalue()


@pytest.mark.parametrize(
    ("suffix", "seeds"), [(".mid", midi_seeds), (".musicxml", xml_seeds), (".mxl", zip_seeds)]
)
def test_damaged_files(suffix: str, seeds: Callable[[], tuple[bytes, ...]]) -> None:
    draw = random.Random(f"{SEED} {suffix}")
    originals = seeds()
    room = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    read = 0
    for number in range(FILES):
        data = draw.choice(originals)
        if suffix != ".mid" and draw.random() < 0.5:
            data = repacked(data, draw)
        else:
            data = mutated(data, originals, draw)
        started = time.process_time()
        try:
            score = MUSIC.read(data, suffix=suffix).content
        except EtudeError as error:
            assert error.message.isprintable(), (number, error.message)
            assert len(re.findall(r"[A-Za-z]{2,}", error.message)) >= 3, (number, error.message)
            assert not GUARDED.search(error.message), (number, error.message)
            assert error.hint, (number, error.message)
        else:
            read += 1
            check(score)
        assert time.process_time() - started < MOST_S, number
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - room < MOST_BYTES
    assert read > FILES // 10
