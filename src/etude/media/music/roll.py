"""A score as a piano roll in PNG: time to the right in bars, pitch upwards, a colour a voice, drawn at twice
the usual resolution.

Long scores go on in further rows. Colours are those of Okabe and Ito (2008), which people with any common
colour blindness can tell apart; the fainter a note, the softer it was played. Knows nothing of traces;
`spans` lets a caller mark stretches of notes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from etude.config.media import MUSIC_LIMITS
from etude.media.music.bars import Bar, layout
from etude.media.music.score import TPQ, Note, Score
from etude.media.music.spelling import key_name
from etude.media.music.voices import label

SCALE = 2  # pixels in a point: sharp on dense screens
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F6A00", "#5B5B5B")
INK, PALE, PAPER, STRIPE, BEAT, BAR = "#22242a", "#6a6f7a", "#ffffff", "#f3f4f7", "#e6e8ee", "#b9bec9"
MARK = "#ffe08a"
BLACK_KEYS = {1, 3, 6, 8, 10}
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
WIDTH, LEFT, RIGHT, TOP, GAP, BOTTOM = 1400, 52, 18, 64, 34, 16  # points
LEAST_WIDTH = 760  # so that title and legend have room over a few bars
TICK_W = (0.42, 1.1)  # points a tick, least and most


@dataclass(frozen=True)
class _Row:
    """One strip of the roll: its bars, and where it is drawn, in points."""

    bars: list[Bar]
    top: float


def png(score: Score, spans: Sequence[tuple[int, int]] = ()) -> bytes:
    """The roll. `spans` are ranges of notes (in the order of `Score.flat()`) to mark on a yellow ground."""
    laid = layout(score)
    grid = laid.bars[: MUSIC_LIMITS.roll_bars]
    notes = [(i, n, k) for k, (i, n) in enumerate(laid.notes) if n.onset < grid[-1].end]
    low = min((n.pitch for _, n, _ in notes), default=60) - 2
    high = max((n.pitch for _, n, _ in notes), default=72) + 2
    low, high = min(low, high - 14), max(high, low + 14)
    row_h = max(4.0, min(9.0, 420 / (high - low + 1)))
    rows, per_tick, width = _rows(grid, row_h * (high - low + 1))
    height = rows[-1].top + row_h * (high - low + 1) + GAP + BOTTOM
    image = Image.new("RGB", (round(width * SCALE), round(height * SCALE)), PAPER)
    pen = _Pen(ImageDraw.Draw(image))
    legend_end = _legend(pen, score, width)
    _title(pen, score, grid, len(laid.bars), legend_end)
    marked = {k for a, b in spans for k in range(a, b)}
    for row in rows:
        _grid(pen, row, low, high, row_h, per_tick)
        _notes(pen, row, notes, marked, high, row_h, per_tick)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def tile(score: Score, width: int, height: int) -> npt.NDArray[np.uint8]:
    """All of a score as a small picture (height, width, 3), without words: for sheets of many."""
    laid = layout(score)
    end = max(laid.bars[-1].end, 1)
    low = min((n.pitch for _, n in laid.notes), default=60) - 1
    high = max((n.pitch for _, n in laid.notes), default=72) + 1
    low, high = min(low, high - 14), max(high, low + 14)
    image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
    pen = ImageDraw.Draw(image)
    across, down = width * SCALE / end, height * SCALE / (high - low + 1)
    for bar in laid.bars[1:]:
        pen.line((bar.start * across, 0, bar.start * across, height * SCALE), BEAT)
    for i, n in sorted(laid.notes, key=lambda h: -h[1].duration):
        x, y = n.onset * across, (high - n.pitch) * down
        colour = _mixed(COLOURS[i % len(COLOURS)], 0.45 + 0.55 * min(1.0, n.velocity / 80))
        pen.rectangle((x, y, max(x + 1, x + n.duration * across - 1), max(y + 1, y + down - 1)), colour)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


class _Pen:
    """Draws in points; fonts are the one that comes with Pillow, so that a roll looks the same on every
    machine."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self.draw = draw
        self.fonts = {size: ImageFont.load_default(size * SCALE) for size in (9, 10, 11, 12, 16)}

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        fill: str,
        outline: str | None = None,
        radius: float = 0,
    ) -> None:
        corners = (x0 * SCALE, y0 * SCALE, max(x0 * SCALE, x1 * SCALE - 1), max(y0 * SCALE, y1 * SCALE - 1))
        self.draw.rounded_rectangle(corners, radius * SCALE, fill, outline, SCALE // 2 if outline else 0)

    def line(self, x0: float, y0: float, x1: float, y1: float, fill: str, width: float = 1) -> None:
        self.draw.line((x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE), fill, max(1, round(width * SCALE)))

    def text(self, x: float, y: float, text: str, size: int, fill: str = INK, anchor: str = "la") -> None:
        self.draw.text((x * SCALE, y * SCALE), text, fill, self.fonts[size], anchor)

    def width(self, text: str, size: int) -> float:
        return float(self.fonts[size].getlength(text)) / SCALE

    def fitted(self, text: str, size: int, room: float) -> str:
        """The text, cut with an ellipsis where it is wider than the room."""
        if self.width(text, size) <= room:
            return text
        while text and self.width(text + "...", size) > room:
            text = text[:-1]
        return text + "..." if text else ""


def _rows(grid: list[Bar], strip_h: float) -> tuple[list[_Row], float, float]:
    """Bars spread over rows of about equal length; points a tick; width of the picture."""
    room = WIDTH - LEFT - RIGHT
    total = grid[-1].end - grid[0].start
    per_tick = min(TICK_W[1], max(TICK_W[0], room / total))
    count = max(1, -(-int(total * per_tick) // room))
    target = total / count
    strips: list[list[Bar]] = [[]]
    for bar in grid:
        if strips[-1] and bar.start - grid[0].start >= target * len(strips):
            strips.append([])
        strips[-1].append(bar)
    longest = max(s[-1].end - s[0].start for s in strips)
    per_tick = min(room / longest, max(per_tick, (LEAST_WIDTH - LEFT - RIGHT) / longest))
    width = LEFT + RIGHT + longest * per_tick
    return [_Row(strip, TOP + k * (strip_h + GAP)) for k, strip in enumerate(strips)], per_tick, width


def _legend(pen: _Pen, score: Score, width: float) -> float:
    """Names of the voices at the top right, right-aligned; returns where they begin."""
    names = [pen.fitted(label(score, i), 11, 130) for i in range(len(score.tracks))]
    if len(names) < 2:
        return width - RIGHT
    shown = names[:8]
    if len(names) > 8:
        shown[-1] = f"{len(names) - 7} more"
    per_line = len(shown) if sum(pen.width(n, 11) + 28 for n in shown) < 0.6 * width else -(-len(shown) // 2)
    begin = width
    for line in range(0, len(shown), per_line):
        part = list(enumerate(shown))[line : line + per_line]
        x = width - RIGHT - sum(pen.width(n, 11) + 28 for _, n in part) + 10
        begin = min(begin, x)
        for i, name in part:
            y = 14.0 + 17 * (line // per_line)
            pen.box(x, y + 2, x + 10, y + 11, COLOURS[i % len(COLOURS)], radius=2)
            pen.text(x + 14, y + 6.5, name, 11, INK, "lm")
            x += pen.width(name, 11) + 28
    return begin


def _title(pen: _Pen, score: Score, grid: list[Bar], of: int, room_end: float) -> None:
    facts = [f"{grid[0].beats}/{grid[0].unit}"]
    if score.keys:
        facts.append(key_name(*score.keys[0][1:]))
    facts.append(f"{round((score.tempos or ((0, 100.0),))[0][1])} quarter notes a minute")
    if len(grid) < of:
        facts.append(f"the first {len(grid)} of {of} bars")
    pen.text(LEFT, 10, pen.fitted(score.title or "Untitled", 16, room_end - LEFT - 16), 16)
    pen.text(LEFT, 33, pen.fitted(" · ".join(facts), 11, room_end - LEFT - 16), 11, PALE)


def _grid(pen: _Pen, row: _Row, low: int, high: int, row_h: float, per_tick: float) -> None:
    start, end = row.bars[0].start, row.bars[-1].end
    right = LEFT + (end - start) * per_tick
    bottom = row.top + (high - low + 1) * row_h
    for pitch in range(low, high + 1):
        y = row.top + (high - pitch) * row_h
        if pitch % 12 in BLACK_KEYS:
            pen.box(LEFT, y, right, y + row_h, STRIPE)
        if pitch % 12 in (0, 5):
            pen.line(LEFT, y + row_h, right, y + row_h, BEAT, 0.5)
        if pitch % 12 == 0 or (pitch % 12 == 7 and high - low < 40):
            pen.text(
                LEFT - 7,
                y + row_h / 2,
                f"{NAMES[pitch % 12]}{pitch // 12 - 1}",
                10,
                INK if pitch % 12 == 0 else PALE,
                "rm",
            )
    free = -1e9
    for bar in row.bars:
        x = LEFT + (bar.start - start) * per_tick
        step = max(1, 4 * TPQ // bar.unit)
        for tick in range(bar.start + step, bar.end, step):
            if step * per_tick >= 7:
                pen.line(
                    LEFT + (tick - start) * per_tick,
                    row.top,
                    LEFT + (tick - start) * per_tick,
                    bottom,
                    BEAT,
                    0.5,
                )
        pen.line(x, row.top, x, bottom, BAR, 1)
        name = str(bar.number) if bar.number else "upbeat"
        if not bar.number and pen.width(name, 10) > (bar.end - bar.start) * per_tick:
            continue
        if x > free and (
            bar.number == 0
            or (bar.end - bar.start) * per_tick >= 22
            or bar.number % 5 == 0
            or bar is row.bars[0]
        ):
            pen.text(x + 2, bottom + 4, name, 10, PALE)
            free = x + pen.width(name, 10) + 8
    pen.line(right, row.top, right, bottom, BAR, 1)
    pen.line(LEFT, bottom, right, bottom, BAR, 1)
    pen.line(LEFT, row.top, right, row.top, BEAT, 0.5)


def _notes(
    pen: _Pen,
    row: _Row,
    notes: list[tuple[int, Note, int]],
    marked: set[int],
    high: int,
    row_h: float,
    per_tick: float,
) -> None:
    start, end = row.bars[0].start, row.bars[-1].end
    here = [(i, n, k) for i, n, k in notes if n.onset < end and n.onset + n.duration > start]
    for _, n, k in here:
        if k in marked:
            x0, x1 = (
                LEFT + (min(max(t, start), end) - start) * per_tick for t in (n.onset, n.onset + n.duration)
            )
            y = row.top + (high - n.pitch) * row_h
            pen.box(x0 - 2, y - 3, x1 + 2, y + row_h + 3, MARK, radius=3)
    together: dict[tuple[int, int, int], list[int]] = {}
    for i, n, _ in here:
        together.setdefault((n.onset, n.duration, n.pitch), []).append(i)
    for i, n, _ in sorted(here, key=lambda h: -h[1].duration):  # long ones first, so that none hides another
        x0, x1 = (
            LEFT + (min(max(t, start), end) - start) * per_tick for t in (n.onset, n.onset + n.duration)
        )
        same = together[n.onset, n.duration, n.pitch]  # voices in unison share the height
        h = row_h / len(same)
        y = row.top + (high - n.pitch) * row_h + same.index(i) * h
        colour = COLOURS[i % len(COLOURS)]
        soft = _mixed(colour, 0.45 + 0.55 * min(1.0, n.velocity / 80))
        inset = 0.5 if len(same) == 1 else 0.0
        pen.box(
            x0 + 0.5,
            y + inset,
            max(x0 + 2, x1 - 0.5),
            y + h - inset,
            soft,
            _mixed(colour, 1.0, 0.75),
            min(2.5, h / 3),
        )


def _mixed(colour: str, strength: float, light: float = 1.0) -> str:
    """A colour towards white by 1 - strength, and darkened by `light`."""
    parts = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round((255 + (p - 255) * strength) * light):02x}" for p in parts)
