"""`etude withdraw`: what it will touch is shown first; then it asks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from etude.cli import show
from etude.cli.progress import Counter
from etude.cli.shell import Shell, verb
from etude.errors import WorkError

if TYPE_CHECKING:
    from etude.workspace.withdrawing import Withdrawal

SHOWN = 12


@verb(
    "withdraw",
    "etude withdraw w-3f2a --dry-run",
    "etude withdraw w-3f2a --receipt receipt.json",
    "etude withdraw --maker 'Ada Example' --relearn --yes",
)
@click.argument("refs", nargs=-1, metavar="[WORK]...")
@click.option("--maker", metavar="NAME", help="All works of this maker.")
@click.option("--dry-run", is_flag=True, help="Show what would be touched, and stop.")
@click.option("--yes", is_flag=True, help="Withdraw without asking.")
@click.option(
    "--relearn", is_flag=True, help="Retrain each marked model without the works, for as long as it took."
)
@click.option("--delete-models", is_flag=True, help="Delete the models that learned from them, for good.")
@click.option(
    "--receipt",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write a receipt (JSON) for the person who asked, signed with your key if you have one.",
)
@click.option(
    "--as", "name", default="", metavar="NAME", help="Who signs the receipt; default: your default signer."
)
@click.option("--reason", default="", help="Kept in the log and the receipt.")
@click.option("--no-test", is_flag=True, help="Do not test how much of the works the models recite.")
def withdraw(
    shell: Shell,
    refs: tuple[str, ...],
    maker: str | None,
    dry_run: bool,
    yes: bool,
    no_test: bool,
    **options: Any,
) -> None:
    """Withdraw a work for good: remove it from works, collections, memories, caches, trash and log, which
    keeps only its hash. Models trained on it are marked, with the cost of retraining, and pieces that owe
    something to it are listed. This cannot be undone."""
    from etude import api

    if options["relearn"] and options["delete_models"]:
        raise click.UsageError("--relearn and --delete-models exclude each other: relearning keeps the name.")
    ws = shell.workspace()
    if dry_run or not yes:
        with Counter(shell, "looking at", "looking at what learned from it") as counter:
            found = api.withdraw(
                ws,
                refs,
                maker=maker,
                dry_run=True,
                test=not no_test,
                reason=options["reason"],
                on_progress=counter.told,
            )
        if shell.json and dry_run:
            show.as_json(found)
            return
        _show(shell, found)
        if dry_run:
            shell.suggest(
                "etude withdraw ... --receipt FILE (without it, only the hash is left to name it by)"
            )
            return
        _ask()
        no_test = no_test or all(model.before is None for model in found.models)
    with Counter(shell, "withdrawing", "withdrawing") as counter:
        done = api.withdraw(ws, refs, maker=maker, test=not no_test, on_progress=counter.told, **options)
    if shell.json:
        show.as_json(done)
        return
    _done(shell, done)


def _ask() -> None:
    """Stops where the person says no. Raises WorkError where nobody is there to answer."""
    try:
        agreed = click.confirm("Withdraw for good?", err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo(err=True)
        raise WorkError(
            "Nothing was withdrawn: it asks for confirmation, and there is no terminal to answer it.",
            "See what it touches with --dry-run, then give --yes.",
        ) from None
    if not agreed:
        raise click.Abort


def _show(shell: Shell, found: Withdrawal) -> None:
    for work in found.works:
        homes = f" from {show.listed(work.collections)}" if work.collections else ""
        only = f"; the only work by {work.maker}" if work.only else ""
        click.echo(f"Withdraw {work.title} ({work.id}){homes}{only}")
    for name in found.empty:
        click.echo(f"  Collection {name} will be empty.")
    for model in found.models:
        kept = "; its memory holds them word for word, until now" if model.memory else ""
        click.echo(f"  Model {model.id} learned from {model.works:,} of them{kept}. {model.cost}")
        if model.before is not None:
            click.echo(f"    Recited, in {model.before.passages} passages: {model.before.words}.")
    if not found.models:
        click.echo("  No model learned from it.")
    for piece in found.pieces[:SHOWN]:
        click.echo(
            f"  Piece {piece.title} ({piece.piece}): {piece.words}. It stays; its future is up to you."
        )
    if len(found.pieces) > SHOWN:
        click.echo(f"  ... and {len(found.pieces) - SHOWN:,} more pieces")
    if found.takes:
        click.echo(f"  {show.count(len(found.takes), 'take')} that hold long runs of it are cleared.")


def _done(shell: Shell, done: Withdrawal) -> None:
    for work in done.works:
        click.echo(f"Withdrawn: {work.title}; its hash stays in the log: {work.sha256[:12]}")
    for model in done.models:
        if model.deleted:
            click.echo(f"  Model {model.id} is deleted.")
            continue
        click.echo(
            f"  Model {model.id} is marked." + (" They were removed from its memory." if model.memory else "")
        )
        if model.before is not None and model.after is not None:
            click.echo(f"    Recited before: {model.before.words}; now: {model.after.words}.")
        if model.relearned:
            click.echo(f"    Learned again as {model.relearned}. {model.compared}".rstrip())
            if model.again is not None:
                click.echo(f"    It recites: {model.again.words}.")
    for piece in done.pieces[:SHOWN]:
        click.echo(f"  Piece {piece.title} ({piece.piece}): {piece.words}.")
    if done.takes:
        click.echo(f"  {show.count(len(done.takes), 'take')} cleared.")
    if done.alive:
        shell.say(
            f"{show.count(done.alive, 'run')} of learning goes on; if it trains on them, it is not kept."
        )
    for note in done.notes:
        shell.say(note)
    if done.receipt:
        by = (
            f", signed; fingerprint {done.fingerprint}" if done.fingerprint else ", not signed: no signer yet"
        )
        shell.say(f"Wrote {done.receipt}{by}")
    if any(not model.deleted and not model.relearned for model in done.models):
        shell.suggest("etude models   (only retraining or --delete-models removes what the weights learned)")
