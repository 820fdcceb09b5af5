"""A piece that is drawn, on a trace's page: sound, drawing, voices, and its units as a table. The drawing is
its medium's."""

from __future__ import annotations

import base64

from etude.config.trust import TRACE
from etude.media import sequence
from etude.media.contract import Content, Drawing, Marked, SequenceMedium
from etude.media.html import Markup, fold, join, table, tag, text
from etude.trace.record import Borrowed, Trace
from etude.trace.summary import percent

VOICES = 6  # colours defined in the style sheet; further voices repeat them


def sound(audio_wav: bytes | None) -> Markup:
    """The piece to listen to, where a WAV is given."""
    if not audio_wav:
        return Markup("")
    source = "data:audio/wav;base64," + base64.b64encode(audio_wav).decode()
    return tag(
        "audio",
        attrs={"controls": True, "src": source, "preload": "metadata", "aria-label": "The piece as sound"},
    )


def medium_of(trace: Trace) -> SequenceMedium:
    """The medium of the piece."""
    return sequence(trace.medium)


def content(trace: Trace) -> Content:
    """The content that the trace holds."""
    return medium_of(trace).load(trace.content.encode())


def is_read(trace: Trace) -> bool:
    """Whether the piece is set as text: what the trace holds is its words, and its units are their
    characters."""
    return medium_of(trace).text(content(trace)) == trace.content


def drawn(trace: Trace) -> Markup:
    """The drawing with its key, and the same as a table; of a piece that cannot be drawn the table alone."""
    medium, piece = medium_of(trace), content(trace)
    shares = unit_shares(trace.borrowed) if trace.borrowed else {}
    runs = [Marked(span.number, span.ranges) for span in trace.verbatim.spans]
    about = medium.describe(piece)
    drawing = medium.drawing(piece, shares, runs, about)
    parts = [] if drawing is None else _drawing(drawing, bool(shares))
    return join([*parts, tag("p", text(about), cls="meta"), _units_table(medium, piece, shares)])


def _drawing(drawing: Drawing, shares: bool) -> list[Markup]:
    """The drawing in a frame that scrolls, its voices, and what its marks mean."""
    voices = [
        tag("li", tag("i", cls=f"k{i % VOICES}"), tag("bdi", text(name)))
        for i, name in enumerate(drawing.voices)
    ]
    attrs = {"tabindex": 0, "role": "region", "aria-label": drawing.name}
    legend = f"{drawing.shades} {drawing.legend}" if shares else drawing.legend
    return [
        tag("div", Markup(drawing.markup), cls="scroll", attrs=attrs),
        tag("ul", *voices, cls="voices"),
        tag("p", text(legend), cls="legend"),
    ]


def unit_shares(borrowed: Borrowed) -> dict[int, float]:
    """Index of each unit -> share of the memory in the token that names it (the mean, where several do)."""
    given: dict[int, list[float]] = {}
    for token in borrowed.tokens:
        for unit in range(token.start, token.end):
            given.setdefault(unit, []).append(token.memory)
    return {unit: sum(values) / len(values) for unit, values in given.items()}


def _units_table(medium: SequenceMedium, piece: Content, shares: dict[int, float]) -> Markup:
    size = medium.size(piece)
    rows = [
        (
            text(medium.place(piece, i)),
            text(medium.said(piece, i, i + 1)),
            text(percent(shares[i]) if i in shares else "not known"),
        )
        for i in range(min(size, TRACE.table_rows))
    ]
    names = medium.names
    return fold(
        f"All {names.count(size)} as a table",
        table(
            f"{names.many.capitalize()} and their share from the memory",
            ("where", names.one, "memory"),
            rows,
            numeric=frozenset({2}),
        ),
    )
