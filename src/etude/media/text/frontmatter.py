"""What stands before and after a text and is surely not the maker's: Project Gutenberg's frame, settings of
Markdown.

Surely means by its own markers, never by what a passage is about: a poem called "Contents" stays, and a poem
between two rules is no settings. Knows only plain text.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping

from etude.media.contract import Reading
from etude.media.text.left_out import LeftOut

_START = re.compile(
    r"^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG(?:[^*\n]|\*(?!\*\*)|\n(?!\n"
    r")){0,300}?(?:\*{3}[^\S\n]*$|(?=\n\n))",
    re.M | re.I,
)
_OLD_START = re.compile(r"^\*END\W*THE SMALL PRINT.*$", re.M | re.I)
_END = re.compile(r"^(?:\*{3} ?)?END OF (?:THE|THIS)? ?PROJECT GUTENBERG", re.M | re.I)
_PRODUCED = re.compile(
    r"\A\s*(?:(?:E-?text |This e-?text was )?(?:produced|prepared|transcribed) "
    r"by|\[?Transcriber['\u2019]s note).*?\n\s*\n",
    re.I | re.S,
)
_CONTENTS = re.compile(r"^[^\S\n]*(?:TABLE OF )?CONTENTS\.?[^\S\n]*$", re.M | re.I)
_REACH = 40_000  # characters: contents end before this, or they are no contents
_FRAME = ("frame of Project Gutenberg", "parts of Project Gutenberg's frame")
_SETTINGS = ("block of settings", "blocks of settings")
_KEY = re.compile(r"""(?P<key>"[^"]{1,80}"|'[^']{1,80}'|[^\W\d][\w .-]{0,60}?)\s*:(?:\s+(?P<value>.*))?$""")
# Settings name at least one of these; else lines of "Name: words" are as likely a play.
_KNOWN = frozenset({
    "title", "titles", "subtitle", "short_title", "author", "authors", "by", "byline", "date", "created",
    "updated", "modified", "lastmod", "published", "publishdate", "pubdate", "tags", "tag", "categories",
    "category", "keywords", "layout", "permalink", "slug", "url", "aliases", "alias", "cssclass",
    "cssclasses", "draft", "description", "summary", "abstract", "excerpt", "lang", "language", "id",
    "uuid", "uid", "type", "template", "weight", "series", "series_order", "toc", "output", "bibliography",
    "csl", "header-includes", "geometry", "documentclass", "status", "comments", "image", "cover",
    "featured", "featured_image", "math", "sidebar_position", "sidebar_label", "nav_order", "parent",
    "license", "licence", "rights", "copyright", "publisher", "isbn", "identifier", "creator",
    "contributor", "wordcount", "words", "notebook", "project", "collection", "publish",
})  # fmt: skip


def strip_gutenberg(text: str, left_out: LeftOut) -> Reading:
    """The text between Project Gutenberg's markers, without producers' notes and contents; any other text as
    it is.
    """
    start = _START.search(text) or _OLD_START.search(text)
    end = _END.search(text, start.end() if start else 0)
    if not start and not end:
        return Reading(text)
    head = text[: start.end()] if start else ""
    tail = text[end.start() :] if end else ""
    body = text[start.end() if start else 0 : end.start() if end else len(text)]
    about = (_field(head, "Title"), _field(head, "Author"))
    if left_out.keep_all:
        return Reading(text, *about)
    for part in (head, tail):
        left_out.take(part, *_FRAME)
    for _ in range(3):  # producers, then transcribers, then a note on the edition
        note = _PRODUCED.match(body)
        if note:
            left_out.take(note[0], "producer's note")
            body = body[note.end() :]
    body = _without_title_page(body, *about, left_out)
    return Reading(_without_contents(body, left_out).strip("\n") + "\n", *about)


