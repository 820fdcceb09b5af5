"""`etude studio`: the studio in a browser. This process becomes the server."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from etude.cli.shell import Shell, verb
from etude.errors import ProjectError

PORT = 8737


@verb(
    "studio",
    "etude studio                 # the project of this folder",
    "etude studio my-studio       # made if there is none",
    "etude studio --open my-studio/pieces/the-well.md",
    "etude studio my-studio --install-launcher",
)
@click.argument("place", metavar="[DIR]", required=False, type=click.Path(file_okay=False))
@click.option(
    "--open",
    "file",
    type=click.Path(exists=True),
    metavar="FILE",
    help="Open the project that this file is in, on the page that shows it.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="The port on this machine; another one if it is taken.",
)
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option(
    "--install-launcher", "launcher", is_flag=True, help="Add this project to the applications menu."
)
def studio(
    shell: Shell, place: str | None, file: str | None, port: int, no_browser: bool, launcher: bool
) -> None:
    """Open the studio in a browser: works, training, takes, traces and pieces, on this machine alone. Nobody
    else can reach it: it listens on 127.0.0.1 and opens only with the link it prints. Training goes on when
    the browser or the studio is closed."""
    for package in ("starlette", "uvicorn", "jinja2"):
        if find_spec(package) is None:
            raise ProjectError(
                "The studio in a browser is not installed.", 'Run: python -m pip install "etude[studio]"'
            )
    if launcher:
        from etude import api

        if place is not None:
            api.init(place)
        shell.say(f"Wrote {api.launcher(api.open_project(place or file or shell.folder))}")
        return
    # The server opens the project itself: what both need is not imported twice.
    given = {"--new": place, "--file": file, "--in": shell.folder, "--port": str(port)}
    words = [f"{name}={value}" for name, value in given.items() if value is not None]
    show = [] if no_browser else ["--show"]
    os.execv(sys.executable, [sys.executable, "-m", "etude.studio", *words, *show])
