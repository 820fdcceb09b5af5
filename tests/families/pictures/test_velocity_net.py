"""The picture network and what follows its field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from etude.config.pictures import EXPLORE
from etude.errors import ModelError
from etude.families.pictures import random_features
from etude.families.pictures import velocity_net as flow_module
from etude.families.pictures.critic import PictureCritic
from etude.families.pictures.directions import sliders
from etude.families.pictures.make.request import PictureRequest
from etude.families.pictures.make.sampling import make
from etude.families.pictures.model import PictureModel, late, to_float, to_pixels
from etude.families.pictures.velocity_net import (
    AUGMENTS,
    FlowConfig,
    FlowNet,
    count_parameters,
    inner_weights,
)
from etude.stats import kernel_distance
from tests.families.pictures.small_pictures import CONDITIONS, SMALL, alive, directions, drawing, small_model


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_it_begins_as_the_field_of_a_normal_distribution() -> None:
    c = replace(SMALL, mean=(0.5, 0.0, -0.5), deviation=0.3)
    net = FlowNet(c)
    m = torch.tensor(c.mean)[None, :, None, None]
    z, x = noise(400, 3, 16, 16), m + 0.3 * noise(400, 3, 16, 16, seed=1)
    for t in (0.0, 0.3, 0.7, 1.0):
        v = net((1 - t) * z + t * x, torch.full((400,), t)).detach()
        q = t * t * 0.09 + (1 - t) ** 2
        assert float((v - (x - z)).square().mean()) == pytest.approx(
            0.09 / q, rel=0.03
        )  # nothing that is linear does better
    assert torch.allclose(
        net(z[:2], torch.zeros(2)), m - z[:2], atol=1e-5
    )  # so that one pass begins at the mean
    assert count_parameters(SMALL) == sum(p.numel() for p in net.parameters())


def test_conditions_and_augmentations_change_what_it_sees() -> None:
    net = FlowNet(SMALL)
    net.load_state_dict(alive(SMALL))
    x, t = noise(2, 3, 16, 16), torch.full((2,), 0.4)
    plain = net(x, t)
    assert torch.allclose(
        plain, net(x, t, torch.zeros(2, 1, dtype=torch.long), torch.zeros(2, AUGMENTS)), atol=1e-6
    )  # 0: unknown, none
    assert not torch.allclose(plain, net(x, t, torch.tensor([[1], [2]])), atol=1e-4)
    assert not torch.allclose(plain, net(x, t, None, torch.ones(2, AUGMENTS)), atol=1e-4)
    assert not torch.allclose(plain, net(x, torch.full((2,), 0.9)), atol=1e-4)


def test_a_picture_model_is_a_clip_model_of_still_frames() -> None:
    clip = FlowConfig(16, 3, 2, (16, 32), frames=4)
    still = FlowConfig(16, 3, 2, (16, 32))
    picture = FlowNet(still)
    picture.load_state_dict(alive(still))
    moving = FlowNet(clip)
    fits = inner_weights(moving, picture.state_dict(), 2)
    assert set(fits) == set(picture.state_dict())
    moving.load_state_dict({**moving.state_dict(), **fits})
    x, t = noise(8, 3, 16, 16), torch.tensor([0.2, 0.7])  # two clips of four frames
    assert torch.allclose(moving(x, t), picture(x, t.repeat_interleave(4)), atol=1e-5)


def test_time_is_a_circle_for_loops_and_a_line_otherwise() -> None:
    for loop in (True, False):
        c = FlowConfig(16, 3, 2, (16, 32), attend=0, frames=4, loop=loop)
        net = FlowNet(c)
        net.load_state_dict(alive(c))
        x, t = noise(4, 3, 16, 16), torch.tensor([0.5])
        turned = net(x.roll(1, 0), t).roll(-1, 0)
        assert torch.allclose(turned, net(x, t), atol=1e-4) is loop


def test_a_larger_network_takes_over_the_stages_of_a_smaller_one() -> None:
    small, large = FlowNet(FlowConfig(16, 3, 2, (16, 32))), FlowNet(FlowConfig(32, 3, 2, (8, 16, 32)))
    fits = inner_weights(large, small.state_dict(), 2)
    assert {"down.2.block.conv1.weight", "up.0.block.conv1.weight", "middle.block.conv1.weight"} <= set(fits)
    assert not any(name.startswith(("enter", "leave")) for name in fits)
    assert torch.equal(fits["down.2.block.conv1.weight"], small.state_dict()["down.1.block.conv1.weight"])


def test_the_field_leads_back_to_where_it_came_from() -> None:
    model = small_model()
    z, row = noise(2, 1, 3, 16, 16), torch.zeros(2, 1, dtype=torch.long)
    there = model.follow(z, row, steps=40)
    back = model.follow(there, row, start=1.0, end=0.0, steps=40)
    assert float((back - z).abs().max()) < 1e-2 < float((there - z).abs().max())


def test_guidance_goes_further_from_what_is_not_asked_for() -> None:
    model = small_model()
    x, row = noise(1, 1, 3, 16, 16), torch.tensor([[1]])
    free, asked = (model.velocity(x, 0.3, r) for r in (torch.zeros_like(row), row))
    guided = model.velocity(x, 0.3, row, guidance=2.0)
    assert torch.allclose(guided, free + 2.0 * (asked - free), atol=1e-5)


def test_a_model_comes_back_from_its_arrays() -> None:
    model = small_model()
    header, arrays = model.to_arrays()
    again = PictureModel.from_arrays(header, arrays)
    z, row = noise(2, 1, 3, 16, 16), torch.zeros(2, 1, dtype=torch.long)
    assert torch.equal(model.in_one_pass(z, row), again.in_one_pass(z, row))
    assert torch.equal(model.follow(z, row, steps=2), again.follow(z, row, steps=2))
    assert (
        again.conditions == CONDITIONS
        and again.sliders is not None
        and torch.equal(again.sliders, directions(SMALL))
    )
    with pytest.raises(ModelError, match="version"):
        PictureModel.from_arrays({**header, "version": 99}, arrays)
    with pytest.raises(ModelError, match="damaged"):
        PictureModel.from_arrays(header, {k: v for k, v in arrays.items() if "middle" not in k})
    with pytest.raises(ModelError, match="one-pass"):
        small_model(one_pass=False).in_one_pass(z, row)


def test_what_is_asked_for_must_be_known() -> None:
    model = small_model()
    assert model.row({}) == (0,) and model.row({"maker": "Bo"}) == (2,)
    with pytest.raises(ModelError, match="maker=Cy"):
        model.row({"maker": "Cy"})
    with pytest.raises(ModelError, match="colour"):
        model.row({"colour": "red"})


@pytest.mark.parametrize("frames", [1, 4])
def test_attention_is_taught_as_torch_would(frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain products on the way back, torch's own kernel where nothing is learned: the same field and the
    same gradients."""
    c = replace(SMALL, frames=frames)
    net = FlowNet(c)
    net.load_state_dict(alive(c))
    x, t, row = noise(3 * frames, 3, 16, 16), torch.rand(3), torch.zeros(3, 1, dtype=torch.long)

    def gradients() -> list[torch.Tensor]:
        net.zero_grad()
        net(x, t, row).square().mean().backward()
        found = []
        for name, p in net.named_parameters():
            if (p.grad is not None and "attention" in name) or "far" in name:
                assert p.grad is not None
                found.append(p.grad.clone())
        return found

    plain = gradients()
    with torch.no_grad():
        made = net(x, t, row)
    assert torch.allclose(made, net(x, t, row).detach(), atol=1e-4)
    layer, places = torch.nn.MultiheadAttention(64, 2, batch_first=True), noise(3, 5, 64)
    assert (
        places.requires_grad is False and torch.is_grad_enabled()
    )  # so that the plain products are what is compared
    assert torch.allclose(
        flow_module._among(layer, places), layer(places, places, places, need_weights=False)[0], atol=1e-5
    )
    monkeypatch.setattr(flow_module, "_attended", F.scaled_dot_product_attention)
    assert len(plain) >= 6 and all(
        torch.allclose(a, b, rtol=1e-3, atol=1e-6) for a, b in zip(plain, gradients(), strict=True)
    )


