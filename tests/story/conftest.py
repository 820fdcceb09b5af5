"""A project with the draft of `lamp.py` in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import etude
from etude.api.handle import Studio
from tests.story.lamp import LAMP


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    opened = etude.open(tmp_path / "p", create=True)
    (opened.root / "draft.md").write_text(LAMP, encoding="utf-8")
    return opened
