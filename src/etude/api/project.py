"""The project itself: make one, open one, say where things lie, rebuild what can be rebuilt, check the
machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import ClassVar

from etude.errors import ProjectError
from etude.store.project import Project
from etude.store.repair import Finding as Mended
from etude.workspace.core import Workspace
from etude.workspace.health import Finding, Health, of_machine, of_project
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


def doctor(folder: str | Path | None = None) -> Health:
    """Look at the interpreter, the libraries, the machine and the project, without changing anything."""
    found = of_machine()
    try:
        project = open_project(folder).project
    except ProjectError as error:
        found.append(Finding("project", "note", error.message, error.hint))
    else:
        found += of_project(project)
    return Health(tuple(found))
