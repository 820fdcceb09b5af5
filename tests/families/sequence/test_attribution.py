"""Places found in the sorted history are those that reading the collection through finds."""

from __future__ import annotations

import numpy as np
import pytest

from etude.errors import ModelError
from etude.families.sequence import attribution, context_index
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.records import Scored
from tests.families.sequence import small_models as small

PIECES = (
    small.poem_parts()[0].content[:1500],
    small.poem_parts()[3].content[700:1200].upper() + " — naïve “words” \x00 月",
    "The moon was low above the sea; and every bell was still.\n\nThe moon",
    "e",
)


def both(
    model: SequenceModel, piece: object, monkeypatch: pytest.MonkeyPatch, growing: bool = False
) -> tuple[Scored, Scored]:
    fast = model.score(piece, growing=growing, with_places=True)
    with monkeypatch.context() as m:
        m.setitem(model.memory.__dict__, "index", None)
        return fast, model.score(piece, growing=growing, with_places=True)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("growing", [False, True])
def test_the_sorted_history_gives_what_reading_through_gives(
    piece: str, growing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "LEAST", 1e-6)  # so that weak and short contexts are looked up too
    monkeypatch.setattr(context_index, "COMMON", 1 << 30)
    fast, slow = both(small.model("text"), piece, monkeypatch, growing)
    assert fast.places == slow.places
    np.testing.assert_array_equal(fast.rest, slow.rest)
    assert len(piece) < 50 or sum(map(len, fast.places)) > 100


def test_shares_of_network_places_and_rest_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for medium, piece in (("text", PIECES[0]), ("music", small.tune_parts()[0].content)):
        found = small.model(medium).score(piece, growing=False, with_places=True)
        shares = np.array([sum(p.share for p in one) for one in found.places])
        np.testing.assert_allclose(shares + found.rest, found.memory, atol=1e-9)
        assert (found.memory <= 1 + 1e-6).all() and (found.rest >= 0).all() and shares.max() > 0.3


def test_every_place_holds_what_came() -> None:
    model = small.model("text")
    parts = [p for p in small.poem_parts() if p.role != "held-out"]
    found = model.score(PIECES[0], growing=False, with_places=True)
    for t, one in enumerate(found.places):
        for p in one:
            came = PIECES[0][found.offsets[t] : found.offsets[t + 1]]
            (part,) = (
                x for x in parts if x.work_id == p.work_id and x.start <= p.start < x.start + len(x.content)
            )
            there = part.content[p.start - part.start : p.end - part.start]
            assert (
                p.share < 0.9 or there == came
            )  # a weaker place may have given some of a token's symbols only


def test_music_is_read_through_and_a_damaged_index_refused() -> None:
    assert small.model("music").memory.index is None
    memory = small.model("text").memory
    index = memory.index
    assert index is not None
    text = index.text.tobytes()
    shown = [text[i : i + 40] for i in index.order[::97].tolist()]
    assert shown == sorted(shown)
    arrays = index._asdict()
    memory.use_index(arrays)
    assert memory.index is not None and memory.index.order is arrays["order"]
    with pytest.raises(ModelError, match="symbols"):
        memory.use_index({**arrays, "text": index.text[:-5]})
    with pytest.raises(ModelError, match="first"):
        memory.use_index({k: v for k, v in arrays.items() if k != "first"})
