"""`etude detect`."""

from __future__ import annotations

import click

from etude.cli import show
from etude.cli.shell import Shell, verb


@verb("detect", "etude detect pasted.txt", "etude detect tune.mid --json")
@click.argument("ref", metavar="FILE|TAKE|PIECE")
def detect(shell: Shell, ref: str) -> None:
    """Say whether a text or score was drawn by a model of this project, even without its file and credential:
    models mark what they draw. Also names pieces that it is a near-copy of. Exit code 0 if it came from here,
    1 if nothing says so."""
    from etude import api

    found = api.detect(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
    else:
        click.echo(found.text)
    click.get_current_context().exit(found.code)
