"""What stands between a piece and its credential: which piece is meant, which of its files were changed
outside Etude, and what the credential of each file says."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from etude.errors import CredentialError, EtudeError, TakeError
from etude.store.pieces import Piece
from etude.store.project import Project
from etude.workspace.core import Workspace
from etude.workspace.statement import changed_by_hand, statement

if TYPE_CHECKING:
    from etude.credentials import Statement


def piece_of(project: Project, ref: str) -> Piece:
    """A piece by its own reference or by the take that it was. Raises TakeError that says what to do with a
    take not yet kept."""
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
        raise TakeError(
            f"Take {take} is provisional: only pieces are signed.", f"Keep it first: etude take accept {take}"
        )
    return kept[-1]


def changed_files(project: Project, piece: Piece, *, as_it_is: bool) -> tuple[str, ...]:
    """The files that were changed outside Etude and not yet taken as they are. Raises TakeError unless
    `as_it_is`."""
    changed = tuple(
        name
        for name in project.changed_piece_files(piece.id)
        if not name.endswith(".c2pa") and not _signed_here(piece, piece.path.parent / name)
    )
    if changed and not as_it_is:
        take = piece.record.get("take", "")
        bring = (
            f"Bring your version in with: etude take edit {take} {piece.path}, accept that, and sign it; or "
            if take
            else ""
        )
        raise TakeError(
            f"{changed[0]} was changed outside Etude since it was kept: its record no longer matches it.",
            (bring if piece.file in changed else "Restore the file; or ")
            + "sign it as edited by you: --as-it-is",
        )
    return changed


def _signed_here(piece: Piece, path: Path) -> bool:
    """Whether a file differs from what is on record only because a crash came between signing it and writing
    that down."""
    from etude import credentials
    from etude.credentials import formats

    if not formats.kind_of(path).embedded:
        return False
    with suppress(EtudeError):
        found = credentials.verify(path, credentials.read_keyring())
        return found.is_mine and found.state == "intact" and found.statement.get("title") == piece.title
    return False


def by_signer(said: Mapping[str, Any], signer: str) -> dict[str, Any]:
    """What is said, with the person who signs as the maker of the piece where nobody else is named."""
    from etude import credentials

    if said.get("maker") or signer in ("", credentials.NO_NAME):
        return dict(said)
    return {**said, "maker": signer}


def own_name(ws: Workspace) -> str:
    """The maker of the person's own works, where all of them have the same; else empty."""
    makers = {work.maker for work in ws.project.works() if work.licence == "own"}
    return makers.pop() if len(makers) == 1 else ""


def unasked(ws: Workspace, ref: str, name: str) -> str:
    """The command that signs without asking, with a name where none is known yet."""
    from etude import credentials

    if not name and not credentials.read_keyring().signers:
        name = own_name(ws) or "Your Name"
    return f"etude sign {ref} --yes" + (f" --as {quote(name)}" if name else "")


def check_named(ws: Workspace, ref: str, name: str) -> None:
    """Raises CredentialError where nobody would be named: no name is given, and nobody has signed here."""
    from etude import credentials

    if not name and not credentials.read_keyring().signers:
        raise CredentialError(
            "Nothing was signed: nobody has signed on this machine before, and no name was given.",
            f"Say who signs: {unasked(ws, ref, name)}",
        )


def statements(
    ws: Workspace, piece: Piece, forms: list[Path], by_hand: set[str], said: Mapping[str, Any]
) -> dict[Path, Statement]:
    """What the credential of each file says; all files that nobody changed say the same."""
    stated = {
        file: statement(ws, piece, file.name, by_hand=True, **said) for file in forms if file.name in by_hand
    }
    rest = [file for file in forms if file not in stated]
    return stated | (dict.fromkeys(rest, statement(ws, piece, **said)) if rest else {})


def how_far(ws: Workspace, piece: Piece, name: str) -> dict[str, Any]:
    """The change of the main file in words or notes; of a picture or a recording it cannot be counted."""
    with suppress(EtudeError):
        return changed_by_hand(ws, piece) if name == piece.file else {}
    return {}


def forms_of(piece: Piece) -> list[Path]:
    """The piece's files that are to be signed: all but the sidecar and credentials, the main one first."""
    return [piece.path.parent / name for name in piece.files if not name.endswith((".json", ".c2pa"))]