def split_markdown(text: str, left_out: LeftOut) -> tuple[str, Mapping[str, str]]:
    """(the text without its settings at the top, the simple ones among those settings)."""
    lines = text.split("\n")
    fence = lines[0].rstrip()
    if fence[:1] == "%":
        return _title_block(text, lines, left_out)
    if fence not in ("---", "+++"):
        return text, {}
    closing = ("+++",) if fence == "+++" else ("---", "...")
    close = next((i for i, line in enumerate(lines[1:500], 1) if line.rstrip() in closing), None)
    if close is None:
        return text, {}
    block = lines[1:close]
    found = _toml("\n".join(block)) if fence == "+++" else _yaml(block)
    if found is None:
        return text, {}
    gone = left_out.take("\n".join(block), *_SETTINGS)
    return ("\n".join(lines[close + 1 :]) if gone else text), found


def _title_block(text: str, lines: list[str], left_out: LeftOut) -> tuple[str, Mapping[str, str]]:
    """The same for Pandoc's block of title, authors and date: two or three lines that begin with a per cent
    sign, each with what it goes on with on indented lines, and an empty line after them."""
    end = next((i for i, line in enumerate(lines[:20]) if not line.strip()), len(lines))
    rows: list[str] = []
    for line in lines[:end]:
        if line[:1] == "%":
            rows.append(line[1:].strip())
        elif rows and line[:1] in (" ", "\t"):
            rows[-1] = f"{rows[-1]} {line.strip()}"
        else:
            return text, {}
    if not 2 <= len(rows) <= 3 or not any(rows[:2]) or any("%" in row for row in rows):
        return text, {}
    found = {"title": rows[0], "author": ", ".join(one.strip() for one in rows[1].split(";") if one.strip())}
    gone = left_out.take("\n".join(lines[:end]), *_SETTINGS)
    return ("\n".join(lines[end:]).lstrip("\n") if gone else text), {k: v for k, v in found.items() if v}


def strip_comments(text: str, left_out: LeftOut) -> str:
    """Markdown without its `<!-- -->` comments; one that is never closed stays, and so does one inside
    code.
    """
    kept: list[str] = []
    at = 0
    code = _code(text) if "<!--" in text and ("`" in text or "~~~" in text) else []
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        inside = next((span for span in code if span[0] <= start < span[1]), None)
        if inside is not None:
            kept.append(text[at : inside[1]])
            at = inside[1]
            continue
        gone = left_out.take(text[start + 4 : end], "comment")
        kept.append(text[at:start] if gone else text[at : end + 3])
        at = end + 3
    return "".join([*kept, text[at:]])


