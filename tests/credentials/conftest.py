"""A signer of one's own in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from etude.credentials import Keyring, open_keyring


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("ETUDE_HOME", str(folder))
    return folder


@pytest.fixture
def keyring(home: Path) -> Keyring:
    return open_keyring(name="Ann Example")
