"""`etude story`: a plan that a person can edit, read out of a draft, drawn and checked."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Any

import click

from etude.cli import show
from etude.cli.shell import Noun, Shell, pairs, verb

story = Noun("story", help="Plan a story, read a draft, and find contradictions.")
VERSION = click.option("--version", metavar="V", help="Only if the plan is still at this version.")


@verb("ls", "etude story ls", group=story)
def ls(shell: Shell) -> None:
    """List stories."""
    from etude import api

    found = api.stories(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.stories:
        shell.say("No stories.")
        shell.suggest("etude story new NAME")
        return
    rows = [(s.name, s.title or s.damaged, s.characters, s.scenes, f"{s.words:,}") for s in found.stories]
    show.table(
        ["story", "title", "characters", "scenes", "words"], rows, right=["characters", "scenes", "words"]
    )


@verb(
    "new",
    "etude story new lamp --title 'The Lamp' --premise 'A keeper lies about a wreck.'",
    "etude story new lamp --from draft.md",
    group=story,
)
@click.argument("name")
@click.option("--title", default="", help="The story's title; default: its name.")
@click.option("--premise", default="", help="What it is about, in a sentence or two.")
@click.option(
    "--from", "sources", multiple=True, metavar="FILE|DRAFT|WORK", help="Read this draft into the plan."
)
@click.option("--collection", default="", metavar="NAME", help="Read a collection, its works in order.")
def new(shell: Shell, name: str, title: str, premise: str, sources: tuple[str, ...], collection: str) -> None:
    """Begin a story: a folder story/NAME with files that you may edit."""
    from etude import api

    ws = shell.workspace()
    made = api.story_new(ws, name, title=title, premise=premise)
    if sources or collection:
        _read(shell, api.story_read(ws, name, sources, collection=collection))
        return
    if shell.json:
        show.as_json(made)
        return
    shell.say(f"Began story/{name}: {', '.join(made.files)}. Edit them with any program.")
    shell.suggest(f"etude story read {quote(name)} DRAFT.md")


@verb("show", "etude story show lamp", "etude story show lamp character/mara", group=story)
@click.argument("name")
@click.argument("part", required=False)
def show_story(shell: Shell, name: str, part: str | None) -> None:
    """Show a plan, or one part of it with the passages that it stands on."""
    from etude import api

    found = api.story(shell.workspace(), name)
    if shell.json and part is None:
        show.as_json(found)
        return
    if part is not None:
        _part(shell, found, part)
        return
    shell.say(f"{found.title}: {found.folder}, version {found.version}")
    for said, text in (("premise", found.premise), ("world", found.world)):
        if text:
            click.echo(f"{said}\n  {' '.join(text.split())[:400]}")
    for kind, rows in found.rows.items():
        if not rows or kind == "arc":
            continue
        click.echo(click.style(f"{kind}s ({len(rows)})", bold=True))
        for row in rows:
            click.echo(f"  {row['id']:<16}  {_line(kind, row)}")
    for note in found.notes:
        shell.say(f"Note: {note}")


def _line(kind: str, row: Any) -> str:
    """A row in a line."""
    name = row.get("name") or row.get("title") or row.get("what") or row.get("ask") or ""
    if kind == "character":
        more = [f"wants {row['wants']}" if row.get("wants") else "", ", ".join(row.get("also", ()))]
    elif kind == "scene":
        more = [row.get("place", ""), row.get("when", ""), ", ".join(row.get("present", ())[:6])]
    elif kind == "link":
        more = [f"{row.get('one', '')} - {row.get('other', '')}: {row.get('how', '')}"]
    else:
        more = [row.get("summary", ""), ", ".join(row.get("words", ()))]
    return "; ".join(one for one in (name, *more) if one)


def _part(shell: Shell, found: Any, part: str) -> None:
    """One part as it stands."""
    from etude.errors import ProjectError
    from etude.story.plan import part as parsed

    kind, row_id, key = parsed(part)
    if not row_id:
        said: Any = {"premise": found.premise, "world": found.world, "title": found.title}[kind]
    else:
        row = next((row for row in found.rows[kind] if row["id"] == row_id), None)
        if row is None:
            raise ProjectError(
                f"The story '{found.name}' has no {kind} '{row_id}'.", f"etude story show {found.name}"
            )
        said = row.get(key, "") if key else row
    if shell.json:
        show.as_json({"part": part, "says": said})
    elif isinstance(said, dict):
        show.facts((k, "\n".join(map(str, v)) if isinstance(v, list) else v) for k, v in said.items())
    else:
        click.echo("\n".join(said) if isinstance(said, list) else said)


@verb(
    "set",
    "etude story set lamp character/mara.wants 'to be believed'",
    "etude story set lamp scene/s3.present 'mara; tom'    # a list: divided by semicolons",
    "etude story set lamp premise 'A keeper lies about a wreck.'",
    group=story,
)
@click.argument("name")
@click.argument("part")
@click.argument("value")
@VERSION
def set_part(shell: Shell, name: str, part: str, value: str, version: str | None) -> None:
    """Set one part of a plan. An empty value takes it out. Comments in the file stay."""
    from etude import api

    given = value if value.strip() else None
    _changed(shell, api.story_set(shell.workspace(), name, part, given, version=version))


@verb(
    "add",
    "etude story add lamp character mara name='Mara Venn' wants='to be believed'",
    "etude story add lamp thread key name='The brass key' words='brass key' plant=s2 payoff=s9",
    "etude story add lamp arc mara-1 who=mara scene=s2 state='certain' level=3",
    group=story,
)
@click.argument("name")
@click.argument("kind")
@click.argument("id")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@VERSION
def add(shell: Shell, name: str, kind: str, id: str, fields: tuple[str, ...], version: str | None) -> None:
    """Add a row: character, arc, place, scene, line, beat, thread, question or link."""
    from etude import api

    given = pairs(fields, "A field")
    _changed(shell, api.story_add(shell.workspace(), name, kind, id, given, version=version))


@verb("lock", "etude story lock lamp character/mara.wants premise", group=story)
@click.argument("name")
@click.argument("parts", nargs=-1, required=True)
@VERSION
def lock(shell: Shell, name: str, parts: tuple[str, ...], version: str | None) -> None:
    """Lock parts: reading a draft and proposals leave them alone."""
    from etude import api

    _changed(shell, api.story_lock(shell.workspace(), name, parts, version=version))


@verb("unlock", "etude story unlock lamp character/mara.wants", group=story)
@click.argument("name")
@click.argument("parts", nargs=-1, required=True)
@VERSION
def unlock(shell: Shell, name: str, parts: tuple[str, ...], version: str | None) -> None:
    """Unlock parts."""
    from etude import api

    _changed(shell, api.story_lock(shell.workspace(), name, parts, locked=False, version=version))


def _changed(shell: Shell, done: Any) -> None:
    if shell.json:
        show.as_json(done)
        return
    wrote = ", ".join(done.files) or "nothing: no change was needed"
    shell.say(f"Wrote {wrote}. The story '{done.name}' is at version {done.version}.")


@verb(
    "read",
    "etude story read lamp draft.md",
    "etude story read lamp chapter-1.md chapter-2.md",
    "etude story read moby --collection novel",
    "etude story read lamp    # again, what was read last",
    group=story,
)
@click.argument("name")
@click.argument("sources", nargs=-1, metavar="[FILE|DRAFT|TAKE|WORK]...")
@click.option("--collection", default="", metavar="NAME", help="Read a collection, its works in order.")
def read(shell: Shell, name: str, sources: tuple[str, ...], collection: str) -> None:
    """Read scenes, characters and places out of a draft into the plan, each with its passage. By rules,
    without a language model. What you wrote or locked stays."""
    from etude import api

    _read(shell, api.story_read(shell.workspace(), name, sources, collection=collection))


def _read(shell: Shell, done: Any) -> None:
    if shell.json:
        show.as_json(done)
        return
    told = ", told as “I”" if done.narrator else ""
    shell.say(
        f"Read {show.count(done.words, 'word')}{told}: {show.count(done.scenes, 'scene')}, "
        f"{show.count(done.characters, 'character')}, {show.count(done.places, 'place')} "
        f"({done.seconds:.1f} s of processor time)."
    )
    shell.say(f"New: {len(done.added)}; followed the draft: {len(done.changed)}.")
    if done.kept:
        shell.say(f"Yours, and left alone: {', '.join(done.kept[:12])}{' …' * (len(done.kept) > 12)}")
    if done.gone:
        shell.say(f"No longer in the draft: {', '.join(done.gone[:12])}{' …' * (len(done.gone) > 12)}")
    for note in done.notes:
        shell.say(f"Note: {note}")
    for gap in done.gaps[:8]:
        click.echo(f"{gap.part}\t{gap.says}")
    shell.suggest(f"etude story draw {quote(done.name)} -o {quote(done.name)}.svg")


@verb("check", "etude story check lamp", "etude story check lamp --all --json", group=story)
@click.argument("name")
@click.option("--all", "every", is_flag=True, help="Also show what you said is intended.")
def check(shell: Shell, name: str, every: bool) -> None:
    """Check a story: mistakes in its files, gaps of the plan, contradictions in the draft, and threads.
    Both sentences are quoted, and nothing is mended."""
    from etude import api

    found = api.story_check(shell.workspace(), name, every=every)
    if shell.json:
        show.as_json(found)
        return
    for note in found.notes:
        click.echo(f"file\t{note}")
    for gap in found.gaps:
        click.echo(f"gap\t{gap.says}")
    for one in found.threads:
        where = ", ".join(map(str, one.touched[:12]))
        click.echo(f"thread\t{one.name}: {one.status}" + (f" (scenes {where})" if where else ""))
    for warned in found.warnings:
        click.echo(f"{click.style(warned.key, bold=True)}\t{warned.subtype}: {warned.says}")
        for part in dict.fromkeys((warned.first, warned.second)):
            click.echo(f"    scene {part.scene}: {part.words}")
    shell.say(
        f"{show.count(len(found.warnings), 'warning')} in {show.count(found.words, 'word')}, "
        f"{found.intended} intended ({found.seconds:.1f} s of processor time)."
    )
    if found.warnings:
        shell.suggest(
            f"etude story intend {quote(name)} {found.warnings[0].key} --because WHY    # if you mean it"
        )


@verb("facts", "etude story facts lamp", "etude story facts lamp --about mara", group=story)
@click.argument("name")
@click.option("--about", default="", metavar="WHO", help="Only of somebody or something.")
def facts(shell: Shell, name: str, about: str) -> None:
    """Show what the draft says of people, things and places, each with its sentence."""
    from etude import api

    found = api.story_facts(shell.workspace(), name, about=about)
    if shell.json:
        show.as_json(found)
        return
    for one in found.facts:
        said = " (somebody says so)" if one.said else ""
        click.echo(f"{one.about}\t{one.what}\t{one.value}{said}\tscene {one.quote.scene}: {one.quote.words}")
    shell.say(f"{show.count(len(found.facts), 'fact')}.")


@verb(
    "intend",
    "etude story intend lamp 1f09c2ab77 --because 'She wears lenses.'",
    "etude story intend lamp 1f09c2ab77 --undo",
    group=story,
)
@click.argument("name")
@click.argument("warning")
@click.option("--because", default="", metavar="WHY", help="Why; it stays in the project.")
@click.option("--undo", is_flag=True, help="Show it again.")
def intend(shell: Shell, name: str, warning: str, because: str, undo: bool) -> None:
    """Say that a warning is intended: it is not shown again while its sentences stay."""
    from etude import api

    done = api.story_intend(shell.workspace(), name, warning, because, undo=undo)
    if shell.json:
        show.as_json(done)
        return
    shell.say(f"{show.count(len(done.intended), 'warning')} of '{name}' put aside.")


@verb("draw", "etude story draw lamp -o lamp.svg", group=story)
@click.argument("name")
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The SVG to write."
)
def draw(shell: Shell, name: str, out: Path) -> None:
    """Draw who is in which scene, and arcs over scenes, as SVG."""
    from etude import api

    data = api.story_draw(shell.workspace(), name)
    out.write_bytes(data)
    if shell.json:
        show.as_json({"file": str(out), "bytes": len(data)})
        return
    shell.say(f"Wrote {out}.")


@verb("rm", "etude story rm lamp", group=story)
@click.argument("name")
def rm(shell: Shell, name: str) -> None:
    """Move a story's plan to the trash. Drafts and works stay."""
    from etude import api

    done = api.story_rm(shell.workspace(), name)
    if shell.json:
        show.as_json(done)
        return
    shell.say(f"{', '.join(done.files)}: in the trash (etude trash)")
