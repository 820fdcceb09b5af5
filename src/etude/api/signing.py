"""`sign` and `verify`: what leaves the studio is marked, previewed first, and what comes in can be checked.

The statement is gathered here from the project (the take's recipe, its trace, the collection's licences, what the person did);
the credentials package knows nothing of projects.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from etude.errors import EtudeError, TakeError
from etude.store.pieces import Piece
from etude.store.project import Project

if TYPE_CHECKING:
    from etude.credentials import Keyring, Preview, Statement, Verification

Use = Literal["allowed", "notAllowed", "constrained"]


@dataclass(frozen=True)
class SignedPiece:
    """A signed piece: its files and credentials, and the fingerprint to make known. `default` is who signs when no name is given;
    `new_key` whether the signer was made just now."""

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


def statement(
    project: Project, ref: str, *, maker: str = "", share: bool = False, works: bool = True, use: Use = "notAllowed"
) -> Statement:
    """All that a credential for this piece says. `share`: also how much the person changed; `works`: also what it resembles."""
    from etude import credentials

    piece = _piece(project, ref)
    record = piece.record
    recipe = dict(record.get("recipe") or {})
    changed = dict(record.get("changed") or {})
    model = dict(_first_made(project, record))
    name = str(model.get("model", ""))
    traced = _traced(project, piece)
    home = traced.collection if traced else ""
    owed, like = (traced.borrowed, traced.resembles) if traced else (None, None)
    resembled: tuple[Any, ...] = ()
    if traced and like:
        near = [(traced.work(n.work), n) for n in like.nearest]
        resembled = tuple(credentials.Resembled(w.title, w.maker, max(0.0, n.similarity), like.p) for w, n in near)
    return credentials.Statement(
        title=piece.title,
        medium=str(recipe.get("medium", "text")),
        maker=maker,
        model_name=name,
        model_sha256=str(model.get("model_sha256", "")),
        collection_name=home,
        collection_sha256=_collection_hash(project, home),
        made_at=_made_at(project, str(record.get("take", ""))),
        edited=bool(changed),
        edited_at=piece.kept if changed else "",
        borrowed=credentials.Borrowed(owed.memory, traced.verbatim.longest, traced.verbatim.unit, len(owed.works))
        if traced and owed
        else None,
        resembled=resembled,
        consent=_consent(project, home),
        contribution=_contribution(project, record, changed),
        share_contribution=share,
        share_resembled=works,
        training_use=use,
    )


def _piece(project: Project, ref: str) -> Piece:
    """A piece by its own reference or by the take that it was. Raises TakeError that says what to do with a take not yet kept."""
    try:
        return project.piece(ref)
    except TakeError:
        try:
            take = project.take(ref).id
        except TakeError:
            take = ""
        if not take:
            raise
    kept = [piece for piece in project.pieces() if piece.record.get("take") == take]
    if not kept:
        raise TakeError(f"Take {take} is provisional: only pieces are signed.", f"Keep it first: etude take accept {take}")
    return kept[-1]


def _traced(project: Project, piece: Piece) -> Any:
    """The trace of a piece, or None when there is nothing to trace by any more (then nothing is said of it)."""
    from etude.api.tracing import trace

    try:
        return trace(project, piece.id)
    except EtudeError:
        return None


def _first_made(project: Project, record: Any) -> Any:
    """The recipe of the take that a model made: the piece's own, or that of the take which was edited."""
    recipe = dict(record.get("recipe") or {})
    for parent in (recipe.get("parents") or []) if recipe.get("kind") == "edited" else []:
        return _first_made(project, {"recipe": dict(project.take(parent).record)})
    return recipe


def _made_at(project: Project, take_id: str) -> str:
    try:
        return project.take(take_id).at
    except TakeError:
        return ""


def _collection_hash(project: Project, name: str) -> str:
    """A hash that stands for the works of a collection and their weights, in any order."""
    if not name:
        return ""
    shas = {work.id: work.sha256 for work in project.works()}
    rows = sorted([shas.get(entry.work_id, entry.work_id), entry.weight] for entry in project.collection(name).entries)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _consent(project: Project, name: str) -> tuple[Any, ...]:
    from etude.credentials import ConsentCount

    if not name:
        return ()
    inside = set(project.collection(name).works())
    counts = Counter((work.licence or "unknown", work.consent) for work in project.works() if work.id in inside)
    return tuple(ConsentCount(licence, consent, n) for (licence, consent), n in sorted(counts.items()))


