"""A draft in parts: chapters by headings, scenes by breaks, paragraphs, sentences, and what stands in
quotation marks.

All places are characters of the text. A heading, a row of signs or an empty scene mark divides; where
nothing does, the draft is one scene. Sentences end at their sign, but not after an abbreviation or an
initial. Knows nothing of what is said."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from etude.config.story import STORY
from etude.errors import WorkError

_NUMERAL = (
    r"(?:\d{1,3}|[IVXLC]{1,7}|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en"
    r"|[A-Z][a-z]+(?:-[a-z]+)?)"
)
_CHAPTER = r"(?i:chapter|kapitel|chapitre|cap[ií]tulo|capitolo|part|book|prologue|epilogue|epilog)"
_HEADING = re.compile(
    rf"^(?:(?P<marked>#{{1,3}}[ \t]+\S[^\n]*)"
    rf"|(?P<plain>{_CHAPTER}\b(?:[ \t]+{_NUMERAL})?[.:]?(?:[ \t]+[^\n]{{0,80}})?)"
    r"|(?P<number>(?:\d{1,3}|[IVXLC]{1,7})\.?))[ \t]*$",
    re.MULTILINE,
)
_BREAK = re.compile(r"^[ \t]*(?:\*[ \t]*){1,7}$|^[ \t]*(?:[-–—_~=#•⁂◆❦][ \t]*){1,40}$", re.MULTILINE)
_PARAGRAPH = re.compile(r"\S[^\n]*")  # line ends inside of paragraphs are blanks by then
_LONG = 160  # characters: nobody wraps lines there by hand
_END = re.compile(r"[.!?…]+[\"”’»)\]]*(?=\s+[^a-z\s]|\s*$)|[。！？]+[」』”]*")
_SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Capt|Col|Gen|Lt|Sgt|Prof|Rev|Hon|Jr|Sr|vs|etc|No|Fr|Hr|bzw|usw)|\b[A-Z])\.$"
)
_QUOTE = re.compile(
    r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)|«[^»]*(?:»|$)|„[^“”]*(?:[“”]|$)|「[^」]*(?:」|$)"
    r"|(?<![\w’])‘(?=\w)(?:[^’]|’(?=\w))*(?:’(?!\w)|$)"
)


@dataclass(frozen=True)
class Span:
    """Characters `start`..`end` of a draft, in scene number `scene` (from 0)."""

    start: int
    end: int
    scene: int


@dataclass(frozen=True)
class Scene:
    """One scene: where it stands, the heading of its chapter, and its number in that chapter (from 1)."""

    number: int
    start: int
    end: int
    chapter: str
    in_chapter: int


def _unwrapped(text: str) -> str:
    """The text with a blank for each line end inside a paragraph, so that places stay what they are. Where
    most of it stands in long lines, every line is a paragraph, and no line end is inside one."""
    lines = text.split("\n")
    long = sum(len(line) for line in lines if len(line) > _LONG)
    if 2 * long > len(text):
        return text
    own = [not line.strip() or bool(_HEADING.match(line) or _BREAK.match(line)) for line in lines]
    out = [lines[0]]
    for i in range(1, len(lines)):
        out += ["\n" if own[i - 1] or own[i] else " ", lines[i]]
    return "".join(out)


class Draft:
    """A text divided. Parts are found when they are first asked for. `text` has the characters of what was
    given, places unchanged."""

    def __init__(self, text: str) -> None:
        if len(text) > STORY.max_draft_chars:
            raise WorkError(
                f"The draft has {len(text):,} characters; up to {STORY.max_draft_chars:,} are read at once.",
                "Read it in parts, each a story of its own.",
            )
        self.text = _unwrapped(text)

    def words_of(self, span: Span | Scene) -> str:
        """The characters of a part."""
        return self.text[span.start : span.end]

    @cached_property
    def headings(self) -> list[tuple[int, int, str]]:
        """Where headings stand, and what they say. A lone number is one only after an empty line."""
        found = []
        for match in _HEADING.finditer(self.text):
            line = match[0].strip()
            before = self.text[: match.start()].rstrip(" \t")
            if match["number"] and not (before == "" or before.endswith("\n\n")):
                continue
            if match["plain"] and (line[:1].islower() or line.endswith((",", ";")) or len(line) > 90):
                continue
            if match["plain"] and not (before == "" or before.endswith("\n\n")):
                continue
            found.append((match.start(), match.end(), line.strip("# \t").rstrip(".:") or line))
        return found

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes in order; what holds no word is none."""
        cuts = [(start, end, name) for start, end, name in self.headings]
        inside = {start for start, _, _ in cuts}
        cuts += [(m.start(), m.end(), "") for m in _BREAK.finditer(self.text) if m.start() not in inside]
        cuts.sort()
        found: list[Scene] = []
        chapter, number, start = "", 0, 0
        for at, end, name in [*cuts, (len(self.text), len(self.text), "")]:
            piece = self.text[start:at]
            if re.search(r"\w", piece):
                number += 1
                left = len(piece) - len(piece.lstrip())
                stop = start + len(piece.rstrip())
                found.append(Scene(len(found), start + left, stop, chapter, number))
            if name:
                # Two headings in a row are one: "PART ONE", then "Chapter 1"
                same = not re.search(r"\w", piece) and bool(chapter) and number == 0
                chapter, number = f"{chapter}: {name}" if same else name, 0
            start = end
        return tuple(found)

    @cached_property
    def paragraphs(self) -> tuple[Span, ...]:
        """The paragraphs of all scenes."""
        return tuple(
            Span(m.start(), m.end(), scene.number)
            for scene in self.scenes
            for m in _PARAGRAPH.finditer(self.text, scene.start, scene.end)
        )

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The sentences of all scenes; none reaches beyond its paragraph."""
        found = []
        for part in self.paragraphs:
            start = part.start
            for match in _END.finditer(self.text, part.start, part.end):
                if match[0] == "." and _SHORT.search(self.text, max(start, match.end() - 6), match.end()):
                    continue
                found.append(Span(start, match.end(), part.scene))
                start = match.end()
                while start < part.end and self.text[start].isspace():
                    start += 1
            if start < part.end:
                found.append(Span(start, part.end, part.scene))
        return tuple(found)

    @cached_property
    def quotes(self) -> tuple[tuple[int, int], ...]:
        """What somebody says: the places of quotation marks with all between them."""
        return tuple(
            (m.start(), m.end())
            for part in self.paragraphs
            for m in _QUOTE.finditer(self.text, part.start, part.end)
        )

    @cached_property
    def _quote_starts(self) -> list[int]:
        return [start for start, _ in self.quotes]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [one.start for one in self.sentences]

    @cached_property
    def _scene_starts(self) -> list[int]:
        return [one.start for one in self.scenes]

    def quoted(self, at: int) -> bool:
        """Whether the character stands inside quotation marks."""
        i = bisect_right(self._quote_starts, at) - 1
        return i >= 0 and at < self.quotes[i][1]

    def quotes_in(self, span: Span) -> list[tuple[int, int]]:
        """The quotations that a part of the draft has something of."""
        i = max(0, bisect_right(self._quote_starts, span.start) - 1)
        found = []
        while i < len(self.quotes) and self.quotes[i][0] < span.end:
            if self.quotes[i][1] > span.start:
                found.append(self.quotes[i])
            i += 1
        return found

    def sentence_at(self, at: int) -> int:
        """The number of the sentence that the character stands in, or the one before it."""
        return max(0, bisect_right(self._sentence_starts, at) - 1)

    def scene_at(self, at: int) -> int:
        """The number of the scene that the character stands in, or the one before it."""
        return max(0, bisect_right(self._scene_starts, at) - 1)

    def shown(self, start: int, end: int) -> str:
        """A passage as it is quoted: on one line, cut at a word where it is long."""
        text = " ".join(self.text[start:end].split())
        most = STORY.quote_chars
        return text if len(text) <= most else (text[:most].rpartition(" ")[0] or text[:most]) + " …"


def joined(parts: Sequence[tuple[str, str]]) -> str:
    """Several files as one draft: (title, text) each; a file that opens with no heading gets its title as
    one."""
    out = []
    for title, text in parts:
        body = text.replace("\r\n", "\n").strip("\n")
        headed = _HEADING.match(body.lstrip()) is not None
        out.append(body if headed or len(parts) == 1 else f"# {title}\n\n{body}")
    return "\n\n".join(out) + "\n" if out else ""
