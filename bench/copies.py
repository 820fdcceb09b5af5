"""Flagged copies beyond chance: how often takes of a picture model lie nearer to a work than works held out
do, against alpha.

    python bench/copies.py --minutes 20
    python bench/copies.py --project FOLDER --model NAME
    python bench/copies.py --quick

The test is the product's own trace (conformal p-values against works held out, features of a network with
random weights, crops and mirrors included). A model that copies no more than chance flags alpha of its takes;
beside it, the same count for the works learned from, which are copies by construction, mirrored and moved:
what they are flagged by says how much the test can see.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops

from _etude import Studio
from _harness import Row, Table, options, say, show

ALPHA = 0.01


def beyond(flagged: int, n: int) -> tuple[float, float, float]:
    """The share that is flagged less alpha, with the 90 % interval of Wilson."""
    z, p = 1.645, flagged / n
    middle, half = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
    )
    return p - ALPHA, middle - half - ALPHA, middle + half - ALPHA


def counted(studio: Any, refs: list[str], model: str) -> int:
    """How many are flagged."""
    found = 0
    for i, ref in enumerate(refs):
        p = studio.trace(ref, model=model).resembles.p
        found += p is not None and p <= ALPHA
        if i % 50 == 49:
            say(f"{i + 1} of {len(refs)} traced, {found} flagged")
    return found


def copies(folder: Path, n: int, out: Path, how: str) -> list[str]:
    """Works learned from, on white, mirrored or moved by a pixel of 64."""
    from etude.media import MEDIA
    from etude.store.project import Project

    project = Project.open(folder)
    parts = [part for part in project.collection("openmoji").parts if part.role == "train"]
    files = []
    for part in parts[:: max(1, len(parts) // n)][:n]:
        work = project.work(part.work_id)
        pixels = MEDIA["image"].read(project.work_bytes(work.id), suffix=work.suffix).content
        picture = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture)
        one = white.convert("RGB")
        moved = (
            one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            if how == "mirrored"
            else ImageChops.offset(one, one.width // 64, 0)
        )
        files.append(str(out / f"{how.replace(' ', '-')}-{work.id}.png"))
        moved.save(files[-1])
    return files


def measured(folder: Path, model: str, n: int) -> list[Row]:
    import etude

    studio = etude.open(folder)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        takes = [
            take.id
            for i in range(0, n, 64)
            for take in studio.make(model, n=min(64, n - i), seed=5000 + i, choose=1).takes
        ]
        sets = {"takes": takes}
        for how in ("mirrored", "moved by a pixel of 64"):
            sets[f"works learned from, {how}"] = copies(folder, n // 4, Path(place), how)
        for name, refs in sets.items():
            say(f"tracing {len(refs)} {name}")
            flagged = counted(studio, refs, model)
            value, low, high = beyond(flagged, len(refs))
            figures = {
                "flagged": f"{flagged} of {len(refs)}",
                "beyond chance": f"{100 * value:+.1f} % ({100 * low:+.1f} to {100 * high:+.1f})",
            }
            rows.append(Row(name, figures))
    return rows


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--takes", type=int, default=256)
    parser.add_argument(
        "--project", type=Path, help="a project that has a model of the samples 'openmoji' already"
    )
    parser.add_argument("--model", help="that model")
    chosen = parser.parse_args()
    minutes, takes = (0.5, 32) if chosen.quick else (chosen.minutes, chosen.takes)
    if chosen.project:
        rows, note = measured(chosen.project, chosen.model, takes), "a model learned before"
    else:
        with Studio() as studio:
            studio("samples", "openmoji")
            say(f"learning for {minutes:g} min at 32 pixels")
            model = studio(
                "learn",
                "moji",
                "--from",
                "openmoji",
                "--budget",
                f"{60 * minutes:.0f}s",
                "--side",
                "32",
                "--seed",
                "1",
            )["id"]
            rows, note = (
                measured(studio.folder / "studio", model, takes),
                f"after {minutes:g} min of learning",
            )
    title = f"Flagged copies of OpenMoji beyond chance, alpha {ALPHA:g}"
    show(
        Table(
            "copies",
            title,
            ("flagged", "beyond chance"),
            tuple(rows),
            (note, "90 % interval of Wilson, one seed"),
        )
    )


if __name__ == "__main__":
    main()
