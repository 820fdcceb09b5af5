"""A score as a piano roll in systems, as inline SVG: a note is filled as far as the memory gave it, and
verbatim runs are underlined and numbered.

Voices differ by colour and by the shape of their left end, and every note has its words (bar, voice, pitch,
share) as a title. The page that shows it has the colours. Knows scores, no files and no page.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from etude.media.markup import Markup, join, tag, text
from etude.media.music.bars import Bar, bars
from etude.media.music.clock import seconds_at
from etude.media.music.runs import pitch_name
from etude.media.music.score import Note, Score
from etude.media.music.voices import label
from etude.media.values import Marked

WIDTH, ROW, LEFT = 960.0, 7.0, 34.0  # px: width, height of a semitone, room for the names of pitches
ROW_TICKS = 4 * 4 * 24  # four bars of 4/4 fill a row
_Axis = Callable[[int], float]
VOICES = 6  # colours defined in the style sheet; further voices repeat them


def roll(score: Score, shares: Mapping[int, float], spans: Sequence[Marked], *, title: str) -> Markup:
    """The roll. `shares`: index in `Score.flat()` -> share of the memory, 0..1; notes without one are drawn
    as not known."""
    laid, flat = bars(score), score.flat()
    if not flat:
        return tag("p", text("This score has no notes."))
    lengths = sorted(b.end - b.start for b in laid)
    usual = lengths[len(lengths) // 2]
    per_row = max(1, min(8, round(ROW_TICKS / usual)))
    frame = _Frame(
        score, flat, min(n.pitch for _, n in flat) - 1, max(n.pitch for _, n in flat) + 1, usual * per_row
    )
    drawn = [_system(frame, laid[i : i + per_row], shares, spans) for i in range(0, len(laid), per_row)]
    return tag("div", *drawn, cls="roll", attrs={"role": "group", "aria-label": title})


class _Frame(NamedTuple):
    """What all systems share: the notes, the range of pitches, and the ticks that fill a row."""

    score: Score
    flat: Sequence[tuple[int, Note]]
    low: int
    high: int
    ticks: int


def _system(
    frame: _Frame, group: Sequence[Bar], shares: Mapping[int, float], spans: Sequence[Marked]
) -> Markup:
    score, flat, low, high, ticks = frame
    start, end = group[0].start, group[-1].end
    scale = (WIDTH - LEFT - 4) / max(ticks, end - start)
    height, top = (high - low + 1) * ROW, 16.0

    def x(tick: float) -> float:
        return LEFT + (tick - start) * scale

    def y(pitch: float) -> float:
        return top + (high - pitch) * ROW

    parts: list[Markup] = []
    for pitch in range(low, high + 1):
        if pitch % 12 == 0:
            parts.append(
                tag(
                    "text",
                    text(pitch_name(pitch)),
                    attrs={"x": 2, "y": f"{y(pitch) + ROW - 0.5:.1f}"},
                    cls="pn",
                )
            )
            parts.append(_line(LEFT, y(pitch) + ROW, x(end), y(pitch) + ROW, "oct"))
    for bar in group:
        parts.append(_line(x(bar.start), top, x(bar.start), top + height, "bar"))
        if bar.number:
            parts.append(
                tag("text", text(bar.number), attrs={"x": f"{x(bar.start) + 3:.1f}", "y": 11}, cls="bn")
            )
    parts.append(_line(x(end), top, x(end), top + height, "bar"))
    starts = [bar.start for bar in group]
    for index, (track, note) in enumerate(flat):
        if start <= note.onset < end:
            number = group[bisect_right(starts, note.onset) - 1].number
            where = f"bar {number}, {label(score, track)}, {pitch_name(note.pitch)}"
            parts.append(
                _note(
                    index,
                    track,
                    note,
                    min(note.onset + note.duration, end),
                    shares.get(index),
                    where,
                    x,
                    y,
                    scale,
                )
            )
    for span in spans:
        parts += _underlines(span, flat, start, end, x, y)
    parts.append(_line(LEFT, top, LEFT, top + height, "now"))
    begin_s, end_s = seconds_at(score, [start, end])
    sounding = {
        "data-from": f"{begin_s:.3f}",
        "data-to": f"{end_s:.3f}",
        "data-w": f"{x(end) - x(start):.1f}",
    }
    view, name = f"0 0 {WIDTH:.0f} {top + height + 14:.0f}", f"bars {group[0].number} to {group[-1].number}"
    return tag("svg", *parts, attrs={"viewBox": view, "role": "group", "aria-label": name, **sounding})


def _note(
    index: int,
    track: int,
    note: Note,
    stop: int,
    share: float | None,
    where: str,
    x: _Axis,
    y: _Axis,
    scale: float,
) -> Markup:
    width = max(2.5, (stop - note.onset) * scale - 1.2)
    known = f", {100 * share:.0f} % from the memory" if share is not None else ""
    attrs = {
        "x": f"{x(note.onset) + 0.6:.1f}",
        "y": f"{y(note.pitch) + 0.6:.1f}",
        "width": f"{width:.1f}",
        "height": f"{ROW - 1.2:.1f}",
        "rx": (1.5, 3, 0, 3)[track % 4],
        "fill-opacity": f"{0.08 + 0.92 * share:.2f}" if share is not None else "0.45",
        "data-n": index,
    }
    return tag("rect", tag("title", text(where + known)), cls=f"k{track % VOICES}", attrs=attrs)


def _underlines(
    span: Marked, flat: Sequence[tuple[int, Note]], start: int, end: int, x: _Axis, y: _Axis
) -> list[Markup]:
    out: list[Markup] = []
    notes = [flat[u][1] for a, b in span.ranges for u in range(a, b)]
    for note in notes:
        if start <= note.onset < end:
            line = y(note.pitch) + ROW + 1.4
            out.append(
                _line(x(note.onset) + 0.6, line, x(min(note.onset + note.duration, end)) - 0.6, line, "vl")
            )
    first = notes[0]
    if start <= first.onset < end:
        cx, cy = x(first.onset) + 5.5, y(first.pitch) + ROW + 9
        disc = tag("circle", attrs={"cx": f"{cx:.1f}", "cy": f"{cy:.1f}", "r": 6.2}, cls="vd")
        number = tag("text", text(span.number), attrs={"x": f"{cx:.1f}", "y": f"{cy + 3:.1f}"}, cls="vn")
        link = {
            "href": f"#v{span.number}",
            "id": f"at-v{span.number}",
            "aria-label": f"verbatim run {span.number}",
        }
        out.append(tag("a", disc, number, attrs=link))
    return out


def mini_roll(notes: Sequence[tuple[int, int, int]], words: str) -> Markup:
    """A few notes (onset, pitch, duration) alone, as a thumbnail as wide as they last."""
    if not notes:
        return Markup("")
    start, end = min(n[0] for n in notes), max(n[0] + n[2] for n in notes)
    low, high = min(n[1] for n in notes), max(n[1] for n in notes)
    scale, row = 300 / max(end - start, 1), max(2.5, min(7.0, 60 / (high - low + 1)))
    rects = [
        tag(
            "rect",
            attrs={
                "x": f"{(onset - start) * scale:.1f}",
                "y": f"{(high - pitch) * row:.1f}",
                "width": f"{max(2, duration * scale - 1):.1f}",
                "height": f"{row - 0.6:.1f}",
            },
        )
        for onset, pitch, duration in notes
    ]
    names = " ".join(pitch_name(p) for _, p, _ in notes)
    drawing = tag(
        "svg",
        join(rects),
        attrs={
            "viewBox": f"0 0 300 {(high - low + 1) * row:.0f}",
            "role": "img",
            "aria-label": f"{words}: {names}",
        },
    )
    return tag("figure", drawing, tag("figcaption", text(names)), cls="mini")


def _line(x1: float, y1: float, x2: float, y2: float, cls: str) -> Markup:
    return tag(
        "line", cls=cls, attrs={"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    )
