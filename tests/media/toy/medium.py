"""The medium of drum patterns: a content is a `Beat`, a unit is a step, bars have sixteen. Files are lines of
signs after a title."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from etude.errors import ModelError, WorkError
from etude.media.base import BaseSequence
from etude.media.values import (
    Excerpt,
    Float32,
    Gap,
    Kept,
    Look,
    Names,
    Reading,
    RunWords,
    SheetStyle,
    Sizes,
    Stream,
    UInt64,
)
from tests.media.toy.codec import BAR, SIGNS, Beat, BeatCodec

MOST = 100_000  # steps
NOT_ONE = WorkError("This file holds no drum pattern.", f"Write steps as {SIGNS}, a bar a line.")


class BeatMedium(BaseSequence):
    """The `SequenceMedium` contract for drum patterns."""

    name = "beat"
    names = Names("step", "steps", "pattern")
    suffixes = (".beat",)
    formats = ("beat",)
    gaps = (
        Gap("fill", "fill", "span", "START:END", "Fill the gap between these steps.", "steps around a gap"),
    )
    sizes = Sizes(256, 64, 64)
    codecs = ("beats",)
    runs = RunWords("steps", "step for step", 16, "Every step counts")
    sheet = SheetStyle("beat", ("png",), across=0.25, named=True)

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether it is a title and signs."""
        return (
            suffix in self.suffixes
            and data[:1] == b"#"
            and not set(data.partition(b"\n")[2]) - set(f"{SIGNS}|\n".encode())
        )

    def read(self, data: bytes, *, suffix: str) -> Reading:
        """The steps of all lines after the title. Raises WorkError."""
        head, _, body = data.decode("utf-8", "replace").partition("\n")
        steps = body.replace("|", "").replace("\n", "")
        if not head.startswith("#") or not steps or set(steps) - set(SIGNS) or len(steps) > MOST:
            raise NOT_ONE
        title = " ".join(head[1:].split())
        return Reading(Beat(steps, title), title)

    def write(self, content: Beat, fmt: str) -> bytes:
        """The title, then a bar a line."""
        if fmt not in self.formats:
            raise WorkError(f"Patterns cannot be written as '{fmt}'.", "Choose beat.")
        bars = [content.steps[i : i + BAR] for i in range(0, len(content.steps), BAR)]
        return "\n".join([f"# {content.title}", *bars, ""]).encode()

    def store(self, content: Beat) -> bytes:
        """JSON."""
        return json.dumps([content.steps, content.title]).encode()

    def load(self, data: bytes) -> Beat:
        """What `store` wrote."""
        try:
            steps, title = json.loads(data)
            return Beat(str(steps), str(title))
        except ValueError as error:
            raise WorkError("A stored pattern is damaged.", "etude repair") from error

    def size(self, content: Beat) -> int:
        """Steps."""
        return len(content.steps)

    def cut(self, content: Beat, start: int, end: int) -> Beat:
        """Steps start..end."""
        return Beat(content.steps[max(0, start) : max(0, end)], content.title)

    def join(self, first: Beat, second: Beat) -> Beat:
        """One after the other."""
        return Beat(first.steps + second.steps, first.title)

    def boundaries(self, content: Beat) -> Sequence[int]:
        """Bar lines."""
        return range(BAR, len(content.steps), BAR)

    def marks(self, content: Beat) -> UInt64:
        """Runs of half a bar."""
        code = self._codes(content).astype(np.uint64)
        runs = np.lib.stride_tricks.sliding_window_view(code, min(8, len(code)))
        weights = np.uint64(9) ** np.arange(runs.shape[1], dtype=np.uint64)
        return np.unique((runs * weights).sum(1))

    def features(self, content: Beat) -> Float32:
        """(72,) how often each sign stands, and follows each other."""
        code, n = self._codes(content), len(SIGNS)
        pairs = np.bincount(code[:-1] * n + code[1:], minlength=n * n)
        both = np.sqrt(np.concatenate([np.bincount(code, minlength=n), pairs]))
        unit: Float32 = (both / np.linalg.norm(both)).astype(np.float32)
        return unit

    def _codes(self, content: Beat) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([SIGNS.index(sign) for sign in content.steps], np.int64)

    def title(self, content: Beat) -> str:
        """As the file says."""
        return content.title

    def describe(self, content: Beat) -> str:
        """'Four: 32 steps in 2 bars'."""
        bars = -(-len(content.steps) // BAR)
        steps = self.names.count(len(content.steps))
        return f"{content.title or 'Pattern'}: {steps} in {bars} bar{'s' * (bars != 1)}"

    def place(self, content: Beat, offset: int) -> str:
        """'bar 2, step 5'."""
        return f"bar {offset // BAR + 1}, step {offset % BAR + 1}"

    def look(self, content: Beat) -> Look:
        """A dot a step, one row a sign."""
        code = self._codes(content)
        dots = np.full((1, len(SIGNS), len(code), 3), 255, np.uint8)
        dots[0, code, np.arange(len(code))] = 0
        return Look(dots)

    def parts(self, content: Beat) -> str:
        """Steps."""
        return content.steps

    def kept(self, given: Beat, made: Beat, controls: Mapping[str, Any]) -> Kept:
        """Given steps outside of the gap."""
        start, end = controls.get("fill") or (0, 0)
        total = self.size(made)
        return Kept(min(self.size(given) - (end - start), total), total, self.unit)

    def learn_codec(self, contents: Sequence[Beat]) -> BeatCodec:
        """Always the same."""
        return BeatCodec()

    def codec(self, data: Mapping[str, Any]) -> BeatCodec:
        """Nothing is stored of it but its kind."""
        if data.get("kind") != "beats":
            raise ModelError("This is no codec of drum patterns.", "Learn the model again.")
        return BeatCodec()

    def streams(self, content: Beat) -> list[Stream]:
        """A symbol a step."""
        at = np.arange(len(content.steps), dtype=np.int32)
        return [Stream(self._codes(content).astype(np.uint64), at, at + 1, at)]

    def excerpt(self, content: Beat, ranges: Sequence[tuple[int, int]]) -> Excerpt:
        """The steps, and up to a bar on each side."""
        start, end, steps = ranges[0][0], ranges[-1][1], content.steps
        return Excerpt((steps[max(0, start - BAR) : start], steps[start:end], steps[end : end + BAR]))

    def said(self, content: Beat, start: int, end: int) -> str:
        """The signs."""
        return content.steps[start:end]


MEDIUM = BeatMedium()
