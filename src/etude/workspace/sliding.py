"""The directions along which the takes of a model can be moved: their names, and preview strips of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import ClassVar

from etude.errors import ModelError, TakeError
from etude.families import family_of
from etude.families.manner import spelt
from etude.store.files import write_atomic
from etude.workspace.core import Workspace
from etude.workspace.generators import generator
from etude.workspace.host import host

AMOUNTS = (-2.0, -1.0, 0.0, 1.0, 2.0)  # of a preview strip, in standard deviations of the works
ROWS = 4  # takes of a preview strip


@dataclass(frozen=True)
class Slider:
    """A direction of a model: its number from 1, the name that the person gave it, by how many standard
    deviations of the works takes moved when it was turned to 1 (None: not measured), and where a preview
    strip was written."""

    number: int
    name: str
    moved: float | None = None
    file: str = ""


@dataclass(frozen=True)
class SliderList:
    """The sliders of a model, the one in which works vary most first; amounts are in standard deviations of
    the works."""

    schema: ClassVar[str] = "etude.sliders/1"
    model: str
    sliders: tuple[Slider, ...]


def sliders(
    ws: Workspace,
    /,
    model: str,
    *,
    out: str | Path | None = None,
    like: Mapping[str, str] | None = None,
    seed: int = 1,
    name: tuple[int, str] | None = None,
) -> SliderList:
    """The sliders of a model. `name`: (number, what to call it); `out`: a folder for preview strips, takes at
    -2, -1, 0, 1 and 2 standard deviations. Raises ModelError where there are none."""
    found = ws.project.model(model)
    moved = family_of(found.header).directions(found.header)
    if not moved:
        raise ModelError(
            f"Model '{found.id}' has no sliders.",
            "Models of pictures and clips have them; train one made by an older Etude again with: etude "
            "learn NAME --start MODEL",
        )
    hosted = host(ws)
    asked = spelt(found.header, found.id, like or {}, hosted.works())
    if name is not None:
        _call(ws, found.id, len(moved), *name)
    names = hosted.labels(found.id)
    rows = []
    for number, by in enumerate(moved, 1):
        file = ""
        if out is not None:
            title = f"Slider {number}" + (f", {names[number]}" if number in names else "")
            drawn = generator(ws, found).strip(
                number, title=title, seed=seed, amounts=AMOUNTS, rows=ROWS, like=asked
            )
            path = Path(out).expanduser() / f"slider-{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, drawn)
            file = str(path)
        rows.append(Slider(number, names.get(number, ""), by, file))
    return SliderList(found.id, tuple(rows))


def _call(ws: Workspace, model: str, count: int, number: int, word: str) -> None:
    """Name a slider."""
    if not 1 <= number <= count:
        raise TakeError(
            f"There is no slider {number}; there are {count}.", f"See: etude sliders {quote(model)}"
        )
    if not word or word.isdecimal() or "=" in word:
        raise TakeError(f"'{word}' cannot be the name of a slider.", "Choose a word, for example: warmth")
    with ws.project.lock():
        ws.project.log("slider-named", model=model, number=number, name=word)
