"""Distributions of a long window come piece by piece, and are the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from etude.families.sequence import scoring


def test_a_large_vocabulary_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    table = torch.randn(11, 11, generator=torch.Generator().manual_seed(0))
    network: Any = SimpleNamespace(
        context=8, states=lambda tokens, side: table[tokens], logits=lambda states, order: states[..., order]
    )
    tokens, order = np.arange(37, dtype=np.int32) * 5 % 11, torch.arange(11)

    def read() -> np.ndarray[Any, Any]:
        out = np.zeros((37, 11), np.float32)
        for at, probs in scoring.network_rows(network, order, tokens, np.zeros((37, 0), np.int16)):
            out[at : at + len(probs)] = probs
        return out

    whole = read()
    monkeypatch.setattr(scoring, "MOST_FLOATS", 20)  # one row at a time
    assert np.array_equal(read(), whole) and (whole.sum(1) > 0.99).all()
