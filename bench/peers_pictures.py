"""The peers for pictures: each learns from scratch from the same pixels, in the same seconds on the same
machine.

- denoising-diffusion-pytorch (MIT): its Unet and GaussianDiffusion, 1,000 steps, 50 by DDIM for takes;
published: 64 wide, multiples 1 2 4 8, Adam
  8e-5, batch 32, averaged from step 0 by 0.995 every 10; shrunk: 32 wide, multiples 1 2 4, Adam 1e-3 falling
  to 0, averaged by 0.999.
- torchcfm (MIT): its UNetModel with the conditional flow of independent pairs, 24 midpoint steps; published
(CIFAR-10): 128 channels, multiples
  1 2 2 2, two blocks, attention at 16, Adam 2e-4 after 5,000 steps of warm-up, batch 128, averaged by 0.9999;
  shrunk: 32 channels, one block, Adam 1e-3 with 50 steps of warm-up falling to 0, batch 64, averaged by
  0.999.
- lightweight-gan (MIT): its generator, discriminator and losses, DiffAugment translation and cutout, penalty
every fourth step; it needs
  64 pixels. Published: latent 256, 512 channels at most, batch 10 times 4; shrunk: latent 128, 128 channels
  at most, batch 32.

Their loops are ours, since theirs want CUDA, torchvision and folders of files; what they import and do not
use for this is replaced by empty modules.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Peer:
    """A learned peer: `make(n)` gives pictures (n, 3, H, W) in -1..1; the pictures it saw, and the seconds
    they took."""

    name: str
    make: Callable[[int], Tensor]
    seen: int
    learn_s: float
    parameters: int


def _empty(*names: str) -> None:
    """Modules that a peer imports and that are not needed here."""
    for name in names:
        if name in sys.modules:
            continue
        try:
            __import__(name)
        except (ImportError, AssertionError, AttributeError, OSError, RuntimeError):
            module = ModuleType(name)
            module.__getattr__ = lambda attribute: MagicMock()  # type: ignore[method-assign]
            module.__path__ = []
            module.__spec__ = ModuleSpec(name, None)
            sys.modules[name] = module


class _Average:
    def __init__(self, net: nn.Module, keep: float) -> None:
        self.net, self.keep, self.steps = copy.deepcopy(net).eval().requires_grad_(False), keep, 0

    def update(self, net: nn.Module) -> None:
        keep = min(self.keep, (1 + self.steps) / (10 + self.steps))
        self.steps += 1
        with torch.no_grad():
            for a, b in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
                if a.dtype.is_floating_point:
                    a.lerp_(b, 1 - keep)
                else:
                    a.copy_(b)


def _loop(
    name: str,
    net: nn.Module,
    loss_of: Callable[[nn.Module, Tensor], Tensor],
    x: Tensor,
    seconds: float,
    *,
    lr: float,
    batch: int,
    warm_up: int,
    fall: bool,
    keep: float,
    seed: int,
) -> tuple[nn.Module, int, float]:
    """Likelihood-like learning for so many seconds: Adam, warm-up, an average of the weights; `fall`: to 0
    over the last 40 %."""
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr, betas=(0.9, 0.99))
    average = _Average(net, keep)
    began, step = time.monotonic(), 0
    while (gone := time.monotonic() - began) < seconds:
        share = gone / seconds
        for group in optimizer.param_groups:
            group["lr"] = (
                lr * min(1.0, (step + 1) / max(1, warm_up)) * (min(1.0, (1 - share) / 0.4) if fall else 1.0)
            )
        some = x[torch.randint(len(x), (batch,))]
        some = torch.where(torch.rand(batch, 1, 1, 1) < 0.5, some.flip(-1), some)
        loss = loss_of(net, some)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        average.update(net)
        step += 1
    return average.net, step * batch, time.monotonic() - began


def _size(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def diffusion(x: Tensor, seconds: float, seed: int, *, shrunk: bool) -> Peer:
    _empty(
        "torchvision",
        "torchvision.transforms",
        "torchvision.utils",
        "accelerate",
        "ema_pytorch",
        "scipy",
        "scipy.optimize",
        "tqdm",
        "tqdm.auto",
    )
    from denoising_diffusion_pytorch.denoising_diffusion_pytorch import GaussianDiffusion, Unet

    torch.manual_seed(seed)
    net = Unet(dim=32, dim_mults=(1, 2, 4)) if shrunk else Unet(dim=64, dim_mults=(1, 2, 4, 8))
    whole = GaussianDiffusion(net, image_size=x.shape[-1], timesteps=1000, sampling_timesteps=50)
    name = f"denoising-diffusion-pytorch, {'shrunk' if shrunk else 'published'}"
    settings: dict[str, Any] = (
        {"lr": 1e-3, "batch": 32, "warm_up": 50, "fall": True, "keep": 0.999}
        if shrunk
        else {"lr": 8e-5, "batch": 32, "warm_up": 0, "fall": False, "keep": 0.9995}
    )
    best, seen, took = _loop(
        name, whole, lambda model, some: model(some * 0.5 + 0.5), x, seconds, seed=seed, **settings
    )

    module: Any = sys.modules[GaussianDiffusion.__module__]
    sample: Any = best.sample
    module.tqdm = lambda some, **_: some  # its bars would fill the bench's own words

    @torch.inference_mode()
    def make(n: int) -> Tensor:
        return torch.cat([sample(batch_size=min(64, n - i)) for i in range(0, n, 64)]) * 2 - 1

    return Peer(name, make, seen, took, _size(net))


def cfm_network(side: int, *, shrunk: bool) -> nn.Module:
    """torchcfm's UNet."""
    _empty("ot", "scipy", "scipy.integrate", "torchdyn", "torchdyn.core", "torchvision", "pandas")
    from torchcfm.models.unet import UNetModel

    if shrunk:
        net: nn.Module = UNetModel(
            dim=(3, side, side),
            num_channels=32,
            num_res_blocks=1,
            channel_mult=[1, 2, 2, 2],
            num_heads=4,
            attention_resolutions="8",
            dropout=0.0,
        )
    else:
        net = UNetModel(
            dim=(3, side, side),
            num_channels=128,
            num_res_blocks=2,
            channel_mult=[1, 2, 2, 2],
            num_heads=4,
            num_head_channels=64,
            attention_resolutions="16",
            dropout=0.1,
        )
    return net


