"""Causal attention for learning on a processor: plain products over blocks of queries, and their slopes.

PyTorch's own kernel computes the same and is slower on a processor, above all on its way back; figures are in
docs/decisions/048. Heads that share keys are one matrix of more rows (grouped queries: Ainslie et al. 2023,
arXiv 2305.13245), so that keys are neither copied nor multiplied one head at a time. Knows no weights.

Letters: B windows, H heads, G heads of keys, T tokens, D channels of a head.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_BLOCK = 128  # queries at a time: what they cannot see yet is not computed, but for half a block


class CausalAttention(torch.autograd.Function):
    """Queries (B, H, T, D), keys and values (B, G, T, D) and the scale of their products to (B, H, T, D);
    `scale` multiplies the products of queries and keys before the softmax."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
        """Each block of queries against the keys up to its end."""
        b, h, t, d = q.shape
        groups = k.shape[1]
        keys, values = k.reshape(b * groups, t, d), v.reshape(b * groups, t, d)
        out = torch.empty_like(q, memory_format=torch.contiguous_format)
        shares = []
        for start, end in _blocks(t):
            rows = _rows(q, groups, start, end)
            score = torch.bmm(rows, keys[:, :end].transpose(1, 2)) * scale
            score.view(b, h, end - start, end)[..., start:] += _later(end - start, q.dtype)
            share = score.softmax(-1)
            out[:, :, start:end] = torch.bmm(share, values[:, :end]).view(b, h, end - start, d)
            shares.append(share)
        ctx.save_for_backward(q, keys, values, *shares)
        ctx.scale, ctx.groups = scale, groups
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor, Tensor, Tensor, None]:
        """Slopes of queries, keys and values; those of keys and values are summed in float32."""
        q, keys, values, *shares = ctx.saved_tensors
        (g,) = grads
        b, h, t, d = q.shape
        of_q = torch.empty_like(q, memory_format=torch.contiguous_format)
        of_k, of_v = torch.zeros(keys.shape), torch.zeros(values.shape)
        for (start, end), share in zip(_blocks(t), shares, strict=True):
            rows, slope = _rows(q, ctx.groups, start, end), _rows(g, ctx.groups, start, end)
            of_v[:, :end] += torch.bmm(share.transpose(1, 2), slope)
            of_share = torch.bmm(slope, values[:, :end].transpose(1, 2))
            of_score = torch._softmax_backward_data(of_share, share, -1, share.dtype)
            of_q[:, :, start:end] = torch.bmm(of_score, keys[:, :end]).view(b, h, end - start, d)
            of_k[:, :end] += torch.bmm(of_score.transpose(1, 2), rows)
        shape = (b, ctx.groups, t, d)
        of_k, of_v = (of_k * ctx.scale).to(q.dtype).view(shape), of_v.to(q.dtype).view(shape)
        return of_q * ctx.scale, of_k, of_v, None


def _blocks(t: int) -> list[tuple[int, int]]:
    return [(i, min(t, i + _BLOCK)) for i in range(0, t, _BLOCK)]


def _rows(x: Tensor, groups: int, start: int, end: int) -> Tensor:
    """A block of (B, H, T, D) as (B x G, heads of a group x block, D)."""
    b, _, _, d = x.shape
    return x[:, :, start:end].reshape(b * groups, -1, d)


def _later(n: int, dtype: torch.dtype) -> Tensor:
    """(n, n): minus infinity at what comes after a query of the same block."""
    return torch.full((n, n), float("-inf"), dtype=dtype).triu(1)
