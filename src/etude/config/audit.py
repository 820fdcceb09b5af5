"""Defaults of audits, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AuditDefaults:
    """`etude audit`: what is made, counted and compared."""

    seed: int = 0  # of its takes, which are not kept: seeds of takes that are kept begin with 1
    takes: int = 96  # a difference of 10 points in a share of a half needs some hundred
    least_takes: int = 20  # with fewer no share is stated
    seconds: float = 75.0  # for making them: the whole audit of a demo model ends within three minutes
    together: int = 8  # made at once
    features: int = 300  # works or passages of each role that are compared by what they look like
    # Held out, for coverage: nearest neighbours among fewer say nothing (field notes: below 100 no number)
    held_out_needed: int = 100
    too_few: int = 20  # works or passages of a group, below which nothing is said of it
    draws: int = 400  # half-samples and simulated counts that intervals stand on
    relabelled: int = 400  # labels drawn anew: a p-value below 1 % needs hundreds
    exchanged: int = 5  # works that can change places: with 5 of 10 there are 252 ways
    keys: int = 6  # attributes that are looked at
    values: int = 6  # of each, the most frequent
    tells: float = (
        0.3  # sensitivity + specificity - 1: below it a classifier knows a group hardly better than chance
    )
    robust: str = "30s"  # of each of ten models that are learned anew: five minutes in all
    shown: int = 4  # takes shown beside the work that they are nearest to
    words: int = 280  # characters of a passage that is shown


AUDIT = AuditDefaults()
