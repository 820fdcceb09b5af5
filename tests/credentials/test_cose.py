"""Seals made by hand: every algorithm that C2PA allows is checked, and nothing that is malformed passes or
raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.credentials.cose import _decode, seal_of

HASHES = {
    -7: hashes.SHA256(),
    -35: hashes.SHA384(),
    -36: hashes.SHA512(),
    -37: hashes.SHA256(),
    -38: hashes.SHA384(),
    -39: hashes.SHA512(),
}
CURVES = {-7: ec.SECP256R1(), -35: ec.SECP384R1(), -36: ec.SECP521R1()}
ALGORITHMS = (*HASHES, -8)
X5CHAIN = 33


def cbor(value: Any) -> bytes:
    """As RFC 8949 wants it."""

    def head(major: int, n: int) -> bytes:
        if n < 24:
            return bytes([major << 5 | n])
        width = next(w for w in range(4) if n < 256 ** (1 << w))
        return bytes([major << 5 | 24 + width]) + n.to_bytes(1 << width, "big")

    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(inner) for key, inner in value.items())


def box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def labelled(label: str, *boxes: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", bytes(16) + b"\x03" + label.encode() + b"\0") + b"".join(boxes))


@cache
def signer(algorithm: int) -> tuple[Any, x509.Certificate]:
    key: Any
    if algorithm == -8:
        key = ed25519.Ed25519PrivateKey.generate()
    elif algorithm in CURVES:
        key = ec.generate_private_key(CURVES[algorithm])
    elif algorithm == -37:
        key = rsa.generate_private_key(65537, 2048)
    else:
        return signer(-37)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ann")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return key, built.sign(key, None if algorithm == -8 else hashes.SHA256())


def store(
    algorithm: int = -7,
    *,
    claim: bytes = b"what is claimed",
    inside: bool = True,
    alone: bool = False,
    open_parts: Any = None,
    payload: bytes | None = None,
    named: str = "c2pa.claim.v2",
    as_algorithm: int | None = None,
    twice: bool = False,
) -> bytes:
    key, certificate = signer(algorithm)
    der = certificate.public_bytes(Encoding.DER)
    chain = {X5CHAIN: der if alone else [der, b"the authority"]}
    protected = cbor({1: as_algorithm or algorithm} | (chain if inside else {}))
    signed = cbor(["Signature1", protected, b"", claim])
    if algorithm == -8:
        signature = key.sign(signed)
    elif algorithm in CURVES:
        size = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(HASHES[algorithm])))
        signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    else:
        digest = HASHES[algorithm]
        signature = key.sign(signed, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    unprotected = open_parts if open_parts is not None else {} if inside else chain
    sealed = cbor([protected, unprotected, payload, signature])
    boxes = [labelled(named, box(b"cbor", claim)), labelled("c2pa.signature", box(b"cbor", sealed))]
    return labelled("c2pa", labelled("mine", *boxes, *boxes[: 1 if twice else 0]))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_seal_of_every_algorithm_is_checked_with_its_own_key(algorithm: int) -> None:
    made = store(algorithm)
    seal = seal_of(made, "mine")
    assert seal is not None and seal.clean and seal.certificate == signer(algorithm)[1]
    assert seal_of(made.replace(b"what is claimed", b"what was claimed"[:15]), "mine") is None
    assert seal_of(made[:-1] + bytes([made[-1] ^ 1]), "mine") is None
    assert seal_of(made, "another") is None
    for other in ALGORITHMS:
        if HASHES.get(other) != HASHES.get(algorithm):
            assert seal_of(store(algorithm, as_algorithm=other), "mine") is None
    assert seal_of(store(algorithm, as_algorithm=-257), "mine") is None


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("named", ["c2pa.claim", "c2pa.claim.v2"])
def test_the_certificate_is_found_wherever_it_may_stand(inside: bool, alone: bool, named: str) -> None:
    seal = seal_of(store(inside=inside, alone=alone, named=named, payload=b""), "mine")
    assert seal is not None and seal.certificate == signer(-7)[1]


def test_sizes_of_boxes_are_written_in_three_ways_and_never_reach_beyond_the_end() -> None:
    made = store()
    kind, body = made[4:8], made[8:]
    for head in (b"\0\0\0\0" + kind, b"\0\0\0\1" + kind + (len(body) + 16).to_bytes(8, "big")):
        assert seal_of(head + body, "mine") is not None
    for size in (2, 7, len(made) + 1):
        assert seal_of(size.to_bytes(4, "big") + made[4:], "mine") is None
    assert seal_of(made + b"\0\0\0\7", "mine") is not None  # too short for a box
    assert seal_of(b"\0\0\0\1" + kind + (15).to_bytes(8, "big") + body, "mine") is None


@pytest.mark.parametrize("size", [1, 23, 24, 255, 256, 65535, 65536])
def test_a_claim_of_any_size_is_signed_whole(size: int) -> None:
    assert seal_of(store(claim=bytes(size)), "mine") is not None


@pytest.mark.parametrize(
    ("open_parts", "clean"),
    [
        ({"pad": bytes(9), "pad2": b""}, True),
        ({"sigTst": b"x", "sigTst2": {"a": [1]}, "rVals": b"y"}, True),
        ({"pad": b"\0\0\1"}, False),
        ({"pad": "text"}, False),
        ({"note": b"\0"}, False),
        ({"pad": bytes(9), "note": b"words that nobody signed"}, False),
    ],
)
def test_what_the_signature_leaves_open_must_be_empty(open_parts: Any, clean: bool) -> None:
    seal = seal_of(store(open_parts=open_parts), "mine")
    assert seal is not None and seal.clean is clean


def test_seals_that_can_be_read_in_two_ways_are_none() -> None:
    assert seal_of(store(twice=True), "mine") is None
    assert seal_of(store(payload=b"another claim"), "mine") is None
    assert seal_of(store(open_parts=[]), "mine") is None
    assert seal_of(store(open_parts=3), "mine") is None
    assert seal_of(b"", "mine") is None


def test_boxes_and_values_may_not_lie_deeper_than_a_reader_can_go() -> None:
    deep = store()
    for _ in range(40):
        deep = labelled("c2pa", deep)
    assert seal_of(deep, "mine") is None
    with pytest.raises(ValueError, match="too deep"):
        _decode(b"\x81" * 40 + b"\x00")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=300)
    | st.text(max_size=99),
    lambda inner: (
        st.lists(inner, max_size=30)
        | st.dictionaries(st.text(max_size=9) | st.integers(-99, 99), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=50)
@given(VALUES)
def test_values_are_read_as_they_were_written(value: Any) -> None:
    assert _decode(cbor(value)) == value
    with pytest.raises((ValueError, IndexError)):
        _decode(cbor(value) + b"\x00")
    with pytest.raises((ValueError, IndexError)):
        _decode(cbor(value)[:-1])


@given(st.integers(0, 1999), st.binary(min_size=1, max_size=4))
def test_a_seal_with_other_bytes_anywhere_is_none_or_the_same(at: int, other: bytes) -> None:
    made = store()
    at %= len(made)
    changed = made[:at] + other + made[at + len(other) :]
    seal = seal_of(changed, "mine")
    assert seal is None or seal.certificate == signer(-7)[1]


@given(st.binary(max_size=60))
def test_any_bytes_at_all_are_no_seal(data: bytes) -> None:
    assert seal_of(data, "mine") is None
    assert seal_of(labelled("c2pa", labelled("mine", data)), "mine") is None
    parts = [labelled("c2pa.claim.v2", box(b"cbor", b"x")), labelled("c2pa.signature", box(b"cbor", data))]
    assert seal_of(labelled("c2pa", labelled("mine", *parts)), "mine") is None
