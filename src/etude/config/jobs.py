"""Defaults of the queue, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JobDefaults:
    """Work that runs beside the pages."""

    look_s: float = 0.2  # between two looks at the queue: shorter than a person notices
    most_cuts: int = 3  # a worker that died so often without an answer will die again
    nice: int = 5  # of learning, so that pages and takes stay quick beside it
    long_options: tuple[str, ...] = ("--test", "--robustness")  # which learn from parts of the works
    long_verbs: tuple[str, ...] = (
        "learn",
        "refine",
    )  # in a lane of their own: takes can be made while a model learns
    kept: int = 60  # finished jobs that are kept, the newest: their records are read at every look


JOBS = JobDefaults()
