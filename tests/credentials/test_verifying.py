"""Every way in which a credential can be wrong is told apart, and none of them looks right."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import etude.credentials.keys as keys
from etude.config.trust import CREDENTIALS
from etude.credentials import (
    Keyring,
    beside,
    build_manifest,
    engine,
    open_keyring,
    read_keyring,
    sign,
    trust_add,
    trust_remove,
    verify,
)
from etude.errors import CredentialError
from tests.credentials.credential_files import STATEMENT, write


@pytest.fixture(scope="module")
def signed_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keyring]:
    folder = tmp_path_factory.mktemp("signed")
    keyring = open_keyring(folder / "home", name="Ann Example")
    for suffix in (".png", ".svg", ".wav", ".jpg", ".gif", ".tif", ".webp", ".txt", ".mid", ".musicxml"):
        path = write(folder, suffix)
        sign(path, path, STATEMENT, keyring)
    return folder, keyring


_CHANGED = ["png", "svg", "wav", "jpg", "gif", "tif", "webp", "txt", "mid", "musicxml", "mid.c2pa"]


@pytest.mark.parametrize("name", [f"piece.{suffix}" for suffix in _CHANGED])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_anywhere(
    name: str, signed_files: tuple[Path, Keyring], data: st.DataObject
) -> None:
    folder, keyring = signed_files
    path = folder / name
    before = path.read_bytes()
    at, flip = data.draw(st.integers(0, len(before) - 1)), data.draw(st.integers(1, 255))
    try:
        path.write_bytes(before[:at] + bytes([before[at] ^ flip]) + before[at + 1 :])
        answer = verify(folder / name.removesuffix(".c2pa"), keyring)
    finally:
        path.write_bytes(before)
    # A changed head of a PNG chunk or RIFF chunk hides the whole credential: then it is "stripped".
    assert answer.state in ("altered", "malformed", "stripped"), (at, flip, answer)
    assert answer.exit_code == 1


@pytest.mark.parametrize("name", ["piece.png", "piece.jpg", "piece.gif", "piece.tif", "piece.mid.c2pa"])
def test_bytes_that_no_hash_covers(name: str, signed_files: tuple[Path, Keyring]) -> None:
    """The library mends labels and sizes, and never looks at the padding of the signature."""
    folder, keyring = signed_files
    path = folder / name
    before = path.read_bytes()
    padding = before.rindex(b"\x00" * 40)
    spots = [
        before.index(b"c2pa.assertions"),
        before.index(b"c2pa.claim.v2"),
        before.index(b"jumb") - 3,
        padding,
    ]
    try:
        for at in spots:
            path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
            assert verify(folder / name.removesuffix(".c2pa"), keyring).exit_code == 1, before[at : at + 20]
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["piece.png", "piece.wav", "piece.txt", "piece.mid", "piece.svg"])
@pytest.mark.parametrize("junk", [b"\n", b"junk" * 100])
def test_appended_bytes(name: str, junk: bytes, signed_files: tuple[Path, Keyring]) -> None:
    folder, keyring = signed_files
    before = (folder / name).read_bytes()
    try:
        (folder / name).write_bytes(before + junk)
        answer = verify(folder / name, keyring)
    finally:
        (folder / name).write_bytes(before)
    assert answer.state in ("altered", "malformed"), answer
    assert answer.statement == {}


def test_stripped_by_saving_again(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".png")
    sign(path, path, STATEMENT, keyring)
    with Image.open(path) as picture:
        picture.save(path)
    answer = verify(path, keyring)
    assert (answer.state, answer.exit_code) == ("stripped", 1)
    stranger = read_keyring(tmp_path / "elsewhere")
    assert verify(path, stranger).state == "none"  # another machine cannot know
    assert not (tmp_path / "elsewhere").exists()  # and verifying makes no keys


def test_stripped_by_losing_the_sidecar(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".md")
    sign(path, path, STATEMENT, keyring)
    (tmp_path / "piece.md.c2pa").unlink()
    assert verify(path, keyring).state == "stripped"
    moved = path.rename(tmp_path / "renamed.md")
    assert verify(moved, keyring).state == "stripped"  # the bytes are known, whatever the name


def test_never_signed(tmp_path: Path, keyring: Keyring) -> None:
    for suffix in (".txt", ".png", ".mid"):
        answer = verify(write(tmp_path, suffix), keyring)
        assert (answer.state, answer.exit_code) == ("none", 1)


@pytest.mark.parametrize("suffix", [".png", ".txt"])
def test_same_name_other_key(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    forger = open_keyring(tmp_path / "forger", name="Ann Example")
    path = write(tmp_path, suffix)
    sign(path, path, STATEMENT, forger)
    answer = verify(path, keyring)
    assert (answer.state, answer.signer, answer.is_mine, answer.exit_code) == (
        "unknown-signer",
        "Ann Example",
        False,
        1,
    )
    assert forger.signer is not None
    assert answer.fingerprint == forger.signer.fingerprint
    assert any("not signed with your key" in reason for reason in answer.reasons)
    assert "Intact" not in answer.describe()


def test_a_known_name_with_another_key_is_told_apart(tmp_path: Path, keyring: Keyring) -> None:
    forger = open_keyring(tmp_path / "forger", name="bo")
    path = write(tmp_path, ".txt")
    sign(path, path, STATEMENT, forger)
    answer = verify(path, trust_add("ab" * 32, "Bo", keyring.home))
    assert answer.state == "unknown-signer" and "another key than the one you know" in answer.describe()
    with pytest.raises(CredentialError, match=r"cdcdcdcdcdcd… \(1 are known\)"):
        trust_remove("cd" * 32, keyring.home)
    assert dict(read_keyring(keyring.home).known) == {"ab" * 32: "Bo"}


def test_known_signers(tmp_path: Path, keyring: Keyring) -> None:
    friend = open_keyring(tmp_path / "friend", name="Bo")
    path = write(tmp_path, ".txt")
    signed = sign(path, path, STATEMENT, friend)
    assert verify(path, keyring).state == "unknown-signer"
    shouted = ":".join(signed.fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    answer = verify(path, trust_add(shouted, "Bo from the choir", keyring.home))
    assert (answer.state, answer.known_as, answer.is_mine, answer.exit_code) == (
        "intact",
        "Bo from the choir",
        False,
        0,
    )
    assert verify(path, trust_remove(shouted, keyring.home)).state == "unknown-signer"


def test_expired(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = keys._make_signer
    monkeypatch.setattr(keys, "_make_signer", lambda home, name: make(home, name, days=2 / 86400))
    keyring = open_keyring(name="Ann")
    for suffix in (".txt", ".png"):
        path = write(tmp_path, suffix)
        sign(path, path, STATEMENT, keyring)
    time.sleep(3)
    for suffix in (".txt", ".png"):
        answer = verify(tmp_path / f"piece{suffix}", keyring)
        assert (answer.state, answer.is_mine, answer.exit_code) == ("expired", True, 1), answer
    monkeypatch.setattr(keys, "_make_signer", make)
    other = open_keyring(tmp_path / "other", name="Bo")
    with pytest.raises(CredentialError, match="another signer's credential"):  # it is hers all the same
        sign(tmp_path / "piece.txt", tmp_path / "piece.txt", STATEMENT, other)
    (tmp_path / "piece.txt").write_bytes(b"something else")
    assert verify(tmp_path / "piece.txt", keyring).state == "altered"
    with pytest.raises(CredentialError, match="expired on"):
        sign(tmp_path / "piece.txt", tmp_path / "piece.txt", STATEMENT, keyring)


def test_what_another_of_my_signers_signed_stays_mine(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".txt")
    sign(path, path, STATEMENT, keyring)
    other = open_keyring(name="Ann Other-Name")
    assert other.signer is not None
    assert other.signer.name == "Ann Other-Name"
    answer = verify(path, other)
    assert (answer.state, answer.is_mine) == ("intact", True)


def test_a_signer_that_has_ended_is_followed_by_one_of_its_name(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = keys._make_signer
    monkeypatch.setattr(keys, "_make_signer", lambda home, name: make(home, name, days=-0.5))
    ended = open_keyring(name="Ann").signer
    monkeypatch.setattr(keys, "_make_signer", make)
    assert ended is not None
    assert ended.ended
    assert open_keyring().signer == ended  # only a name asks for a new one
    fresh = open_keyring(name="Ann")
    assert fresh.signer is not None
    assert fresh.signer.fingerprint != ended.fingerprint
    assert not fresh.signer.ended
    assert {ended.fingerprint, fresh.signer.fingerprint} == fresh.mine
    assert open_keyring().signer == fresh.signer  # and it is the default, as the one before it was
    assert sorted(p.name for p in home.iterdir()) == ["former", "signer"]


def test_a_renamed_file_still_has_its_credential(tmp_path: Path, keyring: Keyring) -> None:
    for name in ("one", "two", "three"):
        path = write(tmp_path, ".txt", name)
        path.write_text(name)
        sign(path, path, STATEMENT, keyring)
    renamed = (tmp_path / "two.txt").rename(tmp_path / "send this.txt")
    answer = verify(renamed, keyring)
    assert (answer.state, answer.manifest_path) == ("intact", tmp_path / "two.txt.c2pa")
    assert "keep the names alike" in answer.describe()
    assert verify(tmp_path / "one.txt", keyring).reasons == ()
    (tmp_path / "one.txt").rename(
        tmp_path / "three.txt"
    )  # over it: the credential of its new name does not fit, its own does
    assert verify(tmp_path / "three.txt", keyring).manifest_path == tmp_path / "one.txt.c2pa"
    renamed.write_text("something else")
    assert verify(renamed, keyring).state == "none"


def test_how_many_credentials_are_looked_through(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, ".txt", "z")
    path.write_bytes(b"x" * 40_000)
    sign(path, path, STATEMENT, keyring)
    for number in range(4):
        (tmp_path / f"{number}.c2pa").write_bytes(b"junk")
    renamed = path.rename(tmp_path / "renamed.txt")
    assert verify(renamed, keyring).state == "intact"
    for bounds, state in (
        ({"max_searched": 4}, "stripped"),
        ({"max_searched": 5}, "intact"),
        ({"max_bytes": 199_999}, "stripped"),  # bytes that are read in all: a large file is compared seldom
        ({"max_bytes": 200_000}, "intact"),
    ):
        monkeypatch.setattr(beside, "CREDENTIALS", replace(CREDENTIALS, **bounds))
        assert verify(renamed, keyring).state == state


@pytest.mark.parametrize("beside_name", ["piece.mid.c2pa", "piece.c2pa", "other.c2pa"])
def test_a_credential_leads_to_its_file(beside_name: str, tmp_path: Path, keyring: Keyring) -> None:
    write(tmp_path, ".txt")
    write(tmp_path, ".png")
    path = write(tmp_path, ".mid")
    signed = sign(path, path, STATEMENT, keyring, manifest_path=tmp_path / beside_name)
    assert signed.manifest_path is not None
    answer = verify(signed.manifest_path, keyring)
    assert (answer.path, answer.state) == (path, "intact")
    path.write_bytes(path.read_bytes() + b"x")
    if beside_name == "piece.mid.c2pa":
        assert verify(signed.manifest_path, keyring).state == "altered"
    for other in tmp_path.glob("piece.*[!a]"):
        other.unlink()
    with pytest.raises(CredentialError, match="a credential without its file"):
        verify(signed.manifest_path, keyring)


def test_wrong_sidecar(tmp_path: Path, keyring: Keyring) -> None:
    for name in ("one", "two"):
        path = write(tmp_path, ".txt", name)
        path.write_text(name)
        sign(path, path, STATEMENT, keyring)
    (tmp_path / "two.txt.c2pa").replace(tmp_path / "one.txt.c2pa")
    answer = verify(tmp_path / "one.txt", keyring)
    assert answer.state == "altered"
    assert any("not what was signed" in reason for reason in answer.reasons)


@pytest.mark.parametrize("junk", [b"", b"x", b"\x00" * 5000, b"PK\x03\x04" * 50])
def test_sidecar_of_junk(junk: bytes, tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".mid")
    (tmp_path / "piece.mid.c2pa").write_bytes(junk)
    answer = verify(path, keyring)
    assert (answer.state, answer.exit_code) == ("malformed", 1)


def test_control_characters_of_others_are_not_passed_on(tmp_path: Path, keyring: Keyring) -> None:
    other = open_keyring(tmp_path / "other", name="Bo")
    assert other.signer is not None
    definition = build_manifest(STATEMENT) | {"title": "\x1b[31mred\u202e"}
    definition["assertions"].append(
        {"label": "etude.other", "created": True, "data": {"a\x1b": ["\x1b]0;x\x07"]}}
    )
    path = write(tmp_path, ".txt")
    store, _ = engine.sign_bytes(
        path.read_bytes(),
        "text/plain",
        definition,
        other.signer.chain_pem,
        other.signer.key_path.read_text(),
        embed=False,
        continues=False,
    )
    (tmp_path / "piece.txt.c2pa").write_bytes(store)
    answer = verify(path, keyring)
    assert answer.state == "unknown-signer"
    assert answer.statement["etude.other"] == {"a": ["]0;x"]}
    assert answer.statement["title"] == "[31mred"
