"""EPUB e-books: every part that can be read, in reading order; what is declared as cover, contents or notice
left out.

Only the package file says what belongs to the book and in which order (EPUB 3.3, W3C 2023), but books get it
wrong in every way: parts of odd media types, of other spellings, missing, empty or damaged are read if they
can be, and named if not. Fonts, pictures and scripts are never opened. Knows nothing of the project folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from etude.errors import WorkError, clean
from etude.media.archive import Archive
from etude.media.contract import Reading
from etude.media.encoding.decode import decode_text
from etude.media.guard import guarded
from etude.media.text import frontmatter, html, marks
from etude.media.text.css import local_name
from etude.media.text.left_out import LeftOut

_DECLARED = {  # what guides and landmarks call parts that are no text
    "cover": "cover page", "title-page": "title page", "titlepage": "title page",
    "halftitlepage": "title page", "toc": "table of contents", "copyright-page": "copyright page",
    "copyright": "copyright page", "colophon": "copyright page", "imprint": "copyright page",
    "loi": "table of contents", "lot": "table of contents", "index": "index",
    "landmarks": "table of contents", "page-list": "table of contents",
}  # fmt: skip
# Characters of a part that only a guide calls so: guides are often wrong, and a longer part is a text.
_MOST = {"cover page": 500, "title page": 1_000, "copyright page": 5_000}
_RESIDUE = 200  # characters beside the links of a navigation document: "Contents", and the name of the book
_MANY = {"table of contents": "tables of contents", "index": "indexes"}
_PICTURES = ("image/", "video/", "audio/", "font/", "application/font", "text/css", "application/javascript")


@dataclass
class _Book:
    """What is known of a book while it is read."""

    archive: Archive
    left_out: LeftOut
    encoding: str
    whole: dict[str, str] = field(default_factory=dict)  # part -> what a guide declares it to be
    places: dict[str, dict[str, str]] = field(default_factory=dict)  # part -> id in it -> the same
    labels: dict[tuple[str, str], str] = field(
        default_factory=dict
    )  # (part, id) -> its title in the table of contents
    warnings: list[str] = field(default_factory=list)
    sheets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    name: str
    text: str
    links: tuple[
        tuple[str, str, str], ...
    ] = ()  # (words, part, id) of the links into the book, where nearly all words are links


def read(data: bytes, left_out: LeftOut, encoding: str = "") -> Reading:
    """The text of an e-book. Raises WorkError where nothing of it can be read, or where it is protected or a
    zip bomb.
    """
    archive = Archive(data, "e-book")
    book = _Book(archive, left_out, encoding)
    package_name = _package(archive)
    package = archive.xml(package_name, mend=True)
    folder = posixpath.dirname(package_name)
    items = {str(i.get("id", "")).strip(): i for i in _all(package, "item")}
    _declared_parts(book, package, folder, items)
    locked = _locked(archive)
    parts: list[_Part] = []
    refused: list[WorkError] = []
    for name, kind, linear in _spine(book, package, folder, items):
        if archive.find(name) in locked:
            raise WorkError(
                "This e-book is protected (DRM): its chapters are encrypted.",
                "Add a copy without protection, if you may.",
            )
        try:
            with guarded("part"):
                part = _part(book, name, kind)
        except WorkError as error:
            refused.append(error)
            book.warnings.append(
                f"could not read the part {clean(posixpath.basename(name), 60)}: {error.message}"
            )
            continue
        if (
            kind == "nav"
            and len(part.text) < _RESIDUE
            and left_out.take(part.text, "table of contents", "tables of contents")
        ):
            continue
        if not linear and left_out.take(
            part.text, "part outside the reading order", "parts outside the reading order"
        ):
            continue
        declared = book.whole.get(archive.find(name) or "")
        if declared and (part.links or len(part.text) <= _MOST.get(declared, 0)):
            if left_out.take(part.text, declared, _MANY.get(declared, "")):
                continue
        parts.append(part)
    if refused and not any(part.text.strip() for part in parts):
        raise refused[0]
    kept = [part.text for part in _without_contents(book, parts) if part.text.strip()]
    body = frontmatter.strip_gutenberg("\n\n\n".join(kept), left_out)
    return Reading(body.content, _about(package, "title"), _makers(package), (*book.warnings,))


def _package(archive: Archive) -> str:
    """The name of the package file: as the container says, or the only one that there is."""
    others = sorted((name for name in archive.names() if name.lower().endswith(".opf")), key=len)
    try:
        root = archive.xml("META-INF/container.xml", mend=True)
    except WorkError:
        if others:
            return others[0]
        raise
    named = [str(r.get("full-path", "")) for r in _all(root, "rootfile")]
    name = next((name for name in named if archive.find(name)), "") or next(iter(others), "")
    if not name:
        raise WorkError(
            "This e-book is damaged: it does not name its package file.", "Export or download it again."
        )
    return name


def _spine(
    book: _Book, package: etree._Element, folder: str, items: dict[str, etree._Element]
) -> Iterator[tuple[str, str, bool]]:
    """(name, media type or "nav", in the reading order) of every part that may hold text, each once."""
    entries = [
        (str(e.get("idref", "")).strip(), str(e.get("linear", "yes")).lower() != "no")
        for e in _all(package, "itemref")
    ]
    if not entries:
        entries = [(key, True) for key, item in items.items() if _may_be_text(item)]
        if entries:
            book.warnings.append(
                "the e-book names no reading order: its parts were read in the order of its list"
            )
        else:
            yield from _unlisted(book)
    seen: set[str] = set()
    for idref, linear in entries:
        item = items.get(idref)
        if item is None:
            book.warnings.append(
                f"could not read the part {clean(idref, 60)}: the e-book's list does not name its file"
            )
            continue
        for _ in range(8):  # a part of a foreign kind names another that stands in for it
            other = items.get(str(item.get("fallback", "")))
            if _may_be_text(item) or other is None:
                break
            item = other
        name = _target(folder, str(item.get("href", "")))
        if name in seen:
            continue
        seen.add(name)
        if not _may_be_text(item):
            book.warnings.append(
                f"could not read the part {clean(posixpath.basename(name), 60)}: it is "
                f"{clean(str(item.get('media-type', '')), 40)}, not a text"
            )
            continue
        nav = "nav" in str(item.get("properties", "")).split()
        yield name, "nav" if nav else str(item.get("media-type", "")).strip().lower(), linear


def _unlisted(book: _Book) -> Iterator[tuple[str, str, bool]]:
    """The pages of a book whose list of parts is lost, in the order in which they lie in the file."""
    pages = [name for name in book.archive.names() if name.lower().endswith((".xhtml", ".html", ".htm"))]
    if pages:
        book.warnings.append(
            "the e-book's list of parts is damaged: its pages were read in the order of the file"
        )
    yield from ((name, "", True) for name in pages)


def _may_be_text(item: etree._Element) -> bool:
    """Whether a part may be a text: what says so in any spelling, or nothing that is surely none."""
    kind = str(item.get("media-type", "")).strip().lower()
    suffix = posixpath.splitext(str(item.get("href", "")).split("#")[0])[1].lower()
    if suffix in (".xhtml", ".html", ".htm", ".xml", ".txt"):
        return True
    if kind in ("image/svg+xml", "") or any(word in kind for word in ("html", "oeb1", "dtbook")):
        return True
    return kind.startswith("text/") and not kind.startswith(_PICTURES)


def _part(book: _Book, name: str, kind: str) -> _Part:
    """The text of one part of the book; '' where it holds none."""
    raw = book.archive.read(name)
    if not raw.strip():
        return _Part(name, "")
    text, notes = decode_text(raw, html.declared_encoding(raw), book.encoding)
    book.warnings += [f"{clean(posixpath.basename(name), 60)}: {note}" for note in notes]
    if kind == "text/plain" or not re.search(r"<[a-zA-Z!?/]", text):
        return _Part(name, text.strip())
    page = html.parse(_without_cdata(text))
    body = page.find(".//body")
    if body is None:
        body = page
    found = book.archive.find(name) or name
    folder = posixpath.dirname(found)
    places = book.places.get(found, {})

    def sheet(href: str) -> str:
        return _sheet(book, _target(folder, href))

    def skip(element: etree._Element) -> tuple[str, str] | None:
        declared = places.get(str(element.get("id") or "")) if places and element is not body else None
        if not declared or _linked_share(element) < 0.5:
            return None
        return declared, _MANY.get(declared, "")

    words = html.to_text(body, book.left_out, html.sheets_of(page, sheet), skip).strip("\n")
    return _Part(found, words, _links(book, body, folder, found))


def _sheet(book: _Book, name: str) -> str:
    found = book.archive.find(name)
    if found is None:
        return ""
    if found not in book.sheets:
        try:
            book.sheets[found] = book.archive.read(found)[:2_000_000].decode("utf-8", "replace")
        except WorkError:
            book.sheets[found] = ""  # the text stands without it
    return book.sheets[found]


def _links(book: _Book, body: etree._Element, folder: str, name: str) -> tuple[tuple[str, str, str], ...]:
    """Where the links of a part lead, if nearly all of its words are links into the book; else ()."""
    if _linked_share(body) < 0.6:
        return ()
    found = []
    for link in body.iter("a"):
        href = str(link.get("href") or "")
        if not href or re.match(r"[a-z][a-z0-9+.-]*:", href, re.I):
            continue
        target, _, place = href.partition("#")
        part = book.archive.find(_target(folder, target)) if target else name
        found.append((marks.words_of(link, 200), part or "", unquote(place)))
    return tuple(found)


def _linked_share(element: etree._Element) -> float:
    """The share of the letters in an element that stand in links."""
    whole = linked = inside = 0
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        link = inner.tag == "a" and bool(inner.get("href"))
        inside += link if event == "start" else -link
        text = inner.text if event == "start" else inner.tail if inner is not element else ""
        n = len("".join((text or "").split()))
        whole += n
        linked += n if inside else 0
    return linked / whole if whole else 0.0


def _without_cdata(text: str) -> str:
    """XHTML whose marked sections are plain text, which a parser of HTML would take for comments."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        kept += [text[at:start], text[start + 9 : end].replace("&", "&amp;").replace("<", "&lt;")]
        at = end + 3
    return "".join([*kept, text[at:]])


