"""Learned models: models/<id>/ with weights.safetensors, model.json and card.md, written whole or not at all.

A model is prepared in a hidden folder, named `.ready-<id>` when all of it is on disk, and then moved into
place; a crash between leaves either the old model or a ready one that `finish` moves. Knows nothing of what
the arrays mean.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etude.config.store import STORE
from etude.errors import ModelError, ProjectError
from etude.store import log, trash
from etude.store.acts import act
from etude.store.chosen import chosen
from etude.store.files import check_name, clear_errors, drop, move, sync_dir, write_atomic
from etude.store.lines import canonical, read_json, write_json
from etude.store.log import now

FOLDER = "models"
WEIGHTS, HEADER, CARD = "weights.safetensors", "model.json", "card.md"
PENDING = "to-log.json"  # in a folder that is ready: what the log will say of it

if TYPE_CHECKING:  # listing models need not wait for NumPy
    import numpy.typing as npt

    Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class ModelInfo:
    """A model without its weights. `hash` stands for weights and header together: it is what a recipe
    names."""

    id: str
    name: str
    medium: str
    header: Mapping[str, Any]
    hash: str
    weights_sha256: str
    bytes: int
    created: str
    path: Path


def prepare(
    root: Path,
    model_id: str,
    header: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    card: str,
    files: Mapping[str, bytes],
    event: tuple[str, Mapping[str, Any]] | None,
) -> Path:
    """Write everything into a hidden folder and return it, with what is to be logged once it is in its place;
    needs no lock. Nothing is left of it when the disk fills up."""
    check_name(model_id, "model")
    folder = root / FOLDER / f".new-{os.getpid()}-{model_id}"
    weights = _packed(card, arrays)
    try:
        with clear_errors(folder / WEIGHTS, len(weights)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        write_atomic(folder / WEIGHTS, weights)
        sha256 = hashlib.sha256(weights).hexdigest()
        model_hash = hashlib.sha256(sha256.encode() + canonical(header)).hexdigest()
        write_json(
            folder / HEADER,
            {
                "format": STORE.model_format,
                "id": model_id,
                "created": now(),
                "hash": model_hash,
                "weights": {"sha256": sha256, "bytes": len(weights)},
                "header": dict(header),
            },
        )
        write_atomic(folder / CARD, card.encode())
        for name, data in files.items():
            write_atomic(folder / check_name(name, "file"), data)
        if event is not None:
            fields = {**event[1], "model": model_id, "hash": model_hash}
            write_json(folder / PENDING, {"event": event[0], "fields": fields})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _packed(card: str, arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The weights with their card, so that they say by themselves what they are."""
    from etude.store.arrays import pack

    return pack({"card": card} if card else {}, arrays)


