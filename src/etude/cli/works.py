"""`etude add`, `samples` and `works`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from shlex import quote
from typing import Any

import click

from etude.cli import show
from etude.cli.collections import after
from etude.cli.options import read_options
from etude.cli.progress import Counter
from etude.cli.shell import Noun, Shell, pairs, verb
from etude.media import MEDIA

# What `works edit` has an option for; the rest are attributes
FIELDS = ("title", "maker", "licence", "consent", "series")
# More notes of what was mended in reading than this are counted, not listed; --json has them all
NOTES_SHOWN = 20
NEAR_SHOWN, NEAR_FIRST = 10, 3  # the same for near-duplicates; of more of them


@verb(
    "add",
    "etude add poems/ --collection verse --maker 'Emily Dickinson' --licence public-domain",
    "etude add mine.md --collection verse --maker Me --licence own --consent yes --attr form=sonnet",
    "etude add --metadata works.csv --collection songs",
)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--collection", metavar="NAME", help="Add the works to this collection, creating it if needed.")
@click.option("--maker", default="", help="Who made them; default: as the files say.")
@click.option(
    "--licence", "--license", default="", help="An SPDX id such as CC-BY-4.0, or public-domain, or own."
)
@click.option(
    "--consent",
    type=click.Choice(["yes", "no", "unknown"]),
    default="unknown",
    help="Whether the maker consents to training on them.",
)
@click.option(
    "--attr", "attrs", multiple=True, metavar="KEY=VALUE", help="A free attribute; may be repeated."
)
@click.option("--series", default="", help="Works of one series stay in the same part of the split.")
@click.option(
    "--metadata",
    type=click.Path(),
    metavar="FILE",
    help="CSV or JSONL with a column 'file' and any of the above.",
)
@click.option(
    "--medium",
    type=click.Choice(list(MEDIA)),
    help="Only works of this medium, e.g. from a mixed folder.",
)
@click.option(
    "--by-maker",
    is_flag=True,
    help="Split by maker: all works of a held-out maker are held out (new collections only).",
)
@read_options
def add(shell: Shell, paths: tuple[str, ...], attrs: tuple[str, ...], **options: Any) -> None:
    """Add files and folders of works. Folders are read recursively; a file that cannot be read is reported
    and skipped."""
    from etude import api

    if not paths and not options["metadata"]:
        raise click.UsageError("Name the files or folders to add, or a table of them with --metadata FILE.")
    with Counter(shell, "reading") as counter:
        added = api.add(
            shell.workspace(), paths, attrs=pairs(attrs, "--attr"), on_file=counter.step, **options
        )
    _tell(shell, added)


@verb("samples", "etude samples              # what there is", "etude samples poets")
@click.argument("name", required=False)
@click.option(
    "--collection", metavar="NAME", help="The collection to add them to; default: named after the samples."
)
def samples(shell: Shell, name: str | None, collection: str | None) -> None:
    """Add sample works that come with Etude, with their makers and licences, as a collection to try out."""
    from etude import api

    if name is None:
        listed = api.samples()
        if shell.json:
            show.as_json(listed)
            return
        show.table(["name", "medium", "what"], [(s.name, s.medium, s.about) for s in listed.samples])
        return
    with Counter(shell, "reading") as counter:
        added = api.add_samples(shell.workspace(), name, collection=collection, on_file=counter.step)
    _tell(shell, added)


def _grouped(warnings: Sequence[Any]) -> list[str]:
    """What is to be noted: the same of several files in one sentence with their number. Numbers within a
    sentence, such as lines, may differ."""
    same: dict[str, list[Any]] = {}
    for warning in warnings:
        same.setdefault(re.sub(r"\d[\d,]*", "#", warning.reason), []).append(warning)
    out = []
    for found in same.values():
        first, others = found[0], len({one.file for one in found}) - 1
        more = f" (and {show.count(others, 'more file')} with the same note)" if others else ""
        out.append(f"Note: {first.file}: {first.reason}{more}")
    return out


def _tell(shell: Shell, added: Any) -> None:
    """What came in, what was there, what did not come in and why, and what to do next."""
    for skip in added.skipped:
        shell.say(f"Skipped {skip.file}: {skip.reason}")
    for kind in added.others:
        shell.say(_passed_over(kind))
    if shell.json:
        show.as_json(added)
        return
    notes = _grouped(added.warnings)
    for note in notes[:NOTES_SHOWN]:
        shell.say(note)
    if len(notes) > NOTES_SHOWN:
        shell.say(f"and {len(notes) - NOTES_SHOWN} more notes; see them with --json")
    near = [double for double in added.duplicates if double.kind != "equal"]  # equal ones are the known
    _tell_near(shell, near, added.collection.name if added.collection else "")
    counts = [f"{show.count(len(added.works), 'work')} added", f"{added.known:,} known already"]
    if added.collection:
        counts.append(f"{added.entered:,} put into collection {added.collection.name}")
    counts += [
        f"{show.count(len(added.skipped), 'file')} skipped",
        f"{added.passed_over:,} of unsupported types skipped",
    ]
    click.echo(", ".join(counts))
    _tell_known(shell, added)
    if not added.collection:
        if not added.works:
            return
        shell.suggest("etude collection create NAME WORK...   # models are trained on collections")
        return
    home = added.collection
    split = show.split(home.roles)
    for note in home.notes:
        shell.say(f"Note: {note}")
    click.echo(f"collection {home.name}: {show.count(home.works, 'work')}; {split}")
    if not _tell_unknown(shell, home.name):
        shell.suggest(after(home))


def _passed_over(kind: Any) -> str:
    """Files of one type that were not read: their names, what they are, and what to do."""
    more = kind.files - len(kind.names)
    names = ", ".join(kind.names) + (f" and {more:,} more" if more else "")
    return f"Not read: {names}" + (f": {kind.what}. {kind.hint}" if kind.what else "")


def _tell_near(shell: Shell, near: Sequence[Any], collection: str) -> None:
    """Few near-duplicates one by one; of many only some, and where to see them all."""
    for double in near[: NEAR_SHOWN if len(near) <= NEAR_SHOWN else NEAR_FIRST]:
        share = f"{100 * double.likeness:.0f} %"
        how = f"looks {share} like" if double.kind == "alike" else f"shares {share} with"
        shell.say(f"Duplicate: {double.file} {how} {double.title} ({double.work})")
    if len(near) > NEAR_SHOWN:
        where = f"see them side by side: etude curate {quote(collection)} --html near.html"
        where = where if collection else "see them with --json"
        shell.say(f"and {len(near) - NEAR_FIRST:,} more near-duplicates; {where}")


def _tell_known(shell: Shell, added: Any) -> None:
    """What known works learned about themselves, and what they keep although something else was said."""
    by_fields: dict[tuple[str, ...], int] = {}
    for one in added.filled:
        by_fields[one.fields] = by_fields.get(one.fields, 0) + 1
    for fields, n in by_fields.items():
        shell.say(f"{show.count(n, 'work')} known already: {show.listed(fields)} added")
    kept: dict[tuple[str, str, str], list[str]] = {}
    for other in added.differs:
        kept.setdefault((other.field, other.has, other.said), []).append(other.work)
    for (field, has, said), ids in kept.items():
        option = f"--{field} {quote(said)}" if field in FIELDS else f"--attr {quote(f'{field}={said}')}"
        which = " ".join(ids[:NEAR_SHOWN]) + (" ..." if len(ids) > NEAR_SHOWN else "")
        shell.say(f"{show.count(len(ids), 'work')} known already: {field} stays '{has}', not '{said}'.")
        shell.say(f"  Change it with: etude works edit {which} {option}")


def _tell_unknown(shell: Shell, name: str) -> bool:
    """Say how many works of the collection wait for a licence or consent, and how to give it to all of them
    at once."""
    from etude import api

    project = shell.workspace()
    refused = {refusal.work_id for refusal in api.collection(project, name).refused}
    waiting = [w for w in api.works(project, collection=name).works if w.id in refused and w.consent != "no"]
    if not waiting:
        return False
    shell.say(
        f"{show.count(len(waiting), 'work')} of it may not be trained on until licence and consent are known."
    )
    shell.suggest(
        f"etude works edit --collection {quote(name)} --where-unknown --licence own --consent yes   # if "
        "that is true"
    )
    return True


works = Noun("works", help="List, search, show, describe and remove works.")


@verb("ls", "etude works", "etude works ls --collection verse --maker 'Emily Dickinson'", group=works)
@click.option("--collection", metavar="NAME", help="Only the works of this collection.")
@click.option("--maker", metavar="NAME", help="Only the works of this maker.")
@click.option("--medium", help="Only the works of this medium.")
def ls(shell: Shell, collection: str | None, maker: str | None, medium: str | None) -> None:
    """List works."""
    from etude import api

    _list(shell, api.works(shell.workspace(), collection=collection, maker=maker, medium=medium))


@verb("search", "etude works search nightingale", group=works)
@click.argument("words", nargs=-1, required=True)
def search(shell: Shell, words: tuple[str, ...]) -> None:
    """Find works by words in title, maker and notes; if none match, find texts that contain the words."""
    from etude import api

    asked = " ".join(words)
    found = api.search(shell.workspace(), asked)
    if not found.works and not shell.json:
        shell.say(f"Nothing found for '{asked}'.")
        shell.suggest("etude works   # all of them")
        return
    if found.within and not shell.json:
        shell.say("No title, maker or note matches; these texts contain the words:")
    _list(shell, found)


def _list(shell: Shell, found: Any) -> None:
    if shell.json:
        show.as_json(found)
        return
    if not found.works:
        shell.say("No works.")
        shell.suggest("etude add PATH... --collection NAME")
        return
    rows = [
        (w.id, w.title, w.maker, w.medium, f"{w.size:,}", w.licence or "unknown", w.consent)
        for w in found.works
    ]
    show.table(["id", "title", "maker", "medium", "size", "licence", "consent"], rows, right=["size"])


@verb("info", "etude works info w-3f2a", group=works)
@click.argument("work")
def info(shell: Shell, work: str) -> None:
    """Show one work: by id, title or file name."""
    from etude import api

    found = api.work(shell.workspace(), work)
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
            ("size", f"{show.units(w.medium, w.size)}, {show.size(w.bytes)}"),
            ("licence", w.licence or "unknown"),
            ("consent", w.consent),
            ("series", w.series),
            ("attributes", ", ".join(f"{k}={v}" for k, v in w.attrs.items())),
            ("file", f"works/{w.file}"),
            ("sha256", w.sha256),
            ("added", w.added),
            (
                "split",
                "\n".join(
                    f"{p['collection']}: {p['start']:,} to {p['end']:,} {p['role']}" for p in found.parts
                ),
            ),
            (MEDIA[w.medium].names.shows, found.begins),
        ]
    )


@verb(
    "edit",
    "etude works edit w-3f2a --licence CC-BY-4.0 --consent yes",
    "etude works edit --collection verse --where-unknown --licence own --consent yes",
    group=works,
)
@click.argument("refs", nargs=-1, metavar="[WORK]...")
@click.option("--collection", metavar="NAME", help="Every work of this collection.")
@click.option("--where-unknown", is_flag=True, help="Only fill in what is unknown; keep what is known.")
@click.option("--title")
@click.option("--maker")
@click.option("--licence", "--license", help="An SPDX id, public-domain, or own.")
@click.option("--consent", type=click.Choice(["yes", "no", "unknown"]))
@click.option("--series")
@click.option(
    "--attr", "attrs", multiple=True, metavar="KEY=VALUE", help="Set an attribute; may be repeated."
)
def edit(
    shell: Shell,
    refs: tuple[str, ...],
    collection: str | None,
    where_unknown: bool,
    attrs: tuple[str, ...],
    **changed: Any,
) -> None:
    """Change the metadata of works. Their files are never changed."""
    from etude import api

    if not refs and not collection:
        raise click.UsageError("Name the works to change, or a whole collection with --collection NAME.")
    if not attrs and all(value is None for value in changed.values()):
        raise click.UsageError("Say what to change, for example --licence own --consent yes.")
    changes = {**changed, "where_unknown": where_unknown, "attrs": pairs(attrs, "--attr")}
    found = api.edit_works(shell.workspace(), refs, collection=collection, **changes)
    _list(shell, found)
    shell.suggest("etude works undo   # takes this back")


@verb("undo", "etude works undo", "etude works undo --redo", group=works)
@click.option("--redo", is_flag=True, help="Make the change again that was undone last.")
def undo(shell: Shell, redo: bool) -> None:
    """Undo the last change of makers, licences, consent or attributes. What changed since otherwise stays."""
    from etude import api

    done = api.works_undo(shell.workspace(), redo=redo)
    if shell.json:
        show.as_json(done)
        return
    click.echo(
        f"{'Changed again' if redo else 'As before'}: {show.count(len(done.works), 'work')} ({done.act})"
    )
    if done.left:
        shell.say(
            f"{show.count(len(done.left), 'work')} were changed since or are gone, and stay as they are."
        )
    shell.suggest("etude works undo" if redo else "etude works undo --redo")


@verb("rm", "etude works rm w-3f2a", "etude works rm --maker 'Emily Dickinson' --dry-run", group=works)
@click.argument("refs", nargs=-1, metavar="[WORK]...")
@click.option("--collection", metavar="NAME", help="Every work of this collection.")
@click.option("--maker", metavar="NAME", help="Every work of this maker.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed, and what uses it.")
def rm(shell: Shell, refs: tuple[str, ...], collection: str | None, maker: str | None, dry_run: bool) -> None:
    """Remove works from the project and its collections. The originals go to the trash: `etude works restore`
    brings them back, `etude trash empty` deletes them for good."""
    from etude import api

    removed = api.remove(shell.workspace(), refs, collection=collection, maker=maker, dry_run=dry_run)
    if shell.json:
        show.as_json(removed)
        return
    holding: dict[str, int] = {}
    for gone in removed.works:
        where = ", ".join(gone.collections) or "no collection"
        how = f"would leave {where}" if dry_run else f"in the trash; left {where}"
        click.echo(f"{gone.work} {gone.title}: {how}")
        for model in gone.models:
            holding[model] = holding.get(model, 0) + 1
    for model, count in holding.items():
        shell.say(f"Model {model} was trained on {count:,} of them and still contains them.")
    if removed.takes:
        kept = (
            f", {show.count(len(removed.pieces), 'piece')} among them: {', '.join(removed.pieces)}"
            if removed.pieces
            else ""
        )
        shell.say(f"{show.count(removed.takes, 'take')} stem from these models or works{kept}.")
    if holding:
        shell.say("Train again without them, and remove those models: etude models rm MODEL")
    if dry_run:
        shell.say("Nothing was changed.")
    else:
        shell.suggest(f"etude works restore {removed.works[0].work}   or for good: etude trash empty")


@verb("restore", "etude works restore w-3f2a", "etude works restore --maker 'Emily Dickinson'", group=works)
@click.argument("refs", nargs=-1, metavar="[WORK]...")
@click.option("--maker", metavar="NAME", help="Every work of this maker that is in the trash.")
def restore(shell: Shell, refs: tuple[str, ...], maker: str | None) -> None:
    """Bring works back from the trash, into the collections that they were in."""
    from etude import api

    back = api.works_restore(shell.workspace(), refs, maker=maker)
    if shell.json:
        show.as_json(back)
        return
    click.echo("\n".join(f"{one.id} {one.title}: back" for one in back.works))
    shell.say(f"In collections again: {', '.join(back.collections) or 'none'}.")
