"""The transformer as compiled loops for making takes: one row at a time or many, always with the same bits.

A take must not depend on the batch it was made in, and BLAS sums in another order for another shape. Here
each output is a sum over the inputs in a fixed order whatever the number of rows (matmul_kernel.py), so
bit-equality holds by construction, and a step costs no more than reading the weights once. Follows
transformer_layers.py layer by layer; a test holds the two together. Knows nothing of the memory or of
sampling.

Letters: R rows, L layers, D width, H heads, C context, B slots, V vocabulary, S side inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.families.sequence.compiling import njit_fused
from etude.families.sequence.networks.matmul_kernel import matmul
from etude.families.sequence.networks.transformer_layers import HEAD_WIDTH, LOGIT_CAP
from etude.families.sequence.softmax import exp32


@njit_fused
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


@njit_fused
def _rotate(x: Any, a: int, cos: Any, sin: Any) -> None:
    """Rotate one head's channels x[a:a+64] in place."""
    for i in range(HEAD_WIDTH // 2):
        p, q = x[a + i], x[a + HEAD_WIDTH // 2 + i]
        x[a + i] = p * cos[i] - q * sin[i]
        x[a + HEAD_WIDTH // 2 + i] = q * cos[i] + p * sin[i]


@njit_fused
def _attend(q: Any, a: int, kt: Any, v: Any, n: int, score: Any, out: Any) -> None:
    """One head of one row: q[a:a+64] against kt (64, C) and v (C, 64) over n places, into out[a:a+64]."""
    for j in range(n):
        score[j] = 0.0
    # four at a time, so that the sums go through memory a quarter as often; the order stays
    for i in range(0, HEAD_WIDTH, 4):
        x0, x1, x2, x3 = q[a + i], q[a + i + 1], q[a + i + 2], q[a + i + 3]
        r0, r1, r2, r3 = kt[i], kt[i + 1], kt[i + 2], kt[i + 3]
        for j in range(n):
            score[j] = score[j] + x0 * r0[j] + x1 * r1[j] + x2 * r2[j] + x3 * r3[j]
    top = score[0]
    for j in range(1, n):
        top = max(top, score[j])
    for j in range(n):
        score[j] = exp32(np.float32(0.12) * (score[j] - top))
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


@njit_fused
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
    """Up to ROWS rows through the network: tokens, earlier tokens (for the hashed table), side inputs of the
    next token, stream and place of each; keys and values are written to the cache. Capped logits of row r go
    to logits[want[r]], none where it is -1; the wanted places must be consecutive.

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
        matmul(m.n, w.qkv[layer], m.big[:, : 3 * d], rows, m.rest, False)
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
        matmul(m.att, w.out[layer], m.x, rows, m.rest, True)
        for r in range(rows):
            _rms(m.x[r], m.n[r], 0, d)
        matmul(m.n, w.up[layer], m.big, rows, m.rest, False)
        for r in range(rows):
            u = m.big[r]
            for i in range(4 * d):
                z = max(u[i], np.float32(0.0))
                u[i] = z * z
        matmul(m.big, w.down[layer], m.x, rows, m.rest, True)
    n = 0
    at = 0
    for r in range(rows):
        if want[r] >= 0:
            _rms(m.x[r], m.n[n], 0, d)
            if n == 0:
                at = want[r]
            n += 1
    if n > 0:
        matmul(m.n, w.head, logits[at : at + n], n, m.rest, False)
        cap = np.float32(LOGIT_CAP)
        for r in range(at, at + n):
            y = logits[r]
            for j in range(y.shape[0]):
                y[j] = cap * (
                    np.float32(1.0)
                    - np.float32(2.0) / (exp32(np.float32(2.0) * y[j] / cap) + np.float32(1.0))
                )
