"""Files of text into plain strings: .txt, .md, .html, .epub, .docx, each within limits, each without its front matter.

One step a file: bytes -> markup of its format -> text with `\\n` line ends. Knows nothing of the project folder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from etude.config.media import TEXT
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.text import docx, epub, frontmatter, html
from etude.media.text.encoding import decode_text, foreign_format

_MARKED = (".html", ".htm", ".xhtml")
_PLAIN = (".txt", ".text", ".md", ".markdown")
_ZIPPED = (".epub", ".docx")
SUFFIXES = (*_PLAIN, *_MARKED, *_ZIPPED)


def sniff(data: bytes, suffix: str) -> bool:
    """Whether `read` has a chance: the right container, or bytes that are no known binary format."""
    if suffix in _ZIPPED:
        return data.startswith(b"PK\x03\x04")
    if suffix not in SUFFIXES or foreign_format(data):
        return False
    try:
        decode_text(data[: 64 * 1024])
    except WorkError:
        return False
    return True


def read(data: bytes, suffix: str) -> Reading:
    """The text of a file. Raises WorkError with one sentence: too large, empty, binary, damaged, protected, a zip bomb."""
    if suffix not in SUFFIXES:
        raise WorkError(
            f"'{suffix}' is no text format that Etude reads.", f"Save it as one of {', '.join(SUFFIXES)}."
        )
    _check_size(len(data), TEXT.max_unpacked_bytes if suffix in _ZIPPED else TEXT.max_bytes)
    reader: Callable[[bytes], Reading] = {".epub": epub.read, ".docx": docx.read}.get(
        suffix, _read_marked if suffix in _MARKED else _read_plain
    )
    if suffix in (".md", ".markdown"):
        reader = _read_markdown
    reading = reader(data)
    text = tidy(reading.content)
    _check_size(len(text), TEXT.max_bytes)
    if not text.strip():
        raise WorkError("This file holds no text.", "Add a file with words in it.")
    return Reading(text, reading.title.strip(), reading.maker.strip(), reading.warnings, reading.meta)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise WorkError(
            f"This file holds {size / 2**20:,.1f} MB; one text may hold at most {limit / 2**20:,.0f} MB.",
            "Divide it, for instance into one file a book.",
        )


def tidy(text: str) -> str:
    """Composed characters (NFC), no invisible ones, no blanks at line ends, at most two empty lines, one line end at the end."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = re.sub("[\u00ad\u200b\u2060\ufeff]", "", text)
    text = "\n".join(
        line.rstrip() for line in text.split("\n")
    )  # not a pattern: those take time squared on a million blanks
    text = re.sub(r"\n{4,}", "\n\n\n", text).strip("\n")
    return text + "\n" if text else ""


def _read_plain(data: bytes) -> Reading:
    text, warnings = decode_text(data)
    return _without_gutenberg(text, warnings)


def _read_markdown(data: bytes) -> Reading:
    text, warnings = decode_text(data)
    body, about = frontmatter.split_markdown(text)
    reading = _without_gutenberg(frontmatter.strip_comments(body), warnings)
    heading = re.search(r"^# +(.+?)#*$", reading.content, re.M)
    title = about.get("title") or reading.title or (heading[1] if heading else "")
    return Reading(reading.content, title, about.get("author", "") or reading.maker, reading.warnings)


def _read_marked(data: bytes) -> Reading:
    text, warnings = decode_text(data, html.declared_encoding(data))
    page = html.parse(text)
    reading = _without_gutenberg(html.to_text(page), warnings)
    return Reading(
        reading.content,
        reading.title or html.title(page),
        reading.maker or html.author(page),
        reading.warnings,
    )


def _without_gutenberg(text: str, warnings: tuple[str, ...]) -> Reading:
    body = frontmatter.strip_gutenberg(text)
    if len(body.content) < len(text):
        warnings = (
            *warnings,
            f"left out {len(text) - len(body.content):,} characters of front and back matter",
        )
    return Reading(body.content, body.title, body.maker, warnings)
