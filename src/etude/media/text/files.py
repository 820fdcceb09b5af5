"""Files of text into plain strings: .txt, .md, .html, .epub, .docx, .odt, .rtf, each within limits and in its
own guard.

One step a file: bytes -> markup of its format -> text with `\\n` line ends. What a file is its bytes say
before its suffix does. What is surely no text of the work is left out and named. Knows nothing of the project
folder.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from etude.config.media import TEXT
from etude.errors import WorkError, clean
from etude.media.contract import Reading
from etude.media.encoding import foreign
from etude.media.encoding.decode import decode_text
from etude.media.guard import guarded
from etude.media.text import docx, epub, frontmatter, html, odt, rtf
from etude.media.text.left_out import LeftOut

_MARKED = (".html", ".htm", ".xhtml")
_MARKDOWN = (".md", ".markdown")
_PLAIN = (".txt", ".text")
_ZIPPED = (".epub", ".docx", ".odt")
SUFFIXES = (*_PLAIN, *_MARKDOWN, *_MARKED, *_ZIPPED, ".fodt", ".rtf")
_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]")
_PAGE = re.compile(rb"\s*(?:<!DOCTYPE html|<html|<\?xml[^>]*\?>\s*<(?:!DOCTYPE )?html)", re.I)
_OLD = (".doc", ".dot")
_TRAILING = re.compile(r"[^\S\n](?:\n|\Z)")
_OTHER_OFFICE = {
    "xl/": "a spreadsheet (.xlsx)",
    "ppt/": "a presentation (.pptx)",
    "Index/": "a Pages, Numbers or Keynote document",
}


@dataclass(frozen=True)
class _Kind:
    """A format: how errors call it, its suffix, its reader of (bytes, what is left out, the encoding that the
    person named).
    """

    what: str
    suffix: str
    read: Callable[[bytes, LeftOut, str], Reading]


def sniff(data: bytes, suffix: str) -> bool:
    """Whether `read` has a chance: a container or a format that is read, or bytes that are no known binary
    format.
    """
    if suffix not in SUFFIXES:
        return False
    if data.startswith((b"PK\x03\x04", b"{\\rtf")):
        return True
    if suffix in _ZIPPED or foreign.recognise(data):
        return False
    try:
        decode_text(data[: 64 * 1024])
    except WorkError as error:
        return "--encoding" in error.hint  # a text, perhaps: its reader then says what to name
    return True


def read(data: bytes, suffix: str, encoding: str = "", keep_all: bool = False) -> Reading:
    """The text of a file. `encoding` names that of its bytes where the file does not; `keep_all` leaves
    nothing out.

    Raises WorkError with one sentence: too large, empty, binary, not supported, damaged, protected, a zip
    bomb.
    """
    kind, notes = _kind(data, suffix)
    _check_size(len(data), TEXT.max_unpacked_bytes if kind.suffix in _ZIPPED else TEXT.max_bytes)
    left_out = LeftOut(keep_all)
    with guarded(kind.what):
        reading = kind.read(data, left_out, encoding)
        text = tidy(reading.content)
    _check_size(len(text), TEXT.max_bytes)
    if not text.strip():
        raise _no_text(kind.what, left_out, reading.warnings)
    warnings = (*notes, *reading.warnings, *left_out.warnings())
    return Reading(
        text,
        clean(reading.title, 300),
        clean(reading.maker, 300),
        tuple(clean(note) for note in warnings),
        reading.meta,
    )


def _kind(data: bytes, suffix: str) -> tuple[_Kind, tuple[str, ...]]:
    """What a file is, and a note where its suffix says something else. Raises WorkError for what is not
    read.
    """
    if suffix in _OLD and _starts_like_another(data):
        suffix = ".docx"  # many programs name rich text, pages and new documents so
    if suffix not in SUFFIXES:
        foreign.refuse(data, suffix)
        raise WorkError(
            f"'{clean(suffix, 20)}' is not a text format that Etude reads.",
            f"Save it as one of {', '.join(SUFFIXES)}.",
        )
    named = _KINDS[suffix]
    found = named
    if data.startswith(b"PK\x03\x04"):
        found = _packed(data, named)
    elif data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        found = _KINDS[".rtf"]
    elif suffix in _ZIPPED or suffix == ".rtf":
        foreign.refuse(data)
        if _PAGE.match(data[:400].removeprefix(b"\xef\xbb\xbf")):
            found = _KINDS[".html"]
        elif b"<office:document" in data[:4000]:
            found = _KINDS[".fodt"]
        elif data:
            raise WorkError(
                f"This file is not a valid {named.what}, despite its name.",
                "Save it again from the program that it was written in, or rename it to .txt if it "
                "is plain text.",
            )
    note = (
        (f"its name ends in {suffix}, but it was read as its real type: {found.what}",)
        if found is not named
        else ()
    )
    return found, note


def _starts_like_another(data: bytes) -> bool:
    start = data[:400].removeprefix(b"\xef\xbb\xbf")
    return start.startswith((b"PK\x03\x04", b"{\\rtf")) or _PAGE.match(start) is not None


def _packed(data: bytes, named: _Kind) -> _Kind:
    """Which packed format a zip is, by what lies in it; the one that its suffix names where nothing says
    otherwise.
    """
    with suppress(Exception):  # zipfile raises many kinds; what is wrong with the archive, its reader says
        names = set(zipfile.ZipFile(BytesIO(data)).namelist())
        mimetype = next((name for name in names if name == "mimetype"), None)
        kind = zipfile.ZipFile(BytesIO(data)).read("mimetype")[:80] if mimetype else b""
        if kind.startswith(b"application/epub+zip") or any(name.lower().endswith(".opf") for name in names):
            return _KINDS[".epub"]
        if kind.startswith(b"application/vnd.oasis.opendocument") or {"content.xml", "styles.xml"} <= names:
            return _KINDS[".odt"]
        if any(name.lower().replace("\\", "/").lstrip("/").startswith("word/") for name in names):
            return _KINDS[".docx"]
        other = next(
            (what for start, what in _OTHER_OFFICE.items() if any(n.startswith(start) for n in names)), ""
        )
        if other or named.suffix not in _ZIPPED:
            return _Kind(other or "zip archive", "", _refused(other or "a zip archive"))
    return named


def _refused(what: str) -> Callable[[bytes, LeftOut, str], Reading]:
    def refuse(data: bytes, left_out: LeftOut, encoding: str) -> Reading:
        raise WorkError(
            f"This file is {what}. Its text is not read from it.",
            "Save its text as .docx, .odt, .md or .txt.",
        )

    return refuse


def _no_text(what: str, left_out: LeftOut, warnings: tuple[str, ...]) -> WorkError:
    gone = left_out.warnings()
    if gone:
        return WorkError(
            f"This {what} holds no text but what is left out ({gone[0]}).", "Keep it with --keep-all."
        )
    if warnings:
        return WorkError(
            f"This {what} holds no text that can be read: {warnings[0]}", "Export or download it again."
        )
    return WorkError("This file holds no text.", "Add a file with words in it.")


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise WorkError(
            f"This file holds {size / 2**20:,.1f} MB; one text may hold at most {limit / 2**20:,.0f} MB.",
            "Divide it, for instance into one file a book.",
        )


def tidy(text: str) -> str:
    """Composed characters (NFC), no invisible or control ones, no blanks at line ends, at most two empty
    lines, one line end at the end.
    """
    text = _INVISIBLE.sub("", _BREAKS.sub("\n", text))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if _TRAILING.search(
        text
    ):  # no pattern takes the blanks off: those take time squared on a million of them
        text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = re.sub(r"\n{4,}", "\n\n\n", text).strip("\n")
    return text + "\n" if text else ""


def _read_plain(data: bytes, left_out: LeftOut, encoding: str) -> Reading:
    text, warnings = decode_text(data, encoding=encoding)
    body = frontmatter.strip_gutenberg(text, left_out)
    return Reading(body.content, body.title, body.maker, warnings)


def _read_markdown(data: bytes, left_out: LeftOut, encoding: str) -> Reading:
    text, warnings = decode_text(data, encoding=encoding)
    text, about = frontmatter.split_markdown(text, left_out)
    body = frontmatter.strip_gutenberg(frontmatter.strip_comments(text, left_out), left_out)
    heading = re.search(r"^# +(.+?)#*$", body.content, re.M)
    title = about.get("title") or body.title or (heading[1].strip() if heading else "")
    maker = next(
        (about[key] for key in ("author", "authors", "by", "byline", "creator") if about.get(key)), ""
    )
    return Reading(body.content, title, maker or body.maker, warnings)


def _read_page(data: bytes, left_out: LeftOut, encoding: str) -> Reading:
    text, warnings = decode_text(data, html.declared_encoding(data), encoding)
    page = html.parse(text)
    body = frontmatter.strip_gutenberg(html.to_text(page, left_out, html.sheets_of(page)), left_out)
    return Reading(body.content, body.title or html.title(page), body.maker or html.author(page), warnings)


_KINDS: Mapping[str, _Kind] = {
    **{suffix: _Kind("text", ".txt", _read_plain) for suffix in _PLAIN},
    **{suffix: _Kind("Markdown text", ".md", _read_markdown) for suffix in _MARKDOWN},
    **{suffix: _Kind("page", ".html", _read_page) for suffix in _MARKED},
    ".epub": _Kind("e-book", ".epub", epub.read),
    ".docx": _Kind("Word document", ".docx", docx.read),
    ".odt": _Kind("OpenDocument text", ".odt", odt.read),
    ".fodt": _Kind("OpenDocument text", ".fodt", odt.read),
    ".rtf": _Kind("rich-text file", ".rtf", rtf.read),
}
