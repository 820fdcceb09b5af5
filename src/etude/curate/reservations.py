"""What a file says inside itself of learning from it: machine-readable reservations, each with where it
stood.

Read are PLUS Data Mining in XMP (IPTC opt-out guidelines 2.0), TDMRep in EPUB, HTML and XMP (W3C community
report of 10 May 2024), and the IETF's `Content-Usage: train-ai=n` (draft-ietf-aipref-vocab) where a saved
page or a front matter repeats it. What a C2PA manifest says (CAWG training and data mining 1.1) comes in as
assertions. The most restrictive statement holds, and silence is unknown, never a yes. Nothing is fetched.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

Says = Literal["not allowed", "constrained", "allowed"]
_ORDER: tuple[Says, ...] = ("not allowed", "constrained", "allowed")
_MOST = 4 << 20  # bytes of one part that are looked at: metadata is kilobytes
_PLUS = re.compile(rb"DataMining[^<>]{0,200}?[\"'>][^<>\"']{0,80}?(DMI-[A-Z][A-Z-]*[A-Z])")
_TDM = re.compile(rb"tdm:reservation[^<>01]{0,80}?[\"'>]\s*([01])\b")
_META = re.compile(rb"<meta\b[^<>]{0,400}>", re.I)
_NAMED = re.compile(
    rb"""(?:name|property|http-equiv)\s*=\s*["']?(tdm[-:]reservation|content-usage)\b""", re.I
)
_CONTENT = re.compile(rb"""content\s*=\s*["']?\s*([^"'<>]{1,200})""", re.I)
_OPF = re.compile(rb"""tdm:reservation["'][^<>]*>\s*([01])\s*<""")
_FRONT = re.compile(rb"\A\xef?\xbb?\xbf?---\r?\n(.{0,8000}?)\r?\n(?:---|\.\.\.)", re.S)
_USAGE = re.compile(rb"^content-usage\s*:\s*['\"]?([^\r\n'\"]{1,200})", re.I | re.M)
_TRAIN = re.compile(rb"(?:^|[,\s])train-ai\s*=\s*([yn])", re.I)
_MARKED = re.compile(rb"datamining|tdm[-:]reservation|content-usage", re.I)


@dataclass(frozen=True)
class Reservation:
    """One statement: the standard that it follows, what it says, where it stood, and its own words."""

    standard: str
    says: Says
    where: str
    raw: str


def strictest(found: Iterable[Reservation]) -> Reservation | None:
    """The most restrictive of several; None where nothing is said."""
    return min(found, key=lambda one: _ORDER.index(one.says), default=None)


def read(data: bytes, suffix: str) -> tuple[Reservation, ...]:
    """All that the bytes of a file of this suffix say; damaged parts say nothing."""
    found: list[Reservation] = []
    if suffix == ".epub":
        with suppress(zipfile.BadZipFile, OSError, zlib.error, RuntimeError, NotImplementedError):
            found += _epub(data)
    elif suffix in (".html", ".htm", ".xhtml"):
        found += _html(data[:_MOST], "the head of the page")
    elif suffix == ".png":
        found += _xmp(_png_texts(data), "its XMP")
    elif (front := _FRONT.match(data[:10_000])) and (said := _USAGE.search(front[1])):
        found += _usage(said[1], "its front matter")
    elif _MARKED.search(data):
        found += _xmp(data, "its XMP")
    return tuple(dict.fromkeys(found))


def _xmp(data: bytes, where: str) -> list[Reservation]:
    found = []
    for said in _PLUS.findall(data):
        words = said.decode("ascii")
        if says := _plus(words):
            found.append(Reservation("PLUS Data Mining", says, where, words))
    for said in _TDM.findall(data):
        found.append(_tdm(said, where))
    return found


def _plus(words: str) -> Says | None:
    if words == "DMI-UNSPECIFIED":
        return None
    if words == "DMI-ALLOWED":
        return "allowed"
    return "constrained" if "-SEE" in words else "not allowed"


def _tdm(said: bytes, where: str) -> Reservation:
    says: Says = "not allowed" if said == b"1" else "allowed"
    return Reservation("TDMRep", says, where, f"tdm:reservation {said.decode('ascii')}")


def _html(data: bytes, where: str) -> list[Reservation]:
    found = []
    for element in _META.findall(data):
        named, content = _NAMED.search(element), _CONTENT.search(element)
        if named is None or content is None:
            continue
        value = content[1].strip()
        if named[1].lower().startswith(b"tdm") and value in (b"0", b"1"):
            found.append(_tdm(value, where))
        elif named[1].lower() == b"content-usage":
            found += _usage(value, where)
    return found


def _usage(value: bytes, where: str) -> list[Reservation]:
    said = _TRAIN.search(value)
    if said is None:
        return []
    says: Says = "not allowed" if said[1].lower() == b"n" else "allowed"
    return [Reservation("IETF AIPREF", says, where, value.decode("utf-8", "replace").strip())]


def _epub(data: bytes) -> list[Reservation]:
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for part in book.infolist():
            if part.filename.lower().endswith(".opf") and part.file_size <= _MOST:
                text = book.read(part)
                found += [_tdm(said, "the package of the book") for said in _OPF.findall(text)]
                found += _html(text, "the package of the book")
    return found


def _png_texts(data: bytes) -> bytes:
    """What the text chunks of a PNG hold, unpacked."""
    out, at = [], 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        if kind == b"iTXt":
            _, _, rest = body.partition(b"\0")
            packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
            with suppress(zlib.error):
                out.append(zlib.decompressobj().decompress(text, _MOST) if packed else text)
        elif kind in (b"tEXt", b"zTXt"):
            out.append(body)
        at += 12 + length
    return b"\n".join(out)


_CAWG = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.data_mining")
_OLD = ("c2pa.ai_generative_training", "c2pa.ai_training", "c2pa.data_mining")
_USES: dict[str, Says] = {"notAllowed": "not allowed", "constrained": "constrained", "allowed": "allowed"}


def of_manifest(manifest: Mapping[str, Any]) -> tuple[Reservation, ...]:
    """What the active manifest of a C2PA credential says of training, by CAWG or by C2PA before 2.0."""
    found = []
    for assertion in manifest.get("assertions", ()):
        label = str(assertion.get("label", ""))
        if "training-mining" not in label:
            continue
        entries = dict((assertion.get("data") or {}).get("entries") or {})
        for key in (*_CAWG, *_OLD):
            use = str((entries.get(key) or {}).get("use", ""))
            if use in _USES:
                where = f"its credential, assertion {label}"
                found.append(Reservation("CAWG in C2PA", _USES[use], where, f"{key}: {use}"))
    return tuple(found)
