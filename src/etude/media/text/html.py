"""A page of HTML as its reader sees it: paragraphs apart by an empty line, lines of verse as lines, what is
hidden left out.

Parsed by libxml2 with no network and no entities of its own; style sheets of the page say what is hidden, a
block, or apart (`css.py`), and `marks.py` what is beside the text. Knows nothing of books.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from etude.errors import WorkError
from etude.media.archive import check_markup
from etude.media.guard import reason
from etude.media.text import marks, notes
from etude.media.text.css import Sheets, ems, local_name, side
from etude.media.text.left_out import LeftOut
from etude.media.text.lines import Lines

# Never text: code, controls, what stands in for pictures and sound, what only some programs show.
_NEVER = {
    "script", "style", "head", "title", "template", "noscript", "noframes", "iframe", "object", "embed",
    "applet", "audio", "video", "canvas", "select", "textarea", "input", "button", "datalist", "progress",
    "meter", "map", "area", "param", "source", "track", "colgroup", "col", "desc", "metadata", "defs",
    "symbol", "annotation", "annotation-xml",
}  # fmt: skip
_PARAGRAPHS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table", "figure",
    "section", "article", "hr", "aside", "linegroup", "poem", "stanza", "subtitle", "epigraph",
}  # fmt: skip
_LINES = {
    "div", "li", "dt", "dd", "tr", "header", "footer", "main", "body", "figcaption", "caption", "address",
    "center", "details", "summary", "fieldset", "legend", "form", "nav", "line", "v", "text", "menu", "dir",
    "hgroup", "search", "optgroup",
}  # fmt: skip
_ASKED = {"nav", "rt", "rtc", "sup", "a"}  # go or stay by what they are, whatever they say of themselves
_BLOCK_DISPLAY = ("block", "list-item", "flex", "grid", "table", "table-row", "flow-root")
_GAP = 0.25  # em: less is no space that a reader sees between lines
_LONG = 120  # characters: no line of verse, so a paragraph even where nothing sets it apart
_SUBSET = re.compile(r"\s*<!DOCTYPE[^\[>]{0,400}\[(.*?)\]\s*>", re.I | re.S)
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z][\w.-]{0,40})\s+(?:"([^"<]{0,200})"|'([^'<]{0,200})')\s*>""")
_DECLARATION = re.compile(
    rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"'>]+)|<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)""", re.I
)


def declared_encoding(data: bytes) -> str:
    """The encoding that the first kilobytes of a page name, or ''."""
    found = _DECLARATION.search(re.sub(rb"<!--.*?-->", b"", data[:8192], flags=re.S))
    return (found[1] or found[2]).decode("ascii", "replace").strip() if found else ""