def test_pixels_survive_the_way_to_numbers_and_back() -> None:
    pixels = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    assert np.array_equal(to_pixels(to_float(pixels)), pixels)
    clear = to_float(np.full((2, 2, 4), 255, np.uint8))
    clear[3] = -1.0
    assert not to_pixels(clear).any()  # under full transparency nothing is kept


def test_the_critic_says_nothing_at_first_and_sees_regions() -> None:
    critic = PictureCritic(SMALL, alive(SMALL))
    x, row = noise(2, 1, 3, 16, 16), torch.zeros(2, 1, dtype=torch.long)
    assert critic(x, row).tolist() == [0.0, 0.0]
    assert critic.regions(x, row).shape == (2, 8, 8)


def test_sliders_move_takes_as_far_as_they_say() -> None:
    works = np.stack([drawing(16, i) for i in range(60)])
    model = small_model(one_pass=False)
    found = sliders(model, works, seed=3, count=4)
    flat = found.directions.flatten(1)
    assert found.directions.shape == (4, 3, 8, 8) and len(found.moved) == 4
    cos = (flat @ flat.T) / (flat.norm(dim=1)[:, None] * flat.norm(dim=1)[None])
    assert torch.allclose(cos, torch.eye(4), atol=1e-4) and (flat.sum(1) >= 0).all()
    assert all(one == pytest.approx(1.0, abs=0.15) for one in found.moved)
    model.sliders = found.directions  # and takes of other noise, as they are made, move as far as is said
    seen = F.adaptive_avg_pool2d(to_float(works)[:, 0], 8).flatten(1)
    for k in (0, 3):
        unit = flat[k] / flat[k].norm()
        deviation = float(((seen - seen.mean(0)) @ unit).square().sum() / (len(works) - 1)) ** 0.5
        ends = (make(model, PictureRequest(n=16, seed=77, slide={k: amount})) for amount in (1.0, -1.0))
        up, down = (
            torch.stack([F.adaptive_avg_pool2d(to_float(one.frames)[0], 8).flatten() for one in end])
            for end in ends
        )
        assert float(((up - down) @ unit).mean() / (2 * deviation)) == pytest.approx(1.0, abs=0.15)
    again = sliders(model, works, seed=3, count=4)
    assert torch.equal(found.directions, again.directions) and found.moved == again.moved
    assert sliders(model, works, seed=3, until=0.0).moved == (None,) * 8


