"""Quotas: whole takes for shares, and a sentence for what a model cannot be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import etude
from etude.errors import ModelError, ProjectError
from etude.workspace.quotas import Quota, quota_of


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6), st.integers(1, 300))
def test_takes_are_whole_and_none_is_lost(parts: list[float], n: int) -> None:
    shares = {str(i): part / sum(parts) for i, part in enumerate(parts)}
    counts = Quota("maker", shares).of(n)
    assert sum(counts.values()) == n
    assert all(abs(counts.get(value, 0) - share * n) < 1.0 for value, share in shares.items())


class Model:
    """As much of a model as a quota needs."""

    id = "faces-1"
    header = {
        "conditions": [{"key": "tone", "values": ["dark", "light", "medium"]}],
        "parts": [],
    }


@pytest.fixture
def ws(tmp_path: Path) -> Any:
    return etude.open(tmp_path / "p", create=True).workspace


def test_parity_and_named_shares(ws: Any) -> None:
    model = cast(Any, Model())
    assert quota_of(ws, model, "tone=parity").of(9) == {"dark": 3, "light": 3, "medium": 3}
    named = quota_of(ws, model, "tone=Dark:0.25,light:0.75")
    assert named.shares == {"dark": 0.25, "light": 0.75}


@pytest.mark.parametrize(
    ("said", "error", "word"),
    [
        ("gender=parity", ModelError, "cannot be asked for 'gender'"),
        ("tone=blue:0.5", ModelError, "has tone=blue"),
        ("tone", ProjectError, "is no target"),
        ("tone=dark:0.9,light:0.9", ProjectError, "sum to 1.8"),
    ],
)
def test_what_cannot_be_asked_for_is_said(ws: Any, said: str, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        quota_of(ws, cast(Any, Model()), said)
