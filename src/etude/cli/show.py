"""How results look: JSON for callers, tables and plain lines for people, from one and the same object.

Rich is imported only where a table is drawn on a terminal. Away from one, a table is tab-separated lines
without colour, padding or truncation, which `cut`, `awk` and `sort` read. Knows nothing of what the verbs do.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from etude.api.answers import to_json


def as_json(result: Any) -> None:
    """One object on one line: easy to pipe, easy to log."""
    click.echo(json.dumps(to_json(result), ensure_ascii=False))


def split(roles: Sequence[Any]) -> str:
    """How a collection is divided: whole percentages that add up to 100 (largest remainders)."""
    shares = [100 * role.share for role in roles]
    whole = [int(share) for share in shares]
    missing = round(sum(shares)) - sum(whole)
    for i in sorted(range(len(shares)), key=lambda i: whole[i] - shares[i])[:missing]:
        whole[i] += 1
    return ", ".join(f"{role.role} {n} %" for role, n in zip(roles, whole, strict=True))


NEAR, MOST_GIVEN = (
    100,
    300,
)  # characters: of what was given, so many are shown where there are more than these


def fresh(text: str, given: tuple[int, int]) -> str:
    """What is new of a take, and a little of what was given before and after it: nobody wants to read a
    manuscript again to find its next sentence."""
    before, after = given
    start, end, head, tail = 0, len(text), "", ""
    if before > MOST_GIVEN:
        start = text.find(" ", before - NEAR, before) + 1 or before - NEAR
        head = f"[{start:,} given characters] \u2026 "
    if after > MOST_GIVEN:
        end = len(text) - after + NEAR
        end = text.rfind(" ", len(text) - after, end) if " " in text[len(text) - after : end] else end
        tail = f" \u2026 [{len(text) - end:,} given characters]"
    return head + text[start:end] + tail


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[str] = ()) -> None:
    """A table on a terminal, tab-separated lines with a header elsewhere. `right` names the columns of
    numbers."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in (list(columns), *cells):
            click.echo("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for line in cells:
        drawn.add_row(*(Text(cell) for cell in line))
    Console(no_color=bool(os.environ.get("NO_COLOR"))).print(drawn)


def facts(rows: Iterable[tuple[str, Any]]) -> None:
    """Names and values, one a line, the values under one another."""
    kept = [(name, str(value)) for name, value in rows if value not in ("", None)]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        first, *more = value.splitlines() or [""]
        click.echo(f"{name:<{width}}  {first}")
        for line in more:
            click.echo(f"{'':<{width}}  {line}")


def size(n_bytes: float) -> str:
    """Bytes in the unit that a person reads."""
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def clock(seconds: float) -> str:
    """A duration: 42 s, 3 min 05 s, 2 h 10 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def units(medium: str, number: int) -> str:
    """So many of what the size of this medium counts: `1 picture`, `12 frames`."""
    from etude.media import MEDIA

    return MEDIA[medium].names.count(number) if medium in MEDIA else f"{number:,} units"


def units_of(medium: str) -> str:
    """What the size of this medium counts: `frames`."""
    from etude.media import MEDIA

    return MEDIA[medium].names.many if medium in MEDIA else "units"


def count(number: int, noun: str) -> str:
    """`1 work`, `3 works`."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
