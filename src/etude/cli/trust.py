"""`etude trace`, `sign`, `verify` and `signers`."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etude.cli import show
from etude.cli.progress import Busy, Counter
from etude.cli.shell import Noun, Shell, verb
from etude.config.trust import INFLUENCE
from etude.errors import CredentialError, ProjectError

if TYPE_CHECKING:
    from etude.workspace.core import Workspace


@verb(
    "trace",
    "etude trace t-3f2a",
    "etude trace p-77e0 --html trace.html",
    "etude trace song.mid --model hymns --json",
    "etude trace hymns --test --budget 30s",
)
@click.argument("ref", metavar="PIECE|TAKE|FILE|MODEL")
@click.option("--model", help="The model to trace with; default: its own, or the newest of its medium.")
@click.option("--collection", help="The works to compare with; default: the model's.")
@click.option(
    "--minimum",
    type=click.IntRange(2, 1000),
    metavar="N",
    help="The shortest verbatim run listed, in words or notes.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Also write a web page that you can share.",
)
@click.option(
    "--test",
    is_flag=True,
    help="Test a model instead: whether attribution predicts what training without some works changes.",
)
@click.option(
    "--by", default="", metavar="KEY", help="With --test: groups by this attribute; default: maker."
)
@click.option(
    "--halves",
    type=click.IntRange(8, 200),
    default=INFLUENCE.halves,
    show_default=True,
    help="With --test: how many models to train from random halves of the groups.",
)
@click.option(
    "--budget",
    default=INFLUENCE.budget,
    show_default=True,
    metavar="TIME",
    help="With --test: the budget of each.",
)
def trace(
    shell: Shell,
    ref: str,
    page: str | None,
    test: bool,
    by: str,
    halves: int,
    budget: str,
    **options: Any,
) -> None:
    """Show what a take, a piece or any file owes to the works: what was borrowed (exact), what is
    verbatim (counted), what it resembles (calibrated against held-out works), and, once the model has passed
    --test, which makers influenced it."""
    from etude import api
    from etude.cli.traced import show_test, show_trace

    if test:
        with Counter(shell, "parts", "testing") as counter:
            result = api.trace_test(
                shell.workspace(), ref, by=by, halves=halves, budget=budget, on_progress=counter.told
            )
        show_test(shell, result)
        return

    ws = shell.workspace()
    with Counter(shell, "works", "looking for what it owes to the works") as counter:
        found = api.trace(ws, ref, on_progress=counter.told, **options)
    if page is not None:
        Path(page).write_bytes(api.trace_html(ws, found, ref=ref))
    if shell.json:
        click.echo(found.dumps())
        return
    show_trace(found)
    if page is not None:
        shell.say(f"Wrote {page}")
    else:
        shell.suggest(f"etude trace {ref} --html trace.html")


@verb(
    "sign",
    "etude sign p-77e0 --preview",
    "etude sign p-77e0 --as 'Ada Example' --yes",
)
@click.argument("ref", metavar="PIECE")
@click.option("--preview", is_flag=True, help="Show exactly what would be made public, and stop.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@click.option(
    "--as",
    "name",
    metavar="NAME",
    help="Who signs. Each name has its own key, made on first use. Default: the default signer, "
    "which is the first one made until you choose another.",
)
@click.option(
    "--maker", default="", help="The maker's name in the credential; default: the signer's name, if given."
)
@click.option(
    "--share-changes", "share", is_flag=True, help="Also state how much of the piece you gave and changed."
)
@click.option(
    "--hide-works", is_flag=True, help="Do not name the works that the piece is flagged as resembling."
)
@click.option(
    "--all-works", "unflagged", is_flag=True, help="Also name the nearest works where none is flagged."
)
@click.option(
    "--as-it-is",
    is_flag=True,
    help="Sign a file that you changed outside Etude, and state the change as your edit.",
)
@click.option(
    "--share-borrowed",
    "shares",
    is_flag=True,
    help="Also name the works that the memory's share came from, with each one's share.",
)
@click.option(
    "--train-ai",
    type=click.Choice(["y", "n"]),
    help="The same as --learning allowed or not-allowed, in the words of IETF AIPREF.",
)
@click.option(
    "--learning",
    type=click.Choice(["allowed", "not-allowed", "constrained"]),
    help="Whether others may train on the piece; default: not-allowed.",
)
@click.option(
    "--replace",
    "replace_other",
    is_flag=True,
    help="Replace an existing credential of the file that is under another name, even one of yours.",
)
def sign(
    shell: Shell,
    ref: str,
    preview: bool,
    yes: bool,
    name: str | None,
    learning: str | None,
    train_ai: str | None,
    hide_works: bool,
    replace_other: bool,
    **said: Any,
) -> None:
    """Sign a piece with a credential that travels with it (C2PA): inside pictures, clips (except WebM),
    sound, SVG, DOCX and EPUB, beside text and MIDI. What becomes public is shown first; prompts, notes and
    rejected takes stay private."""
    from etude import api

    if name is not None and not name.strip():
        raise click.UsageError("--as needs a name. Example: --as 'Ada Example'")
    if hide_works and said["unflagged"]:
        raise click.UsageError("--hide-works and --all-works exclude each other.")
    project = shell.workspace()
    name = name or _first_name(project, preview or yes)
    meant = {"y": "allowed", "n": "not-allowed", None: learning or "not-allowed"}[train_ai]
    if learning is not None and learning != meant:
        raise click.UsageError(f"--train-ai {train_ai} and --learning {learning} contradict each other.")
    use = {"not-allowed": "notAllowed"}.get(meant, meant)
    said = {**said, "works": not hide_works, "use": use}
    if preview or not yes:
        with Busy(shell, "tracing what the piece owes to the works"):
            shown = api.preview_sign(project, ref, name=name, **said)
        if shell.json and preview:
            show.as_json(shown)
            return
        click.echo(shown.text, err=not preview)
        if preview:
            shell.suggest(api.unasked(project, ref, name))
            return
        _ask(api.unasked(project, ref, name))
    with Busy(shell, "tracing, signing and checking the signature"):
        done = api.sign(project, ref, name=name, replace_other=replace_other, nameless=not yes, **said)
    if shell.json:
        show.as_json(done)
        return
    click.echo("\n".join(done.credentials))
    shell.say(f"Signed by {done.signer}; fingerprint {done.fingerprint}")
    if done.new_key:
        shell.say(f"A key for {done.signer} was made; this name keeps it.")
        other = f" as before; to change that: etude signers default '{done.signer}'"
        shell.say(
            f"Without --as, {done.default} signs"
            + (" from now on." if done.default == done.signer else other)
        )
    shell.say("Give the fingerprint to your readers by another way than these files.")
    shell.suggest(f"etude verify {done.files[0]}")


def _first_name(project: Workspace, unasked: bool) -> str:
    """Who signs for the first time on this machine, where somebody is there to say it."""
    from etude import api

    if unasked or not sys.stdin.isatty() or api.signers().signers:
        return ""
    own = api.own_name(project)
    name = click.prompt(
        f"Your name, as readers will see it (Enter: {own or 'none'})",
        default=own,
        show_default=False,
        err=True,
    )
    return str(name).strip()


def _ask(unasked: str) -> None:
    """Stops where the person says no. Raises CredentialError with the command that does not ask where nobody
    is there to answer."""
    try:
        agreed = click.confirm("Sign this?", err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo(err=True)  # the question is a line of its own
        raise CredentialError(
            "Nothing was signed: signing asks for confirmation, and there is no terminal to answer it.",
            f"Read what becomes public with --preview, then give --yes: {unasked}",
        ) from None
    if not agreed:
        raise click.Abort


@verb(
    "verify",
    "etude verify the-well.md",
    "etude verify the-well.md --json",
    "etude verify theirs.png --trust 'Ada Example'",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--trust",
    "name",
    default="",
    metavar="NAME",
    help="Remember this signer as NAME; compare the fingerprint first.",
)
def verify(shell: Shell, file: str, name: str) -> None:
    """Check a file's credential: intact, altered, stripped, unknown signer or expired. Exit code 0 if it is
    intact and signed by you or somebody you know, 1 if not, 2 if the file cannot be read. The credential may
    be in the file or beside it, even if the file was renamed; a .c2pa file leads to the file it belongs
    to."""
    from etude import api

    here = _project_here(shell)
    found = api.verify(file, here)
    if name:
        if found.state not in ("intact", "unknown-signer"):
            raise click.UsageError(f"{file} is {found.state}: there is no signer to remember.")
        api.trust(found.fingerprint, name)
        found = api.verify(file, here)
    if shell.json:
        show.as_json(found)
    else:
        click.echo(found.text)
    click.get_current_context().exit(found.code)


def _project_here(shell: Shell) -> Workspace | None:
    """The project of this folder, where there is one: `verify` needs none."""
    with suppress(ProjectError):
        return shell.workspace()
    return None


signers = Noun("signers", help="List the names you sign under on this machine, and choose the default.")


@verb("ls", "etude signers", "etude signers --json", group=signers)
def ls_signers(shell: Shell) -> None:
    """List your signers, the default first. Their keys are in your settings folder, outside every project."""
    from etude import api

    _tell_signers(shell, api.signers())


@verb("default", "etude signers default 'Ada Example'", group=signers)
@click.argument("name")
def default(shell: Shell, name: str) -> None:
    """Make this signer the default, used without --as. The others keep their keys."""
    from etude import api

    _tell_signers(shell, api.signer_default(name))


def _tell_signers(shell: Shell, found: Any) -> None:
    if shell.json:
        show.as_json(found)
        return
    if not found.signers:
        shell.say("No signers yet: the first one is made when you sign.")
        shell.suggest("etude sign PIECE --as NAME")
        return
    rows = [(s.name, "default" if s.default else "", s.fingerprint, s.ends) for s in found.signers]
    show.table(["name", "without --as", "fingerprint", "ends"], rows)
