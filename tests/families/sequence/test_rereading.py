"""A take read again as it was met: what a person gave is not counted as drawn."""

from __future__ import annotations

import numpy as np

from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from tests.families.sequence import small_models as small


def test_what_was_given_of_a_text_is_not_scored() -> None:
    model = small.model("text")
    start = "I left the kettle on the stove\nand walked into the snow;\n"
    ask = MakeRequest(n=2, units=120, start=start)
    for take in make(model, ask):
        e = model.codec.reread(take.content, ask.start, ask.stays)
        assert e is not None
        assert not e.scored[e.offsets[1:] <= len(start)].any()
        drawn = e.scored & (e.tokens != model.codec.eos)
        assert drawn.any() and e.offsets[:-1][drawn].min() >= len(start) - 1
    assert model.codec.reread("something else", ask.start) is None


def test_what_stands_on_both_sides_of_a_gap_is_not_scored() -> None:
    model = small.model("text")
    whole = "The woods are dark. " * 6
    ask = MakeRequest(n=1, start=whole, stays={"fill": [40, 60]})
    (take,) = make(model, ask)
    e = model.codec.reread(take.content, ask.start, ask.stays)
    assert e is not None
    end = len(take.content) - (len(whole) - 60)
    covered = e.offsets[1:] > e.offsets[:-1]
    assert not e.scored[covered & (e.offsets[1:] <= 40)].any()
    assert not e.scored[covered & (e.offsets[:-1] >= end)].any()
    assert e.scored[covered & (e.offsets[:-1] >= 40) & (e.offsets[1:] <= end)].all()


def test_a_voice_that_was_given_is_not_scored_and_was_known_when_the_others_were_drawn() -> None:
    model = small.model("music")
    piece = small.tune(99)
    ask = MakeRequest(n=1, seed=3, start=piece, stays={"keep": [0]})
    (take,) = make(model, ask)
    e = model.codec.reread(take.content, ask.start, ask.stays)
    assert e is not None
    plain = model.codec.encode(take.content)
    assert plain.scored.sum() > e.scored.sum() > 0
    assert (e.side != plain.side).any()
    nats, _, _ = model.read(e, model.condition_row({}), grow=False)
    made = np.array(take.nats)
    again = nats[e.scored]
    assert (
        len(again) == len(made) or abs(len(again) - len(made)) <= 1
    )  # the end of the piece may be drawn or given
    n = min(
        len(made), len(again)
    )  # while making, what is not allowed was ruled out, so the costs are near but not the same
    assert np.corrcoef(again[:n], made[:n])[0, 1] > 0.9
