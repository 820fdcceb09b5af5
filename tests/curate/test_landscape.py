"""The map keeps what is alike together, is the same every time, and names where works stand alone."""

from __future__ import annotations

import numpy as np

from etude.curate.landscape import landscape, neighbours


def clusters(counts: tuple[int, ...], wide: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    g = np.random.default_rng(1)
    middles = np.eye(24)[: len(counts)] * 3
    rows = [m + w * g.standard_normal((n, 24)) for m, n, w in zip(middles, counts, wide, strict=True)]
    x = np.concatenate(rows)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x.astype(np.float32), np.repeat(np.arange(len(counts)), counts)


def test_what_is_alike_lies_together_on_the_plane() -> None:
    x, which = clusters((80, 80, 80), (0.2, 0.2, 0.2))
    at = landscape(x).at
    near = ((at[:, None] - at[None]) ** 2).sum(2).argsort(1)[:, 1:6]
    assert (which[near] == which[:, None]).mean() > 0.95


def test_a_region_whose_works_stand_alone_is_seen_in_the_features() -> None:
    x, which = clusters((150, 150, 12), (0.15, 0.15, 0.8))
    land = landscape(x)
    assert land.alone[which == 2].mean() > 2 * land.alone[which != 2].mean()
    assert len(land.centre) == land.regions == land.region.max() + 1
    assert (land.region[land.centre] == np.arange(land.regions)).all()


def test_the_map_is_the_same_every_time_and_small_ones_are_maps_too() -> None:
    x, _ = clusters((30, 30), (0.3, 0.3))
    one, two = landscape(x), landscape(x)
    assert (one.at == two.at).all() and (one.region == two.region).all()
    for n in (0, 1, 2, 3, 5):
        some = landscape(x[:n])
        assert some.at.shape == (n, 2) and len(some.region) == n and np.isfinite(some.at).all()
    same = landscape(np.repeat(x[:1], 40, 0))  # all works are one
    assert np.isfinite(same.at).all() and np.isfinite(same.alone).all()


def test_neighbours_are_the_nearest_by_angle() -> None:
    x, _ = clusters((40, 40), (0.5, 0.5))
    near, distance = neighbours(x, 4)
    like = x @ x.T
    np.fill_diagonal(like, -1)
    assert (np.sort(near, 1) == np.sort((-like).argsort(1)[:, :4], 1)).all()
    assert (np.diff(distance, axis=1) >= 0).all()
