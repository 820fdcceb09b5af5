"""Atomic writes and appends: whole or not at all, also on a full disk; names that are never paths."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.errors import ModelError, ProjectError
from etude.store import checkpoints, lines
from etude.store.arrays import pack, unpack
from etude.store.files import append_lines, check_name, clean_suffix, slug, write_atomic


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes the first bytes of a write and is then full."""
    real = os.write

    def write(fd: int, data: bytes) -> int:
        if len(data) > 8:
            return real(fd, bytes(data[:8]))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", write)


def test_write_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_atomic(path, b"old")
    write_atomic(path, b"new and longer")
    assert path.read_bytes() == b"new and longer"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(
        ProjectError, match=r"The disk is full: a\.txt needs 0\.1 kB and .* are free"
    ) as caught:
        write_atomic(path, b"x" * 100)
    assert "nothing was left half-written" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_cuts_an_append_back(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a":1}\n')
    with pytest.raises(ProjectError, match="disk is full"):
        append_lines(path, b'{"b":"' + b"x" * 100 + b'"}\n')
    assert path.read_bytes() == b'{"a":1}\n'


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ProjectError, match="cannot be written: permission denied"):
        write_atomic(tmp_path / "a", b"")


def test_any_other_error_of_the_disk_is_one_sentence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    for write in (write_atomic, append_lines):
        with pytest.raises(ProjectError, match=r"a cannot be written: .*Input/output error"):
            write(tmp_path / "a", b"words\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"")]


@given(st.integers(0, 250), st.binary(max_size=8))
def test_arrays_that_were_cut_short_or_changed_are_named(cut: int, other: bytes) -> None:
    whole = pack({"b": 1, "a": "é"}, {"w": np.arange(6.0).reshape(2, 3).T})
    header, read = unpack(whole, "x")
    assert header == {"a": "é", "b": 1} and (read["w"] == [[0, 3], [1, 4], [2, 5]]).all()
    assert pack({"a": "é", "b": 1}, {"w": read["w"]}) == whole
    for damaged in (whole[: cut % len(whole)], other + whole[len(other) + 1 :]):
        with pytest.raises(ModelError, match="x is damaged or cut short"):
            unpack(damaged, "x")


def test_the_state_of_a_run_keeps_its_name_and_may_be_gone_already(tmp_path: Path) -> None:
    checkpoints.write(tmp_path, b"old")
    checkpoints.write(tmp_path, b"state")
    assert [path.name for path in tmp_path.iterdir()] == [
        "state.safetensors"
    ]  # as a stopped run looks for it
    assert checkpoints.file_of(tmp_path).read_bytes() == b"state"
    checkpoints.remove(tmp_path)
    checkpoints.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_torn_line_is_closed_off_before_the_next_append(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":')
    lines.append(path, [{"c": 3}])
    found = lines.read_lines(path)
    assert found.records == ({"a": 1}, {"c": 3})
    assert [(torn.number, torn.text) for torn in found.torn] == [(2, '{"b":')]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_lines(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_bytes(data + b'\n{"a":1}\n')
        assert lines.read_lines(path).records[-1] == {"a": 1}


@given(st.text(max_size=300))
def test_a_slug_is_one_readable_portable_name(text: str) -> None:
    name = slug(text)
    assert name
    assert not set(name) & set('/\\:*?"<>|. \0\n')
    assert len(name.encode()) <= 150
    assert name == slug(name)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("Der Erlkönig", "der-erlkönig"),
        ("...", "untitled"),
        ("a\0b\nc", "a-b-c"),
        ("春望", "春望"),
    ],
)
def test_slugs(title: str, name: str) -> None:
    assert slug(title) == name


def test_suffixes_and_names() -> None:
    assert clean_suffix(".TXT") == ".txt"
    assert clean_suffix(".trace.html") == ".trace.html"
    assert clean_suffix("/../x") == clean_suffix("txt") == clean_suffix(".a/b") == ""
    assert check_name(" my poems ", "collection") == "my poems"
    for bad in ("", "..", "a/b", "a\\b", ".hidden", "CON", "nul.txt", "x" * 65, "end."):
        with pytest.raises(ProjectError, match="cannot be the name of a collection"):
            check_name(bad, "collection")
