"""What stands before and after a text and is not the maker's: Project Gutenberg's notices, title pages, contents, settings of Markdown.

Left out, so that no model learns licences and tables of contents. Knows only plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from etude.media.contract import Reading

_START = re.compile(r"^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG.*?\*{3}[^\S\n]*$", re.M | re.I | re.S)
_OLD_START = re.compile(r"^\*END\W*THE SMALL PRINT.*$", re.M | re.I)
_END = re.compile(r"^(?:\*{3} ?)?END OF (?:THE|THIS)? ?PROJECT GUTENBERG", re.M | re.I)
_PRODUCED = re.compile(
    r"\A\s*(?:(?:E-?text |This e-?text was )?(?:produced|prepared|transcribed) by|\[?Transcriber['\u2019]s note).*?\n\s*\n",
    re.I | re.S,
)
_CONTENTS = re.compile(r"^[^\S\n]*(?:TABLE OF )?CONTENTS\.?[^\S\n]*$", re.M | re.I)
_MARKER = {"---": "---", "+++": "+++"}
_REACH = 40_000  # characters: contents end before this, or they are no contents


def strip_gutenberg(text: str) -> Reading:
    """The text between Project Gutenberg's markers, without producers' notes and contents; any other text as it is."""
    start = _START.search(text) or _OLD_START.search(text)
    end = _END.search(text, start.end() if start else 0)
    if not start and not end:
        return Reading(text)
    head = text[: start.start()] if start else ""
    body = text[start.end() if start else 0 : end.start() if end else len(text)]
    for _ in range(3):  # producers, then transcribers, then a note on the edition
        body = _PRODUCED.sub("", body, count=1)
    return Reading(_after_contents(body).strip("\n") + "\n", _field(head, "Title"), _field(head, "Author"))


def split_markdown(text: str) -> tuple[str, Mapping[str, str]]:
    """(the text without its settings at the top, the simple `key: value` or `key = "value"` lines of those settings)."""
    lines = text.split("\n")
    close = _MARKER.get(lines[0].strip())
    if close is None:
        return text, {}
    for i, line in enumerate(lines[1:], 1):
        if line.strip() == close or (close == "---" and line.strip() == "..."):
            found = (re.match(r"\s*([\w-]+)\s*[:=]\s*(.*?)\s*$", setting) for setting in lines[1:i])
            return "\n".join(lines[i + 1 :]), {m[1].lower(): m[2].strip("\"'") for m in found if m}
    return text, {}


def strip_comments(text: str) -> str:
    """Markdown without its `<!-- -->` comments; one that is never closed stays."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def _field(head: str, name: str) -> str:
    found = re.search(rf"^{name}:[^\S\n]*(.+(?:\n[^\S\n]+.+)*)", head, re.M)
    return " ".join(found[1].split()) if found else ""


def _after_contents(body: str) -> str:
    """From where the first entry of the contents comes again: title page, copyright and contents lie before it."""
    contents = _CONTENTS.search(body, 0, _REACH)
    if not contents:
        return body
    lines = [
        (m.start() + contents.end(), _plain(m[0]))
        for m in re.finditer(r"[^\n]+", body[contents.end() : contents.end() + _REACH])
    ]
    entries = [(at, line) for at, line in lines if line]
    if not entries:
        return body
    first = entries[0][1]
    again = next((at for at, line in entries[1:] if line == first), None)
    if again is None and (
        numeral := re.match(r"(?:chapter|book|canto|part|act|letter|stave) \w+|[ivxlc]+(?= )", first)
    ):
        again = next(
            (at for at, line in entries[1:] if line == numeral[0]), None
        )  # the number stands alone above its chapter
    return body if again is None else body[again:]


def _plain(line: str) -> str:
    """A line without page numbers, dots and case, so that an entry equals its heading."""
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"[\s.]+\d+\s*$", "", line[:200])).casefold().split())
