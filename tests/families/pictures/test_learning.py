"""Learning pictures: flow, refinement, figures, and what can go wrong."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.config.pictures import EXPLORE, JUDGE, PICTURES, REFINE
from etude.errors import BudgetError, WorkError
from etude.families.conditions import Condition
from etude.families.pictures import random_features
from etude.families.pictures.learn import adversarial, dataset, duel, flow_loss, plan, teacher_pairs
from etude.families.pictures.learn import card as picture_card
from etude.families.pictures.learn import evaluate as judge
from etude.families.pictures.learn import flow_matching as flow
from etude.families.pictures.learn import run as pictures
from etude.families.pictures.learn.dataset import Augment, Order, Room
from etude.families.pictures.learn.refined import Refined
from etude.families.pictures.model import PictureModel, to_float
from etude.families.pictures.velocity_net import FlowNet
from etude.rng import for_
from etude.stats import kernel_distance
from etude.store import checkpoints
from etude.training import checkpoint
from etude.training.budget import Budget, Ledger
from etude.training.learned import Learned
from etude.training.progress import Progress
from tests.families.pictures.small_pictures import (
    SMALL,
    alive,
    drawing,
    request,
    settings,
    shown,
    small_model,
)


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with (
        settings(REFINE, batch=8, pairs=16, pair_steps=2, fixed_takes=8),
        settings(PICTURES, batch=8),
        settings(
            flow, SAMPLE_PASSES=1
        ),  # of sixteen takes at every evaluation: dearer than the steps between
        settings(EXPLORE, slider_rounds=0),
        settings(JUDGE, steps=2, times=2, least_works=6, least_takes=8, takes=16, draws=20),
    ):
        yield


def learn(
    folder: Path, steps: int = 10, stop_at: int | None = None, told: list[Progress] | None = None, **more: Any
) -> Learned:
    seen: list[Progress] = [] if told is None else told

    def counts(p: Progress) -> bool:  # a step, and no takes that are shown on the way
        return p.stage in ("learning", "refining") and not p.takes

    def stop() -> bool:
        return stop_at is not None and sum(map(counts, seen)) >= stop_at

    return pictures.learn(request(folder, steps, **more), seen.append, stop)


def same(a: Learned, b: Learned) -> bool:
    return set(a.arrays) == set(b.arrays) and all(np.array_equal(a.arrays[k], b.arrays[k]) for k in a.arrays)


def test_a_run_gives_a_model_with_its_figures(tmp_path: Path) -> None:
    done = learn(tmp_path)
    model = PictureModel.from_arrays(done.header, done.arrays)
    assert model.one_pass is not None and model.critic_state is not None
    assert done.header["sliders"] == len(done.arrays["sliders"]) == 8
    figures = done.header["figures"]
    assert {"flow loss", "works seen", "kernel distance", "noise floor", "one-pass distance"} <= set(figures)
    near = figures["kernel distance"]["low"] <= JUDGE.far * figures["noise floor"]["high"]
    assert ("coverage" in figures) == near  # of takes that are unlike any work it would mean nothing
    for figure in figures.values():
        assert figure["low"] <= figure["value"] <= figure["high"] and figure["n"] > 0 and figure["unit"]
    assert [c.key for c in model.conditions] == ["maker"]
    assert "Ada" in done.card and "noise floor" in done.card and "one pass" in done.card
    assert set(done.header["works"]["train"]).isdisjoint(done.header["works"]["held-out"])
    assert (tmp_path / checkpoints.NAME).exists()  # the caller forgets it, once the model is saved
    pictures.forget(tmp_path)
    assert not list(tmp_path.rglob(checkpoints.NAME))


def test_learning_learns(tmp_path: Path) -> None:
    with settings(PICTURES, warm_up=5):
        done = learn(tmp_path, 60, refine=False)
    first, last = done.header["curve"][0][2], done.header["curve"][-1][2]
    assert last < 0.9 * first


@pytest.mark.parametrize(
    ("stop_at", "more"),
    [
        (3, {}),
        (8, {}),
        (2, {"steps": 6, "side": 64, "refine": False}),
        (2, {"steps": 6, "frames": 4, "refine": False}),
    ],
)  # in the flow, in the refinement, while it is still small
def test_a_resumed_run_is_the_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int, more: dict[str, Any]
) -> None:
    # A busy machine may find another arithmetic the faster one for the second run.
    monkeypatch.setattr(plan, "speed", lambda *, bfloat16: 1e10)
    whole = learn(tmp_path / "whole", **more)
    half = learn(tmp_path / "halves", stop_at=stop_at, **more)
    model = PictureModel.from_arrays(half.header, half.arrays)
    assert half.ended == "interrupted" and model.framing["side_px"] == model.config.side_px
    still = model.velocity(torch.randn(1, *model.config.shape), 0.5, torch.zeros(1, 1, dtype=torch.long))
    assert float(still.abs().max()) > 0  # usable: it moves something
    rest = learn(tmp_path / "halves", **more)
    assert rest.ended == "budget" and same(whole, rest)


def test_a_refinement_of_an_earlier_version_begins_anew(tmp_path: Path) -> None:
    learn(tmp_path, stop_at=8)
    arrays, about = checkpoint.read(tmp_path / "refine") or ({}, {})
    assert any(key.startswith("critic.heads.") for key in arrays)
    checkpoint.write(
        tmp_path / "refine",
        {k.replace("critic.heads.", "critic.net."): v for k, v in arrays.items()},
        dict(about),
    )
    assert learn(tmp_path).ended == "budget"


def test_a_run_of_time_ends_in_time_and_says_where_it_is(tmp_path: Path) -> None:
    told: list[Progress] = []
    asked = replace(request(tmp_path), budget=Budget(seconds=12.0))
    done = pictures.learn(asked, told.append, lambda: False)
    assert done.ended == "budget" and max(p.spent_s for p in told if p.stage == "learning") <= 12.0
    shares = [p.share for p in told if p.stage == "learning"]
    assert shares == sorted(shares) and shares[-1] > 0.9
    assert done.header["one_pass"] is None  # too short for a refinement, and the card says so
    assert "No critic" in done.card


def test_a_large_side_begins_at_half_of_it(tmp_path: Path) -> None:
    told: list[Progress] = []
    done = learn(tmp_path, 10, refine=False, side=64, told=told)
    assert done.header["net"]["side_px"] == 64
    assert any("64 pixels" in p.message for p in told)


def test_clips_are_learned_too(tmp_path: Path) -> None:
    told: list[Progress] = []
    done = learn(tmp_path, 8, frames=4, told=told)
    assert any("and 4 frames" in p.message for p in told)  # it began with single ones
    model = PictureModel.from_arrays(done.header, done.arrays)
    assert model.config.frames == 4 and model.rate == 8.0
    z = torch.zeros(1, 4, 3, 32, 32)
    assert model.follow(z, torch.zeros(1, 1, dtype=torch.long), steps=1).shape == z.shape


@pytest.mark.parametrize("count", [1, 20])
def test_too_few_works_are_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(WorkError, match="too little to train on"):
        learn(tmp_path, works=shown(count))


def test_works_that_are_all_alike_are_refused(tmp_path: Path) -> None:
    same_picture = [replace(one, frames=drawing(32, 1)) for one in shown()]
    with pytest.raises(WorkError, match="look the same"):
        learn(tmp_path, works=same_picture)


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BudgetError, match="no size"):
        learn(tmp_path, size="huge")
    with pytest.raises(BudgetError, match="too short"):
        pictures.learn(replace(request(tmp_path), budget=Budget(seconds=2.0)), lambda p: None, lambda: False)


def test_a_spoilt_loss_goes_back_to_the_last_good_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = flow_loss.flow_loss, []

    def spoilt(net: FlowNet, *rest: Any) -> torch.Tensor:
        value = real(net, *rest)
        if net.training:
            calls.append(1)
            if len(calls) == 6:
                return value * math.nan
        return value

    monkeypatch.setattr(flow, "flow_loss", spoilt)
    told: list[Progress] = []
    with settings(PICTURES, good_every=2):
        done = learn(tmp_path, 8, refine=False, told=told)
    assert any("last good checkpoint" in p.message for p in told)
    assert all(np.isfinite(v).all() for v in done.arrays.values())


def unseen(monkeypatch: pytest.MonkeyPatch, *losses: float) -> None:
    """Looks at held-out works give these, the last of them for good; the rate stays as it is, so that a
    shorter run is the beginning of a longer one."""
    said = iter(losses)
    monkeypatch.setattr(flow, "held_out_loss", lambda *_: next(said, losses[-1]))
    monkeypatch.setattr(flow, "rate", lambda *_, **__: 0.5)


def test_over_fitting_ends_a_run_with_the_weights_that_foresaw_unseen_works_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen(monkeypatch, 0.5, 0.4, 0.3, 0.35, 0.4, 0.9)
    told: list[Progress] = []
    done = learn(tmp_path / "long", 24, refine=False, told=told)  # an evaluation every other step
    assert (done.ended, done.header["steps"], done.header["best_step"]) == ("no further gain", 10, 6)
    assert any("began to rise" in p.message for p in told) and "those of step 6" in done.card
    unseen(monkeypatch, 0.5)
    short = learn(tmp_path / "short", 6, refine=False)
    assert "those of step" not in short.card
    assert all(np.array_equal(done.arrays[k], short.arrays[k]) for k in short.arrays if k.startswith("flow."))
    unseen(monkeypatch, 0.9)
    again = learn(tmp_path / "long", 48, refine=False)  # with twice the budget there is no more to be had
    assert again.header["steps"] == 10 and same(done, again)


def test_a_run_that_goes_on_knows_its_best_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen(monkeypatch, 0.5, 0.4, 0.3, 0.35, 0.4)
    whole = learn(tmp_path / "whole", 24, refine=False)
    unseen(
        monkeypatch, 0.5, 0.4, 0.3, 0.35
    )  # the fourth is that of the model that is made when it is stopped
    half = learn(tmp_path / "halves", 24, refine=False, stop_at=8)
    assert half.ended == "interrupted" and half.header["best_step"] == 6
    unseen(monkeypatch, 0.4)
    assert same(whole, learn(tmp_path / "halves", 24, refine=False))


def test_a_small_side_that_over_fits_grows_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen(monkeypatch, 0.5, 0.6, 0.7, 0.5, 0.4, 0.3)
    with settings(PICTURES, early_share=0.9):
        done = learn(tmp_path, 24, side=64, refine=False)
    assert done.ended == "budget" and done.header["framing"]["side_px"] == 64
    assert done.header["curve"][0][1] == 8  # of the large side; the small one had looked three times


def test_the_share_of_near_copies_is_that_of_takes_that_a_trace_flags(tmp_path: Path) -> None:
    works = shown(count=180)  # 30 held out
    found = dataset.gather("image", works)
    train = to_float(found.train.pixels)
    figure = judge._copies(found, train[:60], 1, None)
    assert figure is not None and figure["value"] == 1.0 and figure["n"] == 60 and figure["low"] > 0.85
    fresh = dataset.gather("image", shown(count=480)).train.pixels[-60:]
    by_chance = judge._copies(found, to_float(fresh), 1, None)
    assert (
        by_chance is not None
        and by_chance["value"] <= 0.2
        and by_chance["low"] <= by_chance["chance"] == 1 / 31
    )
    assert judge._copies(found, train[:60], 1, time.monotonic() - 1) is None  # no time
    assert (
        judge._copies(dataset.gather("image", shown(count=48)), train[:60], 1, None) is None
    )  # too few held out
    done = learn(tmp_path, refine=False)
    card = picture_card.write(
        {**done.header, "figures": {**done.header["figures"], "near copies": figure}}, found
    )
    assert "near-copies more often than chance" in card and "share of takes (0.032 by chance)" in card
    assert "more often than chance" not in picture_card.write(
        {**done.header, "figures": {"near copies": by_chance}}, found
    )
    assert "Near-copies were not counted: too few works are held out" in done.card
    unmeasured = {**done.header, "figures": {}, "works": {**done.header["works"], "held-out": ["w"] * 20}}
    assert "Near-copies were not counted: there was no time" in picture_card.write(unmeasured, found)
    untested = "Whether takes follow a sketch (--from) was not tested: "
    assert f"{untested}there was no time" in picture_card.write(unmeasured, found)
    assert ("following" in done.header["figures"]) is (untested not in done.card)


def test_a_long_run_looks_early() -> None:
    assert flow._evaluation_times(600.0, None)[0] == 600 / 12 / 600  # of ten minutes nothing more
    assert (
        flow._evaluation_times(8 * 3600.0, 100)
        == flow._evaluation_times(None, 100)
        == flow._evaluation_times(600.0, None)
    )  # a hundred steps are soon over
    night = [8 * 3600 * share for share in flow._evaluation_times(8 * 3600.0, None)]
    assert 45 <= night[0] < 90 and night[1] == pytest.approx(2 * night[0])
    assert night[-12:] == pytest.approx([8 * 3600 * i / 12 for i in range(1, 13)])
    assert flow._evaluation_times(None, 24)[0] == 1 / 12
    assert flow._evaluation_times(None, 40_000)[0] * 40_000 >= 500


def test_a_loss_that_is_always_spoilt_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        flow, "flow_loss", lambda net, *rest: sum(p.sum() for p in net.parameters()) * math.nan
    )
    with pytest.raises(BudgetError, match=r"The loss became NaN \d+ times"):
        learn(tmp_path, 8, refine=False)


def test_takes_that_become_alike_end_the_refinement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        duel, "_spread", lambda x: 1.0 if len(x) > 8 else 0.1
    )  # of works, and of takes from fixed noise
    told: list[Progress] = []
    with settings(REFINE, look_steps=1, most_turns=2):
        done = learn(tmp_path, 20, told=told)
    assert done.header["refining"]["ended"] == "collapsed" and done.header["refining"]["turned_back"] == 3
    assert not done.header["one_pass"]["used"]
    assert sum("became alike" in p.message for p in told) == 3


@pytest.mark.parametrize("spoilt", ["generator", "critic"])
def test_a_refinement_that_is_spoilt_goes_back_to_the_last_good_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    real, calls = duel._Duel.step, []

    def once(duel: duel._Duel, step: int, share: float) -> duel._Step:
        found = real(duel, step, share)
        if found.lead != 0.0:  # the critic has a word
            calls.append(step)
        if len(calls) == 3:
            for p in getattr(duel, spoilt).parameters():
                p.data.mul_(math.nan)
            duel._average(step)
        return found

    monkeypatch.setattr(duel._Duel, "step", once)
    monkeypatch.setattr(
        duel, "_spread", lambda x: 1.0 + 0.0 * float(x.sum())
    )  # takes of a few steps are alike anyway
    told: list[Progress] = []
    with settings(REFINE, look_steps=2):
        done = learn(tmp_path, 24, told=told)
    assert [p.message for p in told if "last good checkpoint" in p.message] == [
        "a loss became NaN; back to the last good checkpoint, half the learning rate, twice the penalty"
    ]
    assert (
        done.header["refining"]["turned_back"] == 1
        and done.header["refining"]["ended"] == "budget"
        and len(calls) > 5
    )
    assert all(np.isfinite(v).all() for v in done.arrays.values())


def test_the_plan_says_what_would_be(tmp_path: Path) -> None:
    found = pictures.outlook(request(tmp_path, 100))
    assert (
        found.works == 32 and found.parameters > 100_000 and found.passes == pytest.approx(60 * 8 / 32)
    )  # the flow's steps
    alone = request(tmp_path, 100, refine=False)
    assert pictures.outlook(alone).passes == pytest.approx(100 * 8 / 32)
    both = replace(alone, budget=Budget(seconds=8 * 3600.0, steps=100))
    assert pictures.outlook(both).passes == pytest.approx(100 * 8 / 32)  # whichever ends first
    clips = pictures.outlook(request(tmp_path, 100, frames=4, refine=False))
    by_frame = PICTURES.early_share * 4 + (
        1 - PICTURES.early_share
    )  # single frames first, as many works at once
    assert clips.passes == pytest.approx(100 * clips.plan.batch * by_frame / clips.works)


@pytest.mark.parametrize(
    ("seconds", "px", "side"),
    [(600, 512, 32), (7200, 512, 64), (7200, 40, 32), (86400, 512, 128), (86400, 90, 128), (600, 20, 32)],
)
def test_the_side_follows_budget_and_works(seconds: float, px: int, side: int) -> None:
    assert plan.choose_side(Budget(seconds=seconds), px) == side


def room(weights: list[float]) -> Room:
    n = len(weights)
    return Room(
        np.zeros((n, 1, 4, 4, 3), np.uint8),
        np.zeros((n, 0), np.int64),
        np.array(weights),
        tuple(map(str, range(n))),
    )


def test_every_pass_draws_every_work_by_its_weight() -> None:
    order = Order(room([1.0] * 10), 5, 0)
    first = np.concatenate([order.next(), order.next()])
    second = np.concatenate([order.next(), order.next()])
    assert sorted(first) == sorted(second) == list(range(10)) and first.tolist() != second.tolist()
    heavy = Order(room([1.0] * 9 + [4.0]), 8, 0)
    drawn = np.concatenate([heavy.next() for _ in range(200)])
    assert 2.5 < (drawn == 9).sum() / (drawn == 0).sum() < 6.0


@given(st.integers(0, 10_000))
def test_a_varied_copy_is_told_what_was_done_to_it(seed: int) -> None:
    x = to_float(np.stack([drawing(16, i) for i in range(6)]))
    out, told = dataset.varied(x, Augment(share=0.5), for_(seed, "test"), torch.ones(3))
    assert out.shape == x.shape and told.shape == (6, 6)
    for i in range(6):
        expected = x[i].flip(-1) if told[i, 0] else x[i]
        if not told[i, 5]:
            assert torch.equal(out[i], expected) and not told[i, 1:].any()
        assert float(out[i].max()) <= 1.0 + 1e-5


def test_nothing_is_moved_where_nothing_may_be() -> None:
    x = to_float(np.stack([drawing(16, i) for i in range(4)]))
    out, told = dataset.varied(x, Augment(share=0.0, mirror=False), for_(0, "test"), torch.ones(3))
    assert torch.equal(out, x) and not told.any()


def test_a_resampler_moves_by_what_it_says() -> None:
    line = torch.zeros(8)
    line[2] = 1.0
    moved = dataset.resampler(np.array([0.25]), np.array([1.0]), 8)[0] @ line  # two pixels of eight
    assert moved.argmax() == 4 and float(moved.sum()) == pytest.approx(1.0, abs=1e-5)
    same_line = dataset.resampler(np.array([0.0]), np.array([1.0]), 8)[0]
    assert torch.allclose(same_line, torch.eye(8), atol=1e-6)


def test_the_loss_on_any_number_of_works_is_their_mean() -> None:
    from etude.families.pictures.learn.dataset import Room
    from etude.families.pictures.learn.evaluate import _loss
    from tests.families.pictures.small_pictures import small_model

    pixels = np.stack([drawing(16, i) for i in range(33)])  # one more than a batch
    room = Room(pixels, np.zeros((33, 1), np.int64), np.ones(33), tuple(map(str, range(33))))
    found, by_work = _loss(small_model(), room, 0, None) or ({}, {})
    assert found["n"] == 33 and found["low"] < found["value"] < found["high"]
    assert len(by_work) == 33 and np.isclose(np.mean(list(by_work.values())), found["value"])


def moving(count: int, *, closed: bool, step: int = 4) -> Room:
    """Clips of a bar that goes across in eight frames: round to where it began, or half the way."""
    pixels = np.full((count, 8, 32, 32, 3), 255, np.uint8)
    for i in range(count):
        for f in range(8):
            pixels[
                i, f, :, (np.arange(6) + i + f * step) % 32 if closed else np.arange(6) + f * step // 2
            ] = 20 * i
    return Room(pixels, np.zeros((count, 0), np.int64), np.ones(count), tuple(f"w-{i}" for i in range(count)))


def test_loops_are_known_from_clips_that_end_elsewhere() -> None:
    assert dataset.loops(moving(6, closed=True))
    assert not dataset.loops(moving(6, closed=False))
    still = moving(6, closed=True)
    assert not dataset.loops(Room(still.pixels[:, :1], still.rows, still.weights, still.works))


def test_loops_are_learned_from_wherever_they_begin() -> None:
    room = moving(6, closed=True)
    works = np.arange(6)
    plain = dataset.batch_of(room, works, Augment(share=0.0, mirror=False), for_(1, "turn")).x
    turned = dataset.batch_of(room, works, Augment(share=0.0, mirror=False, turn=True), for_(1, "turn")).x
    assert not torch.equal(plain, turned)
    for a, b in zip(plain, turned, strict=True):  # each is the same clip, begun elsewhere
        assert any(torch.equal(a.roll(k, 0), b) for k in range(8))


def test_the_plan_of_clips_follows_their_frames(tmp_path: Path) -> None:
    found = dataset.gather("video", shown(side=32, frames=6))
    _, made = plan.make_plan(found, request(tmp_path, frames=6))
    assert made.net.loop == made.augment.turn == dataset.loops(found.train)


def test_a_session_that_reads_faster_does_not_learn_the_flow_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once refining began, its pictures are the flow's: a second or two more for the flow would throw the
    refinement away."""
    asked: list[tuple[float | None, float]] = []

    def flow_of(*a: Any, seconds: float | None, folder: Path, **more: Any) -> Any:
        asked.append((seconds, float((checkpoint.read(folder) or ({}, {"spent_s": math.nan}))[1]["spent_s"])))
        raise BudgetError("enough seen", "")

    for where, state in ((tmp_path, {"spent_s": 4200.0}), (tmp_path / "refine", {"flow_steps": 9})):
        about = {
            "plan": plan.make_plan(dataset.gather("image", shown()), request(tmp_path))[1].to_json(),
            "ledger": {},
            **state,
        }
        checkpoint.write(where, {}, about)
    monkeypatch.setattr(pictures, "learn_flow", flow_of)
    monkeypatch.setattr(Ledger, "from_json", lambda data: None)
    for hours in (2.0, 4.0):
        with pytest.raises(BudgetError, match="enough seen"):
            pictures.learn(
                replace(request(tmp_path), budget=Budget(seconds=3600 * hours)), lambda p: None, lambda: False
            )
    (same, spent), (more, _) = asked
    assert same == spent  # over at once
    assert more is not None and more > 2 * spent * 0.9  # a larger budget is a reason


