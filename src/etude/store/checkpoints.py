"""Where the state of a run lies: one file in the folder of the run, replaced whole or not at all.

The bytes are the caller's (`training.checkpoint` packs arrays into them). Knows nothing of learning.
"""

from __future__ import annotations

from pathlib import Path

from etude.store.files import clear_errors, write_atomic

NAME = "state.safetensors"


def file_of(folder: Path) -> Path:
    """The file that holds the state of the run in `folder`, whether it is there or not."""
    return folder / NAME


def begun(folder: Path) -> bool:
    """Whether the state of a run lies there."""
    return file_of(folder).is_file()


def write(folder: Path, data: bytes) -> None:
    """Replace the state.

    Raises ProjectError when the disk is full or the folder may not be written; the old state then stays.
    """
    write_atomic(file_of(folder), data)


def remove(folder: Path) -> None:
    """Remove the state of a finished run, if there is one. Raises ProjectError where that is not allowed."""
    with clear_errors(file_of(folder)):
        file_of(folder).unlink(missing_ok=True)
