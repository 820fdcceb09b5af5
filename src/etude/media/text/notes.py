"""Notes of a page that nothing declares: what a note mark points to, and what points back to it.

Word processors and converters write foot- and endnotes as plain blocks with a link each way (LibreOffice,
Word, Calibre, Pandoc before EPUB 3); only both links together tell a note from a paragraph. Knows elements of
a page, not how their text is laid out.
"""

from __future__ import annotations

import re

from lxml import etree

from etude.media.text.css import local_name
from etude.media.text.marks import is_note_mark, words_of

_BLOCKS = ("li", "p", "div", "dl", "aside", "tr", "section", "blockquote")
_AROUND = ("div", "dl", "aside", "section")  # what holds all paragraphs of one note
_BACK = re.compile("[\\[({]?\\s*[\u2190\u21a9\u2191\u2934^]\ufe0e?\\s*\\d{0,4}\\s*[\\])}]?")
_MANY = 5_000  # links of a page that are looked at


def undeclared(root: etree._Element) -> set[etree._Element]:
    """The blocks of a page that are notes: a note mark leads there, and a link in them leads back; or their
    first or last link is an arrow back."""
    links = [a for a in root.iter("a") if "#" in str(a.get("href") or "")][:_MANY]
    if not links:
        return set()
    named: dict[str, etree._Element] = {}
    at: dict[etree._Element, int] = {}
    for number, element in enumerate(root.iter()):
        at[element] = number
        for key in ("id", "name"):
            if isinstance(element.tag, str) and element.get(key):
                named.setdefault(str(element.get(key)), element)
    found = set()
    for link in links:
        target = named.get(_place(link))
        if _BACK.fullmatch(words_of(link, 12)):
            if (block := _block(link)) is not None and (_starts(block, link) or local_name(block) == "dl"):
                found.add(_whole(block))
        elif target is not None and at[target] > at[link] and is_note_mark(link, "a") and _before(link):
            if (block := _block(target)) is not None and _leads_back(block, link):
                found.add(_whole(block))
    return found


def _place(link: etree._Element) -> str:
    return str(link.get("href") or "").rpartition("#")[2]


def _before(link: etree._Element) -> bool:
    """Whether words stand before a link in its block: the mark, and not the number of the note."""
    block = _block(link)
    return block is not None and not _starts(block, link)


def _starts(block: etree._Element, link: etree._Element) -> bool:
    """Whether nothing stands in a block before a link, but a bracket."""
    for event, element in etree.iterwalk(block, events=("start", "end")):
        if element is link:
            return True
        text = element.text if event == "start" else element.tail if element is not block else ""
        if (text or "").strip(" \n\t\r\xa0[("):
            return False
    return False


def _block(element: etree._Element) -> etree._Element | None:
    """The block that an element is, or stands in."""
    for at in (element, *element.iterancestors()):
        if local_name(at) in ("dt", "dd"):
            continue
        if local_name(at) in _BLOCKS:
            return at
    return None


def _leads_back(block: etree._Element, mark: etree._Element) -> bool:
    """Whether a link in a block leads to the mark, or to what it stands in or holds."""
    near = (mark, *list(mark.iter())[1:8], *[e for _, e in zip(range(3), mark.iterancestors(), strict=False)])
    names = {str(e.get(key)) for e in near for key in ("id", "name") if e.get(key)}
    return any(_place(link) in names for link in block.iter("a") if link is not mark)


def _whole(block: etree._Element) -> etree._Element:
    """The element that holds all of a note's paragraphs, where it has one of its own."""
    above = block.getparent()
    if above is None or local_name(block) != "p" or local_name(above) not in _AROUND:
        return block
    if next(iter(above), None) is not block or (above.text or "").strip():
        return block
    back = sum(_starts(p, a) for p in above if local_name(p) == "p" for a in list(p.iter("a"))[:1])
    return above if back == 1 else block
