"""Files that nobody has vouched for, opened with care: plain files only, JSON within limits, hashes on the
way.

Every failure is a ModelError of one sentence. Knows nothing of what the files mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from etude.config.bases import BASES
from etude.errors import ModelError, clean

ANOTHER = "Use another copy of the base, or another base."


def refuse(path: Path, what: str, hint: str = ANOTHER) -> ModelError:
    """`model.gguf cannot be a base: it is ...`."""
    kind = "The folder " if path.is_dir() else ""
    return ModelError(f"{kind}{clean(path.name, 80)} cannot be a base: {what}.", hint)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A plain file, to be read. Raises ModelError for a pipe, a device and whatever cannot be read."""
    try:
        # Without O_NONBLOCK, opening a pipe waits for a writer.
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(fd, "rb", buffering=1 << 18) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise refuse(path, "it is no plain file")
            yield file
    except OSError as error:
        raise ModelError(
            f"{clean(str(path))} cannot be read: {(error.strerror or str(error)).lower()}.",
            "Check the path and who may read it.",
        ) from error


def size_of(file: BinaryIO) -> int:
    """Bytes of an open file."""
    return os.fstat(file.fileno()).st_size


def read_json(path: Path, limit: int) -> dict[str, Any]:
    """The object in a JSON file of a folder, at most `limit` bytes. Raises ModelError for anything else."""
    with opened(path) as file:
        if (size := size_of(file)) > limit:
            raise refuse(path.parent, f"its {path.name} has {size:,} bytes, and at most {limit:,} are read")
        return parse_object(file.read(limit), path.parent, path.name)


def parse_object(data: bytes, path: Path, what: str) -> dict[str, Any]:
    """A JSON object in which no name stands twice. Raises ModelError for anything else."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice in it")
        return found

    try:
        found = json.loads(data, object_pairs_hook=once)
    except (ValueError, RecursionError, MemoryError) as error:
        said = clean(str(error), 120) or "it is nested too deeply"
        raise refuse(path, f"its {what} is no JSON that can be read ({said})") from error
    if not isinstance(found, dict):
        raise refuse(path, f"its {what} is no JSON object")
    return found


def sha256(path: Path) -> str:
    """Of a whole file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with opened(path) as file:
        while data := file.read(BASES.chunk_bytes):
            digest.update(data)
    return digest.hexdigest()


def words(value: Any, limit: int = BASES.max_words) -> str:
    """A printable line of what a file says; '' for anything but a text."""
    return clean(value[: 8 * limit], limit) if isinstance(value, str) else ""


def whole(value: Any, most: int = 1 << 40) -> int:
    """A count that a file states; 0 for anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most else 0
