"""Making pictures: same recipe, same bytes; what is kept stays; loops close."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import ModelError, TakeError
from etude.families.pictures import imagenet
from etude.families.pictures.make import loops, ranking
from etude.families.pictures.make.noise_of_takes import one_pass
from etude.families.pictures.make.request import Loop, PictureRequest
from etude.families.pictures.make.sampling import make
from etude.families.pictures.velocity_net import FlowConfig
from tests.families.pictures.small_pictures import SMALL, drawing, small_model

MODEL = small_model()
CLIPS = small_model(FlowConfig(16, 3, 2, (16, 32), frames=4, condition_sizes=(3,)), one_pass=False)


def one(**asked: object) -> np.ndarray:
    return make(MODEL, PictureRequest(n=1, **asked))[0].frames  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "asked", [{}, {"steps": 3}, {"steps": 3, "guidance": 2.0, "conditions": {"maker": "Bo"}}]
)
def test_a_take_does_not_depend_on_its_neighbours(asked: dict[str, object]) -> None:
    many = make(MODEL, PictureRequest(n=5, seed=7, **asked))  # type: ignore[arg-type]
    alone = make(MODEL, PictureRequest(n=1, seed=7, first_index=3, **asked))[0]  # type: ignore[arg-type]
    assert alone.index == many[3].index == 3 and np.array_equal(alone.frames, many[3].frames)
    assert not np.array_equal(many[0].frames, many[1].frames)
    assert not np.array_equal(many[0].frames, one(seed=8, **asked))


def test_chosen_takes_are_the_ones_their_index_makes_again() -> None:
    kept = make(MODEL, PictureRequest(n=3, seed=2, choose=4))
    assert len(kept) == 3 and [k.index for k in kept] == sorted({k.index for k in kept})
    for take in kept:
        assert np.array_equal(take.frames, one(seed=2, first_index=take.index))


def test_choosing_prefers_what_differs() -> None:
    x = torch.zeros(6, 1, 3, 16, 16)
    x[3] = 1.0
    x[4] = -1.0
    kept = ranking.chosen(x, None, 3)
    assert {3, 4} <= set(kept)
    assert 4 not in ranking.chosen(
        x, np.array([0.0, 1.0, 2.0, 9.0, -9.0, 0.5]), 2
    )  # what the critic likes least is left


def test_strength_goes_from_nothing_to_everything() -> None:
    start = drawing(16, 3)
    assert np.array_equal(one(start=start, strength=0.0), start)
    distances = [
        float(np.abs(one(start=start, strength=s, steps=6, eta=0.0).astype(int) - start).mean())
        for s in (0.2, 0.6, 1.0)
    ]
    assert 0 < distances[0] < distances[1] < distances[2]


def test_what_is_kept_stays_to_the_pixel() -> None:
    start = drawing(16, 3)
    keep = np.ones((16, 16), bool)
    keep[4:12, 4:12] = False
    filled = one(start=start, keep=keep, steps=6)
    assert np.array_equal(filled[0][keep], start[0][keep])
    assert not np.array_equal(filled[0][~keep], start[0][~keep])


def test_variations_lie_between_the_picture_and_another() -> None:
    start = one(seed=1, steps=12)
    near, far = (
        float(np.abs(one(start=start, vary=v, steps=12, seed=5).astype(int) - start).mean())
        for v in (0.1, 0.9)
    )
    assert near < far
    still = one(start=start, vary=0.0, steps=12, seed=5)
    assert float(np.abs(still.astype(int) - start).mean()) < 6  # there and back again


def test_a_mixture_of_one_parent_is_that_parent() -> None:
    a, b = one(seed=1, steps=12), one(seed=2, steps=12)
    mixed = make(MODEL, PictureRequest(n=1, parents=(a, b), shares=(1.0, 0.0), steps=12))[0].frames
    assert float(np.abs(mixed.astype(int) - a).mean()) < 6
    half = make(MODEL, PictureRequest(n=2, parents=(a, b), steps=12))
    assert not np.array_equal(half[0].frames, half[1].frames)
    bred = make(MODEL, PictureRequest(n=2, parents=(a, b), breed=True, steps=12))
    assert not np.array_equal(bred[0].frames, bred[1].frames)


def test_a_series_leads_from_the_first_picture_past_the_second_to_the_last_in_even_steps() -> None:
    a, b, c = (one(seed=seed, steps=12).astype(int) for seed in (1, 2, 3))
    asked = PictureRequest(n=9, parents=tuple(x.astype(np.uint8) for x in (a, b, c)), series=9, steps=12)
    way = [take.frames.astype(int) for take in make(MODEL, asked)]
    for k, parent in ((0, a), (4, b), (8, c)):
        far = [float(np.abs(x - parent).mean()) for x in way]
        assert far[k] == min(far) and far[k] < 6
    steps = np.array([np.abs(y - x).mean() for x, y in pairwise(way)])
    assert steps.min() > 0 and steps.max() < 4 * np.median(steps)
    assert np.array_equal(make(MODEL, replace(asked, n=1, first_index=5))[0].frames, way[5])
    for wrong in (
        replace(asked, n=2, first_index=8),
        replace(asked, parents=asked.parents[:1]),
        replace(asked, series=1, n=1),
    ):
        with pytest.raises(TakeError, match="two or more"):
            make(MODEL, wrong)


def test_a_slider_moves_a_take_more_the_further_it_goes() -> None:
    plain = one(seed=1).astype(int)
    little, much = (float(np.abs(one(seed=1, slide={0: a}) - plain).mean()) for a in (0.5, 3.0))
    assert 0 < little < much
    there, back = (one(seed=1, slide={0: a}).astype(int)[..., 0].mean() for a in (2.0, -2.0))
    assert there > plain[..., 0].mean() > back  # the first of these sliders is more red
    with pytest.raises(TakeError, match="4 sliders"):
        one(slide={9: 1.0})


@settings(max_examples=12)
@given(st.integers(0, 1000), st.integers(1, 4), st.floats(0, 1))
def test_every_point_of_a_closed_path_is_noise_of_variance_one(seed: int, waves: int, calm: float) -> None:
    z = loops.path(MODEL, PictureRequest(seed=seed, loop=Loop(32, 8.0, waves, calm)), (0,), 0)
    assert abs(float(z.var()) - 1.0) < 0.15 and z.shape == (32, 1, 3, 16, 16)
    steps = (z - z.roll(1, 0)).flatten(1).norm(dim=1)
    assert float(steps.max()) < 3.0 * float(steps.median())


@pytest.mark.parametrize("parents", [(), (drawing(16, 1), drawing(16, 2), drawing(16, 3))])
def test_the_seam_of_a_loop_is_no_larger_than_the_usual_step(parents: tuple[np.ndarray, ...]) -> None:
    made = make(
        MODEL, PictureRequest(n=2, seed=4, loop=Loop(24, 12.0), parents=parents, steps=3 if parents else None)
    )
    for clip in made:
        x = clip.frames.astype(float)
        steps = np.abs(np.diff(x, axis=0)).mean((1, 2, 3))
        assert np.abs(x[0] - x[-1]).mean() <= np.median(steps) + 1e-9
        assert clip.rate == 12.0 and len(clip.frames) == 24 and steps.max() > 0
    assert not np.array_equal(made[0].frames, made[1].frames)


def test_clips_come_out_whole_and_alone_as_in_company() -> None:
    many = make(CLIPS, PictureRequest(n=3, steps=2))
    assert many[0].frames.shape == (4, 16, 16, 3) and many[0].rate == 8.0
    assert np.array_equal(make(CLIPS, PictureRequest(n=1, first_index=2, steps=2))[0].frames, many[2].frames)
    with pytest.raises(TakeError, match="by itself"):
        make(CLIPS, PictureRequest(n=1, loop=Loop(8, 8.0)))


def test_one_pass_is_made_where_it_is_asked_for() -> None:
    assert one_pass(MODEL, PictureRequest(steps=1)) and not one_pass(MODEL, PictureRequest())
    assert not one_pass(MODEL, PictureRequest(steps=4)) and not one_pass(
        MODEL, PictureRequest(steps=1, start=drawing(16, 1))
    )
    older = small_model()
    older.header = {"one_pass": {"used": True}}  # its takes were made in one pass, and are made again so
    assert one_pass(older, PictureRequest()) and not one_pass(older, PictureRequest(guidance=2.0))
    with pytest.raises(ModelError, match="one-pass"):
        make(small_model(one_pass=False), PictureRequest(n=1, steps=1))


def test_the_refined_generator_leads_where_the_card_says_so() -> None:
    one_pass_start, flow = small_model(), small_model()
    flow.header = {"one_pass": {"leads": False}}
    asked = PictureRequest(n=1, seed=5)

    def same(r: PictureRequest) -> bool:
        return np.array_equal(make(one_pass_start, r)[0].frames, make(flow, r)[0].frames)

    assert not same(asked)
    for other in (
        {"guidance": 2.0},
        {"eta": 1.0},
        {"start": drawing(16, 1)},
        {"loop": Loop(8, 8.0)},
        {"steps": 1},
    ):
        assert same(replace(asked, **other))
    many = make(one_pass_start, PictureRequest(n=9, seed=5))
    assert np.array_equal(make(one_pass_start, replace(asked, first_index=7))[0].frames, many[7].frames)


def test_few_takes_have_the_bits_of_many() -> None:
    """One alone goes through the network two by two, where the machine rounds alike, else sixteen by sixteen:
    nobody can tell."""
    asked = PictureRequest(n=20, seed=3, steps=2)
    many = make(MODEL, asked)
    few = make(MODEL, replace(asked, n=3, first_index=4))
    assert [np.array_equal(a.frames, b.frames) for a, b in zip(few, many[4:7], strict=True)] == [True] * 3
    other = small_model()
    other.few_round_alike = False
    assert np.array_equal(make(other, replace(asked, n=1, first_index=4))[0].frames, many[4].frames)


def test_other_eyes_choose_among_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model()
    model.onlooker = {"weight": np.array([1.0, 0.0]), "mean": np.zeros(2), "deviation": np.ones(2)}
    monkeypatch.setattr(imagenet, "weights_file", lambda: Path("there"))
    monkeypatch.setattr(
        imagenet,
        "features",
        lambda x: torch.stack([x[:, 0].mean((1, 2)), x[:, 1].mean((1, 2))], 1).double().numpy(),
    )
    drafts = make(model, PictureRequest(n=8, seed=2))
    assert all(one.critic is None for one in drafts)  # nothing is chosen, so nobody looks
    red = np.array([one.frames[..., 0].mean() for one in drafts])
    kept = make(model, PictureRequest(n=4, seed=2, choose=2))
    assert {one.index for one in kept} == set(np.argsort(-red)[:4])
    assert [one.critic for one in kept] == pytest.approx(
        [one.frames[..., 0].mean() / 127.5 - 1 for one in kept], abs=0.01
    )
    monkeypatch.setattr(imagenet, "weights_file", lambda: None)
    assert all(
        one.critic is None for one in make(model, PictureRequest(n=2, seed=2, choose=2))
    )  # takes can still be made


def test_what_makes_no_sense_is_refused() -> None:
    wrong: list[dict[str, Any]] = [{"n": 0}, {"steps": 0}, {"steps": 999}]
    for asked in wrong:
        with pytest.raises(TakeError):
            make(MODEL, replace(PictureRequest(), **asked))
    with pytest.raises(ModelError):
        make(MODEL, PictureRequest(conditions={"maker": "Cy"}))


def test_transparency_comes_out_as_it_went_in() -> None:
    clear = small_model(FlowConfig(16, 4, 2, (16, 32)))
    frames = make(clear, PictureRequest(n=1))[0].frames
    assert frames.shape[-1] == 4 and not frames[frames[..., 3] == 0].any()
    assert SMALL.channels == 3


def test_takes_of_nobody_in_particular_say_what_they_were_made_as() -> None:
    drawn = small_model()
    drawn.manners = np.array([[1, 500], [2, 500]])
    made = make(drawn, PictureRequest(n=12, seed=5, steps=2))
    assert {take.manner["maker"] for take in made} == {"Ada", "Bo"}
    for take in made[:3]:
        alone = make(drawn, PictureRequest(n=1, seed=5, first_index=take.index, steps=2))[0]
        assert alone.manner == take.manner and np.array_equal(alone.frames, take.frames)
        named = make(
            drawn, PictureRequest(n=1, seed=5, first_index=take.index, steps=2, conditions=take.manner)
        )[0]
        assert np.array_equal(named.frames, take.frames)
    assert all(
        take.manner == {"maker": "Bo"}
        for take in make(drawn, PictureRequest(n=4, conditions={"maker": "Bo"}))
    )
    assert (
        make(drawn, PictureRequest(n=1, start=drawing(16, 1)))[0].manner == {}
    )  # a picture is begun with: nothing is drawn


def test_new_noise_at_each_step_is_a_choice() -> None:
    usual, none, half = one(seed=3, steps=3), one(seed=3, steps=3, eta=0.0), one(seed=3, steps=3, eta=0.5)
    assert not np.array_equal(usual, none) and not np.array_equal(usual, half)
    alone = replace(PictureRequest(n=1, seed=3, steps=3), eta=1.0)
    assert not np.array_equal(
        usual, make(MODEL, alone)[0].frames
    )  # said in so many words it is the flow alone
    flow = small_model(one_pass=False)
    assert np.array_equal(make(flow, replace(alone, eta=None))[0].frames, make(flow, alone)[0].frames)


def test_loops_with_new_noise_close_too() -> None:
    loop = make(MODEL, PictureRequest(n=1, seed=1, steps=2, eta=1.0, loop=Loop(20, 10.0)))[0].frames.astype(
        float
    )
    steps = np.abs(loop - np.roll(loop, 1, 0)).mean((1, 2, 3))  # the first: from the last frame
    assert 0 < steps[0] <= np.median(steps)
