"""The music part of a trace's page: sound, roll, voices, and the notes as a table.

Knows scores and the record; the roll itself is drawn in `roll.py`.
"""

from __future__ import annotations

import base64

from etude.config.trust import TRACE
from etude.media import MEDIA
from etude.media.music.score import Score
from etude.trace.page.html import Markup, fold, join, table, tag, text
from etude.trace.page.roll import VOICES, pitch_name, roll
from etude.trace.record import Borrowed, Trace
from etude.trace.summary import percent


def sound(audio_wav: bytes | None) -> Markup:
    """The piece to listen to, where a WAV is given."""
    if not audio_wav:
        return Markup("")
    source = "data:audio/wav;base64," + base64.b64encode(audio_wav).decode()
    return tag(
        "audio",
        attrs={"controls": True, "src": source, "preload": "metadata", "aria-label": "The piece as sound"},
    )


def music(trace: Trace) -> Markup:
    """The roll with its key, and the same as a table."""
    piece = score(trace)
    shares = note_shares(trace.borrowed) if trace.borrowed else {}
    drawing = roll(piece, shares, trace.verbatim.spans, title=f"Piano roll: {MEDIA['music'].describe(piece)}")
    tracks = [
        tag("li", tag("i", cls=f"k{i % VOICES}"), tag("bdi", text(t.name or f"voice {i + 1}")))
        for i, t in enumerate(piece.tracks)
    ]
    filled = "A full note came from the memory, a hollow one from the network. " if shares else ""
    key = tag(
        "p",
        text(
            f"{filled}Underlined notes stand in a work, in any key and at any tempo; the number leads to it."
        ),
        cls="legend",
    )
    wide = tag(
        "div", drawing, cls="scroll", attrs={"tabindex": 0, "role": "region", "aria-label": "Piano roll"}
    )
    return join(
        [
            wide,
            tag("ul", *tracks, cls="voices"),
            key,
            tag("p", text(MEDIA["music"].describe(piece)), cls="meta"),
            _notes_table(piece, shares),
        ]
    )


def score(trace: Trace) -> Score:
    """The score that the trace holds."""
    found: Score = MEDIA["music"].load(trace.content.encode())
    return found


def note_shares(borrowed: Borrowed) -> dict[int, float]:
    """Index of each note -> share of the memory in the token that names it (the mean, where several do)."""
    given: dict[int, list[float]] = {}
    for token in borrowed.tokens:
        for unit in range(token.start, token.end):
            given.setdefault(unit, []).append(token.memory)
    return {unit: sum(values) / len(values) for unit, values in given.items()}


def _notes_table(piece: Score, shares: dict[int, float]) -> Markup:
    medium = MEDIA["music"]
    rows = [
        (
            text(medium.place(piece, i)),
            text(pitch_name(n.pitch)),
            text(percent(shares[i]) if i in shares else "not known"),
        )
        for i, (_, n) in enumerate(piece.flat()[: TRACE.table_rows])
    ]
    return fold(
        f"All {medium.size(piece):,} notes as a table",
        table(
            "Notes and their share from the memory", ("where", "note", "memory"), rows, numeric=frozenset({2})
        ),
    )
