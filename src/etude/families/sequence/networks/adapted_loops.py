"""A base with an adapter as compiled loops for making takes: one row at a time or many, always with the same
bits (see compiled.py, whose way this follows).

Follows adapted_layers.py layer by layer; the conformance suite holds the two together. Knows nothing of the
memory or of sampling.

Letters: R rows, L layers, D width, H query heads, K key heads, h width of a head, I inner width, C context,
B slots, V vocabulary, S side inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.families.sequence.compiling import njit_fused
from etude.families.sequence.networks.matmul_kernel import matmul
from etude.families.sequence.softmax import as_float, exp32


@njit_fused
def _norm(x: Any, a: int, n: int, gain: Any, eps: float, out: Any) -> None:
    """out[a:a+n] = x[a:a+n] over its root mean square, times the gain."""
    s0 = np.float32(0.0)
    s1 = np.float32(0.0)
    s2 = np.float32(0.0)
    s3 = np.float32(0.0)
    for i in range(a, a + n, 4):
        s0 += x[i] * x[i]
        s1 += x[i + 1] * x[i + 1]
        s2 += x[i + 2] * x[i + 2]
        s3 += x[i + 3] * x[i + 3]
    inv = np.float32(1.0) / np.sqrt(((s0 + s1) + (s2 + s3)) / np.float32(n) + np.float32(eps))
    for i in range(n):
        out[a + i] = x[a + i] * inv * gain[i]


@njit_fused
def _rotate(x: Any, a: int, n: int, cos: Any, sin: Any) -> None:
    """Rotate one head's channels x[a:a+n] in place."""
    half = n // 2
    for i in range(half):
        p, q = x[a + i], x[a + half + i]
        x[a + i] = p * cos[i] - q * sin[i]
        x[a + half + i] = q * cos[i] + p * sin[i]


@njit_fused
def _attend(
    q: Any, a: int, w: int, kt: Any, v: Any, first: int, n: int, scale: float, score: Any, out: Any
) -> None:
    """One head of one row: q[a:a+w] against kt (w, C) and v (C, w) over places first..n, into out[a:a+w]."""
    for j in range(first, n):
        score[j] = 0.0
    for i in range(0, w, 4):
        x0, x1, x2, x3 = q[a + i], q[a + i + 1], q[a + i + 2], q[a + i + 3]
        r0, r1, r2, r3 = kt[i], kt[i + 1], kt[i + 2], kt[i + 3]
        for j in range(first, n):
            score[j] = score[j] + x0 * r0[j] + x1 * r1[j] + x2 * r2[j] + x3 * r3[j]
    top = score[first]
    for j in range(first, n):
        top = max(top, score[j])
    by = np.float32(scale)
    for j in range(first, n):
        score[j] = exp32(by * (score[j] - top))
    z = np.float32(0.0)
    for j in range(first, n):
        z += score[j]
    for i in range(w):
        out[a + i] = 0.0
    for j in range(first, n):
        p = score[j] / z
        row = v[j]
        for i in range(w):
            out[a + i] += p * row[i]


@njit_fused
def _gated(u: Any, n: int, gelu: bool) -> None:
    """u[:n] = act(u[:n]) * u[n:2n]."""
    if gelu:
        for i in range(n):
            g = u[i]
            z = np.float32(0.7978845608028654) * (g + np.float32(0.044715) * g * g * g)
            t = np.float32(1.0) - np.float32(2.0) / (exp32(np.float32(2.0) * z) + np.float32(1.0))
            u[i] = np.float32(0.5) * g * (np.float32(1.0) + t) * u[n + i]
    else:
        for i in range(n):
            g = u[i]
            u[i] = g / (np.float32(1.0) + exp32(-g)) * u[n + i]


@njit_fused
def rows_forward(
    w: Any, tokens: Any, side: Any, stream: Any, place: Any, kv: Any, m: Any, logits: Any, want: Any
) -> None:
    """Up to ROWS rows through the network: tokens, side inputs of the next token, stream and place of each;
    keys and values are written to the cache. Logits of row r go to logits[want[r]], none where it is -1; the
    wanted places must be consecutive.

    Rows of one stream must stand in order: all keys of a layer are written before its attention.
    """
    rows = tokens.shape[0]
    d, h = w.embed.shape[1], w.width
    of_q, of_k = w.heads * h, w.kv_heads * h
    inner = w.down.shape[2]
    wide = of_q + 2 * of_k
    by = np.float32(w.embed_scale)
    for r in range(rows):
        x, e = m.x[r], w.embed[tokens[r]]
        for i in range(d):
            x[i] = as_float(np.uint32(e[i]) << np.uint32(16)) * by  # type: ignore[call-arg]
        for s in range(w.side_at.shape[0]):
            v = w.side_at[s] + side[r, s]
            for i in range(d):
                x[i] += w.sides[v, i]
    for layer in range(w.qkv.shape[0]):
        window = w.windows[layer]
        local = 1 if window > 0 else 0
        for r in range(rows):
            _norm(m.x[r], 0, d, w.norms[layer, 0], w.eps, m.n[r])
        matmul(m.n, w.qkv[layer], m.qkv[:, :wide], rows, m.rest, False)
        for r in range(rows):
            q = m.qkv[r]
            b, p = stream[r], place[r]
            for i in range(wide):
                q[i] += w.bias[layer, i]
            for i in range(w.heads + w.kv_heads):
                if w.has_qk_norms:
                    _norm(q, i * h, h, w.qk_norms[layer, 0 if i < w.heads else 1], w.eps, q)
                _rotate(q, i * h, h, w.cos[local, p], w.sin[local, p])
            for g in range(w.kv_heads):
                for i in range(h):
                    kv.k[layer, b, g, i, p] = q[of_q + g * h + i]
                    kv.v[layer, b, g, p, i] = q[of_q + of_k + g * h + i]
        for r in range(rows):
            b, p = stream[r], place[r]
            first = max(0, p + 1 - window) if window > 0 else 0
            for i in range(w.heads):
                g = i // (w.heads // w.kv_heads)
                k, v = kv.k[layer, b, g], kv.v[layer, b, g]
                _attend(m.qkv[r], i * h, h, k, v, first, p + 1, w.scale, m.score, m.att[r])
        if w.has_after:
            matmul(m.att, w.o[layer], m.n[:, :d], rows, m.rest, False)
            for r in range(rows):
                _norm(m.n[r], 0, d, w.norms[layer, 2], w.eps, m.n[r])
                for i in range(d):
                    m.x[r, i] += m.n[r, i]
        else:
            matmul(m.att, w.o[layer], m.x, rows, m.rest, True)
        for r in range(rows):
            _norm(m.x[r], 0, d, w.norms[layer, 1], w.eps, m.n[r])
        matmul(m.n, w.gate_up[layer], m.big, rows, m.rest, False)
        for r in range(rows):
            _gated(m.big[r], inner, w.gelu)
        if w.has_after:
            matmul(m.big, w.down[layer], m.n[:, :d], rows, m.rest, False)
            for r in range(rows):
                _norm(m.n[r], 0, d, w.norms[layer, 3], w.eps, m.n[r])
                for i in range(d):
                    m.x[r, i] += m.n[r, i]
        else:
            matmul(m.big, w.down[layer], m.x, rows, m.rest, True)
    n = 0
    at = np.int64(0)
    for r in range(rows):
        if want[r] >= 0:
            _norm(m.x[r], 0, d, w.norm, w.eps, m.n[n])
            if n == 0:
                at = want[r]
            n += 1
    if n > 0:
        matmul(m.n, w.head, logits[at : at + n], n, m.rest, False)