def test_a_run_that_goes_on_keeps_its_size(tmp_path: Path) -> None:
    found = dataset.gather("image", shown())
    size, made = plan.make_plan(found, request(tmp_path, size="xs"))
    state: tuple[dict[str, np.ndarray], dict[str, Any]] = ({}, {"plan": made.to_json()})
    again = replace(request(tmp_path, size="auto"), budget=Budget(seconds=7200.0))
    assert pictures._planned(found, again, state)[:2] == ("xs", made) and size == "xs"
    assert pictures._planned(found, again, None)[0] == "m"


def test_a_plan_of_energy_and_one_that_is_too_short(tmp_path: Path) -> None:
    by_energy = pictures.outlook(replace(request(tmp_path), budget=Budget(kwh=0.05)))
    assert by_energy.passes > 0 and by_energy.seconds is not None
    short, long = (
        pictures.outlook(replace(request(tmp_path), budget=Budget(seconds=s))) for s in (600.0, 7200.0)
    )
    assert (
        short.seconds is not None and 500 < short.seconds < 600
    )  # nothing is kept for a refinement that is not tried
    assert long.seconds is not None and long.seconds < 0.62 * 7200
    with pytest.raises(BudgetError, match="too short"):
        pictures.outlook(replace(request(tmp_path), budget=Budget(seconds=1.0)))


