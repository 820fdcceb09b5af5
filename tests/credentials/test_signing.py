"""Signing every format; what happens when it cannot be done or is cut off."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image, ImageSequence

from etude.credentials import Keyring, open_keyring, read_keyring, sign, verify
from etude.credentials.mark import mark
from etude.errors import CredentialError, EtudeError
from tests.credentials.credential_files import EMBEDDED, FILES, STATEMENT, STILL_AND_MOVING, write


@pytest.mark.parametrize("suffix", sorted(FILES))
def test_signed_and_intact(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    source = write(tmp_path, suffix)
    before = source.read_bytes()
    target = tmp_path / "out" / ("signed" + suffix)
    signed = sign(source, target, STATEMENT, keyring)
    assert source.read_bytes() == before
    assert signed.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    if suffix in EMBEDDED:
        assert signed.manifest_path is None
    else:
        assert signed.manifest_path == target.with_name(target.name + ".c2pa")
        assert target.read_bytes() == before
    answer = verify(target, keyring)
    assert (answer.state, answer.is_mine, answer.signer, answer.exit_code) == (
        "intact",
        True,
        "Ann Example",
        0,
    ), answer
    assert answer.fingerprint == signed.fingerprint
    assert answer.statement["title"] == STATEMENT.title
    assert answer.when
    assert (
        target.stat().st_size + (signed.manifest_path.stat().st_size if signed.manifest_path else 0)
        < len(before) + 20_000
    )


@pytest.mark.parametrize("suffix", [".png", ".txt"])
def test_in_place(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, suffix)
    sign(path, path, STATEMENT, keyring)
    assert verify(path, keyring).exit_code == 0
    assert sorted(p.suffix for p in tmp_path.iterdir() if p.is_file()) == (
        [suffix] if suffix in EMBEDDED else [".c2pa", suffix]
    )


@pytest.mark.parametrize("suffix", [".png", ".svg", ".wav", ".jpg", ".webp", ".gif", ".mp4"])
def test_source_type_is_in_the_file_too(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, suffix)
    sign(path, path, replace(STATEMENT, edited=False), keyring)
    assert (
        b'DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"'
        in path.read_bytes()
    )
    assert b"DMI-PROHIBITED" in path.read_bytes()


def frames(data: bytes, suffix: str) -> list[bytes]:
    """The pixels of every frame, read by others."""
    if suffix == ".mp4":
        with av.open(io.BytesIO(data), "r") as file:
            return [frame.to_ndarray(format="rgb24").tobytes() for frame in file.decode(video=0)]
    return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


@pytest.mark.parametrize("name", STILL_AND_MOVING)
def test_a_label_that_others_read_changes_no_pixel(name: str, tmp_path: Path, keyring: Keyring) -> None:
    suffix = next(s for s in (".gif", ".mp4", ".webp") if s[1:].upper() in name.upper() or s == ".webp")
    path, before = tmp_path / f"piece{suffix}", STILL_AND_MOVING[name]()
    path.write_bytes(before)
    for title in ("First", "Second"):  # the second continues the first, and has the one label
        sign(path, path, replace(STATEMENT, edited=False, title=title), keyring)
        assert verify(path, keyring).state == "intact"
    after = path.read_bytes()
    assert frames(after, suffix) == frames(before, suffix)
    if suffix == ".mp4":
        with av.open(io.BytesIO(after), options={"export_xmp": "1"}) as file:
            label = file.metadata["xmp"].encode()
    elif suffix == ".webp":
        label = Image.open(io.BytesIO(after)).info["xmp"]
    else:
        at = after.index(b"\x21\xff\x0bXMP DataXMP") + 14
        label = after[at : after.index(b"\x01\xff\xfe\xfd", at)]
    assert label.count(b"trainedAlgorithmicMedia") == 1 == after.count(b'trainedAlgorithmicMedia" plus:')


def test_a_label_is_not_put_where_it_would_break_a_file() -> None:
    webp, gif, mp4 = (STILL_AND_MOVING[name]() for name in ("a WebP without loss", "an old GIF", "an MP4"))
    broken = {
        "image/webp": [
            webp[:-3],
            b"RIFF" + webp[4:12] + b"ODD " + webp[16:],
            b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        ],
        "image/gif": [gif[:12], b"GIX" + gif[3:]],
        "video/mp4": [
            mp4[:-1],
            b"\0\0\0\0" + mp4[4:],
            mp4[: mp4.rindex(b"moov") - 4] + b"\0\0\0\0moov" + bytes(40),
            b"",
        ],
    }
    packet = io.BytesIO()
    Image.new("RGB", (9, 9)).save(
        packet, "WEBP", xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    )  # a person's own stays the only one
    broken["image/webp"].append(packet.getvalue())
    for mime, files in broken.items():
        assert all(mark(data, mime, "http://source", "allowed") == data for data in files), mime


def test_signing_again_keeps_the_history(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".png")
    sign(path, path, replace(STATEMENT, title="First"), keyring)
    size = path.stat().st_size
    sign(path, path, replace(STATEMENT, title="Second"), keyring)
    assert verify(path, keyring).state == "intact"
    assert verify(path, keyring).statement["title"] == "Second"
    assert path.stat().st_size > size
    assert b"First" in path.read_bytes()


def test_credential_of_another_beside_the_file_is_kept(tmp_path: Path, keyring: Keyring) -> None:
    other = open_keyring(tmp_path / "other", name="Somebody Else")
    path = write(tmp_path, ".txt")
    sign(path, path, STATEMENT, other)
    theirs = (tmp_path / "piece.txt.c2pa").read_bytes()
    with pytest.raises(CredentialError, match="another signer's credential"):
        sign(path, path, STATEMENT, keyring)
    assert (tmp_path / "piece.txt.c2pa").read_bytes() == theirs
    sign(path, path, STATEMENT, keyring, replace_other=True)
    assert verify(path, keyring).state == "intact"


def test_two_files_of_one_stem(tmp_path: Path, keyring: Keyring) -> None:
    for suffix in (".mid", ".musicxml", ".txt"):
        path = write(tmp_path, suffix)
        sign(path, path, STATEMENT, keyring)
    assert [verify(tmp_path / f"piece{s}", keyring).state for s in (".mid", ".musicxml", ".txt")] == [
        "intact"
    ] * 3


def test_manifest_where_the_standard_looks(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".mid")
    beside = tmp_path / "piece.c2pa"
    assert sign(path, path, STATEMENT, keyring, manifest_path=beside).manifest_path == beside
    assert verify(path, keyring).manifest_path == beside
    assert verify(path, keyring).state == "intact"
    text = write(tmp_path, ".txt")
    assert verify(text, keyring).state == "none"  # piece.c2pa is piece.mid's and says nothing of piece.txt


@pytest.mark.parametrize("suffix", [".txt", ".png"])
def test_empty_file(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    path = tmp_path / f"empty{suffix}"
    path.touch()
    with pytest.raises(CredentialError, match="0 bytes"):
        sign(path, path, STATEMENT, keyring)
    assert verify(path, keyring).state == "none"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [path.name]


def test_not_what_its_name_says(tmp_path: Path, keyring: Keyring) -> None:
    path = tmp_path / "text.png"
    path.write_bytes(b"this is not a picture")
    with pytest.raises(CredentialError, match=r"text\.png|image/png"):
        sign(path, path, STATEMENT, keyring)
    assert path.read_bytes() == b"this is not a picture"


def test_missing_file_and_other_suffix(tmp_path: Path, keyring: Keyring) -> None:
    with pytest.raises(CredentialError, match="cannot be read"):
        sign(tmp_path / "no.txt", tmp_path / "no.txt", STATEMENT, keyring)
    with pytest.raises(CredentialError, match="cannot be read"):
        verify(tmp_path / "no.txt", keyring)
    with pytest.raises(CredentialError, match="same suffix"):
        sign(write(tmp_path, ".txt"), tmp_path / "x.png", STATEMENT, keyring)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are Unicode")
def test_a_file_whose_name_is_no_utf_8_is_signed_and_known_by_its_name(
    tmp_path: Path, keyring: Keyring
) -> None:
    path = write(tmp_path, ".txt").rename(tmp_path / os.fsdecode(b"caf\xe9.txt"))
    sign(path, path, STATEMENT, keyring)
    assert verify(path, keyring).state == "intact"
    path.with_name(path.name + ".c2pa").unlink()
    path.write_text("something else")
    assert verify(path, keyring).state == "stripped"


def test_no_signer(tmp_path: Path, home: Path) -> None:
    path = write(tmp_path, ".txt")
    with pytest.raises(CredentialError, match="no signer"):
        sign(path, path, STATEMENT, read_keyring())


@pytest.mark.parametrize("suffix", [".txt", ".png"])
def test_unwritable_folder(
    suffix: str, tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, suffix)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("etude.store.files.os.replace", refuse)
    with pytest.raises(EtudeError, match="cannot be written"):
        sign(path, path, STATEMENT, keyring)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [path.name]
    blocked = tmp_path / "file-not-folder"
    blocked.touch()
    with pytest.raises(EtudeError):
        sign(path, blocked / path.name, STATEMENT, keyring)


_LOOP = """
import sys; from pathlib import Path; from dataclasses import replace
sys.path.insert(0, sys.argv[2])
from tests.credentials.credential_files import STATEMENT
from etude.credentials import sign, open_keyring
keyring = open_keyring(); original = Path(sys.argv[1]); print("ready", flush=True)
while True: sign(original, original.with_name("signed" + original.suffix), STATEMENT, keyring)
"""


@pytest.mark.parametrize("suffix", [".png", ".txt"])
def test_killed_while_signing(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, suffix)
    before, target = path.read_bytes(), tmp_path / f"signed{suffix}"
    for i in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", _LOOP, str(path), str(Path(__file__).parents[2])],
            stdout=subprocess.PIPE,
            env=os.environ,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(0.003 + 0.011 * i)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert path.read_bytes() == before
        # Whole or absent; a file without its credential is the one state in between, and signing again mends
        # it.
        assert not target.exists() or verify(target, keyring).state in (
            {"intact"} if suffix == ".png" else {"intact", "none", "stripped"}
        )
    sign(path, target, STATEMENT, keyring)
    assert verify(target, keyring).state == "intact"
