"""A base's weights with an adapter added, and room for what is read, as compiled loops take them.

Matrices are bfloat16 in panels (matmul_kernel.py), the embedding bfloat16 row by row, the rest float32.

Letters: L layers, D width, H query heads, K key heads, h width of a head, I inner width, C context, B slots,
V vocabulary, P panels, N rows of all tables of conditions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.networks.base_shape import Shape
from etude.families.sequence.networks.matmul_kernel import PANEL

if TYPE_CHECKING:
    from torch import Tensor

ROWS = 8  # rows one call works on together: as many as have their sums in registers

LAYOUT = "packed 1"  # changes with what `pack` writes, so that no cache is read otherwise

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.uint16]


class Packed(NamedTuple):
    """Weights as compiled code reads them.

    `qkv` (L, P, D, 64), `o` (L, P, H h, 64), `gate_up` (L, P, D, 64), `down` (L, P, I, 64), `head` (P, D,
    64); `bias` (L, H h + 2 K h); `norms` (L, 4, D): before attention and feed-forward, and after both;
    `qk_norms` (L, 2, h); `cos`, `sin` (2, C, h / 2): of all layers, and of those with a window; `windows`
    (L,), 0: all.
    """

    embed: Halves  # (V, D)
    sides: Floats  # (N, D)
    side_at: npt.NDArray[np.int64]
    qkv: Halves
    o: Halves
    gate_up: Halves
    down: Halves
    head: Halves
    bias: Floats
    norms: Floats
    qk_norms: Floats
    norm: Floats  # (D,)
    cos: Floats
    sin: Floats
    windows: npt.NDArray[np.int64]
    heads: int
    kv_heads: int
    width: int  # of a head
    eps: float
    scale: float
    embed_scale: float
    has_after: bool
    has_qk_norms: bool
    gelu: bool


class KeysValues(NamedTuple):
    """Keys (L, B, K, h, C) with time last, values (L, B, K, C, h)."""

    k: Floats
    v: Floats


class Room(NamedTuple):
    """Buffers for ROWS rows; one for each thread."""

    x: Floats  # (ROWS, D)
    n: Floats  # (ROWS, max(D, H h))
    qkv: Floats  # (ROWS, H h + 2 K h)
    att: Floats  # (ROWS, H h)
    big: Floats  # (ROWS, 2 I)
    score: Floats  # (C,)
    rest: Floats  # (ROWS, PANEL)


def pack(w: Mapping[str, Tensor], sides: Sequence[Tensor], s: Shape, context: int) -> Packed:
    """From weights by name, matrices in bfloat16 (`adapted_layers.merged`)."""
    import torch  # laziness: making takes needs no PyTorch

    layers = range(s.layers)

    def vectors(*names: str, size: int) -> Floats:
        out = np.ones((s.layers, len(names), size), np.float32)
        for i in layers:
            for j, name in enumerate(names):
                if f"layers.{i}.{name}" in w:
                    out[i, j] = w[f"layers.{i}.{name}"].float().numpy()
        return out

    bias = np.zeros((s.layers, s.heads_width + 2 * s.kv_width), np.float32)
    for i in layers:
        if f"layers.{i}.q_bias" in w:
            bias[i] = torch.cat([w[f"layers.{i}.{n}_bias"] for n in "qkv"]).float().numpy()
    plain, near = s.rotary(_first(s, local=False), context), s.rotary(_first(s, local=True), context)
    n_sides = [len(t) for t in sides]
    return Packed(
        w["embed"].view(torch.int16).numpy().view(np.uint16),
        np.concatenate([t.float().numpy() for t in sides] or [np.zeros((1, s.width), np.float32)]),
        np.cumsum([0, *n_sides])[: len(sides)].astype(np.int64),
        _stacked(w, ("q", "k", "v"), s.layers),
        _stacked(w, ("o",), s.layers),
        _stacked(w, ("gate", "up"), s.layers),
        _stacked(w, ("down",), s.layers),
        _panels(w.get("head", w["embed"])),
        bias,
        vectors("norm_1", "norm_2", "after_1", "after_2", size=s.width),
        vectors("q_norm", "k_norm", size=s.head),
        w["norm"].float().numpy(),
        np.stack([plain[0], near[0]]),
        np.stack([plain[1], near[1]]),
        np.array(s.windows or (0,) * s.layers, np.int64),
        *_of_shape(s),
    )


def to_arrays(packed: Packed) -> dict[str, npt.NDArray[Any]]:
    """The arrays among the fields: what a cache keeps."""
    return {name: x for name, x in packed._asdict().items() if isinstance(x, np.ndarray)}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]], s: Shape) -> Packed:
    """What `to_arrays` gave, with what the shape says."""
    own: dict[str, Any] = {name: arrays[name] for name in Packed._fields if name not in _OF_SHAPE}
    own |= zip(_OF_SHAPE, _of_shape(s), strict=True)
    return Packed(**own)


_OF_SHAPE = Packed._fields[-9:]  # from `heads` on: numbers


def _of_shape(s: Shape) -> tuple[int, int, int, float, float, float, bool, bool, bool]:
    """The numbers of a `Packed`."""
    after = s.family == "gemma3"
    scales = float(s.eps), float(s.scale), float(s.embed_scale)
    return s.heads, s.kv_heads, s.head, *scales, after, s.family in ("qwen3", "gemma3"), s.gelu


def _first(s: Shape, *, local: bool) -> int:
    """A layer with a window, or without; the first where there is none."""
    return next((i for i, window in enumerate(s.windows) if (window > 0) == local), 0)


def _panels(w: Tensor) -> Halves:
    """A matrix (out, in) as (P, in, 64), the last panel filled up with zeros."""
    import torch  # laziness, as above

    n_out, n_in = w.shape
    panels = -(-n_out // PANEL)
    bits = w.view(torch.int16)
    if n_out % PANEL:
        bits = torch.cat([bits, bits.new_zeros(panels * PANEL - n_out, n_in)])
    return bits.view(panels, PANEL, n_in).transpose(1, 2).contiguous().numpy().view(np.uint16)


def _stacked(w: Mapping[str, Tensor], parts: Sequence[str], layers: int) -> Halves:
    """These matrices of every layer side by side, in panels (L, P, in, 64)."""
    import torch  # laziness, as above

    each = [_panels(torch.cat([w[f"layers.{i}.{part}"] for part in parts])) for i in range(layers)]
    return np.stack(each)


def keys_values(s: Shape, slots: int, context: int) -> KeysValues:
    """Empty keys and values for so many slots; memory is taken as they are written."""
    return KeysValues(
        np.zeros((s.layers, slots, s.kv_heads, s.head, context), np.float32),
        np.zeros((s.layers, slots, s.kv_heads, context, s.head), np.float32),
    )


def room(s: Shape, context: int) -> Room:
    """Buffers for one thread."""
    widths = s.width, max(s.width, s.heads_width), s.heads_width + 2 * s.kv_width, s.heads_width, 2 * s.inner
    x, n, qkv, att, big = (np.zeros((ROWS, width), np.float32) for width in widths)
    return Room(x, n, qkv, att, big, np.zeros(context, np.float32), np.zeros((ROWS, PANEL), np.float32))
