"""Attention and the head while an adapter is learned, beside PyTorch's own: values and slopes."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.families.sequence.networks.adapted_attention import CausalAttention
from etude.families.sequence.networks.adapted_layers import HeadCost


def _slopes(out: torch.Tensor, towards: torch.Tensor, *of: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return torch.autograd.grad((out * towards).sum(), of)


@settings(deadline=None, max_examples=20)
@given(
    t=st.integers(1, 300),
    groups=st.integers(1, 3),
    each=st.integers(1, 3),
    windows=st.integers(1, 2),
    scale=st.floats(0.05, 1.0),
)
def test_attention_is_pytorchs_and_so_are_its_slopes(
    t: int, groups: int, each: int, windows: int, scale: float
) -> None:
    torch.manual_seed(t)
    q = torch.randn(windows, t, groups * each, 8).transpose(1, 2).requires_grad_()
    k, v = (torch.randn(windows, t, groups, 8).transpose(1, 2).requires_grad_() for _ in range(2))
    towards = torch.randn(q.shape)
    ours = CausalAttention.apply(q, k, v, scale)  # type: ignore[no-untyped-call]
    keys, values = (x.repeat_interleave(each, 1) for x in (k, v))
    theirs = F.scaled_dot_product_attention(q, keys, values, is_causal=True, scale=scale)
    assert torch.allclose(ours, theirs, atol=1e-5)
    for a, b in zip(_slopes(ours, towards, q, k, v), _slopes(theirs, towards, q, k, v), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
def test_the_cost_of_a_head_and_its_slopes_are_cross_entropys(dtype: torch.dtype, near: float) -> None:
    torch.manual_seed(0)
    states = torch.randn(700, 16).to(dtype).requires_grad_()
    head, targets = torch.randn(90, 16).to(dtype), torch.randint(90, (700,))
    weights = torch.rand(700)
    exact = F.cross_entropy(F.linear(states, head).float(), targets, reduction="none")
    taught = HeadCost.apply(states, head, targets)  # type: ignore[no-untyped-call]
    assert torch.allclose(taught, exact, atol=near)
    (ours,), (theirs,) = _slopes(taught, weights, states), _slopes(exact, weights, states)
    assert torch.allclose(ours.float(), theirs.float(), atol=5 * near)
    read = HeadCost.apply(states.detach(), head, targets)  # type: ignore[no-untyped-call]
    assert torch.allclose(read, exact, atol=1e-5)  # what is only read is exact
