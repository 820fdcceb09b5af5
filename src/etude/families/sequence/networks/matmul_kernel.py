"""The one inner loop that making takes waits for: a few rows times a panel of weights, as vector
instructions.

numba's own vectoriser keeps sums in memory; here they stay in registers over all inputs, which is about twice
as fast. Each output is the chain fma(x[n], w[n], ... fma(x[0], w[0], y)), whatever the number of rows, so the
bits do not depend on the company. The fused multiply-add is asked for by name, so they do not depend on the
compiler's taste either. Panels: a matrix (in, out) is cut into `(out / 64, in, 64)`, so that one panel is
read from end to end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import binding, ir
from numba.core import types
from numba.extending import intrinsic

from etude.families.sequence.compiling import njit

PANEL = 64  # columns: 128 bytes of bfloat16, two cache lines a row
try:
    LANES = 16 if binding.get_host_cpu_features().get("avx512f") else 8
except RuntimeError:  # a processor that LLVM cannot ask
    LANES = 8
# vectors of columns at once, by rows: as many sums as there are registers
VECTORS = {8: LANES // 8, 4: LANES // 4, 2: 4, 1: 4}


def panels(x: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """A matrix (in, out) as (ceil(out / PANEL), in, PANEL), the last panel filled up with zeros."""
    n_in, n_out = x.shape
    n = -(-n_out // PANEL)
    wide = np.zeros((n_in, n * PANEL), np.uint16)
    wide[:, :n_out] = x
    return np.ascontiguousarray(wide.reshape(n_in, n, PANEL).transpose(1, 0, 2))


def _declare(module: Any, name: str, kind: Any) -> Any:
    """An LLVM intrinsic on vectors, declared once a module."""
    return module.globals[name] if name in module.globals else ir.Function(module, kind, name)


def _kernel(rows: int) -> Callable[..., Any]:
    """The loop for so many rows: (x, ldx, w, n_in, y, ldy, add), addresses as integers, strides in floats;
    y[:rows] (+)= x[:rows] @ w."""
    vectors = VECTORS[rows]
    i32, i64, f32 = ir.IntType(32), ir.IntType(64), ir.FloatType()
    vec, half = ir.VectorType(f32, LANES), ir.VectorType(ir.IntType(16), LANES)
    wide = ir.VectorType(i32, LANES)

    @intrinsic
    def kernel(_typing: Any, x: Any, ldx: Any, w: Any, n_in: Any, y: Any, ldy: Any, add: Any) -> Any:
        def build(_context: Any, b: Any, _signature: Any, args: Any) -> Any:
            xp, ldx, wp, n_in, yp, ldy, add = args
            fma = _declare(b.module, f"llvm.fma.v{LANES}f32", ir.FunctionType(vec, (vec, vec, vec)))
            x, y, w = (
                b.inttoptr(p, ir.PointerType(t)) for p, t in ((xp, f32), (yp, f32), (wp, ir.IntType(16)))
            )

            def place(base: Any, index: Any, kind: Any) -> Any:
                return b.bitcast(b.gep(base, [index]), ir.PointerType(kind))

            out = [
                [b.add(b.mul(ir.Constant(i64, r), ldy), ir.Constant(i64, v * LANES)) for v in range(vectors)]
                for r in range(rows)
            ]
            start = []
            keep = b.icmp_signed("!=", add, ir.Constant(i64, 0))
            for r in range(rows):
                for v in range(vectors):
                    old = b.load(place(y, out[r][v], vec), align=4)
                    start.append(b.select(keep, old, ir.Constant(vec, [0.0] * LANES)))
            before = b.block
            loop, after = b.append_basic_block("loop"), b.append_basic_block("after")
            b.branch(loop)
            b.position_at_end(loop)
            i = b.phi(i64)
            i.add_incoming(ir.Constant(i64, 0), before)
            sums = []
            for s in start:
                phi = b.phi(vec)
                phi.add_incoming(s, before)
                sums.append(phi)
            weights = []
            at = b.mul(i, ir.Constant(i64, PANEL))
            for v in range(vectors):
                bits = b.load(place(w, b.add(at, ir.Constant(i64, v * LANES)), half), align=2)
                full = b.shl(b.zext(bits, wide), ir.Constant(wide, [16] * LANES))
                weights.append(b.bitcast(full, vec))
            new = []
            for r in range(rows):
                one = b.load(b.gep(x, [b.add(b.mul(ir.Constant(i64, r), ldx), i)]), align=4)
                first = b.insert_element(ir.Constant(vec, ir.Undefined), one, ir.Constant(i32, 0))
                every = b.shuffle_vector(
                    first, ir.Constant(vec, ir.Undefined), ir.Constant(wide, [0] * LANES)
                )
                for v in range(vectors):
                    new.append(b.call(fma, (every, weights[v], sums[r * vectors + v])))
            step = b.add(i, ir.Constant(i64, 1))
            i.add_incoming(step, loop)
            for phi, value in zip(sums, new, strict=True):
                phi.add_incoming(value, loop)
            b.cbranch(b.icmp_signed("<", step, n_in), loop, after)
            b.position_at_end(after)
            for k, value in enumerate(new):
                b.store(value, place(y, out[k // vectors][k % vectors], vec), align=4)
            return ir.Constant(i64, 0)

        return types.int64(*[types.int64] * 7), build

    return kernel


_eight, _four, _two, _one = (_kernel(n) for n in (8, 4, 2, 1))
_STEP8, _STEP4, _STEP2, _STEP1 = (VECTORS[n] * LANES for n in (8, 4, 2, 1))


@njit
def matmul(x: Any, w: Any, y: Any, rows: int, rest: Any, add: bool) -> None:
    """y[:rows, :n_out] (+)= x[:rows] @ w, w in panels. x and y may be wider; `rest` (>= rows, PANEL) is room
    for a last panel that is not whole.

    n_out is the width of y, at most that of all panels.
    """
    n, n_in = w.shape[0], w.shape[1]
    n_out = min(y.shape[1], n * PANEL)
    ldx = np.int64(x.strides[0] // 4)
    plus = np.int64(1 if add else 0)
    for p in range(n):
        a = p * PANEL
        whole = a + PANEL <= n_out
        if whole:
            to, ldy = np.int64(y.ctypes.data) + 4 * a, np.int64(y.strides[0] // 4)
        else:
            if add:
                for r in range(rows):
                    for j in range(n_out - a):
                        rest[r, j] = y[r, a + j]
            to, ldy = np.int64(rest.ctypes.data), np.int64(rest.strides[0] // 4)
        at = np.int64(w.ctypes.data) + 2 * p * n_in * PANEL
        r = 0
        while r < rows:
            xp = np.int64(x.ctypes.data) + 4 * r * ldx
            yp = to + 4 * r * ldy
            if rows - r >= 8:
                for c in range(0, PANEL, _STEP8):
                    _eight(xp, ldx, at + 2 * c, np.int64(n_in), yp + 4 * c, ldy, plus)
                r += 8
            elif rows - r >= 4:
                for c in range(0, PANEL, _STEP4):
                    _four(xp, ldx, at + 2 * c, np.int64(n_in), yp + 4 * c, ldy, plus)
                r += 4
            elif rows - r >= 2:
                for c in range(0, PANEL, _STEP2):
                    _two(xp, ldx, at + 2 * c, np.int64(n_in), yp + 4 * c, ldy, plus)
                r += 2
            else:
                for c in range(0, PANEL, _STEP1):
                    _one(xp, ldx, at + 2 * c, np.int64(n_in), yp + 4 * c, ldy, plus)
                r += 1
        if not whole:
            for r in range(rows):
                for j in range(n_out - a):
                    y[r, a + j] = rest[r, j]
