"""What a file's credential is worth: whole or altered, whose, and what it says.

Two questions are kept apart. Whether the file is as it was signed: c2pa answers. Who signed it: the
fingerprint of the key answers, never the name, since anybody can make a certificate with your name in it.
Without the network there is no trusted time: "when" is what the signer's own clock said. Knows nothing of
projects and pieces; writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Any, Literal

from etude.config.trust import CREDENTIALS
from etude.credentials import beside, cose, engine
from etude.credentials.formats import SIDECAR, kind_of, sidecars_of
from etude.credentials.keys import Keyring, common_name, fingerprint_of, grouped
from etude.credentials.records import find_record
from etude.credentials.statement import public_text
from etude.errors import CredentialError

State = Literal["intact", "unknown-signer", "altered", "stripped", "none", "expired", "malformed"]
_WORDS: dict[State, str] = {
    "intact": "Intact, and signed by",
    "unknown-signer": "Unaltered, but the signer is unknown",
    "altered": "Altered after it was signed",
    "stripped": "The credential is gone",
    "none": "No credential",
    "expired": "Unaltered, but the signer's certificate has expired",
    "malformed": "The credential cannot be read",
}
_EXPIRED = {"signingCredential.expired", "claimSignature.outsideValidity"}
_UNTRUSTED = {"signingCredential.untrusted"}


@dataclass(frozen=True)
class Verification:
    """The answer of `verify`. `signer` is the name that the certificate claims; only `fingerprint`
    identifies."""

    path: Path
    state: State
    signer: str = ""
    fingerprint: str = ""
    is_mine: bool = False
    known_as: str = ""  # the name under which this person knows the signer
    when: str = ""  # by the signer's own clock
    statement: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    manifest_path: Path | None = None

    @property
    def exit_code(self) -> int:
        """0 intact and signed by oneself or a known signer; 1 anything else. Errors are raised and end in
        2."""
        return 0 if self.state == "intact" else 1

    def describe(self) -> str:
        """The answer in words, one fact a line, the verdict first."""
        who = (
            (" you" if self.is_mine else f" {self.known_as or self.signer} (known to you)")
            if self.state == "intact"
            else ""
        )
        lines = [f"{self.path.name}: {_WORDS[self.state]}{who}."]
        if self.fingerprint:
            lines += [
                f"  Name in the certificate: {self.signer or '(none)'}",
                f"  Fingerprint: {grouped(self.fingerprint)}",
            ]
        lines += [f"  Signed at: {self.when} (by the signer's clock)"] if self.when else []
        return "\n".join(lines + [f"  {reason}" for reason in self.reasons])


@dataclass(frozen=True)
class _Candidate:
    found: engine.Found | engine.Broken
    manifest_path: Path | None
    sidecar: bytes | None


def verify(path: Path, keyring: Keyring) -> Verification:
    """Check the credential inside `path` or beside it; of a `.c2pa` file, the file that it belongs to.

    Where no credential of its name fits, those of other names in the folder are looked through. Raises
    CredentialError when the file cannot be read, or a credential belongs to no file of its folder.
    """
    path = path.resolve()
    if path.suffix.lower() == SIDECAR and path.is_file():
        path = _file_of(path)
    try:
        if path.stat().st_size > CREDENTIALS.max_bytes:
            raise CredentialError(
                f"{path.name} is larger than {CREDENTIALS.max_bytes:,} bytes.",
                "Check it with another C2PA tool.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    answers = [_judge(path, data, candidate, keyring) for candidate in _candidates(path, data)]
    if all(answer.state in ("altered", "malformed") for answer in answers):
        for found, sidecar, store in beside.credentials_of(path, data):
            told = f"Its credential is {sidecar.name}: keep the names alike, so that other programs find it."
            answer = _judge(path, data, _Candidate(found, sidecar, store), keyring)
            answers.append(replace(answer, reasons=(told, *answer.reasons)))
    if not answers:
        return _absent(path, data, keyring)
    order: list[State] = ["intact", "unknown-signer", "expired", "altered", "malformed"]
    return min(answers, key=lambda answer: order.index(answer.state))


def _candidates(path: Path, data: bytes) -> list[_Candidate]:
    """The credentials that claim to be this file's."""
    mime = kind_of(path).mime
    candidates = []
    if kind_of(path).embedded and data:
        inside = engine.read_bytes(data, mime)
        candidates += [_Candidate(inside, None, None)] if inside is not None else []
    for sidecar in sidecars_of(path):
        store = None
        with suppress(OSError):
            store = sidecar.read_bytes()
        if store is not None:
            found = engine.read_bytes(data, mime, store) or engine.Broken(
                "the file beside it holds no credential"
            )
            if sidecar == path.with_suffix(SIDECAR) and _is_of_another(sidecar, path, store, found):
                continue
            candidates.append(_Candidate(found, sidecar, store))
    return candidates


def _file_of(sidecar: Path) -> Path:
    found = beside.file_of(sidecar)
    if found is None:
        raise CredentialError(
            f"{sidecar.name} is a credential without its file: none in this folder fits it.",
            "Put the file that it came with beside it, and verify that one.",
        )
    return found


