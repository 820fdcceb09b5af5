"""How unusual nearness is: conformal p-values, and works found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.families.pictures import nearest_works
from etude.stats import conformal
from etude.stats.conformal import p_value
from tests.families.pictures.small_pictures import drawing

_SCORES = st.lists(st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]), max_size=12)


@given(_SCORES, _SCORES)
def test_p_values_count_what_is_at_least_as_near(scores: list[float], usual: list[float]) -> None:
    assert conformal.p_values(scores, usual).tolist() == [p_value(one, usual) for one in scores]


def test_works_are_found_again_and_others_are_not() -> None:
    works, unseen = ([drawing(32, first + i)[0] for i in range(n)] for first, n in ((0, 60), (200, 40)))
    shelf = nearest_works.shelf(works, [[one] for one in unseen])
    assert (shelf.nearest(works[:5]) > 0.999).all()
    assert [shelf.unusual([one]) for one in (works[3], works[3][:, ::-1])] == [1 / 41, 1 / 41]
    fresh = [drawing(32, 900 + i)[0] for i in range(30)]
    assert np.mean([shelf.unusual([one]) for one in fresh]) > 0.3
    assert shelf.nearest(fresh) == pytest.approx([shelf.similar(one).max() for one in fresh], abs=1e-5)
    assert len(shelf.nearest([])) == 0


def test_a_copied_frame_of_a_clip_is_found_with_twenty_clips_held_out() -> None:
    def clip(seed: int) -> list[np.ndarray]:
        return [drawing(32, 8 * seed + i)[0] for i in range(8)]

    shelf = nearest_works.shelf(
        [frame for i in range(30) for frame in clip(i)[::3]], [clip(100 + i) for i in range(20)]
    )
    assert (
        shelf.looked.tolist() == [8] * 20
        and len(shelf.usual) == 20
        and shelf.needed(0.05, 8) == 19
        and shelf.least(8) == 1 / 21
    )
    assert shelf.unusual([*clip(300)[:7], clip(4)[3]]) == 1 / 21  # one frame of eight is a work's
    assert np.mean([shelf.unusual(clip(400 + i)) for i in range(30)]) > 0.3
    assert (
        shelf.unusual([*clip(300), *clip(301)[:7], clip(4)[3]]) == 2 / 21
    )  # sixteen looks, where clips held out had eight
    assert shelf.needed(0.05, 16) == 39


def test_a_short_clip_held_out_counts_for_as_many_frames_as_it_lacks() -> None:
    works = [drawing(32, i)[0] for i in range(40)]
    unseen = [[drawing(32, 200 + 8 * i + k)[0] for k in range(2 if i == 0 else 8)] for i in range(24)]
    shelf = nearest_works.shelf(works, unseen)
    take = [*(drawing(32, 900 + i)[0] for i in range(7)), works[3]]
    assert shelf.unusual(take) == pytest.approx((1 + 3 / 24) / 25) and shelf.unusual(take) < 0.05
    below = float(shelf.usual.min()) - 1e-6
    assert shelf.p(below, 8) == 1.0
    short = float(shelf.usual[0])
    others = int((shelf.usual[1:] >= short).sum())
    assert shelf.p(short, 8) == pytest.approx(min(1.0, (1 + 3 / 24 + 4 + others) / 25))
    pictures = nearest_works.shelf(works, [[one[0]] for one in unseen])
    assert (
        pictures.needed(0.05, 8) == 159 and pictures.least(8) == 8 / 25
    )  # a clip beside pictures cannot be flagged by so few


def test_directions_are_the_same_from_the_small_square() -> None:
    g = np.random.default_rng(3)
    x = (g.standard_normal((80, 40)) @ g.standard_normal((40, 40))).astype(np.float32)
    x[:, 7] = 0.25  # a feature that never changes
    y, z = (nearest_works.along(x, *nearest_works.axes(x[:n], 12)) for n in (80, 40))
    mean = x.mean(0)
    deviation = x.std(0) + 1e-6
    _, s, vh = np.linalg.svd((x - mean) / deviation, full_matrices=False)
    directions = vh[:12].T / deviation[:, None] / np.sqrt(s[:12] / np.sqrt(79) + 1e-6)
    assert y @ y.T == pytest.approx(
        nearest_works.along(x, mean, directions) @ nearest_works.along(x, mean, directions).T, abs=1e-4
    )
    assert z.shape == (80, 12)  # fewer works than features
