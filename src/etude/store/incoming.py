"""Files that a person dropped, on their way in: below .etude/incoming/, each in a folder of its own.

Names are made harmless before they name anything; what a file is, its bytes say later. Knows nothing of
media.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from etude.errors import ProjectError, clean
from etude.store.files import clean_suffix, clear_errors
from etude.store.layout import CACHE

FOLDER = f"{CACHE}/incoming"
AGE_S = 86_400.0  # of a drop that nobody came back to


def begin(root: Path) -> str:
    """A new drop; older ones that were left behind go. Returns its name."""
    base = root / FOLDER
    with suppress(OSError):
        for old in base.iterdir():
            if time.time() - old.stat().st_mtime > AGE_S:
                shutil.rmtree(old, ignore_errors=True)
    name = f"d-{secrets.token_hex(8)}"
    with clear_errors(base):
        (base / name).mkdir(parents=True)
    return name


def folder(root: Path, name: str) -> Path:
    """The folder of a drop. Raises ProjectError for a name that is none."""
    path = root / FOLDER / name
    if not re.fullmatch(r"d-[0-9a-f]{16}", name) or not path.is_dir():
        raise ProjectError("These files are not here any more.", "Drop them again.")
    return path


def files(root: Path, name: str) -> list[Path]:
    """The files of a drop in the order they came."""
    return sorted(path for path in folder(root, name).glob("*/*") if path.is_file())


class Incoming:
    """One file that is being received. Half a file is never left: `close` keeps it, `drop` does not."""

    def __init__(self, root: Path, name: str, called: str) -> None:
        base = folder(root, name)
        number = sum(1 for _ in base.iterdir())
        self.path = base / f"{number:06d}" / harmless(called)
        with clear_errors(self.path):
            self.path.parent.mkdir()
            self._file = self.path.open("xb")
        self.bytes = 0

    def write(self, data: bytes) -> None:
        """More of it. Raises ProjectError when the disk is full."""
        with clear_errors(self.path, len(data)):
            self._file.write(data)
        self.bytes += len(data)

    def close(self) -> None:
        """All of it is there."""
        with clear_errors(self.path, self.bytes):
            self._file.close()

    def drop(self) -> None:
        """It did not come whole."""
        self._file.close()
        shutil.rmtree(self.path.parent, ignore_errors=True)


def harmless(called: str) -> str:
    """A file name from what somebody calls a file: its last part, printable, without anything that a file
    system or a command could misread."""
    last = re.split(r"[/\\]", called)[-1]
    suffix = clean_suffix(Path(last).suffix)
    stem = last[: -len(suffix)] if suffix else last
    stem = re.sub(r'[<>:"|?*\x00-\x1f]+', " ", clean(stem)).strip(" .-")
    return f"{stem[:80] or 'untitled'}{suffix}"
