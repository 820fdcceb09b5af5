"""A trace on the terminal: the lines that `trace.terminal` gives, in colours where a person reads them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from etude.trace.picture_record import PictureTrace
    from etude.trace.record import Trace


def show_trace(found: Trace | PictureTrace) -> None:
    """Print the trace on stdout; what its figures mean goes to stderr."""
    from etude.trace import picture_record
    from etude.trace.page import picture as pictures

    if isinstance(found, picture_record.PictureTrace):
        click.echo(pictures.terminal(found).rstrip())
        for note in found.notes:
            click.echo(f"  {note}", err=True)
        return
    from etude.trace.page.terminal import STYLES, lines, plain

    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        click.echo(plain(found).rstrip())
    else:
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        styled = (
            (text, " ".join(filter(None, (STYLES.get(name, "") for name in style.split()))))
            for text, style in lines(found)
        )
        console.print(Text.assemble(*styled))
    for note in found.notes:
        click.echo(f"  {note}", err=True)
