"""Rich text written: a paragraph for each paragraph or stanza, line breaks inside it, nothing else.

Rich Text Format specification 1.9.1: ASCII only, letters beyond it as `\\u` numbers. What is written here,
`rtf.py` reads back the same.
"""

from __future__ import annotations

import re

from etude.media.text.packed import blocks

_HEAD = "{\\rtf1\\ansi\\ansicpg1252\\deff0\\uc1{\\fonttbl{\\f0\\froman Georgia;}}\n\\pard\\sa240\\f0\\fs24\n"
_SPECIAL = re.compile(r"[\\{}\t]|[^\x20-\x7e]")


def write(text: str) -> bytes:
    """The text as a rich-text file."""
    out = [_HEAD]
    for lines, wide in blocks(text):
        if wide:
            out.append("{\\*\\etudegap}\\par\n")
        out.append("\\line\n".join(map(_line, lines)) + "\\par\n")
    out.append("}\n")
    return "".join(out).encode("ascii")


def _line(line: str) -> str:
    return _SPECIAL.sub(_sign, line)


def _sign(match: re.Match[str]) -> str:
    sign = match[0]
    if sign in "\\{}":
        return "\\" + sign
    if sign == "\t":
        return "\\tab "
    units = sign.encode("utf-16-le", "surrogatepass")
    numbers = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(f"\\u{number}?" for number in numbers)