def parse(text: str) -> etree._Element:
    """The tree of a page. Raises WorkError where there is none."""
    text = _with_entities(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    data = text.encode("utf-8", "replace")
    check_markup(data)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkError(f"This page cannot be read as HTML ({reason(error)}).", "Save it as .txt.") from error
    if root is None:
        raise WorkError("This page is empty.", "Save it again, or leave it out.")
    if any("depth" in entry.message for entry in parser.error_log):
        raise WorkError("This page is nested too deeply to be read.", "Save it as .txt.")
    return root


def _with_entities(text: str) -> str:
    """XHTML without the declarations inside its document type, the few plain entities among them put in their
    places.
    """
    found = _SUBSET.match(text[:20_000])
    if not found:
        return text
    named = {m[1]: m[2] or m[3] or "" for m in _ENTITY.finditer(found[1])}
    text = text[found.end() :]
    for name in list(named)[:200]:
        text = text.replace(f"&{name};", named[name])
    return text


def title(root: etree._Element) -> str:
    """The page's `title`, or ''."""
    found = next((e for e in root.iter("title") if local_name(e.getparent()) in ("head", "html", "")), None)
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def author(root: etree._Element) -> str:
    """The page's `author`, or all of them, where it names them."""
    named = (
        str(m.get("content", "")).strip()
        for m in root.iter("meta")
        if str(m.get("name", "")).lower() in ("author", "dc.creator", "dcterms.creator")
    )
    return ", ".join(dict.fromkeys(name for name in named if name))


def sheets_of(root: etree._Element, linked: Callable[[str], str] | None = None) -> Sheets:
    """The style sheets of a page, in order; `linked` gives the text of those it names (none without it)."""
    texts: list[str] = []
    for element in root.iter("style", "link"):
        if element.tag == "style":
            texts.append("".join(element.itertext()))
        elif linked and "stylesheet" in str(element.get("rel", "")).lower() and element.get("href"):
            texts.append(linked(str(element.get("href"))))
    return Sheets(texts)


def to_text(
    root: etree._Element,
    left_out: LeftOut,
    sheets: Sheets | None = None,
    skip: Callable[[etree._Element], tuple[str, str] | None] | None = None,
) -> str:
    """The text of a tree. `skip` names the kind of further elements that are left out with all that is in
    them.
    """
    return _Walk(left_out, sheets or Sheets(), skip).walk(root)


@dataclass(frozen=True)
class _Frame:
    """What ends with an element, and what holds inside it."""

    white_space: str = "normal"
    indent: float = 0.0
    language: str = ""
    quotes: int = 0
    end: int = 0  # 0 inline, 1 a line's edge, 2 a paragraph's
    after: str = ""
    glue: bool = False
    raised: str = ""


class _Walk:
    def __init__(
        self,
        left_out: LeftOut,
        sheets: Sheets,
        skip: Callable[[etree._Element], tuple[str, str] | None] | None,
    ) -> None:
        self._left_out = left_out
        self._sheets = sheets
        self._skip = skip
        self._lines = Lines()
        self._stack = [_Frame()]
        self._notes: set[etree._Element] = set()

    def walk(self, root: etree._Element) -> str:
        omit = 0
        self._notes = notes.undeclared(root)
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = local_name(element)
            if event == "start":
                declared = {} if omit else self._declared(element)
                if omit or self._goes(element, tag, declared):
                    omit += 1
                else:
                    self._start(element, tag, declared)
                continue
            if omit:
                omit -= 1
            else:
                self._end()
            if not omit and element.tail and element is not root:
                self._say(element.tail)
        return self._lines.text()

    def _declared(self, element: etree._Element) -> dict[str, str]:
        return self._sheets.declared(element) if self._sheets or element.get("style") else {}

    def _goes(self, element: etree._Element, tag: str, declared: dict[str, str]) -> bool:
        """Whether an element is left out with all that is in it."""
        if tag == "dialog" and element.get("open") is None:
            return True
        if tag in _NEVER or tag == "rp":
            return not (tag == "rp" and self._left_out.keep_all)
        kind: tuple[str, str] | None = None
        if (
            element.get("hidden") is not None
            or declared.get("display") == "none"
            or declared.get("visibility") in ("hidden", "collapse")
        ):
            kind = "hidden passage", ""
        elif tag == "nav":
            kind = "table of links", "tables of links"
        elif tag in ("rt", "rtc"):
            kind = "ruby annotation", "ruby annotations"
        elif (found := marks.declared_kind(element)) is not None:
            kind = found if found[0] != "note mark" or self._lines.middle else None
        elif self._lines.middle and marks.is_note_mark(element, tag):
            kind = "note mark", ""
        elif tag[:1] != "h" and marks.is_page_number(element):
            kind = "page or line number", ""
        elif element in self._notes:
            kind = "note", ""
        elif self._skip is not None:
            kind = self._skip(element)
        return kind is not None and self._left_out.take(marks.words_of(element, 400), *kind)

    def _start(self, element: etree._Element, tag: str, declared: dict[str, str]) -> None:
        above = self._stack[-1]
        white_space = declared.get("white-space") or ("pre" if tag == "pre" else above.white_space)
        indent = ems(declared["text-indent"]) if "text-indent" in declared else above.indent
        language = str(
            element.get("lang") or element.get("{http://www.w3.org/XML/1998/namespace}lang") or above.language
        )
        start, end = self._edges(element, tag, declared, indent)
        initial = marks.is_initial(element, declared.get("float", "") == "left")
        after, raised, quotes = "", above.raised, above.quotes
        if start:
            self._lines.edge(start == 2)
            if _is_empty_line(element, declared):
                self._lines.end_line()
        if tag == "br":
            self._lines.end_line()
        elif tag == "hr":
            self._lines.section()
        elif tag in ("td", "th"):
            self._lines.tab()
        elif tag == "q" and declared.get("quotes") != "none" and not marks.is_quoted(element):
            opening, after = marks.quotation_marks(language, quotes)
            self._lines.words(opening)
            quotes += 1
        elif tag in ("rt", "rtc") and not any(
            local_name(e) in ("rp", "rtc") for e in element.itersiblings(preceding=True)
        ):
            self._lines.words("(")
            after = ")"
        elif tag in ("sup", "sub"):
            raised = tag
        elif declared.get("vertical-align") in ("super", "sub"):
            raised = declared["vertical-align"][:3]
        elif tag == "span" and declared.get("position") == "relative" and ems(declared.get("top", "")):
            raised = "sub" if ems(declared["top"]) > 0 else "sup"
        elif tag == "img" and (letter := marks.pictured_letter(element)):
            self._lines.words(letter)
        # A letter that is a word may stand alone ("A house"); any other belongs to what follows it.
        glue = initial and (end > 0 or not marks.is_word(marks.words_of(element, 8)))
        self._stack.append(_Frame(white_space, indent, language, quotes, end, after, glue, raised))
        if element.text:
            text = element.text
            if tag == "pre" and text[:1] == "\n":
                text = text[1:]
            self._say(text)

    def _end(self) -> None:
        frame = self._stack.pop()
        if frame.after:
            self._lines.words(frame.after)
        if frame.end:
            self._lines.edge(frame.end == 2)
        if frame.glue:
            self._lines.glue()

    def _say(self, text: str) -> None:
        frame = self._stack[-1]
        if frame.raised:
            text = marks.raised(text, frame.raised)
        if frame.white_space.startswith(("pre", "break-spaces")):
            self._lines.exact(text, collapse=frame.white_space == "pre-line")
        else:
            self._lines.words(text)

    def _edges(
        self, element: etree._Element, tag: str, declared: dict[str, str], indent: float
    ) -> tuple[int, int]:
        """What the start and the end of an element are: 0 inline, 1 a line's edge, 2 a paragraph's."""
        display = declared.get("display", "")
        if tag == "br" or display.startswith("inline") or display == "contents":
            return 0, 0  # a break is one whatever a style sheet says (Calibre gives every one display: block)
        if tag in _PARAGRAPHS and tag != "p":
            return 2, 2
        if tag == "p":
            return self._edges_of_paragraph(element, declared, indent)
        if tag in _LINES or display in _BLOCK_DISPLAY:
            if marks.is_stanza(element) or _holds_lines(element, tag):
                return 2, 2
            if not declared:
                return 1, 1
            start, end = (side(declared, which, 0.0) >= _GAP for which in ("top", "bottom"))
            return 1 + start, 1 + end
        if (
            tag == "span"
            and marks.is_verse_line(element)
            and any(map(marks.is_stanza, islice(element.iterancestors(), 8)))
        ):
            return 1, 1
        return 0, 0

    def _edges_of_paragraph(
        self, element: etree._Element, declared: dict[str, str], indent: float
    ) -> tuple[int, int]:
        """A paragraph whose sheet gives it no space above, below and before its first word is a line: of
        verse, or of a letter.
        """
        parent = element.getparent()
        in_stanza = parent is not None and local_name(parent) != "body" and marks.is_stanza(parent)
        if not declared and not in_stanza:
            return 2, 2
        is_line = element.find(".//br") is None and len(marks.words_of(element, _LONG + 1)) <= _LONG
        if in_stanza and is_line and not any(name.startswith("margin") for name in declared):
            return 1, 1
        top, bottom = (side(declared, which, 1.0) for which in ("top", "bottom"))
        start = 2 if top >= _GAP or indent > 0.1 or not is_line else 1
        return start, 2 if bottom >= _GAP or not is_line else 1


def _is_empty_line(element: etree._Element, declared: dict[str, str]) -> bool:
    """Whether a block without words has a height of its own, as word processors write an empty line."""
    height = declared.get("height") or declared.get("min-height") or ""
    return (
        bool(height)
        and ems(height) >= _GAP
        and not marks.words_of(element, 1)
        and element.find(".//img") is None
    )


def _holds_lines(element: etree._Element, tag: str) -> bool:
    """Whether a `div` groups lines: nothing but two or more blocks that are lines, as a stanza of `div`s
    does.
    """
    if tag != "div" or (element.text or "").strip():
        return False
    n = 0
    for child in element:
        if local_name(child) == "div" and not any(
            local_name(e) in _PARAGRAPHS or local_name(e) == "div" for e in child
        ):
            n += 1
        if n > 1:
            return True
    return False
