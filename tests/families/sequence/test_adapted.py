"""A base with an adapter keeps the promises of a network, whichever family the base is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from etude.families.sequence.networks.adapted import KIND
from etude.families.sequence.networks.check import check_network
from etude.families.sequence.networks.contract import Task
from tests.families.sequence import small_bases

TASK = Task(
    vocab=330,
    side_sizes=(4, 3),
    conditions=2,
    period=1,
    window=32,
    tokens=5000,
    seconds=None,
    steps=10,
    speed=1e10,
    speed_bfloat16=1e10,
    size="s",
    base="small",
)


@pytest.mark.parametrize("kind", small_bases.KINDS)
def test_a_base_with_an_adapter_keeps_every_promise(kind: str, tmp_path: Path) -> None:
    path = small_bases.folder(tmp_path / kind, kind)
    found = check_network(KIND, TASK, lambda name: path)
    assert {c.name: c.complaints for c in found if not c.ok} == {}
