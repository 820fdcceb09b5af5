"""What a model can start from: another model of the project, or weights that come with Etude."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from etude import samples
from etude.errors import ModelError
from etude.families import family_for, family_of
from etude.families.conditions import Condition
from etude.families.contract import Family
from etude.families.course import Start
from etude.media import MEDIA
from etude.store.arrays import read_arrays
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


_COUNTED = ("works", "collection", "collection_sha256", "licence", "credit")  # said under started_from


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
    if family_of_starter(header) != family.kind:
        raise ModelError(
            f"The weights {ref} are not for a model of {family.makes}.",
            f"Weights that come with Etude for it: {', '.join(starters_for(family.kind)) or 'none'}.",
        )
    about |= {key: header[key] for key in _KEYS} | _before(header) | _copies(header)
    return Start(about, lambda: {n: _whole(a) for n, a in arrays.items()}, _known(header), header)


def model_or_starter(project: Project, ref: str) -> ModelInfo:
    """A model of the project; else weights that come with Etude and are whole models, put among its models so
    that what they make can be traced and made again by any later version. Raises ModelError."""
    try:
        return project.model(ref)
    except ModelError:
        ready = samples.starters()
        if ref not in ready or not (header := samples.starter_header(ref)).get("whole"):
            raise
    read = read_arrays(ready[ref])
    if read is None:
        raise ModelError(f"The weights {ref} are missing from this installation.", "Install Etude again.")
    digest = hashlib.sha256(ready[ref].read_bytes()).hexdigest()
    came = {"model": f"{ref} (comes with Etude)", "weights_sha256": digest}
    about = {
        **{key: value for key, value in header.items() if key not in (*_COUNTED, "whole")},
        "name": ref,
        "works": {"train": [], "critic": [], "held-out": []},
        "shelf": [],
        "started_from": came | {key: header[key] for key in _KEYS},
    }
    return project.save_model(f"{ref}-{digest[:8]}", about, read[1], card_of(header, ref))


def card_of(header: Mapping[str, Any], ref: str) -> str:
    """The card of weights that come along, in a project."""
    works = sum(header["works"].values())
    lines = [
        "# Model card",
        "",
        f"{ref} comes with Etude. It was trained on “{header['collection']}”, {works} works. It keeps "
        "none of them: it borrows nothing word for word, but owes something to all of them.",
        "",
        f"Their terms: {header['licence']}. {header['credit']}",
    ]
    return "\n".join(lines) + "\n"


def starters_for(kind: str) -> tuple[str, ...]:
    """The weights that come with Etude for a family of generators, by name."""
    return tuple(n for n in samples.starters() if family_of_starter(samples.starter_header(n)) == kind)


def family_of_starter(header: Mapping[str, Any]) -> str:
    """The kind of the family: the first ones were packed without it, by their medium."""
    return family_for(str(header["medium"]), header.get("family")).kind


def _whole(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Halves on disk are half as large; what they lose is far below what a step of learning changes."""
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _known(header: Mapping[str, Any]) -> tuple[Condition, ...] | None:
    """What the weights can be asked for; None where it was not kept."""
    rows = header.get("conditions")
    return (
        None if rows is None else tuple(Condition(str(c["key"]), tuple(map(str, c["values"]))) for c in rows)
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
        _known({"conditions": (), **found.header}),
        found.header,
    )


def _copies(header: Mapping[str, Any]) -> dict[str, Any]:
    """How many of their own takes were near copies of what they had learned from, where that was counted."""
    near = (header.get("figures") or {}).get("near copies")
    return {"near_copies": near} if near else {}


def _before(header: Mapping[str, Any]) -> dict[str, Any]:
    return {"started_from": header["started_from"]} if header.get("started_from") else {}


def proposal(medium: str, works: int) -> str:
    """A sentence with the option, where so few works learn better from weights that come along; else ''. Each
    starter's header says below how many works that was measured."""
    for name in samples.starters():
        header = samples.starter_header(name)
        few = int(header.get("proposed_below") or 0)
        if header.get("medium") == medium and works < few:
            kind = MEDIA[medium].names.count(works)
            return (
                f"{kind.capitalize()} are few for training from scratch. In the same time you get better "
                f"takes from the bundled weights {name}, if your works resemble theirs: add --start {name}. "
                f"They were trained on other people's works ({header['licence']}); the card and every "
                "credential will say so."
            )
    return ""
