"""`etude make`, `score` and `models`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from etude.cli import show
from etude.cli.options import family_options, settle
from etude.cli.progress import Busy, Counter
from etude.cli.shell import Noun, Shell, pairs, verb
from etude.config.trust import TRACE

if TYPE_CHECKING:
    from etude.workspace.core import Workspace


@verb(
    "make",
    "etude make verse -n 8",
    "etude make verse --from begun.md --length 600 --like maker='Emily Dickinson'",
    "etude make verse --from draft.md --fill 'the words to replace'",
    "etude make hymns --from melody.mid --voices all      # a bass, alto and tenor under it",
    "etude make hymns --from song.mid --bars 5:8           # the missing middle bars",
    "etude make faces --from sketch.png --strength 0.6",
    "etude make faces --from TAKE --region 25,25,75,75      # redraw the middle",
    "etude make faces --no-copy                            # discard near-copies of works",
    "etude make faces --mix TAKE --mix TAKE --breed",
    "etude make faces --mix TAKE --mix TAKE --series -n 9  # nine takes from one to the other",
)
@click.argument("model")
@click.option("-n", "n", type=click.IntRange(1, 256), default=8, show_default=True, help="How many takes.")
@click.option(
    "--from", "source", metavar="FILE", help="Continue, fill or redraw this file, take, piece or work."
)
@click.option(
    "--like",
    multiple=True,
    metavar="KEY=VALUE",
    help="Ask for this attribute, e.g. maker='Emily Dickinson'; may be repeated.",
)
@click.option(
    "--quota",
    default="",
    metavar="KEY=SHARE",
    help="Ask for each value in these shares: 'maker=parity', 'gender=female:0.5'.",
)
@click.option(
    "--seed", type=click.IntRange(0), help="The same seed gives the same takes; default: the next unused one."
)
@family_options("controls")
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Also write the takes as files to this folder, with previews.",
)
@click.option(
    "--open", "show_sheet", is_flag=True, help="Open the sheet of new pictures or clips when they are made."
)
def make(
    shell: Shell, model: str, like: tuple[str, ...], out: str | None, show_sheet: bool, **options: Any
) -> None:
    """Make takes: new ones, or ones that continue a file or fill a gap in it. Takes are provisional until you
    accept one."""
    from etude import api

    ws = shell.workspace()
    with Counter(shell, "works", "opening the model") as counter:
        asked = settle("controls", options)
        made = api.make(
            ws, model, like=pairs(like, "--like"), on_progress=counter.told, on_note=shell.say, **asked
        )
    if out is not None:
        for path in api.export(ws, [take.id for take in made.takes], out, previews=True).files:
            shell.say(f"Wrote {path}")
    sheet = tell_takes(shell, ws, made, options["n"])
    if show_sheet and sheet:
        click.launch(sheet)


def tell_takes(shell: Shell, ws: Workspace, made: Any, asked: int | None = None) -> str:
    """New takes, each under a line that says what it is, or their ids and a sheet of them where that tells
    more; `asked`: how many were wanted. Gives the sheet's path, empty where there is none."""
    from etude import api

    if shell.json:
        show.as_json(made)
        return ""
    sheet = api.made_sheet(ws, made)
    _tell_each(made) if sheet is None else _tell_ids(shell, made, sheet.path)
    first = made.takes[0].id
    if made.left_out:
        share = f"{100 * (1 - TRACE.alpha):.0f} %"
        few = (
            f" Only {len(made.takes)} of {asked} takes are left."
            if asked is not None and len(made.takes) < asked
            else ""
        )
        shell.say(
            f"{show.count(made.left_out, 'draft')} closer to a work than {share} of held-out works are: "
            f"discarded.{few}"
        )
    if any("memory_share" in take.measured for take in made.takes):
        shell.say("From the memory: the share of a take that was drawn from passages of your works.")
    shell.say(f"{show.count(len(made.takes), 'take')}, seed {made.seed}. The same seed makes them again.")
    shell.suggest(f"etude trace {first}   or   etude take accept {first}")
    return "" if sheet is None else sheet.path


def _tell_ids(shell: Shell, made: Any, sheet: str) -> None:
    """The ids in the order of the sheet, four in a line, and where the sheet is."""
    for i in range(0, len(made.takes), 4):
        click.echo("  ".join(take.id for take in made.takes[i : i + 4]))
    shell.say(f"Contact sheet: {sheet}")


