"""A launcher for the desktop, which opens the studio of one project without a command line: an entry of the
applications menu on Linux (freedesktop.org's Desktop Entry Specification), a script to be double-clicked on
macOS. It opens a terminal, in which Ctrl-C closes the studio."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from importlib.resources import files
from pathlib import Path

from etude.errors import ProjectError, clean
from etude.store.files import slug, write_atomic
from etude.workspace.core import Workspace


def launcher(ws: Workspace, /) -> Path:
    """Install the launcher of a project for this person; gives the file. Raises ProjectError on a system
    without either."""
    root = ws.project.root
    if platform.system() == "Linux":
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        path = data / "applications" / f"etude-{slug(root.name)}.desktop"
        icon = data / "icons" / "etude.svg"
        write_atomic(icon, files("etude.workspace").joinpath("launcher.svg").read_bytes())
        write_atomic(path, _entry(root, icon).encode())
        return path
    if platform.system() == "Darwin":
        path = Path.home() / "Applications" / f"Etude {slug(root.name)}.command"
        words = [sys.executable, "-m", "etude", "studio", str(root)]
        write_atomic(path, f"#!/bin/sh\nexec {shlex.join(words)}\n".encode())
        path.chmod(0o755)
        return path
    raise ProjectError("There is no launcher for this system.", "Open the studio with: etude studio")


def _entry(root: Path, icon: Path) -> str:
    command = " ".join(_quoted(word) for word in (sys.executable, "-m", "etude", "studio", str(root)))
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        f"Name=Etude: {clean(root.name, 60)}",
        "Comment=The studio of this project, in a browser on this machine alone",
        f"Exec={command}",
        f"Icon={icon}",
        "Terminal=true",
        "Categories=AudioVideo;Graphics;",
    )
    return "\n".join(lines) + "\n"


def _quoted(word: str) -> str:
    """A word of Exec, as the specification quotes it."""
    for sign in ("\\", '"', "`", "$"):
        word = word.replace(sign, "\\" + sign)
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'
