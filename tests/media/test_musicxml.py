"""MusicXML: round trips, what other programs read of it, odd but legal files, and hostile ones."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.music import musicxml
from etude.media.music.musicxml import read, read_zipped, write
from etude.media.music.score import Note, Score, Track
from etude.media.music.spelling import spell
from tests.media.scores import CHORALE, scores


@settings(deadline=None, max_examples=80)
@given(scores())
def test_a_score_comes_back_equal(score: Score) -> None:
    back = read(write(score)).content
    assert [t.notes for t in back.tracks] == [t.notes for t in score.tracks]
    assert (back.meters, back.pickup, back.keys, back.tempos) == (
        score.meters,
        score.pickup,
        score.keys,
        score.tempos,
    )
    assert back == score


def test_polyphony_and_drums_come_back() -> None:
    piano = Track(
        (Note(0, 40, 48), Note(0, 64, 24), Note(0, 72, 96), Note(24, 65, 24), Note(48, 45, 48)), "piano"
    )
    kit = Track((Note(0, 36, 12), Note(0, 42, 12), Note(24, 38, 12)), "kit", 0, True)
    back = read(write(Score((piano, kit)))).content
    assert [sorted(t.notes) for t in back.tracks if t.drum] == [sorted(kit.notes)]
    assert sorted(n for t in back.tracks if not t.drum for n in t.notes) == sorted(piano.notes)


def test_verovio_reads_what_is_written() -> None:
    verovio = pytest.importorskip("verovio")
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    assert toolkit.loadData(write(CHORALE).decode())
    assert toolkit.renderToSVG(1).count('class="notehead"') == 36


def test_music21_reads_the_same_notes() -> None:
    music21 = pytest.importorskip("music21")
    found = music21.converter.parse(write(CHORALE).decode(), format="musicxml")
    notes = [
        (round(n.getOffsetInHierarchy(found) * 24), n.pitch.midi) for n in found.stripTies().recurse().notes
    ]
    assert sorted(notes) == sorted((n.onset, n.pitch) for t in CHORALE.tracks for n in t.notes)


def document(measures: str, attributes: str = "", head: str = "") -> bytes:
    return (
        "<score-partwise><part-list><score-part "
        f"id='P1'><part-name>x</part-name>{head}</score-part></part-list><part id='P1'>"
        "<measure "
        f"number='1'><attributes><divisions>2</divisions>{attributes}</attributes>{measures}</part></"
        "score-partwise>"
    ).encode()


def note(step: str, duration: int, extra: str = "", octave: int = 4) -> str:
    return (
        f"<note><pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>{duration}</duration>"
        f"{extra}</note>"
    )


def test_transposing_instruments_sound_where_they_should() -> None:
    clarinet = (
        "<key><fifths>2</fifths></key><transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    )
    score = read(document(note("D", 8) + "</measure>", clarinet)).content
    assert score.tracks[0].notes[0].pitch == 60
    assert score.keys == ((0, 0, False),)


def test_backup_forward_chords_and_ties() -> None:
    body = (
        note("C", 4, "<tie type='start'/><voice>1</voice>")
        + "<note><chord/>"
        + note("E", 4)[6:]
        + note("D", 4, "<voice>1</voice>")
    )
    body += "<backup><duration>8</duration></backup><forward><duration>2</duration></forward>" + note(
        "G", 2, "<voice>2</voice>", 3
    )
    score = read(document(body + "</measure>")).content
    assert sorted((n.onset, n.pitch, n.duration) for t in score.tracks for n in t.notes) == [
        (0, 60, 48),
        (0, 64, 48),
        (24, 55, 24),
        (48, 62, 48),
    ]


def test_a_tie_over_the_bar_is_one_note() -> None:
    bars = (
        note("C", 8, "<tie type='start'/>")
        + "</measure><measure number='2'>"
        + note("C", 8, "<tie type='stop'/>")
        + "</measure>"
    )
    assert read(document(bars)).content.tracks[0].notes == (Note(0, 60, 192),)


def test_durations_rounded_by_the_exporter_are_mended_from_the_note_values() -> None:
    sixteenth = (
        "<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><type>16th</type></note>"
    )
    data = document(sixteenth * 8 + "</measure><measure>" + note("D", 34) + "</measure>").replace(
        b"<divisions>2<", b"<divisions>17<"
    )
    assert [n.onset for n in read(data).content.tracks[0].notes] == [0, 6, 12, 18, 24, 30, 36, 42, 48]


def test_values_that_divisions_cannot_express_count_more_than_durations() -> None:
    dotted = note("C", 2, "<type>quarter</type><dot/>")  # 1.5 divisions, rounded
    data = document(dotted + dotted + note("D", 1, "<type>quarter</type>") + "</measure>")
    data = data.replace(b"<divisions>2<", b"<divisions>1<")
    assert [n.duration for n in read(data).content.tracks[0].notes] == [36, 36, 24]
    stated = document(note("C", 3, "<type>quarter</type>") + note("D", 2) + "</measure>")
    assert [n.duration for n in read(stated).content.tracks[0].notes] == [36, 24]


def test_timewise_files_are_read() -> None:
    data = b"<score-timewise><part-list><score-part id='P1'><part-name>x</part-name></score-part></part-list>"
    data += (
        b"<measure number='1'><part id='P1'><attributes><divisions>2</divisions></attributes>"
        + note("C", 8).encode()
    )
    assert read(data + b"</part></measure></score-timewise>").content.tracks[0].notes == (Note(0, 60, 96),)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


CONTAINER = b"<container><rootfiles><rootfile full-path='a/b.xml'/></rootfiles></container>"


def test_zipped_scores_are_found_by_their_container() -> None:
    data = zipped({"META-INF/container.xml": CONTAINER, "a/b.xml": write(CHORALE), "c.xml": b"<other/>"})
    assert read_zipped(data).content == CHORALE


def test_a_zip_bomb_is_refused_with_both_numbers() -> None:
    bomb = zipped(
        {"META-INF/container.xml": CONTAINER, "a/b.xml": b" " * (MUSIC_LIMITS.max_unzipped_bytes + 1000)}
    )
    with pytest.raises(WorkError, match=r"unpacks to more than 60 MB, from 0\.0\d MB"):
        read_zipped(bomb)


def test_a_damaged_zip_is_a_work_error() -> None:
    whole = zipped({"META-INF/container.xml": CONTAINER, "a/b.xml": write(CHORALE)})
    for size in range(0, len(whole), 97):
        with pytest.raises(WorkError):
            read_zipped(whole[:size])
    for at in range(30, len(whole), 41):
        try:
            read_zipped(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        except WorkError:
            continue


def test_entities_are_refused_and_nothing_is_fetched() -> None:
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM '
        b'"file:///etc/passwd">]><score-partwise>&b;</score-partwise>'
    )
    with pytest.raises(WorkError, match="entities"):
        read(bomb)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<score-partwise>", "not well-formed"),
        (b"<html/>", "not a MusicXML score"),
        (document("</measure>"), "no notes"),
        (b"<score-partwise><part-list/></score-partwise>", "no parts"),
    ],
)
def test_broken_files_are_refused_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(WorkError, match=words):
        read(data)


def test_numbers_out_of_reach_do_no_harm() -> None:
    body = (
        note("C", 8)
        + note("Q", 8)
        + note("C", 8, octave=400)
        + note("C", 10**15)
        + note("C", -5)
        + note("C", 8).replace("8", "eight")
    )
    reading = read(
        document(
            body + "</measure>",
            "<time><beats>0</beats><beat-type>3</beat-type></time><key><fifths>99</fifths></key>",
        )
    )
    assert reading.content.tracks[0].notes[0] == Note(0, 60, 96)


def test_utf16_is_read() -> None:
    data = write(CHORALE).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert musicxml.looks_like(data[:4096])
    assert read(data).content == CHORALE


def test_spelling_follows_the_key() -> None:
    assert spell(66, 0) == ("F", 1, 4)
    assert spell(70, 0) == ("B", -1, 4)
    assert spell(70, 6) == ("A", 1, 4)
    assert spell(60, 7) == ("B", 1, 3)
    assert spell(71, -7) == ("C", -1, 5)
    assert spell(68, 0) == ("G", 1, 4)