def _one_pass(net: nn.Module, side: int, n: int) -> Tensor:
    made: Tensor = net(torch.zeros(n), torch.randn(n, 3, side, side))
    return made


def one_pass(side: int) -> list[tuple[str, Callable[[int], Tensor]]]:
    """One pass of torchcfm's networks for so many pictures, by name: what rendering in one pass would cost
    with them."""
    found: list[tuple[str, Callable[[int], Tensor]]] = []
    for shrunk in (True, False):
        net = cfm_network(side, shrunk=shrunk).eval().requires_grad_(False)
        say = f"torchcfm's UNet, {'shrunk' if shrunk else 'published'} ({_size(net) / 1e6:.1f} M)"
        found.append((say, partial(_one_pass, net, side)))
    return found


def flow_matching(x: Tensor, seconds: float, seed: int, *, shrunk: bool) -> Peer:
    torch.manual_seed(seed)
    shape = (3, x.shape[-1], x.shape[-1])
    net = cfm_network(x.shape[-1], shrunk=shrunk)
    name = f"torchcfm, {'shrunk' if shrunk else 'published'}"

    def loss_of(model: nn.Module, some: Tensor) -> Tensor:
        t, z = torch.rand(len(some)), torch.randn_like(some)
        at = t[:, None, None, None]
        return F.mse_loss(model(t, (1 - at) * z + at * some), some - z)

    settings: dict[str, Any] = (
        {"lr": 1e-3, "batch": 64, "warm_up": 50, "fall": True, "keep": 0.999}
        if shrunk
        else {"lr": 2e-4, "batch": 128, "warm_up": 5000, "fall": False, "keep": 0.9999}
    )
    best, seen, took = _loop(name, net, loss_of, x, seconds, seed=seed, **settings)

    @torch.inference_mode()
    def make(n: int) -> Tensor:
        out = []
        for i in range(0, n, 64):
            y = torch.randn(min(64, n - i), *shape)
            for k in range(24):
                t = torch.full((len(y),), k / 24)
                middle = y + best(t, y) / 48
                y = y + best(t + 1 / 48, middle) / 24
            out.append(y)
        return torch.cat(out)

    return Peer(name, make, seen, took, _size(net))


