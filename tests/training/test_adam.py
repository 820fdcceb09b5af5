"""Our AdamW takes the steps of torch's, bit for bit; no optimiser of a short run loads the compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from etude.training.adam import AdamW


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.9, 0.98)])
def test_steps_are_those_of_torch(betas: tuple[float, float]) -> None:
    torch.manual_seed(3)
    start = [torch.randn(7, 5), torch.randn(5)]
    ours = [p.clone().requires_grad_() for p in start]
    theirs = [p.clone().requires_grad_() for p in start]
    one = AdamW(ours, lr=0.02, decay=0.01, betas=betas)
    other = torch.optim.AdamW(theirs, lr=0.02, weight_decay=0.01, betas=betas)
    x, y = torch.randn(30, 7), torch.randn(30, 5)
    for step in range(40):
        one.lr = other.param_groups[0]["lr"] = 0.02 * (40 - step) / 40
        for opt, (w, b) in ((one, ours), (other, theirs)):
            opt.zero_grad()
            loss = torch.nn.functional.mse_loss(torch.tanh(x @ w) + b, y)
            loss.backward()  # type: ignore[no-untyped-call]
            opt.step()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_what_has_no_gradient_stays() -> None:
    alone = torch.ones(3, requires_grad=True)
    AdamW([alone], lr=1.0, decay=0.5).step()
    assert torch.equal(alone, torch.ones(3))


def test_no_step_loads_the_compiler_of_torch() -> None:
    code = """
import sys, torch
from etude.training.adam import AdamW
from etude.training.muon import Muon
w = torch.ones(4, 4, requires_grad=True)
for opt in (AdamW([w], lr=0.1, decay=0.0), Muon([{"params": [w], "muon": True}])):
    opt.zero_grad()
    (w @ w).sum().backward()
    opt.step()
print("torch._dynamo" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
