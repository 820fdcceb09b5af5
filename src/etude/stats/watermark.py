"""A keyed mark in what was sampled: how it is found again, with an exact p-value.

Where a symbol is drawn from probabilities p, each candidate s gets a number u_s in (0, 1) from a keyed hash
of the symbols before it, and the one with the largest u_s ** (1 / p_s) is taken: over keys that is a draw
from p, so that no single take is distorted (S. Aaronson 2022; the Gumbel-max trick). Whoever has the key
computes the same numbers: those of symbols that were taken are large. In any text that was made without the
key they are uniform, so that the sum of -log(1 - u) over n different contexts is Gamma(n, 1), exactly.

One of `NONCES` numbers is mixed into the key of each take, since takes would else go on alike wherever they
have a few symbols in common; the p-value of the best of them is multiplied by their number (Bonferroni). A
context that came before in the same text says nothing, neither when it is drawn nor when it is read. The hash
is quick and not a cipher: the mark says whose it is to a person who wants to know, and does not withstand
somebody who rewrites the text.

Letters: N symbols, W symbols of a context, K nonces.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

KIND = "gumbel-1"
NONCES = 256
GOLD, ODD = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
BYTES, TOKENS = 8, 4  # W where symbols are bytes of a text, and where they are tokens
LEAST = 40  # symbols with a context, below which nothing is said
UInt64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Found:
    """`p`: how often a text that nobody marked with this key looks as marked; `scored` symbols, of which the
    sum stands at `mean` each (1 without a mark)."""

    p: float
    scored: int
    mean: float


def mixed(z: UInt64) -> UInt64:
    """The finalizer of SplitMix64 (G. Steele et al. 2014), element by element."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def keyed(key: str, nonce: int) -> int:
    """What is mixed into contexts, of a key in hexadecimal digits and a nonce."""
    digest = hashlib.blake2b(f"{KIND} {key} {nonce}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def contexts(symbols: npt.NDArray[np.integer], width: int) -> UInt64:
    """(N - W,) a hash of the W symbols before each symbol from the W-th on."""
    n = max(0, len(symbols) - width)
    of = symbols.astype(np.uint64)
    out = np.zeros(n, np.uint64)
    with np.errstate(over="ignore"):
        for k in range(width):
            out = mixed(out + of[k : k + n] + np.uint64(GOLD))
    return out


def numbers(context: UInt64, symbols: npt.NDArray[np.integer], key: UInt64) -> npt.NDArray[np.float64]:
    """(...) in (0, 1): the numbers of symbols after contexts, all of one shape."""
    with np.errstate(over="ignore"):
        seeded = mixed(context ^ key)
        z = mixed(seeded + (symbols.astype(np.uint64) + np.uint64(1)) * np.uint64(ODD))
    return np.asarray(((z >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)


def detect(symbols: Sequence[int] | npt.NDArray[np.integer], width: int, key: str) -> Found | None:
    """Whether the symbols bear the mark of a key. None where there are too few of them."""
    every = np.asarray(symbols)
    context = contexts(every, width)
    _, first = np.unique(context, return_index=True)
    if len(first) < LEAST:
        return None
    first.sort()
    context, taken = context[first], every[width:][first]
    sums = np.array(
        [-np.log1p(-numbers(context, taken, np.array(keyed(key, k), np.uint64))).sum() for k in range(NONCES)]
    )
    best = float(sums.max())
    return Found(min(1.0, NONCES * gamma_tail(len(first), best)), len(first), best / len(first))


def gamma_tail(n: int, s: float) -> float:
    """The probability that a Gamma(n, 1) variable is at least s: that of fewer than n events at a rate s."""
    if s <= 0.0:
        return 1.0
    k = np.arange(n, dtype=np.float64)
    steps = np.concatenate([[0.0], np.log(s) - np.log(k[1:])])
    logs = np.cumsum(steps) - s  # of s**k e**-s / k!
    top = float(logs.max())
    return min(1.0, math.exp(top) * float(np.exp(logs - top).sum())) if top > -700.0 else 0.0
