"""Few works: what weights to start from are worth, on pictures of a family that no starter saw.

    npm pack @iconify-json/twemoji && tar xzf iconify-json-twemoji-*.tgz
    python bench/few.py --icons package/icons.json --works 60 --works 800 --minutes 4
    python bench/few.py --icons package/icons.json --works 60 --steps 120
        as many steps as have the arithmetic of 120 at 64 pixels: for machines that do other work beside it
    python bench/few.py --quick --icons package/icons.json

Twemoji (CC BY 4.0, for measuring only) drawn at 256 pixels. Every row learns from the same works for the same
time, and takes are seen at 64 pixels: kernel distance to 400 pictures that are no works of the project, in
features of MobileNetV2 (bench/_looks.py). Flagged: by the product's own measure, with those 400 in the place
of works held out; alpha is what chance allows. Sketches: of those 400, as `learn` tests them.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
import torch
from PIL import Image

import _looks
from _etude import OWN, Studio
from _harness import OUT, Row, Table, options, say, show
from pictures import wall

SIDE, LARGE, HELD, TAKES = 64, 256, 400, 128
COLUMNS = ("KID", "of nothing", "coverage", "flagged", "sketches followed", "edges", "flat places")
# A name, and what learning is told: from nothing as the product would in such minutes, at the same side as
# the starter, and from what there is
WAYS = {
    "nothing, 32 px": ("--side", "32"),
    "nothing, 64 px": ("--side", "64"),
    "openmoji-32": ("--side", "32", "--start", "openmoji-32"),
    "drawings-64": ("--side", "64", "--start", "drawings-64"),
}


@dataclass(frozen=True)
class Seen:
    """What a row came to, and in how many steps and seconds of processor."""

    kid: float
    ends: tuple[float, float]
    coverage: float
    flagged: float
    followed: dict[str, Any]
    steps: int
    cpu_s: float


def drawn(icons: Path, count: int) -> list[bytes]:
    """PNGs of so many emoji without skin tones and flags, in an order of chance."""
    every = json.loads(icons.read_text(encoding="utf-8"))
    names = sorted(n for n in every["icons"] if "skin-tone" not in n and not n.startswith("flag"))
    random.Random(5).shuffle(names)
    out = []
    for name in names[:count]:
        one = every["icons"][name]
        size = [one.get(key, every.get(key, 36)) for key in ("width", "height")]
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}">{one["body"]}</svg>'
        out.append(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=LARGE, height=LARGE)))
    return out


def framed(data: bytes, side: int) -> np.ndarray:
    """(side, side, 3) on white, as the model sees it."""
    from etude.media.pixels.framing import Framing, frame

    return frame(np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")), Framing(side))


def learned(studio: Studio, name: str, words: tuple[str, ...], chosen: argparse.Namespace) -> dict[str, Any]:
    """A model, learned for the minutes, or for as many steps as have the arithmetic of so many at 64 px."""
    common = ["learn", name, "--from", "few", "--no-critic", "--enlarge", "1", "--seed", "1", *words]
    if chosen.steps is None:
        seconds = 60 if chosen.quick else 60 * chosen.minutes
        return dict(studio(*common, "--budget", f"{seconds:.0f}s"))
    from etude.config.pictures import PICTURES
    from etude.families.pictures.learn.plan import flops, shape

    large, small = (flops(shape(side, 3, "s", ())) for side in (64, 32))
    mixed = PICTURES.early_share * small + (1 - PICTURES.early_share) * large
    cost = small if "32" in words else large if "drawings-64" in words else mixed
    return dict(studio(*common, "--budget", f"{round(chosen.steps * large / cost)}steps"))


def evaluated(studio: Studio, model: dict[str, Any], net: Any, held: np.ndarray, picture: Path) -> Seen:
    """Takes of the model beside the pictures that are no works."""
    import etude
    from etude.config.trust import TRACE
    from etude.families.pictures import nearest_works
    from etude.families.pictures.learn.dataset import Dataset, Room
    from etude.families.pictures.learn.following import following
    from etude.families.pictures.model import PictureModel
    from etude.media import MEDIA
    from etude.media.pixels.framing import Framing, frame
    from etude.stats import conformal

    opened = etude.open(studio.folder / "studio")
    project = opened.project
    header, arrays = project.load_model(model["id"])
    side = int(header["net"]["side_px"])
    takes = []
    for i in range(0, TAKES, 64):
        for one in opened.make(model["id"], n=64, seed=1 + i, choose=1).takes:
            takes.append(MEDIA["image"].load(project.take(one.id).data or b"")[..., :3])
    made = np.stack(takes)
    large = np.stack([one.repeat(SIDE // side, 0).repeat(SIDE // side, 1) for one in made])
    wall(numbers(large[:64]), picture)
    works, f = (_looks.features(net, numbers(x)) for x in (held, large))
    small = np.stack([frame(one, Framing(side)) for one in held])
    train = [
        frame(MEDIA["image"].read(project.work_bytes(w), suffix=".png").content, Framing(side))
        for w in header["works"]["train"]
    ]
    shelf = nearest_works.shelf(train, [[one] for one in small])
    scores = [float(shelf.nearest([one]).max()) for one in made]
    flagged = float((conformal.p_values(scores, shelf.usual) <= TRACE.alpha).mean())
    opened_model = PictureModel.from_arrays(header, arrays)
    rows = np.zeros((len(small), len(opened_model.conditions)), np.int64)
    room = Room(small[:, None], rows, np.ones(len(small)), tuple(map(str, range(len(small)))))
    followed = following(opened_model, Dataset("image", (), room, room, room), 1, None) or {}
    return Seen(
        _looks.kid(works, f),
        _looks.interval(works, f),
        _looks.coverage(works, f),
        flagged,
        followed,
        model["steps"],
        model["ledger"]["cpu_s"],
    )


def numbers(pixels: np.ndarray) -> torch.Tensor:
    """(N, 3, H, W) in -1..1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--icons", type=Path, required=True, help="icons.json of @iconify-json/twemoji")
    parser.add_argument("--works", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--steps", type=int, help="at 64 pixels, in the place of minutes")
    parser.add_argument("--way", action="append", choices=list(WAYS), help="only this row; may be repeated")
    chosen = parser.parse_args()
    from etude.samples import starters

    counts = [60] if chosen.quick else chosen.works or [60, 800]
    pictures = drawn(chosen.icons, HELD + max(counts))
    held = np.stack([framed(one, SIDE) for one in pictures[:HELD]])
    net, OUT_ = _looks.judge(), OUT
    OUT_.mkdir(parents=True, exist_ok=True)
    for count in counts:
        found: dict[str, Seen] = {}
        with Studio() as studio:
            for i, one in enumerate(pictures[HELD : HELD + count]):
                studio.write(f"works/{i:04d}.png", one)
            studio("add", str(studio.folder / "works"), "--collection", "few", *OWN)
            for number, (name, words) in enumerate(WAYS.items()):
                begins = words[words.index("--start") + 1] if "--start" in words else ""
                if (chosen.way and name not in chosen.way) or (begins and begins not in starters()):
                    continue
                model = learned(studio, f"m{number}", words, chosen)
                picture = OUT_ / f"few-{count}-{name.replace(', ', '-').replace(' ', '-')}.png"
                found[name] = evaluated(studio, model, net, held, picture)
                say(f"{count} works, {name}: KID {found[name].kid:.3f}, {found[name].cpu_s:.0f} s of CPU")
        show(table(count, found, chosen))


def table(count: int, found: dict[str, Seen], chosen: argparse.Namespace) -> Table:
    base = min((one.kid for name, one in found.items() if name.startswith("nothing")), default=float("nan"))
    rows = []
    for name, one in found.items():
        f = one.followed
        figures = {
            "KID": f"{one.kid:.3f} ({one.ends[0]:.3f}-{one.ends[1]:.3f})",
            "of nothing": f"{one.kid / base:.2f}",
            "coverage": f"{one.coverage:.2f}",
            "flagged": f"{100 * one.flagged:.0f} % of {TAKES}",
        }
        if f:
            figures |= {
                "sketches followed": f"{f['value'] * f['n']:.0f} of {f['n']}",
                "edges": f"{f['sharp']:.2f}",
                "flat places": f"{f['flat']:.2f}",
            }
        rows.append(Row(name, figures, f"{one.steps} steps, {one.cpu_s:.0f} s of processor"))
    how = f"arithmetic of {chosen.steps} steps" if chosen.steps else f"{chosen.minutes:g} min"
    notes = (
        f"Twemoji, {count} works (88 % of them learned from), {HELD} others to compare with, {TAKES} takes",
        "of nothing: of the better row from nothing; flagged: 5 % are expected by chance; in brackets 90 % "
        "over half-samples, one seed",
    )
    raw = {name: vars(one) for name, one in found.items()}
    return Table(f"few-{count}", f"{count} works, {how} of learning", COLUMNS, tuple(rows), notes, raw)


if __name__ == "__main__":
    main()
