"""`etude curate`: the report on a collection, what to do about it, and doing it."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

import click

from etude.cli import show
from etude.cli.progress import Counter
from etude.cli.shell import Shell, pairs, verb

if TYPE_CHECKING:
    from etude.curate.report import Curated

SHOWN = 6  # lines of one kind on a terminal; the page and --json have all of them


@verb(
    "curate",
    "etude curate poets",
    "etude curate poets --target maker=parity --html poets.html",
    "etude curate people --target 'skin tone=dark:0.2' --balance 'skin tone' --apply",
    "etude curate people --undo",
)
@click.argument("collection")
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="KEY=VALUE:SHARE",
    help="A share that you want, such as gender=woman:0.5, or KEY=parity; may be repeated.",
)
@click.option(
    "--balance",
    default="",
    metavar="KEY",
    help="Propose weights that balance this attribute, maker, or cluster (regions of the map).",
)
@click.option(
    "--where", multiple=True, metavar="KEY=VALUE", help="Only works with this attribute; may be repeated."
)
@click.option(
    "--html", type=click.Path(dir_okay=False), metavar="FILE", help="Also write the report as a web page."
)
@click.option(
    "--documents",
    type=click.Path(file_okay=False),
    metavar="FOLDER",
    help="Also write Croissant (JSON-LD), a table of works, a datasheet and a training-data summary.",
)
@click.option("--apply", is_flag=True, help="Apply the proposed weights and split. The works do not change.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["split", "twins", "balance"]),
    help="With --apply: take only this proposal; may be repeated.",
)
@click.option("--undo", is_flag=True, help="Undo the last --apply.")
def curate(
    shell: Shell,
    collection: str,
    targets: tuple[str, ...],
    balance: str,
    where: tuple[str, ...],
    html: str | None,
    documents: str | None,
    apply: bool,
    only: tuple[str, ...],
    undo: bool,
) -> None:
    """Inspect a collection before training: near-duplicates, makers and attributes, what is missing, a map,
    licences, consent, and what the files themselves say about training. Nothing changes without --apply."""
    from etude import api

    if only and not apply:
        raise click.UsageError("--only says which proposals --apply takes.")
    ws = shell.workspace()
    if undo:
        if apply or targets or balance:
            raise click.UsageError("--undo takes no other option.")
        done = api.curate_undo(ws, collection)
        if shell.json:
            show.as_json({"schema": "etude.curate-undo/1", "collection": collection, "done": list(done)})
            return
        for line in done:
            shell.say(line)
        return
    with Counter(shell, "works", "looking for near-duplicates") as counter:
        found = api.curate(
            ws,
            collection,
            targets=targets,
            balance=balance,
            where=pairs(where, "--where"),
            apply=apply,
            only=only,
            html=html,
            documents=documents,
            on_progress=counter.told,
        )
    if shell.json:
        show.as_json(found)
        return
    _show(found)
    if html is not None:
        shell.say(f"Wrote {html}")
    if documents is not None:
        shell.say(f"Wrote croissant.json, works.csv, datasheet.md and training-data.md into {documents}")
    for line in found.done:
        shell.say(line)
    if apply:
        shell.say(f"Take it back with: etude curate {quote(collection)} --undo")
    elif html is None:
        shell.suggest(f"etude curate {quote(collection)} --html {quote(collection)}.html")


def _show(found: Curated) -> None:
    from etude.curate import report

    click.echo(f"{found.collection}: {show.count(found.works, 'work')}, {found.units:,} {found.unit}")
    twins = sum(len(group.members) for group in found.twins)
    lines = [report.uneven(row) for row in found.attributes]
    _part("Who and what it holds", [*lines, *map(report.dated, found.times)], every=True)
    few = [report.hardly(found.works), *(report.too_few(row) for row in found.attributes)]
    _part("Too few to measure", [*few, *map(report.crossed, found.crossings)])
    _part(
        "Near-duplicates",
        [
            f"{twins:,} works in {len(found.twins):,} groups are the same as another or nearly so."
            if twins
            else "",
            *(
                ", ".join(f"{m.title} ({m.id})" for m in group.members[:3])
                + (f" and {len(group.members) - 3:,} more" if len(group.members) > 3 else "")
                + (": on both sides of the split" if group.across else "")
                for group in found.twins[: SHOWN - 1]
            ),
        ],
    )
    _part(
        "Files that speak of training",
        [
            f"{one.title} ({one.id}): {one.holds} ({one.statements[0].standard}, {one.statements[0].where})"
            for one in found.reserved
        ],
    )
    _part("Contradictions", found.contradictions)
    _part("Collect more of", found.collect)
    _part(
        "Proposed",
        [
            one.what + (f" {one.command}" if one.command else "" if found.where else " (--apply)")
            for one in found.proposals
        ],
        every=True,
    )


def _part(title: str, lines: list[str] | tuple[str, ...], *, every: bool = False) -> None:
    kept = [line for line in lines if line]
    if not kept:
        return
    click.echo(f"\n{title}")
    for line in kept if every else kept[:SHOWN]:
        click.echo(f"  {line}")
    if not every and len(kept) > SHOWN:
        click.echo(f"  ... and {len(kept) - SHOWN:,} more")