def _contribution(project: Project, record: Any, changed: dict[str, Any]) -> Any:
    """The person chose one of the takes that were proposed together (one seed of one model), and changed so many units."""
    from etude.credentials import Contribution

    made = _first_made(project, record)
    key = (made.get("model_sha256"), made.get("seed"))
    together = sum(
        (t.record.get("model_sha256"), t.record.get("seed")) == key for t in project.takes() if t.record.get("kind") == "made"
    )
    total = int(changed.get("kept", 0)) + int(changed.get("added", 0))
    return Contribution(max(1, together), int(changed.get("added", 0)), total, str(changed.get("unit", "words")))


def preview_sign(project: Project, /, ref: str, *, name: str = "", **said: Any) -> Previewed:
    """Exactly what signing this piece makes public. Nothing is written, and no key is made."""
    from etude import credentials

    signer = credentials.read_keyring(name=name).signer
    kept = signer is not None and not (name and signer.ended)
    shown: Preview = credentials.preview(
        statement(project, ref, **said),
        signer=signer.name if signer else name or credentials.NO_NAME,
        fingerprint=signer.fingerprint if signer and kept else "",
    )
    return Previewed(_piece(project, ref).id, shown.text, shown.manifest)


def sign(project: Project, /, ref: str, *, name: str = "", replace_other: bool = False, **said: Any) -> SignedPiece:
    """Sign a piece: its main file and every form of it that can carry a credential.

    Each file is replaced in one step, and only by one that verified; a crash leaves some forms signed and the others as they
    were, and signing again finishes. `name`: who signs; each name has a signer of its own, made on first use, and none of them
    becomes the default but the first (`signer_default`). `replace_other`: also replace a credential of somebody else that lies beside the piece.
    """
    from etude import credentials

    piece = _piece(project, ref)
    stated = statement(project, ref, **said)
    before = credentials.read_keyring().mine
    keyring = credentials.open_keyring(name=name)
    signer = keyring.signer
    assert signer is not None
    carriers: list[Path] = []
    with project.lock():
        for file in _forms(piece):
            main = file.name == piece.file
            beside = file.with_suffix(".c2pa") if main else file.with_name(f"{file.name}.c2pa")
            signed = credentials.sign(file, file, stated, keyring, manifest_path=beside, replace_other=replace_other)
            carrier = signed.manifest_path or signed.path
            # Registered with the piece, so that it moves and is checked with it.
            carriers.append(project.add_piece_file(piece.id, carrier.name.removeprefix(file.stem), carrier.read_bytes()))
        project.log("signed", piece=piece.id, fingerprint=signer.fingerprint, files=[path.name for path in carriers])
    after = project.piece(piece.id)
    files = tuple(str(after.path.parent / form) for form in after.files)
    default, new = keyring.signers[0].name, signer.fingerprint not in before
    return SignedPiece(piece.id, files, tuple(map(str, carriers)), signer.name, signer.fingerprint, default, new)


def _forms(piece: Piece) -> list[Path]:
    """The piece's files that are to be signed: all but the sidecar and credentials, the main one first."""
    return [piece.path.parent / name for name in piece.files if not name.endswith((".json", ".c2pa"))]


def verify(file: str | Path) -> Checked:
    """Check the credential inside a file or beside it. Needs no project."""
    from etude import credentials

    found: Verification = credentials.verify(Path(file).expanduser(), credentials.read_keyring())
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


def trust(fingerprint: str, name: str) -> None:
    """Put a signer among the known ones, once the fingerprint was compared by another way than the file itself."""
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
    rows = (SignerInfo(s.name, s.fingerprint, f"{s.ends:%Y-%m-%d}", i == 0) for i, s in enumerate(keyring.signers))
    return SignerList(tuple(rows), str(keyring.home))
