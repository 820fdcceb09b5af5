"""The trace of a picture or clip: what it is like, as a record, in words, and as one page with the pictures
side by side.

A network that made it keeps no memory of works, so nothing is `borrowed` and no share can be given; what can
be said is what it resembles, how unusual that is, and where. Knows no project: pictures come in as pixels by
work.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.media.html import Markup, join, page, table, tag, text
from etude.media.pixels import contact_sheet as sheet
from etude.trace.picture_record import PictureTrace, heat

UInt8 = npt.NDArray[np.uint8]
SHOWN = 8  # regions shown beside each other on the page


def terminal(found: PictureTrace) -> str:
    """The trace as plain lines."""
    like = found.resembles
    out = [
        f"{found.title or found.id}  ({found.medium}, model {found.model or 'none'}, collection "
        f"{found.collection})",
        "",
    ]
    out += [*found.summary.split("\n"), "", "Nearest works"]
    for n in like.nearest:
        w = found.work(n.work)
        out.append(f"  {n.similarity:5.2f}  {w.title}" + (f", {w.maker}" if w.says_maker else ""))
    out += [
        "",
        "Map of likeness (darker: closer to a work than regions of held-out works are; blank: empty)",
    ]
    out += ["  " + "".join("  " if p is None else _shade(p) * 2 for p in row) for row in heat(found)]
    if found.doubts is not None:
        out += [
            "",
            "Map of the critic (darker: less like a work than held-out works are there)",
        ]
        out += ["  " + "".join(_shade(p) * 2 for p in row) for row in found.doubts]
    if found.frames > 1:
        out += ["", f"The frame most like a work is number {found.frame + 1} of {found.frames}."]
    return "\n".join(out) + "\n"


def _shade(p: float) -> str:
    return "█" if p <= 0.01 else "▓" if p <= 0.05 else "▒" if p <= 0.2 else "░" if p <= 0.5 else "·"


def render(found: PictureTrace, pixels: UInt8, pixels_of: Callable[[str, int], UInt8]) -> str:
    """One self-contained page. `pixels` (H, W, C): the picture (of a clip the frame) as the model sees it;
    `pixels_of` the same of a frame of a work."""
    name = found.title or "Untitled"
    source = " · ".join(
        part
        for part in (
            found.medium,
            f"trained on “{found.collection}”" if found.collection else "",
            found.model and f"model {found.model}",
        )
        if part
    )
    header = tag(
        "header",
        tag("p", text(f"What this {'clip' if found.frames > 1 else 'picture'} is like"), cls="kicker"),
        tag("h1", tag("bdi", text(name))),
        tag("p", text(source), cls="meta"),
        tag("div", *(tag("p", text(line)) for line in found.summary.split("\n")), cls="summary"),
    )
    body = join(
        [
            header,
            tag(
                "main",
                _picture(found, pixels),
                _nearest(found, pixels_of),
                _side_by_side(found, pixels, pixels_of),
                _reading(found),
            ),
            tag(
                "footer",
                text(
                    f"Trace of {found.id}. Made with Etude; the same record as data: etude trace {found.id} "
                    "--json"
                ),
            ),
        ]
    )
    style = Path(__file__).with_name("page.css").read_text("utf-8") + Path(__file__).with_name(
        "picture.css"
    ).read_text("utf-8")
    return page(f"{name}: trace", body, style=style, script=_SCRIPT)


_SCRIPT = (
    "document.querySelectorAll('.mapped input').forEach(i=>i.addEventListener('change',"
    "e=>e.target.closest('.mapped').classList.toggle('bare',!e.target.checked)));"
)


def _image(pixels: UInt8, label: str, cls: str = "px") -> Markup:
    data = base64.b64encode(sheet.plain(pixels)).decode()
    return tag("img", attrs={"src": f"data:image/png;base64,{data}", "alt": label}, cls=cls)


def _picture(found: PictureTrace, pixels: UInt8) -> Markup:
    """The picture under its map."""
    shown = [
        _under(
            found,
            pixels,
            heat(found),
            "likeness",
            "Redder: closer to a region of some work than regions of held-out works are.",
        )
    ]
    if found.doubts is not None:
        told = "Bluer: less like a work, to the model's critic, than held-out works are there."
        shown.append(_under(found, pixels, found.doubts, "doubt", told))
    name = "The picture" if found.frames == 1 else f"Its frame {found.frame + 1} of {found.frames}"
    return tag("section", tag("h2", text(name)), tag("div", *shown, cls="maps"), cls="piece")


def _under(
    found: PictureTrace, pixels: UInt8, rows: Sequence[Sequence[float | None]], kind: str, legend: str
) -> Markup:
    """The picture under one map, which can be put away."""
    cells = []
    for row in rows:
        for p in row:
            strength = 0.0 if p is None else max(0.0, min(1.0, -np.log10(max(p, 1e-4)) / 3))
            told = "empty" if p is None else f"p = {p:.3f}"
            cells.append(tag("i", attrs={"style": f"opacity:{strength:.2f}", "title": told}))
    label = f"{found.title}, the traced picture, under its map of {kind}"
    figure = tag("div", _image(pixels, label), tag("div", *cells, cls=f"heat {kind}"), cls="framed")
    switch = tag("label", tag("input", attrs={"type": "checkbox", "checked": True}), text(f"map of {kind}"))
    return tag(
        "div", figure, tag("div", switch, cls="switches"), tag("p", text(legend), cls="legend"), cls="mapped"
    )


def _nearest(found: PictureTrace, pixels_of: Callable[[str, int], UInt8]) -> Markup:
    figures = []
    for n in found.resembles.nearest:
        w = found.work(n.work)
        under = tag(
            "figcaption",
            tag("bdi", text(w.title)),
            tag("span", text(w.maker)),
            tag("b", text(f"{n.similarity:.2f}")),
        )
        figures.append(tag("figure", _image(pixels_of(n.work, n.start), f"{w.title} by {w.maker}"), under))
    told = tag("p", text("Cosine similarity of features: 1 is the same picture."), cls="legend")
    return tag("section", tag("h2", text("Nearest works")), tag("div", *figures, cls="wall"), told)


def _side_by_side(found: PictureTrace, pixels: UInt8, pixels_of: Callable[[str, int], UInt8]) -> Markup:
    rows = []
    for r in found.regions[:SHOWN]:
        w = found.work(r.work)
        theirs = _crop(pixels_of(r.work, r.work_frame), r.work_row, r.work_column)
        if r.mirrored:
            theirs = theirs[:, ::-1]
        what = f"row {r.row + 1}, column {r.column + 1}"
        rows.append(
            [
                _image(_crop(pixels, r.row, r.column), f"region of the picture, {what}", "patch"),
                _image(theirs, f"region of {w.title}", "patch"),
                tag(
                    "bdi",
                    text(
                        w.title
                        + (f", {w.maker}" if w.says_maker else "")
                        + (", mirrored" if r.mirrored else "")
                    ),
                ),
                text(what),
                text(f"{r.similarity:.2f}"),
                text("-" if r.p is None else f"{r.p:.3f}"),
            ]
        )
    head = ("here", "there", "work", "where", "likeness", "p")
    return tag(
        "section",
        tag("h2", text("Region by region")),
        table("Regions that are most like a region of a work", head, rows, numeric=frozenset({4, 5})),
    )


def _crop(pixels: UInt8, row: int, column: int) -> UInt8:
    """A region with half a region around it."""
    height, width = pixels.shape[0] / TRACE.grid, pixels.shape[1] / TRACE.grid
    top, left = max(0, int((row - 0.5) * height)), max(0, int((column - 0.5) * width))
    bottom, right = (
        min(pixels.shape[0], round((row + 1.5) * height)),
        min(pixels.shape[1], round((column + 1.5) * width)),
    )
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _reading(found: PictureTrace) -> Markup:
    return tag(
        "section",
        tag("h2", text("How to read this")),
        tag("ul", *(tag("li", text(n)) for n in found.notes)),
        cls="meaning",
    )
