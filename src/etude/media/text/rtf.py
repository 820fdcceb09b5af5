"""Rich text (.rtf): the text as it is printed, with its text boxes; hidden words, notes, comments and
deletions are no text.

Rich Text Format specification 1.9.1: letters are bytes of the code page of their font, or `\\u` numbers with
a stand-in after them for old programs. Pictures and embedded objects are never opened. Knows nothing of the
project folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from etude.config.media import TEXT
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.encoding import decode as encodings
from etude.media.text import scrivener, symbol_fonts
from etude.media.text.left_out import LeftOut
from etude.media.text.marks import raised
from etude.media.text.paragraphs import Paragraph, join
from etude.media.text.rtf_state import Fonts, State, formatted
from etude.media.text.rtf_tokens import DESTINATIONS, SIGNS, Token, tokens

_MAX_DEPTH = 5_000  # groups in groups
_NOTES = {"footnote": ("note", ""), "header": ("page header", ""), "footer": ("page footer", "")}
_NOTES |= {f"{kind}{side}": _NOTES[kind] for kind in ("header", "footer") for side in "lrf"}
_INDEXES = {"TOC": ("table of contents", "tables of contents"), "INDEX": ("index", "indexes")}


@dataclass
class _Reader:
    left_out: LeftOut
    fonts: Fonts
    raw: str = ""  # that of letters which stand in the file as they are, against the specification
    state: State = field(default_factory=State)
    stack: list[State] = field(default_factory=list)
    done: list[Paragraph] = field(default_factory=list)
    boxes: list[Paragraph] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)  # bytes of the code page that are not decoded yet
    apart: dict[str, list[str]] = field(default_factory=dict)
    saved: list[tuple[int, list[str], list[Paragraph]]] = field(
        default_factory=list
    )  # texts that a box interrupts
    skipping: int = 0  # characters that stand in for one that was read already
    filled: bool = False
    gap: bool = False  # an empty paragraph that a program of ours wrote

    # ---- tokens

    def feed(self, token: Token) -> None:
        kind = token.kind
        if self.state.skip and kind in ("text", "byte"):
            self.skipping = 0
        elif kind == "text" and self.raw and not self.skipping:
            self._flush()
            self._put(token.data.decode(self.raw, "replace"))
        elif kind == "text":
            self._bytes(token.data)
        elif kind == "byte":
            if self.skipping:
                self.skipping -= 1
            else:
                self.pending += token.data
        elif kind == "word":
            self._word(token.word, token.number)
        elif kind == "sign":
            self._sign(token.word)
        elif kind == "{":
            self._flush()
            self.skipping = 0
            if len(self.stack) >= _MAX_DEPTH:
                raise WorkError(
                    "This rich-text file is nested too deeply to be read.", "Save it as .docx or .txt."
                )
            self.stack.append(self.state)
        else:
            self._close()

    def _close(self) -> None:
        self._flush()
        self.skipping = 0
        closed = self.state
        if self.stack:
            self.state = self.stack.pop()
        if closed.into != self.state.into and closed.into:
            self._end_apart(closed)
        if self.saved and len(self.stack) < self.saved[-1][0]:
            self._end_box()
        if closed.result and closed.result != self.state.result:
            words = " ".join("".join(self.apart.pop("index", [])).split())
            if self.left_out.take(words, *_INDEXES[closed.result]):
                self.filled = True

    def _end_apart(self, closed: State) -> None:
        """What to do with words that were kept apart, once their group has ended."""
        into = closed.into
        words = "".join(self.apart.get(into, []))
        if into in _NOTES:
            self.apart.pop(into, None)
            words = " ".join(words.split())
            self.filled = True
            if not self.left_out.take(words, *_NOTES[into]) and words:
                self.boxes.append(Paragraph(f"[{words}]" if into == "footnote" else words, 0.0, 0.0, 0.0))
        elif into == "fldinst":
            self.apart.pop(into, None)
            name = (words.split() or [""])[0].upper()
            if self.stack and name in _INDEXES and not self.left_out.keep_all:
                self.state = replace(self.state, result=name)
            elif self.stack and name in ("PAGE", "NUMPAGES", "SECTIONPAGES"):
                self.state = replace(self.state, skip=True)
            elif name == "SYMBOL":
                self._symbol(words)
                self.state = replace(self.state, skip=True)
        elif into == "font":
            self._name_font(closed.font)

    def _name_font(self, number: int) -> None:
        self.fonts.name(number, "".join(self.apart.pop("font", [])))

    def _symbol(self, instruction: str) -> None:
        """A field that is one sign: SYMBOL 176 \\f "Symbol"."""
        found = re.match(r'\s*SYMBOL\s+(\d{1,5})(?:.*?"([^"]*)")?', instruction, re.I)
        if found:
            self._put(symbol_fonts.sign(found[2] or "", int(found[1])))

    # ---- control words

    def _word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._unicode(number or 0)
            return
        self._flush()
        if self.skipping:
            self.skipping -= 1
            return
        if word == "ud":  # the Unicode form of a text whose plain form was passed over
            self.state = replace(self.state, into="", skip=False)
        state = self.state
        if state.skip:
            return
        if word in SIGNS:
            self._put(SIGNS[word])
        elif word in ("par", "sect", "page", "column", "cell", "nestcell", "row", "nestrow"):
            self._break(word)
        elif (changed := formatted(state, word, number, self.fonts.default)) is not None:
            self.state = changed
        elif word == "deff":
            self.fonts.default = number or 0
            self.state = replace(state, font=number or 0)
        elif word == "f":
            if state.into in ("fonttbl", "font"):
                self._name_font(state.font)
                self.fonts.define(number or 0)
                state = replace(state, into="font")
            self.state = replace(state, font=number or 0)
        elif not self.fonts.word(state, word, number):
            self._destination(word)

    def _destination(self, word: str) -> None:
        if word in ("title", "author") and self.state.into == "info":
            self.state = replace(self.state, into=word)
        elif word == "fonttbl":
            self.state = replace(self.state, into="fonttbl")
        elif word == "info":
            self.state = replace(self.state, into="info")
        elif self.state.into == "info":
            self.state = replace(self.state, skip=True)
        elif word == "fldinst":
            self.state = replace(self.state, into="fldinst")
        elif word in _NOTES and self.state.into != word:
            self.state = replace(self.state, into=word)
        elif word == "etudegap":
            self.gap = True
        elif word == "shptxt":
            self._begin_box()
        elif word == "shpinst":
            self.state = replace(self.state, into=self.stack[-1].into if self.stack else "")
        elif word == "upr" or word in DESTINATIONS:
            self.filled |= word in ("pict", "object")
            self.state = replace(self.state, skip=True)

    def _sign(self, sign: str) -> None:
        if self.skipping and sign not in "*\n\r":
            self.skipping -= 1
            return
        if sign in "{}\\":
            self._bytes(sign.encode())
            return
        self._flush()
        if sign == "~":
            self._put("\xa0")
        elif sign == "_":
            self._put("\u2011")
        elif sign == "*":
            self.state = replace(self.state, into="*")
        elif sign in "\r\n":
            self._break("par")

    # ---- text

    def _bytes(self, data: bytes) -> None:
        if self.skipping:
            n = min(self.skipping, len(data))
            self.skipping -= n
            data = data[n:]
        if data:
            self.pending += data

    def _unicode(self, number: int) -> None:
        """A `\\u`: a signed 16-bit unit of UTF-16; what stands in for it is passed over."""
        self._flush()
        self._put(chr(number % 65536))
        self.skipping = self.state.stand_in

    def _flush(self) -> None:
        if not self.pending:
            return
        data = bytes(self.pending)
        self.pending.clear()
        in_table = self.state.into in ("fonttbl", "font")
        self._put(data.decode("latin-1") if in_table else self.fonts.decode(data, self.state.font))

    def _put(self, text: str) -> None:
        state = self.state
        if not text or state.skip or state.html:
            return
        if state.into:
            if state.into not in ("fonttbl", "info", "*"):
                self.apart.setdefault(state.into, []).append(text)
            return
        if state.hidden or state.deleted:
            self.filled = True
            if state.deleted:
                return
            if not self.left_out.keep_all:
                self.apart.setdefault("hidden", []).append(text)
                return
        elif "hidden" in self.apart:
            self._say_hidden()
        if state.result and not self.left_out.keep_all:
            self.apart.setdefault("index", []).append(text)
            self.filled = True
            return
        self.words.append(raised(text, state.raised) if state.raised else text)

    def _say_hidden(self) -> None:
        self.left_out.take("".join(self.apart.pop("hidden")), "hidden passage")

    # ---- paragraphs and boxes

    def _break(self, word: str) -> None:
        state = self.state
        if state.into:
            if state.into in _NOTES:
                self.apart.setdefault(state.into, []).append(" ")
            return
        if state.html or state.deleted:
            self.filled = True
            return
        if state.hidden and not self.left_out.keep_all:
            self.filled = True
            return
        if state.result and not self.left_out.keep_all:
            self.apart.setdefault("index", []).append(" ")
            self.words, self.filled = [], False
            return
        text = "".join(self.words)
        if word in ("cell", "nestcell", "row", "nestrow", "sect", "page", "column") and not text.strip():
            self.filled |= word in ("page", "column")
            return
        self._end_paragraph(text)
        self.filled = word in ("page", "column")  # the mark after it makes no empty line

    def _end_paragraph(self, text: str) -> None:
        state = self.state
        if "hidden" in self.apart:
            self._say_hidden()
        if text.strip() or not self.filled:
            joins = state.initial and bool(text.strip())
            self.done.append(
                Paragraph(
                    text, state.before, state.after, state.indent, joins=joins, gap=self.gap and not text
                )
            )
        self.gap = False
        if not self.saved:
            self.done += self.boxes
            self.boxes = []
        self.words, self.filled = [], False

    def _begin_box(self) -> None:
        self.saved.append((len(self.stack), self.words, self.done))
        self.words, self.done = [], []
        self.state = replace(self.state, into="", before=0.0, after=0.0, indent=0.0)

    def _end_box(self) -> None:
        text = "".join(self.words)
        if text.strip():
            self._end_paragraph(text)
        _, words, done = self.saved.pop()
        self.boxes += self.done
        self.words, self.done, self.filled = words, done, True

    def finish(self) -> list[Paragraph]:
        self._flush()
        while self.saved:
            self._end_box()
        text = "".join(self.words)
        if text.strip() or self.boxes or "hidden" in self.apart:
            self._end_paragraph(text)
        return self.done


def read(data: bytes, left_out: LeftOut, encoding: str = "") -> Reading:
    """The text of a rich-text file. Raises WorkError where it is none."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data.startswith(b"{\\rtf"):
        raise WorkError(
            "This file is not rich text: it does not begin as one.", "Save it again as .rtf or .docx."
        )
    data = scrivener.stripped_of_groups(data, left_out)
    reader = _Reader(left_out, Fonts(encodings.named(encoding).codec if encoding else ""))
    reader.raw = "" if encoding or data.isascii() or not _is_utf8(data) else "utf-8"
    for number, token in enumerate(tokens(data)):
        if number > TEXT.max_tags:
            raise WorkError(
                f"This rich-text file holds more than {TEXT.max_tags:,} marks.",
                "Divide it, or save it as .txt.",
            )
        reader.feed(token)
        if not reader.stack and token.kind == "}":
            break  # the file's own group has ended; what follows is rubbish
    paragraphs = [replace(p, text=_whole(p.text)) for p in reader.finish()]
    warnings = (
        (f"left out {reader.fonts.unknown:,} characters of unknown fonts",) if reader.fonts.unknown else ()
    )
    about = {name: "".join(reader.apart.get(name, [])) for name in ("title", "author")}
    text = scrivener.stripped(join(paragraphs), left_out)
    return Reading(text, _whole(about["title"]), _whole(about["author"]), warnings)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _whole(text: str) -> str:
    """Text whose characters beyond U+FFFF, which come as two halves, are one again."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
