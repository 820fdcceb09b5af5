"""An audit as one HTML page that can be read anywhere: no outside resource, no script that does anything.

What each section comes to stands first, then takes beside the works that they are nearest to, then every
section with its rows. A verdict is a word beside its colour. Knows the report and what a take looks like."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etude.audit import report
from etude.audit.report import Audit, Plot, Row, Section
from etude.media.html import Markup, join, page, tag, text
from etude.training.budget import duration


@dataclass(frozen=True)
class Seen:
    """What the page shows of a take or work: a PNG, or its words; and what stands under it."""

    words: str = ""
    png: bytes = b""
    under: str = ""


@dataclass(frozen=True)
class Pair:
    """A take, and the work that it is nearest to."""

    take: Seen
    work: Seen


def data_uri(one: Seen) -> str:
    """Its picture, where it has one."""
    return f"data:image/png;base64,{base64.b64encode(one.png).decode()}" if one.png else ""


def render(found: Audit, takes: Sequence[Seen], pairs: Sequence[Pair]) -> str:
    """The whole page. `takes`: some, as they came; `pairs`: those nearest to a work."""
    head = tag(
        "header",
        tag("p", text("What this model is like"), cls="kicker"),
        tag("h1", tag("bdi", text(found.model))),
        tag(
            "p",
            text(
                f"{found.takes} takes were made for this audit and not kept, in {duration(found.seconds)}; "
                f"it learned from the collection {found.collection}, of which {found.held_out} works were "
                "held out."
            ),
            cls="soft",
        ),
    )
    summary = tag("ul", *(_brief(one) for one in found.sections), cls="brief")
    body = join(
        [
            head,
            tag(
                "main",
                tag("section", tag("h2", text("In short")), summary),
                *_takes(takes),
                *(_section(one, pairs if one.name == "Copying" else ()) for one in found.sections),
                tag("section", tag("h2", text("How to read this")), _reading()),
            ),
            tag(
                "footer",
                tag(
                    "p",
                    text("Nothing here was sent anywhere. The same as data: audit.json beside this page."),
                ),
            ),
        ]
    )
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    return page(f"{found.model}: what it is like", body, style=style, script="")


def _brief(one: Section) -> Markup:
    return tag(
        "li", _badge(one.verdict), tag("strong", text(one.question)), text(" " + one.answer), cls=one.verdict
    )


def _badge(verdict: report.Verdict) -> Markup:
    return tag("span", text(report.WORDS[verdict]), cls=f"badge {verdict}")


def _takes(takes: Sequence[Seen]) -> list[Markup]:
    if not takes:
        return []
    shown = tag("div", *(_seen(one) for one in takes), cls="wall")
    return [tag("section", tag("h2", text("Some of its takes, as they came")), shown)]


def _seen(one: Seen) -> Markup:
    if one.png:
        inside = tag("img", attrs={"src": data_uri(one), "alt": one.words or one.under, "loading": "lazy"})
    else:
        inside = tag("blockquote", text(one.words))
    return tag("figure", inside, tag("figcaption", text(one.under)))


def _section(one: Section, pairs: Sequence[Pair]) -> Markup:
    rows = [_row(row) for row in one.rows]
    shown = [tag("h3", text("The takes nearest to a work, beside it"))] if pairs else []
    shown += [tag("div", _seen(pair.take), _seen(pair.work), cls="pair") for pair in pairs]
    return tag(
        "section",
        tag("h2", text(one.question)),
        tag("p", _badge(one.verdict), text(" " + one.answer), cls="answer"),
        *rows,
        *(_plot(plot) for plot in one.plots),
        *shown,
    )


def _row(row: Row) -> Markup:
    parts = [tag("h3", text(row.name)), tag("p", _badge(row.verdict), text(" " + row.sentence))]
    figures = []
    if row.figure is not None:
        figures.append(tag("li", text("Measured: " + report.shown(row.figure))))
    if row.floor is not None:
        beside = f" ({row.floor_is})" if row.floor_is else ""
        figures.append(tag("li", text(f"To compare with: {_floor(row)}{beside}")))
    if figures:
        parts.append(tag("ul", *figures, cls="figures"))
    return tag("div", *parts, cls=f"row {row.verdict}")


def _floor(row: Row) -> str:
    floor = row.floor
    assert floor is not None
    if floor.low == floor.high:  # counted or exact: it has no interval
        return f"{report.percent(floor.value)} of {floor.n:,} {floor.unit.removeprefix('share of ')}"
    return report.shown(floor)


def _plot(plot: Plot) -> Markup:
    """The drawing is ours; its words were escaped when it was drawn."""
    drawing = Markup(re.sub(r"<rect [^>]*fill=\"#fff\"/>", "", plot.svg.strip()))
    return tag("figure", drawing, tag("figcaption", text(plot.words)), cls="plot")


def _reading() -> Markup:
    lines = (
        "An interval in brackets holds the true value in nine of ten cases.",
        "“To compare with” is the same figure between works: what to expect if all is well. A figure means "
        "something only beside it.",
        "“Cannot tell” is not a pass: there were too few works or takes.",
        "No test here proves that nothing is copied, and none covers privacy. On a single take, a trace says "
        "more.",
    )
    return tag("ul", *(tag("li", text(line)) for line in lines))
