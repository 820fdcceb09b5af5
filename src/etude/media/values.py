"""The values that media speak in: what a file held, words for people, what a person changed, what a trace
shows.

Plain frozen dataclasses. Knows no medium, no codec and no file format.

Letters: F frames, H W pixels, C channels; L symbols of a stream, N units of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Content = Any  # str, score, pixels (H, W, C), clip: opaque outside the medium
Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]
UInt64 = npt.NDArray[np.uint64]
Float32 = npt.NDArray[np.float32]
Marks = npt.NDArray[Any]  # uint64 (n,) shingles in ascending order, or float16 (K, 2, S) a signature


@dataclass(frozen=True)
class Reading:
    """A file that was read: its content, what the file says of itself, and what had to be mended or left
    out."""

    content: Content
    title: str = ""
    maker: str = ""
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadOption:
    """One option: its name in Python, what it means, its value where nothing is said (a word, or False for a
    switch), and a check that raises WorkError for a word that makes no sense."""

    name: str
    help: str
    default: str | bool = ""
    check: Callable[[str | bool], object] | None = None

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class Names:
    """Words for people: one unit and many ("picture", "pictures"), what one work is called ("clip"), and what
    a line about a content does: a text "begins", a picture "shows"."""

    one: str
    many: str
    work: str
    shows: str = "begins"

    def count(self, number: int) -> str:
        """'1 picture', '1,200 frames'."""
        return f"{number:,} {self.one if number == 1 else self.many}"


@dataclass(frozen=True)
class Change:
    """How far a person's version is from the take, in words, notes or pixels: kept from the take, added,
    removed."""

    kept: int
    added: int
    removed: int
    unit: str

    @property
    def share(self) -> float:
        """The part of the person's version that is not in the take, 0..1."""
        return self.added / max(1, self.kept + self.added)

    def to_json(self) -> dict[str, Any]:
        """As a record holds it."""
        return {
            "share": round(self.share, 4),
            "unit": self.unit,
            "kept": self.kept,
            "added": self.added,
            "removed": self.removed,
        }


@dataclass(frozen=True)
class Kept:
    """How much of a take is what a person gave: so many of its words, notes or pixels."""

    kept: int
    total: int
    unit: str


@dataclass(frozen=True)
class Gap:
    """One way to say which part of a given content stays while the rest is made.

    `option` is what a person writes (--voices), `control` the key in a recipe (keep). `form`: a span
    FIRST:LAST, a passage (a span, or the words themselves), an extent (a span, or where nothing is given a
    length), several names, a region in percent, or a content of its own (a mask). `what`: in words, what
    the person gave then.
    """

    option: str
    control: str
    form: Literal["span", "passage", "extent", "names", "region", "content"]
    metavar: str
    help: str
    what: str


@dataclass(frozen=True)
class Setting:
    """Something that is settled before a content is made (of a tune its key): the option that a person
    writes, its kind, and `read`, which makes of what was written what a recipe holds, or raises TakeError.

    `alone`: it means nothing where a content is given. An extent that names no span (--bars 16) is a setting
    as well, and stands in a recipe as `length_` and its option.
    """

    option: str
    form: Literal["text", "number"]
    metavar: str
    help: str
    read: Callable[[Any], Any]
    least: float | None = None
    most: float | None = None
    alone: bool = False


@dataclass(frozen=True)
class Look:
    """How a content looks on a sheet: `frames` (F, H, W, C) and how many a second, 0 where nothing moves."""

    frames: UInt8
    rate: float = 0.0


@dataclass(frozen=True)
class SheetStyle:
    """How contents stand together on a sheet.

    Media of one `kind` share a sheet; `formats` are its file formats, the usual one first; `works` is how
    many works of a collection it shows (0: works of this medium have no sheet); `across`: n tiles stand in
    about sqrt(across * n) columns; `named`: with names.
    """

    kind: str
    formats: tuple[str, ...]
    works: int = 0
    across: float = 1.0
    named: bool = False


@dataclass(frozen=True)
class Tool:
    """Something outside of Etude that a medium uses where it is there: where it was `found` (empty: nowhere),
    what happens `without` it, and how to get it."""

    name: str
    found: str
    without: str
    hint: str


@dataclass(frozen=True)
class RunWords:
    """How runs that stand in the collection are spoken of: counted in `unit`s, copied `how`, listed from
    `least` units on, and what `ignores` says does not count when they are compared."""

    unit: str
    how: str
    least: int
    ignores: str


@dataclass(frozen=True)
class Stream:
    """One run of symbols, in which verbatim copies are searched for.

    `symbols` (L,) uint64; `starts`, `ends` (L,) int32 the units that each covers; `units` (N,) what is
    counted, in order: where words start, or indices of notes. `overlap`: units that a symbol shares with the
    next; `voice` numbers the streams of one content.
    """

    symbols: npt.NDArray[Any]
    starts: npt.NDArray[Any]
    ends: npt.NDArray[Any]
    units: npt.NDArray[Any]
    voice: int = 0
    overlap: int = 0

    def length(self, first: int, last: int) -> int:
        """Words or notes in symbols first..last (last excluded)."""
        return last - first + self.overlap

    def ranges(self, first: int, last: int) -> tuple[tuple[int, int], ...]:
        """The units of the content in symbols first..last, neighbours joined."""
        if not self.overlap:
            return ((int(self.starts[first]), int(self.ends[last - 1])),)
        out: list[tuple[int, int]] = []
        for unit in sorted(int(u) for u in self.units[first : last + self.overlap]):
            if out and out[-1][1] == unit:
                out[-1] = (out[-1][0], unit + 1)
            else:
                out.append((unit, unit + 1))
        return tuple(out)


@dataclass(frozen=True)
class Excerpt:
    """A passage as a trace shows it: `quote` is what stands before, the passage, and what stands after;
    `notes` are (onset, pitch, duration) in ticks where it is drawn."""

    quote: tuple[str, str, str] = ("", "", "")
    notes: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True)
class Marked:
    """A verbatim run of a content that is drawn: its number and its ranges of units."""

    number: int
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Drawing:
    """A content as inline SVG with its `name`, and the words beside it: the names of its voices in the order
    of their colours (classes k0, k1, ...), what its `shades` mean, and what its underlined runs are
    (`legend`)."""

    markup: str
    name: str
    voices: tuple[str, ...] = ()
    shades: str = ""
    legend: str = ""


@dataclass(frozen=True)
class Sizes:
    """How large the works and takes of a sequence medium usually are.

    `least`: units below which nothing is learned; `usual`: units of a take for which nobody named a length;
    `window`: tokens that a network sees at once; `longest_start`: units at the end of a beginning that are
    read, None: all of it.
    """

    least: int
    usual: int
    window: int
    longest_start: int | None = None


@dataclass(frozen=True)
class Costs:
    """How the cost of contents is stated: `unit` of the figure ("bits/character"), its `scale` from nats,
    what is `counted`, and what `tokens` are called; `by_token`: a scored token counts as one, else the units
    of the content that tokens cover."""

    unit: str
    scale: float
    counted: str
    tokens: str
    by_token: bool = False
