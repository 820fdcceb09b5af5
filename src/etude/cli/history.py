"""`etude history` and `etude lineage`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from etude.cli import show
from etude.cli.shell import Shell, verb

if TYPE_CHECKING:
    from etude.workspace.lineage import Kin

LAST = 40


@verb("history", "etude history", "etude history the well --kind decided", "etude history --last 500 --json")
@click.argument("words", nargs=-1)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["made", "decided", "works", "models", "signed"]),
    help="Only lines of this kind; may be repeated.",
)
@click.option("--last", type=click.IntRange(min=1), default=LAST, show_default=True, help="So many lines.")
def history(shell: Shell, words: tuple[str, ...], kinds: tuple[str, ...], last: int) -> None:
    """Show what was done, the newest first. Words are looked for in what was done, in notes and in the texts
    of takes."""
    from etude import api

    found = api.history(shell.workspace(), " ".join(words), kinds=kinds, last=last)
    if shell.json:
        show.as_json(found)
        return
    for line in found.lines:
        click.echo(f"{line.at[:16].replace('T', ' ')}  {line.sentence}{'' if line.holds else ' (undone)'}")
        for more in (line.note, line.text):
            if more:
                click.echo(f"{'':18}{more}")
    if not found.lines:
        shell.say("Nothing like that was done." if words or kinds else "Nothing was done yet.")
    if found.more:
        shell.say(f"{found.more:,} older lines; see them with --last {len(found.lines) + found.more}")
    undo = next((line.undo for line in found.lines if line.undo), "")
    if undo:
        shell.suggest("etude works undo" if undo == "works" else f"etude take undo {undo}")


@verb("lineage", "etude lineage t-3f2a")
@click.argument("ref", metavar="TAKE")
def lineage(shell: Shell, ref: str) -> None:
    """Show what a take came from, back to the works, and what came of it."""
    from etude import api

    found = api.lineage(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
        return
    shown: set[str] = set()

    def put(one: Kin, depth: int) -> None:
        mark = " <" if one.id == found.take else ""
        again = one.id in shown
        about = "" if again else f"  {one.how}{', ' + one.status if one.status else ''}: {one.line}"
        click.echo(f"{'  ' * depth}{one.id}{mark}{about}{' (above)' if again else ''}")
        if again:
            return
        shown.add(one.id)
        for child in found.kin:
            if one.id in child.parents:
                put(child, depth + 1)

    for one in found.kin:
        if not one.parents:
            put(one, 0)
    if found.left_out:
        shell.say(f"{found.left_out:,} more takes are not shown.")
