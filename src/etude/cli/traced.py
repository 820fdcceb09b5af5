"""A trace on the terminal: the piece itself with what it borrowed in colour, then the spans, the works and what it means.

Each work has a colour of its own; a token is coloured by the work that gave most of it, where that is more than half. Without
colour (a pipe, NO_COLOR) the same is said in lists. Music is listed, since a terminal shows no notes. Knows nothing of projects.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from etude.cli import show

if TYPE_CHECKING:
    from etude.trace.record import Borrowed, Span, Trace, WorkRef

COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "bright_red", "bright_cyan", "bright_yellow")
SPANS = 8  # more is a table; --json and --html have all of them
WORKS = 6
QUOTED = 100  # characters of a span


def show_trace(found: Trace) -> None:
    """Print the trace on stdout."""
    colours = _colours(found)
    click.echo(found.summary)
    click.echo()
    if found.medium == "text" and found.borrowed and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        click.echo(_coloured(found.content, found.borrowed, colours))
        click.echo()
    if found.borrowed and found.borrowed.works:
        click.echo("Borrowed, by work:")
        rows = [
            (_dot(w.work, colours) + _name(found.work(w.work)), f"{100 * w.share:.1f} %") for w in found.borrowed.works[:WORKS]
        ]
        rows += [("further places in the memory", f"{100 * found.borrowed.rest:.1f} %")]
        rows += [("the network itself", f"{100 * found.borrowed.network:.1f} %")]
        show.table(["work", "share of the take"], rows, right=["share of the take"])
        click.echo()
    if found.verbatim.spans:
        click.echo(f"Verbatim runs of {found.verbatim.minimum} {found.verbatim.unit} or more:")
        show.table([found.verbatim.unit, "here", "what", "in"], [_span(found, span) for span in found.verbatim.spans[:SPANS]])
        if len(found.verbatim.spans) > SPANS:
            click.echo(f"and {len(found.verbatim.spans) - SPANS} more; see them with --html or --json", err=True)
        click.echo()
    if found.resembles and found.resembles.nearest:
        click.echo("Resembles:")
        near = [(_name(found.work(n.work)), n.place, f"{n.similarity:.2f}") for n in found.resembles.nearest[:WORKS]]
        show.table(["work", "nearest passage", "likeness"], near, right=["likeness"])
        click.echo()
    for note in found.notes:
        click.echo(note, err=True)


def _colours(found: Trace) -> dict[str, str]:
    works = [w.work for w in found.borrowed.works] if found.borrowed else []
    return dict(zip(works, COLOURS, strict=False))


def _dot(work: str, colours: dict[str, str]) -> str:
    return "" if not sys.stdout.isatty() else ("● " if work in colours else "  ")


def _name(work: WorkRef) -> str:
    return f"{work.title}, {work.maker}" if work.maker and work.maker.lower() not in work.title.lower() else work.title


def _coloured(text: str, borrowed: Borrowed, colours: dict[str, str]) -> str:
    out = []
    for token in borrowed.tokens:
        best = max(token.places, key=lambda place: place.share, default=None)
        colour = colours.get(best.work) if best and token.memory > 0.5 else None
        out.append(click.style(text[token.start : token.end], fg=colour, underline=colour is not None))
    return "".join(out)


def _span(found: Trace, span: Span) -> tuple[str, str, str, str]:
    where = "; ".join(f"{_name(found.work(place.work))}, {place.place}" for place in span.places[:2])
    more = f" and {span.times - 2} more places" if span.times > 2 else ""
    text = " ".join(span.text.split())
    return str(span.length), span.here, text if len(text) <= QUOTED else text[:QUOTED] + "…", where + more
