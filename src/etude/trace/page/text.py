"""A text set for reading: lines, tokens shaded by what the memory gave, and verbatim runs underlined and
numbered.

Layers that overlap are flattened: the text is cut wherever a line, a token or a run begins or ends, and every
piece says which layers it lies in. The shade is one of five steps of lightness, never of hue, and the share
is there as a number too. Knows pages only as markup.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from etude.media.html import Markup, join, tag, text
from etude.trace.record import Borrowed, Passage, Span, Trace
from etude.trace.voice import level as voice_level

# A text whose lines are shorter than this on average is set as verse, with turned-over lines indented
VERSE_CHARACTERS = 70
QUOTED_END = 240  # characters kept at the end of a long quotation, and twice as many at its beginning
_MOVED = {-1: "om", 1: "o1", 2: "o2"}  # words that the works made less likely, likelier, far likelier
STEPS = (0.1, 0.3, 0.55, 0.8)  # shares at which the shade deepens


def shade(share: float) -> int:
    """0 (not from the memory to speak of) to 4 (nearly all of it)."""
    return bisect_right(STEPS, share)


def set_text(trace: Trace) -> Markup:
    """The piece as a page of lines; each token from the memory carries data-t (its number), each passage's
    beginning can be focused."""
    lines, at, told = [], 0, 0
    numbered = trace.content.count("\n") >= 4
    layers = _Layers(trace)
    for number, line in enumerate(trace.content.rstrip().split("\n"), 1):
        due = (
            numbered and bool(line.strip()) and number // 5 > told // 5
        )  # every fifth, or the next that is not empty
        told = number if due else told
        lines.append(
            tag(
                "span", *layers.pieces(at, at + len(line)), cls="l", attrs={"data-l": number if due else None}
            )
        )
        at += len(line) + 1
    verse = len(trace.content) < VERSE_CHARACTERS * len(lines)
    kinds = ["sheet", *["num"] * numbered, *["verse"] * verse]
    return tag("div", *lines, cls=" ".join(kinds), attrs={"dir": "auto"})


class _Layers:
    """The layers over the text, and which runs and passages have begun: it moves from left to right once."""

    def __init__(self, trace: Trace) -> None:
        self.content = trace.content
        borrowed: Borrowed | None = trace.borrowed
        self.tokens = borrowed.tokens if borrowed else ()
        self.token_starts = [t.start for t in self.tokens]
        self.passages: Sequence[Passage] = borrowed.passages if borrowed else ()
        self.spans: Sequence[Span] = trace.verbatim.spans
        self.words = [w for w in trace.voice.words if voice_level(w.nats)] if trace.voice else []
        cuts = {t.start for t in self.tokens} | {t.end for t in self.tokens}
        cuts |= {u for s in self.spans for r in s.ranges for u in r} | {p.start for p in self.passages}
        cuts |= {u for w in self.words for u in (w.start, w.end)}
        self.cuts = sorted(cuts)
        self.focused: set[int] = set()
        self.level = 0

    def pieces(self, start: int, end: int) -> list[Markup]:
        """The characters start..end in pieces, with the numbers of runs that end among them."""
        inner = self.cuts[bisect_right(self.cuts, start) : bisect_right(self.cuts, end)]
        edges = sorted({start, *inner, end})
        self.level = 0
        return [m for a, b in pairwise(edges) for m in (*self._piece(a, b), *self._badges(a, b))]

    def _piece(self, a: int, b: int) -> list[Markup]:
        t = bisect_right(self.token_starts, a) - 1
        token = self.tokens[t] if t >= 0 and a < self.tokens[t].end else None
        level, before = shade(token.memory) if token else 0, self.level
        self.level = level
        word = a + len(self.content[a:b]) - len(self.content[a:b].lstrip())
        if (
            a < word < b and before < level
        ):  # a token's own space is shaded no deeper than what stands before it
            return [self._span(a, word, t, min(before, level)), self._span(word, b, t, level)]
        return [self._span(a, b, t if token else None, level)]

    def _span(self, a: int, b: int, t: int | None, level: int) -> Markup:
        inside = [s.number for s in self.spans if any(x <= a and b <= y for x, y in s.ranges)]
        passage = next((i for i, p in enumerate(self.passages) if p.start <= a and b <= p.end), None)
        moved = next((w for w in self.words if w.start <= a and b <= w.end), None)
        if not level and not inside and passage is None and moved is None:
            return text(self.content[a:b])
        classes = (
            [f"m{level}"] * bool(level)
            + ([] if moved is None else [_MOVED[voice_level(moved.nats)]])
            + ["v"] * bool(inside)
            + ["vv"] * (len(inside) > 1)
            + ["p"] * (passage is not None)
        )
        attrs: dict[str, object] = {"data-t": t, "data-p": passage, "data-v": inside[0] if inside else None}
        if level and t is not None and self.content[a:b].strip():
            attrs["data-s"] = f"{100 * self.tokens[t].memory:.0f}"
        if moved is not None:
            attrs["data-o"] = f"{moved.nats:+.1f}"
        if passage is not None and passage not in self.focused:
            self.focused.add(passage)
            attrs |= {"tabindex": 0, "role": "note"}
        return tag("span", text(self.content[a:b]), cls=" ".join(classes), attrs=attrs)

    def _badges(self, a: int, b: int) -> list[Markup]:
        ended = [s for s in self.spans if a < s.ranges[-1][1] <= b]
        return [badge(s.number, href=f"#v{s.number}", at=f"at-v{s.number}") for s in ended]


def badge(number: int, *, href: str, at: str | None = None) -> Markup:
    """The number of a verbatim run as a small link."""
    label = f"verbatim run {number}"
    return tag("a", text(number), cls="b", attrs={"href": href, "id": at, "aria-label": label})


def quoted(quote: tuple[str, str, str]) -> Markup:
    """A quotation with the passage itself marked; the middle of a long one is left out, its beginning and end
    are what is looked for."""
    before, middle, after = quote
    if len(middle) > 3 * QUOTED_END:
        middle = (
            f"{middle[: 2 * QUOTED_END].rsplit(None, 1)[0]} […] {middle[-QUOTED_END:].split(None, 1)[-1]}"
        )
    return join(
        [tag("span", text(before), cls="dim"), tag("mark", text(middle)), tag("span", text(after), cls="dim")]
    )
