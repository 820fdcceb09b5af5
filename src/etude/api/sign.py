"""`sign` and `verify`: what leaves the studio is marked, previewed first, and what comes in can be checked.

A file that was changed since it was kept is never signed as if it were not: it is refused, or stated as the
person's edit. What is stated is gathered in `workspace/signing.py` and `workspace/statement.py`; the
credentials package knows nothing of projects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from etude.errors import EtudeError
from etude.workspace.core import Workspace
from etude.workspace.signing import (
    by_signer,
    changed_files,
    check_named,
    forms_of,
    how_far,
    piece_of,
)
from etude.workspace.signing import statements as stated_of
from etude.workspace.statement import statement

if TYPE_CHECKING:
    from etude.credentials import Keyring, Preview, Verification


@dataclass(frozen=True)
class SignedPiece:
    """A signed piece: its files and credentials, and the fingerprint to make known. `default` is who signs
    when no name is given; `new_key` whether the signer was made just now."""

    schema: ClassVar[str] = "etude.sign/1"
    piece: str
    files: tuple[str, ...]
    credentials: tuple[str, ...]
    signer: str
    fingerprint: str
    default: str
    new_key: bool


@dataclass(frozen=True)
class SignerInfo:
    """A name that the person signs under. `ends`: after this day nothing signed with it verifies."""

    name: str
    fingerprint: str
    ends: str
    default: bool


@dataclass(frozen=True)
class SignerList:
    """The person's signers, the default first."""

    schema: ClassVar[str] = "etude.signers/1"
    signers: tuple[SignerInfo, ...]
    keys: str


@dataclass(frozen=True)
class Previewed:
    """What a credential will make public: in words, and as the manifest that will be signed."""

    schema: ClassVar[str] = "etude.sign-preview/1"
    piece: str
    text: str
    manifest: Any


@dataclass(frozen=True)
class Checked:
    """What `verify` found. `code` is the exit code: 0 intact and known, 1 anything else."""

    schema: ClassVar[str] = "etude.verify/1"
    file: str
    state: str
    code: int
    signer: str
    fingerprint: str
    mine: bool
    when: str
    statement: Any
    reasons: tuple[str, ...]
    text: str


def preview_sign(
    ws: Workspace, /, ref: str, *, name: str = "", as_it_is: bool = False, **said: Any
) -> Previewed:
    """Exactly what signing this piece makes public. Nothing is written, and no key is made. `said`: see
    `workspace.statement.statement`."""
    project = ws.project
    from etude import credentials

    piece = piece_of(project, ref)
    by_hand = {*(piece.record.get("by_hand") or {}), *changed_files(project, piece, as_it_is=as_it_is)}
    signer = credentials.read_keyring(name=name).signer
    said = by_signer(said, signer.name if signer else name)
    kept = signer is not None and not (name and signer.ended)
    shown: Preview = credentials.preview(
        statement(ws, piece, by_hand=piece.file in by_hand, **said),
        signer=signer.name if signer else name or credentials.NO_NAME,
        fingerprint=signer.fingerprint if signer and kept else "",
    )
    others = sorted(by_hand - {piece.file})
    note = f"\nChanged by you  {', '.join(others)}: stated as edited" if others else ""
    return Previewed(piece.id, shown.text + note, shown.manifest)


def sign(
    ws: Workspace,
    /,
    ref: str,
    *,
    name: str = "",
    replace_other: bool = False,
    as_it_is: bool = False,
    nameless: bool = True,
    **said: Any,
) -> SignedPiece:
    """Sign a piece: its main file and every form of it that can carry a credential.

    Each file is replaced only by one that verified, and all of them are or none is. `name`: who signs; each
    name has a signer of its own, made on first use, and none of them becomes the default but the first
    (`signer_default`). `replace_other`: also replace a credential under another name that lies beside the
    piece. `as_it_is`: take files that were changed outside Etude as they are, and state the change as the
    person's own. `nameless`: whether the first to sign here may give no name."""
    project = ws.project
    from etude import credentials

    piece = piece_of(project, ref)
    if not nameless:
        check_named(ws, piece.id, name)
    changed = changed_files(project, piece, as_it_is=as_it_is)
    by_hand = {*(piece.record.get("by_hand") or {}), *changed}
    forms = forms_of(piece)
    known = credentials.read_keyring(name=name).signer
    said = by_signer(said, known.name if known else name)
    stated = stated_of(ws, piece, forms, by_hand, said)
    before = credentials.read_keyring().mine
    keyring = credentials.open_keyring(name=name)
    signer = keyring.signer
    assert signer is not None
    carriers: list[Path] = []
    with project.act("sign"):
        if changed:
            project.take_piece_as_changed(piece.id, {name: how_far(ws, piece, name) for name in changed})
            project.log("changed-by-hand", piece=piece.id, files=list(changed))
        for file in forms:
            main = file.name == piece.file
            beside = file.with_suffix(".c2pa") if main else file.with_name(f"{file.name}.c2pa")
            signed = credentials.sign(
                file, file, stated[file], keyring, manifest_path=beside, replace_other=replace_other
            )
            carrier = signed.manifest_path or signed.path
            # Registered with the piece, so that it moves and is checked with it.
            carriers.append(
                project.add_piece_file(piece.id, carrier.name.removeprefix(file.stem), carrier.read_bytes())
            )
        project.log(
            "signed", piece=piece.id, fingerprint=signer.fingerprint, files=[path.name for path in carriers]
        )
    after = project.piece(piece.id)
    files = tuple(str(after.path.parent / form) for form in after.files)
    default, new = keyring.signers[0].name, signer.fingerprint not in before
    return SignedPiece(
        piece.id, files, tuple(map(str, carriers)), signer.name, signer.fingerprint, default, new
    )


def verify(file: str | Path, ws: Workspace | None = None) -> Checked:
    """Check the credential inside a file or beside it. Needs no project; with one, a file whose credential
    is gone or no longer fits is also looked through for its models' marks, and compared with its pieces."""
    from etude import credentials

    path = Path(file).expanduser()
    found: Verification = credentials.verify(path, credentials.read_keyring())
    if ws is not None and found.state in ("none", "stripped", "altered", "malformed"):
        found = replace(found, reasons=(*found.reasons, *_from_here(ws, path)))
    return Checked(
        str(found.path),
        found.state,
        found.exit_code,
        found.signer,
        found.fingerprint,
        found.is_mine,
        found.when,
        found.statement,
        found.reasons,
        found.describe(),
    )


def _from_here(ws: Workspace, path: Path) -> list[str]:
    """What the content itself says of where it came from, where it can be read."""
    from etude.workspace.detecting import detect

    try:
        found = detect(ws, path)
    except EtudeError:
        return []
    return found.text.split("\n") if found.code == 0 else []


def trust(fingerprint: str, name: str) -> None:
    """Put a signer among the known ones, once the fingerprint was compared by another way than the file
    itself."""
    from etude import credentials

    credentials.trust_add(fingerprint, name)


def signers() -> SignerList:
    """The names that the person signs under on this machine. Needs no project."""
    from etude import credentials

    return _listed(credentials.read_keyring())


def signer_default(name: str) -> SignerList:
    """Let the signer of this name sign when none is named. Raises CredentialError when there is none."""
    from etude import credentials

    return _listed(credentials.choose_default(name))


def _listed(keyring: Keyring) -> SignerList:
    rows = (
        SignerInfo(s.name, s.fingerprint, f"{s.ends:%Y-%m-%d}", i == 0) for i, s in enumerate(keyring.signers)
    )
    return SignerList(tuple(rows), str(keyring.home))
