"""The model as a whole: stored and loaded it is the same, and scoring never looks ahead."""

from __future__ import annotations

import json

import numpy as np
import pytest

from etude.errors import ModelError
from etude.families.sequence.model import SequenceModel
from etude.media.contract import Content
from tests.families.sequence import small_models as small

TEXT = "The moon was low above the sea,\nand every bell was still; and we went home.\n"


def content(medium: str) -> Content:
    return TEXT * 3 if medium == "text" else small.tune(77)


@pytest.mark.parametrize("medium", ["text", "music"])
def test_stored_and_loaded_it_scores_the_same(medium: str) -> None:
    model = small.model(medium)
    header, arrays = model.to_arrays()
    again = SequenceModel.from_arrays(
        json.loads(json.dumps(header)), {k: v.copy() for k, v in arrays.items()}
    )
    assert json.dumps(again.to_arrays()[0]) == json.dumps(header)
    for growing in (False, True):
        a, b = model.score(content(medium), growing=growing), again.score(content(medium), growing=growing)
        assert (a.nats == b.nats).all() and (a.memory == b.memory).all() and (a.tokens == b.tokens).all()
    assert again.conditions == model.conditions and again.memory.segments == model.memory.segments


@pytest.mark.parametrize("part", ["codec", "net", "gate.w1", "memory.tokens"])
def test_a_model_that_lacks_a_part_is_named_so(part: str) -> None:
    header, arrays = small.model("text").to_arrays()
    with pytest.raises(ModelError, match=part):
        SequenceModel.from_arrays(
            {k: v for k, v in header.items() if k != part}, {k: v for k, v in arrays.items() if k != part}
        )


@pytest.mark.parametrize("growing", [False, True])
def test_the_first_half_costs_the_same_whatever_follows(growing: bool) -> None:
    """Nothing of the text seen before it is scored. Longer than two windows, so that the window slides."""
    model = small.model("text")
    path = small.poem_parts()[3].content
    first = (path * 2)[:2400]
    cut = (
        len(model.codec.encode(first).tokens) - 6
    )  # the last tokens may be written otherwise, depending on what follows
    assert cut > 2 * model.network.context
    ends = ["", path[::-1], "x" * 500, first]
    nats = []
    for end in ends:
        e = model.codec.encode(first + end)
        assert (e.tokens[:cut] == model.codec.encode(first).tokens[:cut]).all()
        nats.append(model.score(first + end, growing=growing).nats[:cut])
    for other in nats[1:]:
        assert np.abs(other - nats[0]).max() < 1e-3


def test_music_too() -> None:
    model = small.model("music")
    a, b = small.tune(77), small.tune(78)
    e = model.codec.encode(a)
    half = len(e.tokens) // 2
    mixed = type(e)(e.tokens.copy(), e.side, e.scored, e.offsets)
    mixed.tokens[half:] = model.codec.encode(b).tokens[half : len(e.tokens)]
    assert (mixed.tokens[half:] != e.tokens[half:]).any()
    for grow in (False, True):
        x, y = (model.read(n, model.condition_row(), grow=grow)[0] for n in (e, mixed))
        assert np.abs(x[:half] - y[:half]).max() < 1e-4
        assert np.abs(x[half:] - y[half:]).max() > 0.1


def test_growing_learns_from_the_text_and_frozen_does_not() -> None:
    model = small.model("text")
    strange = "Zquorf blimnik vash trundelgast, ooph ekkem wrozz! " * 8
    frozen, growing = model.score(strange, growing=False), model.score(strange, growing=True)
    n = len(frozen.nats) // 4
    assert np.abs(frozen.nats[:5] - growing.nats[:5]).max() < 2.0
    assert growing.nats[-n:].sum() < 0.5 * frozen.nats[-n:].sum()
    assert growing.memory[-n:].mean() > 0.5
    again = model.score(strange, growing=False)
    assert (again.nats == frozen.nats).all()  # reading with growth left nothing behind in the model


def test_what_is_not_scored_costs_nothing() -> None:
    for medium in ("text", "music"):
        scored = small.model(medium).score(content(medium), growing=True)
        assert (scored.nats[~scored.scored] == 0).all() and (scored.nats[scored.scored] > 0).any()
        assert not scored.scored[0]


def test_learned_text_is_cheaper_than_unseen_and_unseen_cheaper_than_noise() -> None:
    model = small.model("text")
    known, unseen = small.poem_parts()[0].content[:1500], small.poem_parts()[3].content[:1500]
    noise = "".join(np.random.default_rng(0).permutation(list(unseen)))
    costs = [model.score(x, growing=False).nats.sum() for x in (known, unseen, noise)]
    assert costs[0] < 0.75 * costs[1] < costs[1] < 0.8 * costs[2]


def test_conditions_change_the_network_and_unknown_ones_are_refused_by_name() -> None:
    model = small.model("text")
    makers = model.conditions[0].values
    a, b = (model.score(TEXT, growing=False, conditions={"maker": m}).nats for m in makers[:2])
    assert (a != b).any()
    with pytest.raises(ModelError, match="maker='Nobody'") as caught:
        model.condition_row({"maker": "Nobody"})
    assert makers[0] in caught.value.hint
    with pytest.raises(ModelError, match="colour") as caught:
        model.condition_row({"colour": "red"})
    assert "maker" in caught.value.hint and "period" in caught.value.hint
