"""The conformance suite finds a planted fault in every member of the contract, and none where there is
none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from etude.media import register
from etude.media.check import BY_FAMILY, CHECKS, Subject, complaints
from etude.media.image.medium import Image
from etude.media.values import (
    Change,
    Costs,
    Drawing,
    Excerpt,
    Gap,
    Kept,
    Look,
    Names,
    Reading,
    ReadOption,
    RunWords,
    SheetStyle,
    Sizes,
    Tool,
)
from tests.media import picturefiles
from tests.media.test_toy import FILES, pattern
from tests.media.toy.codec import Beat, BeatCodec, BeatCursor
from tests.media.toy.medium import BeatMedium

BEATS = [pattern(1, 8), pattern(2, 3)]
PICTURE = (picturefiles.saved(picturefiles.drawing(40, 3), "PNG"), ".png")
FILL = BeatMedium.gaps[0]
PROMISES = {check.__name__: check for checks in (CHECKS, *BY_FAMILY.values()) for check in checks}


class Stubborn(BeatCursor):
    """Says another content than its tokens."""

    def content(self, tokens: Any) -> Beat:
        return Beat("k")


class Blind:
    """A guard that finds nothing."""

    n = 16

    def watch(self, tokens: Any, cursor: Any) -> Any:
        return self

    def banned(self) -> Any:
        return None

    def push(self, token: int) -> None:
        pass

    def copies(self, content: Any, given: Any = None, stays: Any = None) -> list[Any]:
        return []

    def without(self, content: Any, given: Any = None, stays: Any = None) -> Any:
        return content


class Eager(Blind):
    """A guard that calls everything a copy, whoever gave it, and forbids a token that does not exist."""

    def copies(self, content: Any, given: Any = None, stays: Any = None) -> list[Any]:
        return [(0, 1)]

    def banned(self) -> Any:
        return [99]


class Short(BeatCodec):
    """A codec whose masks are too short."""


def guard(kind: type) -> dict[str, Any]:
    return {"guard": lambda self, contents, n, codec: kind()}


def with_codec(**members: Any) -> dict[str, Any]:
    made = type("BrokenCodec", (BeatCodec,), members)
    return {"learn_codec": lambda self, contents: made()}


def stream(**fields: Any) -> dict[str, Any]:
    plain = BeatMedium().streams
    return {"streams": lambda self, content: [replace(plain(content)[0], **fields)]}


def counted(*values: Any) -> dict[str, Any]:
    """A member that gives these values one after the other."""
    rest = iter(values * 100)
    return {"weight": lambda self, content: next(rest)}


REREAD = BeatCodec().reread
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("names_and_suffixes_are_in_order", {"names": Names("", "steps", "pattern")}, "not all words"),
    ("names_and_suffixes_are_in_order", {"unit": "notes"}, "the unit 'notes' is not the plural"),
    ("names_and_suffixes_are_in_order", {"family": ""}, "family"),
    ("names_and_suffixes_are_in_order", {"suffixes": (".BEAT",)}, "lower case"),
    ("names_and_suffixes_are_in_order", {"edited_as": ".txt"}, "not among its formats"),
    ("names_and_suffixes_are_in_order", {"scales": (2,)}, "scales"),
    ("names_and_suffixes_are_in_order", {"least_part": 0}, "least_part"),
    ("names_and_suffixes_are_in_order", {"marks_kind": "smell"}, "marks_kind"),
    ("examples_are_recognised", {"sniff": lambda self, data, suffix: False}, "not sniffed"),
    ("files_are_split_into_works", {"split": lambda self, data, suffix: []}, "split into nothing"),
    ("files_are_split_into_works", {"split": lambda self, data, suffix: [data, b"rest"]}, "cannot be read"),
    ("options_of_reading_are_taken", {"read_options": (ReadOption("as is", "h"),)}, "lacks a name"),
    ("options_of_reading_are_taken", {"read_options": (ReadOption("loud", "h"),)}, "--loud is not taken"),
    (
        "options_of_reading_are_taken",
        {
            "read_options": (ReadOption("to", "h"),),
            "read": lambda self, d, suffix, to="x": Reading(Beat(to or "k")),
        },
        "changes the first example",
    ),
    ("stored_contents_come_back", {"store": lambda self, content: b'["k", ""]'}, "changes when stored"),
    ("stored_contents_come_back", {"load": lambda self, data: BEATS[0]}, "damaged stored bytes load"),
    ("written_files_can_be_read", {"write": lambda self, content, fmt: b"# a\nk\n"}, "1 after writing"),
    ("boundaries_ascend_inside", {"boundaries": lambda self, content: [5, 5]}, "do not ascend"),
    ("cuts_cover_the_content", {"cut": lambda self, content, start, end: content}, "the parts have"),
    ("weights_are_whole_numbers", counted(0), "weighs 0"),
    ("weights_are_whole_numbers", counted(1.5), "weighs 1.5"),
    ("weights_are_whole_numbers", counted(3, 4), "then 4"),
    ("marks_repeat_themselves", {"marks": lambda self, content: np.array([2, 1], np.uint64)}, "ascending"),
    ("marks_repeat_themselves", {"marks": lambda self, content: np.array([1.0])}, "float64"),
    ("marks_repeat_themselves", {"marks": lambda self, content: np.random.rand(3)}, "differ between"),
    ("marks_repeat_themselves", {"marks_kind": "signature"}, "a signature is uint64"),
    ("features_are_unit_vectors", {"features": lambda self, content: np.ones(3, np.float32)}, "length 1.7"),
    ("descriptors_are_named_numbers", {"descriptors": lambda self, content: {"x": np.nan}}, "is nan"),
    (
        "descriptors_are_named_numbers",
        {"descriptors": lambda self, content: {"x": np.random.rand()}},
        "two calls",
    ),
    ("hostile_bytes_are_refused_politely", {"read": lambda self, data, suffix: data[4]}, "IndexError"),
    ("descriptions_and_places_are_one_line", {"describe": lambda self, content: "a\nb"}, "not one line"),
    ("descriptions_and_places_are_one_line", {"place": lambda self, content, at: ""}, "not one line"),
    ("titles_and_texts_are_words", {"title": lambda self, content: "a\nb"}, "not one line"),
    (
        "titles_and_texts_are_words",
        {"text": lambda self, content: "words"},
        "has a text, and is edited as ''",
    ),
    ("titles_and_texts_are_words", {"edited_as": ".beat"}, "has no text"),
    ("previews_are_made", {"previews": lambda self, content: {"png": lambda: b"x"}}, "not suffixes"),
    ("previews_are_made", {"previews": lambda self, content: {".png": lambda: b""}}, "is empty"),
    ("sounds_are_wav", {"sound": lambda self, content: b"OggS" * 4}, "no WAV"),
    (
        "sheets_can_be_drawn",
        {"look": lambda self, content: Look(np.zeros((2, 2, 3), np.uint8))},
        "looks like",
    ),
    ("sheets_can_be_drawn", {"look": lambda self, content: None}, "no look"),
    (
        "sheets_can_be_drawn",
        {"look": lambda self, content: None, "sheet": SheetStyle("a", ("html",), 9)},
        "no look",
    ),
    ("sheets_can_be_drawn", {"sheet": SheetStyle("a", ())}, "no formats"),
    ("enlarging_keeps_to_its_scales", {"enlarged": lambda self, content, times, how: content}, "not refused"),
    (
        "enlarging_keeps_to_its_scales",
        {"enlarged": lambda self, content, times, how: BEATS[1]},
        "another content",
    ),
    ("a_label_is_seen", {"labelled": lambda self, content, words: content}, "is the same content"),
    ("tools_say_how_to_get_them", {"tools": lambda self: (Tool("drum", "", "no sound", ""),)}, "too little"),
    ("likenesses_are_shares", {"likeness": lambda self, a, b: (0.5, 0)}, "like itself by 0.5"),
    ("likenesses_are_shares", {"likeness": lambda self, a, b: (1.0, 0)}, "alike by 1.0"),
    ("changes_add_up", {"changed": lambda self, a, b: Change(1, 1, 0, "steps")}, "beside itself"),
    (
        "changes_add_up",
        {"changed": lambda self, a, b: Change(len(a.steps), 0, 0, "steps")},
        "is of 128 and 48",
    ),
    ("changes_add_up", {"changed": lambda self, a, b: Change(len(b.steps), 0, 0, "")}, "beside itself"),
    ("gaps_keep_what_they_say", {"gaps": (FILL, FILL)}, "one option"),
    ("gaps_keep_what_they_say", {"gaps": (replace(FILL, help=""),)}, "lacks words"),
    ("gaps_keep_what_they_say", {"part": lambda self, content, gap, value, called: (1, 1)}, "not JSON"),
    ("gaps_keep_what_they_say", {"part": lambda self, content, gap, value, called: [1, 1]}, "is taken"),
    ("gaps_keep_what_they_say", {"check_options": lambda self, asked: None}, "does not have is taken"),
    ("gaps_keep_what_they_say", {"given_as": lambda self, controls: "beginning"}, "is given as 'beginning'"),
    ("gaps_keep_what_they_say", {"given_as": lambda self, controls: ""}, "says nothing"),
    (
        "gaps_keep_what_they_say",
        {"stays": lambda self, content, asked, called: {"fill": [0, 1]}},
        "nothing asked",
    ),
    (
        "gaps_keep_what_they_say",
        {"kept": lambda self, given, made, controls: Kept(3, 2, "steps")},
        "is kept of",
    ),
    (
        "gaps_keep_what_they_say",
        {"kept": lambda self, given, made, controls: Kept(1, 128, "steps")},
        "a beginning keeps",
    ),
    ("vocabulary_is_in_order", with_codec(eos=8), "do not fit"),
    ("vocabulary_is_in_order", with_codec(views=()), "views are missing"),
    ("encoding_fits_its_arrays", with_codec(side_sizes=(3,)), "out of range"),
    ("decoding_undoes_encoding", with_codec(decode=lambda self, tokens: BEATS[1]), "become"),
    ("a_codec_survives_json", with_codec(to_json=lambda self: {"kind": "bpe"}), "cannot be read"),
    ("a_codec_survives_json", {"codec": lambda self, data: BeatCodec()}, "unknown kind"),
    (
        "copies_and_variations_are_sound",
        with_codec(copies=lambda self, c: [self.encode(BEATS[1])]),
        "first copy",
    ),
    ("cursors_follow_an_encoding", with_codec(side_sizes=(99,), encode=lambda self, c: _late(c)), "side"),
    (
        "cursors_come_to_an_end",
        with_codec(cursor=lambda self, **k: Stubborn(self, k["units"], [])),
        "decode to",
    ),
    (
        "cursors_keep_what_is_given",
        with_codec(cursor=lambda self, **k: BeatCursor(self, k["units"], [])),
        "forced",
    ),
    ("gaps_are_filled_around_what_stays", with_codec(sees_ahead=True), "read again"),
    (
        "a_forked_cursor_goes_its_own_way",
        with_codec(cursor=lambda self, **k: _Shared(self, None, [])),
        "lost its way",
    ),
    ("costs_are_stated", with_codec(costs=Costs("nats", 1.0, "steps", "steps")), "costs"),
    ("costs_are_stated", with_codec(costs=Costs("nats/step", 0.0, "steps", "steps")), "costs"),
    ("costs_are_stated", with_codec(stride=0), "a stride of 0"),
    ("memories_are_recalled", with_codec(recall=lambda self, tokens, side: BEATS[1]), "other tokens"),
    ("memories_are_recalled", with_codec(decode=lambda self, tokens: BEATS[1]), "called exact"),
    (
        "walkers_know_the_side_inputs",
        with_codec(walker=lambda self, content: _Lost(self, None, [])),
        "walker says",
    ),
    (
        "takes_are_read_again",
        with_codec(reread=lambda self, c, given=None, stays=None: None),
        "it is refused",
    ),
    (
        "takes_are_read_again",
        with_codec(reread=lambda self, c, given=None, stays=None: self.encode(c)),
        "count",
    ),
    (
        "takes_are_read_again",
        with_codec(reread=lambda self, c, given=None, stays=None: REREAD(c, c if given else None)),
        "goes on",
    ),
    (
        "windows_begin_inside",
        with_codec(window_starts=lambda self, side: np.array([5, 3])),
        "does not ascend",
    ),
    (
        "windows_begin_inside",
        with_codec(window_starts=lambda self, side: np.array([999])),
        "does not ascend inside",
    ),
    ("sizes_make_sense", {"sizes": Sizes(0, 1, 1)}, "least=0"),
    ("sizes_make_sense", {"sizes": Sizes(1, 10, 1, 5)}, "longest_start=5"),
    ("parts_are_joined_again", {"join": lambda self, first, second: first}, "when cut"),
    ("guards_find_copies", guard(Blind), "not found as a copy"),
    ("guards_find_copies", guard(Blind), "against runs of 1"),
    ("guards_find_copies", guard(Eager), "given as a whole"),
    ("guards_find_copies", guard(Eager), "still holds copies"),
    ("guards_find_copies", guard(Eager), "neither tokens nor a mask"),
    ("streams_cover_units", {"runs": RunWords("steps", "", 16, "nothing")}, "how=''"),
    ("streams_cover_units", stream(symbols=np.zeros(3, np.int64)), "int64"),
    ("streams_cover_units", stream(starts=np.zeros(3, np.int32)), "3 starts"),
    ("streams_cover_units", stream(ends=np.zeros(128, np.int32)), "or none"),
    ("streams_cover_units", stream(units=np.zeros(128, np.int32)), "do not ascend"),
    ("passages_are_shown", {"excerpt": lambda self, content, ranges: Excerpt()}, "shows nothing"),
    ("passages_are_shown", {"said": lambda self, content, start, end: ""}, "cannot be said"),
    ("passages_are_shown", {"drawing": lambda self, *a: Drawing("<svg/>", "Rows")}, "not both"),
    (
        "passages_are_shown",
        {"drawing": lambda self, *a: Drawing("", "Rows"), "miniature": lambda self, *a: "<svg/>"},
        "no SVG",
    ),
]


def _late(content: Beat) -> Any:
    """An encoding whose places in the bar are one behind."""
    e = BeatCodec().encode(content)
    return replace(e, side=e.side + (np.arange(len(e.tokens)) > 0)[:, None].astype(np.int16))


class _Shared(BeatCursor):
    """A cursor whose twin is itself."""

    def fork(self) -> BeatCursor:
        return self


class _Lost(BeatCursor):
    """A cursor that does not know where it is."""

    def side(self) -> tuple[int, ...]:
        return (3,)


@pytest.mark.parametrize(
    ("promise", "members", "complaint"), FAULTS, ids=[f"{f[0]}-{i}" for i, f in enumerate(FAULTS)]
)
def test_a_planted_fault_is_found_and_named(promise: str, members: dict[str, Any], complaint: str) -> None:
    medium = type("Broken", (BeatMedium,), members)()
    subject = Subject(medium, FILES[:2], BEATS)
    with register(medium):
        found = complaints(PROMISES[promise], subject)
    assert any(complaint in one for one in found), found


PICTURE_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "marks_repeat_themselves",
        {"signature": lambda self, content: np.ones((1, 2, 9), np.float32)},
        "rows of the signature",
    ),
    ("frames_go_out_and_in", {"moves": True}, "of a medium that moves"),
    ("frames_go_out_and_in", {"rate": lambda self, content: 5.0}, "that is still"),
    ("frames_go_out_and_in", {"frames": lambda self, content: content}, "frames are uint8"),
    ("frames_go_out_and_in", {"from_frames": lambda self, frames, rate: 255 - frames[0]}, "an equal content"),
    ("frames_have_a_medium", {"still": "scent"}, "'scent' is no medium"),
    ("frames_have_a_medium", {"name": "sketch"}, "and not to sketch"),
    (
        "the_first_format_is_clean",
        {"write": lambda self, content, fmt: Image().write(255 - content, "png")},
        "changes its pixels",
    ),
    ("gaps_keep_what_they_say", {"part": lambda self, content, gap, value, called: [1.0]}, "ValueError"),
    ("gaps_keep_what_they_say", {"gaps": (Gap("region", "area", "names", "L", "h", "w"),)}, "is taken"),
    ("enlarging_keeps_to_its_scales", {"scales": (1, 3)}, "not enlarged 3 times"),
    ("changes_add_up", {"changed": lambda self, a, b: Change(9, 0, 3, "pixels")}, "beside itself"),
]


@pytest.mark.parametrize(
    ("promise", "members", "complaint"),
    PICTURE_FAULTS,
    ids=[f"{f[0]}-{i}" for i, f in enumerate(PICTURE_FAULTS)],
)
def test_a_planted_fault_of_pictures_is_found_and_named(
    promise: str, members: dict[str, Any], complaint: str
) -> None:
    medium = type("Smudged", (Image,), members)()
    content = Image().read(PICTURE[0], suffix=".png").content
    found = complaints(PROMISES[promise], Subject(medium, [PICTURE], [content]))
    assert any(complaint in one for one in found), found


def test_every_promise_has_a_fault_that_breaks_it() -> None:
    assert {name for name, *_ in (*FAULTS, *PICTURE_FAULTS)} == set(PROMISES)
