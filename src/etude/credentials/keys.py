"""The keys of the person who signs, and the signers the person knows: one folder a person, outside every project.

    <home>/signer/key.pem chain.pem      the signer in use (folder 0700, files 0600)
    <home>/former/<fingerprint>.pem      certificates of earlier signers: what they signed stays the person's own
    <home>/known.json                    fingerprints of other people that the person has checked
    <home>/signed.jsonl                  what was signed here (see records.py)

<home> is $ETUDE_HOME or the configuration folder of the platform. A signer is a certificate authority made for one leaf; the
authority's key is thrown away at once, so nobody can ever make a second leaf. Names prove nothing (anybody can make an
authority of the same name): a signer is known by the SHA-256 of the leaf certificate, its fingerprint. Knows nothing of C2PA.
Certificate profile: C2PA 2.2, section 14.5; extended key usage emailProtection, which validators accept without a setting.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from etude.config import CREDENTIALS
from etude.credentials.statement import public_text
from etude.errors import CredentialError
from etude.store.files import clear_errors, sync_dir, write_all, write_atomic

NO_NAME = "A maker who gave no name"
ORGANISATION = "Etude (self-made certificate)"


@dataclass(frozen=True)
class Signer:
    """A signer in use: name and fingerprint are public; the key stays in `key_path` and is read only to sign."""

    name: str
    fingerprint: str  # SHA-256 of the leaf certificate, 64 hexadecimal digits
    ends: datetime  # after this, nothing signed by it verifies
    chain_pem: str  # leaf, then authority
    key_path: Path


@dataclass(frozen=True)
class Keyring:
    """Who the person is and whom the person knows. `signer` is None until the first signature."""

    home: Path
    signer: Signer | None
    mine: frozenset[str]  # fingerprints of this and earlier signers
    known: Mapping[str, str]  # fingerprint -> the name under which the person knows the signer


def config_home() -> Path:
    """The folder for keys: $ETUDE_HOME, else where the platform keeps settings. Raises CredentialError inside a project."""
    given = os.environ.get("ETUDE_HOME")
    if given:
        home = Path(given).expanduser().absolute()
    elif sys.platform == "win32":
        home = Path(os.environ.get("APPDATA", str(Path.home() / "AppData" / "Roaming"))) / "Etude"
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Application Support" / "Etude"
    else:
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "etude"
    return home


def read_keyring(home: Path | None = None) -> Keyring:
    """The keyring as it is; nothing is made. Raises CredentialError where a file of it is damaged or open to others."""
    home = home or config_home()
    signer = _read_signer(home)
    former = [_leaf(path) for path in sorted((home / "former").glob("*.pem"))]
    mine = frozenset(fingerprint_of(leaf) for leaf in former) | ({signer.fingerprint} if signer else frozenset())
    return Keyring(home, signer, mine, _read_known(home))


def open_keyring(home: Path | None = None, *, name: str = "") -> Keyring:
    """The keyring, with a signer made on first use under `name`.

    An existing signer keeps its name: `new_signer` makes another. Two processes that come here at the same moment get the same
    signer. Raises CredentialError when the folder lies in a project or cannot be written.
    """
    keyring = read_keyring(home)
    if keyring.signer is None:
        made = _make_signer(keyring.home, name)
        try:
            made.rename(keyring.home / "signer")  # fails where another process was first: a folder never replaces a full one
        except OSError:
            shutil.rmtree(made)
        sync_dir(keyring.home)
        keyring = read_keyring(keyring.home)
    return keyring


def new_signer(name: str, home: Path | None = None) -> Keyring:
    """A signer under `name` in place of the present one, unless that has this name and has not ended.

    What the former signer signed stays the person's own; its key is destroyed.
    """
    old = read_keyring(home)
    if old.signer and old.signer.name == _fit(public_text(name)) and old.signer.ends > datetime.now(UTC):
        return old
    made = _make_signer(old.home, name)
    with clear_errors(old.home):
        if old.signer is not None:
            write_atomic(old.home / "former" / f"{old.signer.fingerprint}.pem", old.signer.chain_pem.encode())
            (old.home / "signer").rename(made.with_name(made.name + "-old"))
        made.rename(old.home / "signer")
        sync_dir(old.home)
        shutil.rmtree(made.with_name(made.name + "-old"), ignore_errors=True)
    return read_keyring(old.home)


def trust_add(fingerprint: str, name: str, home: Path | None = None) -> Keyring:
    """Put a signer among the known ones. The person has compared the fingerprint by another way than the file itself."""
    home = home or config_home()
    known = dict(_read_known(home)) | {parse_fingerprint(fingerprint): public_text(name, CREDENTIALS.max_name)}
    _write_known(home, known)
    return read_keyring(home)


def trust_remove(fingerprint: str, home: Path | None = None) -> Keyring:
    """Take a signer from the known ones. Raises CredentialError when it is not among them."""
    home, wanted = home or config_home(), parse_fingerprint(fingerprint)
    known = dict(_read_known(home))
    if known.pop(wanted, None) is None:
        raise CredentialError(
            f"No known signer has the fingerprint {wanted[:12]}… ({len(known)} are known).",
            "Copy the fingerprint from `etude verify FILE --json`.",
        )
    _write_known(home, known)
    return read_keyring(home)


def parse_fingerprint(text: str) -> str:
    """64 hexadecimal digits, whatever colons, spaces and capitals they were written with."""
    digits = "".join(text.replace(":", "").split()).lower().removeprefix("sha256")
    if len(digits) != 64 or set(digits) - set("0123456789abcdef"):
        raise CredentialError(
            f"A fingerprint has 64 hexadecimal digits; this one has {len(digits)} characters.",
            "Copy it whole from `etude verify FILE --json`.",
        )
    return digits


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate (DER), hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def grouped(fingerprint: str) -> str:
    """A fingerprint as people compare it: groups of four digits."""
    return " ".join(fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4))


def common_name(certificate: x509.Certificate) -> str:
    """The name that a certificate claims; anybody can claim any name."""
    try:
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:  # a name that is not well-formed: the certificate may be anybody's
        return ""
    return public_text(str(names[0].value)) if names else ""


def _make_signer(home: Path, name: str, days: float = CREDENTIALS.leaf_days) -> Path:
    """A complete signer in a new folder beside its final place. Returns the folder."""
    if any((folder / "etude.toml").exists() for folder in (home, *home.parents)):
        raise CredentialError(
            f"The folder for keys, {home}, lies inside a project.", "Set ETUDE_HOME to a folder outside every project."
        )
    name = _fit(public_text(name)) or NO_NAME
    now = datetime.now(UTC)
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, leaf_name = _subject(f"{_fit(name, CREDENTIALS.max_name - 9)} {secrets.token_hex(4)}"), _subject(name)
    start, end = now - timedelta(days=1), now + timedelta(days=days)  # a day back: clocks of other machines are late at times
    root = _builder(root_name, root_name, root_key.public_key(), start, end + timedelta(days=1))
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(_usage(certificates=True), critical=True)
    leaf = _builder(leaf_name, root_name, leaf_key.public_key(), start, end)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(_usage(certificates=False), critical=True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    chain = b"".join(builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM) for builder in (leaf, root))
    key = leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with clear_errors(home / "signer"):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = home / f".tmp-signer-{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        for file, data in (("key.pem", key), ("chain.pem", chain)):
            fd = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
        sync_dir(folder)
    return folder


def _fit(name: str, limit: int = CREDENTIALS.max_name) -> str:
    """`name` cut to `limit` bytes of UTF-8, never inside a letter."""
    return name.encode()[:limit].decode(errors="ignore").strip()


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    named = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    dated = named.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    return dated.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _leaf(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError, IndexError) as error:
        raise CredentialError(
            f"{path} is not a certificate.", f"Restore the folder {path.parent} from a backup, or remove it."
        ) from error


def _read_signer(home: Path) -> Signer | None:
    folder = home / "signer"
    if not folder.is_dir():
        return None
    key = folder / "key.pem"
    leaf = _leaf(folder / "chain.pem")
    if not key.is_file():
        raise CredentialError(
            f"The key {key} is missing.", f"Restore {folder} from a backup, or remove it: a new signer is then made."
        )
    if os.name == "posix" and key.stat().st_mode & 0o077:
        raise CredentialError(f"Others on this machine can read your signing key {key}.", f"Run: chmod 600 '{key}'")
    chain = (folder / "chain.pem").read_text()
    return Signer(common_name(leaf), fingerprint_of(leaf), leaf.not_valid_after_utc, chain, key)


def _read_known(home: Path) -> dict[str, str]:
    path = home / "known.json"
    with suppress(FileNotFoundError):
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
            return {parse_fingerprint(key): str(value) for key, value in entries.items()}
        except (ValueError, AttributeError, CredentialError) as error:
            raise CredentialError(
                f"{path} is damaged.", "Restore it from a backup, or remove it and add the signers again."
            ) from error
    return {}


def _write_known(home: Path, known: Mapping[str, str]) -> None:
    with clear_errors(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomic(home / "known.json", json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False).encode() + b"\n")
