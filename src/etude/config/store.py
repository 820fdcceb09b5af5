"""Defaults of the store and of takes, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoreDefaults:
    """The project folder."""

    project_format: int = 1  # raised when an older version could misread the folder
    model_format: int = 1  # the same for models/<id>/model.json
    lock_wait_s: float = (
        5.0  # longer than any write of ours; short enough that a person does not think it hangs
    )
    batch_bytes: int = 256_000_000  # originals held in memory while works are added: some fifty photographs
    glance_bytes: int = 64_000_000  # of works and pieces hashed by `doctor`: about a tenth of a second
    # Files of one kind that are read as they are used: a model on a base of 135 M parameters takes 330 MB
    mapped_files: int = 2
    temp_age_s: float = 3600.0  # temporary files of a live process are left alone for this long


STORE = StoreDefaults()


@dataclass(frozen=True)
class TakeDefaults:
    """What a person does with takes."""

    seen: int = (
        6  # of 255: pixels that differ by more are seen to differ, less is what a file format rounds away
    )


TAKES = TakeDefaults()
