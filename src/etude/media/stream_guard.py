"""A copy guard for any sequence medium: it finds copies in finished contents by the symbols that traces
search, and cuts them off.

It forbids nothing while a content is made, so that copies cost drafts; a medium that can name the tokens
which would complete a copy has a guard of its own. Knows media only through their streams.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from etude.errors import TakeError
from etude.media.codec import Cursor, Span
from etude.media.values import Content, RunWords, Stream

LEAST = 3  # units: shorter runs are common property in any medium


class StreamGuard:
    """The `Guard` of works by their streams: spans are units of the content."""

    def __init__(
        self,
        contents: Sequence[Content],
        n: int,
        streams: Callable[[Content], Sequence[Stream]],
        cut: Callable[[Content, int, int], Content],
        runs: RunWords,
    ) -> None:
        """`streams` and `cut` are the medium's. Raises TakeError for n below `LEAST`."""
        if n < LEAST:
            raise TakeError(
                f"Copies of {n} {runs.unit} cannot be kept out: "
                "nearly every run that short stands in some work.",
                f"Use --no-copy {LEAST + 2} or more.",
            )
        self.n, self._streams, self._cut, self._runs = n, streams, cut, runs
        self._known = {run for content in contents for stream in streams(content) for run in self._of(stream)}

    def _of(self, stream: Stream) -> list[tuple[int, ...]]:
        """Every run of n units, as its symbols."""
        symbols, long = stream.symbols.tolist(), self.n - stream.overlap
        return [tuple(symbols[i : i + long]) for i in range(len(symbols) - long + 1)]

    def watch(self, tokens: Sequence[int], cursor: Cursor) -> StreamWatch:
        """Nothing is forbidden on the way."""
        return StreamWatch()

    def copies(
        self, content: Content, given: Content | None = None, stays: Mapping[str, Any] | None = None
    ) -> list[Span]:
        """Copied spans that end after what was given at the beginning."""
        after, out = self._given(given, stays), []
        for stream in self._streams(content):
            for i, run in enumerate(self._of(stream)):
                start, end = int(stream.starts[i]), int(stream.ends[i + len(run) - 1])
                if run in self._known and end > after:
                    out.append((start, end))
        return sorted(out, key=lambda span: (span[1], span[0]))

    def _given(self, given: Content | None, stays: Mapping[str, Any] | None) -> int:
        """Where in the content the units begin that were made."""
        if given is None:
            return 0
        gap = next((value for value in (stays or {}).values() if value), None)
        ends = [int(stream.ends[-1]) for stream in self._streams(given) if len(stream.ends)]
        return int(gap[0]) if gap is not None else max(ends, default=0)

    def without(
        self, content: Content, given: Content | None = None, stays: Mapping[str, Any] | None = None
    ) -> Content:
        """The content up to the last unit of its first copy, that one excluded. Raises TakeError where
        nothing that was made is left."""
        while found := self.copies(content, given, stays):
            end = found[0][1] - 1
            if end <= self._given(given, stays):
                raise TakeError(
                    f"No take was found without a run of {self.n} {self._runs.unit} "
                    "that stands in the collection.",
                    "Raise --no-copy or --temperature, lower --borrow, or try another --seed.",
                )
            content = self._cut(content, 0, end)
        return content


class StreamWatch:
    """A watch that forbids nothing."""

    def banned(self) -> None:
        """All may come."""

    def push(self, token: int) -> None:
        """Nothing to keep."""
