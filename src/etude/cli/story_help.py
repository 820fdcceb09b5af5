"""`etude story` where it helps to write: options of a muse, questions, passages of the author's own
model, and what is the author's own."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Any

import click

from etude.cli import show
from etude.cli.options import family_options, settle
from etude.cli.shell import Shell, verb
from etude.cli.story import story

MUSE = (
    click.option(
        "--base", default="", metavar="BASE", help="The base to ask; default: one that follows instructions."
    ),
    click.option(
        "--url", default="", metavar="URL", help="Ask an endpoint (http://127.0.0.1:11434/v1), not a base."
    ),
    click.option("--model", default="", metavar="NAME", help="The endpoint's name for its model."),
    click.option("--send", is_flag=True, help="Yes, send what was shown to this endpoint."),
    click.option(
        "--seconds", type=click.FloatRange(1), default=120.0, show_default=True, help="Time limit in seconds."
    ),
    click.option("--tokens", type=click.IntRange(50), default=20_000, show_default=True, help="Token limit."),
    click.option("--seed", type=click.IntRange(0), default=0, help="The same seed asks the same."),
)


def _muse_options(function: Any) -> Any:
    for option in reversed(MUSE):
        function = option(function)
    return function


@verb(
    "propose",
    "etude story propose lamp",
    "etude story propose lamp scene-4 --task wrong    # what could go wrong here",
    "etude story propose lamp --url http://127.0.0.1:11434/v1 --model llama3.2",
    group=story,
)
@click.argument("name")
@click.argument("scene", required=False, default="")
@click.option("--task", type=click.Choice(["next", "wrong", "open"]), default="next", show_default=True)
@click.option("-n", "n", type=click.IntRange(5, 10), default=5, show_default=True, help="How many options.")
@_muse_options
def propose(shell: Shell, name: str, scene: str, **asked: Any) -> None:
    """Propose what happens next, what could go wrong, or how a scene could open: options that differ,
    each with why. Nothing is put into the plan or the draft."""
    _proposed(shell, name, scene, **asked)


@verb("open", "etude story open lamp s4    # ten ways to open this scene", group=story)
@click.argument("name")
@click.argument("scene")
@_muse_options
def open_(shell: Shell, name: str, scene: str, **asked: Any) -> None:
    """Propose ten ways to open a scene."""
    _proposed(shell, name, scene, task="open", n=10, **asked)


def _proposed(shell: Shell, name: str, scene: str, **asked: Any) -> None:
    from etude import api

    found = api.story_propose(shell.workspace(), name, scene, **asked)
    if shell.json:
        show.as_json(found)
        return
    if not found.sent:
        shell.say(found.leaves)
        click.echo(found.letter)
        shell.say("Nothing was sent yet. To send this, repeat the command with --send.")
        return
    for i, one in enumerate(found.options, 1):
        click.echo(f"{i}. {click.style(one.move, bold=True)}: {one.text}")
        click.echo(f"   {one.why}")
    shell.say(
        f"{found.muse}: {found.usable} of {found.asked} answers usable, distance {found.distance:.2f}, "
        f"{found.tokens:,} tokens, {found.seconds:.0f} s. {found.leaves}"
    )
    if found.verdict:
        shell.say(found.verdict)


@verb("ask", "etude story ask lamp s4", "etude story ask lamp", group=story)
@click.argument("name")
@click.argument("scene", required=False, default="")
@click.option("-n", "n", type=click.IntRange(1, 20), default=7, show_default=True, help="How many questions.")
def ask(shell: Shell, name: str, scene: str, n: int) -> None:
    """Ask you questions about a scene or the story, when you are stuck. No model, and no sentence
    written."""
    from etude import api

    found = api.story_ask(shell.workspace(), name, scene, n=n)
    if shell.json:
        show.as_json(found)
        return
    for one in found.questions:
        click.echo(f"{one.part}\t{one.ask}")


@verb("muses", "etude story muses lamp", group=story)
@click.argument("name")
def muses(shell: Shell, name: str) -> None:
    """Show what each language model was worth, by task, and what it cost."""
    from etude import api

    found = api.story_muses(shell.workspace(), name)
    if shell.json:
        show.as_json(found)
        return
    for one in found.records:
        click.echo(f"{one.muse}\t{one.task}\t{one.verdict}\t{one.tokens:,} tokens\t{one.seconds:.0f} s")
    if not found.records:
        shell.say("No language model was asked about this story.")


@verb(
    "continue",
    "etude story continue lamp mine -n 5",
    "etude story continue lamp mine s4 --length 60",
    group=story,
)
@click.argument("name")
@click.argument("model")
@click.argument("scene", required=False, default="")
@click.option("-n", "n", type=click.IntRange(1, 16), default=5, show_default=True, help="How many passages.")
@click.option(
    "--limit",
    type=click.IntRange(4, 100),
    default=8,
    show_default=True,
    help="Words in a row that may stand in the draft.",
)
@family_options("controls")
def continue_(shell: Shell, name: str, model: str, scene: str, n: int, limit: int, **options: Any) -> None:
    """Go on from a scene with your own model: takes in the order of what they are worth (voice, facts,
    names, borrowing, worn phrases). The draft does not change."""
    from etude import api

    asked = settle("controls", options)
    found = api.story_continue(shell.workspace(), name, model, scene, n=n, limit=limit, **asked)
    if shell.json:
        show.as_json(found)
        return
    for one in found.passages:
        click.echo(click.style(f"--- take {one.take}", bold=True) + f" voice {one.voice:.3f}")
        click.echo(one.text)
        for said in one.against:
            click.echo(f"    against it: {said}")
    shell.suggest(f"etude take accept {quote(found.passages[0].take)}")


@verb(
    "quirks",
    "etude story quirks lamp",
    "etude story quirks lamp --against verse --rewritten tidy.md",
    group=story,
)
@click.argument("name")
@click.option(
    "--against",
    default="",
    metavar="FILE|COLLECTION",
    help="What to compare with; default: the sample novel.",
)
@click.option(
    "--rewritten", default="", metavar="FILE", help="A rewriting: how much of your habits it keeps."
)
def quirks(shell: Shell, name: str, against: str, rewritten: str) -> None:
    """Show what is your own: rhythm, punctuation, dialogue tags, favourite words; and what a rewriting
    irons out."""
    from etude import api

    found = api.story_quirks(shell.workspace(), name, against=against, rewritten=rewritten)
    if shell.json:
        show.as_json(found)
        return
    if found.kept is None:
        rows: list[Any] = [
            (q.name, f"{q.value:g}", f"{q.reference:g}", f"{q.z:+.1f}", q.unit) for q in found.quirks
        ]
        show.table(["habit", "yours", "usual", "z", ""], rows, right=["yours", "usual", "z"])
    else:
        rows = [
            (q.name, f"{q.before:g}", f"{q.after:g}", f"{q.reference:g}", f"{q.kept:.0%}")
            for q in found.ironed
        ]
        show.table(
            ["habit", "before", "after", "usual", "kept"], rows, right=["before", "after", "usual", "kept"]
        )
        shell.say(f"The rewriting keeps {found.kept:.0%} of what is yours.")
    shell.say(f"Compared with {found.against}.")


@verb("guard", "etude story guard lamp", "etude story guard lamp t-3f2a --collection mine", group=story)
@click.argument("name")
@click.argument("source", required=False, default="", metavar="[FILE|TAKE|PIECE]")
@click.option(
    "--collection", default="", metavar="NAME", help="Also name runs of words that stand in these works."
)
@click.option(
    "--limit",
    type=click.IntRange(4, 100),
    default=8,
    show_default=True,
    help="Shortest run of words to show.",
)
def guard(shell: Shell, name: str, source: str, collection: str, limit: int) -> None:
    """Show worn phrases, morals at the end, themes said aloud and runs of words that stand elsewhere, in a
    passage or in the whole draft."""
    from etude import api

    found = api.story_guard(shell.workspace(), name, source, collection=collection, limit=limit)
    if shell.json:
        show.as_json(found)
        return
    for one in found.found:
        click.echo(f"{one.start}:{one.end}\t{one.kind}\t{one.says}\t{one.words}")
    shell.say(f"{show.count(len(found.found), 'place')} in {show.count(found.words, 'word')}.")


@verb(
    "export",
    "etude story export lamp -o lamp.docx",
    "etude story export lamp -o lamp.epub --statement",
    group=story,
)
@click.argument("name")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="md, docx, epub, rtf or txt.",
)
@click.option("--statement", is_flag=True, help="Say at the end how it came to be, from the log.")
def export(shell: Shell, name: str, out: Path, statement: bool) -> None:
    """Write the draft as a document or e-book, with a statement of how it came to be if you like."""
    from etude import api

    data = api.story_export(shell.workspace(), name, out.suffix.lstrip(".").lower(), statement=statement)
    out.write_bytes(data)
    if shell.json:
        show.as_json({"file": str(out), "bytes": len(data)})
        return
    shell.say(f"Wrote {out}.")
