"""What each medium says of its contents to people: titles, changes, what was kept, gaps, sheets, passages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from etude.errors import ModelError, TakeError, WorkError
from etude.media import MEDIA, as_written, opening, pictorial, readable, sequence, sheets
from etude.media.contract import Change, Content, Excerpt, Kept, Marked, Medium
from etude.media.music.score import Score, Track
from etude.media.pixels.framing import Framing
from etude.media.video.clip import Clip
from tests.media import picturefiles, scores
from tests.media.scores import CHORALE, line

TEXT, MUSIC, IMAGE, VIDEO = sequence("text"), sequence("music"), pictorial("image"), pictorial("video")
POEM = "# The Well\n\nThe bucket goes down,\nthe bucket comes up.\n"
GREY = np.full((8, 8, 3), 100, np.uint8)


def clip(*levels: int) -> Clip:
    return Clip(np.stack([np.full((8, 8, 3), level, np.uint8) for level in levels]), 4.0)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (POEM, "The Well"),
        ("\n\n  *So*  \nit begins", "So"),
        (
            "A line that is far too long to be a title of anything at all, and goes on.",
            "A line that is far too long to be a title of anything at",
        ),
        ("", ""),
    ],
)
def test_a_text_is_called_by_its_first_line(text: str, title: str) -> None:
    assert TEXT.title(text) == title


def test_scores_have_titles_of_their_own_and_pictures_none() -> None:
    assert MUSIC.title(CHORALE) == "Four voices" and MUSIC.title(Score(())) == ""
    assert IMAGE.title(GREY) == "" and VIDEO.title(clip(1)) == ""


def test_what_is_read_is_shown_and_the_rest_described() -> None:
    assert readable(TEXT, POEM) == POEM and opening(TEXT, POEM * 9) == (POEM * 9)[:200]
    assert readable(MUSIC, CHORALE) == opening(MUSIC, CHORALE) == MUSIC.describe(CHORALE)
    assert [medium.text(c) for medium, c in ((MUSIC, CHORALE), (IMAGE, GREY))] == [None, None]
    assert [medium.edited_as for medium in MEDIA.values()] == [".md", "", "", ""]


def test_units_are_counted_in_words() -> None:
    assert TEXT.names.count(1) == "1 character" and VIDEO.names.count(1200) == "1,200 frames"
    assert [(m.names.one, m.names.work, m.names.shows) for m in (MUSIC, IMAGE)] == [
        ("note", "score", "begins"),
        ("picture", "picture", "shows"),
    ]


def test_changes_are_counted_in_words_notes_and_pixels() -> None:
    assert TEXT.changed("one two three", "one  2 three four") == Change(2, 2, 1, "words")
    assert TEXT.changed("a b", "a b").to_json() == {
        "share": 0.0,
        "unit": "words",
        "kept": 2,
        "added": 0,
        "removed": 0,
    }
    notes = CHORALE.tracks[0].notes
    shorter = Score((Track(notes[1:], "soprano"), *CHORALE.tracks[1:]), title=CHORALE.title)
    assert MUSIC.changed(CHORALE, shorter) == Change(35, 0, 1, "notes")
    spot = GREY.copy()
    spot[:2] = 106  # what a format rounds away
    spot[2:4] = 107
    assert IMAGE.changed(GREY, spot) == Change(48, 16, 16, "pixels")
    assert IMAGE.changed(GREY, GREY[:4]) == Change(0, 32, 64, "pixels")
    assert VIDEO.changed(clip(0, 0), clip(0, 90)) == Change(64, 64, 64, "pixels")
    assert Change(1, 3, 0, "words").share == 0.75 and Change(0, 0, 4, "words").share == 0.0


def test_what_a_format_loses_is_no_change() -> None:
    loud = Score((Track(line([60, 62, 64]), program=11),))
    assert MUSIC.changed(as_written(MUSIC, loud), as_written(MUSIC, as_written(MUSIC, loud))).added == 0
    assert TEXT.changed(as_written(TEXT, POEM), POEM).added == 0
    assert as_written(IMAGE, GREY).tolist() == GREY.tolist()


def test_versions_are_alike_by_what_matches() -> None:
    assert TEXT.likeness("abcd", "abXd") == (0.75, 2) and TEXT.likeness("ab", "ab") == (1.0, 2)
    assert MUSIC.likeness(CHORALE, CHORALE) == (1.0, 36)
    half = GREY.copy()
    half[4:] = 0
    assert IMAGE.likeness(GREY, half) == (0.5, 4)
    assert VIDEO.likeness(clip(1, 2), clip(1)) == (0.5, 8)


@pytest.mark.parametrize(
    ("controls", "kept"),
    [({}, 5), ({"fill": [4, 11]}, 3), ({"fill": [0, 20]}, 0), ({"fill": [5, 6]}, 4)],
)
def test_the_words_of_a_text_that_stay(controls: dict[str, list[int]], kept: int) -> None:
    """A word that the gap cuts is not a given one."""
    given, made = "The gate is shut now", "The gate is shut now, and no one asks why."
    assert TEXT.kept(given, made, controls) == Kept(kept, 10, "words")


@pytest.mark.parametrize(
    ("controls", "kept"),
    [
        ({}, 36),
        ({"keep": [0, 3]}, 18),
        ({"bars": [1, 2]}, 20),
        ({"keep": [0], "bars": [1, 2]}, 24),
        ({"bars": [0, 3]}, 0),
    ],
)
def test_the_notes_of_a_score_that_stay(controls: dict[str, list[int]], kept: int) -> None:
    assert MUSIC.kept(CHORALE, CHORALE, controls) == Kept(kept, 36, "notes")


def test_the_pixels_that_stay() -> None:
    mask = np.zeros((8, 8, 3), np.uint8)
    mask[:, :2] = 255
    assert IMAGE.kept(GREY, GREY, {"mask": mask}) == Kept(48, 64, "pixels")
    assert IMAGE.kept(GREY, GREY, {"region": [0, 0, 50, 50]}) == Kept(48, 64, "pixels")
    assert IMAGE.kept(GREY, GREY, {"strength": 0}) == Kept(64, 64, "pixels")
    assert IMAGE.kept(GREY, GREY, {"strength": 0.4}) is None, "every pixel is moved a little"
    assert VIDEO.kept(clip(1, 2), clip(3, 4), {"region": [0, 0, 100, 50]}) == Kept(64, 128, "pixels")


def test_what_was_given_is_said_in_words() -> None:
    assert TEXT.given_as({}) == MUSIC.given_as({}) == "beginning" and IMAGE.given_as({}) == "picture"
    assert TEXT.given_as({"fill": [3, 9]}) == "text around a gap"
    assert (
        MUSIC.given_as({"keep": [0]}) == "voices" and MUSIC.given_as({"keep": [0], "bars": [0, 1]}) == "bars"
    )
    assert (
        VIDEO.given_as({"mask": {"given": "0"}})
        == IMAGE.given_as({"region": [0, 0, 9, 9]})
        == "picture around a region"
    )


def test_gaps_become_controls() -> None:
    assert TEXT.stays(POEM, {"fill": (2, 10)}, "mine.md") == {"fill": [2, 10]}
    asked = {"voices": ["bass", "1"], "bars": (1, 2)}
    assert MUSIC.stays(CHORALE, asked, "it") == {"keep": [0, 3], "bars": [1, 3]}, "a pickup is bar 0"
    assert MUSIC.stays(CHORALE, {"voices": ["all"]}, "it") == {"keep": [0, 1, 2, 3]}
    assert MUSIC.stays(CHORALE, {"voices": [], "bars": None}, "it") == {}
    assert IMAGE.stays(GREY, {"region": (0, 0, 50, 50), "mask": GREY}, "it")["region"] == [
        0.0,
        0.0,
        50.0,
        50.0,
    ]


@pytest.mark.parametrize(
    ("medium", "content", "asked", "says", "hint"),
    [
        (
            TEXT,
            "abc",
            {"fill": (2, 9)},
            "--fill 2:9 does not lie in it, which has 3 characters.",
            "Give 0:3 or less.",
        ),
        (TEXT, "abc", {"bars": (1, 2)}, "--bars means nothing for text.", "Say --fill START:END."),
        (
            MUSIC,
            CHORALE,
            {"bars": (2, 3)},
            "--bars 2:3 does not lie in it, which has 2 bars.",
            "Give 1:2 or less.",
        ),
        (
            MUSIC,
            CHORALE,
            {"voices": ["oboe"]},
            "it has no voice 'oboe' (it has: 1 soprano, 2 alto, 3 tenor, 4 bass).",
            "all.",
        ),
        (
            MUSIC,
            CHORALE,
            {"fill": (1, 2)},
            "--fill means nothing for music.",
            "Say --voices NAME or --bars FIRST:LAST.",
        ),
        (
            IMAGE,
            GREY,
            {"region": (60, 0, 40, 9)},
            "The region 60,0,40,9 does not lie in the picture.",
            "percent",
        ),
    ],
)
def test_a_gap_that_is_not_there_is_refused(
    medium: Medium, content: Content, asked: dict[str, Any], says: str, hint: str
) -> None:
    with pytest.raises(TakeError) as refusal:
        medium.stays(content, asked, "it")
    assert refusal.value.message == says and hint in refusal.value.hint


def test_passages_are_quoted_or_drawn() -> None:
    (before, itself, after) = TEXT.excerpt("The gate is shut, the grass is high.", [(4, 8), (9, 11)]).quote
    assert (before, itself, after) == ("The ", "gate is", " shut, the grass is high.")
    assert TEXT.miniature(Excerpt(("", "gate", "")), "a run") is None and TEXT.said("a\nb", 0, 2) == "a\\n"
    shown = MUSIC.excerpt(CHORALE, [(0, 1), (4, 6)])
    assert [pitch for _, pitch, _ in shown.notes] == [67, 69, 62] and shown.quote == ("", "", "")
    assert MUSIC.said(CHORALE, 0, 2) == "G4 D4"
    drawing = MUSIC.drawing(CHORALE, {0: 0.5}, [Marked(7, ((0, 1), (4, 5)))], "Tallis")
    assert drawing is not None and drawing.voices == ("soprano", "alto", "tenor", "bass")
    assert drawing.markup.count('class="vl"') == 2 and ">7</text>" in drawing.markup
    assert "Piano roll: Tallis" in drawing.markup and "50 % from the memory" in drawing.markup
    assert 'aria-label="a run: G4 A4 D4"' in (MUSIC.miniature(shown, "a run") or "")


def test_parts_are_joined() -> None:
    assert TEXT.join("one ", "two") == "one two"
    first, second = MUSIC.cut(CHORALE, 0, 4), MUSIC.cut(CHORALE, 4, 36)
    assert MUSIC.join(first, second).flat() == CHORALE.flat()
    alone = Score((Track(line([60])),))
    assert MUSIC.join(CHORALE, alone) is CHORALE, "their tracks do not fit"


def test_codecs_are_read_by_their_wing() -> None:
    assert TEXT.codecs == ("bpe", "tokenizer") and MUSIC.codecs == ("frames", "events", "tune")
    codec = MUSIC.learn_codec([CHORALE])
    assert MUSIC.codec(codec.to_json()) == codec
    with pytest.raises(ModelError, match="unknown kind: 'bpe'"):
        MUSIC.codec({"kind": "bpe"})


def test_only_pixels_are_enlarged() -> None:
    assert IMAGE.enlarged(GREY, 2, "nearest").shape == (16, 16, 3)
    assert VIDEO.enlarged(clip(5), 4, "lanczos").frames.shape == (1, 32, 32, 3)
    with pytest.raises(WorkError, match="Text has no pixels to enlarge"):
        TEXT.enlarged("a", 2, "lanczos")


def test_only_music_is_heard_and_says_with_what() -> None:
    heard = MUSIC.sound(CHORALE)
    assert heard is not None and heard[:4] == b"RIFF"
    assert TEXT.sound("a") is None and VIDEO.sound(clip(1)) is None
    (tool,) = MUSIC.tools()
    assert tool.name == "soundfont" and "ETUDE_SOUNDFONT" in tool.hint and IMAGE.tools() == ()


def item(name: str, medium: Medium, content: Content) -> sheets.Item:
    return sheets.Item(name, medium, content)


def test_pictures_and_clips_share_a_sheet() -> None:
    items = [item("t-1", IMAGE, GREY), item("t-2", VIDEO, clip(10, 200, 10))]
    assert sheets.formats([IMAGE]) == ("png",) and sheets.formats([IMAGE, VIDEO]) == ("png", "gif")
    drawn = sheets.takes(items, "gif")
    assert drawn.data[:4] == b"GIF8" and drawn.framing.startswith("8 x 8 pixels")
    assert sheets.takes(items, "png").data != sheets.takes(items[:1], "png").data
    with pytest.raises(TakeError, match=r"cannot be written as '\.gif'"):
        sheets.takes(items[:1], "gif")


def test_scores_and_texts_have_sheets_of_their_own() -> None:
    rolls = sheets.takes([item("t-1", MUSIC, CHORALE), item("t-2", MUSIC, scores.CHORALE)], "png", "Two")
    assert rolls.data.startswith(b"\x89PNG") and rolls.framing == "music"
    page = sheets.takes([item("t-1", TEXT, "<b>" + POEM)], "html").data.decode()
    assert "&lt;b&gt;# The Well" in page and "<h1>1 take</h1>" in page and "<small>t-1</small>" in page
    with pytest.raises(TakeError, match="several kinds do not go on one sheet: music, text"):
        sheets.takes([item("t-1", MUSIC, CHORALE), item("t-2", TEXT, POEM)], "png")
    with pytest.raises(TakeError, match="no takes"):
        sheets.takes([], "png")


def test_works_are_shown_framed() -> None:
    square = Framing(16, "pad", "white")
    pictures = sheets.works(IMAGE, [("a", GREY), ("b", GREY)], square, "two")
    clips = sheets.works(VIDEO, [("a", clip(1, 2, 3))], square, "one")
    assert pictures[:4] == clips[:4] == b"\x89PNG" and pictures != clips
    with pytest.raises(TakeError, match="nothing to see of text"):
        sheets.works(TEXT, [("a", POEM)], square, "none")


def test_marks_are_what_near_duplicates_are_found_by() -> None:
    assert (TEXT.marks_kind, IMAGE.marks_kind) == ("shingles", "signature")
    assert IMAGE.marks(GREY).shape == (1, 2, 792) and IMAGE.marks(GREY).dtype == np.float16
    assert VIDEO.marks(picturefiles.moving()).shape[0] >= 2 and MUSIC.marks(CHORALE).dtype == np.uint64
    assert [m.least_part for m in MEDIA.values()] == [400, 400, 24, 400]
