"""The members of the medium contract that most media share, so that a medium writes down only what is its
own.

A medium derives from `BaseMedium` and overrides what it can do better: here nothing is heard, drawn,
enlarged, split or kept in part. Knows no medium.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from etude.config.curate import SPLIT
from etude.errors import TakeError, WorkError
from etude.media import change as versions
from etude.media.codec import Codec, Guard
from etude.media.stream_guard import StreamGuard
from etude.media.values import (
    Change,
    Content,
    Drawing,
    Excerpt,
    Gap,
    Look,
    Marked,
    Names,
    ReadOption,
    RunWords,
    Setting,
    SheetStyle,
    Stream,
    Tool,
)
from etude.stats.figure import Figure


class BaseMedium:
    """Defaults for the members of `Medium` that not every medium has something to say about; has no state."""

    name: str
    family: str
    names: Names
    formats: tuple[str, ...]
    read_options: tuple[ReadOption, ...] = ()
    edited_as: str = ""
    desk: str = "cards"
    least_part: int = SPLIT.min_part_units
    marks_kind: Literal["shingles", "signature"] = "shingles"
    held_out_needed: tuple[int, str] = (0, "")
    scales: tuple[int, ...] = (1,)
    gaps: tuple[Gap, ...] = ()
    settings: tuple[Setting, ...] = ()
    given_whole: str = "beginning"  # what a person gave where no gap is named

    @property
    def unit(self) -> str:
        """What a size counts, in the plural."""
        return self.names.many

    @property
    def sheet(self) -> SheetStyle:
        """A page of texts, and no sheet of a collection."""
        return SheetStyle(self.name, ("html",))

    def size(self, content: Content) -> int:
        """Units in the content: its length."""
        return len(content)

    def weight(self, content: Content) -> int:
        """As much as it has units."""
        return self.size(content)

    def split(self, data: bytes, suffix: str) -> list[bytes]:
        """One work a file."""
        return [data]

    def descriptors(self, content: Content) -> Mapping[str, float]:
        """Nothing is counted."""
        return {}

    def title(self, content: Content) -> str:
        """None of its own."""
        return ""

    def text(self, content: Content) -> str | None:
        """No words."""
        return None

    def previews(self, content: Content) -> dict[str, Callable[[], bytes]]:
        """No previews."""
        return {}

    def sound(self, content: Content) -> bytes | None:
        """Silent."""
        return None

    def look(self, content: Content) -> Look | None:
        """Read, and not looked at."""
        return None

    def enlarged(self, content: Content, times: int, upscaler: str) -> Content:
        """The content itself. Raises WorkError for any other size."""
        if times != 1:
            raise WorkError(f"{self.name.capitalize()} has no pixels to enlarge.", "Leave --scale out.")
        return content

    def labelled(self, content: Content, words: str) -> Content | None:
        """There is no place for a label."""
        return None

    def tools(self) -> tuple[Tool, ...]:
        """Nothing outside of Etude."""
        return ()

    def stays(self, content: Content, asked: Mapping[str, Any], called: str) -> dict[str, Any]:
        """The controls of what was asked, one `Gap` after the other. Raises TakeError for an option that is
        not among them."""
        self.check_options(asked)
        out: dict[str, Any] = {}
        for gap in self.gaps:
            value = asked.get(gap.option)
            if _is_said(value):
                out[gap.control] = self.part(content, gap, value, called)
        return out

    def check_options(self, asked: Mapping[str, Any]) -> None:
        """Raises TakeError for an option that means nothing here, naming those that do."""
        known = {gap.option for gap in self.gaps} | {one.option for one in self.settings}
        for option, value in asked.items():
            if option not in known and _is_said(value):
                say = " or ".join(f"--{gap.option} {gap.metavar}" for gap in self.gaps)
                raise TakeError(
                    f"--{option} means nothing for {self.name}.",
                    f"Say {say}." if say else "Leave it out.",
                )

    def part(self, content: Content, gap: Gap, value: Any, called: str) -> Any:
        """The value of one control from what a person wrote. Raises TakeError that says what there is. Here:
        a span of units, end excluded."""
        numbers = re.fullmatch(r"\s*(\d+)\s*:\s*(\d+)\s*", value) if isinstance(value, str) else None
        if isinstance(value, str) and numbers is None:
            raise TakeError(
                f"--{gap.option} '{value}' is not of the form START:END.", "Give two numbers, like 120:180."
            )
        start, end = map(int, numbers.groups()) if numbers else value
        size = self.size(content)
        if not 0 <= start <= end <= size:
            raise TakeError(
                f"--{gap.option} {start}:{end} does not lie in {called}, which has {self.names.count(size)}.",
                f"Give 0:{size} or less.",
            )
        return [start, end]

    def given_as(self, controls: Mapping[str, Any]) -> str:
        """The last of its gaps that the controls name; else all of the content."""
        return next((gap.what for gap in reversed(self.gaps) if controls.get(gap.control)), self.given_whole)

    def parts(self, content: Content) -> Sequence[Any]:
        """What versions of a content are compared by, one by one."""
        return list(content)

    def likeness(self, before: Content, after: Content) -> tuple[float, int]:
        """By their parts in order."""
        return versions.likeness(self.parts(before), self.parts(after))

    def changed(self, before: Content, after: Content) -> Change:
        """By their parts in order."""
        return versions.change(self.parts(before), self.parts(after), self.unit)


class BaseSequence(BaseMedium, ABC):
    """Defaults for the members of `SequenceMedium`: nothing is drawn, and copies are found in finished
    contents."""

    family = "sequence"
    runs: RunWords
    famous: tuple[tuple[str, Content], ...] = ()
    unable: tuple[str, str] = ("", "")

    @abstractmethod
    def streams(self, content: Content) -> list[Stream]:
        """The content as symbols."""

    @abstractmethod
    def cut(self, content: Content, start: int, end: int) -> Content:
        """The part start..end."""

    def guard(self, contents: Sequence[Content], n: int, codec: Codec) -> Guard:
        """Copies are found by the streams. Raises TakeError for a small n."""
        return StreamGuard(contents, n, self.streams, self.cut, self.runs)

    def adopted(self, codec: Codec, contents: Sequence[Content], of: str) -> Codec:
        """As it is."""
        return codec

    def elsewhere(self, codec: Codec, content: Content, controls: Mapping[str, Any]) -> str:
        """None."""
        return ""

    def traits(self, contents: Sequence[Content]) -> Mapping[str, Figure]:
        """Nothing."""
        return {}

    def drawing(
        self, content: Content, shares: Mapping[int, float], runs: Sequence[Marked], title: str
    ) -> Drawing | None:
        """None: it is read, or stands in a table."""
        return None

    def miniature(self, excerpt: Excerpt, words: str) -> str | None:
        """None: passages are quoted."""
        return None


def _is_said(value: Any) -> bool:
    """Whether a person wrote something for an option: nothing is None, and no names."""
    return value is not None and not (isinstance(value, list | tuple) and not value)
