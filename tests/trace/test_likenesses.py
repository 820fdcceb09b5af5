"""What a picture resembles: copies are found, mirrored and cut too; ordinary pictures are not flagged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from etude.config.trust import TRACE
from etude.errors import ProjectError
from etude.families.pictures.nearest_works import WHOLE
from etude.trace import picture_likeness as likenesses
from etude.trace import picture_record
from etude.trace.page import picture as pictures
from etude.trace.picture_likeness import PictureIndex, build, compare
from etude.trace.record import WorkRef
from tests.families.pictures.small_pictures import drawing

WORKS = [(f"w-{i:03d}", 0, drawing(32, i)[0]) for i in range(60)]
UNSEEN = [(f"h-{i:03d}", [drawing(32, 100 + i)[0]]) for i in range(30)]


@pytest.fixture(scope="module")
def gallery() -> PictureIndex:
    return build(WORKS, UNSEEN)


def test_a_copy_is_found_and_flagged(gallery: PictureIndex) -> None:
    for name, _, pixels in WORKS[:6]:
        like, regions = compare(gallery, pixels)
        assert like.nearest[0].work == name and like.nearest[0].similarity > 0.999
        assert like.p == pytest.approx(1 / 31, abs=1e-6) and like.flagged
        assert regions and regions[0].similarity > 0.999


def test_a_mirrored_copy_is_found(gallery: PictureIndex) -> None:
    for name, _, pixels in WORKS[:6]:
        like, _ = compare(gallery, np.ascontiguousarray(pixels[:, ::-1]))
        assert like.nearest[0].work == name and like.nearest[0].similarity > 0.999


def test_unseen_works_are_flagged_no_more_often_than_is_said(gallery: PictureIndex) -> None:
    fresh = [compare(gallery, drawing(32, 500 + i)[0])[0] for i in range(40)]
    assert (
        sum(like.flagged for like in fresh) <= 7
    )  # at alpha 0.05 two are expected; seven or more happen once in 500
    assert all(like.p is not None and 0 < like.p <= 1 for like in fresh)


def test_too_few_held_out_works_give_no_number() -> None:
    like, regions = compare(build(WORKS[:30], UNSEEN[:5]), WORKS[3][2])
    assert all(region.p is None for region in regions)
    assert like.p is None and not like.flagged and like.held_out_works == 5
    works = {name: WorkRef(name, name) for name, _, _ in WORKS}
    assert "Too few works" in picture_record.summary(like, works, ())


def test_an_empty_picture_has_no_regions(gallery: PictureIndex) -> None:
    _, regions = compare(gallery, np.full((32, 32, 3), 255, np.uint8))
    assert regions == ()


def test_it_comes_back_from_its_arrays(gallery: PictureIndex) -> None:
    again = PictureIndex.from_arrays(gallery.to_arrays())
    assert compare(again, WORKS[9][2]) == compare(gallery, WORKS[9][2])
    with pytest.raises(ProjectError, match="damaged"):
        PictureIndex.from_arrays({k: v for k, v in gallery.to_arrays().items() if k != "owner"})
    with pytest.raises(ProjectError, match="damaged"):
        PictureIndex.from_arrays({**gallery.to_arrays(), "whole": gallery.whole[:3]})


def test_the_page_shows_the_picture_and_the_works(
    gallery: PictureIndex, tmp_path: Path, chromium: str
) -> None:
    import subprocess

    like, regions = compare(gallery, WORKS[4][2])
    refs = tuple(WorkRef(name, f"<b>{name}</b>", "Ada & Bo") for name, _, _ in WORKS)
    doubts = tuple(tuple(0.005 if (i, j) == (2, 5) else 0.6 for j in range(8)) for i in range(8))
    found = picture_record.PictureTrace(
        "t-1",
        "A <script>",
        "image",
        "m-1",
        "drawings",
        refs,
        like,
        regions,
        0,
        1,
        (like.p,),
        picture_record.summary(like, {r.id: r for r in refs}, regions, doubts),
        picture_record.notes(),
        doubts,
    )
    html = pictures.render(
        found, WORKS[4][2], lambda work, at: next(pixels for name, _, pixels in WORKS if name == work)
    )
    assert "<b>w-" not in html and "A <script>" not in html  # everything is escaped
    page = tmp_path / "trace.html"
    page.write_text(html, encoding="utf-8")
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=2000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count("<img") == 2 + len(like.nearest) + 2 * min(pictures.SHOWN, len(regions))
    assert "Refused" not in done.stderr
    assert pictures.terminal(found).count("█") >= 2
    assert "row 3, column 6" in found.summary and "Map of the critic" in pictures.terminal(found)
    assert found.to_json()["doubts"][2][5] == 0.005
    assert found.to_json()["grid"] == TRACE.grid
    assert WHOLE > likenesses.PART
