"""The one door to the c2pa library: sign bytes, read bytes. No network, no thumbnails, nothing in place.

Knows nothing of files, keyrings or what a manifest says. c2pa-python is pinned (0.38): it changes weekly, and
what is relied on here is checked by tests/credentials. Sources and destinations are always separate streams:
the library empties a file that is signed onto itself.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from dataclasses import dataclass
from typing import Any

import c2pa

from etude.credentials.manifest import GENERATOR
from etude.errors import CredentialError

_SETTINGS: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {
        "thumbnail": {"enabled": False},  # they can make a file larger than the work itself
        # Ingredients have no mark of their own; without these two lines they are not attributed to the
        # signer.
        "created_assertion_labels": [
            "c2pa.ingredient.v3",
            "c2pa.ingredient",
            "c2pa.actions.v2",
            "c2pa.actions",
        ],
    },
}
# identifier, box instance, first packet: how the library opens its APP11 segment.
_JPEG_HEAD = b"JP\x02\x11\x00\x00\x00\x01"
_ONE_SEGMENT = 60_000  # bytes of a store that fits into one JPEG segment for certain
_GIF_HEAD = b"\x21\xff\x0bC2PA_GIF\x01\x00\x00"


@dataclass(frozen=True)
class Found:
    """A credential that could be parsed. `failures`: C2PA codes of the active manifest (and of its history,
    marked so)."""

    label: str
    manifest: dict[str, Any]
    store: bytes  # the manifest store as the library writes it
    failures: tuple[str, ...]
    history: tuple[str, ...]


@dataclass(frozen=True)
class Broken:
    """There is a credential, or the file should hold one, but it cannot be parsed."""

    reason: str


def sign_bytes(
    data: bytes,
    mime: str,
    definition: dict[str, Any],
    chain_pem: str,
    key_pem: str,
    *,
    embed: bool,
    continues: bool,
) -> tuple[bytes, bytes]:
    """Signs `data`. Returns (manifest store, signed file); without `embed` the file is given back unchanged.

    Raises CredentialError with the library's reason.
    """
    target = io.BytesIO()
    try:
        with _context() as context, c2pa.Builder(definition, context=context) as builder:
            if continues:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            if not embed:
                builder.set_no_embed()
            info = c2pa.C2paSignerInfo(b"es256", chain_pem.encode(), key_pem.encode(), None)
            with c2pa.Signer.from_info(info) as signer:
                store = builder.sign(signer, mime, io.BytesIO(data), target)
    except c2pa.C2paError as error:
        raise CredentialError(
            f"The file could not be signed as {mime}: {_reason(error)}.",
            "Check that the file opens elsewhere.",
        ) from error
    return store, target.getvalue() if embed else data


def read_bytes(data: bytes, mime: str, store: bytes | None = None) -> Found | Broken | None:
    """The credential in `data`, or the detached one given as `store`; None when there is none."""
    try:
        with _context() as context, c2pa.Reader(mime, io.BytesIO(data), store, context) as reader:
            report = json.loads(reader.json())
            label, manifest = report["active_manifest"], report["manifests"][report["active_manifest"]]
            buffer = io.BytesIO()
            reader.resource_to_stream(f"self#jumbf=/c2pa/{label}", buffer)
    except c2pa.C2paError.ManifestNotFound:
        return None
    except c2pa.C2paError as error:
        return Broken(_reason(error))
    except (KeyError, ValueError):
        return Broken("it has no whole active manifest")
    results = report.get("validation_results", {})
    failures = tuple(f["code"] for f in results.get("activeManifest", {}).get("failure", ()))
    deltas = [d.get("validationDeltas", {}).get("failure", ()) for d in results.get("ingredientDeltas", ())]
    return Found(label, manifest, buffer.getvalue(), failures, tuple(f["code"] for d in deltas for f in d))


def written_by_etude(found: Found) -> bool:
    """Whether the signed claim says that Etude made it."""
    return any(info.get("name") == GENERATOR for info in found.manifest.get("claim_generator_info", ()))


def as_written(found: Found, data: bytes, mime: str, sidecar: bytes | None) -> bool:
    """Whether the manifest store lies in the file byte for byte as the library writes it.

    The library mends what it reads: changed labels and sizes of boxes, bytes that no hash covers, pass
    unnoticed. Only formats whose wrapping is known here are compared (not MP3, MP4, PDF and ZIP files, nor a
    store above 60 kB in JPEG).
    """
    store = found.store
    if sidecar is not None:
        return sidecar == store
    if mime == "image/svg+xml":
        return base64.b64encode(store) in data
    if mime == "image/gif":
        return store == _gif_store(data)
    at = data.find(store)
    if mime == "image/png":
        crc = data[at + len(store) : at + len(store) + 4]
        return at >= 8 and crc == zlib.crc32(data[at - 4 : at + len(store)]).to_bytes(4, "big")
    if mime == "image/jpeg" and len(store) < _ONE_SEGMENT:
        return at >= 8 and data[at - 8 : at] == _JPEG_HEAD
    return at >= 0 or mime not in ("audio/wav", "image/webp", "image/tiff")


def _gif_store(data: bytes) -> bytes:
    """The store out of the sub-blocks of the GIF extension that carries it; b"" where there is none."""
    at = data.find(_GIF_HEAD)
    parts, at = [], at + len(_GIF_HEAD)
    while at >= len(_GIF_HEAD) and at < len(data) and data[at]:
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts)


def _context() -> Any:
    return c2pa.Context.from_dict(_SETTINGS)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".:")[:200]
