"""`etude draft` and `etude marks`: writing, and what of it stands in the works."""

from __future__ import annotations

from shlex import quote
from typing import Any

import click

from etude.cli import show
from etude.cli.options import family_options, settle
from etude.cli.progress import Counter
from etude.cli.shell import Noun, Shell, pairs, verb

draft = Noun("draft", help="Write your own drafts: begin, change, undo and keep them.")


@verb("ls", "etude draft ls", group=draft)
def ls(shell: Shell) -> None:
    """List drafts, most recently changed first."""
    from etude import api

    found = api.drafts(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.drafts:
        shell.say("No drafts.")
        shell.suggest("etude draft new NAME")
        return
    rows = [(d.name, d.medium, d.version, len(d.takes), d.at[:16], d.file) for d in found.drafts]
    show.table(["draft", "medium", "changes", "takes in it", "changed", "file"], rows, right=["changes"])


@verb("show", "etude draft show well", group=draft)
@click.argument("name")
def show_draft(shell: Shell, name: str) -> None:
    """Show a draft as it is now."""
    from etude import api

    found = api.draft(shell.workspace(), name)
    if shell.json:
        show.as_json(found)
        return
    shell.say(f"{found.file}, change {found.version}; takes in it: {', '.join(found.takes) or 'none'}")
    click.echo(found.text)


@verb(
    "new",
    "etude draft new well",
    "etude draft new well --from begun.md",
    "etude draft new tune --from t-3f2a",
    group=draft,
)
@click.argument("name")
@click.option("--from", "source", metavar="FILE", help="Begin with this file, take, piece or work.")
@click.option("--medium", default="text", show_default=True, help="The medium of an empty draft.")
def new(shell: Shell, name: str, source: str | None, medium: str) -> None:
    """Begin a draft."""
    from etude import api

    _told(shell, api.draft_new(shell.workspace(), name, source=source, medium=medium))


@verb("put", "etude draft put well mine.md", "etude draft put well t-3f2a", group=draft)
@click.argument("name")
@click.argument("file", metavar="FILE|TAKE|PIECE|WORK")
@click.option("--version", type=click.IntRange(1), help="Only if this is still the draft's latest change.")
def put(shell: Shell, name: str, file: str, version: int | None) -> None:
    """Replace a draft's content with a file, take, piece or work. The change can be undone."""
    from etude import api

    _told(shell, api.draft_put(shell.workspace(), name, file=file, version=version))


@verb(
    "make",
    "etude draft make well verse -n 3",
    "etude draft make well verse --at 1200 --until 1260    # in place of these characters",
    "etude draft make tune hymns --bars 5:8",
    group=draft,
)
@click.argument("name")
@click.argument("model")
@click.option("-n", "n", type=click.IntRange(1, 64), default=3, show_default=True, help="How many takes.")
@click.option("--at", type=click.IntRange(0), help="Go on from this character; default: the end.")
@click.option("--until", type=click.IntRange(0), help="Rewrite the text from --at to this character.")
@click.option("--like", multiple=True, metavar="KEY=VALUE", help="Ask for this attribute.")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same takes.")
@family_options("controls")
def make(shell: Shell, name: str, model: str, like: tuple[str, ...], **options: Any) -> None:
    """Make takes for a place of a draft. The draft does not change: put one in with draft put, or in the
    studio."""
    from etude import api

    ws = shell.workspace()
    with Counter(shell, "works", "opening the model") as counter:
        asked = settle("controls", options)
        made = api.draft_make(ws, name, model, like=pairs(like, "--like"), on_progress=counter.told, **asked)
    if shell.json:
        show.as_json(made)
        return
    for take in made.takes:
        click.echo(click.style(f"--- take {take.id}", bold=True) + " (provisional)")
        click.echo(take.words if take.given != (0, 0) else take.line)


@verb("undo", "etude draft undo well", "etude draft undo well --redo", group=draft)
@click.argument("name")
@click.option("--redo", is_flag=True, help="Redo the change that was undone last.")
def undo(shell: Shell, name: str, redo: bool) -> None:
    """Undo the last change to a draft."""
    from etude import api

    _told(shell, api.draft_undo(shell.workspace(), name, redo=redo))


@verb("keep", "etude draft keep well --title 'The Well'", group=draft)
@click.argument("name")
@click.option("--title", default="", help="The piece's title; default: its first line.")
@click.option("--note", default="", help="Why; it stays in the project.")
def keep(shell: Shell, name: str, title: str, note: str) -> None:
    """Keep a draft as a piece. Its lineage names the takes that came into it; what you wrote counts as
    yours."""
    from etude import api

    kept = api.draft_keep(shell.workspace(), name, title=title, note=note)
    if shell.json:
        show.as_json(kept)
        return
    click.echo("\n".join(kept.files))
    shell.say(f"Kept as piece {kept.id}, '{kept.title}'. Undo with: etude take undo {kept.take}")


@verb("rm", "etude draft rm well", group=draft)
@click.argument("name")
def rm(shell: Shell, name: str) -> None:
    """Move a draft and its history to the trash."""
    from etude import api

    gone = api.draft_rm(shell.workspace(), name)
    if shell.json:
        show.as_json(gone)
        return
    shell.say(f"{', '.join(gone.files)}: in the trash (etude trash)")


def _told(shell: Shell, found: Any) -> None:
    if shell.json:
        show.as_json(found)
        return
    shell.say(f"{found.file} is at change {found.version}.")
    shell.suggest(f"etude draft show {quote(found.name)}")


@verb(
    "marks",
    "etude marks draft.md",
    "etude marks draft.md --model verse --voice",
    "etude marks t-3f2a --minimum 4 --json",
)
@click.argument("source", metavar="FILE|TAKE|PIECE|WORK")
@click.option("--collection", metavar="NAME", help="The works to compare with.")
@click.option("--model", metavar="MODEL", help="Compare with the works that this model learned from.")
@click.option("--minimum", type=click.IntRange(2, 1000), metavar="N", help="The shortest run marked.")
@click.option("--voice", is_flag=True, help="Also show how far the works move each word (a model on a base).")
def marks(
    shell: Shell, source: str, collection: str | None, model: str | None, minimum: int | None, voice: bool
) -> None:
    """Mark passages that occur word for word (or note for note) in the works: immediate, without the figures
    of a trace. The studio shows the same while you write."""
    from etude import api

    ws = shell.workspace()
    with Counter(shell, "works", "indexing") as counter:
        found = api.marks(
            ws,
            source,
            collection=collection,
            model=model,
            minimum=minimum,
            voice=voice,
            on_progress=counter.told,
        )
    if shell.json:
        show.as_json(found)
        return
    if not found.borrowed:
        shell.say(f"No run of {found.least} or more {found.unit} occurs in collection {found.collection}.")
    for mark in found.borrowed:
        where = api.passage(ws, mark.work, mark.at, mark.until)
        others = f" and {show.count(mark.works - 1, 'other work')}" if mark.works > 1 else ""
        shown = " ".join(where.words.split())
        click.echo(
            f"{mark.start}:{mark.end}  {mark.length} {found.unit}  {where.title}, {where.place}{others}"
        )
        click.echo(f"    {shown}")
    for one in found.voice if found.has_voice else ():
        if one.voice is not None and abs(one.voice) >= 1:
            click.echo(f"{one.start}:{one.end}  {one.voice:+.1f} nats by your works")
