"""Little e-books, documents and pages for the tests, built in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

VERSE = (
    "The sea is calm to-night.\nThe tide is full, the moon lies fair\nUpon the straits;\u2014on the "
    "French coast the light\n"
)
PROSE = (
    "It was a bright cold day in April. The clocks, which nobody had wound, struck nothing at all, "
    "and everyone was late.\n\n"
    "\u201cDon\u2019t go,\u201d she said; \u201cthe caf\u00e9 is open till four.\u201d He went "
    "nevertheless \U0001f600 and the door stayed as it was.\n\n"
) * 6


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def page(body: str, title: str = "", attributes: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>{title}</title></head><body {attributes}>{body}</body></html>"
    )


CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def epub(
    chapters: Mapping[str, str | bytes | None],
    extra: Mapping[str, str | bytes] | None = None,
    spine: str = "",
    *,
    kinds: dict[str, str] | None = None,
    properties: dict[str, str] | None = None,
    guide: str = "",
    more: str = "",
) -> bytes:
    """A book of these parts; a part of None is named and not there. `kinds`: media types of some; `guide`,
    `more`: further lines of the package and of its list.
    """
    kinds, properties = kinds or {}, properties or {}
    items = more + "".join(
        f'<item id="i{n}" href="{name}" media-type="{kinds.get(name, "application/xhtml+xml")}"'
        + (f' properties="{properties[name]}"/>' if name in properties else "/>")
        for n, name in enumerate(chapters)
    )
    refs = spine or "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="3.0">'
        "<metadata><dc:title>The Lighthouse</dc:title><dc:creator>Ann Author</dc:creator></metadata>"
        f"<manifest>{items}</manifest><spine>{refs}</spine>{guide}</package>"
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
    }
    parts |= {f"OEBPS/{name}": text for name, text in chapters.items() if text is not None}
    return zipped({**parts, **(extra or {})})


def book() -> bytes:
    """An e-book with everything around its two chapters that books have."""
    return epub(
        {
            "cover.xhtml": page("<p>COVER PICTURE</p>", attributes='epub:type="cover"'),
            "title.xhtml": page(
                "<h1>The Lighthouse</h1><p>by Ann Author</p>", attributes='epub:type="titlepage"'
            ),
            "copyright.xhtml": page("<p>Copyright \u00a9 1999 Ann Author. All rights reserved. ISBN 123</p>"),
            "toc.xhtml": page(
                '<nav><a href="one.xhtml">Chapter One</a> <a href="two.xhtml">Chapter Two</a></nav>'
            ),
            "contents2.xhtml": page(
                '<p><a href="one.xhtml">Chapter One</a></p><p><a href="two.xhtml">Chapter Two</a></p>'
            ),
            "one.xhtml": page(
                "<h2>Chapter One</h2><p>The lamp\nwas <em>lit</em>.</p><p>Nobody "
                "came.</p><script>alert(1)</script>"
            ),
            "two.xhtml": page(
                "<h2>Chapter Two</h2><p>The sea<br/>was calm.</p><p>Caf\u00e9 &amp; tea&#8212;quiet.</p>"
            ),
        },
        guide='<guide><reference type="copyright-page" href="copyright.xhtml"/></guide>',
    )


PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def paragraph(text: str, style: str = "") -> str:
    mark = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{mark}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx(
    body: str, extra: Mapping[str, str | bytes] | None = None, styles: str = "", related: str = ""
) -> bytes:
    """A document with this body. `styles`: the elements of its styles; `related`: its relations, in XML."""
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-'
        'properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Letters</dc:title><dc:creator>Bo '
        "Writer</dc:creator></cp:coreProperties>"
    )
    document = f'<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": document,
        "docProps/core.xml": core,
    }
    if styles:
        parts["word/styles.xml"] = f"<w:styles {W}>{styles}</w:styles>"
    if related:
        parts["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
    return zipped({**parts, **(extra or {})})


def letters() -> bytes:
    return docx(
        paragraph("Letters", "Title")
        + paragraph("Chapter One ..... 3", "TOC1")
        + paragraph("Chapter One", "Heading1")
        + (
            "<w:p><w:r><w:t>Dear </w:t></w:r><w:ins><w:r><w:t>Ann</w:t></w:r></w:ins><w:del><w:r>"
            "<w:delText>Bob</w:delText></w:r></w:del><w:r><w:t>,</w:t></w:r></w:p>"
        )
        + "<w:p><w:r><w:t>first line</w:t><w:br/><w:t>second line</w:t></w:r></w:p>"
        + "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        + paragraph("The end.")
    )


ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "style", "draw", "table", "meta")
) + (
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
)


def odt(body: str, styles: str = "", extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument text with this body. `styles`: its automatic styles."""
    content = (
        f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    about = (
        f"<office:document-meta {ODF}><office:meta><dc:title>Letters</dc:title>"
        "<meta:initial-creator>Bo Writer</meta:initial-creator></office:meta></office:document-meta>"
    )
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, "meta.xml": about}
    return zipped({**parts, **(extra or {})})


def rtf(body: str, head: str = "") -> bytes:
    """A rich-text file with this body, in code page 1252."""
    return (
        r"{\rtf1\ansi\ansicpg1252\deff0\uc1{\fonttbl{\f0\fnil Times;}{\f1\fcharset2 Symbol;}"
        r"{\f2\fcharset204 Times CYR;}{\f3\fcharset128 Mincho;}}" + head + "\n" + body + "}"
    ).encode("latin-1")
