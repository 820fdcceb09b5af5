"""Voice: by how far the works moved each word away from the base; and the layer in record, page and
terminal."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

from etude.trace.page.page import render
from etude.trace.page.terminal import lines, plain
from etude.trace.record import from_json
from etude.trace.voice import level, strongest, voice
from tests.trace.sample import text_trace

TEXT = "The gallows, grey\nthe tide."


def scored(moved: dict[str, float]) -> Any:
    """Tokens of three characters and a blank before each word, moved as said by the word they begin."""
    offsets = [0, 3, 7, 11, 12, 17, 21, 26, 27]
    voices = [moved.get(TEXT[a:b].strip(), 0.0) for a, b in pairwise(offsets)]
    return SimpleNamespace(
        offsets=np.array(offsets), voice=np.array(voices), scored=np.ones(len(offsets) - 1, bool)
    )


def test_words_take_the_sum_of_their_tokens() -> None:
    found = voice(scored({"gal": 2.0, "lows": 1.5, ",": -0.5, "tide": -1.25}), TEXT, "Small")
    assert found is not None
    assert [TEXT[w.start : w.end].strip() for w in found.words] == ["The", "gallows,", "grey", "the", "tide."]
    assert [w.nats for w in found.words] == [0.0, 3.0, 0.0, 0.0, -1.25]
    assert found.nats == 1.75
    assert strongest(found, TEXT) == [("gallows", 3.0), ("tide", -1.25)]
    assert [level(x) for x in (-2.0, 0.5, 1.0, 3.0)] == [-1, 0, 1, 2]


def test_what_was_given_does_not_count_and_without_a_base_there_is_none() -> None:
    given = scored({"The": 5.0, "grey": 1.0})
    given.scored[:4] = False
    found = voice(given, TEXT, "Small")
    assert found is not None and found.nats == 1.0 and len(found.words) == 3
    given.voice = None
    assert voice(given, TEXT, "Small") is None


def test_the_layer_is_in_record_page_and_terminal() -> None:
    without = text_trace()
    assert without.voice is None and "voice" not in render(without).split("<main")[1].split("<script")[0]
    found = text_trace(voice=3.25, base="Small <base>")
    assert found.voice is not None and len(found.voice.words) > 10
    assert "What Small <base> itself owes to whom is not known." in found.summary
    assert any(note.startswith("Voice is exact") for note in found.notes)
    again = from_json(found.to_json())
    assert again == found
    old = found.to_json()
    del old["voice"]  # a record from before there was voice
    assert from_json(old).voice is None
    page = render(found)
    assert 'id="voice"' in page and "data-o=" in page and "<base>" not in page
    assert "Words that the works moved farthest (nats)" in plain(found)
    assert any("o" in style.split() for _, style in lines(found))
