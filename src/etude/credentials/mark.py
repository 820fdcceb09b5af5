"""The IPTC digital source type and the PLUS data-mining flag as XMP, put into a file before it is signed.

Bytes in, bytes out, for PNG, JPEG, SVG and WAV. The other formats have no place for it that can be reached without writing the
file anew; there the same source type stands in the credential alone. A file that cannot be parsed, or that says its source
type already, is given back as it is. Knows nothing of C2PA. After the IPTC Photo Metadata Standard 2023.2, the XMP
specification part 3 (2020), and PLUS 2.0.1.
"""

from __future__ import annotations

import re
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEY = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00"  # keyword, not compressed, no language, no translation
_JPEG_KEY = b"http://ns.adobe.com/xap/1.0/\x00"
_PLUS = "http://ns.useplus.org/ldf/vocab/DMI-"
_MINING = {"allowed": "ALLOWED", "notAllowed": "PROHIBITED", "constrained": "PROHIBITED-SEECONSTRAINT"}


def mark(data: bytes, mime: str, source_type: str, training_use: str) -> bytes:
    """`data` with an XMP packet that names its source type (an IPTC URI) and whether others may learn from it."""
    if b"DigitalSourceType" in data or b'<x:xmpmeta xmlns:x="adobe:ns:meta/"' in data:
        return data  # a packet of the person's own is not ours to rewrite
    writer = {"image/png": _png, "image/jpeg": _jpeg, "image/svg+xml": _svg, "audio/wav": _wav}.get(mime)
    return data if writer is None else writer(data, _packet(source_type, _PLUS + _MINING[training_use]))


def _packet(source_type: str, mining: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
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
    size = int.from_bytes(data[4:8], "little")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE" or size + 8 != len(data) or size % 2:
        return data
    body = _wrapped(packet)
    chunk = b"_PMX" + len(body).to_bytes(4, "little") + body + b"\x00" * (len(body) % 2)
    return b"RIFF" + (size + len(chunk)).to_bytes(4, "little") + data[8:] + chunk
