"""Pictures made larger: sizes, what stays exactly as it is, and that each upscaler does what its name
says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import WorkError
from etude.media.pixels.enlarge import SCALES, UPSCALERS, enlarge


def frames(seed: int, channels: int = 3, count: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 6, 9, channels)).astype(np.uint8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.sampled_from(SCALES), st.sampled_from(UPSCALERS), st.sampled_from([3, 4]))
def test_sizes_follow_the_factor_and_flat_colours_stay(
    seed: int, times: int, upscaler: str, channels: int
) -> None:
    x = frames(seed, channels)
    out = enlarge(x, times, upscaler)
    assert out.shape == (2, 6 * times, 9 * times, channels) and out.dtype == np.uint8
    flat = np.broadcast_to(x[:1, :1, :1] | 1, x.shape).copy()
    apart = np.abs(enlarge(flat, times, upscaler).astype(int) - flat.repeat(times, 1).repeat(times, 2))
    weight = flat[0, 0, 0, 3] / 255 if channels == 4 else 1.0
    assert apart.max() * weight <= (
        0 if channels == 3 or upscaler == "nearest" else 1
    )  # what is nearly transparent has few shades


def test_nearest_repeats_pixels_and_lanczos_does_not() -> None:
    x = frames(1)
    assert np.array_equal(enlarge(x, 4, "nearest"), x.repeat(4, 1).repeat(4, 2))
    smooth = enlarge(x, 4, "lanczos")
    assert np.abs(np.diff(smooth.astype(int), axis=2)).mean() < np.abs(np.diff(x.astype(int), axis=2)).mean()
    back = smooth.reshape(2, 6, 4, 9, 4, 3).mean((2, 4))
    assert np.abs(back - x).mean() < 16  # seen from afar it is the same picture


def test_what_is_transparent_stays_clean() -> None:
    x = np.zeros((1, 14, 14, 4), np.uint8)
    x[:, 5:9, 5:9] = (200, 0, 0, 255)
    out = enlarge(x, 4, "lanczos")
    assert not out[0, 0, 0].any()
    seen = out[out[..., 3] > 40]
    assert (seen[:, 0] > 150).all() and not seen[:, 1:3].any()  # no dark rim


def test_other_factors_and_names_are_refused() -> None:
    with pytest.raises(WorkError, match="3 times"):
        enlarge(frames(0), 3)
    with pytest.raises(WorkError, match="no upscaler"):
        enlarge(frames(0), 2, "magic")
