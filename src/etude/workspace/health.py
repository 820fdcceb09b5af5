"""Whether the machine and the project are well: interpreter, libraries, tools, memory, disk and files."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import ClassVar

from etude.media import MEDIA
from etude.store.project import Project


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is ok, note or problem; `act` is the command that helps."""

    what: str
    state: str
    value: str
    act: str = ""


@dataclass(frozen=True)
class Health:
    """What `doctor` found."""

    schema: ClassVar[str] = "etude.doctor/1"
    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        return all(finding.state != "problem" for finding in self.findings)


NEEDED = (
    "torch",
    "numpy",
    "numba",
    "tokenizers",
    "safetensors",
    "lxml",
    "verovio",
    "pillow",
    "c2pa-python",
    "cryptography",
)


def _tools() -> Iterator[Finding]:
    """What the media use of this machine, and what happens without it."""
    for medium in MEDIA.values():
        for tool in medium.tools():
            if tool.found:
                yield Finding(tool.name, "ok", tool.found)
            else:
                yield Finding(tool.name, "note", f"none: {tool.without}", tool.hint)


_DAMAGE = {
    "changed-work": ("work", "changed"),
    "missing-work": ("work", "missing"),
    "missing-piece": ("file of a piece", "missing"),
    "changed-piece": ("file of a piece", "changed"),
    "orphan-work": ("file in works/", "unknown"),
    "orphan-piece": ("file in pieces/", "unknown"),
    "bad-record": ("line of works.jsonl", "damaged"),
    "bad-collection": ("collection", "damaged"),
    "unknown-works": ("collection", "with missing works"),
}


def _files(project: Project) -> Finding:
    """Whether the files are as it is written, in numbers: `repair` names them."""
    counted = Counter(finding.kind for finding in project.glance())
    said = [
        f"{n} {what}{'s' * (n != 1 and what.isalpha())} {how}"
        for kind, n in counted.items()
        for what, how in [_DAMAGE[kind]]
    ]
    return (
        Finding("files", "problem", ", ".join(said), "etude repair")
        if said
        else Finding("files", "ok", "unchanged since they were written")
    )


def of_machine() -> list[Finding]:
    """The interpreter, the libraries and the machine."""
    import psutil

    found = [Finding("python", "ok" if sys.version_info >= (3, 11) else "problem", platform.python_version())]
    for name in NEEDED:
        try:
            found.append(Finding(name, "ok", metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append(Finding(name, "problem", "missing", "python -m pip install --upgrade etude"))
    found += _tools()
    cores = os.cpu_count() or 1
    memory = psutil.virtual_memory()
    found.append(Finding("cores", "ok", str(cores)))
    enough = memory.available > 1.5e9
    found.append(
        Finding(
            "memory free",
            "ok" if enough else "note",
            f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB",
            "" if enough else "close other programs before learning, or learn with --size xs",
        )
    )
    return found


def of_project(project: Project) -> list[Finding]:
    """Its files, and the disk that they lie on."""
    found = []
    free = shutil.disk_usage(project.root).free
    found.append(Finding("project", "ok", str(project.root)))
    found.append(_files(project))
    found.append(
        Finding(
            "disk free",
            "ok" if free > 1e9 else "problem",
            f"{free / 1e9:.1f} GB",
            "" if free > 1e9 else "free some space",
        )
    )
    return found
