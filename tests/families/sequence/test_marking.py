"""Takes bear a mark that is found again, the same bytes whatever is made beside them, and none where there is
no key: models from before make what they made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from etude.config.trust import MARKS
from etude.families import FAMILIES
from etude.families.sequence import marking
from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from etude.media import sequence
from etude.stats import watermark
from tests.families.sequence import small_models as small

KEY = "00112233445566778899aabbccddeeff"
FAMILY = FAMILIES["sequence"]
USUAL = {"text": 900, "music": 200}


def asked(medium: str, key: str, n: int = 3, **more: object) -> MakeRequest:
    units = USUAL[medium]
    return MakeRequest(n=n, seed=11, units=units, rank=False, mark=key, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("medium", ["text", "music"])
def test_marked_takes_are_recognised_and_others_are_not(medium: str) -> None:
    model = small.model(medium)
    header = {"medium": medium, "codec": model.codec.to_json(), "mark": {"kind": watermark.KIND, "key": KEY}}
    with_key, without = (
        [FAMILY.marked(header, one.content) for one in make(model, asked(medium, key))] for key in (KEY, "")
    )
    assert all(one is not None and one.p <= MARKS.alpha for one in with_key), with_key
    assert all(one is None or one.p > MARKS.alpha for one in without), without
    other = {**header, "mark": {"kind": watermark.KIND, "key": "ff" * 16}}
    found = FAMILY.marked(other, make(model, asked(medium, KEY))[0].content)
    assert found is not None and found.p > MARKS.alpha


def test_a_marked_take_is_the_same_alone_and_in_company() -> None:
    model = small.model("text")
    together = make(model, asked("text", KEY, n=4))
    alone = make(model, replace(asked("text", KEY, n=1), first_index=2))
    assert alone[0].content == together[2].content
    assert len({one.content for one in together}) == 4


def test_takes_that_go_on_from_the_same_words_part_ways() -> None:
    model, start = small.model("text"), small.poem_parts()[0].content[:120]
    made = make(model, asked("text", KEY, n=4, start=start))
    assert len({one.content[len(start) : len(start) + 60] for one in made}) == 4


def test_a_passage_that_was_edited_is_recognised() -> None:
    model = small.model("text")
    text = str(make(model, asked("text", KEY, n=1))[0].content)
    words = text.split(" ")
    edited = " ".join("so" if i % 12 == 5 else word for i, word in enumerate(words))[: len(text) // 2]
    header = {"medium": "text", "mark": {"kind": watermark.KIND, "key": KEY}}
    found = FAMILY.marked(header, edited)
    assert found is not None and found.p <= MARKS.alpha


def test_a_model_without_a_mark_says_nothing() -> None:
    assert FAMILY.marked({"medium": "text"}, "word " * 200) is None
    assert (
        FAMILY.marked({"medium": "text", "mark": {"kind": "of tomorrow", "key": KEY}}, "word " * 200) is None
    )


def test_a_new_model_has_a_key_that_its_weights_decide() -> None:
    about = small.learned("text").header["mark"]
    assert about["kind"] == watermark.KIND and len(bytes.fromhex(about["key"])) == 16
    assert about != small.learned("music").header["mark"]


def test_what_the_kernel_remembers_is_found_again_after_growing() -> None:
    mark = marking.begun(small.model("text").codec, KEY, 1, 2)
    contexts = np.unique(watermark.contexts(np.arange(3000), 8))
    for k, one in enumerate(contexts.tolist()):
        mark.reserve(1)
        at = one & (len(mark.seen) - 1)
        while mark.seen[at]:
            at = (at + 1) & (len(mark.seen) - 1)
        mark.seen[at] = one
        mark.state[marking.COUNT] = k + 1
    assert set(mark.seen[mark.seen != 0].tolist()) == set(contexts.tolist())
    assert len(mark.seen) >= 2 * len(contexts)


def test_music_can_be_recognised_after_it_was_written_as_midi() -> None:
    model, medium = small.model("music"), sequence("music")
    header = {"medium": "music", "codec": model.codec.to_json(), "mark": {"kind": watermark.KIND, "key": KEY}}
    made = make(model, asked("music", KEY, n=2))
    back = [medium.read(medium.write(one.content, "mid"), suffix=".mid").content for one in made]
    found = [FAMILY.marked(header, one) for one in back]
    assert all(one is not None and one.p <= MARKS.alpha for one in found), found
