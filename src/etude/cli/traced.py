"""A trace on the terminal: the lines that `trace.terminal` gives, in colours where a person reads them."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from etude.cli.shell import Shell
    from etude.trace.influence import TraceTest
    from etude.trace.picture_record import PictureTrace
    from etude.trace.record import Trace


def show_test(shell: Shell, found: TraceTest) -> None:
    """What a model's test found, a line a way to attribute."""
    if shell.json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    click.echo(f"{'way':<12} {'LDS':>5}  of each take's own (90 %)")
    for row in found.rows:
        word = "holds" if row.holds else "may be chance"
        click.echo(
            f"{row.way:<12} {row.common:5.2f}  {row.value:5.2f} ({row.low:5.2f} to {row.high:5.2f})  {word}"
        )
    shell.say(found.sentence)
    shell.say(f"Wrote {found.path}")


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
