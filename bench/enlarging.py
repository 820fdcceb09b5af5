"""Takes at their full size: the learned enlargement beside Lanczos and squares of the same takes.

    npm pack openmoji@17.0.0 && tar xzf openmoji-17.0.0.tgz
    python bench/enlarging.py --svg package/color/svg --side 64 --factor 4 --minutes 50
    python bench/enlarging.py --svg package/color/svg --side 32 --factor 8 --minutes 25 --start openmoji-32
    python bench/enlarging.py --project FOLDER --model moji
        a project that is there, with a model that has learned to enlarge
    python bench/enlarging.py --quick

OpenMoji drawn anew as pictures of 256 pixels: the samples have 64. Of the minutes three tenths, at most
fifteen minutes, go to the enlargement. Kernel distance to works held out at the full size, in features of
MobileNetV2 (bench/_looks.py) that sees them at that size. The takes are the same for every row: made small,
then enlarged.
The last columns are works held out, made small and enlarged again, and the same after the flow redrew them in
part, as the model's card has them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

import _looks
from _etude import Studio
from _harness import OUT, Row, Table, options, say, show, spread, timed
from pictures import fill, wall

TAKES, TIMED = 256, 64
COLUMNS = ("KID", "of Lanczos", "coverage", "64 pictures, s", "works", "works redrawn")


def learned(studio: Studio, chosen: argparse.Namespace) -> str:
    """The id of a model that was learned for the minutes, on the samples or on larger drawings of them."""
    fill(studio, chosen.svg)
    words = ["--from", "openmoji", "--side", str(chosen.side), "--enlarge", str(chosen.factor), "--seed", "1"]
    words += ["--budget", "60s" if chosen.quick else f"{60 * chosen.minutes:.0f}s"]
    words += ["--start", chosen.start] if chosen.start else []
    found = studio("learn", "moji", *words)
    say(f"learned {found['id']}: {found['steps']} steps")
    return str(found["id"])


def small_takes(project: Path, model: str, n: int, side: int) -> np.ndarray:
    """(N, s, s, 3) takes as `make --size small` makes them."""
    import etude
    from etude.media import MEDIA

    studio = etude.open(project)
    rows = []
    for i in range(n // TIMED):
        made = studio.make(model, n=TIMED, seed=1000 + i, choose=1, size="small")
        rows += [MEDIA["image"].load(studio.project.take(one.id).data or b"")[..., :3] for one in made.takes]
    return np.stack(rows)


def held_out(project: Path, model: Any, side: int) -> np.ndarray:
    """(N, S, S, 3) the works that the model has not seen, as it would see them at the full size."""
    from dataclasses import replace

    from etude.media import MEDIA
    from etude.media.pixels.framing import frame, from_json
    from etude.store.project import Project

    home, square = Project.open(project), replace(from_json(model.header["framing"]), side_px=side)
    rows = []
    for work_id in model.header["works"]["held-out"]:
        work = home.work(work_id)
        content = MEDIA["image"].read(home.work_bytes(work.id), suffix=work.suffix).content
        rows.append(frame(content, square))
    return np.stack(rows)


def numbers(pixels: np.ndarray) -> torch.Tensor:
    """(N, 3, H, W) in -1..1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1


def table(project: Path, name: str, n: int) -> Table:
    """Everything, for a model that has learned to enlarge."""
    from etude.families.pictures.model import PictureModel
    from etude.media.pixels.enlarge import _lanczos
    from etude.store.project import Project

    home = Project.open(project)
    model = home.model(name)
    about = model.header.get("enlarge")
    if about is None:
        raise SystemExit(f"Model {model.id} has learned no enlargement: learn it with --enlarge 4.")
    enlargement = PictureModel.from_arrays(*home.load_model(model.id)).enlargement
    assert enlargement is not None
    side, factor = int(model.header["net"]["side_px"]), int(about["factor"])
    small = small_takes(project, model.id, n, side)
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "learned": enlargement.enlarged,
        "Lanczos": lambda some: np.stack([_lanczos(one, factor) for one in some]),
        "nearest": lambda some: some.repeat(factor, 1).repeat(factor, 2),
    }
    net = _looks.judge()
    works = _looks.features(net, numbers(held_out(project, model, side * factor)), side * factor)
    found, rows = {}, []
    for way, enlarge in ways.items():
        large = enlarge(small)
        f = _looks.features(net, numbers(large), side * factor)
        found[way] = (_looks.kid(works, f), _looks.interval(works, f), _looks.coverage(works, f))
        say(f"{way}: KID {found[way][0]:.3f}")
        OUT.mkdir(parents=True, exist_ok=True)  # figures are not eyes
        wall(numbers(large[:64]), OUT / f"enlarging-{side}-{factor}-{way.lower()}.png")
        took = timed(partial(enlarge, small[:TIMED]), 3)
        rows.append((way, took))
    body = []
    for way, took in rows:
        kid, (low, high), cover = found[way]
        figures = {
            "KID": f"{kid:.3f} ({low:.3f}-{high:.3f})",
            "of Lanczos": f"{kid / found['Lanczos'][0]:.2f}",
            "coverage": f"{cover:.2f}",
            "64 pictures, s": spread(took, 2),
        }
        for column, part in (("works", "plain"), ("works redrawn", "redrawn")):
            key = {"learned": "learned", "Lanczos": "lanczos"}.get(way)
            if key and about[part]:
                figures[column] = f"{about[part][key]:.2f} (n {about[part]['n']})"
        body.append(Row(way, figures))
    notes = (
        f"{len(small)} takes; {len(works)} works held out, of {side * factor} pixels; in brackets 90 % over "
        "half-samples",
        f"the enlargement learned {about['steps']:,} steps from {about['works']:,} works in "
        f"{about['seconds'] / 60:.1f} min; works: {about['unit']}",
    )
    title = f"Takes of {side} pixels, {factor} times as large: kernel distance at that size, lower is better"
    return Table(f"enlarging-{side}-{factor}", title, COLUMNS, tuple(body), notes, {"kid": found})


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--factor", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=50.0, help="of learning, the flow's included")
    parser.add_argument("--start", help="weights for the flow to start from")
    parser.add_argument("--svg", type=Path, help="the folder color/svg of the npm package openmoji")
    parser.add_argument("--project", type=Path, help="a project with a model of OpenMoji that enlarges")
    parser.add_argument("--model", default="moji")
    chosen = parser.parse_args()
    n = TIMED if chosen.quick else TAKES
    if chosen.project is not None:
        show(table(chosen.project, chosen.model, n))
        return
    if chosen.quick and chosen.svg is None:
        chosen.side, chosen.factor = 32, 2  # as large as the samples are
    with Studio() as studio:
        model = learned(studio, chosen)
        show(table(studio.folder / "studio", model, n))


if __name__ == "__main__":
    main()