def _tell_each(made: Any) -> None:
    for take in made.takes:
        measured = take.measured
        figures = [show.units(take.medium, measured["units"])]
        figures += (
            [f"{100 * measured['memory_share']:.0f} % from the memory"] if "memory_share" in measured else []
        )
        figures += [f"critic {measured['critic']:+.2f}"] if "critic" in measured else []
        figures += [f"made as {', '.join(measured['manner'].values())}"] if "manner" in measured else []
        click.echo(click.style(f"--- take {take.id}", bold=True) + f" (provisional; {', '.join(figures)})")
        click.echo(show.fresh(take.text, take.given))


@verb(
    "score",
    "etude score verse mine.md",
    "etude score verse mine.md --json",
    "etude score verse mine.md --plot where.svg",
)
@click.argument("model")
@click.argument("file", metavar="FILE|TAKE|PIECE|WORK")
@click.option(
    "--plot", type=click.Path(dir_okay=False), metavar="FILE", help="Plot it along the file, as .png or .svg."
)
def score(shell: Shell, model: str, file: str, plot: str | None) -> None:
    """Show how well a model predicts a file, in bits per character or nats per note, with the memory frozen
    and growing. Lower is better. Each token is scored before the model sees it."""
    from etude import api

    ws = shell.workspace()
    with Busy(shell, "opening the model and reading the file"):
        found = api.score(ws, model, file, plot=plot)
    if shell.json:
        show.as_json(found)
        return
    rows = [
        (f"{found.figure}, memory frozen", f"{found.frozen:.3f}"),
        (f"{found.figure}, memory growing", f"{found.growing:.3f}"),
        (found.unit, f"{found.units:,}"),
    ]
    rows.append(("from the memory (frozen)", f"{100 * found.memory_share_frozen:.0f} %"))
    if found.voice is not None:
        rows.append(("voice: gain over the base alone", f"{found.voice:+.3f} {found.figure}"))
    show.facts(rows)
    if plot:
        shell.say(f"Wrote {plot}")
    else:
        shell.suggest(f"etude score {quote(model)} {quote(file)} --plot {quote(Path(file).stem + '.svg')}")


models = Noun("models", help="List, show, choose, remove and restore models.")


