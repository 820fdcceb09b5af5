"""Somebody else's eyes: the real weights where they are installed, and what is said where they are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pil

from etude.errors import ModelError
from etude.families.pictures import imagenet


def pictures(n: int, side: int = 32, channels: int = 3) -> torch.Tensor:
    return torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(n)) * 2 - 1


def test_they_are_the_published_network() -> None:
    """4.65 million parameters with the classifier (Google's table of EfficientNet-Lite0); 1280 x 1000 + 1000
    of them are its last layer."""
    count = sum(p.numel() for p in imagenet.network().parameters())
    assert round((count + 1280 * 1000 + 1000) / 1e6, 2) == 4.65


@pytest.mark.skipif(imagenet.weights_file() is None, reason="the extra 'eyes' is not installed")
def test_features_see_what_is_there() -> None:
    x = pictures(3)
    f = imagenet.features(x)
    assert f.shape == (3, 1280) and np.isfinite(f).all() and (f >= 0).all()  # after ReLU6
    alone = imagenet.features(x[1:2])[0]
    assert np.allclose(alone, f[1], atol=1e-3)
    assert np.linalg.norm(f[0] - imagenet.features(x[:1].flip(-1))[0]) < np.linalg.norm(
        f[0] - imagenet.features(pictures(1, 32) * 0)[0]
    )


@pytest.mark.skipif(imagenet.weights_file() is None, reason="the extra 'eyes' is not installed")
def test_transparency_is_white() -> None:
    x = pictures(2, channels=4)
    x[:, 3] = -1.0
    assert np.allclose(imagenet.features(x), imagenet.features(torch.ones(2, 3, 32, 32)), atol=1e-4)


def test_without_them_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    imagenet._opened.cache_clear()
    monkeypatch.setattr(imagenet, "weights_file", lambda: None)
    with pytest.raises(ModelError, match="not installed") as told:
        imagenet.ready()
    assert "etude[eyes]" in str(told.value.hint)


def test_a_damaged_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imagenet._opened.cache_clear()
    file = tmp_path / "weights.pth"
    Pil.new("RGB", (4, 4)).save(file, "PNG")
    monkeypatch.setattr(imagenet, "weights_file", lambda: file)
    with pytest.raises(ModelError, match="cannot be read"):
        imagenet.ready()