def _code(text: str) -> list[tuple[int, int]]:
    """Where code stands: fenced blocks, and runs between equal numbers of backticks."""
    spans = [
        m.span()
        for m in re.finditer(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(?:(?! {0,3}\1).*\n)*(?: {0,3}\1.*)?$", text, re.M)
    ]
    spans += [m.span() for m in re.finditer(r"(?<!`)(`{1,2})(?!`)[^`\n]{1,400}\1(?!`)", text)]
    return sorted(spans)


def _yaml(block: list[str]) -> dict[str, str] | None:
    """The keys and simple values of a block of settings; None where it is none: a line that no settings hold,
    a key twice, a blank first line, or no key that settings are known to have.
    """
    if not block or not block[0].strip():
        return None
    found: dict[str, str] = {}
    last = ""
    literal = False
    for line in block:
        bare = line.strip()
        indented = line[:1] in (" ", "\t")
        if not bare or bare.startswith("#") or (literal and indented):
            continue
        literal = False
        if last and (indented or bare.startswith(("- ", "-\t")) or bare in ("-", "]", "}")):
            found[last] = _joined(found[last], bare)
            continue
        key = _KEY.match(bare) if not indented else None
        if not key:
            return None
        name = key["key"].strip("\"'").lower()
        if name in found:
            return None
        value = key["value"] or ""
        literal = value.strip() in ("|", ">", "|-", ">-", "|+", ">+")
        found[name] = "" if literal else _plain_value(value)
        last = name
    return found if any(name.replace(" ", "_") in _KNOWN for name in found) else None


def _joined(value: str, item: str) -> str:
    """A list's next item, or the next line of a value, added to a value."""
    name = re.match(r"-\s+(?:name\s*:\s*)?(.+)$", item) or re.match(r"name\s*:\s*(.+)$", item)
    if name and not re.match(r"[\w-]+\s*:\s", name[1]):
        return f"{value}, {_plain_value(name[1])}".removeprefix(", ")
    return value


def _plain_value(value: str) -> str:
    """A value without its quotation marks and comment; a list in brackets with commas between."""
    value = value.strip()
    if value[:1] == "[" and value[-1:] == "]":
        items = re.findall(r"\"[^\"]*\"|'[^']*'|[^,\[\]]+", value)
        return ", ".join(item.strip().strip("\"'") for item in items if item.strip())
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return value.partition(" #")[0].strip()


def _toml(block: str) -> dict[str, str] | None:
    try:
        table = tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return {key.lower(): _toml_value(value) for key, value in table.items()} if table else None


def _toml_value(value: object) -> str:
    return ", ".join(map(_toml_value, value)) if isinstance(value, list) else str(value)


def _field(head: str, name: str) -> str:
    found = re.search(rf"^{name}:[^\S\n]*(.+(?:\n[^\S\n]+.+)*)", head, re.M)
    return " ".join(found[1].split()) if found else ""


def _without_title_page(body: str, title: str, author: str, left_out: LeftOut) -> str:
    """Without the first paragraphs, as long as they only say the title, the author and the copyright that the
    frame says as well.
    """
    end = 0
    known = {f"{word}{_plain(author)}" for word in ("", "by ")} | {"by"} if author else set()
    for paragraph in re.finditer(r"\s*([^\n]+(?:\n[^\n]+)*)\s*?(?=\n\s*\n|\Z)", body[:2_000]):
        words = _plain(paragraph[1])
        is_title = bool(words) and bool(title) and _plain(title).startswith(words)
        if not (
            is_title
            or words in known
            or re.fullmatch(r"(?:copyright|\u00a9|\(c\)).{0,80}", paragraph[1], re.I)
        ):
            break
        end = paragraph.end()
    if not end or not left_out.take(body[:end], "title page"):
        return body
    return body[end:]


def _without_contents(body: str, left_out: LeftOut) -> str:
    """Without the list of contents: the lines below that heading which come again, as headings, after the
    list.
    """
    contents = _CONTENTS.search(body, 0, _REACH)
    if not contents:
        return body
    reach = body[contents.end() : contents.end() + _REACH]
    lines = [
        (m.end() + contents.end(), m[0], _plain(m[0])) for m in re.finditer(r"[^\n]+", reach) if _plain(m[0])
    ]
    later = Counter(_plain(line) for line in body[contents.end() :].split("\n"))
    end = n = 0
    for at, (stop, line, entry) in enumerate(lines):
        listed = bool(re.search(r"(?:\.{2,}|\s{2,}|\s)\d+\s*$", line)) or later[entry] > 1
        numeral = re.match(r"(?:chapter|book|canto|part|act|letter|stave) \w+|[ivxlc]+(?= )", entry)
        if at and entry == lines[0][2]:
            break  # the first heading itself: the list has ended
        if not listed and not (numeral and numeral[0] in later):
            break
        end, n = stop, n + 1
        if at > 400:
            break
    if n < 2 or not left_out.take(body[contents.start() : end], "table of contents", "tables of contents"):
        return body
    return body[: contents.start()] + body[end:]


def _plain(line: str) -> str:
    """A line without page numbers, dots and case, so that an entry equals its heading."""
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"[\s.]+\d+\s*$", "", line[:200])).casefold().split())