def test_takes_that_are_alike_before_the_critic_speaks_are_no_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etude.families.pictures.learn.duel import _Duel

    look = _Duel.look
    seen: list[int] = []

    def alike(self: Any, seconds: float, step: int, found: Any) -> Any:
        seen.append(step)
        return replace(look(self, seconds, step, found), spread=0.1 if step <= 2 else 1.0)

    monkeypatch.setattr(_Duel, "look", alike)
    with settings(REFINE, look_steps=1):
        done = learn(tmp_path, 30)
    assert seen[0] <= 2 and done.header["refining"]["turned_back"] == 0


def test_a_test_that_the_clock_ends_compares_as_many_takes_of_each() -> None:
    model = small_model()
    refined = Refined(alive(model.config, 1), {}, (), 0, "budget", 1)
    n = 3 * 16
    learned = random_features.features(to_float(np.stack([drawing(16, i) for i in range(32)]))[:, 0])
    works, by_flow = (random_features.features(torch.rand(m, 3, 16, 16) * 2 - 1) for m in (24, n))
    rows = np.zeros((n, 1), np.int64)
    for until, takes in ((None, n), (time.monotonic() + 600, n), (time.monotonic() - 1, 16)):
        with settings(JUDGE, least_takes=9):
            verdict, more, one_pass_start = judge._test(
                model, refined, learned, works, by_flow, rows, 0, until
            )
        assert verdict.takes == takes == len(one_pass_start) == more["one-pass distance"]["n"]
        alone = 1000 * kernel_distance.kid(works, by_flow[:takes])
        assert verdict.of_flow == alone and verdict.coverage == kernel_distance.coverage(
            works, by_flow[:takes]
        )


