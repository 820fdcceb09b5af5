"""The one source of randomness: a generator for each (seed, purpose, index), never a shared stream.

Because every draw is named, a take does not depend on the batch it was made in nor on its neighbours, and a
resumed run draws what the uninterrupted run would have drawn. Knows nothing of torch: `seed_for` gives a
number to seed anything with.
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_for(seed: int, purpose: str, *index: int | str) -> int:
    """A 63-bit seed that depends on every argument, the same on every machine."""
    text = "\x1f".join([str(int(seed)), purpose, *(str(i) for i in index)])
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def for_(seed: int, purpose: str, *index: int | str) -> np.random.Generator:
    """A NumPy generator (Philox, counter-based) for one purpose and index."""
    return np.random.Generator(np.random.Philox(seed_for(seed, purpose, *index)))
