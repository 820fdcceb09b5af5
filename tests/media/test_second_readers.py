"""Our readers beside other people's: MIDI beside symusic, MusicXML beside music21 on a few scores of its
corpus.

The whole corpus is compared by bench/readers.py, whose way of comparing is used here too.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.media.music import midi
from tests.media.test_music_written import Music, midi_file, music

BENCH = Path(__file__).resolve().parents[2] / "bench"
SCORES = (
    "bach/bwv66.6.mxl",  # four voices, an upbeat
    "bach/bwv1.6.mxl",  # with transposing horns
    "mozart/k80/movement3.mxl",
    "schumann_robert/opus48no2.mxl",  # ties across voices and chords
    "haydn/opus74no1/movement3.mxl",  # a bar with too many rests
)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_symusic_reads_the_same_midi(data: st.DataObject) -> None:
    """Notes, tempo, metre and key; programmes it takes from the chunk of the notes alone."""
    symusic = pytest.importorskip("symusic")
    written: Music = data.draw(music())
    file = data.draw(midi_file(written))
    file = file[20:] if file[:4] == b"RIFF" else file  # it knows neither containers nor longer headers
    file = file[:4] + b"\0\0\0\6" + file[8:14] + file[8 + file[7] :]
    mine, theirs = midi.read(file).content, symusic.Score.from_midi(file).resample(24)
    assert sorted((n.onset, n.pitch, n.duration) for t in mine.tracks for n in t.notes) == sorted(
        (n.time, n.pitch, n.duration) for t in theirs.tracks for n in t.notes
    )
    last = mine.end
    tempos = {0: 120.0} | {t.time: t.qpm for t in theirs.tempos if t.time <= last}
    assert dict(mine.tempos) == pytest.approx(tempos, rel=1e-4)  # ours are rounded to 1/1000
    assert list(mine.keys) == [(k.time, k.key, bool(k.tonality)) for k in theirs.key_signatures]
    metres = {0: (4, 4)} | {t.time: (t.numerator, t.denominator) for t in theirs.time_signatures}
    assert {t: (a, b) for t, a, b in mine.meters} == metres


def test_music21_reads_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    music21 = pytest.importorskip("music21")
    monkeypatch.syspath_prepend(str(BENCH))
    readers: Any = importlib.import_module("readers")
    monkeypatch.setitem(sys.modules, "readers", readers)
    found: dict[str, Any] = {}
    for name in SCORES:
        path = Path(music21.__file__).parent / "corpus" / name
        for _, piece, differences in readers.compared(path, ["musicxml"]):
            found[piece] = {k: v for k, v in differences.items() if v and k in ("notes", "key")}
    assert len(found) == len(SCORES)
    assert not any(found.values()), found
