"""The network as compiled loops for making takes: one row at a time or many, always with the same bits.

A take must not depend on the batch it was made in, and BLAS sums in another order for another shape. Here each output is a sum over the
inputs in a fixed order whatever the number of rows (tile.py), so bit-equality holds by construction, and a step costs no more than reading
the weights once: they are kept as bfloat16 (half the memory traffic, which is what a single take waits for). Exponentials are our own
polynomial, so that no maths library of one machine decides a token.
Follows models/sequence.py layer by layer; a test holds the two together. Knows nothing of the memory or of sampling.

Letters: R rows, L layers, D width, H heads, C context, B streams, V vocabulary, S side inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from etude.families.sequence.networks.matmul_kernel import PANEL, panels, times
from etude.families.sequence.networks.transformer import HEAD_WIDTH, LOGIT_CAP, NetConfig

njit = numba.njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
ROWS = 8  # rows one call works on together: as many as have their sums in registers


@intrinsic
def _as_float(_context: Any, _bits: Any) -> Any:
    """The float32 with these 32 bits."""

    def build(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), build


@njit
def _exp(x: Any) -> Any:
    """exp in float32 within 2e-7 relative: 2**n times a polynomial on half an octave either side."""
    x = min(max(x, np.float32(-87.0)), np.float32(88.0))
    n = np.floor(x * np.float32(1.4426950408889634) + np.float32(0.5))
    r = (x - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    p = p * r * r + r + np.float32(1.0)
    return p * _as_float(np.uint32(np.int32(n) + np.int32(127)) << np.uint32(23))  # type: ignore[call-arg]  # numba gives the context


class Weights(NamedTuple):
    """Weights as compiled code reads them. bfloat16 matrices (in, out) as uint16 in panels (P, in, 64); tables are float32.

    `tokens` (V, D), `sides` (sum of sizes, D) with `side_at` (S,) first rows, `pairs` (rows, D), `values` (L, V, D) or (L, 0, D);
    `qkv` (L, D, 3D), `out` (L, D, D), `up` (L, D, 4D), `down` (L, 4D, D), `head` (D, V) before cutting; scales (L,); `cos`, `sin` (C, 32).
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


class Cache(NamedTuple):
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


