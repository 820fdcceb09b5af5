"""What a model can start from: another model of the project, or weights that come with Etude."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from etude import samples
from etude.errors import ModelError
from etude.families import family_of
from etude.families.conditions import Condition
from etude.families.contract import Family
from etude.families.course import Start
from etude.media import MEDIA
from etude.store.arrays import read_arrays, read_header
from etude.store.models import ModelInfo
from etude.store.project import Project

_KEYS = (
    "collection",
    "collection_sha256",
    "works",
    "ledger",
    "licence",
    "credit",
)  # what a new header repeats


def starting(project: Project, ref: str, family: Family) -> Start:
    """A model of the project, else weights that come along. Raises ModelError where there is neither, or
    where it is of another family."""
    ready = samples.starters()
    try:
        found = project.model(ref)
    except ModelError as error:
        if ref not in ready:
            there = ", ".join(ready) or "none"
            raise ModelError(
                error.message, f"List them: etude models; beside them there are {there}."
            ) from error
    else:
        return _of_model(project, found, family)
    path = ready[ref]
    read = read_arrays(path)
    if read is None:
        raise ModelError(f"The weights {ref} are missing from this installation.", "Install Etude again.")
    header, arrays = read
    about: dict[str, Any] = {
        "model": f"{ref} (comes with Etude)",
        "weights_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    about |= {key: header[key] for key in _KEYS} | _before(header) | _copies(header)
    known = _conditions(header["conditions"]) if "conditions" in header else None
    # halves on disk are half as large; what they lose is far below what a step of learning changes
    return Start(
        about, lambda: {name: array.astype(np.float32) for name, array in arrays.items()}, known, header
    )


def _of_model(project: Project, found: ModelInfo, family: Family) -> Start:
    if family_of(found.header).kind != family.kind:
        raise ModelError(
            f"Model '{found.id}' makes {found.medium}: a model of {family.makes} cannot start from it.",
            "List them: etude models",
        )
    about = {
        "model": found.id,
        "weights_sha256": found.weights_sha256,
        "collection": found.header.get("collection", ""),
        "works": found.header.get("works", {}),
        "ledger": found.header.get("ledger", {}),
    }
    return Start(
        about | _before(found.header) | _copies(found.header),
        lambda: project.load_model(found.id)[1],
        _conditions(found.header.get("conditions", ())),
        found.header,
    )


def _conditions(rows: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(Condition(str(c["key"]), tuple(map(str, c["values"]))) for c in rows)


def _copies(header: Mapping[str, Any]) -> dict[str, Any]:
    """How many of their own takes were near copies of what they had learned from, where that was counted."""
    near = (header.get("figures") or {}).get("near copies")
    return {"near_copies": near} if near else {}


def _before(header: Mapping[str, Any]) -> dict[str, Any]:
    return {"started_from": header["started_from"]} if header.get("started_from") else {}


def proposal(medium: str, works: int) -> str:
    """A sentence with the option, where so few works learn better from weights that come along; else ''. Each
    starter's header says below how many works that was measured."""
    for name, path in samples.starters().items():
        header = read_header(path) or {}
        few = int(header.get("proposed_below") or 0)
        if header.get("medium") == medium and works < few:
            kind = MEDIA[medium].names.count(works)
            return (
                f"{kind.capitalize()} are few to learn from nothing. In the same minutes more comes of the "
                f"bundled weights {name}, if your works are of a kind with theirs: add --start {name}. They "
                f"were trained on works of others ({header['licence']}), and the card and every credential "
                "will say so."
            )
    return ""
