"""Muon's updates: what is nearly orthogonal, by the short way and by the long one."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.training import muon


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 1000))
def test_all_directions_become_about_as_long(rows: int, columns: int, seed: int) -> None:
    g = torch.randn(2, rows, columns, generator=torch.Generator().manual_seed(seed))
    u = muon.orthogonal(g)
    short = torch.linalg.svdvals(g)
    lengths = torch.linalg.svdvals(u)[short > 0.05 * short.amax(-1, keepdim=True)]
    assert u.shape == g.shape and bool(((lengths > 0.3) & (lengths < 1.35)).all())


@pytest.mark.parametrize("shape", [(1, 96, 864), (2, 48, 108), (1, 288, 96), (1, 7, 63)])
def test_a_long_matrix_comes_out_as_step_by_step(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    thin = full[..., :4] @ torch.randn(
        shape[0], 4, shape[-1], generator=torch.Generator().manual_seed(2)
    )  # of rank four
    short = [muon.orthogonal(g) for g in (full, thin, torch.zeros(shape))]
    monkeypatch.setattr(muon, "_LONG", 1e9)
    for a, g in zip(short, (full, thin, torch.zeros(shape)), strict=True):
        assert torch.allclose(a, muon.orthogonal(g), atol=2e-4)
