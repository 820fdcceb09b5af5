"""ABC notation to scores and back (the abc music standard 2.1, C. Walshaw and others, 2011; old files as abc2midi reads them).

A book may hold many tunes; `split_book` gives each as a file of its own. Repeats, endings and parts are played out. What is not
understood is skipped and told with its line number; a file where that happens all the time is refused. Grace notes, decorations,
chord symbols and lyrics are left out.
"""

from __future__ import annotations

import re

from etude.media.contract import Reading
from etude.media.music.abc_out import write
from etude.media.music.abc_play import score
from etude.media.music.abc_text import check_size, decode, lines_of, split_book, starts_of, tune_lines
from etude.media.music.abc_tune import read_tune

__all__ = ["looks_like", "read", "read_all", "split_book", "write"]

NAMELESS = ("", "trad", "anon")  # composers who are nobody
WIDE = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
KEYED = re.compile(r"(?m)^[ \t]*K:[ \t]*(?:[A-G]|HP|Hp|none|clef|perc|[\^_=]|$)")


def looks_like(data: bytes, suffix: str = "") -> bool:
    """Whether the beginning of a file is ABC: its version mark, or a tune number and a key, each on a line of its own."""
    if data.startswith((b"%abc", b"\xef\xbb\xbf%abc")):
        return True
    wide = next((name for mark, name in WIDE if data.startswith(mark)), "")
    if not wide and b"\0" in data[:4096]:
        wide = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    text = data.decode(wide or "latin-1", "replace").replace("ï»¿", "")
    if wide and "\0" in text[:1024]:
        return False
    text = "\n".join(line for _, line in lines_of(text))
    if KEYED.search(text):
        return suffix == ".abc" or re.search(r"(?m)^[ \t]*X:[ \t]*\d", text) is not None
    return suffix == ".abc" and re.search(r"(?m)^[ \t]*[XTMLQK]:", text) is not None


def read_all(data: bytes, *, expand_repeats: bool = True) -> list[Reading]:
    """One reading for each tune of a book. Raises WorkError as `read` does, for the first tune that cannot be read."""
    return [read(tune, expand_repeats=expand_repeats) for tune in split_book(data)]


def read(data: bytes, *, expand_repeats: bool = True) -> Reading:
    """Read a tune; of a book the first, with a warning. Raises WorkError where nothing can be made of it.

    `expand_repeats`: False reads each bar once, as printed.
    """
    text, warnings = decode(data)
    lines = lines_of(text)
    tunes = len(starts_of(lines))
    first, after = tune_lines(lines)
    check_size(sum(len(line) for _, line in first))
    sheet = read_tune(first)
    content, told = score(sheet, expand_repeats=expand_repeats)
    said = [
        *warnings,
        *sheet.problems,
        *([f"and {sheet.further} more problems"] if sheet.further else []),
        *told,
    ]
    if after:
        numbers = f"line {after[0][0]}" if len(after) == 1 else f"lines {after[0][0]} to {after[-1][0]}"
        said.append(f"{numbers}: music after an empty line, which ends a tune, was left out")
    if tunes > 1:
        said.append(f"the book holds {tunes:,} tunes; only the first was read")
    maker = "" if sheet.maker.strip(" .").lower() in NAMELESS else sheet.maker
    return Reading(content, sheet.title, maker, tuple(said), sheet.meta)
