"""Muon: momentum on matrices, made orthogonal before every step; AdamW on everything else.

An update of a weight matrix is replaced by the nearest orthogonal one, so that every direction learns at the
same speed (Jordan et al. 2024, "Muon: an optimizer for hidden layers"; five Newton-Schulz steps with its
coefficients). Query, key and value matrices that are stacked in one weight are made orthogonal separately.
Weight decay is decoupled, and cautious: only where it pulls the way of the update. Knows nothing of
schedules: the caller sets `lr` and `momentum` of each step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from etude.training.adam import without_compiler

_LONG = 2  # times as long as wide, from which on the short way is shorter


def orthogonal(g: Tensor, steps: int = 5) -> Tensor:
    """The Newton-Schulz approximation of the nearest (semi-)orthogonal matrix, over the last two axes.

    Every step multiplies by a polynomial in x xT, and all of these commute: for long matrices (a convolution
    is nine times as long as wide) it is cheaper to collect the polynomials in the small square matrix and to
    multiply by the long one once, at the end.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x: Tensor = g / (g.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    if x.shape[-1] >= _LONG * x.shape[-2]:
        x = _polynomial(x @ x.mT, steps, a, b, c) @ x
    else:
        for _ in range(steps):
            s = x @ x.mT
            x = a * x + (b * s + c * s @ s) @ x
    return x.mT if tall else x


def _polynomial(s: Tensor, steps: int, a: float, b: float, c: float) -> Tensor:
    """The product of so many steps as a polynomial of s = x xT, in single precision: in half precision,
    values that are rounded below zero would grow twelvefold a step."""
    product = torch.empty(0)
    for i in range(steps):
        m = b * s + c * s @ s
        m.diagonal(dim1=-2, dim2=-1).add_(a)
        product = m @ product if i else m
        if i + 1 < steps:
            s = m @ s @ m
    return product


class Muon(torch.optim.Optimizer):
    """Groups with `muon=True` hold weights of matrices and convolutions (`split`: how many square parts are
    stacked in each); the others take AdamW."""

    def __init__(self, groups: list[dict[str, Any]]) -> None:
        without_compiler()
        super().__init__(
            groups,
            {
                "lr": 0.02,
                "momentum": 0.95,
                "weight_decay": 0.0,
                "betas": (0.8, 0.95),
                "muon": False,
                "split": 1,
            },
        )

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient; a closure is not called."""
        for group in self.param_groups:
            lr, wd = group["lr"], group["weight_decay"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if group["muon"]:
                    if not s:
                        s["buf"] = torch.zeros_like(p)
                    buf = s["buf"].lerp_(p.grad, 1 - group["momentum"])
                    u = p.grad.lerp(buf, group["momentum"])  # Nesterov
                    # a convolution is a matrix from what lies under its window to its channels
                    flat = u.flatten(1)
                    parts = flat.view(group["split"], -1, flat.shape[-1])
                    u = (orthogonal(parts) * max(1.0, parts.shape[-2] / parts.shape[-1]) ** 0.5).view(u.shape)
                else:
                    if not s:
                        s["m"], s["v"], s["t"] = torch.zeros_like(p), torch.zeros_like(p), torch.tensor(0.0)
                    b1, b2 = group["betas"]
                    s["t"] += 1
                    t = float(s["t"])
                    s["m"].lerp_(p.grad, 1 - b1)
                    s["v"].lerp_(p.grad.square(), 1 - b2)
                    u = (s["m"] / (1 - b1**t)) / ((s["v"] / (1 - b2**t)).sqrt() + 1e-10)
                if wd:
                    p.sub_(p * (u * p > 0), alpha=lr * wd)
                p.sub_(u, alpha=lr)
