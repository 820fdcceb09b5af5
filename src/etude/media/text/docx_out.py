"""Word documents written: a paragraph for each paragraph or stanza, line breaks inside it, nothing else.

Office Open XML (ECMA-376 parts 1 and 2), the smallest package that Word, LibreOffice and Pages open without a
question. The styles that it names are its own; no date, no author, no program. What is written here,
`docx.py` reads back the same.
"""

from __future__ import annotations

import re

from etude.media.text.packed import blocks, packed, xml_text

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_KIND}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_RELATED = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
# Twelve points below a paragraph: set apart, and so read back. "Blank line" is the second empty line between
# two of them.
_STYLES = (
    f'{_HEAD}<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Georgia" w:hAnsi="Georgia" w:cs="Georgia"/><w:sz w:val="24"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:after="240"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="BlankLine"><w:name w:val="Blank line"/><w:basedOn '
    'w:val="Normal"/></w:style>'
    "</w:styles>"
)


def write(text: str) -> bytes:
    """The text as a Word document: the same bytes for the same text."""
    body = []
    for lines, wide in blocks(text):
        if wide:
            body.append('<w:p><w:pPr><w:pStyle w:val="BlankLine"/></w:pPr></w:p>')
        body.append(f"<w:p><w:r>{'<w:br/>'.join(map(_line, lines))}</w:r></w:p>")
    document = f'{_HEAD}<w:document xmlns:w="{_MAIN}"><w:body>{"".join(body)}</w:body></w:document>'
    return packed(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATIONS,
            "word/document.xml": document,
            "word/_rels/document.xml.rels": _RELATED,
            "word/styles.xml": _STYLES,
        }
    )


def _line(line: str) -> str:
    """One line: words between tabs, blanks kept."""
    pieces = re.split("(\t)", line)
    return "".join(
        "<w:tab/>" if piece == "\t" else f'<w:t xml:space="preserve">{xml_text(piece)}</w:t>'
        for piece in pieces
        if piece
    )
