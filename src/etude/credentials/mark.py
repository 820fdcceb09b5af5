"""The IPTC digital source type and the PLUS data-mining flag as XMP, put into a file before it is signed.

Bytes in, bytes out, for PNG, JPEG, WebP, GIF, SVG, WAV and MP4. The other formats have no place for it that
can be reached without writing the file anew; there the same source type stands in the credential alone. A
file that cannot be parsed, or that says its source type already, is given back as it is. Knows nothing of
C2PA. After the IPTC Photo Metadata Standard 2023.2, the XMP specification part 3 (2020), and PLUS 2.0.1;
WebP's extended header after its container specification (RFC 9649, 2.7).
"""

from __future__ import annotations

import re
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEY = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00"  # keyword, not compressed, no language, no translation
_JPEG_KEY = b"http://ns.adobe.com/xap/1.0/\x00"
_GIF_KEY = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER = (
    b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
)  # wherever a reader of sub-blocks lands in it, it is led to the end
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10  # of WebP's extended header
_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PLUS = "http://ns.useplus.org/ldf/vocab/DMI-"
_MINING = {"allowed": "ALLOWED", "notAllowed": "PROHIBITED", "constrained": "PROHIBITED-SEECONSTRAINT"}


def mark(data: bytes, mime: str, source_type: str, training_use: str) -> bytes:
    """`data` with an XMP packet that names its source type (an IPTC URI) and whether others may learn from
    it."""
    if b"DigitalSourceType" in data or b"<x:xmpmeta" in data:
        return data  # a packet of the person's own is not ours to rewrite
    writer = _WRITERS.get(mime)
    return data if writer is None else writer(data, _packet(source_type, _PLUS + _MINING[training_use]))


def _packet(source_type: str, mining: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
        f'Iptc4xmpExt:DigitalSourceType="{source_type}" plus:DataMining="{mining}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def _wrapped(packet: bytes) -> bytes:
    return b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>' + packet + b'<?xpacket end="r"?>'


def _png(data: bytes, packet: bytes) -> bytes:
    if data[:8] != _PNG or data[12:16] != b"IHDR":
        return data
    end = 8 + 12 + int.from_bytes(data[8:12], "big")
    body = b"iTXt" + _PNG_KEY + _wrapped(packet)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return data[:end] + chunk + data[end:]


def _jpeg(data: bytes, packet: bytes) -> bytes:
    if data[:3] != b"\xff\xd8\xff":
        return data
    at = 2
    while data[at : at + 2] in (b"\xff\xe0", b"\xff\xe1"):  # after JFIF and Exif, which readers expect first
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    body = _JPEG_KEY + _wrapped(packet)
    return data[:at] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + data[at:]


def _svg(data: bytes, packet: bytes) -> bytes:
    opening = re.search(rb"""<svg(?:\s(?:[^"'<>]|"[^"]*"|'[^']*')*)?>""", data)
    if opening is None or opening.group().endswith(b"/>"):
        return data
    return data[: opening.end()] + b"<metadata>" + packet + b"</metadata>" + data[opening.end() :]


def _wav(data: bytes, packet: bytes) -> bytes:
    return (
        _riff(b"WAVE", data[12:] + _chunk(b"_PMX", _wrapped(packet))) if _whole_riff(data, b"WAVE") else data
    )


def _webp(data: bytes, packet: bytes) -> bytes:
    """A file of one chunk gets the extended header that says what more there is."""
    kind, head = data[12:16], data[20:30]
    if (
        not _whole_riff(data, b"WEBP")
        or len(head) < (5 if kind == b"VP8L" else 10)
        or (kind == b"VP8X" and head[0] & _XMP_FLAG)
    ):
        return data
    if kind == b"VP8X":
        body = data[12:20] + bytes([head[0] | _XMP_FLAG]) + data[21:]
    elif kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(
            head[1:5], "little"
        )  # 14 bits of width - 1, 14 of height - 1, one: whether there is transparency
        body = _extended(bits & 0x3FFF, bits >> 14 & 0x3FFF, alpha=bool(bits >> 28 & 1)) + data[12:]
    elif kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(head[i : i + 2], "little") & 0x3FFF for i in (6, 8))
        if not width or not height:
            return data
        body = _extended(width - 1, height - 1, alpha=False) + data[12:]
    else:
        return data
    return _riff(b"WEBP", body + _chunk(b"XMP ", _wrapped(packet)))


def _extended(right: int, bottom: int, *, alpha: bool) -> bytes:
    flags = _XMP_FLAG | (_ALPHA_FLAG if alpha else 0)
    return _chunk(
        b"VP8X", bytes([flags, 0, 0, 0]) + right.to_bytes(3, "little") + bottom.to_bytes(3, "little")
    )


def _whole_riff(data: bytes, form: bytes) -> bool:
    size = int.from_bytes(data[4:8], "little")
    return data[:4] == b"RIFF" and data[8:12] == form and size + 8 == len(data) and size % 2 == 0


def _riff(form: bytes, chunks: bytes) -> bytes:
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + form + chunks


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\x00" * (len(body) % 2)


def _gif(data: bytes, packet: bytes) -> bytes:
    """Before the first picture, after the word that it is endless, which some readers expect first.
    Extensions make it a GIF89a."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14 or _GIF_KEY in data:
        return data
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    endless = data[at : at + 19]
    at += 19 if endless[:15] == b"\x21\xff\x0bNETSCAPE2.0\x03" and endless[18:] == b"\0" else 0
    if data[at : at + 1] not in (b"\x21", b"\x2c", b"\x3b"):
        return data  # cut short
    return b"GIF89a" + data[6:at] + _GIF_KEY + _wrapped(packet) + _GIF_TRAILER + data[at:]


def _boxes(data: bytes, packet: bytes) -> bytes:
    """At the end, so that no place in the file moves; not where the last box has no size, since it would
    swallow what follows."""
    at = 0
    while 0 <= at <= len(data) - 8:
        size = int.from_bytes(data[at : at + 4], "big")
        size = int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size
        if size < 8 or data[at + 4 : at + 8] == b"mfra" or data[at + 8 : at + 24] == _BOX:
            return data  # mfra is found from the end of the file
        at += size
    body = b"uuid" + _BOX + _wrapped(packet)
    return (
        data + (len(body) + 4).to_bytes(4, "big") + body if at == len(data) and data[4:8] == b"ftyp" else data
    )


_WRITERS = {
    "image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp, "image/gif": _gif, "image/svg+xml": _svg, "audio/wav": _wav,
    "video/mp4": _boxes,
}  # fmt: skip
