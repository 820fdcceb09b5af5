"""Writing that a crash, a full disk or another reader never sees half of: temp file, fsync, replace, fsync of
the folder.

Also the names of files: readable, portable to every file system, and never a path. Knows nothing of projects,
works or logs. The order of the calls follows Pillai et al., "All File Systems Are Not Created Equal" (OSDI
2014).
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from etude.errors import ProjectError

TEMP = ".tmp-"  # what temporary names start with; `repair` clears them
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


class Watcher(Protocol):
    """Somebody who is told of every write below `root` before it happens, so that it can be undone
    (acts.py)."""

    root: Path

    def before_write(self, paths: Sequence[Path]) -> None: ...
    def before_append(self, path: Path) -> None: ...
    def before_move(self, source: Path, target: Path) -> None: ...


_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """From now on `watcher` is told."""
    _watchers.append(watcher)


def unwatch(watcher: Watcher) -> None:
    """It is told no more."""
    with suppress(ValueError):
        _watchers.remove(watcher)


def _told(path: Path) -> Iterator[Watcher]:
    return (watcher for watcher in tuple(_watchers) if watcher.root in path.parents)


def announce(paths: Sequence[Path]) -> None:
    """Say at once that these files are about to be made or replaced: one journal line in the place of
    many."""
    for watcher in tuple(_watchers):
        watcher.before_write([path for path in paths if watcher.root in path.parents])


@contextmanager
def clear_errors(path: Path, size: int = 0) -> Iterator[None]:
    """Turns what the operating system says while `path` (`size` bytes) is written into one sentence and a
    next step."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise ProjectError(
                f"The disk is full: {path.name} needs {_mb(size)} and {_mb(_free(path.parent))} are free in "
                f"{path.parent}.",
                "Free some space and run the same command again; nothing was left half-written.",
            ) from error
        if error.errno in _DENIED:
            raise ProjectError(
                f"{path} cannot be written: {os.strerror(error.errno or 0).lower()}.",
                "Check who owns the folder and whether the disk is read-only.",
            ) from error
        raise ProjectError(
            f"{path} cannot be written: {error}.", "Check the disk, then run: etude repair"
        ) from error


def write_atomic(path: Path, data: bytes, *, sync_folder: bool = True) -> None:
    """Put `data` at `path`, whole or not at all. Readers see the old file or the new one, never a mixture.

    `sync_folder=False` leaves the fsync of the folder to the caller, who writes many files and calls
    `sync_dir` once. Raises ProjectError when the disk is full or the folder may not be written.
    """
    temp = path.with_name(f"{TEMP}{os.getpid()}-{secrets.token_hex(4)}")
    for watcher in _told(path):
        watcher.before_write([path])
    with clear_errors(path, len(data)):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            try:
                write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            temp.replace(path)
        except BaseException:
            with suppress(OSError):
                temp.unlink()
            raise
        if sync_folder:
            sync_dir(path.parent)


def append_lines(path: Path, data: bytes) -> None:
    """Append whole lines (`data` ends with a newline) and fsync. A line torn by an earlier crash is closed
    off first.

    When the disk fills up on the way, the file is cut back to what it was.
    """
    for watcher in _told(path):
        watcher.before_append(path)
    with clear_errors(path, len(data)):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        try:
            size = os.fstat(fd).st_size
            if size:
                os.lseek(fd, size - 1, os.SEEK_SET)
                if os.read(fd, 1) != b"\n":
                    data = b"\n" + data
            try:
                write_all(fd, data)
                os.fsync(fd)
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(fd, size)
                raise
        finally:
            os.close(fd)
        if new:
            sync_dir(path.parent)


def move(source: Path, target: Path) -> None:
    """Move a file or folder inside a project, durably."""
    for watcher in _told(target):
        watcher.before_move(source, target)
    with clear_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        sync_dir(target.parent)
        if source.parent != target.parent:
            sync_dir(source.parent)


def drop(path: Path) -> None:
    """Remove a file that is needed no more."""
    for watcher in _told(path):
        watcher.before_write([path])
    with clear_errors(path):
        path.unlink()


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file that will be replaced and not written into; a copy where the disk has no
    links."""
    try:
        os.link(source, target)
    except OSError:
        with clear_errors(target, source.stat().st_size):
            shutil.copyfile(source, target)
            with target.open("rb+") as file:
                os.fsync(file.fileno())


def write_all(fd: int, data: bytes) -> None:
    """os.write until everything is written: one call may write less, and the next one tells why."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view[: 1 << 26]) :]


def sync_dir(folder: Path) -> None:
    """Make renames in `folder` durable. File systems without this (Windows, some network shares) do
    without."""
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def slug(text: str, limit: int = 48) -> str:
    """A readable file name from any text: letters and digits of every script, dashes; no dots, separators or
    spaces."""
    plain = unicodedata.normalize("NFC", text).lower()
    words = re.sub(r"[^\w]+", "-", plain, flags=re.UNICODE).replace("_", "-")
    short = re.sub(r"-{2,}", "-", words).strip("-")[:limit]
    while len(short.encode()) > 3 * limit:  # file systems count bytes, not letters
        short = short[:-1]
    return short.strip("-") or "untitled"


def clean_suffix(suffix: str) -> str:
    """The suffix in lower case with its dot if it is a plain one, else ''."""
    return suffix.lower() if re.fullmatch(r"(\.[A-Za-z0-9]{1,10}){1,2}", suffix) else ""


def check_name(name: str, what: str) -> str:
    """`name` if it can name a file on every system. Raises ProjectError that says what a name may hold."""
    name = unicodedata.normalize("NFC", name.strip())
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE)
    if reserved or not re.fullmatch(r"\w[\w.\- ]{0,63}", name) or name[-1] in ". ":
        raise ProjectError(
            f"{name[:80]!r} cannot be the name of a {what}.",
            "Use up to 64 letters, digits, '-', '_', '.' or spaces, beginning with a letter or digit.",
        )
    return name


def _free(folder: Path) -> int:
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return 0


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