def _without_contents(book: _Book, parts: list[_Part]) -> Iterator[_Part]:
    """The parts without those that are surely contents: each line leads to a part and says what the table of
    contents calls it, or how that part begins. A page of links that says anything else is a text.
    """
    starts = {part.name: _plain(part.text[:400]) for part in parts}
    for part in parts:
        if len(part.links) > 1 and book.left_out.keep_all is False:
            told = [
                words
                for words, target, place in part.links
                if (plain := _plain(words))
                and (
                    plain in _plain(book.labels.get((target, place), ""))
                    or starts.get(target, "").startswith(plain)
                )
            ]
            if len(told) >= 0.8 * len(part.links) and book.left_out.take(
                part.text, "table of contents", "tables of contents"
            ):
                continue
        yield part


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text).casefold().split())


def _declared_parts(
    book: _Book, package: etree._Element, folder: str, items: dict[str, etree._Element]
) -> None:
    """What the guide (EPUB 2) and the landmarks (EPUB 3) declare, and how the tables of contents call the
    parts.
    """
    for reference in _all(package, "reference"):
        _declare(book, folder, str(reference.get("href", "")), str(reference.get("type", "")))
    for item in items.values():
        nav = "nav" in str(item.get("properties", "")).split()
        ncx = "dtbncx" in str(item.get("media-type", "")) or str(item.get("href", "")).lower().endswith(
            ".ncx"
        )
        name = book.archive.find(_target(folder, str(item.get("href", "")))) if nav or ncx else None
        if name is None:
            continue
        try:
            root = book.archive.xml(name, mend=True)
        except WorkError:
            continue  # only titles are wanted of it
        base = posixpath.dirname(name)
        for point in _all(root, "navpoint"):
            label, content = next(iter(_all(point, "text")), None), next(iter(_all(point, "content")), None)
            if label is not None and content is not None:
                _label(book, base, str(content.get("src", "")), " ".join(label.itertext()))
        for link in _all(root, "a"):
            href = str(link.get("href") or "")
            _label(book, base, href, marks.words_of(link, 200))
            for kind in str(link.get("{http://www.idpf.org/2007/ops}type") or "").split():
                _declare(book, base, href, kind)


