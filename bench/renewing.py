"""From where on the noise of a picture's takes is made anew: how near takes come to works in each way.

    python bench/renewing.py                              learns 90 s from openmoji-32 on the samples first
    python bench/renewing.py --project STUDIO --model M   a model that is there
    python bench/renewing.py --takes 96

The same weights, the same first noise, the same conditions (drawn as works have them); the works are those
held out, or, where they are fewer than a hundred, all of them. Kernel distance and coverage in features of
MobileNetV2 (bench/_looks.py). The way of `make` is the last row.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

import _looks
from _etude import Studio
from _harness import OUT, Row, Table, options, say, show
from pictures import wall

MANY = 100  # held-out works that are enough to compare with
WAYS: tuple[tuple[str, float, float, int], ...] = (  # name, eta, since, steps of two passes
    ("all the way", 1.0, 0.0, 6),
    ("all the way", 1.0, 0.0, 12),
    ("never", 0.0, 0.0, 12),
    ("0.8 of it, all the way", 0.8, 0.0, 6),
    ("from 0.15 on", 1.0, 0.15, 12),
    ("from 0.3 on", 1.0, 0.3, 6),
    ("from 0.3 on", 1.0, 0.3, 12),
    ("from 0.7 on", 1.0, 0.7, 12),
    ("from 0.5 on", 1.0, 0.5, 6),
    ("from 0.5 on", 1.0, 0.5, 12),
)


def works_of(project: Any, header: dict[str, Any]) -> np.ndarray:
    """The works to compare with, as the model sees them (N, side, side, 3)."""
    from etude.media import MEDIA
    from etude.media.pixels.framing import frame, from_json

    framing = from_json(header["framing"])
    held = header["works"]["held-out"]
    ids = held if len(held) >= MANY else [one for role in header["works"].values() for one in role]
    out = []
    for one in ids:
        work = project.work(one)
        pixels = MEDIA["image"].read(project.work_bytes(one), suffix=Path(work.file).suffix).content
        out.append(frame(pixels, framing))
    return np.stack(out)


def takes_of(model: Any, n: int, eta: float, since: float, steps: int) -> torch.Tensor:
    """(n, C, H, W) takes from nothing."""
    from etude import rng

    rows = torch.tensor(
        [model.manner((0,) * len(model.conditions), rng.for_(1, "renewing", i)) for i in range(n)]
    ).reshape(n, len(model.conditions))
    made = []
    for at in torch.split(torch.arange(n), 16):

        def fresh(i: int, at: torch.Tensor = at) -> torch.Tensor:
            draw = partial(torch.randn, len(at), *model.config.shape)
            return draw(generator=torch.Generator().manual_seed(1000 * int(at[0]) + i))

        some = model.renew(fresh(999), rows[at], fresh=fresh, eta=eta, since=since, steps=steps)
        made.append(some.clamp(-1, 1)[:, 0])
    return torch.cat(made)


def measured(project: Any, name: str, n: int) -> Table:
    from etude.families.pictures.model import PictureModel

    header, arrays = project.load_model(name)
    model = PictureModel.from_arrays(header, arrays)
    works = torch.from_numpy(works_of(project, header)).permute(0, 3, 1, 2).float() / 127.5 - 1
    net = _looks.judge()
    real = _looks.features(net, works)
    rows = []
    for way, eta, since, steps in WAYS:
        made = takes_of(model, n, eta, since, steps)
        f = _looks.features(net, made)
        low, high = _looks.interval(real, f)
        kid = f"{_looks.kid(real, f):.3f} ({low:.3f}-{high:.3f})"
        rows.append(
            Row(way, {"passes": str(2 * steps), "KID": kid, "coverage": f"{_looks.coverage(real, f):.2f}"})
        )
        say(f"{way}, {2 * steps} passes: {kid}")
        OUT.mkdir(parents=True, exist_ok=True)
        wall(made[:64], OUT / f"renewing-{way.replace(' ', '-').replace(',', '')}-{2 * steps}.png")
    side = model.config.side_px
    return Table(
        f"renewing-{side}",
        f"Noise made anew, {side} pixels",
        ("passes", "KID", "coverage"),
        tuple(rows),
        (f"{n} takes, {len(works)} works; in brackets 90 % over half-samples, one seed",),
    )


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--project", type=Path, help="a project with a picture model")
    parser.add_argument("--model", help="its name")
    parser.add_argument("--takes", type=int, default=128)
    asked = parser.parse_args()
    import etude

    n = 32 if asked.quick else asked.takes
    if asked.project is not None:
        show(measured(etude.open(asked.project).project, asked.model, n))
        return
    with Studio() as studio:
        studio("samples", "openmoji-svg")
        start = ("--from", "openmoji-svg", "--start", "openmoji-32", "--enlarge", "1")
        learned = studio("learn", "m", *start, "--budget", "20s" if asked.quick else "90s")
        show(measured(etude.open(studio.folder / "studio").project, learned["id"], n))


if __name__ == "__main__":
    main()
