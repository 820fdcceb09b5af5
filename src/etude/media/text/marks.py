"""What stands in a page beside its text: note marks, page and line numbers, parts declared as no text; and
initials and quotation marks.

Declared means by EPUB's structural semantics or DPUB-ARIA roles (EPUB 3.3, 5.2; DPUB-ARIA 1.1). A class or an
id alone says nothing: only together with what it holds ("pagenum" and "[Pg 12]"). Knows elements of a page,
not how their text is laid out.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

from etude.media.text.css import local_name

_BLOCKS = {
    "p", "div", "li", "dt", "dd", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr",
    "section", "aside", "table", "ul", "ol",
}  # fmt: skip
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_KINDS: dict[str, tuple[str, str]] = {
    name: kind
    for names, kind in (
        ("cover", ("cover page", "")),
        ("titlepage halftitlepage", ("title page", "")),
        ("toc landmarks page-list pagelist loi lot navigation", ("table of contents", "tables of contents")),
        ("copyright-page colophon imprint other-credits", ("copyright page", "")),
        ("index", ("index", "indexes")),
        ("footnote endnote rearnote footnotes endnotes rearnotes", ("note", "")),
        ("noteref backlink referrer", ("note mark", "")),
        ("pagebreak", ("page number", "")),
    )
    for name in names.split()
}
_GUTENBERG = re.compile(
    r"(?:^|\s)(?:pg-(?:header|footer|machine-header)|pg-?(?:header|footer)|pg-boilerplate)(?:\s|$)"
)
_MARK = re.compile(
    r"[\[({]?\s*(?:\d{1,3}[a-z]?|[ivxlc]{1,6}|[a-z]|[*\u2020\u2021\u00a7\u00b6\u2016#]{1,4})\s*[\])}]?\.?",
    re.I,
)
_BACK = re.compile("[\u21a9\u2191\u2934\u23ce\u2b06\ufe0e\ufe0f^ ]+")
_NOTE_NAME = re.compile(r"fn|ftn|foot|note|cite|reference|anchor|anm", re.I)
_PAGE_NAME = re.compile(
    r"(?:^|[\s_-])(?:page-?_?(?:num(?:ber)?|no|break)?s?|pg(?:num)?|folio|pageno)(?:[\s_\d-]|$)", re.I
)
_PAGE = re.compile(
    r"[\[({|\u2013\u2014-]*\s*(?:pg?\.?|page|seite|s\.)?\s*(?:\d{1,4}|[ivxlcdm]{1,8})\s*[\])}|"
    r"\u2013\u2014-]*",
    re.I,
)
_LINE_NAME = re.compile(r"(?:^|[\s_-])line-?_?(?:num(?:ber)?|no)s?(?:[\s_-]|$)", re.I)
_INITIAL = re.compile(r"drop-?_?cap|lettrine|(?:^|[\s_-])initial|first-?_?letter|raised-?_?cap", re.I)
_STANZA = re.compile(
    r"stanza|strophe|line-?group|line-?block|verse-?group|quatrain|tercet|couplet|sestet|(?:^|\s)lg(?:\s|$)",
    re.I,
)
_VERSE_LINE = re.compile(r"(?:^|[\s_:-])(?:line|verse-?line|l|verse|i\d+|indent\d*)(?:[\s\d]|$)", re.I)
_SUPER = str.maketrans(
    "0123456789+-\u2212=()n",
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207b\u207c\u207d\u207e\u207f",
)
_SUB = str.maketrans(
    "0123456789+-\u2212=()",
    "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089\u208a\u208b\u208b\u208c\u208d\u208e",
)
_QUOTES = {
    "de": "\u201e\u201c\u201a\u2018", "cs": "\u201e\u201c\u201a\u2018", "sk": "\u201e\u201c\u201a\u2018",
    "pl": "\u201e\u201d\u00ab\u00bb", "hu": "\u201e\u201d\u00bb\u00ab", "ro": "\u201e\u201d\u00ab\u00bb",
    "fr": "\u00ab\u00bb\u00ab\u00bb", "it": "\u00ab\u00bb\u201c\u201d", "es": "\u00ab\u00bb\u201c\u201d",
    "pt": "\u201c\u201d\u2018\u2019", "ru": "\u00ab\u00bb\u201e\u201c", "uk": "\u00ab\u00bb\u201e\u201c",
    "el": "\u00ab\u00bb\u201c\u201d", "sv": "\u201d\u201d\u2019\u2019", "fi": "\u201d\u201d\u2019\u2019",
    "da": "\u00bb\u00ab\u203a\u2039", "ja": "\u300c\u300d\u300e\u300f", "zh": "\u201c\u201d\u2018\u2019",
    "en": "\u201c\u201d\u2018\u2019",
}  # fmt: skip


def words_of(element: etree._Element, limit: int = 2_000) -> str:
    """The first characters in an element, blanks settled."""
    out: list[str] = []
    size = 0
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if local_name(inner) in _BLOCKS:
            out.append(" ")
        text = inner.text if event == "start" else inner.tail if inner is not element else ""
        out.append(text or "")
        size += len(text or "")
        if size > limit:
            break
    return " ".join("".join(out).split())


def declared_kind(element: etree._Element) -> tuple[str, str] | None:
    """What kind of part an element is declared to be, where that is no text of the work: (one, many)."""
    said = f"{element.get('epub:type', '')} {element.get(_EPUB_TYPE, '')} {element.get('role', '')}".lower()
    if said.strip():
        for word in said.split():
            if (kind := _KINDS.get(word.removeprefix("doc-"))) is not None:
                return kind
    if _GUTENBERG.search(f"{element.get('class', '')} {element.get('id', '')}"):
        return "notice of Project Gutenberg", "notices of Project Gutenberg"
    return None


def is_note_mark(element: etree._Element, tag: str) -> bool:
    """Whether a link or a raised sign points to a note. The caller knows whether words stand before it: at
    the start of a note the same sign is its number.
    """
    if tag not in ("a", "sup"):
        return False
    text = words_of(element, 40)
    if not _MARK.fullmatch(text) and not (tag == "a" and _BACK.fullmatch(text)):
        return False
    named = " ".join(str(element.get(name) or "") for name in ("class", "id", "name", "href", "rel"))
    if tag == "a":
        if "#" not in str(element.get("href") or ""):
            return False
        around = (*islice(element.iterancestors(), 3), *islice(element.iter(), 20))
        raised = any(local_name(e) == "sup" for e in around)
        return raised or bool(_NOTE_NAME.search(named)) or bool(_BACK.fullmatch(text))
    links = [a for a in element.iter("a") if "#" in str(a.get("href") or "")]
    return bool(links) or (bool(element.get("class")) and bool(_NOTE_NAME.search(str(element.get("class")))))


def is_page_number(element: etree._Element) -> bool:
    """Whether a class or an id says page (or line) number, and a number is what is there."""
    named = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('name') or ''}"
    if not named.strip() or not (_PAGE_NAME.search(named) or _LINE_NAME.search(named)):
        return False
    text = words_of(element, 40)
    return bool(_PAGE.fullmatch(text)) if _PAGE_NAME.search(named) else text.isdigit()


def is_initial(element: etree._Element, floats: bool) -> bool:
    """Whether an element is a letter set large at the start of a word."""
    named = _INITIAL.search(str(element.get("class") or ""))
    if not named and not floats:
        return False
    text = str(element.get("alt") or "") if local_name(element) == "img" else words_of(element, 40)
    return len(text.strip()) <= 3 and any(sign.isalpha() for sign in text)


def is_word(letter: str) -> bool:
    """Whether one letter may be a word of its own, as the "A" of "A house"."""
    return letter.strip("\u201c\u2018\"'\u00ab ") in ("A", "I", "O", "Y", "\u00c0", "\u00c9", "\u00d3")


def is_stanza(element: etree._Element) -> bool:
    """Whether a class says that this is a group of lines."""
    return bool(_STANZA.search(f"{element.get('class') or ''} {element.get('epub:type') or ''}"))


def is_verse_line(element: etree._Element) -> bool:
    """Whether a class says that this is a line of verse."""
    return bool(_VERSE_LINE.search(str(element.get("class") or "")))


def pictured_letter(element: etree._Element) -> str:
    """The letter or sign that a picture shows (an initial, an emoji), or ''."""
    alt = " ".join(str(element.get("alt") or "").split())
    return (
        alt if len(alt) <= 2 or (len(alt) <= 12 and _INITIAL.search(str(element.get("class") or ""))) else ""
    )


def is_quoted(element: etree._Element) -> bool:
    """Whether the words of a `q` bring their quotation marks with them."""
    return words_of(element, 4)[:1] in ("\u201c", "\u2018", "\u201e", "\u00ab", "\u00bb", '"', "\u300c")


def raised(text: str, tag: str) -> str:
    """Numbers of a `sup` or `sub` as raised or lowered signs, so that they do not run into the number before;
    else the text.
    """
    table = _SUPER if tag == "sup" else _SUB
    plain = text.strip()
    return (
        text.translate(table)
        if plain and any(c.isdigit() for c in plain) and all(ord(c) in table for c in plain)
        else text
    )


def quotation_marks(language: str, depth: int) -> tuple[str, str]:
    """What opens and closes a `q` in this language, inside `depth` others."""
    marks = _QUOTES.get(language.lower().split("-")[0], _QUOTES["en"])
    at = 2 * (depth % 2)
    return marks[at], marks[at + 1]
