"""What the split and the search for duplicates need of each work (its natural cuts, its shingles or
signature), computed once.

Kept in .etude/measures/, one file for each `add`, and computed again from the works when that is cleared.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude.media import MEDIA
from etude.media.contract import Medium
from etude.store.files import write_atomic
from etude.store.project import Project
from etude.store.works import Work
from etude.workspace.reading import content_of

if TYPE_CHECKING:
    from etude.curate.duplicates import Group


@dataclass(frozen=True)
class Measures:
    """Of one work: where it may be divided (units), and what it is recognised by: hashed shingles of a
    sequence, sorted (uint64), or the signature of pictures (K, 2, S), float16."""

    boundaries: npt.NDArray[np.int64]
    marks: npt.NDArray[Any]


def measure(medium: Medium, content: Any) -> Measures:
    """Both, from the content."""
    return Measures(np.asarray(medium.boundaries(content), dtype=np.int64), medium.marks(content))


def alike(found: Mapping[str, Measures], new: Collection[str] | None = None) -> tuple[Group, ...]:
    """Groups of near-duplicates among works of one medium; with `new`, only those that a new work belongs
    to."""
    from etude.curate import duplicates, lookalikes

    marks = {work_id: one.marks for work_id, one in found.items()}
    if any(one.dtype != np.uint64 for one in marks.values()):
        return lookalikes.find(marks, new)
    return duplicates.find(marks, new)


def keep(project: Project, found: Mapping[str, Measures]) -> None:
    """Save the measures of these works (by id)."""
    if not found:
        return
    out = io.BytesIO()
    arrays = {
        f"{work_id}.{name}": getattr(one, name)
        for work_id, one in found.items()
        for name in ("boundaries", "marks")
    }
    np.savez(out, allow_pickle=False, **arrays)
    name = hashlib.sha256(" ".join(found).encode()).hexdigest()[:16]
    write_atomic(project.cache_dir("measures") / f"{name}.npz", out.getvalue())


def of(project: Project, works: Iterable[Work]) -> dict[str, Measures]:
    """The measures of these works by id: from the cache, else computed and kept."""
    wanted = {work.id: work for work in works}
    found: dict[str, Measures] = {}
    for path in sorted(project.cache_dir("measures").glob("*.npz")):
        try:
            with np.load(path, allow_pickle=False) as arrays:
                ids = {name.rpartition(".")[0] for name in arrays.files} & set(wanted)
                found |= {i: Measures(arrays[f"{i}.boundaries"], arrays[f"{i}.marks"]) for i in ids}
        except (OSError, ValueError, KeyError):
            continue  # a damaged cache is as good as none
    missing = {}
    for work_id, work in wanted.items():
        if work_id not in found:
            medium = MEDIA[work.medium]
            content = content_of(project, work)
            missing[work_id] = measure(medium, content)
    keep(project, missing)
    return found | missing
