"""The learned enlargement: the same bytes whatever the batch, what was given stays, opacity stays, a resumed
run is the uninterrupted one, and what cannot be is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pil

import etude
from etude.config.pictures import ENLARGE, EXPLORE, JUDGE, PICTURES
from etude.errors import ModelError, TakeError, WorkError
from etude.families.check import Bench
from etude.families.contract import Wish
from etude.families.pictures.asking import ask
from etude.families.pictures.enlarged_sizes import usual_factor
from etude.families.pictures.enlargement import (
    EnlargeConfig,
    Enlargement,
    EnlargeNet,
    straight,
    weighed,
)
from etude.families.pictures.learn import enlarging_figures, large_works
from etude.families.pictures.learn import run as pictures
from etude.families.pictures.make.request import Loop, PictureRequest
from etude.families.pictures.make.sampling import make, make_apart
from etude.families.pictures.model import PictureModel
from etude.families.pictures.velocity_net import FlowConfig
from etude.media.pixels.arrays import resized
from etude.store import checkpoints
from etude.training.learned import Learned
from etude.training.progress import Progress
from tests.families.pictures.small_pictures import SMALL, drawing, request, settings, shown, small_model


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with (
        settings(ENLARGE, width=8, blocks=1, batch=4, redrawn_works=16, warm_up=2),
        settings(PICTURES, batch=4),
        settings(EXPLORE, slider_rounds=0),
        settings(JUDGE, steps=2, times=2, least_works=6, least_takes=8, takes=8, draws=20),
    ):
        yield


def enlargement(channels: int = 3, factor: int = 4) -> Enlargement:
    """One that does something, though nothing that was learned."""
    torch.manual_seed(3)
    net = EnlargeNet(EnlargeConfig(factor, channels, 8, 1))
    torch.nn.init.normal_(net.leave.weight, std=0.02)
    return Enlargement(net.c, net.state_dict(), 0.1)


def enlarging_model(c: FlowConfig = SMALL) -> PictureModel:
    model = small_model(c)
    model.enlargement = enlargement(c.channels)
    model.header["enlarge"] = {**model.enlargement.config.to_json(), "level": 0.1, "used": True}
    return model


MODEL = enlarging_model()


def takes(n: int, model: PictureModel = MODEL, **asked: Any) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    return [one.frames for one in make(model, PictureRequest(n=n, steps=2, **asked))]


def test_an_enlarged_take_does_not_depend_on_its_neighbours() -> None:
    small, many = takes(9, seed=7), takes(9, seed=7, size=64)
    assert many[0].shape == (1, 64, 64, 3)
    alone = takes(1, seed=7, size=64, first_index=3)[0]
    assert np.array_equal(alone, many[3])
    assert MODEL.enlargement is not None  # from the bytes of the small take, and nothing else
    assert np.array_equal(MODEL.enlargement.enlarged(np.concatenate(small)), np.concatenate(many))


def test_near_copies_are_looked_for_in_what_leaves() -> None:
    seen: list[tuple[int, ...]] = []

    def near(frames: np.ndarray[Any, np.dtype[np.uint8]]) -> float:
        seen.append(frames.shape)
        return 0.01 if len(seen) == 1 else 0.5

    made, left_out = make_apart(MODEL, PictureRequest(n=2, seed=7, steps=2, size=64), near)
    assert set(seen) == {(1, 64, 64, 3)} and left_out == 1
    assert np.array_equal(made[0].frames, takes(1, seed=7, size=64, first_index=made[0].index)[0])


def test_what_is_given_stays_to_the_pixel_at_the_full_size() -> None:
    full = drawing(64, 3)
    start = np.stack([resized(full[0], 16, 16)])
    keep = np.ones((16, 16), bool)
    keep[4:12, 4:12] = False
    made = takes(1, start=start, full=full, keep=keep, size=64)[0]
    stays = keep.repeat(4, 0).repeat(4, 1)
    assert np.array_equal(made[0][stays], full[0][stays])
    assert not np.array_equal(made[0][~stays], full[0][~stays])
    assert np.array_equal(takes(1, start=start, full=full, strength=0.0, size=64)[0], full)
    assert not np.array_equal(takes(1, start=start, full=full, strength=0.5, size=64)[0], full)
    assert not np.array_equal(takes(1, start=start, full=full, vary=0.3, size=64)[0], full)


def test_opacity_is_enlarged_and_nothing_bleeds() -> None:
    g = np.random.default_rng(1)
    pixels = g.integers(0, 256, (2, 16, 16, 4), dtype=np.uint8)
    pixels[..., 3] = np.where(np.arange(16) < 8, 255, 0)
    pixels[pixels[..., 3] == 0] = 0
    assert np.array_equal(straight(weighed(pixels)), pixels)
    red = np.zeros((1, 16, 16, 4), np.uint8)
    red[:, :, :8] = (200, 40, 20, 255)
    net = EnlargeNet(EnlargeConfig(4, 4, 8, 1))
    large = Enlargement(net.c, net.state_dict(), 0.1).enlarged(red)[0]
    seen = large[large[..., 3] > 8]
    assert np.abs(seen[:, :3].astype(int) - (200, 40, 20)).max() <= 12  # no dark seam
    assert (
        not large[large[..., 3] == 0].any() and large[:, :24, 3].min() > 250 and large[:, 40:, 3].max() == 0
    )
    model = enlarging_model(replace(SMALL, channels=4))
    assert takes(1, model, size=64)[0].shape == (1, 64, 64, 4)


def test_a_model_with_an_enlargement_comes_back_from_the_store_and_one_without_stays_without() -> None:
    header, arrays = MODEL.to_arrays()
    again = PictureModel.from_arrays(header, arrays)
    assert np.array_equal(takes(1, again, size=64)[0], takes(1, size=64)[0])
    old = PictureModel.from_arrays(*small_model().to_arrays())
    assert old.enlargement is None and np.array_equal(takes(1, old)[0], takes(1)[0])
    broken = {**arrays, "enlarge.enter.weight": arrays["enlarge.enter.weight"][:4]}
    with pytest.raises(ModelError, match="enlargement of this model is damaged"):
        PictureModel.from_arrays(header, broken)


def asked(header: dict[str, Any], **controls: Any) -> dict[str, Any]:
    bench = Bench({f"w-{i}": drawing(64, i)[0] for i in range(2)}, "image")
    given = bench.find("w-0") if {"region", "strength"} & set(controls) else None
    return dict(ask(header, "m", Wish(1, given, {}, controls), bench).controls)


def test_the_size_of_takes_is_in_their_recipe() -> None:
    header = MODEL.to_arrays()[0]
    assert asked(header)["size"] == 64 and "size" not in asked(header, size="small")
    assert "size" not in asked({**header, "enlarge": {**header["enlarge"], "used": False}})
    assert asked({**header, "enlarge": {**header["enlarge"], "used": False}}, size="full")["size"] == 64
    closed = {"frames": 8, "rate": 8.0, "waves": 2, "calm": 0.5}
    assert "size" not in asked(header, loop=closed)
    assert "size" not in asked(small_model().to_arrays()[0])
    with pytest.raises(TakeError, match="A loop is not enlarged"):
        asked(header, size="full", loop=closed)
    with pytest.raises(ModelError, match="it has learned no enlargement"):
        asked(small_model().to_arrays()[0], size="full")
    with pytest.raises(TakeError, match="have 16 or 64 pixels, not 128"):
        make(MODEL, PictureRequest(n=1, size=128))
    with pytest.raises(TakeError, match="clips and loops are not enlarged"):
        make(MODEL, PictureRequest(n=1, size=64, loop=Loop(4, 8.0)))


def test_takes_are_enlarged_by_default_as_far_as_works_are_large() -> None:
    sizes = {
        (32, 1024): 8,
        (32, 200): 4,
        (64, 256): 4,
        (64, 255): 2,
        (32, 100): 1,
        (128, 1024): 2,
        (256, 1024): 1,
    }
    assert {key: usual_factor(*key) for key in sizes} == sizes


def large_request(folder: Path, steps: int, **more: Any) -> Any:
    """Drawings of 128 pixels, learned at 32."""
    works = shown(48, 32)
    kept = large_works.wanted([one.role for one in works], 128, 3)
    large = {i: drawing(128, i)[0] for i in sorted(kept)}
    works = [replace(one, frames=resized(drawing(128, i)[0], 32, 32)[None]) for i, one in enumerate(works)]
    return request(folder, steps, works=works, enlarge=4, large=large, refine=False, **more)


def learn(folder: Path, steps: int = 6, stop_at: int | None = None) -> tuple[Learned, list[Progress]]:
    told: list[Progress] = []

    def counts(p: Progress) -> bool:
        return p.stage in ("learning", "enlarging") and not p.takes

    def stop() -> bool:
        return stop_at is not None and sum(map(counts, told)) >= stop_at

    return pictures.learn(large_request(folder, steps), told.append, stop), told


def test_a_resumed_run_is_the_uninterrupted_one_and_says_what_it_found(tmp_path: Path) -> None:
    whole, _ = learn(tmp_path / "whole")
    half, told = learn(tmp_path / "halves", stop_at=6)
    assert half.ended == "interrupted" and told[-2].stage == "enlarging"
    assert PictureModel.from_arrays(half.header, half.arrays).enlargement is not None  # usable as it is
    rest, _ = learn(tmp_path / "halves")
    assert rest.ended == "budget" and set(rest.arrays) == set(whole.arrays)
    assert all(np.array_equal(rest.arrays[k], whole.arrays[k]) for k in whole.arrays)
    about = whole.header["enlarge"]
    assert (
        about["factor"] == 4
        and about["steps"] == 2
        and about["works"] == 32
        and about["pictures_redrawn"] == 8
    )
    assert about["plain"]["n"] == about["redrawn"]["n"] == 8
    figure = whole.header["figures"]["enlargement"]
    assert figure["low"] <= figure["value"] <= figure["high"] and figure["n"] == 8
    assert "from 32 to 128 pixels" in whole.card and "Lanczos" in whole.card
    pictures.forget(tmp_path / "whole")
    assert not list((tmp_path / "whole").rglob(checkpoints.NAME))


def test_the_test_says_nothing_on_too_few_works() -> None:
    works = large_works.LargeRoom(
        np.zeros((3, 16, 16, 3), np.uint8),
        np.zeros((3, 64, 64, 3), np.uint8),
        np.zeros((3, 1), int),
        np.ones(3),
    )
    tested = enlarging_figures.measure(enlargement(), MODEL, works, 0, None)
    assert tested.plain is None and not tested.used and tested.figures() == {}


def test_works_that_cannot_teach_it_are_refused_and_takes_leave_at_full_size(tmp_path: Path) -> None:
    folder = tmp_path / "drawings"
    folder.mkdir()
    for i in range(40):
        Pil.fromarray(drawing(128, i)[0]).save(folder / f"{i:02d}.png")
    studio = etude.open(tmp_path / "studio", create=True)
    studio.add([folder], collection="drawings", licence="own", consent="yes", maker="Ada")
    ways: dict[str, Any] = {"collection": "drawings", "budget": "3steps", "size": "xs", "critic": False}
    with pytest.raises(WorkError, match=r"to learn from, 0 have 256 pixels or more; 24 are needed"):
        studio.learn("m", **ways, side="64", enlarge="4")
    with pytest.raises(WorkError, match="8 times 256 pixels are 2,048"):
        studio.learn("m", **ways, side="256", enlarge="8")
    model = studio.learn("m", **ways, side="32", enlarge="4").id
    made = studio.make(model, n=2, seed=1, steps=2, size="full").takes[0]
    assert "128 x 128 pixels" in made.text and made.controls["size"] == 128
    assert "32 x 32 pixels" in studio.make(model, n=1, seed=1, steps=2, size="small").takes[0].text
    assert studio.remake(made.id).verdict == "bit-equal"
    file = studio.export([made.id], tmp_path / "out").files[0]
    assert Pil.open(file).size == (128, 128)
    filled = studio.make(model, n=1, source=file, region=(25, 25, 75, 75), size="full", steps=2).takes[0]
    whole, again = (
        np.asarray(Pil.open(studio.export([one], tmp_path / "out").files[0])) for one in (made.id, filled.id)
    )
    assert np.array_equal(whole[:32], again[:32]) and not np.array_equal(
        whole[32:96, 32:96], again[32:96, 32:96]
    )
    branched = studio.branch(filled.id, n=1).takes[0]
    assert branched.controls["size"] == 128 and studio.remake(branched.id).verdict == "bit-equal"
    likeness = studio.trace(made.id).resembles
    assert likeness is not None and likeness.nearest