def bfloat16(x: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Round to nearest, ties to even, and keep the upper half of the bits."""
    u = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((u + 0x7FFF + ((u >> 16) & 1)) >> 16).astype(np.uint16)


def widen(x: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """bfloat16 bits back to float32."""
    return (x.astype(np.uint32) << 16).view(np.float32)


def weights(arrays: Mapping[str, npt.NDArray[Any]], c: NetConfig) -> Weights:
    """From a state dict of `SequenceNet` as arrays (matrices in float32 that bfloat16 holds exactly)."""

    def stack(name: str) -> npt.NDArray[np.uint16]:
        return np.stack(
            [
                panels(bfloat16(np.asarray(arrays[f"blocks.{i}.{name}.weight"], np.float32).T))
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
        panels(bfloat16(np.asarray(arrays["head.weight"], np.float32).T)),
        np.array(
            [float(arrays[f"blocks.{i}.value_scale"]) if i in with_values else 0.0 for i in range(c.layers)],
            np.float32,
        ),
        np.array([float(arrays[f"blocks.{i}.hash_scale"]) for i in range(c.layers)], np.float32),
        np.cos(t).astype(np.float32),
        np.sin(t).astype(np.float32),
        c.hash_back,
    )


def cache(c: NetConfig, streams: int) -> Cache:
    """Empty keys and values for so many streams."""
    h = c.width // HEAD_WIDTH
    return Cache(
        np.zeros((c.layers, streams, h, HEAD_WIDTH, c.context), np.float32),
        np.zeros((c.layers, streams, h, c.context, HEAD_WIDTH), np.float32),
    )


def room(c: NetConfig) -> Room:
    """Buffers for one thread."""
    d = c.width
    f = np.float32
    return Room(
        np.zeros((ROWS, d), f), np.zeros((ROWS, d), f), np.zeros((ROWS, 4 * d), f), np.zeros((ROWS, d), f),
        np.zeros(c.context, f), np.zeros((ROWS, PANEL), f),
    )  # fmt: skip


@njit
def _rms(x: Any, out: Any, a: int, n: int) -> None:
    """out[a:a+n] = x[a:a+n] over its root mean square."""
    s0 = np.float32(0.0)
    s1 = np.float32(0.0)
    s2 = np.float32(0.0)
    s3 = np.float32(0.0)
    for i in range(a, a + n, 4):
        s0 += x[i] * x[i]
        s1 += x[i + 1] * x[i + 1]
        s2 += x[i + 2] * x[i + 2]
        s3 += x[i + 3] * x[i + 3]
    inv = np.float32(1.0) / np.sqrt(((s0 + s1) + (s2 + s3)) / np.float32(n) + np.float32(1e-6))
    for i in range(a, a + n):
        out[i] = x[i] * inv


@njit
def _rotate(x: Any, a: int, cos: Any, sin: Any) -> None:
    """Rotate one head's channels x[a:a+64] in place."""
    for i in range(HEAD_WIDTH // 2):
        p, q = x[a + i], x[a + HEAD_WIDTH // 2 + i]
        x[a + i] = p * cos[i] - q * sin[i]
        x[a + HEAD_WIDTH // 2 + i] = q * cos[i] + p * sin[i]


@njit
def _attend(q: Any, a: int, kt: Any, v: Any, n: int, score: Any, out: Any) -> None:
    """One head of one row: q[a:a+64] against kt (64, C) and v (C, 64) over n places, into out[a:a+64]."""
    for j in range(n):
        score[j] = 0.0
    for i in range(
        0, HEAD_WIDTH, 4
    ):  # four at a time, so that the sums go through memory a quarter as often; the order stays
        x0, x1, x2, x3 = q[a + i], q[a + i + 1], q[a + i + 2], q[a + i + 3]
        r0, r1, r2, r3 = kt[i], kt[i + 1], kt[i + 2], kt[i + 3]
        for j in range(n):
            score[j] = score[j] + x0 * r0[j] + x1 * r1[j] + x2 * r2[j] + x3 * r3[j]
    top = score[0]
    for j in range(1, n):
        top = max(top, score[j])
    for j in range(n):
        score[j] = _exp(np.float32(0.12) * (score[j] - top))
    z = np.float32(0.0)
    for j in range(n):
        z += score[j]
    for i in range(HEAD_WIDTH):
        out[a + i] = 0.0
    for j in range(n):
        score[j] /= z
    whole = n - n % 4
    for j in range(0, whole, 4):
        p0, p1, p2, p3 = score[j], score[j + 1], score[j + 2], score[j + 3]
        v0, v1, v2, v3 = v[j], v[j + 1], v[j + 2], v[j + 3]
        for i in range(HEAD_WIDTH):
            out[a + i] = out[a + i] + p0 * v0[i] + p1 * v1[i] + p2 * v2[i] + p3 * v3[i]
    for j in range(whole, n):
        p0 = score[j]
        v0 = v[j]
        for i in range(HEAD_WIDTH):
            out[a + i] += p0 * v0[i]


@njit
def rows_forward(
    w: Any,
    tokens: Any,
    earlier: Any,
    side: Any,
    stream: Any,
    place: Any,
    kv: Any,
    m: Any,
    logits: Any,
    want: Any,
) -> None:
    """Up to ROWS rows through the network: tokens, earlier tokens (for the hashed table), side inputs of the next token, stream
    and place of each; keys and values are written to the cache. Capped logits of row r go to logits[want[r]], none where it is -1;
    the wanted places must be consecutive.

    Rows of one stream must stand in order: all keys of a layer are written before its attention.
    """
    rows = tokens.shape[0]
    d = w.tokens.shape[1]
    heads = d // HEAD_WIDTH
    for r in range(rows):
        t = tokens[r]
        x = m.x[r]
        for i in range(d):
            x[i] = w.tokens[t, i]
        for s in range(w.side_at.shape[0]):
            v = w.side_at[s] + side[r, s]
            for i in range(d):
                x[i] += w.sides[v, i]
        _rms(x, x, 0, d)
    for layer in range(w.qkv.shape[0]):
        g = w.hash_scale[layer]
        for r in range(rows):
            e = np.int64(earlier[r]) + 1
            h = ((np.int64(tokens[r]) * 36313 + e * 27191) ^ e) % w.pairs.shape[0]
            x = m.x[r]
            for i in range(d):
                x[i] += g * w.pairs[h, i]
            _rms(x, m.n[r], 0, d)
        times(m.n, w.qkv[layer], m.big[:, : 3 * d], rows, m.rest, False)
        for r in range(rows):
            q = m.big[r]
            b, p = stream[r], place[r]
            if w.value_of[layer] >= 0:
                vt = w.values[w.value_of[layer], tokens[r]]
                for i in range(d):
                    q[2 * d + i] += w.value_scale[layer] * vt[i]
            for h in range(2 * heads):
                _rotate(q, h * HEAD_WIDTH, w.cos[p], w.sin[p])
                _rms(q, q, h * HEAD_WIDTH, HEAD_WIDTH)
            for h in range(heads):
                for i in range(HEAD_WIDTH):
                    kv.k[layer, b, h, i, p] = q[d + h * HEAD_WIDTH + i]
                    kv.v[layer, b, h, p, i] = q[2 * d + h * HEAD_WIDTH + i]
        for r in range(rows):
            b, p = stream[r], place[r]
            for h in range(heads):
                _attend(
                    m.big[r], h * HEAD_WIDTH, kv.k[layer, b, h], kv.v[layer, b, h], p + 1, m.score, m.att[r]
                )
        times(m.att, w.out[layer], m.x, rows, m.rest, True)
        for r in range(rows):
            _rms(m.x[r], m.n[r], 0, d)
        times(m.n, w.up[layer], m.big, rows, m.rest, False)
        for r in range(rows):
            u = m.big[r]
            for i in range(4 * d):
                z = max(u[i], np.float32(0.0))
                u[i] = z * z
        times(m.big, w.down[layer], m.x, rows, m.rest, True)
    n = 0
    at = 0
    for r in range(rows):
        if want[r] >= 0:
            _rms(m.x[r], m.n[n], 0, d)
            if n == 0:
                at = want[r]
            n += 1
    if n > 0:
        times(m.n, w.head, logits[at : at + n], n, m.rest, False)
        cap = np.float32(LOGIT_CAP)
        for r in range(at, at + n):
            y = logits[r]
            for j in range(y.shape[0]):
                y[j] = cap * (
                    np.float32(1.0) - np.float32(2.0) / (_exp(np.float32(2.0) * y[j] / cap) + np.float32(1.0))
                )


@njit
def softmax_in_order(logits: Any, order: Any, heat: Any, p: Any) -> None:
    """Probabilities of the drawable tokens in tree order: p (V',) from logits (V,) at temperature `heat`."""
    n = order.shape[0]
    top = np.float32(-1e30)
    for i in range(n):
        top = max(top, logits[order[i]])
    z = np.float64(0.0)
    for i in range(n):
        p[i] = (logits[order[i]] - top) / heat
    for i in range(n):
        p[i] = _exp(p[i])
    for i in range(n):
        z += p[i]
    inv = np.float32(1.0 / z)
    for i in range(n):
        p[i] *= inv
