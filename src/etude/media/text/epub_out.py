"""E-books written: the text as pages of paragraphs and lines, a list of contents, nothing else.

EPUB 3.3 (W3C 2023), with the table of contents of EPUB 2 for old readers. A work is one page, or several
where two empty lines divide it; its identifier is a hash of its words and its date is fixed, so that the same
text gives the same bytes. What is written here, `epub.py` reads back the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from etude.media.text.packed import blocks, heading_of, packed, xml_text

_PAGE_CHARACTERS = 60_000  # readers grow slow on longer pages: a page ends at the next division after this
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CONTAINER = (
    f'{_HEAD}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
_STYLE = "body { margin: 1em; } p { margin: 0 0 1em 0; text-indent: 0; white-space: pre-wrap; }\n"
_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def write(text: str, language: str = "und") -> bytes:
    """The text as an e-book. `language`: its tag (BCP 47), where it is known."""
    title = xml_text(heading_of(text))
    pages = list(_pages(text))
    names = [f"text{number}.xhtml" for number in range(1, len(pages) + 1)]
    titles = [title] if len(pages) == 1 else [xml_text(heading_of(page)) for page in pages]
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": _CONTAINER}
    parts["book/package.opf"] = _package(title, language, uuid.uuid5(uuid.NAMESPACE_OID, text), names)
    parts["book/contents.xhtml"] = _contents(names, titles)
    parts["book/style.css"] = _STYLE
    for name, page, heading in zip(names, pages, titles, strict=True):
        parts[f"book/{name}"] = (
            f"{_HEAD}<!DOCTYPE html>\n<html {_XHTML}><head><title>{heading}</title>"
            f'<link rel="stylesheet" type="text/css" '
            f'href="style.css"/></head><body>{_paragraphs(page)}</body></html>\n'
        )
    return packed(parts, first="mimetype")


def _pages(text: str) -> Iterator[str]:
    page = ""
    for division in text.strip("\n").split("\n\n\n"):
        if page and len(page) + len(division) > _PAGE_CHARACTERS:
            yield page
            page = division
        else:
            page = f"{page}\n\n\n{division}" if page else division
    yield page


def _paragraphs(page: str) -> str:
    out = []
    for lines, wide in blocks(page):
        if wide:
            out.append("<p>\u00a0</p>")
        out.append(f"<p>{'<br/>'.join(map(xml_text, lines))}</p>")
    return "\n".join(out)


def _package(title: str, language: str, identifier: uuid.UUID, names: list[str]) -> str:
    items = "".join(
        f'<item id="t{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(names, 1)
    )
    spine = "".join(f'<itemref idref="t{number}"/>' for number in range(1, len(names) + 1))
    return (
        f'{_HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier><dc:title>{title}</dc:title>'
        f"<dc:language>{xml_text(language)}</dc:language>"
        '<meta property="dcterms:modified">2000-01-01T00:00:00Z</meta></metadata>'
        '<manifest><item id="nav" href="contents.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'<item id="css" href="style.css" media-type="text/css"/>{items}</manifest><spine>'
        f"{spine}</spine></package>\n"
    )


def _contents(names: list[str], titles: list[str]) -> str:
    entries = "".join(
        f'<li><a href="{name}">{title}</a></li>' for name, title in zip(names, titles, strict=True)
    )
    return (
        f"{_HEAD}<!DOCTYPE html>\n<html {_XHTML}><head><title>Contents</title></head>"
        f'<body><nav epub:type="toc"><ol>{entries}</ol></nav></body></html>\n'
    )
