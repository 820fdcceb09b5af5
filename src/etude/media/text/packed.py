"""Zip containers written so that the same parts give the same bytes, and the blocks of a text that documents
are made of.

No date and no name of a machine goes into a file: a piece exported twice is the same file. Knows no format
inside.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML 1.0


def packed(parts: Mapping[str, str], first: str = "") -> bytes:
    """The parts as a zip, in their order; `first` is stored as it is, as EPUB asks of its `mimetype`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode("utf-8"))
    return out.getvalue()


def xml_text(text: str) -> str:
    """Text for XML: escaped, without what XML cannot hold."""
    return escape(_ILLEGAL.sub("", text))


def blocks(text: str) -> Iterator[tuple[list[str], bool]]:
    """The paragraphs or stanzas of a text, each as its lines, and whether two empty lines stood before it."""
    gap = False
    for number, block in enumerate(re.split(r"\n\n", text.strip("\n"))):
        lines = block.split("\n")
        wide = bool(number) and lines[0] == "" and len(lines) > 1
        if block.strip("\n"):
            yield lines[1:] if wide else lines, wide or gap
            gap = False
        else:
            gap = True


def heading_of(text: str) -> str:
    """What a text may be called in a list: its first line with words, without marks of Markdown, at most 80
    characters.
    """
    line = next((line.strip().lstrip("#").strip() for line in text.split("\n") if line.strip(" #\t")), "")
    return line[:80] or "Untitled"
