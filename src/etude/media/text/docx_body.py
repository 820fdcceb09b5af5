"""The story of a Word document, element by element, into paragraphs: as it stands when all changes are
accepted, as it is printed.

Office Open XML (ECMA-376 part 1, 17.2-17.4, 17.13, 17.16; part 3 for alternate content). Text boxes follow
the paragraph that they are fixed to. Knows no files: other parts (notes, imported pieces) are asked for
through the callbacks of `Parts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from etude.media.text import symbol_fonts
from etude.media.text.css import local_name
from etude.media.text.docx_styles import Style, changed, child, on, style_of, value
from etude.media.text.left_out import LeftOut
from etude.media.text.marks import raised
from etude.media.text.paragraphs import Paragraph

_GONE = {
    "deltext", "delinstrtext", "ppr", "rpr", "sectpr", "sdtpr", "sdtendpr", "tblpr", "tblgrid", "trpr",
    "tcpr", "rubypr", "rt", "annotationref", "pgnum", "comment",
}  # fmt: skip
_DELETED = {"del", "movefrom"}
_BOXES = {"drawing", "pict", "object"}
_LOOKS = {"rstyle", "vanish", "rfonts", "vertalign"}
_APPARATUS = {
    "toc": ("table of contents", "tables of contents"),
    "index": ("index", "indexes"),
    "toa": ("table of contents", "tables of contents"),
}
_PAGE_FIELDS = {"page", "numpages", "sectionpages"}
_GALLERIES = {
    "table of contents": ("table of contents", "tables of contents"),
    "cover pages": ("cover page", "cover pages"),
}
_OLD_RUBY = re.compile(
    r"^\s*eq\b.*?\\o\s*\\?(?:ad|ac|al)?\s*\(\s*\\s\\up\s*\d+\s*\((.*?)\)\s*[,;](.*)\)\s*$", re.I | re.S
)


@dataclass(frozen=True)
class Parts:
    """What the body asks of its document: styles, the text of a note by its kind and number, of an imported
    piece by its relation, the lines of a diagram by its own.
    """

    styles: Mapping[str, Style]
    note: Callable[[str, str], str]
    imported: Callable[[str], str]
    diagram: Callable[[str], list[str]]


@dataclass
class _Field:
    """A field being read: its instruction, and whether its result has begun."""

    instruction: str = ""
    result: bool = False
    words: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return (self.instruction.split() or [""])[0].lower()


@dataclass
class _Open:
    """A paragraph being read."""

    look: Style
    words: list[str] = field(default_factory=list)
    filled: bool = (
        False  # a picture, a page break or words that are left out stand in it: it is no empty line
    )
    boxes: list[Paragraph] = field(default_factory=list)


class Body:
    """Reads one story; `paragraphs` has what was read."""

    def __init__(self, parts: Parts, left_out: LeftOut) -> None:
        self.paragraphs: list[Paragraph] = []
        self._parts = parts
        self._left_out = left_out
        self._fields: list[_Field] = []
        self._open: list[_Open] = []
        self._contents: list[str] = []
        self._closed = True  # every field that begins ends; else none may swallow what follows it

    def read(self, root: etree._Element) -> list[Paragraph]:
        """The paragraphs below an element."""
        kinds = [value(e, "fldCharType") for e in root.iter() if local_name(e) == "fldchar"]
        self._closed = kinds.count("begin") == kinds.count("end")
        for element in root:
            self._block(element)
        self._say_contents()
        return self.paragraphs

    # ---- blocks

    def _block(self, element: etree._Element) -> None:
        tag = local_name(element)
        if tag == "p":
            self._paragraph(element)
        elif tag == "altchunk":
            text = self._parts.imported(value(element, "id"))
            self.paragraphs += [Paragraph(piece) for piece in text.split("\n\n") if piece.strip()]
        elif tag == "tr" and (child(child(element, "trpr"), "del") is not None):
            return
        elif tag == "sdt":
            self._control(element, self._block)
        elif tag == "alternatecontent":
            for chosen in _chosen(element):
                self._block(chosen)
        elif tag == "subdoc":
            self._parts.imported(value(element, "id"))
        elif tag not in _GONE and tag not in _DELETED:
            for inner in element:
                self._block(inner)

    def _control(self, element: etree._Element, go_on: Callable[[etree._Element], None]) -> None:
        """A content control: a table of contents that Word built, a box that nobody has filled in, or
        text.
        """
        about = child(element, "sdtpr")
        gallery = value(child(child(about, "docpartobj"), "docpartgallery")).lower()
        content = child(element, "sdtcontent")
        if content is None or on(child(about, "showingplchdr")):
            return
        if gallery in _GALLERIES and self._left_out.take(_words(content), *_GALLERIES[gallery]):
            return
        for inner in content:
            go_on(inner)

    def _paragraph(self, element: etree._Element) -> None:
        ppr = child(element, "ppr")
        style = style_of(self._parts.styles, value(child(ppr, "pstyle")))
        mark = child(ppr, "rpr")
        before = sum(f.result and f.name in _APPARATUS for f in self._fields)
        here = _Open(changed(style, ppr, None))
        self._open.append(here)
        for inner in element:
            self._inline(inner)
        self._open.pop()
        while self._fields and not self._fields[-1].result:
            self._fields.pop()  # an instruction ends with its paragraph, whatever the file forgot
        text = "".join(here.words)
        initial = value(child(ppr, "framepr"), "dropCap") in ("drop", "margin")
        joins = (
            child(mark, "del") is not None
            or child(mark, "movefrom") is not None
            or (initial and bool(text.strip()))
        )
        joins = joins or (on(child(mark, "vanish")) and not text.strip())
        if style.contents and self._left_out.keep_all is False:
            self._contents.append(text)
        elif (before or here.filled) and not text.strip() and not joins:
            pass  # only a picture, a break, or words that are left out: no empty line
        elif not (joins and not text.strip()):
            look = here.look
            self.paragraphs.append(
                Paragraph(
                    text,
                    look.before,
                    look.after,
                    look.indent,
                    look.name,
                    look.close,
                    look.heading,
                    joins,
                    look.name == "Blank line",
                )
            )
        if self._contents and not style.contents:
            self._say_contents()
        self.paragraphs += here.boxes

    def _say_contents(self) -> None:
        if self._contents:
            self._left_out.take("\n".join(self._contents), "table of contents", "tables of contents")
            self._contents = []

    # ---- inside a paragraph

    def _inline(self, element: etree._Element) -> None:
        tag = local_name(element)
        if tag in _GONE:
            return
        if tag in _DELETED:
            for inner in element.iter():
                if local_name(inner) == "fldchar":  # half of a field may be deleted, and the other half not
                    self._field(value(inner, "fldCharType"))
        elif tag == "r":
            self._run(element)
        elif tag == "fldsimple":
            self._fields.append(_Field(value(element, "instr"), True))
            for inner in element:
                self._inline(inner)
            self._end_field()
        elif tag == "sdt":
            self._control(element, self._inline)
        elif tag == "alternatecontent":
            for chosen in _chosen(element):
                self._inline(chosen)
        elif tag == "p":
            self._block(element)
        elif tag == "t":
            self._say(element.text or "", Style())
        else:
            for inner in element:
                self._inline(inner)

    def _run(self, run: etree._Element) -> None:
        here = self._open[-1]
        look = self._look(child(run, "rpr"), here.look)
        if look.hidden:
            here.filled = True
            if self._left_out.take(_words(run), "hidden passage"):
                return
        for element in run:
            self._piece(element, local_name(element), look)

    def _look(self, rpr: etree._Element | None, paragraph: Style) -> Style:
        """The look of a run; that of its paragraph, where it says nothing that matters here."""
        if rpr is None or not any(local_name(e) in _LOOKS for e in rpr):
            return paragraph
        key = value(child(rpr, "rstyle"))
        look = style_of(self._parts.styles, key) if key else paragraph
        return changed(replace(look, hidden=True) if paragraph.hidden else look, None, rpr)

    def _piece(self, element: etree._Element, tag: str, look: Style) -> None:
        here = self._open[-1]
        if tag == "t":
            self._say(re.sub(r"[\r\n]", " ", element.text or ""), look)
        elif tag in ("tab", "ptab"):
            self._say("\t", look)
        elif tag in ("br", "cr"):
            if value(element, "type") in ("page", "column"):
                here.filled = True
                self._say("\n" if "".join(here.words).strip() else "", look)
            else:
                self._say("\n", look)
        elif tag == "nobreakhyphen":
            self._say("-", look)
        elif tag == "sym":
            self._sign(element)
        elif tag == "ruby":
            self._ruby(element)
        elif tag == "fldchar":
            here.filled = True
            self._field(value(element, "fldCharType"))
        elif tag == "instrtext":
            here.filled = True
            if self._fields:
                self._fields[-1].instruction += element.text or ""
        elif tag in ("footnotereference", "endnotereference"):
            words = self._parts.note(tag.removesuffix("reference"), value(element, "id"))
            if not self._left_out.take(words, "note") and words.strip():
                here.boxes.append(Paragraph(f"[{words.strip()}]", *_spacing(here.look)))
        elif tag in _BOXES:
            here.filled = True
            self._boxes(element)
        elif tag == "alternatecontent":
            for chosen in _chosen(element):
                self._piece(chosen, local_name(chosen), look)
        elif tag not in _GONE and len(element):
            for inner in element:
                self._inline(inner)

    def _say(self, text: str, look: Style) -> None:
        """Words of the paragraph that is open, unless a field swallows them."""
        here = self._open[-1]
        if symbol_fonts.is_sign_font(look.font):
            text = "".join(symbol_fonts.sign(look.font, ord(c)) or c if ord(c) >= 0xF000 else c for c in text)
        for known in self._fields:
            if not known.result:
                return  # between the marks of an instruction
            swallows = known.name in _APPARATUS and self._closed and not self._left_out.keep_all
            if known.name in _PAGE_FIELDS or swallows:
                known.words.append(text)
                here.filled = True
                return
        here.words.append(raised(text, look.raised) if look.raised else text)

    def _sign(self, element: etree._Element) -> None:
        code = value(element, "char")
        try:
            number = int(code, 16)
        except ValueError:
            return
        found = symbol_fonts.sign(value(element, "font"), number)
        if found:
            self._say(found, Style())
        elif self._left_out.keep_all is False:
            self._left_out.take(
                f"{value(element, 'font')} {code}",
                "character of an unknown font",
                "characters of unknown fonts",
            )

    def _ruby(self, element: etree._Element) -> None:
        base = child(element, "rubybase")
        for inner in base if base is not None else ():
            self._inline(inner)
        reading = child(element, "rt")
        words = _words(reading) if reading is not None else ""
        if not self._left_out.take(words, "ruby annotation", "ruby annotations") and words:
            self._say(f"({words})", Style())

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].result = True
        elif kind == "end" and self._fields:
            self._end_field()

    def _end_field(self) -> None:
        ended = self._fields.pop()
        if ended.name in _APPARATUS:
            self._left_out.take(" ".join("".join(ended.words).split()), *_APPARATUS[ended.name])
        elif (old := _OLD_RUBY.match(ended.instruction[:1000])) and self._open:
            # Ruby before Word had an element for it: a formula with no result of its own.
            reading, base = old[1].strip(), old[2].strip()
            if self._left_out.take(reading, "ruby annotation", "ruby annotations"):
                self._say(base, Style())
            else:
                self._say(f"{base}({reading})", Style())

    def _boxes(self, element: etree._Element) -> None:
        """Text boxes in a drawing become paragraphs after the one that the drawing stands in."""
        for inner in element:
            tag = local_name(inner)
            if tag == "txbxcontent":
                self._open[-1].boxes += Body(self._parts, self._left_out).read(inner)
            elif tag == "textpath" and value(inner, "string"):  # letters bent along a line
                self._open[-1].boxes.append(Paragraph(value(inner, "string"), *_spacing(self._open[-1].look)))
            elif tag == "relids":
                words = self._parts.diagram(value(inner, "dm"))
                self._open[-1].boxes += [Paragraph(line, *_spacing(self._open[-1].look)) for line in words]
            elif tag == "txbody":  # of a drawing that knows nothing of Word
                lines = [
                    "".join(t.text or "" for t in p.iter() if local_name(t) == "t")
                    for p in inner
                    if local_name(p) == "p"
                ]
                self._open[-1].boxes += [
                    Paragraph(line, *_spacing(self._open[-1].look)) for line in lines if line
                ]
            elif tag == "alternatecontent":
                for chosen in _chosen(inner):
                    self._boxes_of(chosen)
            else:
                self._boxes(inner)

    def _boxes_of(self, element: etree._Element) -> None:
        if local_name(element) == "txbxcontent":
            self._open[-1].boxes += Body(self._parts, self._left_out).read(element)
        else:
            self._boxes(element)


def _spacing(look: Style) -> tuple[float | None, float | None, float | None]:
    return look.before, look.after, look.indent


def _chosen(alternate: etree._Element) -> list[etree._Element]:
    """What is read of alternate content: the first choice that has words, else the fallback."""
    branches = [e for e in alternate if local_name(e) in ("choice", "fallback")]
    best = next((e for e in branches if _words(e)), branches[0] if branches else None)
    return [] if best is None else list(best)


def _words(element: etree._Element) -> str:
    """The words in an element, roughly, without those that were deleted."""
    out: list[str] = []
    for inner in element.iter():
        tag = local_name(inner)
        if tag == "t":
            out.append(inner.text or "")
        elif tag in ("p", "tab", "br") and out:
            out.append(" ")
    return "".join(out).strip()