def _declare(book: _Book, folder: str, href: str, kind: str) -> None:
    declared = _DECLARED.get(kind.strip().lower().removeprefix("other."))
    name = book.archive.find(_target(folder, href))
    if declared and name:
        place = unquote(href.partition("#")[2])
        if place:
            book.places.setdefault(name, {})[place] = declared
        else:
            book.whole[name] = declared


def _label(book: _Book, folder: str, href: str, words: str) -> None:
    name = book.archive.find(_target(folder, href))
    if name and words.strip():
        place = unquote(href.partition("#")[2])
        book.labels.setdefault((name, place), words)
        book.labels.setdefault((name, ""), words)


def _locked(archive: Archive) -> set[str]:
    """Parts that are encrypted; fonts often are, harmlessly."""
    if archive.find("META-INF/encryption.xml") is None:
        return set()
    root = archive.xml("META-INF/encryption.xml", mend=True)
    named = (archive.find(unquote(str(r.get("URI", "")))) for r in _all(root, "cipherreference"))
    return {name for name in named if name}


def _target(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#", 1)[0])))


def _about(package: etree._Element, name: str) -> str:
    return next((" ".join("".join(e.itertext()).split()) for e in _all(package, name)), "")


def _makers(package: etree._Element) -> str:
    """Who wrote the book: all creators, but those whose role is another (translators, illustrators)."""
    roles = {
        str(e.get("refines", "")).lstrip("#"): "".join(e.itertext()).strip().lower()
        for e in _all(package, "meta")
        if e.get("property") == "role"
    }
    found = []
    for creator in _all(package, "creator"):
        said = next((str(v).lower() for k, v in creator.attrib.items() if str(k).endswith("role")), "")
        role = said or roles.get(str(creator.get("id", "")), "")
        words = " ".join("".join(creator.itertext()).split())
        if words and role in ("", "aut", "author", "cre"):
            found.append(words)
    return ", ".join(found) or _about(package, "creator")


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    """Elements by local name in small letters, whatever the namespace: books get it wrong often."""
    return [e for e in root.iter() if local_name(e) == name]
