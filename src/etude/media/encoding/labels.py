"""The names of encodings, and bytes decoded by one of them as browsers do.

Files say `iso-8859-1` and mean Windows-1252, say `gb2312` and hold GBK: the names of pages mean what the
WHATWG Encoding Standard (4.2, names and labels) says they mean, since that is what every browser shows. Code
pages of DOS and of old Macs, which the standard leaves out, have their names in Python. Guesses nothing.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Encoding:
    """An encoding: what people call it, its codec in Python, and codecs that know more of its characters,
    tried after it.
    """

    name: str
    codec: str
    wider: tuple[str, ...] = ()


_ISO_2022_JP = Encoding("ISO-2022-JP", "iso2022_jp_ext", ("iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_2"))
# Each line: the encoding, and every label of the standard that Python does not know or reads otherwise.
_LABELS: tuple[tuple[Encoding, str], ...] = (
    (Encoding("UTF-8", "utf-8"), "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf8mb4"),
    (
        Encoding("Windows-1252", "cp1252"),
        "ansi_x3.4-1968 ascii us-ascii ansi cp1252 cp819 ibm819 csisolatin1 iso-8859-1 iso-ir-100 "
        "iso8859-1 iso_8859-1:1987 "
        "l1 latin1 latin windows-1252 x-cp1252 x-ansi x-user-defined",
    ),
    (Encoding("Windows-1250", "cp1250"), "cp1250 windows-1250 x-cp1250"),
    (Encoding("Windows-1251", "cp1251"), "cp1251 windows-1251 x-cp1251"),
    (Encoding("Windows-1253", "cp1253"), "cp1253 windows-1253 x-cp1253"),
    (
        Encoding("Windows-1254", "cp1254"),
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
    ),
    (Encoding("Windows-1255", "cp1255"), "cp1255 windows-1255 x-cp1255"),
    (Encoding("Windows-1256", "cp1256"), "cp1256 windows-1256 x-cp1256"),
    (Encoding("Windows-1257", "cp1257"), "cp1257 windows-1257 x-cp1257"),
    (Encoding("Windows-1258", "cp1258"), "cp1258 windows-1258 x-cp1258"),
    (
        Encoding("Windows-874", "cp874"),
        "dos-874 windows-874 cp874 iso-8859-11 iso8859-11 tis-620 tis620-2533",
    ),
    (Encoding("ISO-8859-2", "iso8859_2"), "csisolatin2 iso-ir-101 iso_8859-2:1987 l2 latin2"),
    (Encoding("ISO-8859-3", "iso8859_3"), "csisolatin3 iso-ir-109 iso_8859-3:1988 l3 latin3"),
    (Encoding("ISO-8859-4", "iso8859_4"), "csisolatin4 iso-ir-110 iso_8859-4:1988 l4 latin4"),
    (Encoding("ISO-8859-5", "iso8859_5"), "csisolatincyrillic cyrillic iso-ir-144 iso_8859-5:1988"),
    (
        Encoding("ISO-8859-6", "iso8859_6"),
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e "
        "iso-8859-6-i iso-ir-127 iso_8859-6:1987",
    ),
    (
        Encoding("ISO-8859-7", "iso8859_7"),
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso_8859-7:1987 sun_eu_greek",
    ),
    (
        Encoding("ISO-8859-8", "iso8859_8"),
        "csiso88598e csiso88598i csisolatinhebrew hebrew iso-8859-8-e iso-8859-8-i iso-ir-138 "
        "iso_8859-8:1988 logical visual",
    ),
    (Encoding("ISO-8859-10", "iso8859_10"), "csisolatin6 iso-ir-157 l6 latin6"),
    (Encoding("ISO-8859-13", "iso8859_13"), "l7 latin7"),
    (Encoding("ISO-8859-14", "iso8859_14"), "l8 latin8"),
    (Encoding("ISO-8859-15", "iso8859_15"), "csisolatin9 l9 latin9"),
    (Encoding("ISO-8859-16", "iso8859_16"), "l10 latin10"),
    (Encoding("KOI8-R", "koi8_r"), "cskoi8r koi koi8"),
    (Encoding("KOI8-U", "koi8_u"), "koi8-ru"),
    (Encoding("Mac Roman", "mac_roman"), "csmacintosh mac macintosh x-mac-roman"),
    (Encoding("Mac Cyrillic", "mac_cyrillic"), "x-mac-cyrillic x-mac-ukrainian macukrainian"),
    (
        Encoding("Mac Central European", "mac_latin2"),
        "x-mac-ce x-mac-centraleurroman x-mac-centraleurope macce mac_centeuro",
    ),
    (Encoding("Mac Greek", "mac_greek"), "x-mac-greek"),
    (Encoding("Mac Turkish", "mac_turkish"), "x-mac-turkish"),
    (Encoding("Mac Icelandic", "mac_iceland"), "x-mac-icelandic macicelandic"),
    (Encoding("Mac Croatian", "mac_croatian"), "x-mac-croatian"),
    (Encoding("Mac Romanian", "mac_romanian"), "x-mac-romanian"),
    (Encoding("code page 437", "cp437"), "437 dos ibm437 oem-us"),
    (Encoding("code page 850", "cp850"), "850 ibm850 oem-850"),
    (Encoding("code page 852", "cp852"), "852 ibm852"),
    (Encoding("code page 866", "cp866"), "866 csibm866 ibm866"),
    (
        Encoding("GB 18030", "gb18030"),
        "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk cp936 "
        "windows-936 euc-cn gb18030-2000",
    ),
    (Encoding("HZ", "hz"), "hz-gb-2312"),
    (
        Encoding("Big5", "big5hkscs", ("cp950",)),
        "big5 big5-hkscs big5-tw cn-big5 csbig5 x-x-big5 cp950 windows-950",
    ),
    (Encoding("EUC-JP", "euc_jp", ("euc_jis_2004",)), "cseucpkdfmtjapanese x-euc-jp x-euc eucjp-ms ujis"),
    (_ISO_2022_JP, "csiso2022jp iso-2022-jp jis cp50220 cp50221 cp50222"),
    (
        Encoding("Shift_JIS", "cp932", ("shift_jis_2004",)),
        "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis x-ms-cp932 cp943 windows-932",
    ),
    (
        Encoding("EUC-KR", "cp949", ("johab",)),
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601 ks_c_5601-1987 ks_c_5601-1989 "
        "ksc5601 ksc_5601 windows-949 uhc",
    ),
    (Encoding("ISO-2022-KR", "iso2022_kr"), "csiso2022kr iso-2022-kr"),
)
_MULTI_BYTE = ("utf", "cp932", "cp949", "cp950", "shift", "euc", "gb", "big5", "johab", "hz", "iso2022")
EAST_ASIAN = {"gb18030", "big5hkscs", "euc_jp", "cp932", "cp949"}
SEVEN_BIT = {_ISO_2022_JP.codec, "iso2022_kr", "hz", "utf-7"}  # their bytes are ASCII, and ASCII says nothing
_UTF = dict.fromkeys(("utf16", "ucs2", "unicode", "csunicode", "unicodefeff", "iso10646ucs2"), "utf-16") | {
    "utf32": "utf-32",
    "unicodefffe": "utf-16-be",
}
_NO_TEXT = {
    "idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "charmap", "mbcs", "oem",
    "utf-8-sig",
}  # fmt: skip
_C1 = re.compile("[\x80-\x9f]")


def _key(label: str) -> str:
    return re.sub(r"[\s_:.()-]+", "", label.lower())


_BY_KEY = {
    key: encoding
    for encoding, labels in _LABELS
    for key in (_key(encoding.name), _key(encoding.codec), *map(_key, labels.split()))
}


def find(label: str) -> Encoding | None:
    """The encoding with this name, or None. What is no encoding of text (`rot13`, `zlib`) has none."""
    label = label.strip()
    if not label or len(label) > 60 or not label.isascii():
        return None
    if (known := _BY_KEY.get(_key(label))) is not None:
        return known
    try:
        info = codecs.lookup(_UTF.get(_key(label), label))
    except (LookupError, ValueError):
        return None
    codec = info.name
    if codec.replace("_", "-") in _NO_TEXT or not getattr(info, "_is_text_encoding", True):
        return _BY_KEY["utf8"] if codec == "utf-8-sig" else None
    return _BY_KEY.get(_key(codec), Encoding(codec.upper().replace("_", "-"), codec))


def decode(data: bytes, encoding: Encoding) -> str | None:
    """The text, or None where the bytes are not in this encoding. Bytes that a code page leaves open become
    C1 characters (WHATWG).
    """
    if (table := _table(encoding.codec)) is not None:
        return codecs.charmap_decode(data, "strict", table)[0]
    for codec in (encoding.codec, *encoding.wider):
        try:
            return data.decode(codec)
        except (UnicodeError, LookupError, ValueError):
            continue
    return None


def decode_mended(data: bytes, encoding: Encoding) -> tuple[str, int]:
    """(text with U+FFFD where the bytes are damaged, how many of these there are)."""
    text = decode(data, encoding)
    if text is None:
        text = data.decode(encoding.codec, "replace")
    return text, text.count("\ufffd")


@lru_cache(maxsize=64)
def _table(codec: str) -> str | None:
    """The 256 characters of a code page; None where a character takes several bytes."""
    if codec.startswith(_MULTI_BYTE):
        return None
    signs = [bytes([b]).decode(codec, "replace") for b in range(256)]
    return "".join(chr(b) if sign == "\ufffd" else sign for b, sign in enumerate(signs))


def from_c1(text: str) -> tuple[str, int]:
    """(C1 control characters as the letters and marks of Windows-1252 that they were meant to be, how
    many).
    """
    table = _table("cp1252")
    assert table is not None
    text, n = _C1.subn(lambda m: table[ord(m[0])], text)
    return text, n
