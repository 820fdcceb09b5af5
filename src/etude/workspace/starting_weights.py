"""What a picture model can start from: another model of the project, or weights that come with Etude."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from etude import samples
from etude.errors import ModelError
from etude.store.project import Project

if TYPE_CHECKING:
    import numpy.typing as npt

    from etude.families.conditions import Condition

    Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Beginning:
    """Weights to start from: what the new model's header says of them, and how they are read."""

    about: Mapping[str, Any]
    load: Callable[[], Arrays]
    conditions: tuple[Condition, ...] | None = (
        None  # what it could be asked for; None where that is not known
    )


def beginning(project: Project, ref: str) -> Beginning:
    """A model of the project, else weights that come along. Raises ModelError where there is neither, or where it makes no pictures."""
    from etude.families.conditions import Condition
    from etude.store.arrays import read_arrays

    ready = samples.starters()
    try:
        found = project.model(ref)
    except ModelError as error:
        if ref not in ready:
            raise ModelError(
                error.message, f"List them: etude models; beside them there are {', '.join(ready) or 'none'}."
            ) from error
    else:
        if found.header.get("family") != "pictures":
            raise ModelError(
                f"Model '{found.id}' makes {found.medium}: pictures cannot start from it.",
                "List them: etude models",
            )
        about = {
            "model": found.id,
            "weights_sha256": found.weights_sha256,
            "collection": found.header.get("collection", ""),
        }
        about |= {"works": found.header.get("works", {}), "ledger": found.header.get("ledger", {})}
        about |= {"started_from": found.header["started_from"]} if found.header.get("started_from") else {}
        known = tuple(
            Condition(str(c["key"]), tuple(map(str, c["values"]))) for c in found.header.get("conditions", ())
        )
        return Beginning(about, lambda: project.load_model(found.id)[1], known)
    path = ready[ref]
    read = read_arrays(path)
    if read is None:
        raise ModelError(f"The weights {ref} are missing from this installation.", "Install Etude again.")
    header, arrays = read
    about = {
        "model": f"{ref} (comes with Etude)",
        "weights_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    about |= {
        key: header[key]
        for key in ("collection", "collection_sha256", "works", "ledger", "licence", "credit")
    }
    about |= {"started_from": header["started_from"]} if header.get("started_from") else {}
    # halves on disk are half as large; what they lose is far below what a step of learning changes
    return Beginning(about, lambda: {name: array.astype(np.float32) for name, array in arrays.items()})
