"""From logits to probabilities in compiled loops, with an exponential of our own.

The exponential is a polynomial in fixed order, so that the maths library of a machine does not decide which
token is drawn. Coefficients: Cephes `expf` (Moshier 1992). Knows no network and no memory.

Letters: V vocabulary, V' drawable tokens.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from etude.families.sequence.compiling import njit_fused


@intrinsic
def as_float(_context: Any, _bits: Any) -> Any:
    """The float32 with these 32 bits."""

    def build(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), build


@njit_fused
def exp32(x: Any) -> Any:
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
    bits = np.uint32(np.int32(n) + np.int32(127)) << np.uint32(23)
    return p * as_float(bits)  # type: ignore[call-arg]  # numba gives the context


@njit_fused
def softmax_in_order(logits: Any, order: Any, temperature: Any, p: Any) -> None:
    """Probabilities of the drawable tokens in tree order: p (V',) from logits (V,) at a temperature."""
    n = order.shape[0]
    top = np.float32(-1e30)
    for i in range(n):
        top = max(top, logits[order[i]])
    z = np.float64(0.0)
    for i in range(n):
        p[i] = (logits[order[i]] - top) / temperature
    for i in range(n):
        p[i] = exp32(p[i])
    for i in range(n):
        z += p[i]
    inv = np.float32(1.0 / z)
    for i in range(n):
        p[i] *= inv
