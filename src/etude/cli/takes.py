"""`etude take`, `pieces` and `remake`."""

from __future__ import annotations

import sys
from typing import Any

import click

from etude.cli import show
from etude.cli.options import family_options, settle
from etude.cli.progress import Counter
from etude.cli.shell import Noun, Shell, verb

BEGINS = 72  # characters of a take in a list

take = Noun("take", help="Look at takes; accept, reject, edit, branch, undo.")
pieces = Noun("pieces", help="List, show and zip pieces.")


@verb("ls", "etude take ls", "etude take ls --all --json", group=take)
@click.option(
    "--all", "everything", is_flag=True, help="Also rejected takes and those whose creation was undone."
)
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N.")
def ls(shell: Shell, everything: bool, last: int | None) -> None:
    """List takes, in the order made. Takes are provisional until accepted."""
    from etude import api

    found = api.takes(shell.workspace(), everything=everything, last=last)
    if shell.json:
        show.as_json(found)
        return
    if not found.takes:
        shell.say("No takes.")
        shell.suggest("etude make MODEL -n 8")
        return
    rows = [
        (t.id, t.status, t.model or "(a person)", t.seed, t.index, t.piece or t.note) for t in found.takes
    ]
    show.table(["id", "status", "model", "seed", "index", "piece or note"], rows, right=["seed", "index"])
    if found.hidden:
        shell.say(f"{found.hidden} rejected or undone; see them with --all")


