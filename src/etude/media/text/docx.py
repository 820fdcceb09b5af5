"""Word documents (.docx): the text as it stands and as it is printed, with its text boxes and imported
pieces.

Office Open XML (ECMA-376 parts 1 and 2). The package says where its parts are; macros, pictures and linked
files are never opened. The body is `docx_body.py`, styles are `docx_styles.py`. Knows nothing of the project
folder."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from lxml import etree

from etude.errors import WorkError, clean
from etude.media.archive import Archive
from etude.media.contract import Reading
from etude.media.encoding.decode import decode_text
from etude.media.guard import guarded
from etude.media.text import html
from etude.media.text.css import local_name
from etude.media.text.docx_body import Body, Parts
from etude.media.text.docx_styles import child, read_styles, value
from etude.media.text.left_out import LeftOut
from etude.media.text.paragraphs import Paragraph, join

_RELATION = "/relationships/"  # kinds of relations end in a word after it, in both editions of the standard
_MAX_NESTED = 3  # documents in documents


def read(data: bytes, left_out: LeftOut, encoding: str = "") -> Reading:
    """The text of a document. Raises WorkError where it is damaged, protected or a zip bomb."""
    return _Document(data, left_out, encoding, 0).read()


class _Document:
    def __init__(self, data: bytes, left_out: LeftOut, encoding: str, depth: int) -> None:
        self._archive = Archive(data, "document")
        self._left_out = left_out
        self._encoding = encoding
        self._depth = depth
        self._warnings: list[str] = []
        relations = self._relations("")
        named = next((target for kind, target in relations.values() if kind == "officeDocument"), "")
        others = sorted(name for name in self._archive.names() if _is_main(name))
        found = self._archive.find(named) if named else None
        self._main: str = found or next(iter(others), "word/document.xml")
        self._related = self._relations(self._main)

    def read(self) -> Reading:
        root = self._archive.xml(self._main, mend=True)
        styles = read_styles(self._optional("styles"))
        parts = Parts(styles, self._notes(), self._imported, self._diagram)
        body = child(root, "body")
        paragraphs = Body(parts, self._left_out).read(body if body is not None else root)
        above, below = self._page_parts(parts, "header"), self._page_parts(parts, "footer")
        return Reading(join([*above, *paragraphs, *below]), *self._about(), tuple(self._warnings))

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (the last word of its kind, the part it leads to) of a part, or of the package."""
        folder, name = posixpath.split(part)
        listed = self._archive.find(posixpath.join(folder, "_rels", f"{name}.rels"))
        if listed is None:
            return {}
        found = {}
        for relation in self._archive.xml(listed, mend=True):
            kind = value(relation, "Type").rpartition(_RELATION)[2].rpartition("/")[2]
            target = value(relation, "Target")
            if value(relation, "TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[value(relation, "Id")] = kind, target
        return found

    def _optional(self, kind: str) -> etree._Element | None:
        """A part of the document by its kind of relation, or its usual name; None where it is missing or
        damaged."""
        named = [target for known, target in self._related.values() if known == kind]
        for name in (*named, posixpath.join(posixpath.dirname(self._main), f"{kind}.xml")):
            if self._archive.find(name):
                try:
                    return self._archive.xml(name, mend=True)
                except WorkError as error:
                    self._warnings.append(f"could not read the part {clean(name, 60)}: {error.message}")
                    return None
        return None

    def _notes(self) -> Callable[[str, str], str]:
        """Asks for the words of a note by "footnote" or "endnote" and its number."""
        found: dict[tuple[str, str], str] = {}
        for kind in ("footnote", "endnote"):
            root = self._optional(f"{kind}s")
            for note in root if root is not None else ():
                if local_name(note) == kind and value(note, "type") in ("", "normal"):
                    texts = (e.text or "" for e in note.iter() if local_name(e) == "t")
                    found[kind, value(note, "id")] = " ".join("".join(texts).split())
        return lambda kind, number: found.get((kind, number), "")

    def _imported(self, relation: str) -> str:
        """The text of a piece that the document imports (alternative format import), or ''."""
        kind, name = self._related.get(relation, ("", ""))
        shown = clean(name, 60) or "that is not named"
        if kind == "subDocument" or self._archive.find(name) is None:
            self._warnings.append(f"could not read the piece {shown}: it is another file, or missing")
            return ""
        data = self._archive.read(name)
        try:
            with guarded("piece"):
                return self._piece(data)
        except WorkError as error:
            self._warnings.append(f"could not read the piece {shown}: {error.message}")
            return ""

    def _diagram(self, relation: str) -> list[str]:
        """The lines of a diagram, whose words lie in a part of their own."""
        _, name = self._related.get(relation, ("", ""))
        if self._archive.find(name) is None:
            return []
        try:
            root = self._archive.xml(name, mend=True)
        except WorkError as error:
            self._warnings.append(f"could not read the part {clean(name, 60)}: {error.message}")
            return []
        lines = (
            "".join(t.text or "" for t in p.iter() if local_name(t) == "t")
            for p in root.iter()
            if local_name(p) == "p"
        )
        return [line for line in lines if line.strip()]

    def _piece(self, data: bytes) -> str:
        if data.startswith(b"PK\x03\x04"):
            if self._depth >= _MAX_NESTED:
                raise WorkError("it lies in too many other documents")
            inner = _Document(data, self._left_out, self._encoding, self._depth + 1)
            reading = inner.read()
            self._warnings += reading.warnings
            return str(reading.content)
        if data.startswith(b"{\\rtf"):
            from etude.media.text import rtf

            return str(rtf.read(data, self._left_out, self._encoding).content)
        text, notes = decode_text(data, html.declared_encoding(data), self._encoding)
        self._warnings += notes
        if "<html" not in text[:4096].lower() and "<p" not in text[:4096].lower():
            return text
        page = html.parse(text)
        return html.to_text(page, self._left_out, html.sheets_of(page))

    def _page_parts(self, parts: Parts, kind: str) -> list[Paragraph]:
        """What stands above or below every page: no part of the text, unless everything is kept."""
        found: dict[str, list[Paragraph]] = {}
        for known, name in self._related.values():
            if known == kind and self._archive.find(name):
                try:
                    paragraphs = Body(parts, LeftOut(self._left_out.keep_all)).read(
                        self._archive.xml(name, mend=True)
                    )
                except WorkError as error:
                    self._warnings.append(f"could not read the part {clean(name, 60)}: {error.message}")
                    continue
                found.setdefault("\n".join(p.text for p in paragraphs), paragraphs)
        return [
            paragraph
            for text, paragraphs in found.items()
            if not self._left_out.take(text, f"page {kind}") and text.strip()
            for paragraph in paragraphs
        ]

    def _about(self) -> tuple[str, str]:
        relations = self._relations("")
        name = next((t for k, t in relations.values() if k.lower() == "core-properties"), "docProps/core.xml")
        if self._archive.find(name) is None:
            return "", ""
        try:
            root = self._archive.xml(name, mend=True)
        except WorkError:
            return "", ""
        found = {local_name(e): " ".join((e.text or "").split()) for e in root}
        return found.get("title", ""), found.get("creator", "")


def _is_main(name: str) -> bool:
    folder, _, file = name.lower().rpartition("/")
    return folder.endswith("word") and file.startswith("document") and file.endswith(".xml")