def test_one_that_is_stopped_before_its_first_step_says_so(tmp_path: Path) -> None:
    with pytest.raises(BudgetError, match="stopped before the first step"):
        learn(tmp_path, stop_at=0)


def test_what_works_are_like_is_exact_for_many_pixels() -> None:
    white = np.full((80, 1, 512, 512, 3), 255, np.uint8)
    white[..., 2] = 0
    assert plan._moments(white) == ((1.0, 1.0, -1.0), 0.05)
    some = for_(0, "moments").integers(0, 256, (5, 2, 8, 8, 4), dtype=np.uint8)
    x = some / 127.5 - 1.0
    mean, deviation = plan._moments(some)
    assert (
        np.allclose(mean, x.mean((0, 1, 2, 3)), atol=1e-4)
        and abs(deviation - (x - x.mean((0, 1, 2, 3))).std()) < 1e-4
    )


def test_windows_of_one_clip_are_one_work() -> None:
    n = 6
    room = Room(
        np.zeros((n, 2, 4, 4, 3), np.uint8),
        np.zeros((n, 0), np.int64),
        np.ones(n),
        ("b", "b", "b", "a", "a", "c"),
    )
    assert room.different == 3 and room.evenly(9).tolist() == [0, 3, 5] and len(room.evenly(2)) == 2
    found = dataset.gather("image", shown())
    alone = replace(found.held_out, works=("w",) * len(found.held_out))
    few = replace(found.critic, works=("v",) * len(found.critic))
    alone_too = replace(found, held_out=alone, critic=few)
    small = small_model(replace(SMALL, side_px=32))
    assert not judge.judge(small, alone_too, None, seed=0, until=None).figures
    assert (
        "kernel distance"
        in judge.judge(small_model(replace(SMALL, side_px=32)), found, None, seed=0, until=None).figures
    )


