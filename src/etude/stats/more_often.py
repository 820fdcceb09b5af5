"""Whether something happens more often in one set of cases than in another, exactly: Fisher's test (R. A.
Fisher 1935, The Logic of Inductive Inference), one-sided. Knows nothing of what is counted."""

from __future__ import annotations

from math import comb


def more_often(a: int, n: int, b: int, m: int) -> float:
    """How often chance gives `a` or more of n, where a + b of all n + m are spread at random."""
    every, total = a + b, comb(n + m, a + b)
    return sum(comb(n, k) * comb(m, every - k) for k in range(a, min(n, every) + 1)) / total
