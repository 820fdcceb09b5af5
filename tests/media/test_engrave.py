"""The previews of a score: roll, engraving and sound are whole, the same bytes again, and complete for odd
scores."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from etude.config.media import MUSIC_LIMITS
from etude.media.music import engrave, midi, roll, sound, synth
from etude.media.music.clock import seconds_at
from etude.media.music.medium import MEDIUM as MUSIC
from etude.media.music.score import Note, Score, Track
from tests.media.scores import CHORALE, line

KIT = Track(tuple(Note(24 * i, 36 if i % 2 else 42, 12) for i in range(8)), "kit", 0, True)
ODD = [
    Score(()),
    Score((Track(()),)),
    Score((KIT, Track(line([60, 64, 67]), "a name " * 20)), title="a title " * 30),
    Score((Track((Note(0, 0, 1), Note(1, 127, 5000))),), ((0, 5, 8),)),
    Score(tuple(Track((Note(7 * i, 30 + i, 11),), f"part {i}", i) for i in range(20)), pickup=7),
    Score(
        (Track(tuple(Note(5 * i, 50 + 7 * i % 30, 13, 1 + i % 127) for i in range(300))),),
        ((0, 3, 4), (100, 7, 16)),
    ),
]


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_the_roll_shows_each_voice_in_its_colour() -> None:
    picture = shown(roll.png(CHORALE))
    colours = {colour for _, colour in picture.getcolors(1 << 20) or []}
    for hexa in roll.COLOURS[:4]:
        assert tuple(int(hexa[k : k + 2], 16) for k in (1, 3, 5)) in colours
    assert picture.width >= 2 * roll.LEAST_WIDTH


def test_marked_notes_stand_on_yellow() -> None:
    yellow = tuple(int(roll.MARK[k : k + 2], 16) for k in (1, 3, 5))
    assert yellow in {c for _, c in shown(roll.png(CHORALE, [(4, 8)])).getcolors(1 << 20) or []}
    assert yellow not in {c for _, c in shown(roll.png(CHORALE)).getcolors(1 << 20) or []}


def test_nothing_is_drawn_over_the_edge() -> None:
    picture = np.asarray(shown(roll.png(ODD[2])))
    assert (picture[:, :8] == 255).all()
    assert (picture[:, -8:] == 255).all()


def test_a_long_roll_stops_and_says_so() -> None:
    score = Score((Track(line([60] * 4 * (MUSIC_LIMITS.roll_bars + 50))),))
    assert shown(roll.png(score)).height < 12_000


def test_the_engraving_is_one_svg_with_every_note() -> None:
    data = engrave.svg(CHORALE)
    assert etree.QName(etree.fromstring(data)).localname == "svg"
    assert data.count(b'class="notehead"') == MUSIC.size(CHORALE)
    assert b"Four voices" in data
    assert b'href="http' not in data
    assert b"<script" not in data


def test_a_title_is_text_not_markup() -> None:
    data = engrave.svg(Score((Track(line([60])),), title="<script>alert(1)</script> & more"))
    assert etree.fromstring(data) is not None
    assert b"<script" not in data


@pytest.mark.parametrize("score", ODD, ids=range(len(ODD)))
def test_odd_scores_have_all_previews(score: Score) -> None:
    made = {suffix: make() for suffix, make in MUSIC.previews(score).items()}
    assert set(made) == {".png", ".svg", ".wav", ".musicxml"}
    assert shown(made[".png"]).size > (0, 0)
    assert etree.fromstring(made[".svg"]) is not None
    assert made[".wav"][:4] == b"RIFF"


def test_the_same_score_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "soundfont", lambda: None)
    first = {suffix: make() for suffix, make in MUSIC.previews(CHORALE).items()}
    assert first == {suffix: make() for suffix, make in MUSIC.previews(CHORALE).items()}


def test_the_built_in_synthesiser_is_named_and_in_tune(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "soundfont", lambda: None)
    score = Score((Track((Note(0, 69, 96),), program=73),), tempos=((0, 60.0),))
    made = sound.render(score)
    assert made.player == sound.BUILT_IN
    assert b"built-in synthesiser" in made.wav
    with wave.open(io.BytesIO(made.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 44_100)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(samples[: 3 * 44_100]))
    assert abs(spectrum.argmax() / 3 - 440) < 3
    assert 0.3 < np.abs(samples).max() / 32768 <= 0.9
    assert np.abs(samples[-400:]).max() < 60  # dies away instead of breaking off


@pytest.mark.parametrize("program", range(0, 128, 8))
def test_every_family_sounds(program: int) -> None:
    samples = synth.render(Score((Track((Note(0, 60, 24),), program=program),)))
    assert np.isfinite(samples).all()
    assert 0.3 < np.abs(samples).max() <= 1


def test_a_broken_soundfont_falls_back_and_says_so(tmp_path: Path) -> None:
    font = tmp_path / "broken.sf2"
    font.write_bytes(b"RIFF" + bytes(100))
    made = sound.render(CHORALE, font)
    assert made.player.startswith(sound.BUILT_IN)
    assert "broken.sf2" in made.player


def test_a_soundfont_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Mine.sf2").write_bytes(b"")
    monkeypatch.setattr(sound, "FONT_FOLDERS", (str(tmp_path),))
    monkeypatch.setenv("ETUDE_SOUNDFONT", "Mine")
    assert sound.soundfont() == tmp_path / "Mine.sf2"
    monkeypatch.setenv("ETUDE_SOUNDFONT", "Absent")
    assert sound.soundfont() is None


def test_times_follow_the_tempo() -> None:
    score = Score((Track(line([60] * 4)),), tempos=((0, 60.0), (48, 120.0)))
    assert seconds_at(score, [0, 24, 48, 72, 96]) == [0, 1, 2, 2.5, 3]


def test_sound_stops_at_its_limit() -> None:
    far = Score((Track((Note(0, 60, 24), Note(24 * 3000, 60, 24))),), tempos=((0, 60.0),))
    assert len(sound.wav(far)) < 2_000_000
    assert midi.read(midi.write(far)).content == far


# ---- staves that stand nearly empty


def staves(score: Score) -> int:
    return engrave.svg(score).count(b'class="staff"')


def test_a_stray_low_note_makes_no_second_staff() -> None:
    voice = [
        Note(24 * i, 64 + 5 * i % 12, 28) for i in range(15)
    ]  # each sounds a little into the next, as played
    stray = Score((Track((*voice, Note(360, 45, 24))),))
    assert staves(stray) == staves(Score((Track(tuple(voice)),)))
    hands = Score((Track((*voice, *(Note(48 * i, 45, 48) for i in range(8)))),))
    assert staves(hands) == 2 * staves(stray)  # a keyboard keeps its two


def test_a_track_without_notes_has_no_staff() -> None:
    sung = Track(line([67, 69, 71, 72]), "melody")
    assert staves(Score((sung, Track((), "silent", 24)))) == staves(Score((sung,)))
    assert engrave.svg(Score((Track(()),)))


def test_a_small_roll_shows_every_note_where_it_is() -> None:
    def drawn(*notes: Note) -> np.ndarray:
        return np.asarray(roll.tile(Score((Track(notes, "a"),)), 160, 60), np.int16)

    low, high = drawn(Note(0, 60, 96), Note(96, 60, 96)), drawn(Note(0, 60, 96), Note(96, 67, 96))
    assert low.shape == high.shape == (60, 160, 3)
    blue = [(one[..., 2] - one[..., 0] > 60) for one in (low, high)]
    rows = [[np.flatnonzero(part.any(1)).mean() for part in (one[:, :80], one[:, 80:])] for one in blue]
    assert (
        rows[0][0] == pytest.approx(rows[0][1]) and rows[1][1] < rows[1][0] - 10
    )  # the higher note stands higher
    assert (drawn() == 255).mean() > 0.9
