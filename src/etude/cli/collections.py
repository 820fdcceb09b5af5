"""`etude collection`: list, show with the split, create, add to, take out of."""

from __future__ import annotations

from shlex import quote
from typing import Any

import click

from etude.cli import show
from etude.cli.shell import Noun, Shell, verb

collection = Noun("collection", help="List, show and change collections and their split.")


@verb("ls", "etude collection", group=collection)
def ls(shell: Shell) -> None:
    """List collections."""
    from etude import api

    found = api.collections(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.collections:
        shell.say("No collections.")
        shell.suggest("etude add PATH... --collection NAME")
        return
    rows = [
        (c.name, c.medium, c.works, show.units(c.medium, c.units), *_shares(c)) for c in found.collections
    ]
    show.table(
        ["name", "medium", "works", "size", "train", "critic", "held-out"],
        rows,
        right=["works", "size", "train", "critic", "held-out"],
    )


def _shares(found: Any) -> list[str]:
    return [f"{100 * role.share:.1f} %" for role in found.roles]


@verb("show", "etude collection show verse", "etude collection show verse --json", group=collection)
@click.argument("name")
def show_one(shell: Shell, name: str) -> None:
    """Show a collection: its works with their part of the split (train, critic, held-out), its makers and its
    licences."""
    from etude import api

    found = api.collection(shell.workspace(), name)
    if shell.json:
        show.as_json(found)
        return
    c = found.collection
    show.facts(
        [
            ("name", c.name),
            ("medium", c.medium),
            ("works", f"{c.works}"),
            ("split", "by maker" if c.by_maker else "by work"),
        ]
    )
    click.echo()
    unit = show.units_of(c.medium)
    show.table(
        ["for", unit, "share", "works", "makers"],
        [(r.role, f"{r.units:,}", f"{100 * r.share:.1f} %", r.works, r.makers) for r in c.roles],
        right=[unit, "share", "works", "makers"],
    )
    rows = [
        (w.id, w.title, w.maker, f"{w.weight:g}", f"{w.train:,}", f"{w.critic:,}", f"{w.held_out:,}")
        for w in found.works
    ]
    click.echo()
    show.table(
        ["id", "title", "maker", "weight", "train", "critic", "held-out"],
        rows,
        right=["weight", "train", "critic", "held-out"],
    )
    for refusal in found.refused:
        shell.say(
            f"May not be trained on: {refusal.title} ({refusal.work_id}): {refusal.reason}. {refusal.fix}"
        )


@verb(
    "create",
    "etude collection create songs w-3f2a w-77e0",
    "etude collection create verse --by-maker",
    group=collection,
)
@click.argument("name")
@click.argument("refs", nargs=-1, metavar="[WORK]...")
@click.option(
    "--weight",
    type=float,
    default=1.0,
    help="Training weight of these works; 1 is normal, 2 is twice as often.",
)
@click.option("--by-maker", is_flag=True, help="Split by maker: all works of a held-out maker are held out.")
def create(shell: Shell, name: str, refs: tuple[str, ...], weight: float, by_maker: bool) -> None:
    """Create a collection from works in the project."""
    from etude import api

    _tell(shell, api.collection_create(shell.workspace(), name, refs, weight=weight, by_maker=by_maker))


@verb("add", "etude collection add songs w-3f2a --weight 2", group=collection)
@click.argument("name")
@click.argument("refs", nargs=-1, required=True, metavar="WORK...")
@click.option(
    "--weight",
    type=float,
    default=1.0,
    help="Training weight of these works; 1 is normal, 2 is twice as often.",
)
def add(shell: Shell, name: str, refs: tuple[str, ...], weight: float) -> None:
    """Add works of the project to a collection, or change their weight. Other works keep their split."""
    from etude import api

    _tell(shell, api.collection_add(shell.workspace(), name, refs, weight=weight))


@verb(
    "rm",
    "etude collection rm songs w-3f2a     # one work",
    "etude collection rm songs            # the whole list",
    group=collection,
)
@click.argument("name")
@click.argument("refs", nargs=-1, metavar="[WORK]...")
def rm(shell: Shell, name: str, refs: tuple[str, ...]) -> None:
    """Remove works from a collection or, if none are named, the collection itself. The works stay in the
    project."""
    from etude import api

    _tell(shell, api.collection_rm(shell.workspace(), name, refs))


@verb(
    "sheet",
    "etude collection sheet drawings",
    "etude collection sheet photos --size 128 --framing pad",
    group=collection,
)
@click.argument("name")
@click.option(
    "--size",
    "side_px",
    type=click.IntRange(8, 512),
    default=64,
    show_default=True,
    help="Side of the square in pixels.",
)
@click.option(
    "--framing",
    "how",
    type=click.Choice(["crop", "pad", "fit"]),
    default="crop",
    show_default=True,
    help="crop: the middle; pad: all, with margins; fit: all, squeezed.",
)
@click.option(
    "--ground",
    default="white",
    show_default=True,
    help="Background colour of transparency and margins, or keep.",
)
@click.option(
    "--only",
    type=click.Choice(["train", "critic", "held-out"]),
    default=None,
    help="Only this part of the split.",
)
@click.option("--out", type=click.Path(), metavar="FILE", help="The PNG to write; default: NAME-SIZE.png.")
def sheet(shell: Shell, name: str, only: str | None, out: str | None, **options: Any) -> None:
    """Draw pictures or clips of a collection on one PNG, as a network of that size sees them. Check it before
    training."""
    from etude import api

    made = api.collection_sheet(shell.workspace(), name, out, only=only or "", **options)
    if shell.json:
        show.as_json(made)
        return
    click.echo(f"{made.path}: {made.shown} of {show.count(made.works, 'work')}, {made.framing}")


def _tell(shell: Shell, found: Any) -> None:
    if shell.json:
        show.as_json(found)
        return
    for note in found.notes:
        shell.say(f"Note: {note}")
    split = show.split(found.roles)
    click.echo(f"{found.name}: {show.count(found.works, 'work')}{'; ' + split if found.works else ''}")
    if found.works:
        shell.suggest(after(found))


def after(found: Any) -> str:
    """What to do next with a collection: train on it, or look at its pictures first."""
    if found.seen:
        return f"etude collection sheet {quote(found.name)}"
    return f"etude learn NAME --from {quote(found.name)} --budget 10m"
