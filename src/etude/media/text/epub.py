"""EPUB e-books: the chapters in reading order, without cover, title page, copyright, contents and navigation.

Only the package file says what belongs to the book and in which order (EPUB 3.3, W3C 2023). Fonts, pictures and scripts are
never opened. Knows nothing of the project folder.
"""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from lxml import etree

from etude.errors import WorkError
from etude.media.archive import Archive
from etude.media.contract import Reading
from etude.media.text import frontmatter, html
from etude.media.text.encoding import decode_text

_FRONT = {
    "cover", "titlepage", "title-page", "halftitlepage", "toc", "landmarks", "page-list", "copyright-page", "copyright", "colophon",
    "imprint", "loi", "lot", "index", "other-credits", "pg-header", "pg-footer", "pg-machine-header", "pgheader", "pgfooter",
}  # fmt: skip
_FRONT_NAME = re.compile(
    r"(?:^|[\W_])(?:cover|title-?_?page|title|toc|contents|nav|copyright|colophon|imprint|halftitle)(?:[\W_\d]|$)",
    re.I,
)
_RIGHTS = re.compile(r"\u00a9|copyright|all rights reserved|\bISBN\b|first published", re.I)
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


def read(data: bytes) -> Reading:
    """The text of an e-book. Raises WorkError where it is damaged, protected or a zip bomb."""
    book = Archive(data, "e-book")
    package_name = _package(book)
    package = book.xml(package_name)
    folder = posixpath.dirname(package_name)
    guide = {
        _target(folder, str(r.get("href", "")))
        for r in _all(package, "reference")
        if str(r.get("type", "")).lower() in _FRONT
    }
    items = {str(i.get("id", "")): i for i in _all(package, "item")}
    locked = _locked(book)
    chapters: list[str] = []
    left_out: list[str] = []
    warnings: list[str] = []
    for entry in _all(package, "itemref"):
        item = items.get(str(entry.get("idref", "")))
        if item is None or "html" not in str(item.get("media-type", "html")):
            continue
        name = _target(folder, str(item.get("href", "")))
        if name in locked:
            raise WorkError(
                "This e-book is protected (DRM): its chapters are encrypted.",
                "Add a copy without protection, if you may.",
            )
        if (
            name in guide
            or str(entry.get("linear", "yes")) == "no"
            or "nav" in str(item.get("properties", "")).split()
        ):
            left_out.append(name)
            continue
        raw = book.read(name)
        text, notes = decode_text(raw, html.declared_encoding(raw))
        warnings += [f"{name}: {note}" for note in notes]
        chapter = _chapter(text, name)
        (chapters if chapter else left_out).append(chapter or name)
    if left_out:
        warnings.append(
            f"left out {len(left_out)} part{'s' * (len(left_out) != 1)} of front matter: {', '.join(left_out[:6])}"
        )
    body = frontmatter.strip_gutenberg("\n\n\n".join(chapters))
    return Reading(body.content, _about(package, "title"), _about(package, "creator"), tuple(warnings))


def _chapter(text: str, name: str) -> str:
    """The text of one part of the book; '' where all of it is front matter."""
    page = html.parse(text)
    body = page.find(".//body")
    if body is None or _is_front(body):
        return ""
    words = html.to_text(body, _is_front).strip()
    linked = sum(len("".join(a.itertext())) for a in body.iter("a") if a.get("href"))
    if len(words) < 20_000 and linked > 0.6 * len(words):
        return ""  # contents
    if len(words) < 2_000 and (_RIGHTS.search(words) or _FRONT_NAME.search(posixpath.basename(name))):
        return ""  # copyright, title page
    return words


def _is_front(element: etree._Element) -> bool:
    kinds = f"{element.get('epub:type', '')} {element.get(_EPUB_TYPE, '')} {element.get('class', '')} {element.get('id', '')} {element.get('role', '')}"
    return any(kind.removeprefix("doc-") in _FRONT for kind in kinds.lower().split())


def _package(book: Archive) -> str:
    root = book.xml("META-INF/container.xml")
    name = next((str(r.get("full-path", "")) for r in _all(root, "rootfile")), "")
    if not name:
        raise WorkError(
            "This e-book is damaged: it does not name its package file.", "Export or download it again."
        )
    return name


def _locked(book: Archive) -> set[str]:
    """Parts that are encrypted; fonts often are, harmlessly."""
    if "META-INF/encryption.xml" not in book.names():
        return set()
    return {
        unquote(str(r.get("URI", ""))) for r in _all(book.xml("META-INF/encryption.xml"), "CipherReference")
    }


def _target(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#", 1)[0])))


def _about(package: etree._Element, name: str) -> str:
    return next((" ".join("".join(e.itertext()).split()) for e in _all(package, name)), "")


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    """Elements by local name, whatever the namespace: books get it wrong often."""
    return [e for e in root.iter() if isinstance(e.tag, str) and e.tag.rsplit("}", 1)[-1] == name]
