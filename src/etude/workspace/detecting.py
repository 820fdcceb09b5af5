"""Whether a content came from here: the mark that models of this project give to what they draw, and pieces
that it is a near-copy of.

A mark needs no file, only its words or notes: it is found in a text that was pasted elsewhere. Its p-value is
exact for any text that was made without the key; it is multiplied by the number of models that are looked
through. A piece that is alike is a fingerprint, and no proof of anything.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from etude.config.trust import MARKS
from etude.errors import EtudeError
from etude.families import family_of
from etude.media import MEDIA
from etude.takes.source import Source
from etude.workspace import measures
from etude.workspace.contents import find
from etude.workspace.core import Workspace


@dataclass(frozen=True)
class ModelMark:
    """How a content looks to the key of one model: `p` as above, `scored` symbols, `mean` of each (1: no
    mark)."""

    model: str
    p: float
    scored: int
    mean: float


@dataclass(frozen=True)
class Detected:
    """`made_by`: the model whose mark it bears, empty where none was found; `looked`: how many models give a
    mark to this medium; `alike`: pieces that it is a near-copy of."""

    schema: ClassVar[str] = "etude.detect/1"
    what: str
    medium: str
    made_by: str
    p: float
    looked: int
    marks: tuple[ModelMark, ...]
    alike: tuple[str, ...]
    text: str

    @property
    def code(self) -> int:
        """0: it came from here; 1: nothing says so."""
        return 0 if self.made_by or self.alike else 1


def detect(ws: Workspace, ref: str | Path) -> Detected:
    """Look at a file, take, piece or work. Raises WorkError where it cannot be read."""
    return of_source(ws, find(ws, ref), str(ref))


def of_source(ws: Workspace, source: Source, what: str) -> Detected:
    """Look at a content. `what`: as the person named it."""
    rows = []
    for model in ws.project.models():
        if model.medium == source.medium and model.header.get("mark"):
            with suppress(EtudeError):  # a content that this model cannot read bears no mark of it
                found = family_of(model.header).marked(model.header, source.content)
                if found is not None:
                    rows.append(ModelMark(model.id, found.p, found.scored, found.mean))
    rows.sort(key=lambda row: row.p)
    p = min(1.0, len(rows) * rows[0].p) if rows else 1.0
    made_by = rows[0].model if rows and p <= MARKS.alpha else ""
    alike = _alike(ws, source)
    return Detected(
        what,
        source.medium,
        made_by,
        p,
        len(rows),
        tuple(rows),
        alike,
        _words(what, source.medium, made_by, p, rows, alike),
    )


def _alike(ws: Workspace, source: Source) -> tuple[str, ...]:
    """Pieces whose main file it is a near-copy of, or the same as."""
    medium = MEDIA[source.medium]
    found = {"": measures.measure(medium, source.content)}
    names = {}
    for piece in ws.project.pieces():
        with suppress(EtudeError):
            other = find(ws, piece.id)
            if other.medium == source.medium:
                found[piece.id] = measures.measure(medium, other.content)
                names[piece.id] = piece.title
    groups = measures.alike(found, [""]) if len(found) > 1 else ()
    pairs = [{pair.a, pair.b} for group in groups for pair in group.pairs]
    return tuple(sorted({other for pair in pairs if "" in pair for other in pair - {""}}))


def _words(
    what: str, medium: str, made_by: str, p: float, rows: list[ModelMark], alike: tuple[str, ...]
) -> str:
    name = Path(what).name
    lines = []
    if made_by:
        lines.append(
            f"{name} bears the mark of model {made_by} ({chance(p)}): it was drawn by it, and may have been "
            "edited since."
        )
    elif rows:
        lines.append(
            f"{name} bears the mark of none of {len(rows)} model{'s' * (len(rows) != 1)} ({chance(p)}). "
            "Short, much edited and very predictable passages lose it."
        )
    else:
        lines.append(
            f"{name}: no model of this project marks {medium}, or it is too short to tell. Models learned "
            "since 0.2.0 mark text and music."
        )
    if alike:
        lines.append(f"It is nearly the same as your piece{'s' * (len(alike) > 1)} {', '.join(alike)}.")
    return "\n".join(lines)


def chance(p: float) -> str:
    """A p-value in words."""
    if p >= 0.01:
        return f"{100 * p:.0f} of 100 texts without a mark look as much like it"
    power = 1
    while p < 10.0 ** -(power + 1) and power < 300:
        power += 1
    return f"by chance in fewer than 1 of 10^{power} cases"
