"""What pieces owe to works, and whether a content holds something of them: for works that are withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from etude.config.curate import LOOKALIKE
from etude.curate import lookalikes
from etude.errors import EtudeError
from etude.media import MEDIA
from etude.media.contract import Content, Medium
from etude.store.works import Work
from etude.workspace.contents import from_file
from etude.workspace.core import OnProgress, Workspace, silent

HELD_TIMES = 2  # times the shortest verbatim run that a trace lists: ten words, sixteen notes


@dataclass(frozen=True)
class Owing:
    """A piece that owes to withdrawn works: `share` of it that the model's memory gave from them (None where
    nothing is known), the longest run that stands in both, and whether it began with one of them."""

    piece: str
    title: str
    share: float | None
    longest: int
    unit: str
    began: bool
    like: float | None = None

    @property
    def words(self) -> str:
        """For people."""
        said = []
        if self.began:
            said.append("began with it")
        if self.share is not None and self.share > 0:
            said.append(f"{100 * self.share:.1f} % from it")
        if self.longest:
            said.append(f"longest run in common {self.longest} {self.unit}")
        if self.like is not None:
            said.append(f"likeness {self.like:.2f}")
        return ", ".join(said) or "made by a model that learned from it"


def owing(
    ws: Workspace,
    works: Sequence[Work],
    contents: Mapping[str, Content],
    models: Set[str],
    progress: OnProgress,
) -> tuple[Owing, ...]:
    """The pieces that were made by models which learned from the works, or began with one."""
    ids = {work.id for work in works}
    pieces = ws.project.pieces()
    out = []
    for i, piece in enumerate(pieces):
        recipe = dict(piece.record.get("recipe") or {})
        began = str((recipe.get("source") or {}).get("work", "")) in ids
        if not began and recipe.get("model") not in models:
            continue
        progress(i, len(pieces), "looking at what pieces owe")
        share, like = _traced(ws, piece.id, str(recipe.get("model", "")), ids)
        longest, unit = 0, ""
        with suppress(EtudeError):
            source = from_file(piece.path)
            longest, unit = _longest(MEDIA[source.medium], source.content, works, contents)
        out.append(Owing(piece.id, piece.title, share, longest, unit, began, like))
    out.sort(key=lambda one: (-(one.share or 0), -one.longest))
    return tuple(out)


def _traced(ws: Workspace, piece: str, model: str, ids: Set[str]) -> tuple[float | None, float | None]:
    """The share that the memory gave from these works, and how like the piece is to the nearest of them."""
    from etude.workspace.tracing import trace  # torch: only where something is traced

    with suppress(EtudeError):
        found = trace(ws, piece, model or None, None, None, silent)
        owed, like = found.borrowed, found.resembles
        share = sum(one.share for one in owed.works if one.work in ids) if owed else None
        near = [n.similarity for n in like.nearest if n.work in ids] if like else []
        return share, max(near, default=None)
    return None, None


def holds(medium: Medium, content: Content, works: Sequence[Work], contents: Mapping[str, Content]) -> bool:
    """Whether a content holds a long run of one of the works, or looks like it."""
    longest, _ = _longest(medium, content, works, contents)
    if longest:
        return longest >= HELD_TIMES * _least(medium)
    if medium.marks_kind == "signature":
        own = medium.marks(content)
        for work in works:
            if work.id in contents and work.medium in MEDIA and MEDIA[work.medium].marks_kind == "signature":
                other = MEDIA[work.medium].marks(contents[work.id])
                like = lookalikes.likeness(np.asarray(own, np.float32), np.asarray(other, np.float32))
                if like.size and float(like.max()) >= LOOKALIKE.likeness:
                    return True
    return False


def _longest(
    medium: Medium, content: Content, works: Sequence[Work], contents: Mapping[str, Content]
) -> tuple[int, str]:
    """The longest run that a content shares with one of the works, in words or notes; 0 where runs mean
    nothing."""
    from etude.media import sequence
    from etude.trace.verbatim import build_index, search

    own = [
        (work.id, contents[work.id]) for work in works if work.medium == medium.name and work.id in contents
    ]
    if not own or medium.marks_kind != "shingles":
        return 0, ""
    found = search(build_index(medium.name, own), sequence(medium.name), content, lambda i: contents[i])
    return found.longest, found.unit


def _least(medium: Medium) -> int:
    from etude.media import sequence

    return sequence(medium.name).runs.least
