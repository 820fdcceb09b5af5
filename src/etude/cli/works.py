"""`etude add`, `samples` and `works`."""

from __future__ import annotations

from typing import Any

import click

from etude.cli import show
from etude.cli.progress import Counter
from etude.cli.shell import Noun, Shell, pairs, verb

NOTES_SHOWN = 20  # the same for what was mended in reading
NEAR_SHOWN = 10  # more near-duplicates than this are counted, not listed; --json has them all


@verb(
    "add",
    "etude add poems/ --collection verse --maker 'Emily Dickinson' --licence public-domain",
    "etude add mine.md --collection verse --maker Me --licence own --consent yes --attr form=sonnet",
    "etude add --metadata works.csv --collection songs",
)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--collection", metavar="NAME", help="Put the works into this collection; it is made when new.")
@click.option("--maker", default="", help="Who made them; else what the files say.")
@click.option("--licence", "--license", default="", help="An SPDX id such as CC-BY-4.0, or public-domain, or own.")
@click.option(
    "--consent", type=click.Choice(["yes", "no", "unknown"]), default="unknown", help="What the maker says to learning."
)
@click.option("--attr", "attrs", multiple=True, metavar="KEY=VALUE", help="A free attribute; may be repeated.")
@click.option("--series", default="", help="Works of one series stay on one side of the split.")
@click.option("--metadata", type=click.Path(), metavar="FILE", help="CSV or JSONL with a column 'file' and any of the above.")
@click.option(
    "--medium", type=click.Choice(["text", "music", "image", "video"]), help="Only works of this medium, e.g. of a mixed folder."
)
@click.option("--by-maker", is_flag=True, help="Split by maker: whoever is held out is held out whole (new collections only).")
def add(shell: Shell, paths: tuple[str, ...], attrs: tuple[str, ...], **options: Any) -> None:
    """Add files and folders of works. Folders are read with all that is in them; a file that cannot be read is named and passed over."""
    from etude import api

    if not paths and not options["metadata"]:
        raise click.UsageError("Name the files or folders to add, or a table of them with --metadata FILE.")
    with Counter(shell, "reading") as counter:
        added = api.add(shell.project(), paths, attrs=pairs(attrs, "--attr"), on_file=counter.step, **options)
    _tell(shell, added)


@verb("samples", "etude samples              # what there is", "etude samples poets")
@click.argument("name", required=False)
@click.option("--collection", metavar="NAME", help="The collection to put them in; else the name of the samples.")
def samples(shell: Shell, name: str | None, collection: str | None) -> None:
    """Add works that come with Etude, with their makers and licences, as a collection to try things with."""
    from etude import api

    if name is None:
        listed = api.samples()
        if shell.json:
            show.as_json(listed)
            return
        show.table(["name", "medium", "what"], [(s.name, s.medium, s.about) for s in listed.samples])
        return
    with Counter(shell, "reading") as counter:
        added = api.add_samples(shell.project(), name, collection=collection, on_file=counter.step)
    _tell(shell, added)


def _tell(shell: Shell, added: Any) -> None:
    """What came in, what did not and why, and what to do next."""
    for skip in added.skipped:
        shell.say(f"Skipped {skip.file}: {skip.reason}")
    if shell.json:
        show.as_json(added)
        return
    for warning in added.warnings[:NOTES_SHOWN]:
        shell.say(f"Note: {warning.file}: {warning.reason}")
    if len(added.warnings) > NOTES_SHOWN:
        shell.say(f"and {len(added.warnings) - NOTES_SHOWN} more notes; see them with --json")
    for double in added.duplicates[:NEAR_SHOWN]:
        share = f"{100 * double.likeness:.0f} %"
        how = {"equal": "is the same as", "near": f"shares {share} with", "alike": f"looks {share} like"}[double.kind]
        shell.say(f"Duplicate: {double.file} {how} {double.title} ({double.work})")
    if len(added.duplicates) > NEAR_SHOWN:
        shell.say(f"and {len(added.duplicates) - NEAR_SHOWN} more duplicates; see them with --json")
    click.echo(f"{show.count(len(added.works), 'work')} added", nl=False)
    click.echo(f", {len(added.skipped)} skipped, {added.passed_over} files of other kinds passed over")
    if added.collection:
        split = ", ".join(f"{role.role} {100 * role.share:.0f} %" for role in added.collection.roles)
        for note in added.collection.notes:
            shell.say(f"Note: {note}")
        click.echo(f"collection {added.collection.name}: {show.count(added.collection.works, 'work')}; {split}")
        name = added.collection.name
        if added.collection.unit in ("pictures", "frames"):
            shell.suggest(f"etude collection sheet {name}")
        else:
            shell.suggest(f"etude learn NAME --from {name} --budget 10m")
    else:
        shell.suggest("etude collection create NAME WORK...   # only collections are learned from")