def test_what_a_start_knew_goes_to_those_of_the_same_name(tmp_path: Path) -> None:
    table = np.arange(3, dtype=np.float32)[:, None].repeat(4, 1)
    begin = {
        "flow.tables.0.weight": table,
        "flow.tables.1.weight": 10 + table,
        "flow.enter.weight": table,
        "one_pass.x": table,
    }
    knew = (Condition("maker", ("Ada", "Bo")), Condition("period", ("early", "late")))
    asked = replace(request(tmp_path), begin_with=begin, begin_conditions=knew)
    got = pictures._start(
        asked,
        (
            Condition("period", ("late", "middle")),
            Condition("maker", ("Cy", "Ada", "Di")),
            Condition("kind", ("a", "b")),
        ),
    )
    assert got is not None and set(got) == {"tables.0.weight", "tables.1.weight", "enter.weight"}
    assert got["tables.0.weight"][:, 0].tolist() == [10, 12, 10] and got["tables.1.weight"][
        :, 0
    ].tolist() == [0, 0, 1, 0]
    unknown = pictures._start(replace(asked, begin_conditions=None), knew)
    assert unknown is not None and unknown["tables.1.weight"][:, 0].tolist() == [10, 11, 12]


def test_refining_leaves_energy_for_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Budget] = []

    def refine(model: Any, found: Any, budget: Budget, **more: Any) -> Refined:
        given.append(budget)
        return Refined(model.flow.state_dict(), {}, (), 0, "budget", 0)

    monkeypatch.setattr(adversarial, "refine", refine)
    pictures.learn(
        replace(request(tmp_path, 6), budget=Budget(steps=6, kwh=1.0)), lambda p: None, lambda: False
    )
    assert given[0].energy_kwh == pytest.approx(0.95)