def lightweight_gan(x: Tensor, seconds: float, seed: int, *, shrunk: bool) -> Peer | None:
    if x.shape[-1] < 64:
        return None
    _empty(
        "torchvision",
        "torchvision.transforms",
        "torchvision.utils",
        "adabelief_pytorch",
        "tqdm",
        "fire",
        "kornia",
        "kornia.filters",
        "retry",
        "retry.api",
    )
    available, torch.cuda.is_available = torch.cuda.is_available, lambda: True
    try:
        from lightweight_gan import lightweight_gan as peer
    finally:
        torch.cuda.is_available = available

    def blur(y: Tensor, f: Tensor, normalized: bool = True) -> Tensor:
        kernel = (f / f.sum()).view(1, 1, *f.shape[-2:]).expand(y.shape[1], 1, -1, -1)
        return F.conv2d(F.pad(y, (1, 1, 1, 1), mode="reflect"), kernel, groups=y.shape[1])

    peer.filter2d = blur
    torch.manual_seed(seed)
    latent, most, batch = (128, 128, 32) if shrunk else (256, 512, 40)
    g = peer.Generator(image_size=x.shape[-1], latent_dim=latent, fmap_max=most)
    d = peer.AugWrapper(peer.Discriminator(image_size=x.shape[-1], fmap_max=most), x.shape[-1])
    of_g, of_d = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.9)) for net in (g, d))
    average = _Average(g, 0.995)
    augment = {"prob": min(0.5, (1e5 - len(x)) * 3e-6), "types": ["translation", "cutout"]}
    began, step = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        some = (x[torch.randint(len(x), (batch,))] * 0.5 + 0.5).clone()
        penalise = step % 4 == 0
        with torch.no_grad():
            made = g(torch.randn(batch, latent))
        if penalise:
            some.requires_grad_()
        made, (fake, fake32, _) = d(
            made, detach=True, input_requires_grad=penalise, return_discr_input=True, **augment
        )
        real, real32, validation = d(some, calc_aux_loss=True, **augment)
        loss = peer.hinge_loss(real, fake) + peer.hinge_loss(real32, fake32) + validation
        if penalise:
            for outputs, inputs in (((real, real32), some), ((fake, fake32), made)):
                slope = torch.autograd.grad(
                    list(outputs), inputs, [torch.ones_like(o) for o in outputs], create_graph=True
                )[0]
                loss = loss + 10 * slope.flatten(1).norm(2, dim=1).square().mean() / 2
        of_d.zero_grad()
        loss.backward()
        of_d.step()
        fake, fake32, _ = d(g(torch.randn(batch, latent)), **augment)
        loss = peer.gen_hinge_loss(fake, None) + peer.gen_hinge_loss(fake32, None)
        of_g.zero_grad()
        loss.backward()
        of_g.step()
        average.update(g)
        step += 1

    @torch.inference_mode()
    def make(n: int) -> Tensor:
        return (
            torch.cat([average.net(torch.randn(min(64, n - i), latent)) for i in range(0, n, 64)]).clamp(0, 1)
            * 2
            - 1
        )

    name = f"lightweight-gan, {'shrunk' if shrunk else 'published'}"
    return Peer(name, make, step * batch, time.monotonic() - began, _size(g))
