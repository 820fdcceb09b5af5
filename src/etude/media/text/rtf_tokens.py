"""Rich text as tokens: groups, control words with their number, bytes of text; and the tables of words that
mean one character.

Rich Text Format specification 1.9.1. A file of damaged or endless groups gives tokens all the same. Knows no
document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,40})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)

SIGNS = {
    "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
    "rdblquote": "\u201d", "bullet": "\u2022", "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005",
    "zwj": "\u200d", "zwnj": "\u200c", "tab": "\t", "line": "\n", "lbr": "\n", "softline": "", "zwbo": "",
    "zwnbo": "", "ltrmark": "", "rtlmark": "",
}  # fmt: skip
# Groups with words in them that are no text.
DESTINATIONS = frozenset({
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator",
    "info", "pict", "object", "objdata", "themedata", "colorschememapping", "datastore", "latentstyles",
    "xmlnstbl", "fldinst", "datafield", "formfield", "bkmkstart", "bkmkend", "atnid", "atnauthor",
    "atntime", "atnicn", "atnref", "atndate", "atnparent", "annotation", "xe", "tc", "tcn", "rxe", "txe",
    "listtext", "pntext", "pnseclvl", "pn", "filetbl", "template", "private", "userprops", "docvar",
    "mmathpr", "wgrffmtfilter", "background", "footnotesep", "ftnsep", "ftnsepc", "ftncn", "aftnsep",
    "aftnsepc", "aftncn", "nonshppict", "falt", "panose", "fname", "sn", "sv", "sp", "blipuid", "picprop",
    "shprslt", "do", "passwordhash", "writereservhash", "levelnumbers", "leveltext",
    "lsdlockedexcept",
})  # fmt: skip


# Character sets of fonts (\fcharset) as code pages.
CHARSETS = {
    0: "cp1252", 77: "mac_roman", 78: "cp932", 79: "cp949", 80: "gb18030", 81: "big5hkscs", 83: "iso8859_8",
    84: "mac_arabic", 85: "mac_greek", 86: "mac_turkish", 88: "mac_latin2", 89: "mac_cyrillic", 128: "cp932",
    129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip


class Token(NamedTuple):
    """`kind`: "{", "}", "word", "byte" (of `\\'hh`), "sign" (a control symbol), "text"; `value` its number or
    bytes.
    """

    kind: str
    word: str = ""
    number: int | None = None
    data: bytes = b""


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens in their order; binary data after `\\bin` is passed over."""
    at, end = 0, len(data)
    while at < end:
        found = _TOKEN.match(data, at)
        if not found:
            at += 1
            continue
        at = found.end()
        if found[1]:
            word = found[1].decode("ascii")
            number = int(found[2]) if found[2] else None
            if word == "bin" and number and number > 0:
                at += number
            else:
                yield Token("word", word, number)
        elif found[3]:
            yield Token("byte", data=bytes.fromhex(found[3].decode("ascii")))
        elif found[4]:
            yield Token("sign", found[4].decode("latin-1"))
        elif found[5]:
            yield Token(found[5].decode("ascii"))
        elif found[6]:
            yield Token("text", data=found[6])


def charset_codec(page: int) -> str:
    """The codec of an `\\ansicpg` code page."""
    odd = {
        932: "cp932",
        936: "gb18030",
        949: "cp949",
        950: "big5hkscs",
        1361: "johab",
        10000: "mac_roman",
        65001: "utf-8",
        54936: "gb18030",
        0: "cp1252",
    }
    return odd.get(page, f"cp{page}")