works = Noun("works", help="List, search, show, describe and remove works.")


@verb("ls", "etude works", "etude works ls --collection verse --json", group=works)
@click.option("--collection", metavar="NAME", help="Only the works of this collection.")
@click.option("--medium", help="Only the works of this medium.")
def ls(shell: Shell, collection: str | None, medium: str | None) -> None:
    """List works."""
    from etude import api

    _list(shell, api.works(shell.project(), collection=collection, medium=medium))


@verb("search", "etude works search nightingale", group=works)
@click.argument("words", nargs=-1, required=True)
def search(shell: Shell, words: tuple[str, ...]) -> None:
    """Find works by the words of title, maker and notes."""
    from etude import api

    _list(shell, api.search(shell.project(), " ".join(words)))


def _list(shell: Shell, found: Any) -> None:
    if shell.json:
        show.as_json(found)
        return
    if not found.works:
        shell.say("No works.")
        shell.suggest("etude add PATH... --collection NAME")
        return
    rows = [(w.id, w.title, w.maker, w.medium, f"{w.size:,}", w.licence or "unknown", w.consent) for w in found.works]
    show.table(["id", "title", "maker", "medium", "size", "licence", "consent"], rows, right=["size"])


@verb("info", "etude works info w-3f2a", group=works)
@click.argument("work")
def info(shell: Shell, work: str) -> None:
    """Show one work: by id, title or file name."""
    from etude import api

    found = api.work(shell.project(), work)
    if shell.json:
        show.as_json(found)
        return
    w = found.work
    show.facts(
        [
            ("id", w.id),
            ("title", w.title),
            ("maker", w.maker or "unknown"),
            ("medium", w.medium),
            ("size", f"{w.size:,} {found.unit.removesuffix('s') if w.size == 1 else found.unit}, {show.size(w.bytes)}"),
            ("licence", w.licence or "unknown"),
            ("consent", w.consent),
            ("series", w.series),
            ("attributes", ", ".join(f"{k}={v}" for k, v in w.attrs.items())),
            ("file", f"works/{w.file}"),
            ("sha256", w.sha256),
            ("added", w.added),
            ("split", "\n".join(f"{p['collection']}: {p['start']:,} to {p['end']:,} {p['role']}" for p in found.parts)),
            ("begins" if found.unit in ("characters", "notes") else "shows", found.begins),
        ]
    )


@verb("edit", "etude works edit w-3f2a --licence CC-BY-4.0 --consent yes", group=works)
@click.argument("refs", nargs=-1, required=True, metavar="WORK...")
@click.option("--title")
@click.option("--maker")
@click.option("--licence", "--license", help="An SPDX id, public-domain, or own.")
@click.option("--consent", type=click.Choice(["yes", "no", "unknown"]))
@click.option("--series")
@click.option("--attr", "attrs", multiple=True, metavar="KEY=VALUE", help="Set an attribute; may be repeated.")
def edit(shell: Shell, refs: tuple[str, ...], attrs: tuple[str, ...], **changed: str | None) -> None:
    """Change what is written about works. Their bytes are never changed."""
    from etude import api

    _list(shell, api.edit_works(shell.project(), refs, attrs=pairs(attrs, "--attr"), **changed))


@verb("rm", "etude works rm w-3f2a", group=works)
@click.argument("refs", nargs=-1, required=True, metavar="WORK...")
def rm(shell: Shell, refs: tuple[str, ...]) -> None:
    """Take works out of the project and its collections. The originals go to .etude/trash."""
    from etude import api

    removed = api.remove(shell.project(), refs)
    if shell.json:
        show.as_json(removed)
        return
    for gone in removed.works:
        click.echo(f"{gone.work} {gone.title}: in the trash; left {', '.join(gone.collections) or 'no collection'}")
        if gone.models:
            shell.say(f"These models learned from it and still hold it: {', '.join(gone.models)}. Learn again without it.")
