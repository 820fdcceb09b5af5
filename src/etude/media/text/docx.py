"""Word documents (.docx): the paragraphs of the main text as it stands, tracked deletions, fields and notes left out.

Office Open XML (ECMA-376 part 1, 17.3). Macros, pictures and linked files are never opened. Knows nothing of the project folder.
"""

from __future__ import annotations

import re

from lxml import etree

from etude.media.archive import Archive
from etude.media.contract import Reading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_SKIP = {"del", "moveFrom", "instrText", "delText", "Fallback", "footnoteReference", "pPr", "rPr", "sectPr"}
_FILLED = {"drawing", "pict", "object", "instrText", "fldChar"}  # a paragraph of these is not empty
_FRONT_STYLE = re.compile(r"toc|tableofcontents|title$|subtitle|cover", re.I)
_FRONT_PART = ("table of contents", "cover pages")


def read(data: bytes) -> Reading:
    """The text of a document. Raises WorkError where it is damaged or a zip bomb."""
    document = Archive(data, "document")
    root = document.xml("word/document.xml")
    paragraphs, left_out = _paragraphs(root)
    # Where writers often leave empty paragraphs, a paragraph is a line (verse, letters); else paragraphs stand apart.
    filled = [i for i, p in enumerate(paragraphs) if p.strip()]
    inner = paragraphs[filled[0] : filled[-1] + 1] if filled else []
    gap = "\n" if len(filled) < 0.9 * len(inner) else "\n\n"
    title, maker = _about(document)
    warnings = (f"left out {left_out} paragraphs of front matter (title, contents)",) if left_out else ()
    return Reading(gap.join(inner), title, maker, warnings)


def _paragraphs(root: etree._Element) -> tuple[list[str], int]:
    paragraphs: list[str] = []
    left_out = 0
    omit = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = _name(element)
        leave = tag in _SKIP or (tag == "sdt" and _gallery(element) in _FRONT_PART)
        if event == "end":
            omit -= leave
            if (
                tag == "p"
                and paragraphs
                and not paragraphs[-1]
                and any(_name(part) in _FILLED for part in element.iter())
            ):
                paragraphs.pop()  # only a picture or a field: no empty line
            continue
        omit += leave
        if tag == "p":
            front = omit > 0 or bool(_FRONT_STYLE.search(_style(element)))
            left_out += front
            paragraphs += [] if front else [""]
            omit_paragraph = front
        elif omit or not paragraphs or omit_paragraph:
            continue
        elif tag == "t":
            paragraphs[-1] += element.text or ""
        elif tag == "tab":
            paragraphs[-1] += "\t"
        elif tag in ("br", "cr"):
            paragraphs[-1] += "\n"
        elif tag == "noBreakHyphen":
            paragraphs[-1] += "-"
    return paragraphs, left_out


def _style(paragraph: etree._Element) -> str:
    style = _find(_find(paragraph, "pPr"), "pStyle")
    return _value(style)


def _gallery(sdt: etree._Element) -> str:
    return _value(_find(_find(_find(sdt, "sdtPr"), "docPartObj"), "docPartGallery")).lower()


def _find(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((child for child in element if _name(child) == name), None)


def _value(element: etree._Element | None) -> str:
    return "" if element is None else str(element.get(_W + "val") or element.get(_STRICT + "val") or "")


def _name(element: etree._Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _about(document: Archive) -> tuple[str, str]:
    if "docProps/core.xml" not in document.names():
        return "", ""
    found = {_name(e): (e.text or "") for e in document.xml("docProps/core.xml")}
    return found.get("title", ""), found.get("creator", "")