@verb("ls", "etude models", group=models)
def ls(shell: Shell) -> None:
    """List models."""
    from etude import api

    found = api.models(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.models:
        shell.say("No models.")
        shell.suggest("etude learn NAME --from COLLECTION --budget 10m")
        return
    rows = [
        (
            m.id,
            m.medium,
            m.collection,
            "" if m.held_out is None else f"{m.held_out:.3f} {m.unit}",
            show.size(m.bytes),
            m.created[:16],
            _state(m, sum(other.name == m.name for other in found.models)),
        )
        for m in found.models
    ]
    show.table(
        ["id", "medium", "trained on", "on held-out works", "size", "made", "state"], rows, right=["size"]
    )
    for m in found.models:
        if m.concern:
            shell.say(f"{m.id}: {m.concern}")


def _state(model: Any, namesakes: int) -> str:
    """Which of several models of one name the name stands for, and whether learning was interrupted."""
    which = [] if namesakes == 1 else [f"default of '{model.name}'" if model.newest else "other"]
    rest = ["unfinished"] if model.ended == "interrupted" else []
    return ", ".join([*which, *rest, *(["works withdrawn or not allowed"] if model.concern else [])])


@verb("info", "etude models info verse", group=models)
@click.argument("ref", metavar="MODEL")
def info(shell: Shell, ref: str) -> None:
    """Show a model's card."""
    from etude import api

    found = api.model(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
        return
    click.echo(found.card.rstrip())
    if found.model.concern:
        shell.say(f"\n{found.model.concern}")
    shell.say(f"\n{found.path}\nhash {found.hash}")
    shell.suggest(f"etude make {quote(found.model.name)} -n 8")


@verb("bill", "etude models bill verse", "etude models bill verse --out bom.json", group=models)
@click.argument("ref", metavar="MODEL")
@click.option("--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write it to this file.")
def bill(shell: Shell, ref: str, out: str | None) -> None:
    """Show what a model is made of as a bill of materials (CycloneDX, JSON) for other tools."""
    from etude import api

    data = api.model_bill(shell.workspace(), ref, out=out)
    if out is None:
        click.echo(data.decode().rstrip())
    else:
        shell.say(f"Wrote {out}")


@verb("use", "etude models use verse-3f2a77e0", group=models)
@click.argument("ref", metavar="MODEL")
def use(shell: Shell, ref: str) -> None:
    """Choose which model a name refers to, where several models share the name."""
    from etude import api

    found = api.model_use(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
        return
    click.echo(f"'{found.name}' now stands for {found.id}")
    shell.suggest(f"etude make {quote(found.name)} -n 8")


@verb("rm", "etude models rm verse-3f2a77e0", group=models)
@click.argument("ref", metavar="MODEL")
def rm(shell: Shell, ref: str) -> None:
    """Move a model to the trash. Its takes and pieces stay, but cannot be remade without it."""
    from etude import api

    gone = api.model_rm(shell.workspace(), ref)
    if shell.json:
        show.as_json(gone)
        return
    click.echo(
        f"{gone.id} is in the trash; {show.count(gone.takes, 'take')} and {show.count(gone.pieces, 'piece')} "
        "were made with it"
    )
    shell.say(f"Restore it with: etude models restore {quote(gone.id)}")


@verb("restore", "etude models restore verse", "etude models restore verse-3f2a77e0", group=models)
@click.argument("ref", metavar="MODEL")
def restore(shell: Shell, ref: str) -> None:
    """Restore a model from the trash, by id or, for the last model of a name, by name."""
    from etude import api

    back = api.model_restore(shell.workspace(), ref)
    if shell.json:
        show.as_json(back)
        return
    click.echo(f"{back.id} was restored")
    shell.suggest(f"etude models info {quote(back.id)}")


@verb(
    "loop",
    "etude loop faces --seconds 3",
    "etude loop faces --through TAKE --through TAKE --through TAKE --seconds 6 --rate 24",
)
@click.argument("model")
@click.option("-n", "n", type=click.IntRange(1, 64), default=1, show_default=True, help="How many loops.")
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=3.0, show_default=True)
@click.option(
    "--rate", type=click.FloatRange(1, 60), default=16.0, show_default=True, help="Frames per second."
)
@click.option(
    "--waves",
    type=click.IntRange(1, 6),
    default=2,
    show_default=True,
    help="How many cycles the fastest wave completes per loop.",
)
@click.option(
    "--calm",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="How much slow waves outweigh fast ones.",
)
@click.option(
    "--through", multiple=True, metavar="TAKE", help="Pass through these takes, pieces, works or files."
)
@click.option("--like", multiple=True, metavar="KEY=VALUE", help="Ask for this attribute; may be repeated.")
@family_options("controls", only=("steps", "guidance", "eta", "slide"))
@click.option(
    "--seed", type=click.IntRange(0), help="The same seed gives the same loops; default: the next unused one."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Also write the loops as files to this folder, with previews.",
)
def loop(shell: Shell, model: str, like: tuple[str, ...], out: str | None, **options: Any) -> None:
    """Make looping clips with a picture model: the last frame leads back to the first."""
    from etude import api

    ws = shell.workspace()
    made = api.loop(ws, model, like=pairs(like, "--like"), **settle("controls", options))
    if out is not None:
        for path in api.export(ws, [take.id for take in made.takes], out, previews=True).files:
            shell.say(f"Wrote {path}")
    tell_takes(shell, ws, made)


@verb(
    "sliders",
    "etude sliders faces --out previews",
    "etude sliders faces --name 2 warmth      # then: etude make faces --slide warmth=1.5",
)
@click.argument("model")
@click.option(
    "--out", type=click.Path(file_okay=False), metavar="DIR", help="Write preview strips to this folder."
)
@click.option("--name", type=(int, str), metavar="NUMBER NAME", help="Give a slider a name.")
@click.option("--like", multiple=True, metavar="KEY=VALUE", help="Ask for this attribute in the previews.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the takes in the previews."
)
def sliders(shell: Shell, model: str, like: tuple[str, ...], **options: Any) -> None:
    """Show the sliders of a picture model: the directions in which works vary most, and how far takes follow,
    in standard deviations."""
    from etude import api

    found = api.sliders(shell.workspace(), model, like=pairs(like, "--like"), **options)
    if shell.json:
        show.as_json(found)
        return
    rows = [
        (one.number, one.name, "" if one.moved is None else f"{one.moved:.2f}", one.file)
        for one in found.sliders
    ]
    show.table(
        ["number", "name", "at +1 takes move by", "preview"], rows, right=["number", "at +1 takes move by"]
    )
    if not any(one.file for one in found.sliders):
        shell.suggest(f"etude sliders {quote(model)} --out previews")