@verb("show", "etude take show t-3f2a", group=take)
@click.argument("ref", metavar="TAKE")
def show_take(shell: Shell, ref: str) -> None:
    """Show a take with its content and recipe."""
    from etude import api

    found = api.take(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
        return
    _facts(shell, found)
    click.echo(found.text)
    if found.status == "proposed":
        shell.suggest(f"etude take accept {found.id}   or   etude trace {found.id}")


def _facts(shell: Shell, found: Any) -> None:
    controls = ", ".join(f"{k} {v}" for k, v in found.controls.items() if v not in (None, "", {}, False))
    rows = [
        ("take", f"{found.id} ({found.status})"),
        ("model", found.model),
        ("seed", f"{found.seed}, index {found.index}"),
    ]
    above, below = ", ".join(found.parents), ", ".join(found.children)
    shell.say(
        "\n".join(
            f"{name:<9} {value}"
            for name, value in [*rows, ("controls", controls), ("from", above), ("became", below)]
            if value
        )
    )


@verb(
    "sheet",
    "etude take sheet takes.png --last 64",
    "etude take sheet loops.gif t-3f2a t-77e0",
    "etude take sheet verse.html",
    group=take,
)
@click.argument("out", type=click.Path(dir_okay=False))
@click.argument("refs", metavar="[TAKE]...", nargs=-1)
@click.option(
    "--last",
    type=click.IntRange(1, 256),
    default=64,
    show_default=True,
    help="If no takes are named: the last N takes of the latest medium.",
)
def sheet(shell: Shell, out: str, refs: tuple[str, ...], last: int) -> None:
    """Draw many takes on one PNG: pictures, clips, music as piano rolls. Clips can also be drawn on a GIF in
    which all of them play, and the beginnings of texts on a web page (.html)."""
    from etude import api

    drawn = api.take_sheet(shell.workspace(), refs, out, last=last)
    if shell.json:
        show.as_json(drawn)
    else:
        shell.say(f"Wrote {drawn.path}")


@verb("accept", "etude take accept t-3f2a --title 'The Well'", group=take)
@click.argument("ref", metavar="TAKE")
@click.option("--title", default="", help="The piece's title; default: its first line.")
@click.option("--note", default="", help="Why; it stays in the project.")
def accept(shell: Shell, ref: str, title: str, note: str) -> None:
    """Keep a take as a piece: files in pieces/ that any program reads."""
    from etude import api

    kept = api.accept(shell.workspace(), ref, title=title, note=note)
    if shell.json:
        show.as_json(kept)
        return
    click.echo("\n".join(kept.files))
    shell.say(f"Kept as piece {kept.id}, '{kept.title}'. Undo with: etude take undo {kept.take}")
    shell.suggest(f"etude trace {kept.id}   and   etude sign {kept.id} --preview")


@verb("reject", "etude take reject t-3f2a --note 'too close to the original'", group=take)
@click.argument("ref", metavar="TAKE")
@click.option("--note", default="", help="Why; it stays in the project.")
def reject(shell: Shell, ref: str, note: str) -> None:
    """Reject a take. It stays on record."""
    from etude import api

    found = api.reject(shell.workspace(), ref, note=note)
    if shell.json:
        show.as_json(found)
        return
    click.echo(f"{found.id} rejected")


@verb(
    "edit",
    "etude take edit t-3f2a mine.md      # my version of it",
    "etude take edit t-3f2a              # in $EDITOR (text)",
    group=take,
)
@click.argument("ref", metavar="TAKE")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--note", default="", help="What and why; it stays in the project.")
def edit(shell: Shell, ref: str, file: str | None, note: str) -> None:
    """Add your version of a take as a new take. The old one does not change; how much you changed is recorded
    as yours."""
    import tempfile
    from pathlib import Path

    from etude import api
    from etude.media import MEDIA

    project = shell.workspace()
    if file is not None:
        found = api.edit(project, ref, file, note=note)
    else:
        before = api.take(project, ref)
        suffix = MEDIA[before.medium].edited_as
        if not suffix:
            raise click.UsageError(
                f"Take {before.id} is {before.medium}: edit it in another program, and name the file."
            )
        if not sys.stdin.isatty():
            raise click.UsageError(
                f"There is no terminal to edit take {before.id} in: name the file with your version."
            )
        written = click.edit(before.text, extension=suffix)
        if written is None:
            shell.say("Nothing was changed.")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"edited{suffix}"
            path.write_text(written, encoding="utf-8")
            found = api.edit(project, ref, path, note=note)
    if shell.json:
        show.as_json(found)
        return
    click.echo(found.id)
    shell.suggest(f"etude take accept {found.id}")


@verb(
    "branch",
    "etude take branch t-3f2a --at 200 -n 4",
    "etude take branch t-3f2a -n 4 --temperature 1.2",
    group=take,
)
@click.argument("ref", metavar="TAKE")
@click.option(
    "-n", "count", type=click.IntRange(1, 256), default=4, show_default=True, help="How many takes."
)
@click.option(
    "--at", type=click.IntRange(min=1), help="Keep this many characters or notes and continue from there."
)
@family_options("changes")
@click.option("--seed", type=click.IntRange(0), help="Default: a new one.")
def branch(shell: Shell, ref: str, count: int, **controls: Any) -> None:
    """Make new takes from a take: continue from its beginning, or vary it."""
    from etude import api
    from etude.cli.make import tell_takes

    ws, given = shell.workspace(), settle("changes", controls)
    with Counter(shell, "works") as counter:
        made = api.branch(ws, ref, n=count, on_progress=counter.told, **given)
    tell_takes(shell, ws, made, count)


@verb(
    "undo",
    "etude take undo             # the last action",
    "etude take undo t-3f2a",
    "etude take undo --redo      # the action undone last; with TAKE: on that take",
    group=take,
)
@click.argument("ref", metavar="[TAKE]", required=False)
@click.option("--redo", is_flag=True, help="Redo the action that was undone last.")
def undo(shell: Shell, ref: str | None, redo: bool) -> None:
    """Undo the last action on the given take or, without one, the last action overall. Files go to the
    trash; nothing is lost."""
    from etude import api

    done = api.undo(shell.workspace(), ref, redo=redo)
    if shell.json:
        show.as_json(done)
        return
    click.echo(f"{done.take}: {'again ' if done.redone else 'no longer '}{done.act}")
    if done.files and not done.redone:
        shell.say(f"In the trash now: {', '.join(done.files)}")
        shell.suggest(
            f"etude take undo --redo {done.take}   # brings them back, for as long as they lie there"
        )


@verb("ls", "etude pieces", "etude pieces --json", group=pieces)
def ls_pieces(shell: Shell) -> None:
    """List pieces."""
    from etude import api

    found = api.pieces(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.pieces:
        shell.say("No pieces yet.")
        shell.suggest("etude take ls")
        return
    rows = [(p.id, p.title, p.take, p.model, _changed(p), p.files[0]) for p in found.pieces]
    show.table(["id", "title", "take", "model", "changed by you", "file"], rows)


def _changed(piece: Any) -> str:
    return f"{100 * piece.changed['share']:.0f} % of {piece.changed['unit']}" if piece.changed else ""


@verb("zip", "etude pieces zip p-77e0 --out for-print.zip", group=pieces)
@click.argument("refs", nargs=-1, required=True, metavar="PIECE...")
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    default="pieces.zip",
    show_default=True,
    help="The zip to write.",
)
def zip_pieces(shell: Shell, refs: tuple[str, ...], out: str) -> None:
    """Put the files of pieces into one zip, signed ones with their credentials."""
    from etude import api

    made = api.pieces_zip(shell.workspace(), refs, out)
    if shell.json:
        show.as_json(made)
        return
    click.echo(f"{made.path}: {show.count(len(made.files), 'file')}")


@verb("show", "etude pieces show p-77e0", group=pieces)
@click.argument("ref", metavar="PIECE")
def show_piece(shell: Shell, ref: str) -> None:
    """Show a piece: its files, where it came from, and its content."""
    from etude import api

    found = api.piece(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
        return
    rows = [
        ("piece", f"{found.id}, {found.title}"),
        ("take", found.take),
        ("model", found.model),
        ("kept", found.kept),
    ]
    rows += [
        ("came from", ", ".join(found.lineage)),
        ("changed", _changed(found)),
        ("note", found.note),
        ("files", "\n".join(found.files)),
    ]
    show.facts(rows)
    click.echo()
    click.echo(found.text)
    shell.suggest(f"etude trace {found.id}   and   etude sign {found.id} --preview")


@verb(
    "export",
    "etude export t-3f2a t-77e0 --scale 4",
    "etude export p-77e0 --format gif --scale 4 --upscaler nearest --out loops",
)
@click.argument("refs", metavar="TAKE|PIECE...", nargs=-1, required=True)
@click.option(
    "--format",
    "fmt",
    metavar="FORMAT",
    help="E.g. md; musicxml, abc; webp, jpg; gif, webm, zip (PNGs); default: the usual one of the medium.",
)
@click.option(
    "--scale",
    type=click.Choice(["1", "2", "4"]),
    default="1",
    show_default=True,
    help="Pictures: enlarge width and height by this factor.",
)
@click.option(
    "--upscaler",
    type=click.Choice(["lanczos", "nearest"]),
    default="lanczos",
    show_default=True,
    help="The method of enlarging.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    default=".",
    metavar="DIR",
    help="The folder to write to; default: this one.",
)
@click.option(
    "--previews", is_flag=True, help="Also write previews: score, piano roll and sound; strip and GIF."
)
@click.option(
    "--label", is_flag=True, help="Write AI GENERATED or AI MODIFIED into each copy, for everybody to see."
)
def export(
    shell: Shell,
    refs: tuple[str, ...],
    fmt: str | None,
    scale: str,
    upscaler: str,
    out: str,
    previews: bool,
    label: bool,
) -> None:
    """Write takes and pieces as files for other programs, enlarged if you like. Copies carry no credentials:
    sign the piece."""
    from etude import api

    found = api.export(
        shell.workspace(),
        refs,
        out,
        fmt=fmt,
        scale=int(scale),
        upscaler=upscaler,
        previews=previews,
        label=label,
    )
    if shell.json:
        show.as_json(found)
        return
    for path in found.files:
        shell.say(
            f"Wrote {path}"
            + (f" (enlarged {found.scale} times by {found.upscaler})" if found.upscaler else "")
        )


@verb("remake", "etude remake t-3f2a", "etude remake p-77e0 --out again.md")
@click.argument("ref", metavar="TAKE|PIECE")
@click.option("--out", type=click.Path(dir_okay=False), help="Also write the result to this file.")
def remake(shell: Shell, ref: str, out: str | None) -> None:
    """Make a take again from its recipe and compare: bit-equal, close or different, and why. Exit code 1 when
    it is not bit-equal."""
    from etude import api

    found = api.remake(shell.workspace(), ref, out=out)
    if shell.json:
        show.as_json(found)
    else:
        click.echo(
            f"{found.take}: {found.verdict}"
            + ("" if found.verdict == "bit-equal" else f" ({100 * found.likeness:.0f} % alike)")
        )
        for reason in found.reasons:
            shell.say(f"  {reason}")
    click.get_current_context().exit(0 if found.verdict == "bit-equal" else 1)
