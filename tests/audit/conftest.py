"""Intervals of audits from few draws: enough to see whether they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from etude.config.audit import AUDIT
from tests.families.pictures.small_pictures import settings


@pytest.fixture(autouse=True)
def _few_draws() -> Iterator[None]:
    with settings(AUDIT, draws=80, features=160):
        yield