def test_sliders_of_the_bottleneck_are_left_behind() -> None:
    """Models of older versions have them; they moved nothing."""
    header, arrays = small_model().to_arrays()
    assert (
        PictureModel.from_arrays(header, {**arrays, "sliders": np.eye(32, dtype=np.float32)[:4]}).sliders
        is None
    )


def test_works_all_alike_have_no_sliders() -> None:
    assert sliders(small_model(), np.stack([drawing(16, 1)] * 30), seed=1).moved == ()


def test_the_kernel_distance_is_nothing_between_like_and_something_between_unlike() -> None:
    g = np.random.default_rng(1)
    a, b, c = g.normal(size=(80, 12)), g.normal(size=(80, 12)), g.normal(0.7, 1, size=(80, 12))
    value, low, high = kernel_distance.kid_interval(a, b, seed=0)
    assert low < 0.0 < high and abs(value) < 0.2
    value, low, _ = kernel_distance.kid_interval(a, c, seed=0)
    assert 0.2 < low < value
    assert kernel_distance.kid(a, np.repeat(a[:1], 80, 0)) > 1.0  # all alike is far away


def test_coverage_counts_works_that_have_a_take_near_them() -> None:
    g = np.random.default_rng(2)
    works = g.normal(size=(60, 8))
    assert kernel_distance.coverage(works, works + 1e-6) == 1.0
    assert kernel_distance.coverage(works, np.repeat(works[:1], 60, 0)) < 0.3
    assert kernel_distance.coverage(works, works + 50.0) == 0.0


