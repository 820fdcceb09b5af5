"""The settings with which loops are compiled: by numba, cached on disk, without the interpreter's lock.

The same loops in Python are some 200 times slower, and a writer's laptop has no C compiler.
"""

from __future__ import annotations

import numba

njit = numba.njit(cache=True, nogil=True, error_model="numpy")

# Products may be fused with the sum that follows: one rounding less, on every machine that can do it.
njit_fused = numba.njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
