"""A base with an adapter, in PyTorch: for learning the adapter, and for reading contents window by window.

The layers are those of Llama (Touvron et al. 2023, arXiv 2302.13971) with what Qwen 2, Qwen 3 and Gemma 3 do
otherwise. An adapter adds a product of two thin matrices to every matrix of a layer (LoRA: Hu et al. 2021,
arXiv 2106.09685); the base itself never changes. Conditions of a work are added to the embedding of every
token. Knows no tokenizer and no files.

Letters: B windows, T tokens, D width, V vocabulary, S side inputs, R rank of the adapter, N rows of a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from etude.families.sequence.networks.adapted_attention import CausalAttention
from etude.families.sequence.networks.adapted_plan import shapes
from etude.families.sequence.networks.base_shape import Shape
from etude.families.sequence.networks.base_weights import PARTS

SCALE = 2.0  # of the adapter's product: alpha over rank, as is usual
_AT_ONCE = 256  # tokens whose logits are held at a time while learning
Adapter = Mapping[str, Tensor]


def new_adapter(shape: Shape, rank: int, side_sizes: Sequence[int]) -> dict[str, Tensor]:
    """An adapter that changes nothing yet: `layers.0.q.a` (R, in) at random, `.b` (out, R) zero, and
    `sides.0` (N, D) zero."""
    out: dict[str, Tensor] = {}
    for name, size in shapes(shape, rank, side_sizes).items():
        most = 1 / math.sqrt(size[1])
        out[name] = torch.empty(size).uniform_(-most, most) if name.endswith(".a") else torch.zeros(size)
    return out


def merged(weights: Mapping[str, Tensor], adapter: Adapter, shape: Shape) -> dict[str, Tensor]:
    """The weights with the adapter added, rounded to bfloat16: what reads and makes."""
    out = dict(weights)
    for layer in range(shape.layers):
        for part in PARTS:
            name = f"layers.{layer}.{part}"
            with torch.no_grad():
                delta = (adapter[f"{name}.b"].float() @ adapter[f"{name}.a"].float()) * SCALE
                out[name] = (weights[name].float() + delta).to(torch.bfloat16)
    return out


class Layers:
    """The network. `weights` are those of `Base.weights`; an `adapter` that learns is added to them. `sides`
    are the tables of conditions (N, D)."""

    def __init__(
        self,
        shape: Shape,
        weights: Mapping[str, Tensor],
        *,
        adapter: Adapter | None = None,
        sides: Sequence[Tensor] = (),
        bfloat16: bool = False,
    ) -> None:
        self.shape, self.adapter, self.sides = shape, adapter, tuple(sides)
        self.dtype = torch.bfloat16 if bfloat16 else torch.float32
        self._w = {k: v.to(self.dtype) if v.ndim == 2 else v for k, v in weights.items()}
        self.head = self._w.get("head", self._w["embed"])
        self._rotary: dict[bool, tuple[int, Tensor, Tensor]] = {}

    def stream(self, tokens: Tensor, side: Tensor) -> Tensor:
        """The stream (B, T, D) after the last layer, float32."""
        x = self._w["embed"][tokens].float()
        if self.shape.embed_scale != 1.0:
            x = x * self.shape.embed_scale
        for i, table in enumerate(self.sides):
            x = x + F.embedding(side[..., i], table)
        for layer in range(self.shape.layers):
            x = x + self._after(f"layers.{layer}.after_1", self._attention(layer, x))
            x = x + self._after(f"layers.{layer}.after_2", self._forward(layer, x))
        return x

    def normed(self, stream: Tensor) -> Tensor:
        """What the head reads (..., D)."""
        return self._norm("norm", stream)

    def _norm(self, name: str, x: Tensor) -> Tensor:
        gain = self._w[name]
        return F.rms_norm(x, (x.shape[-1],), gain, self.shape.eps).to(self.dtype)

    def _after(self, name: str, x: Tensor) -> Tensor:
        return self._norm(name, x.float()).float() if name in self._w else x

    def _linear(self, layer: int, part: str, x: Tensor) -> Tensor:
        name = f"layers.{layer}.{part}"
        y = F.linear(x, self._w[name], self._bias(f"{name}_bias"))
        if self.adapter is not None:
            a, b = self.adapter[f"{name}.a"], self.adapter[f"{name}.b"]
            y = y + F.linear(F.linear(x, a.to(self.dtype)), (b * SCALE).to(self.dtype))
        return y

    def _bias(self, name: str) -> Tensor | None:
        found = self._w.get(name)
        return None if found is None else found.to(self.dtype)

    def _attention(self, layer: int, x: Tensor) -> Tensor:
        s = self.shape
        b, t, _ = x.shape
        n = self._norm(f"layers.{layer}.norm_1", x)
        q = self._linear(layer, "q", n).view(b, t, s.heads, s.head).transpose(1, 2)
        k = self._linear(layer, "k", n).view(b, t, s.kv_heads, s.head).transpose(1, 2)
        v = self._linear(layer, "v", n).view(b, t, s.kv_heads, s.head).transpose(1, 2)
        if f"layers.{layer}.q_norm" in self._w:
            q, k = (
                self._norm(f"layers.{layer}.q_norm", q.float()),
                self._norm(f"layers.{layer}.k_norm", k.float()),
            )
        cos, sin = self._places(layer, t)
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        window = s.windows[layer] if s.windows else 0
        if self.adapter is not None and not (window and t > window):
            a: Tensor = CausalAttention.apply(q, k, v, s.scale)  # type: ignore[no-untyped-call]
            return self._linear(layer, "o", a.transpose(1, 2).reshape(b, t, s.heads_width))
        if s.heads != s.kv_heads:
            k, v = (z.repeat_interleave(s.heads // s.kv_heads, 1) for z in (k, v))
        if window and t > window:
            mask = _windowed(t, window)
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=s.scale)
        else:
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=s.scale)
        return self._linear(layer, "o", a.transpose(1, 2).reshape(b, t, s.heads_width))

    def _forward(self, layer: int, x: Tensor) -> Tensor:
        n = self._norm(f"layers.{layer}.norm_2", x)
        gate, up = self._linear(layer, "gate", n), self._linear(layer, "up", n)
        h = F.gelu(gate, approximate="tanh") if self.shape.gelu else F.silu(gate)
        return self._linear(layer, "down", h * up)

    def _places(self, layer: int, t: int) -> tuple[Tensor, Tensor]:
        """cos and sin (T, head / 2) of a layer."""
        local = bool(self.shape.windows) and self.shape.windows[layer] > 0
        known = self._rotary.get(local)
        if known is None or known[0] < t:
            cos, sin = (torch.from_numpy(x).to(self.dtype) for x in self.shape.rotary(layer, t))
            known = self._rotary[local] = t, cos, sin
        return known[1][:t], known[2][:t]


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate (B, H, T, head) by place: the first half of the channels pairs with the second."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def _windowed(t: int, window: int) -> Tensor:
    """(T, T) which tokens each one sees."""
    i = torch.arange(t)
    back = i[:, None] - i[None, :]
    return (back >= 0) & (back < window)


class HeadCost(torch.autograd.Function):
    """The cost of each target by a head that does not learn: normed states (N, D), head (V, D) and targets
    (N,) to nats (N,), float32.

    Logits of a large vocabulary are held for some tokens at a time; what the states need to learn is computed
    with the cost, since both come from the same probabilities. Those are as exact as the head's own numbers:
    in bfloat16 a cost that teaches is right to 0.004 nats, and one that is only read is exact.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        """Costs, and their slopes where states learn."""
        learns = ctx.needs_input_grad[0]
        costs, slopes = [], []
        for i in range(0, len(states), _AT_ONCE):
            x, y = states[i : i + _AT_ONCE], targets[i : i + _AT_ONCE]
            logits = F.linear(x, head)
            if not learns:
                costs.append(F.cross_entropy(logits.float(), y, reduction="none"))
                continue
            p = logits.softmax(-1)
            total = logits.amax(-1).float() - p.amax(-1).float().log()  # the logarithm of the sum
            costs.append(total - logits.gather(1, y[:, None])[:, 0].float())
            p[torch.arange(len(y)), y] -= 1.0
            slopes.append(p @ head)
        if learns:
            ctx.save_for_backward(torch.cat(slopes))
        return torch.cat(costs)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, None, None]:
        """The slopes, weighed by how much each cost counts."""
        if not ctx.needs_input_grad[0]:
            return None, None, None
        (slopes,) = ctx.saved_tensors
        return slopes * grads[0][:, None].to(slopes.dtype), None, None