def rewrite(model: ModelInfo, header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Replace header and weights of a model in its place, under the same id: for what must not be in it any
    more. The header notes the hash of the weights before, so that takes made with them still know their
    model. The caller holds the lock."""
    before = [*(header.get("weights_before") or ()), model.weights_sha256]
    header = {**header, "weights_before": before}
    card = model.path / CARD
    weights = _packed(card.read_text(encoding="utf-8") if card.exists() else "", arrays)
    sha256 = hashlib.sha256(weights).hexdigest()
    record = read_json(model.path / HEADER)
    record["hash"] = hashlib.sha256(sha256.encode() + canonical(header)).hexdigest()
    record["weights"] = {"sha256": sha256, "bytes": len(weights)}
    record["header"] = header
    write_atomic(model.path / WEIGHTS, weights)
    write_json(model.path / HEADER, record)


def publish(root: Path, folder: Path, model_id: str) -> None:
    """Move a prepared model into place; an older one of that id goes to the trash. The caller holds the
    lock."""
    ready = root / FOLDER / f".ready-{model_id}"
    with clear_errors(ready):
        shutil.rmtree(ready, ignore_errors=True)
        folder.replace(ready)
        sync_dir(ready.parent)
    finish(root)


def finish(root: Path) -> tuple[str, ...]:
    """Move every ready model into place, log it, and return their ids; what a crash interrupted is thereby
    done. Under the lock."""
    done = []
    for ready in unfinished(root):
        target = root / FOLDER / ready.name.removeprefix(".ready-")
        with act(root, "learn"):
            if target.exists():
                trash.put(root, target)
            move(ready, target)
            if (target / PENDING).exists():
                pending = read_json(target / PENDING)
                log.write(root, [(str(pending["event"]), dict(pending["fields"]))])
                drop(target / PENDING)
        done.append(target.name)
    return tuple(done)


def unfinished(root: Path) -> list[Path]:
    """Models that are complete but not yet in their place."""
    return sorted((root / FOLDER).glob(".ready-*"))


def infos(root: Path) -> tuple[ModelInfo, ...]:
    """Every model whose header can be read, oldest first; `repair` names the others."""
    found = []
    for path in sorted((root / FOLDER).glob("[!.]*")):
        try:
            found.append(info(path))
        except ModelError:
            continue
    return tuple(sorted(found, key=lambda model: (model.created, model.id)))


def info(path: Path) -> ModelInfo:
    """A model's header. Raises ModelError when it is missing, damaged or of a newer format."""
    try:
        record = read_json(path / HEADER)
    except (FileNotFoundError, NotADirectoryError):
        raise ModelError(f"Model {path.name} has no {HEADER}.", "Learn it again with: etude learn") from None
    except ProjectError as error:
        raise ModelError(f"Model {path.name}: {error.message}", "Learn it again with: etude learn") from error
    if not isinstance(record.get("format"), int) or record["format"] > STORE.model_format:
        raise ModelError(
            f"Model {path.name} has format {record.get('format')}; this version of Etude reads "
            f"{STORE.model_format}.",
            "Update with: pip install -U etude",
        )
    try:
        header, weights = dict(record["header"]), record["weights"]
        return ModelInfo(
            id=path.name,
            name=str(header.get("name", path.name)),
            medium=str(header.get("medium", "")),
            header=header,
            hash=str(record["hash"]),
            weights_sha256=str(weights["sha256"]),
            bytes=int(weights["bytes"]),
            created=str(record["created"]),
            path=path,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"Model {path.name}: {HEADER} is damaged ({error}).", "Learn it again with: etude learn"
        ) from error


def find(root: Path, ref: str) -> ModelInfo:
    """By id, by name (the one that was chosen, else the newest of that name), or by the beginning of an id.
    Raises ModelError when none or several fit."""
    folder = root / FOLDER / ref
    if ref and Path(ref).name == ref and not ref.startswith(".") and folder.is_dir():
        return info(folder)
    known = infos(root)
    named = [model for model in known if model.name == ref]
    if named:
        picked = chosen(root, ref)
        return next((model for model in named if model.id == picked), named[-1])
    begins = [model for model in known if ref and model.id.startswith(ref)]
    if len(begins) == 1:
        return begins[0]
    if begins:
        raise ModelError(
            f"{len(begins)} models begin with {ref!r}: {', '.join(m.id for m in begins[:6])}.",
            "Give more of the id.",
        )
    for path in sorted((root / FOLDER).glob("[!.]*")):
        if ref and path.name.startswith(ref):
            info(path)  # it is there but cannot be read: say why, not that there is none
    names = ", ".join(model.id for model in known[-6:]) or "none yet"
    raise ModelError(
        f"There is no model {ref!r} (known: {names}).",
        "List them with: etude models; learn one with: etude learn",
    )


def load(model: ModelInfo) -> Arrays:
    """The arrays. Raises ModelError, with both sizes or hashes, when the weights are missing, cut short or
    changed."""
    path = model.path / WEIGHTS
    from etude.store.arrays import unpack

    again = "Learn it again with: etude learn, or take the file from a backup."
    try:
        data = path.read_bytes()
    except OSError:
        raise ModelError(f"Model {model.id}: {WEIGHTS} is missing.", again) from None
    if len(data) != model.bytes:
        raise ModelError(f"Model {model.id}: {WEIGHTS} has {len(data):,} bytes of {model.bytes:,}.", again)
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != model.weights_sha256:
        raise ModelError(
            f"Model {model.id}: {WEIGHTS} was changed (sha256 {sha256[:12]}, expected "
            f"{model.weights_sha256[:12]}).",
            again,
        )
    return unpack(data, str(path))[1]
