"""What holds inside a group of a rich-text file (look, destination, spacing) and the words that change it;
its fonts and code pages.

Rich Text Format specification 1.9.1. Knows nothing of the text that is being read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from etude.media.encoding import labels
from etude.media.encoding.labels import Encoding
from etude.media.text import symbol_fonts
from etude.media.text.rtf_tokens import CHARSETS, charset_codec


@dataclass(frozen=True)
class State:
    """What holds inside a group. Lengths in points."""

    font: int = 0
    hidden: bool = False
    deleted: bool = False
    skip: bool = False  # a destination that is no text
    into: str = ""  # a destination whose words are kept apart: "title", "author", "fldinst", "font", a note
    stand_in: int = 1  # characters after `\u` that old programs show instead
    before: float = 0.0
    after: float = 0.0
    indent: float = 0.0
    initial: bool = False
    html: bool = False  # inside markup of a mail that was turned into rich text
    raised: str = ""  # "sup" or "sub"
    result: str = ""  # the index whose field this is the result of


def formatted(state: State, word: str, number: int | None, default_font: int) -> State | None:
    """The state after a control word that changes only how text looks; None for any other word."""
    on = number != 0
    if word == "pard":
        return replace(state, before=0.0, after=0.0, indent=0.0, initial=False)
    if word == "plain":
        return replace(state, hidden=False, deleted=False, raised="", font=default_font)
    if word == "sb":
        return replace(state, before=(number or 0) / 20)
    if word == "sa":
        return replace(state, after=(number or 0) / 20)
    if word == "fi":
        return replace(state, indent=(number or 0) / 20)
    if word == "dropcapli":
        return replace(state, initial=True)
    if word == "v":
        return replace(state, hidden=on)
    if word == "deleted":
        return replace(state, deleted=on)
    if word in ("super", "sub", "nosupersub"):
        return replace(state, raised={"super": "sup", "sub": "sub"}.get(word, "") if on else "")
    if word == "uc":
        return replace(state, stand_in=max(0, min(1 if number is None else number, 8)))
    if word == "htmlrtf":
        return replace(state, html=on)
    return None


@dataclass
class _Font:
    codec: str = ""
    name: str = ""


@dataclass
class Fonts:
    """The font table, and letters by it. `fixed`: the encoding that the person named."""

    fixed: str = ""
    default: int = 0
    unknown: int = 0  # signs whose character is not known
    _codec: str = "cp1252"
    _fonts: dict[int, _Font] = field(default_factory=dict)

    def define(self, number: int) -> None:
        """A font of the table."""
        self._fonts.setdefault(number, _Font())

    def name(self, number: int, words: str) -> None:
        """What a font is called."""
        name = words.partition(";")[0].strip()
        if name and number in self._fonts:
            self._fonts[number].name = name

    def word(self, state: State, word: str, number: int | None) -> bool:
        """Whether a control word says which code page the letters are of; it is noted."""
        if word == "fcharset":
            font = self._fonts.get(state.font)
            if font is not None and not font.codec:
                font.codec = "symbol" if number == 2 else CHARSETS.get(number or 0, "")
        elif word == "ansicpg":
            self._codec = charset_codec(number or 1252)
        elif word in ("mac", "pc", "pca"):
            self._codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        else:
            return False
        return True

    def decode(self, data: bytes, number: int) -> str:
        """Bytes of a font as text."""
        font = self._fonts.get(number, _Font())
        if font.codec == "symbol" or symbol_fonts.is_sign_font(font.name):
            signs = [symbol_fonts.sign(font.name or "symbol", b) for b in data]
            self.unknown += sum(not sign for sign in signs)
            return "".join(signs)
        known = labels.find(self.fixed or font.codec or self._codec) or Encoding("", "cp1252")
        text = labels.decode(data, known)
        return labels.decode_mended(data, known)[0] if text is None else text