def _is_of_another(sidecar: Path, path: Path, store: bytes, found: engine.Found | engine.Broken) -> bool:
    """Whether `song.c2pa`, which does not fit song.txt, fits song.mid in the same folder."""
    if beside.fits(found):
        return False
    others = [
        other
        for other in sorted(sidecar.parent.glob(f"{_escaped(sidecar.stem)}.*"))
        if other not in (sidecar, path)
    ]
    return any(
        other.is_file() and beside.fits(engine.read_bytes(beside.read(other), kind_of(other).mime, store))
        for other in others
    )


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _judge(path: Path, data: bytes, candidate: _Candidate, keyring: Keyring) -> Verification:
    found, sidecar = candidate.found, candidate.manifest_path
    if isinstance(found, engine.Broken):
        return Verification(
            path, "malformed", reasons=(f"The library says: {found.reason}.",), manifest_path=sidecar
        )
    seal = cose.seal_of(found.store, found.label)
    fingerprint = fingerprint_of(seal.certificate) if seal else ""
    name = (
        common_name(seal.certificate)
        if seal
        else public_text(str(found.manifest.get("signature_info", {}).get("common_name", "")))
    )
    statement = _summary(found.manifest)
    reasons = [f"History: {code}" for code in found.history if code not in _UNTRUSTED]
    wrong = [code for code in found.failures if code not in _UNTRUSTED]
    state: State
    if set(wrong) - _EXPIRED:
        state = "altered"
        # What a broken credential says, and the name in it, may have been changed too: nothing of it is
        # passed on.
        name = fingerprint = ""
        statement = {}
        reasons = [_explain(code) for code in dict.fromkeys(wrong)]
    elif engine.written_by_etude(found) and not (
        seal is not None
        and seal.clean
        and engine.as_written(found, data, kind_of(path).mime, candidate.sidecar)
    ):
        state = "altered"
        reasons.append(
            "The credential was changed in bytes that its signature leaves open; the content itself fits the "
            "signature."
        )
    elif wrong:
        state = "expired"
        reasons.append(
            "Nothing proves that it was signed before its certificate expired: there is no trusted "
            "time-stamp."
        )
    elif fingerprint and (fingerprint in keyring.mine or fingerprint in keyring.known):
        state = "intact"
    else:
        state = "unknown-signer"
        reasons += _about_unknown(name, fingerprint, keyring)
    when = str(statement.get("etude.piece", {}).get("signed_at", "")) if statement else ""
    return Verification(
        path=path,
        state=state,
        signer=name,
        fingerprint=fingerprint,
        is_mine=bool(fingerprint) and fingerprint in keyring.mine,
        known_as=keyring.known.get(fingerprint, ""),
        when=when,
        statement=statement,
        reasons=tuple(reasons),
        manifest_path=sidecar,
    )


def _about_unknown(name: str, fingerprint: str, keyring: Keyring) -> list[str]:
    reasons = []
    if name and name.casefold() in {signer.name.casefold() for signer in keyring.signers}:
        reasons.append("It carries your name, but it was not signed with your key.")
    elif name and name.casefold() in {known.casefold() for known in keyring.known.values()}:
        reasons.append(f"It carries the name {name}, which you know, but another key than the one you know.")
    if fingerprint:
        reasons.append(
            "Once you have compared the fingerprint with its owner: etude verify FILE --trust NAME"
        )
    else:
        reasons.append(
            "The certificate could not be taken out of the credential, so there is no fingerprint to compare."
        )
    return reasons


def _absent(path: Path, data: bytes, keyring: Keyring) -> Verification:
    record = find_record(keyring.home, path, hashlib.sha256(data).hexdigest())
    if record is None:
        return Verification(
            path,
            "none",
            reasons=("There is none in the file or beside it, and no file of this name was signed here.",),
        )
    same = hashlib.sha256(data).hexdigest() in (record.sha256, record.bare_sha256)
    what = "This file was" if same else "A file with this path was"
    reason = f"{what} signed here on {record.when}; the credential is no longer in the file or beside it."
    there = next((one for one in sidecars_of(Path(record.path)) if one.is_file()), None) if same else None
    mend = (
        f"It lies where the file was signed: copy it with: cp {quote(str(there))} {quote(str(path.parent))}"
        if there is not None and there.parent != path.parent
        else "Sign it again to restore the credential."
    )
    return Verification(path, "stripped", reasons=(reason, mend))


def _summary(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the signer states: title, generator, actions, and the assertions that are attributed to the
    signer."""
    summary: dict[str, Any] = {
        "title": manifest.get("title", ""),
        "generator": manifest.get("claim_generator_info", []),
    }
    for assertion in manifest.get("assertions", ()):
        if assertion.get("created") and assertion["label"].startswith(("etude.", "cawg.", "c2pa.actions")):
            summary[assertion["label"]] = assertion["data"]
    summary["inputs"] = [
        {
            "title": i.get("title", ""),
            "id": i.get("instance_id", ""),
            "types": [t.get("type", "") for t in i.get("data_types", ())],
        }
        for i in manifest.get("ingredients", ())
        if i.get("relationship") == "inputTo"
    ]
    cleaned = _clean(summary)
    assert isinstance(cleaned, dict)
    return cleaned


def _clean(value: Any) -> Any:
    """Strings of others on one line and without control characters, however deep they lie."""
    if isinstance(value, str):
        return public_text(value, 2000)
    if isinstance(value, Mapping):
        return {public_text(str(key)): _clean(inner) for key, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list) else value


def _explain(code: str) -> str:
    words = {
        "assertion.dataHash.mismatch": "The content is not what was signed",
        "assertion.bmffHash.mismatch": "The content is not what was signed",
        "assertion.boxesHash.mismatch": "The content is not what was signed",
        "assertion.collectionHash.mismatch": "The content is not what was signed",
        "assertion.hashedURI.mismatch": "A statement in the credential was changed",
        "claimSignature.mismatch": "The signature does not fit the credential",
    }.get(code, "The credential is not valid")
    return f"{words} ({code})."
