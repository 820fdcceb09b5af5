"""The person's keys: made once, private, outside projects."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etude.credentials import config_home, new_signer, open_keyring, read_keyring, trust_add
from etude.errors import CredentialError


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_nobody_else_can_read_the_key(home: Path) -> None:
    before = os.umask(0)
    try:
        keyring = open_keyring(name="Ann")
    finally:
        os.umask(before)
    assert keyring.signer is not None
    assert _mode(keyring.signer.key_path) == 0o600
    assert _mode(home / "signer" / "chain.pem") == 0o600
    assert _mode(home) == _mode(home / "signer") == 0o700
    keyring.signer.key_path.chmod(0o644)
    with pytest.raises(CredentialError, match="Others on this machine"):
        open_keyring()


def test_made_once_and_for_ten_years(home: Path) -> None:
    first, second = open_keyring(name="Ann"), open_keyring(name="Another name")
    assert first.signer is not None
    assert first.signer == second.signer
    assert first.signer.name == "Ann"
    assert first.signer.ends > datetime.now(UTC) + timedelta(days=3600)
    assert "PRIVATE" not in repr(first)
    assert not list(home.glob(".tmp*"))


def test_reading_makes_nothing(home: Path) -> None:
    assert read_keyring().signer is None
    assert not home.exists()


@pytest.mark.parametrize("name", ["", "x" * 500, "Zoë\x1b[31m\n Ärger 音", "\u202e"])
def test_any_name(name: str, home: Path) -> None:
    signer = open_keyring(name=name).signer
    assert signer is not None
    assert 0 < len(signer.name) <= 64
    assert "\x1b" not in signer.name


def test_many_processes_at_once(home: Path) -> None:
    code = "from etude.credentials import open_keyring; print(open_keyring(name='P').signer.fingerprint)"
    children = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ) for _ in range(5)]
    answers = [child.communicate()[0] for child in children]
    assert [child.returncode for child in children] == [0] * 5
    assert len(set(answers)) == 1
    assert sorted(p.name for p in home.iterdir()) == ["signer"]


def test_not_inside_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etude.toml").touch()
    monkeypatch.setenv("ETUDE_HOME", str(tmp_path / "keys"))
    with pytest.raises(CredentialError, match="inside a project"):
        open_keyring(name="Ann")
    assert not (tmp_path / "keys").exists()


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ETUDE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_home() == tmp_path / "etude"


def test_damaged_files_are_named(home: Path) -> None:
    open_keyring(name="Ann")
    (home / "known.json").write_text("{")
    with pytest.raises(CredentialError, match=r"known\.json is damaged"):
        read_keyring()
    (home / "known.json").unlink()
    (home / "signer" / "chain.pem").write_text("no certificate")
    with pytest.raises(CredentialError, match="not a certificate"):
        read_keyring()
    (home / "signer" / "key.pem").unlink()


def test_a_name_given_again_makes_no_second_signer(home: Path) -> None:
    long = "A name of more than sixty-four letters, as some families and all institutions have them"
    assert new_signer(long).signer == new_signer(long).signer
    assert new_signer("Ann").signer != new_signer("Bo").signer
    assert sorted(p.name for p in home.iterdir()) == ["former", "signer"]


@pytest.mark.parametrize("wrong", ["", "abc", "g" * 64, "a" * 63, "a" * 65])
def test_fingerprints_are_whole(wrong: str, home: Path) -> None:
    with pytest.raises(CredentialError, match="64 hexadecimal"):
        trust_add(wrong, "Bo")
