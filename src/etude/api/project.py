"""The project itself: make one, open one, say where things lie, rebuild what can be rebuilt, check the
machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from shlex import quote
from typing import ClassVar

from etude.errors import ProjectError
from etude.media import MEDIA
from etude.store.project import Project
from etude.store.repair import Finding as Mended
from etude.workspace.core import Workspace
from etude.workspace.opening import workspace


@dataclass(frozen=True)
class Opened:
    """A project that was made (`created`) or was there already."""

    schema: ClassVar[str] = "etude.init/1"
    root: str
    created: bool


def init(folder: str | Path = ".") -> Opened:
    """Make a project in the folder (made if missing); a project that is there already is left as it is."""
    root = Path(folder).expanduser()
    created = not (root / "etude.toml").exists()
    project = Project.init(root) if created else Project.open(root)
    return Opened(str(project.root), created)


def open_project(folder: str | Path | None = None) -> Workspace:
    """The project of the folder, or the nearest one upwards from here. Raises ProjectError when there is
    none."""
    path = None if folder is None else Path(folder).expanduser()
    if path is not None and not path.exists():
        raise ProjectError(
            f"There is no such folder: {path}.",
            f"Check the spelling, or make a project there: etude init {quote(str(path))}",
        )
    return workspace(Project.open(path))


@dataclass(frozen=True)
class Where:
    """Where things lie. `bytes` are what the folder holds, by its first level; `bases` is the shelf."""

    schema: ClassVar[str] = "etude.where/1"
    root: str
    keys: str
    bytes: dict[str, int]
    disk_free: int
    bases: str


def where(ws: Workspace, /) -> Where:
    """Where the project, the signing keys and the bases lie, and how much each part holds."""
    project = ws.project
    from etude.bases.shelf import home
    from etude.credentials import config_home

    sizes: dict[str, int] = {}
    for path in sorted(project.root.rglob("*")):
        if path.is_file():
            first = path.relative_to(project.root).parts[0]
            sizes[first] = sizes.get(first, 0) + path.stat().st_size
    free = shutil.disk_usage(project.root).free
    return Where(str(project.root), str(config_home()), sizes, free, str(home()))


@dataclass(frozen=True)
class Repaired:
    """What `repair` found and mended, and what the project holds."""

    schema: ClassVar[str] = "etude.repair/1"
    findings: tuple[Mended, ...]
    works: int
    pieces: int
    models: int
    events: int
    indexed: int
    whole: bool


def repair(ws: Workspace, /) -> Repaired:
    """Check every file, mend what can be mended (missing files of pieces are written again from their takes),
    rebuild the index."""
    project = ws.project
    from etude.workspace import withdrawing
    from etude.workspace.collecting import answer_for

    report = project.repair()
    if (left := withdrawing.unfinished(project)) and not left & {work.id for work in project.works()}:
        withdrawing.finish(ws, left, set(), ())
    findings = (*report.findings, *answer_for(project))
    if any(finding.kind == "missing-piece" for finding in findings):
        from etude.workspace.pieces import (
            write_again,  # engravers and the like: only where a piece is missing
        )

        back = write_again(ws)
        findings = tuple(
            replace(finding, what="was missing; written again from its take", mended=True)
            if finding.path in back
            else finding
            for finding in findings
        )
    whole = all(finding.mended for finding in findings)
    return Repaired(
        findings, report.works, report.pieces, report.models, report.events, report.indexed, whole
    )


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


def doctor(folder: str | Path | None = None) -> Health:
    """Look at the interpreter, the libraries, the machine and the project, without changing anything."""
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
    try:
        project = open_project(folder).project
    except ProjectError as error:
        found.append(Finding("project", "note", error.message, error.hint))
    else:
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
    return Health(tuple(found))
