"""The keys of the person who signs, and the signers the person knows: one folder a person, outside every
project.

    <home>/signer/key.pem chain.pem          the signer that was made first (folders 0700, files 0600)
    <home>/signers/<name>/key.pem chain.pem  one more for each further name: no name ever takes another's place
    <home>/default                           the folder of the signer that signs when no name is given; without it the first
    <home>/former/<fingerprint>.pem          certificates that have ended: what they signed stays the person's own
    <home>/known.json                        fingerprints of other people that the person has checked
    <home>/signed.jsonl                      what was signed here (see records.py)

<home> is $ETUDE_HOME or the configuration folder of the platform. A signer is a certificate authority made
for one leaf; the authority's key is thrown away at once, so nobody can ever make a second leaf. Names prove
nothing (anybody can make an authority of the same name): a signer is known by the SHA-256 of the leaf
certificate, its fingerprint. Knows nothing of C2PA. Certificate profile: C2PA 2.2, section 14.5; extended key
usage emailProtection, which validators accept without a setting.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
import unicodedata
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

from etude.config.trust import CREDENTIALS
from etude.credentials.statement import public_text
from etude.errors import CredentialError
from etude.store.files import clear_errors, slug, sync_dir, write_all, write_atomic

NO_NAME = "A maker who gave no name"
ORGANISATION = "Etude (self-made certificate)"


@dataclass(frozen=True)
class Signer:
    """One name that the person signs under: name and fingerprint are public; the key stays in `key_path` and
    is read only to sign."""

    name: str
    fingerprint: str  # SHA-256 of the leaf certificate, 64 hexadecimal digits
    ends: datetime  # after this, nothing signed by it verifies
    chain_pem: str  # leaf, then authority
    key_path: Path

    @property
    def ended(self) -> bool:
        """Whether its certificate has ended, so that it can sign nothing more."""
        return self.ends <= datetime.now(UTC)


@dataclass(frozen=True)
class Keyring:
    """Who the person is and whom the person knows. `signer` signs: the default one, or the one that was asked
    for by name; None where there is none yet."""

    home: Path
    signer: Signer | None
    mine: frozenset[str]  # fingerprints of all signers of this person, those that have ended too
    known: Mapping[str, str]  # fingerprint -> the name under which the person knows the signer
    signers: tuple[Signer, ...] = ()  # every one with a key, the default first


def config_home() -> Path:
    """The folder for keys: $ETUDE_HOME, else where the platform keeps settings. Raises CredentialError inside
    a project."""
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


def read_keyring(home: Path | None = None, *, name: str = "") -> Keyring:
    """The keyring as it is, with the signer called `name` in use (None where there is none of it); nothing is
    made.

    Raises CredentialError where a file of it is damaged or open to others, or `name` holds nothing that can
    be shown.
    """
    home = home or config_home()
    places = [
        folder for folder in (home / "signer", *sorted((home / "signers").glob("[!.]*"))) if folder.is_dir()
    ]
    default = home / _read_default(home)
    signers = tuple(_read_signer(folder) for folder in sorted(places, key=lambda folder: folder != default))
    former = {fingerprint_of(_leaf(path)) for path in (home / "former").glob("*.pem")}
    mine = frozenset(former | {signer.fingerprint for signer in signers})
    fits = [signer for signer in signers if not name or same_name(signer.name, _shown(name))]
    return Keyring(home, fits[0] if fits else None, mine, _read_known(home), signers)


def open_keyring(home: Path | None = None, *, name: str = "") -> Keyring:
    """The keyring with the signer called `name` in use, made on first use; without a name the default one.

    A name that was used before gets its own signer back, whatever was signed in between; capitals make no
    other name. The first signer that is made is the default and stays it (`choose_default`). A signer whose
    certificate has ended is followed by a new one when it is asked for by name. Two processes that come here
    at the same moment get the same signer. Raises CredentialError when the folder lies in a project or `name`
    holds nothing that can be shown, ProjectError when it cannot be written.
    """
    keyring = read_keyring(home, name=name)
    old = keyring.signer
    if old is not None and not (name and old.ended):
        return keyring
    for _ in range(3):  # another process may be first: then its signer is taken
        _make_place(keyring, name)
        keyring = read_keyring(keyring.home, name=name)
        if keyring.signer not in (None, old):
            break
    return keyring


def _make_place(keyring: Keyring, name: str) -> None:
    """Put a new signer in the place of its name, unless another process did so first."""
    home, old = keyring.home, keyring.signer
    made = _make_signer(home, name)
    with clear_errors(home):
        if old is not None:
            place = old.key_path.parent
            write_atomic(home / "former" / f"{old.fingerprint}.pem", old.chain_pem.encode())
            if place.is_dir() and fingerprint_of(_leaf(place / "chain.pem")) == old.fingerprint:
                place.rename(made.with_name(made.name + "-old"))
        elif not keyring.signers:
            place = home / "signer"
        else:
            kept = _folded(_shown(name))
            place = home / "signers" / f"{slug(kept, 32)}-{hashlib.sha256(kept.encode()).hexdigest()[:8]}"
            place.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            made.rename(place)  # a folder never replaces a full one
        except OSError:
            shutil.rmtree(made)
            if not place.is_dir():
                raise
        sync_dir(place.parent)
        shutil.rmtree(made.with_name(made.name + "-old"), ignore_errors=True)


def choose_default(name: str, home: Path | None = None) -> Keyring:
    """Let the signer called `name` sign when no name is given. Raises CredentialError when there is no such
    signer."""
    found = read_keyring(home, name=name)
    if not name or found.signer is None:
        has = ", ".join(signer.name for signer in found.signers) or "none yet"
        raise CredentialError(
            f"You have no signer called '{public_text(name)}' (there are: {has}).",
            "One is made when it first signs: etude sign PIECE --as NAME",
        )
    write_atomic(
        found.home / "default",
        f"{found.signer.key_path.parent.relative_to(found.home).as_posix()}\n".encode(),
    )
    return read_keyring(found.home)


def trust_add(fingerprint: str, name: str, home: Path | None = None) -> Keyring:
    """Put a signer among the known ones. The person has compared the fingerprint by another way than the file
    itself."""
    home = home or config_home()
    known = dict(_read_known(home)) | {
        parse_fingerprint(fingerprint): public_text(name, CREDENTIALS.max_name)
    }
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


def same_name(one: str, other: str) -> bool:
    """Whether two names are one but for capitals and ways to write a letter."""
    return _folded(one) == _folded(other)


def _make_signer(home: Path, name: str, days: float = CREDENTIALS.leaf_days) -> Path:
    """A complete signer in a new folder beside its final place. Returns the folder."""
    if any((folder / "etude.toml").exists() for folder in (home, *home.parents)):
        raise CredentialError(
            f"The folder for keys, {home}, lies inside a project.",
            "Set ETUDE_HOME to a folder outside every project.",
        )
    name = _shown(name) if name else NO_NAME
    now = datetime.now(UTC)
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, leaf_name = (
        _subject(f"{_fit(name, CREDENTIALS.max_name - 9)} {secrets.token_hex(4)}"),
        _subject(name),
    )
    start, end = (
        now - timedelta(days=1),
        now + timedelta(days=days),
    )  # a day back: clocks of other machines are late at times
    root = _builder(root_name, root_name, root_key.public_key(), start, end + timedelta(days=1))
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(_usage(certificates=True), critical=True)
    leaf = _builder(leaf_name, root_name, leaf_key.public_key(), start, end)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(_usage(certificates=False), critical=True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
    )
    chain = b"".join(
        builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM) for builder in (leaf, root)
    )
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


def _shown(name: str) -> str:
    """`name` as a certificate will show it. Raises CredentialError where nothing of it can be shown."""
    shown = _fit(public_text(name))
    if not shown:
        raise CredentialError(
            "A signer needs a name with at least one letter.",
            "Give yours: etude sign PIECE --as 'Ada Example'",
        )
    return shown


def _folded(name: str) -> str:
    """What two spellings of one name have in common: a slip of the shift key makes nobody a second signer."""
    return unicodedata.normalize("NFKC", name).casefold()


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
        ]
    )


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


def _read_signer(folder: Path) -> Signer:
    key = folder / "key.pem"
    leaf = _leaf(folder / "chain.pem")
    if not key.is_file():
        raise CredentialError(
            f"The key {key} is missing.",
            f"Restore {folder} from a backup, or remove it: a new signer is then made.",
        )
    if os.name == "posix" and key.stat().st_mode & 0o077:
        raise CredentialError(
            f"Others on this machine can read your signing key {key}.", f"Run: chmod 600 '{key}'"
        )
    chain = (folder / "chain.pem").read_text()
    return Signer(common_name(leaf), fingerprint_of(leaf), leaf.not_valid_after_utc, chain, key)


def _read_default(home: Path) -> str:
    """The folder of the default signer, below <home>; one that is not there (any more) counts for nothing."""
    with suppress(OSError, ValueError):
        return (home / "default").read_text(encoding="utf-8").strip()
    return ""


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
    write_atomic(
        home / "known.json",
        json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False).encode() + b"\n",
    )
