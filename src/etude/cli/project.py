"""`etude init`, `trash`, `where`, `doctor` and `repair`."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote

import click

from etude.cli import show
from etude.cli.shell import Noun, Shell, verb


@verb("init", "etude init my-studio", "etude init            # in this folder")
@click.argument("path", type=click.Path(file_okay=False), required=False)
def init(shell: Shell, path: str | None) -> None:
    """Create a project in a folder. Existing files are not changed."""
    from etude import api

    made = api.init(path or shell.folder or ".")
    if shell.json:
        show.as_json(made)
        return
    click.echo(made.root)
    shell.say("Created a project." if made.created else "This is a project already; nothing was changed.")
    inside = f"cd {quote(str(Path(path).expanduser()))} && " if path else ""
    shell.suggest(f"{inside}etude add PATH... --collection NAME --maker NAME --licence own --consent yes")


trash = Noun("trash", help="List what was deleted, and delete it for good.")


@verb("ls", "etude trash", group=trash)
def ls(shell: Shell) -> None:
    """List what lies in the trash, oldest first."""
    from etude import api

    found = api.trash(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.items:
        shell.say("The trash is empty.")
        return
    rows = [
        (one.what, one.at[:16].replace("T", " "), show.size(one.bytes), one.folder) for one in found.items
    ]
    show.table(["what", "since", "size", "folder"], rows, right=["size"])
    shell.suggest(
        "etude works restore WORK   or   etude models restore MODEL   or   etude trash empty --dry-run"
    )


@verb("empty", "etude trash empty --dry-run", "etude trash empty --days 30 --yes", group=trash)
@click.option(
    "--days",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="N",
    help="Only what was deleted at least N days ago.",
)
@click.option("--dry-run", is_flag=True, help="Only show how much would be deleted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def empty(shell: Shell, days: float, dry_run: bool, yes: bool) -> None:
    """Delete for good what lies in the trash: nothing brings it back, and undo cannot reach it any more.
    Models that learned from a deleted work still hold what they learned."""
    from etude import api

    ws = shell.workspace()
    would = api.trash_empty(ws, days=days, dry_run=True)
    if not dry_run and would.items and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("This deletes for good: say --yes, or see what would go with --dry-run.")
        click.confirm(
            f"Delete {show.count(would.items, 'thing')} ({show.size(would.bytes)}) for good?", abort=True
        )
    done = would if dry_run else api.trash_empty(ws, days=days)
    if shell.json:
        show.as_json(done)
        return
    how = "would be deleted" if dry_run else "deleted for good"
    click.echo(f"{show.count(done.items, 'thing')}, {show.size(done.bytes)}: {how}")


@verb("where", "etude where", "etude where --json")
def where(shell: Shell) -> None:
    """Show where the project, the signing keys and the bases are stored, and the size of each part."""
    from etude import api

    found = api.where(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    show.facts(
        [
            ("project", found.root),
            *((f"  {name}", show.size(held)) for name, held in found.bytes.items()),
            ("signing keys", found.keys),
            ("bases", found.bases),
            ("disk free", show.size(found.disk_free)),
        ]
    )


@verb("doctor", "etude doctor")
def doctor(shell: Shell) -> None:
    """Check this machine, the libraries and the project, and say what to do. Exit code 1 if something must be
    fixed."""
    from etude import api

    health = api.doctor(shell.folder)
    if shell.json:
        show.as_json(health)
    else:
        show.table(
            ["what", "state", "value", "do"], [(f.what, f.state, f.value, f.act) for f in health.findings]
        )
    click.get_current_context().exit(0 if health.well else 1)


@verb("repair", "etude repair")
def repair(shell: Shell) -> None:
    """Check every file, fix what can be fixed, and rebuild .etude/. Exit code 1 if something is left for you
    to fix."""
    from etude import api

    report = api.repair(shell.workspace())
    if shell.json:
        show.as_json(report)
    else:
        if report.findings:
            show.table(
                ["file", "what", "fixed"],
                [(f.path, f.what, "yes" if f.mended else "no") for f in report.findings],
            )
        held = [
            (report.works, "work"),
            (report.models, "model"),
            (report.pieces, "piece"),
            (report.events, "event"),
        ]
        shell.say(
            f"{', '.join(show.count(*item) for item in held)}: "
            f"{'all is well' if report.whole else 'see above'}."
        )
    click.get_current_context().exit(0 if report.whole else 1)
