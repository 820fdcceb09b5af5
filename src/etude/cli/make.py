"""`etude make`, `score` and `models`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Any

import click

from etude.cli import show
from etude.cli.progress import Counter
from etude.cli.shell import Noun, Shell, pairs, verb
from etude.config.sequence import MAKE
from etude.config.trust import TRACE


class Span(click.ParamType[tuple[int, int]]):
    """`START:END` as two whole numbers."""

    name = "start:end"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        first, colon, last = str(value).partition(":")
        if not (colon and first.strip().isdigit() and last.strip().isdigit()):
            self.fail(f"'{value}' is not of the form START:END, for example 120:180", param, ctx)
        return int(first), int(last)


class Region(click.ParamType[tuple[float, float, float, float]]):
    """`LEFT,TOP,RIGHT,BOTTOM` in percent."""

    name = "region"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float, float, float]:
        if isinstance(value, tuple):
            return value
        try:
            left, top, right, bottom = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(
                f"'{value}' is not of the form LEFT,TOP,RIGHT,BOTTOM in percent, for example 25,25,75,75",
                param,
                ctx,
            )
        return left, top, right, bottom


def amounts(values: tuple[str, ...]) -> dict[str, float]:
    """`NAME=AMOUNT` pairs with amounts as numbers."""
    found = {}
    for key, value in pairs(values, "--slide").items():
        try:
            found[key] = float(value)
        except ValueError:
            raise click.BadParameter(
                f"'{value}' is no number of standard deviations, for example 1.5", param_hint="--slide"
            ) from None
    return found


@verb(
    "make",
    "etude make verse -n 8",
    "etude make verse --from begun.md --length 600 --like maker='Emily Dickinson'",
    "etude make verse --from draft.md --fill 120:180",
    "etude make hymns --from melody.mid --voices all      # a bass, alto and tenor under it",
    "etude make hymns --from song.mid --bars 5:8           # the missing middle bars",
    "etude make faces --from sketch.png --strength 0.6",
    "etude make faces --from TAKE --region 25,25,75,75      # the middle anew",
    "etude make faces --no-copy                            # none nearer to a work than 95 % of unseen works are",
    "etude make faces --mix TAKE --mix TAKE --breed",
    "etude make faces --mix TAKE --mix TAKE --series -n 9  # nine takes from one to the other",
)
@click.argument("model")
@click.option("-n", "n", type=click.IntRange(1, 256), default=8, show_default=True, help="How many takes.")
@click.option(
    "--from", "source", metavar="FILE", help="Go on from this file, take, piece or work, or fill a gap in it."
)
@click.option("--fill", type=Span(), metavar="START:END", help="Make these characters of the text anew.")
@click.option(
    "--voices",
    multiple=True,
    metavar="NAME",
    help="This voice stays and the others are made; 'all' for every one of FILE.",
)
@click.option("--bars", type=Span(), metavar="FIRST:LAST", help="Make these bars anew, counted from 1.")
@click.option(
    "--like",
    multiple=True,
    metavar="KEY=VALUE",
    help="In the manner of, e.g. maker='Emily Dickinson'; may be repeated.",
)
@click.option("--length", type=click.IntRange(1, 100_000), help="About how many characters or notes.")
@click.option("--temperature", type=click.FloatRange(0, MAKE.hottest), help="Below 1 safer, above 1 bolder.")
@click.option(
    "--borrow", type=click.FloatRange(0, 1), help="How much of the memory of the works to use, 0 to 1."
)
@click.option(
    "--no-copy",
    type=click.IntRange(2, 1000),
    is_flag=False,
    flag_value=8,
    metavar="[N]",
    help="No run of N words or notes as it stands in the works (8 when N is left out). Pictures: none that a trace would flag.",
)
@click.option(
    "--seed", type=click.IntRange(0), help="The same seed gives the same takes; else the next unused one."
)
@click.option("--adapt", is_flag=True, help="Let the memory grow with the text that is gone on from.")
@click.option(
    "--rank/--no-rank",
    default=None,
    help="Let the critic choose among drafts; else as the model's card advises.",
)
@click.option(
    "--drafts",
    type=click.IntRange(1, 16),
    metavar="K",
    help=f"Drafts of each block that the critic chooses among; 1: none. Else {MAKE.drafts} where the critic chooses.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, 200),
    help="Pictures: 1 is one pass, more are steps of two passes each; else 6, or 12 where no noise is made anew.",
)
@click.option(
    "--guidance", type=click.FloatRange(0, 10), help="Pictures: above 1, more of what --like asks for."
)
@click.option(
    "--eta",
    type=click.FloatRange(0, 1),
    help="Pictures: noise made anew at each step: 1 clean, 0 more detail and grain; said at all, by the flow alone.",
)
@click.option(
    "--strength", type=click.FloatRange(0, 1), help="Pictures: how much of --from is made anew; else 0.6."
)
@click.option(
    "--vary", type=click.FloatRange(0, 1), help="Pictures: variations of --from, 0 none, 1 another picture."
)
@click.option(
    "--region", type=Region(), metavar="L,T,R,B", help="Pictures: make this part of --from anew, in percent."
)
@click.option("--mask", metavar="PICTURE", help="Pictures: make anew what is white in it.")
@click.option(
    "--mix",
    multiple=True,
    metavar="TAKE",
    help="Pictures: between these takes, pieces, works or files; two or more.",
)
@click.option(
    "--share", "shares", type=float, multiple=True, help="Pictures: how much of each --mix, in their order."
)
@click.option(
    "--breed", is_flag=True, help="Pictures: each region from one of --mix, with a little that is new."
)
@click.option(
    "--series", is_flag=True, help="Pictures: -n takes in even steps from the first --mix to the last."
)
@click.option(
    "--slide",
    multiple=True,
    metavar="NAME=AMOUNT",
    help="Pictures: a slider, in standard deviations; see etude sliders.",
)
@click.option(
    "--choose",
    type=click.IntRange(1, 16),
    metavar="K",
    help="Pictures: keep the best and most different of K times as many; else 1, or 2 with --eyes.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Also write the takes there as files, with previews.",
)
def make(
    shell: Shell, model: str, voices: tuple[str, ...], like: tuple[str, ...], out: str | None, **options: Any
) -> None:
    """Make takes: new ones, or going on from a file, or filling a gap in it. Takes are provisional until you accept one."""
    from etude import api

    project = shell.project()
    options["slide"] = amounts(options["slide"])
    names = [name.strip() for value in voices for name in value.split(",") if name.strip()]
    with Counter(shell, "works") as counter:
        tell = None if shell.json else counter.step
        made = api.make(project, model, voices=names, like=pairs(like, "--like"), on_progress=tell, **options)
    if out is not None:
        for path in api.export(project, [take.id for take in made.takes], out, previews=True).files:
            shell.say(f"Wrote {path}")
    tell_takes(shell, made, options["n"])


def tell_takes(shell: Shell, made: Any, asked: int | None = None) -> None:
    """New takes, each under a line that says what it is; `asked`: how many were wanted."""
    if shell.json:
        show.as_json(made)
        return
    for take in made.takes:
        measured = take.measured
        figures = [f"{measured['units']:,} {show.unit(take.medium, measured['units'])}"]
        figures += (
            [f"{100 * measured['memory_share']:.0f} % from the memory"] if "memory_share" in measured else []
        )
        figures += [f"critic {measured['critic']:+.2f}"] if "critic" in measured else []
        figures += [f"made as {', '.join(measured['manner'].values())}"] if "manner" in measured else []
        click.echo(click.style(f"--- take {take.id}", bold=True) + f" (provisional; {', '.join(figures)})")
        click.echo(take.text)
    first = made.takes[0].id
    if made.left_out:
        share = f"{100 * (1 - TRACE.alpha):.0f} %"
        few = (
            f" Only {len(made.takes)} of {asked} takes are left."
            if asked is not None and len(made.takes) < asked
            else ""
        )
        shell.say(
            f"{show.count(made.left_out, 'draft')} lay nearer to a work than {share} of unseen works do: left out.{few}"
        )
    shell.say(f"{show.count(len(made.takes), 'take')}, seed {made.seed}. The same seed makes them again.")
    shell.suggest(f"etude trace {first}   or   etude take accept {first}")


@verb(
    "score",
    "etude score verse mine.md",
    "etude score verse mine.md --json",
    "etude score verse mine.md --plot where.svg",
)
@click.argument("model")
@click.argument("file", metavar="FILE|TAKE|PIECE|WORK")
@click.option(
    "--plot", type=click.Path(dir_okay=False), metavar="FILE", help="Draw it along the file, as .png or .svg."
)
def score(shell: Shell, model: str, file: str, plot: str | None) -> None:
    """Say how well a model foresees a file: bits per character of a text, nats per note of music, with the memory frozen and
    growing. Less is better. Nothing of the file is seen before it is scored."""
    from etude import api

    found = api.score(shell.project(), model, file, plot=plot)
    if shell.json:
        show.as_json(found)
        return
    if isinstance(found, api.TextScore):
        rows = [("bits per character, memory frozen", f"{found.bits_per_character_frozen:.3f}")]
        rows += [
            ("bits per character, memory growing", f"{found.bits_per_character_growing:.3f}"),
            ("characters", f"{found.characters:,}"),
        ]
    else:
        rows = [("nats per note, memory frozen", f"{found.nats_per_note_frozen:.3f}")]
        counted = "notes" if found.unit == "notes" else f"notes ({found.unit})"
        rows += [
            ("nats per note, memory growing", f"{found.nats_per_note_growing:.3f}"),
            (counted, f"{found.units:,}"),
        ]
    show.facts([*rows, ("from the memory (frozen)", f"{100 * found.memory_share_frozen:.0f} %")])
    if plot:
        shell.say(f"Wrote {plot}")
    else:
        shell.suggest(f"etude score {quote(model)} {quote(file)} --plot {quote(Path(file).stem + '.svg')}")


models = Noun("models", help="List, show, remove and restore models.")


@verb("ls", "etude models", group=models)
def ls(shell: Shell) -> None:
    """List models."""
    from etude import api

    found = api.models(shell.project())
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
        ["id", "medium", "learned from", "on held-out works", "size", "made", "state"], rows, right=["size"]
    )


def _state(model: Any, namesakes: int) -> str:
    """Which of several models of one name the name stands for, and whether learning was interrupted."""
    which = [] if namesakes == 1 else [f"newest '{model.name}'" if model.newest else "older"]
    return ", ".join([*which, *(["unfinished"] if model.ended == "interrupted" else [])])


@verb("info", "etude models info verse", group=models)
@click.argument("ref", metavar="MODEL")
def info(shell: Shell, ref: str) -> None:
    """Show a model's card."""
    from etude import api

    found = api.model(shell.project(), ref)
    if shell.json:
        show.as_json(found)
        return
    click.echo(found.card.rstrip())
    shell.say(f"\n{found.path}\nhash {found.hash}")
    shell.suggest(f"etude make {quote(found.model.name)} -n 8")


