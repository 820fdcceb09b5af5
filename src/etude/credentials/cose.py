"""Who really signed: finds the signature in a C2PA manifest store and checks it against the certificate it
carries.

c2pa validates the whole of a credential but tells only the names in the signer's certificate, and names prove
nothing. So the certificate is taken out here, and the signature over the claim is checked with its key once
more: the fingerprint that is shown is then that of the key which signed. Reads bytes only; every malformed
input ends in None. JUMBF (ISO/IEC 19566-5) boxes, CBOR (RFC 8949), COSE_Sign1 (RFC 9052) as in C2PA 2.2,
section 13.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_X5CHAIN = 33
_HASHES: dict[int, hashes.HashAlgorithm] = {
    -7: hashes.SHA256(),  # ECDSA
    -35: hashes.SHA384(),
    -36: hashes.SHA512(),
    -37: hashes.SHA256(),  # RSA-PSS
    -38: hashes.SHA384(),
    -39: hashes.SHA512(),
}
_MAX_DEPTH = 16


@dataclass(frozen=True)
class Seal:
    """A signature that holds: the certificate whose key made it, and whether the bytes it leaves open are all
    empty."""

    certificate: x509.Certificate
    clean: bool


def seal_of(store: bytes, label: str) -> Seal | None:
    """The seal of the manifest `label` in a manifest store; None when it is missing, malformed or does not
    hold."""
    try:
        labelled = list(_labelled(store, ()))
        boxes = dict(labelled)
        if len(boxes) != len(
            labelled
        ):  # two boxes of one name: which of them was signed would be a matter of taste
            return None
        claim = boxes.get(("c2pa", label, "c2pa.claim.v2")) or boxes[("c2pa", label, "c2pa.claim")]
        protected, unprotected, payload, signature = _decode(boxes[("c2pa", label, "c2pa.signature")])
        if payload not in (None, b""):  # the claim is signed detached
            return None
        header = _decode(protected)
        if not (isinstance(header, dict) and isinstance(unprotected, dict)):
            return None
        chain = header[_X5CHAIN] if _X5CHAIN in header else unprotected[_X5CHAIN]
        certificate = x509.load_der_x509_certificate(chain if isinstance(chain, bytes) else chain[0])
        signed = (
            b"\x84\x6aSignature1"
            + _bytes_head(len(protected))
            + protected
            + b"\x40"
            + _bytes_head(len(claim))
            + claim
        )
        _check(certificate, header[1], signature, signed)
    except (
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        InvalidSignature,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
    ):
        return None
    open_bytes = {
        key: value
        for key, value in unprotected.items()
        if key not in (_X5CHAIN, "sigTst", "sigTst2", "rVals")
    }
    clean = all(
        key in ("pad", "pad2") and isinstance(value, bytes) and not any(value)
        for key, value in open_bytes.items()
    )
    return Seal(certificate, clean)


def _check(certificate: x509.Certificate, algorithm: int, signature: bytes, signed: bytes) -> None:
    """Raises InvalidSignature (or ValueError for an algorithm that C2PA does not allow)."""
    key = certificate.public_key()
    if isinstance(key, ed25519.Ed25519PublicKey) and algorithm == -8:
        key.verify(signature, signed)
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm in (-7, -35, -36):
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(_HASHES[algorithm]))
    elif isinstance(key, rsa.RSAPublicKey) and algorithm in (-37, -38, -39):
        digest = _HASHES[algorithm]
        key.verify(signature, signed, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    else:
        raise ValueError(f"algorithm {algorithm}")


def _labelled(data: bytes, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """(path of labels, content of the first box) of every labelled JUMBF box."""
    if len(path) > _MAX_DEPTH:
        raise ValueError("boxes too deep")
    for kind, body in _boxes(data):
        if kind != b"jumb":
            continue
        inner = list(_boxes(body))
        description = inner[0][1]
        if inner[0][0] != b"jumd" or not description[16] & 2:
            continue
        here = (*path, description[17:].split(b"\x00", 1)[0].decode())
        for inner_kind, inner_body in inner[1:]:
            if inner_kind != b"jumb":
                yield here, inner_body
                break
        yield from _labelled(body, here)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = len(data) if size == 0 else at + size
        if end < at + head or end > len(data):
            raise ValueError("box size")
        yield kind, data[at + head : end]
        at = end


def _bytes_head(size: int) -> bytes:
    """The head of a CBOR byte string."""
    if size < 24:
        return bytes([0x40 | size])
    width = next(w for w in (1, 2, 4, 8) if size < 1 << (8 * w))
    return bytes([0x40 | 24 + (1, 2, 4, 8).index(width)]) + size.to_bytes(width, "big")


def _decode(data: bytes) -> Any:
    """The one CBOR item that `data` is."""
    value, end = _item(data, 0, 0)
    if end != len(data):
        raise ValueError("bytes after the CBOR item")
    return value


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _MAX_DEPTH:
        raise ValueError("CBOR too deep")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info >= 28:
        raise ValueError("indefinite or reserved CBOR length")
    if info >= 24:
        width = 1 << (info - 24)
        if at + width > len(data):
            raise ValueError("CBOR ends early")
        n, at = int.from_bytes(data[at : at + width], "big"), at + width
    else:
        n = info
    if major in (0, 1):
        return (n if major == 0 else -1 - n), at
    if major in (2, 3):
        if at + n > len(data):
            raise ValueError("CBOR ends early")
        return (data[at : at + n] if major == 2 else data[at : at + n].decode()), at + n
    if major == 4:
        items = []
        for _ in range(n):
            value, at = _item(data, at, depth + 1)
            items.append(value)
        return items, at
    if major == 5:
        pairs: dict[Any, Any] = {}
        for _ in range(n):
            key, at = _item(data, at, depth + 1)
            pairs[key], at = _item(data, at, depth + 1)
        return pairs, at
    if major == 6:
        return _item(data, at, depth + 1)
    return {20: False, 21: True, 22: None}.get(n, n), at
