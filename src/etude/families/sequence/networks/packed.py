"""The transformer's weights, and room for what it reads, as compiled loops take them.

Matrices are bfloat16 in panels (matmul_kernel.py), which halves the memory traffic that a single take waits
for; tables are float32.

Letters: L layers, D width, H heads, C context, B slots, V vocabulary, S side inputs, P panels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.networks.bfloat16 import narrow
from etude.families.sequence.networks.matmul_kernel import PANEL, panels
from etude.families.sequence.networks.transformer_layers import HEAD_WIDTH, NetConfig

ROWS = 8  # rows one call works on together: as many as have their sums in registers


class Weights(NamedTuple):
    """Weights as compiled code reads them. bfloat16 matrices (in, out) as uint16 in panels (P, in, 64);
    tables are float32.

    `tokens` (V, D), `sides` (sum of sizes, D) with `side_at` (S,) first rows, `pairs` (rows, D), `values` (L,
    V, D) or (L, 0, D); `qkv` (L, D, 3D), `out` (L, D, D), `up` (L, D, 4D), `down` (L, 4D, D), `head` (D, V)
    before cutting; scales (L,); `cos`, `sin` (C, 32).
    """

    tokens: npt.NDArray[np.float32]
    sides: npt.NDArray[np.float32]
    side_at: npt.NDArray[np.int64]
    pairs: npt.NDArray[np.float32]
    values: npt.NDArray[np.float32]
    value_of: npt.NDArray[np.int64]
    qkv: npt.NDArray[np.uint16]
    out: npt.NDArray[np.uint16]
    up: npt.NDArray[np.uint16]
    down: npt.NDArray[np.uint16]
    head: npt.NDArray[np.uint16]
    value_scale: npt.NDArray[np.float32]
    hash_scale: npt.NDArray[np.float32]
    cos: npt.NDArray[np.float32]
    sin: npt.NDArray[np.float32]
    hash_back: int


class KeysValues(NamedTuple):
    """Keys (L, B, H, 64, C) with time last, values (L, B, H, C, 64)."""

    k: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]


class Room(NamedTuple):
    """Buffers for ROWS rows; one for each thread."""

    x: npt.NDArray[np.float32]  # (ROWS, D)
    n: npt.NDArray[np.float32]  # (ROWS, D)
    big: npt.NDArray[np.float32]  # (ROWS, max(4D, 3D))
    att: npt.NDArray[np.float32]  # (ROWS, D)
    score: npt.NDArray[np.float32]  # (C,)
    rest: npt.NDArray[np.float32]  # (ROWS, PANEL)


def pack(arrays: Mapping[str, npt.NDArray[Any]], c: NetConfig) -> Weights:
    """From a state dict of `SequenceNet` as arrays (matrices in float32 that bfloat16 holds exactly)."""

    def stack(name: str) -> npt.NDArray[np.uint16]:
        return np.stack(
            [
                panels(narrow(np.asarray(arrays[f"blocks.{i}.{name}.weight"], np.float32).T))
                for i in range(c.layers)
            ]
        )

    def f32(name: str) -> npt.NDArray[np.float32]:
        return np.ascontiguousarray(arrays[name], np.float32)

    with_values = [i for i in range(c.layers) if f"blocks.{i}.values.weight" in arrays]
    value_of = np.full(c.layers, -1, np.int64)
    value_of[with_values] = np.arange(len(with_values))
    sizes = [0, *np.cumsum(c.side_sizes).tolist()]
    t = np.arange(c.context, dtype=np.float32)[:, None] * 10000.0 ** (
        -np.arange(0, HEAD_WIDTH, 2, dtype=np.float32) / HEAD_WIDTH
    )
    return Weights(
        f32("tokens.weight"),
        np.concatenate(
            [f32(f"sides.{i}.weight") for i in range(len(c.side_sizes))]
            or [np.zeros((1, c.width), np.float32)]
        ),
        np.array(sizes[: len(c.side_sizes)], np.int64),
        f32("pairs.weight"),
        np.stack([f32(f"blocks.{i}.values.weight") for i in with_values])
        if with_values
        else np.zeros((1, 1, c.width), np.float32),
        value_of,
        stack("qkv"),
        stack("out"),
        stack("up"),
        stack("down"),
        panels(narrow(np.asarray(arrays["head.weight"], np.float32).T)),
        np.array(
            [float(arrays[f"blocks.{i}.value_scale"]) if i in with_values else 0.0 for i in range(c.layers)],
            np.float32,
        ),
        np.array([float(arrays[f"blocks.{i}.hash_scale"]) for i in range(c.layers)], np.float32),
        np.cos(t).astype(np.float32),
        np.sin(t).astype(np.float32),
        c.hash_back,
    )


def keys_values(c: NetConfig, slots: int) -> KeysValues:
    """Empty keys and values for so many slots."""
    h = c.width // HEAD_WIDTH
    return KeysValues(
        np.zeros((c.layers, slots, h, HEAD_WIDTH, c.context), np.float32),
        np.zeros((c.layers, slots, h, c.context, HEAD_WIDTH), np.float32),
    )


def room(c: NetConfig) -> Room:
    """Buffers for one thread."""
    x, n, big, att = (
        np.zeros((ROWS, width), np.float32) for width in (c.width, c.width, 4 * c.width, c.width)
    )
    return Room(x, n, big, att, np.zeros(c.context, np.float32), np.zeros((ROWS, PANEL), np.float32))