def test_features_tell_pictures_apart_and_know_nothing_of_their_company() -> None:
    x = noise(5, 3, 32, 32)
    f = random_features.features(x)
    assert f.shape[0] == 5 and np.abs(f[:1] - random_features.features(x[:1])).max() < 1e-4
    assert np.linalg.norm(f[0] - f[1]) > 0.1
    blank = torch.ones(1, 3, 32, 32)
    blank[0, :, 8:16, 8:16] = -1
    _, held = random_features.patches(blank)
    assert 1 <= held.sum() <= 16  # only what is not empty


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
def test_steps_with_new_noise_keep_the_mean_and_calm_the_rest(eta: float) -> None:
    """With the field of a normal distribution, which an untaught network is: the works' mean always, their
    deviation without new noise, less with it, since it drops the part of what is predicted that hangs on the
    noise."""
    c = FlowConfig(8, 3, 2, (16,), mean=(0.5, -0.25, 0.0), deviation=0.4)
    model = PictureModel("image", c, {}, (), FlowNet(c).state_dict())
    g = torch.Generator().manual_seed(3)

    def fresh(_: int) -> torch.Tensor:
        return torch.randn(64, 1, 3, 8, 8, generator=g)

    out = model.renew(fresh(0), torch.zeros(64, 0, dtype=torch.long), fresh=fresh, eta=eta, steps=30)
    assert torch.allclose(out.mean((0, 1, 3, 4)), torch.tensor([0.5, -0.25, 0.0]), atol=0.03)
    deviation = float((out - out.mean((0, 1, 3, 4), keepdim=True)).std())
    assert (0.36 < deviation < 0.41) if eta == 0.0 else (0.15 < deviation < 0.38)


def test_noise_is_made_anew_late_and_all_the_way_by_a_model_of_an_earlier_version() -> None:
    c = FlowConfig(8, 3, 2, (16,), mean=(0.5, -0.25, 0.0), deviation=0.4)
    state = FlowNet(c).state_dict()
    z = torch.randn(8, 1, 3, 8, 8, generator=torch.Generator().manual_seed(3))
    row = torch.zeros(8, 0, dtype=torch.long)

    def made(model: PictureModel, since: float | None = None) -> tuple[torch.Tensor, list[int]]:
        asked: list[int] = []

        def fresh(i: int) -> torch.Tensor:
            asked.append(i)
            return torch.randn(8, 1, 3, 8, 8, generator=torch.Generator().manual_seed(i))

        return model.renew(z, row, fresh=fresh, steps=12, since=since), asked

    earlier = PictureModel("image", c, {}, (), state)
    now = PictureModel("image", c, {}, (), state, header=late(c))
    assert (earlier.renews_from, earlier.renew_steps) == (0.0, EXPLORE.renew_steps)
    assert (now.renews_from, now.renew_steps) == (EXPLORE.late_from, EXPLORE.late_steps)
    assert made(earlier)[1] == list(range(23)) and made(now)[1] == list(range(12, 23))
    assert torch.equal(made(earlier)[0], made(now, since=0.0)[0])
    assert late(FlowConfig(8, 3, 2, (16,), frames=4)) == {}, "clips as before"


def test_steps_with_new_noise_put_back_what_is_kept() -> None:
    model = small_model()
    z, row = torch.randn(2, 1, 3, 16, 16), torch.zeros(2, 1, dtype=torch.long)
    times: list[float] = []

    def hold(x: torch.Tensor, t: float) -> torch.Tensor:
        times.append(t)
        return torch.cat([torch.full_like(x[..., :8], 0.25), x[..., 8:]], -1)

    out = model.renew(z, row, fresh=lambda i: z, start=0.5, steps=3, hold=hold)
    assert bool((out[..., :8] == 0.25).all()) and times == pytest.approx([0.5 + i / 12 for i in range(1, 7)])


def test_what_is_not_named_is_drawn_as_works_have_it() -> None:
    model = small_model()
    g = np.random.default_rng(0)
    assert model.manner((0,), g) == (0,)  # a model that does not know what works have
    model.manners = np.array([[0, 1000], [1, 3000], [2, 0]])
    drawn = [model.manner((0,), g)[0] for _ in range(400)]
    assert set(drawn) == {0, 1} and 0.65 < drawn.count(1) / 400 < 0.85
    assert all(model.manner((1,), g) == (1,) for _ in range(5))
    assert model.manner((2,), g) == (2,)  # no work has it, but it was asked for
    assert model.asked((2,)) == {"maker": "Bo"} and model.asked((0,)) == {}
    again = PictureModel.from_arrays(*model.to_arrays())
    assert again.manners is not None and np.array_equal(again.manners, model.manners)
