"""What a person gets at the full size: no ground where works have none, colours of the works alone where
asked, a warning where a sketch would not be followed, and weights that bring their side along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from etude.config.pictures import ENLARGE
from etude.errors import ModelError
from etude.families.check import Bench
from etude.families.contract import Wish
from etude.families.course import Course, Start
from etude.families.pictures.asking import ask
from etude.families.pictures.controls import large_of
from etude.families.pictures.enlargement import EnlargeConfig, Enlargement, EnlargeNet, on_ground
from etude.families.pictures.learn import course, dataset, following, large_works
from etude.families.pictures.learn.enlarging_step import Enlarging
from etude.families.pictures.learn.large_works import LargeRoom, LargeWorks
from etude.families.pictures.learn.redrawn_works import Redrawn
from etude.families.pictures.make.request import PictureRequest
from etude.families.pictures.make.sampling import make
from etude.families.pictures.palette import in_palette, palette_of
from etude.media.pixels.arrays import flattened, resized
from etude.training.budget import Budget
from tests.families.pictures.small_pictures import drawing, settings, shown, small_model

UInt8 = np.ndarray[Any, np.dtype[np.uint8]]
WHITE = (255, 255, 255)


def see_through(side: int, number: int) -> UInt8:
    """(side, side, 4): a shape on nothing."""
    shape = drawing(side, number)[0]
    opacity = np.where((shape == 255).all(-1, keepdims=True), 0, 255).astype(np.uint8)
    out = np.concatenate([shape, opacity], -1)
    out[out[..., 3] == 0] = 0
    return out


def rooms(n: int = 16) -> LargeRoom:
    large = np.stack([see_through(32, i) for i in range(n)])
    small = np.stack([resized(flattened(one), 8, 8) for one in large])
    return LargeRoom(small, large, np.zeros((n, 0), np.int64), np.ones(n))


def test_the_ground_is_taken_out_where_works_have_none() -> None:
    works = rooms()
    with settings(ENLARGE, batch=4, redrawn=0.0, warm_up=2):
        none = Redrawn(works.small[:0], np.zeros(0, np.int64))
        net = Enlarging(EnlargeConfig(4, 3, 12, 1, WHITE), works, none, 1, mirror=True)
        for step in range(40):
            net.step(step, step / 40)
    made = net.enlargement().enlarged(works.small[:8], 0.0)
    assert made.shape == (8, 32, 32, 4)
    off = np.abs(made[..., 3].astype(int) - works.large[:8, ..., 3])
    assert off.mean() < 30, off.mean()  # of 255: some 12 here, edges; 160 where nothing is taken out
    ground = works.large[:8, ..., 3] == 0
    assert made[..., 3][ground].mean() < 25
    seen = np.abs(flattened(made).astype(int) - flattened(works.large[:8])).mean()
    assert seen < 12  # and on white it looks as the works do


def test_taking_the_ground_out_and_laying_on_it_again_is_the_picture() -> None:
    works = rooms(4)
    net = EnlargeNet(EnlargeConfig(4, 3, 8, 1, WHITE))
    x = on_ground(works.large, WHITE)
    from etude.families.pictures.enlargement import _off_ground, straight

    assert np.array_equal(straight(_off_ground(x, WHITE)), works.large)
    about = net.c.to_json()
    assert EnlargeConfig.from_json(about) == net.c
    old = {key: about[key] for key in ("factor", "channels", "width", "blocks")}  # as models before had it
    assert EnlargeConfig.from_json(old) == EnlargeConfig(4, 3, 8, 1)
    header = {
        "medium": "image",
        "net": {"side_px": 16},
        "framing": {"side_px": 16, "how": "crop", "ground": "white"},
    }
    assert large_of({**header, "enlarge": about}).ground == "keep"  # type: ignore[union-attr]
    assert large_of({**header, "enlarge": old}).ground == "white"  # type: ignore[union-attr]


def test_weights_with_opacity_and_without_begin_each_other() -> None:
    works = rooms(4)
    none = Redrawn(works.small[:0], np.zeros(0, np.int64))
    opaque = replace(works, large=flattened(works.large))
    with settings(ENLARGE, batch=4, redrawn=0.0):
        through = Enlarging(EnlargeConfig(4, 3, 8, 1, WHITE), works, none, 1, mirror=True)
        plain = Enlarging(EnlargeConfig(4, 3, 8, 1), opaque, none, 2, mirror=True)
    torch.nn.init.normal_(through.net.leave.weight)
    plain.begin_with(through.net.state_dict())
    assert torch.equal(plain.net.leave.weight, through.net.leave.weight[:48])
    through.begin_with(plain.net.state_dict())
    assert torch.equal(through.net.leave.weight[:48], plain.net.leave.weight)
    assert not through.net.leave.weight[48:].any()


def test_works_are_called_transparent_where_most_are_and_few_are_tested_with_the_validation_works() -> None:
    through = {i: see_through(32, i) for i in range(9)}
    solid = {9: np.full((32, 32, 4), 255, np.uint8)}
    assert large_works.transparent(through | solid) and not large_works.transparent(solid)
    assert not large_works.transparent({})
    flat = large_works.flat(through, WHITE)[3]
    assert flat.shape == (32, 32, 3) and np.array_equal(flat, flattened(through[3]))
    few, more = rooms(3), rooms(4)
    assert len(LargeWorks(rooms(8), more, few).tested) == 7
    assert len(LargeWorks(rooms(8), more, rooms(6)).tested) == 6
    assert len(LargeWorks(rooms(8), few, few).tested) == 3


def test_takes_keep_to_the_colours_of_the_works() -> None:
    red, white = (200, 30, 40), (255, 255, 255)
    pixels = np.full((6, 1, 24, 24, 3), 255, np.uint8)
    pixels[:, 0, 6:18, 6:18] = red
    palette = palette_of(pixels)
    assert [tuple(c) for c in palette] == [white, red]
    mixed = np.array([[[230, 150, 150], [220, 90, 100], [1, 2, 3]]], np.uint8)
    assert in_palette(mixed, palette).reshape(-1, 3).tolist() == [
        [255, 255, 255],
        [200, 30, 40],
        [200, 30, 40],
    ]
    through = np.array([[[230, 60, 60, 90], [0, 0, 0, 0]]], np.uint8)
    assert in_palette(through, palette).tolist() == [[[200, 30, 40, 90], [0, 0, 0, 0]]]
    model = small_model()
    model.header["palette"] = palette
    asked = PictureRequest(n=2, seed=3, steps=2, palette="works")
    colours = {tuple(c) for one in make(model, asked) for c in one.frames.reshape(-1, 3).tolist()}
    assert colours <= {white, red}
    bench = Bench({}, "image")
    header = model.to_arrays()[0]
    assert ask(header, "m", Wish(1, None, {}, {"palette": "works"}), bench).controls["palette"] == "works"
    with pytest.raises(ModelError, match="did not keep the colours"):
        ask(small_model().to_arrays()[0], "m", Wish(1, None, {}, {"palette": "works"}), bench)


class Follower:
    """A model that gives back what it was begun with (`faithful`), or grey."""

    renew_steps = 6

    def __init__(self, faithful: bool) -> None:
        self.faithful = faithful
        self.config, self.conditions = small_model().config, ()
        self.config = replace(self.config, side_px=32)

    def renew(self, x: torch.Tensor, row: torch.Tensor, **_: Any) -> torch.Tensor:
        smooth = torch.nn.functional.avg_pool2d(x.flatten(0, 1), 3, 1, 1, count_include_pad=False)
        return smooth.sign().view_as(x) if self.faithful else torch.zeros_like(x)


def test_whether_a_sketch_is_followed_is_measured_and_said_before_making() -> None:
    found = dataset.gather("image", shown(48))
    models: list[Any] = [Follower(True), Follower(False)]
    good, poor = (following.following(one, found, 1, None) for one in models)
    assert good is not None and good["value"] == 1.0 and good["sharp"] > 0.5 and good["flat"] > 0.5
    assert good["n"] == 8
    assert poor is not None and poor["value"] < 0.5 and poor["sharp"] == 0.0
    assert following.following(models[0], dataset.gather("image", shown(6)), 1, None) is None
    bench = Bench({f"w-{i}": drawing(64, i)[0] for i in range(2)}, "image")

    def notes(figure: Any, **controls: Any) -> tuple[str, ...]:
        header = {**small_model().to_arrays()[0], "figures": {"following": figure} if figure else {}}
        return ask(header, "m", Wish(1, bench.find("w-0"), {}, controls), bench).notes

    assert notes(good) == () and notes(None) == ()
    assert "too weak to follow a sketch at strength 0.6" in notes(poor)[0] and "--strength" in notes(poor)[0]
    assert notes({**good, "value": 0.7})[0].count("followed 6") == 1
    assert "40 % of the works' flat places" in notes({**good, "flat": 0.4})[0]  # lines under grain
    assert notes(poor, strength=0.3) == () and notes(poor, region=(25, 25, 75, 75)) == ()


def test_weights_to_start_from_bring_their_side_where_works_fill_it(tmp_path: Path) -> None:
    def side(of: int, typical: int, seconds: float = 240.0) -> int | None:
        start = Start({}, dict, None, {"net": {"side_px": of}})
        return course._start_side(
            Course("image", (), Budget(seconds=seconds), tmp_path, start=start), typical
        )

    assert side(64, 256) == 64 and side(64, 64) == 64
    assert side(64, 33) is None  # works are too small for it
    assert side(32, 256) is None and side(64, 256, 3600.0) is None  # the budget buys as much by itself
    assert course._start_side(Course("image", (), Budget(seconds=240), tmp_path), 256) is None


def test_takes_of_an_opaque_enlargement_are_as_they_were() -> None:
    """The bytes of a model whose header says nothing of ground and halves."""
    torch.manual_seed(3)
    net = EnlargeNet(EnlargeConfig(4, 3, 8, 1))
    torch.nn.init.normal_(net.leave.weight, std=0.02)
    small = drawing(16, 3)
    plain = Enlargement(EnlargeConfig(4, 3, 8, 1), net.state_dict(), 0.1).enlarged(small)
    halves = Enlargement(EnlargeConfig(4, 3, 8, 1, (), True), net.state_dict(), 0.1).enlarged(small)
    assert plain.shape == halves.shape == (1, 64, 64, 3)
    off = np.abs(plain.astype(int) - halves)
    assert off.any() and off.max() <= 6  # other roundings, and the same picture
