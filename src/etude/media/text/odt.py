"""OpenDocument texts (.odt, and .fodt in one piece of XML): the text as it is printed, its text boxes after
their paragraphs.

OpenDocument 1.3 (OASIS): tracked deletions, notes, comments, indexes and hidden passages are no text; runs of
blanks count as one (part 3, 6.1.2). Linked and embedded objects are never opened. Knows nothing of the
project folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from etude.errors import WorkError
from etude.media import archive
from etude.media.archive import Archive
from etude.media.contract import Reading
from etude.media.text.css import ems, local_name
from etude.media.text.docx_styles import child, value
from etude.media.text.left_out import LeftOut
from etude.media.text.marks import raised
from etude.media.text.paragraphs import Paragraph, join

_INDEXES = {
    "table-of-content", "alphabetical-index", "illustration-index", "table-index", "object-index",
    "user-index", "bibliography",
}  # fmt: skip
# Elements with words in them that are none of the text: what was deleted, what others remarked, how lists and
# indexes are made.
_NEVER = {
    "tracked-changes", "annotation", "sequence-decls", "variable-decls", "user-field-decls",
    "dde-connection-decls", "forms", "page-number", "page-count", "page-continuation", "placeholder",
    "index-title-template", "title", "desc", "event-listeners", "script", "number", "toc-mark",
    "alphabetical-index-mark", "user-index-mark", "math", "binary-data", "shapes",
}  # fmt: skip
_FIELDS = {"title": "text"}  # text:title is a field, svg:title a description
_TEXT_NAMESPACE = re.compile(r"\{urn:oasis:names:tc:opendocument:xmlns:text:")
_EM_PT = 12.0


@dataclass(frozen=True)
class _Style:
    before: float = 0.0
    after: float = 0.0
    indent: float = 0.0
    hidden: bool = False
    raised: str = ""  # "sup" or "sub"


def read(data: bytes, left_out: LeftOut, encoding: str = "") -> Reading:
    """The text of a document. Raises WorkError where it is damaged, protected or a zip bomb."""
    if not data.startswith(b"PK\x03\x04"):
        root = archive.xml(data, "document", mend=True)
        return _reading(root, [root], root, left_out)
    packed = Archive(data, "document")
    if packed.find("META-INF/manifest.xml"):
        manifest = packed.xml("META-INF/manifest.xml", mend=True)
        if any(local_name(e) == "encryption-data" for e in manifest.iter()):
            raise WorkError("This document is protected by a password.", "Save it without the password.")
    root = packed.xml("content.xml", mend=True)
    others = [packed.xml(name, mend=True) for name in ("styles.xml",) if packed.find(name)]
    about = packed.xml("meta.xml", mend=True) if packed.find("meta.xml") else root
    return _reading(root, [*others, root], about, left_out)


def _reading(
    root: etree._Element, styled: list[etree._Element], about: etree._Element, left_out: LeftOut
) -> Reading:
    body = next((e for e in root.iter() if local_name(e) == "body"), None)
    story = child(body, "text")
    if story is None:
        raise WorkError(
            "This OpenDocument file is not a text document.", "Add it as .odt, saved from a word processor."
        )
    styles = _styles(styled)
    paragraphs = _Story(styles, left_out).read(story)
    above, below = (_page_parts(styled, styles, left_out, kind) for kind in ("header", "footer"))
    found = {
        local_name(e): " ".join((e.text or "").split())
        for e in about.iter()
        if local_name(e) in _ABOUT and not _is_field(e)
    }
    return Reading(
        join([*above, *paragraphs, *below]),
        found.get("title", ""),
        found.get("initial-creator") or found.get("creator", ""),
    )


_ABOUT = ("title", "initial-creator", "creator")


def _page_parts(
    roots: list[etree._Element], styles: dict[str, _Style], left_out: LeftOut, kind: str
) -> list[Paragraph]:
    """What stands above or below every page: no part of the text, unless everything is kept."""
    found: dict[str, list[Paragraph]] = {}
    for element in (e for root in roots for e in root.iter() if local_name(e) == kind):
        paragraphs = _Story(styles, LeftOut(left_out.keep_all)).read(element)
        found.setdefault("\n".join(p.text for p in paragraphs), paragraphs)
    return [
        p
        for text, paragraphs in found.items()
        if text.strip() and not left_out.take(text, f"page {kind}")
        for p in paragraphs
    ]


def _is_field(element: etree._Element) -> bool:
    return bool(_TEXT_NAMESPACE.match(str(element.tag)))


def _styles(roots: list[etree._Element]) -> dict[str, _Style]:
    """Style name -> what it says, with what it inherits; "" is the default of paragraphs."""
    raw: dict[str, etree._Element] = {}
    default = _Style()
    for root in roots:
        for element in root.iter():
            tag = local_name(element)
            if tag == "style" and value(element, "name"):
                raw[value(element, "name")] = element
            elif tag == "default-style" and value(element, "family") == "paragraph":
                default = _changed(default, element)
    found: dict[str, _Style] = {"": default}

    def resolve(name: str, depth: int) -> _Style:
        if name not in found:
            element = raw.get(name)
            if element is None or depth > 20:
                return default
            found[name] = _changed(resolve(value(element, "parent-style-name"), depth + 1), element)
        return found[name]

    for name in raw:
        resolve(name, 0)
    return found


def _changed(style: _Style, element: etree._Element) -> _Style:
    for properties in element:
        tag = local_name(properties)
        if tag == "paragraph-properties":
            both = value(properties, "margin")
            before, after = (value(properties, f"margin-{side}") or both for side in ("top", "bottom"))
            style = replace(
                style,
                before=ems(before) * _EM_PT if before else style.before,
                after=ems(after) * _EM_PT if after else style.after,
                indent=ems(value(properties, "text-indent")) * _EM_PT
                if value(properties, "text-indent")
                else style.indent,
            )
        elif tag == "text-properties":
            if value(properties, "display"):
                style = replace(style, hidden=value(properties, "display") == "none")
            if position := value(properties, "text-position"):
                lowered = position.startswith(("sub", "-"))
                style = replace(
                    style, raised="" if position.startswith("0%") else "sub" if lowered else "sup"
                )
        elif tag == "section-properties" and value(properties, "display") == "none":
            style = replace(style, hidden=True)
    return style


class _Story:
    def __init__(self, styles: dict[str, _Style], left_out: LeftOut) -> None:
        self._styles = styles
        self._left_out = left_out
        self._done: list[Paragraph] = []
        self._words: list[str] = []
        self._after: list[Paragraph] = []  # of boxes in the paragraph that is open
        self._filled = False

    def read(self, story: etree._Element) -> list[Paragraph]:
        for element in story:
            self._block(element)
        return self._done

    def _block(self, element: etree._Element) -> None:
        tag = local_name(element)
        if tag in _NEVER:
            return
        if tag in ("p", "h"):
            self._paragraph(element, tag == "h")
        elif tag in _INDEXES:
            kind = (
                ("table of contents", "tables of contents")
                if tag.startswith("table-of")
                else ("index", "indexes")
            )
            body = child(element, "index-body")
            if body is not None and not self._left_out.take(_text(body), *kind):
                self._block(body)
        elif tag == "section" and (value(element, "display") == "none" or self._hidden(element)):
            if not self._left_out.take(_text(element), "hidden passage"):
                self._inside(element)
        else:
            self._inside(element)

    def _inside(self, element: etree._Element) -> None:
        for inner in element:
            self._block(inner)

    def _hidden(self, element: etree._Element) -> bool:
        return self._styles.get(value(element, "style-name"), _Style()).hidden

    def _paragraph(self, element: etree._Element, heading: bool) -> None:
        outer = self._words, self._after, self._filled
        self._words, self._after, self._filled = [], [], False
        style = self._styles.get(value(element, "style-name"), self._styles[""])
        said = any(local_name(e) == "hidden-paragraph" and value(e, "is-hidden") == "true" for e in element)
        hidden = (style.hidden or said) and self._left_out.take(_text(element), "hidden passage")
        if not hidden:
            self._inline(element)
        text = "".join(self._words).strip(" ")
        if text or not (self._filled or hidden):
            self._done.append(
                Paragraph(
                    text,
                    style.before,
                    style.after,
                    style.indent,
                    value(element, "style-name"),
                    heading=heading,
                )
            )
        self._done += self._after
        self._words, self._after, self._filled = outer

    def _inline(self, element: etree._Element) -> None:
        self._say(element.text or "")
        for inner in element:
            self._piece(inner)
            self._say(inner.tail or "")

    def _say(self, text: str) -> None:
        text = re.sub(r"[ \t\r\n]+", " ", text)
        if text.startswith(" ") and (not self._words or self._words[-1].endswith((" ", "\n"))):
            text = text[1:]
        if text:
            self._words.append(text)

    def _piece(self, element: etree._Element) -> None:
        tag = local_name(element)
        if tag in _NEVER and not (tag in _FIELDS and _is_field(element)):
            self._filled = True
        elif tag == "s":
            n = value(element, "c")
            self._words.append(" " * (min(int(n), 200) if n.isdigit() else 1))
        elif tag == "tab":
            self._words.append("\t")
        elif tag == "line-break":
            self._words.append("\n")
        elif tag == "note":
            body = child(element, "note-body")
            words = _text(body) if body is not None else ""
            if not self._left_out.take(words, "note") and words:
                self._after.append(Paragraph(f"[{words}]"))
        elif tag == "ruby":
            base, reading = child(element, "ruby-base"), child(element, "ruby-text")
            if base is not None:
                self._inline(base)
            words = _text(reading) if reading is not None else ""
            if not self._left_out.take(words, "ruby annotation", "ruby annotations") and words:
                self._words.append(f"({words})")
        elif tag in ("hidden-text", "hidden-paragraph"):
            self._filled = True
            if tag == "hidden-text" and not self._left_out.take(
                value(element, "string-value"), "hidden passage"
            ):
                self._words.append(value(element, "string-value"))
        elif tag in (
            "frame",
            "text-box",
            "custom-shape",
            "g",
            "rect",
            "object",
            "image",
            "a",
        ) and _holds_paragraphs(element):
            self._filled = True
            inner = _Story(self._styles, self._left_out)
            self._after += inner.read(element)
        elif tag in ("frame", "image", "object", "control", "custom-shape", "line"):
            self._filled = True
        elif self._hidden(element):
            self._filled = True
            if not self._left_out.take(_text(element), "hidden passage"):
                self._inline(element)
        elif (up := self._styles.get(value(element, "style-name"), _Style()).raised) and not len(element):
            self._say(raised(element.text or "", up))
        else:
            self._inline(element)


def _holds_paragraphs(element: etree._Element) -> bool:
    return any(local_name(e) in ("p", "h") for e in element.iter())


def _text(element: etree._Element) -> str:
    """The words in an element for a sentence about it, blanks settled, a blank between paragraphs."""
    out: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            out += [
                " " if local_name(inner) in ("p", "h", "s", "tab", "line-break") else "",
                inner.text or "",
            ]
        elif inner is not element:
            out.append(inner.tail or "")
    return " ".join("".join(out).split())
