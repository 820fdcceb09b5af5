"""Paragraphs of a word processor into text: which of them stand apart, and which are lines of one stanza.

In a word processor a paragraph is what ends with Enter: a paragraph of prose, a line of verse, or nothing at
all between two stanzas. What a page shows decides: space around it or an indented first line sets a paragraph
apart. Knows no format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_GAP_PT = 2.0  # points between two paragraphs that a reader sees
_INDENT_PT = 4.0
_PROSE = 80  # characters: verse whose paragraphs are longer than this on average is rare
_EMPTY_SHARE = 0.1  # of all paragraphs: where so many are empty, Enter ends a line


@dataclass(frozen=True)
class Paragraph:
    """`before`, `after`, `indent` in points where the document states them, else None; `joins`: its end is no
    end, since its mark was deleted or hidden, or since it is the initial of the next; `gap`: an empty line
    that a program of ours wrote, not a person."""

    text: str
    before: float | None = None
    after: float | None = None
    indent: float | None = None
    style: str = ""
    close: bool = False  # no space between paragraphs of its own style
    heading: bool = False
    joins: bool = False
    gap: bool = False


def join(paragraphs: Sequence[Paragraph]) -> str:
    """The text: one line end between lines, an empty line between paragraphs, two where an empty paragraph
    lies between those."""
    whole = _joined(paragraphs)
    filled = [i for i, p in enumerate(whole) if p.text.strip()]
    if not filled:
        return ""
    inner = whole[filled[0] : filled[-1] + 1]
    counted = [p for p in inner if not p.gap]
    lines = len(filled) < (1 - _EMPTY_SHARE) * len(counted)
    plain = [
        p
        for p in inner
        if p.text.strip() and p.before is not None and not p.before and not p.after and not p.indent
    ]
    prose = sum(len(p.text) for p in plain) > _PROSE * len(plain)
    out = [inner[0].text]
    empty = 0
    last = inner[0]
    for paragraph in inner[1:]:
        if not paragraph.text.strip():
            empty += 1
            continue
        apart = not lines and _apart(last, paragraph, prose)
        out.append("\n" * (1 + apart + empty) + paragraph.text)
        last, empty = paragraph, 0
    return "".join(out)


def _apart(one: Paragraph, two: Paragraph, prose: bool) -> bool:
    """Whether a reader sees two paragraphs, not two lines."""
    if one.after is None or two.before is None:
        return True  # the document does not say, and most are prose
    gap = 0.0 if one.close and two.close and one.style == two.style else max(one.after, two.before)
    if gap >= _GAP_PT or one.heading or two.heading:
        return True
    indented = (two.indent or 0.0) >= _INDENT_PT or two.text.startswith(("\t", "    "))
    return indented or prose or "\n" in one.text or "\n" in two.text


def _joined(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Without the ends that are no ends."""
    out: list[Paragraph] = []
    for paragraph in paragraphs:
        if out and out[-1].joins:
            first = out.pop()
            paragraph = Paragraph(
                first.text + paragraph.text,
                first.before if first.text.strip() else paragraph.before,
                paragraph.after,
                paragraph.indent,
                paragraph.style,
                paragraph.close,
                paragraph.heading,
                paragraph.joins,
                paragraph.gap and first.gap,
            )
        out.append(paragraph)
    return out
