"""Signing a file: mark it, sign it, check the result, and only then put it where the caller said.

The file that is read is never written to, unless the caller names it as the place of the result too; even
then it is replaced in one step. A credential that the file has already stays inside as its history. Where the
format has no room (text, MIDI, MusicXML, ...) the file is copied as it is and the credential lies beside it.
Knows nothing of projects and pieces.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etude.config.trust import CREDENTIALS
from etude.credentials import cose, engine
from etude.credentials.beside import fits
from etude.credentials.formats import kind_of, sidecar_for
from etude.credentials.keys import Keyring, Signer, common_name, fingerprint_of, same_name
from etude.credentials.manifest import build_manifest, own_assertions, source_type
from etude.credentials.mark import mark
from etude.credentials.records import Record, add_record
from etude.credentials.statement import Statement
from etude.errors import CredentialError
from etude.store.files import write_atomic

# Said of every self-made certificate; who signed is checked by fingerprint
_UNTRUSTED = "signingCredential.untrusted"


@dataclass(frozen=True)
class Signed:
    """A signed file. `manifest_path` is None where the credential is inside; `sha256` is of the file at
    `path`."""

    path: Path
    manifest_path: Path | None
    fingerprint: str
    sha256: str


def sign(
    path_in: Path,
    path_out: Path,
    statement: Statement,
    keyring: Keyring,
    *,
    manifest_path: Path | None = None,
    replace_other: bool = False,
) -> Signed:
    """Sign the file at `path_in` with `statement` and put the result at `path_out` (which may be the same).

    `manifest_path` says where a credential beside the file goes (default `sidecar_for(path_out)`).
    `replace_other` allows to replace a credential under another name that lies beside the file, be it
    somebody else's or of another signer on this machine; one inside the file is kept as its history instead.
    Raises CredentialError (no signer, expired, empty or broken file, another's credential) or ProjectError
    (cannot be written); nothing is then changed.
    """
    signer = _usable(keyring)
    path_out = path_out.resolve()
    data = _read(path_in)
    kind = kind_of(path_out)
    if kind_of(path_in) != kind:
        raise CredentialError(
            f"{path_in.name} cannot become {path_out.name} by signing.",
            "Give the result the same suffix as the file.",
        )
    statement = replace(
        statement, signed_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )
    continues, bare = False, data
    beside: Path | None = None
    if kind.embedded:
        continues = engine.read_bytes(data, kind.mime) is not None
        bare = data if continues else mark(data, kind.mime, source_type(statement), statement.training_use)
    else:
        beside = manifest_path or sidecar_for(path_out)
        if not replace_other:
            _refuse_other(beside, data, kind.mime, keyring, signer)
    definition = build_manifest(statement, kind.mime, continues=continues)
    key_pem = signer.key_path.read_text()
    store, signed = engine.sign_bytes(
        bare, kind.mime, definition, signer.chain_pem, key_pem, embed=kind.embedded, continues=continues
    )
    _check(path_in.name, signed, kind.mime, None if kind.embedded else store, definition, signer)
    # First the file, then what lies beside it: a crash in between leaves a file without credential, which
    # signing again mends.
    if not (path_out.exists() and path_out.read_bytes() == signed):
        write_atomic(path_out, signed)
    if beside is not None:
        write_atomic(beside, store)
    digest = hashlib.sha256(signed).hexdigest()
    record = Record(
        digest, hashlib.sha256(bare).hexdigest(), str(path_out), statement.signed_at, signer.fingerprint
    )
    add_record(keyring.home, record)
    return Signed(path_out, beside, signer.fingerprint, digest)


def _usable(keyring: Keyring) -> Signer:
    signer = keyring.signer
    if signer is None:
        raise CredentialError(
            "There is no signer yet.", "Sign with `etude sign FILE --as NAME`: the key is made on first use."
        )
    if signer.ended:
        raise CredentialError(
            f"Your certificate expired on {signer.ends:%Y-%m-%d}: nothing can be signed with it.",
            "Make a new signer: etude sign FILE --as NAME",
        )
    return signer


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > CREDENTIALS.max_bytes:
            raise CredentialError(
                f"{path.name} has {size:,} bytes; at most {CREDENTIALS.max_bytes:,} can be signed.",
                "Make it smaller first.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    if not data:
        raise CredentialError(
            f"{path.name} has 0 bytes: there is nothing to sign.", "Make or export the piece again."
        )
    return data


def _refuse_other(beside: Path, data: bytes, mime: str, keyring: Keyring, signer: Signer) -> None:
    """A credential under another name beside the file is that person's mark on it; it is not to be
    overwritten unasked.

    Several people may sign on one machine, so that a key which lies here is not enough: the name must be the
    signer's too.
    """
    store = b""
    with suppress(OSError):
        store = beside.read_bytes()
    found = engine.read_bytes(data, mime, store) if store else None
    if isinstance(found, engine.Found) and fits(found):  # one that has ended is that person's too
        seal = cose.seal_of(found.store, found.label)
        mine = seal is not None and fingerprint_of(seal.certificate) in keyring.mine
        name = common_name(seal.certificate) if seal is not None else ""
        if not mine or not same_name(name, signer.name):
            whose = f"{name}'s" if mine else "another signer's"
            raise CredentialError(
                f"{beside.name} is {whose} credential of this file.",
                "Keep it and sign under another file name, or sign with --replace.",
            )


def _check(
    name: str, signed: bytes, mime: str, store: bytes | None, definition: dict[str, Any], signer: Signer
) -> None:
    """Reads back what was signed, before anything is written: whole, by this signer, and saying what was
    previewed."""
    found = engine.read_bytes(signed, mime, store)
    wrong = "it cannot be read back"
    if isinstance(found, engine.Found):
        seal = cose.seal_of(found.store, found.label)
        said = {a["label"]: a["data"] for a in found.manifest.get("assertions", ()) if a.get("created")}
        own = own_assertions(definition)
        if failures := set(found.failures) - {_UNTRUSTED}:
            wrong = ", ".join(sorted(failures))
        elif seal is None or fingerprint_of(seal.certificate) != signer.fingerprint:
            wrong = "the signature is not this signer's"
        elif {label: data for label, data in said.items() if label in own} != own:
            wrong = "it does not say what was previewed"
        else:
            return
    raise CredentialError(
        f"The credential of {name} did not verify after signing: {wrong}.",
        "Nothing was written. Please report this.",
    )
