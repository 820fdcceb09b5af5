"""What Scrivener writes among the words of its own rich-text files: notes in the text, footnotes, and marks
of styles and placeholders. None of it is printed. Knows no format."""

from __future__ import annotations

import re

from etude.media.text.left_out import LeftOut

_NOTE = re.compile(r"\{\\Scrv_(?P<kind>annot|fn)\b(?P<words>.{0,20000}?)\\end_Scrv_(?P=kind)\}", re.S)
_RAW = re.compile(rb"\{\\Scrv_(?P<kind>annot|fn)\b(?P<words>.{0,20000}?)\\end_Scrv_(?P=kind)\}", re.S)
_SETTING = re.compile(r"\\color=\{[^{}]{0,200}\}|\\text=|^=", re.M)
_MARK = re.compile(r"<!?\$Scr_[A-Za-z]{1,4}::\d{1,6}>")
_KINDS = {"annot": ("note in the text", "notes in the text"), "fn": ("note", "")}


def stripped(text: str, left_out: LeftOut) -> str:
    """The text without them; what is left out is named. Unchanged where nothing of the kind is in it."""
    if "\\Scrv_" in text:

        def note(found: re.Match[str]) -> str:
            words = " ".join(_SETTING.sub("", found["words"]).split())
            return "" if left_out.take(words, *_KINDS[found["kind"]]) else f"[{words}]"

        text = _NOTE.sub(note, text)
    return _MARK.sub("", text) if "$Scr_" in text else text


def stripped_of_groups(data: bytes, left_out: LeftOut) -> bytes:
    """The rich text without notes that were written as groups of its own language (Scrivener for Windows)."""
    if b"{\\Scrv_" not in data or left_out.keep_all:
        return data

    def note(found: re.Match[bytes]) -> bytes:
        words = _SETTING.sub("", found["words"].decode("latin-1"))
        left_out.take(" ".join(words.split()), *_KINDS[found["kind"].decode()])
        return b""

    return _RAW.sub(note, data)
