"""A fifth medium is one folder and one line: it keeps every promise, and is found by file, by name and by its
codec."""

from __future__ import annotations

import json

import numpy as np
import pytest

from etude.errors import ModelError, TakeError
from etude.media import MEDIA, codec_from_json, for_file, pictorial, register, sequence, sheets
from etude.media.check import CHECKS, SEQUENCE_CHECKS, check_medium
from etude.rng import for_
from tests.media.toy.codec import SIGNS, Beat
from tests.media.toy.medium import MEDIUM


def pattern(seed: int, bars: int) -> Beat:
    """A pattern of chance."""
    picks = for_(seed, "beat").choice(len(SIGNS), 16 * bars, p=[0.5, 0.15, 0.1, 0.1, 0.05, 0.04, 0.03, 0.03])
    return Beat("".join(SIGNS[i] for i in picks), f"Pattern {seed}")


FILES = [(MEDIUM.write(pattern(seed, bars), "beat"), ".beat") for seed, bars in ((1, 8), (2, 3), (3, 1))]


def test_it_keeps_every_promise() -> None:
    with register(MEDIUM):
        found = check_medium(MEDIUM, FILES)
    assert len(found) == len(CHECKS) + len(SEQUENCE_CHECKS)
    assert [check for check in found if not check.ok] == []


def test_it_is_there_while_it_is_registered_and_no_longer() -> None:
    with register(MEDIUM):
        assert [*MEDIA] == ["text", "music", "video", "image", "beat"] and len(MEDIA) == 5
        assert MEDIA["beat"] is MEDIUM and sequence("beat") is MEDIUM
        assert for_file("four.beat", FILES[0][0]) is MEDIUM
        assert codec_from_json(json.loads('{"kind": "beats"}')).medium == "beat"
        with pytest.raises(ValueError, match="already"), register(MEDIUM):
            pass
        with pytest.raises(Exception, match=r"Beat is not learned as pixels"):
            pictorial("beat")
    assert "beat" not in MEDIA and for_file("four.beat", FILES[0][0]) is None
    with pytest.raises(ModelError, match="bpe, tokenizer, frames, events"):
        codec_from_json({"kind": "beats"})


def test_its_takes_stand_on_a_sheet_of_their_own() -> None:
    with register(MEDIUM):
        items = [sheets.Item(f"t-{seed}", MEDIUM, pattern(seed, 2)) for seed in range(5)]
        drawn = sheets.takes(items, "png", "Five")
        assert drawn.data.startswith(b"\x89PNG") and drawn.framing == "beat"
        with pytest.raises(TakeError, match="several kinds"):
            sheets.takes([*items, sheets.Item("t-9", MEDIA["text"], "words")], "png")


def test_the_default_guard_finds_copies_and_cuts_them_off() -> None:
    work, take = pattern(1, 8), pattern(7, 4)
    codec = MEDIUM.learn_codec([])
    guard = MEDIUM.guard([work], 16, codec)
    copied = Beat(take.steps[:32] + work.steps[40:64] + take.steps[32:])
    assert guard.copies(take) == []
    first, *more = guard.copies(copied)
    assert first == (32, 48) and more[-1] == (40, 56)
    left = guard.without(copied)
    assert left.steps == copied.steps[:47] and guard.copies(left) == []
    given = Beat(copied.steps[:56])
    assert guard.copies(copied, given) == [], "what was given is no copy"
    with pytest.raises(TakeError, match="No take was found without a run of 16 steps"):
        guard.without(copied, Beat(copied.steps[:47]))
    assert guard.copies(copied, copied, {"fill": [50, 56]})[0] == (35, 51), (
        "what stands before the gap was given"
    )
    assert np.array_equal(MEDIUM.streams(take)[0].units, np.arange(64))