@verb("rm", "etude models rm verse-3f2a77e0", group=models)
@click.argument("ref", metavar="MODEL")
def rm(shell: Shell, ref: str) -> None:
    """Move a model to the trash. Its takes and pieces stay, but cannot be remade without it."""
    from etude import api

    gone = api.model_rm(shell.project(), ref)
    if shell.json:
        show.as_json(gone)
        return
    click.echo(
        f"{gone.id} is in the trash; {show.count(gone.takes, 'take')} and {show.count(gone.pieces, 'piece')} were made with it"
    )
    shell.say(f"Bring it back with: etude models restore {quote(gone.id)}")


@verb("restore", "etude models restore verse", "etude models restore verse-3f2a77e0", group=models)
@click.argument("ref", metavar="MODEL")
def restore(shell: Shell, ref: str) -> None:
    """Bring a model back from the trash, by its id or, if it was the last of its name, by that."""
    from etude import api

    back = api.model_restore(shell.project(), ref)
    if shell.json:
        show.as_json(back)
        return
    click.echo(f"{back.id} is back")
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
    "--rate", type=click.FloatRange(1, 60), default=16.0, show_default=True, help="Frames a second."
)
@click.option(
    "--waves",
    type=click.IntRange(1, 6),
    default=2,
    show_default=True,
    help="The quickest goes round so many times.",
)
@click.option(
    "--calm",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="How far the slow waves outweigh the quick.",
)
@click.option(
    "--through", multiple=True, metavar="TAKE", help="Round through these takes, pieces, works or files."
)
@click.option("--like", multiple=True, metavar="KEY=VALUE", help="In the manner of; may be repeated.")
@click.option(
    "--steps",
    type=click.IntRange(1, 200),
    help="1 is one pass, more are steps of the flow, two passes each; else 8.",
)
@click.option("--guidance", type=click.FloatRange(0, 10), help="Above 1, more of what --like asks for.")
@click.option(
    "--eta",
    type=click.FloatRange(0, 1),
    help="Noise made anew at each step: 1 clean, 0 smooth motion (usual).",
)
@click.option("--slide", multiple=True, metavar="NAME=AMOUNT", help="A slider, in standard deviations.")
@click.option(
    "--seed", type=click.IntRange(0), help="The same seed gives the same loops; else the next unused one."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Also write the loops there as files, with previews.",
)
def loop(
    shell: Shell, model: str, like: tuple[str, ...], slide: tuple[str, ...], out: str | None, **options: Any
) -> None:
    """Make clips without an end from a model of pictures: the last frame leads back to the first."""
    from etude import api

    project = shell.project()
    made = api.loop(project, model, like=pairs(like, "--like"), slide=amounts(slide), **options)
    if out is not None:
        for path in api.export(project, [take.id for take in made.takes], out, previews=True).files:
            shell.say(f"Wrote {path}")
    tell_takes(shell, made)


@verb(
    "sliders",
    "etude sliders faces --out previews",
    "etude sliders faces --name 2 warmth      # then: etude make faces --slide warmth=1.5",
)
@click.argument("model")
@click.option("--out", type=click.Path(file_okay=False), metavar="DIR", help="Write preview strips there.")
@click.option("--name", type=(int, str), metavar="NUMBER NAME", help="Call a slider by a name of yours.")
@click.option("--like", multiple=True, metavar="KEY=VALUE", help="In the manner of, in the previews.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the takes in the previews."
)
def sliders(shell: Shell, model: str, like: tuple[str, ...], **options: Any) -> None:
    """Show the sliders of a picture model: the directions in which works vary most, and how far takes follow, in standard deviations."""
    from etude import api

    found = api.sliders(shell.project(), model, like=pairs(like, "--like"), **options)
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