def test_pairs_are_those_of_their_flow(tmp_path: Path) -> None:
    checkpoint.write(
        tmp_path / "pairs",
        {"pixels": np.zeros((2, 1, 4, 4, 3), np.uint8), "work": np.zeros(2, np.int64)},
        {"flow_steps": 7},
    )
    assert teacher_pairs._load_pairs(tmp_path, 0, 7) is not None
    assert teacher_pairs._load_pairs(tmp_path, 0, 8) is None


def test_works_that_are_seen_more_often_are_moved_more(tmp_path: Path) -> None:
    least, most = PICTURES.moved_share
    few, many = PICTURES.moved_passes
    shares = [plan.moved_share(passes) for passes in (0.0, few, math.sqrt(few * many), many, 1e6)]
    assert shares == [least, least, pytest.approx((least + most) / 2), most, most]
    found = dataset.gather("image", shown())
    once, often = (plan.make_plan(found, request(tmp_path, steps))[1] for steps in (2, 1_000))
    assert once.augment.share == least and often.augment.share == most


def test_few_unseen_works_are_looked_at_with_several_noises() -> None:
    few = flow_loss.repeated(room([1.0, 1.0, 1.0]), 8)
    assert len(few) == 9 and few.works == tuple("012" * 3)
    assert flow_loss.repeated(few, 9) is few and len(flow_loss.repeated(room([]), 8)) == 0
