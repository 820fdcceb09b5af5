"""The person's keys: made once, private, outside projects."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from etude.credentials import choose_default, config_home, open_keyring, read_keyring, trust_add
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
    first, second = open_keyring(name="Ann"), open_keyring()
    assert first.signer is not None
    assert first.signer == second.signer
    assert first.signer.name == "Ann"
    assert first.signer.ends > datetime.now(UTC) + timedelta(days=3600)
    assert "PRIVATE" not in repr(first)
    assert not list(home.glob(".tmp*"))


def test_the_certificates_follow_the_profile_and_the_leaf_can_make_no_other(home: Path) -> None:
    signer = open_keyring(name="Ann").signer
    assert signer is not None
    leaf, root = x509.load_pem_x509_certificates(signer.chain_pem.encode())
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert leaf.version is x509.Version.v3 and leaf.serial_number != root.serial_number
    now = datetime.now(UTC)
    for one in (leaf, root):  # clocks of others may be late
        assert timedelta(hours=23) < now - one.not_valid_before_utc < timedelta(hours=25)
    assert root.not_valid_after_utc > leaf.not_valid_after_utc == signer.ends
    for one, authority in ((leaf, False), (root, True)):
        basic = one.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = one.extensions.get_extension_for_class(x509.KeyUsage)
        assert basic.critical and usage.critical
        assert (basic.value.ca, basic.value.path_length) == (authority, 0 if authority else None)
        said = (usage.value.digital_signature, usage.value.key_cert_sign, usage.value.crl_sign)
        assert said == (not authority, authority, authority)
    (purpose,) = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert purpose == ExtendedKeyUsageOID.EMAIL_PROTECTION
    key = load_pem_private_key(signer.key_path.read_bytes(), None)
    assert key.public_key() == leaf.public_key() != root.public_key()


def test_reading_makes_nothing(home: Path) -> None:
    assert read_keyring().signer is None
    assert not home.exists()


@pytest.mark.parametrize("name", ["", "x" * 500, "Zoë\x1b[31m\n Ärger 音"])
def test_any_name(name: str, home: Path) -> None:
    signer = open_keyring(name=name).signer
    assert signer is not None
    assert 0 < len(signer.name) <= 64
    assert "\x1b" not in signer.name


@pytest.mark.parametrize("name", [" ", "\u202e", "\x00"])
def test_a_name_of_nothing_is_refused(name: str, home: Path) -> None:
    with pytest.raises(CredentialError, match="needs a name"):
        open_keyring(name=name)
    assert not home.exists()


def test_many_processes_at_once(home: Path) -> None:
    code = "from etude.credentials import open_keyring; print(open_keyring(name='P').signer.fingerprint)"
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ)
        for _ in range(5)
    ]
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
    assert open_keyring(name=long).signer == open_keyring(name=long).signer
    assert open_keyring(name="Ann").signer == open_keyring(name="ANN").signer


def test_every_name_keeps_its_own_key(home: Path) -> None:
    ada, bob = open_keyring(name="Ada Example").signer, open_keyring(name="Bob Other").signer
    assert ada is not None and bob is not None
    assert ada != bob
    again = open_keyring(name="Ada Example")
    assert again.signer == ada
    assert again.mine == {ada.fingerprint, bob.fingerprint}
    assert again.signers == (ada, bob)
    assert open_keyring(name="Bob Other").signer == bob
    assert open_keyring().signer == ada  # the first one, whoever signed since
    assert read_keyring(name="Cy").signer is None
    assert {_mode(signer.key_path) for signer in again.signers} == {0o600}
    assert {_mode(folder) for folder in (home / "signers", bob.key_path.parent)} == {0o700}


def test_the_default_changes_only_when_it_is_asked_to(home: Path) -> None:
    ada, bob = open_keyring(name="Ada Example").signer, open_keyring(name="Bob Other").signer
    assert choose_default("bob other").signer == bob
    assert open_keyring().signer == bob
    assert open_keyring(name="Ada Example").signer == ada
    with pytest.raises(CredentialError, match=r"no signer called 'Cy' \(there are: Bob Other, Ada Example\)"):
        choose_default("Cy")
    (home / "default").write_text("gone")
    assert open_keyring().signer == ada


def test_a_folder_of_one_key_goes_on_as_it_is(home: Path) -> None:
    """As it was before a person could have several: `signer/`, and certificates without their keys in
    `former/`."""
    ada = open_keyring(name="Ada Example").signer
    old = open_keyring(home.parent / "old", name="Before").signer
    assert ada is not None and old is not None
    (home / "former").mkdir()
    (home / "former" / f"{old.fingerprint}.pem").write_text(old.chain_pem)
    assert sorted(p.name for p in home.iterdir()) == ["former", "signer"]
    bob = open_keyring(name="Bob Other").signer
    assert bob is not None
    assert open_keyring().signer == ada
    assert open_keyring(name="Ada Example").signer == ada
    assert read_keyring().mine == {ada.fingerprint, old.fingerprint, bob.fingerprint}


@pytest.mark.parametrize("wrong", ["", "abc", "g" * 64, "a" * 63, "a" * 65])
def test_fingerprints_are_whole(wrong: str, home: Path) -> None:
    with pytest.raises(CredentialError, match="64 hexadecimal"):
        trust_add(wrong, "Bo")
