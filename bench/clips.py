"""Clips: kernel distance of takes to works held out, by frame and by what changes from frame to frame, on
Fluent's loops, beside controls.

    python bench/clips.py --minutes 20
    python bench/clips.py --minutes 20 --start openmoji-32
    python bench/clips.py --quick

The judge is MobileNetV2 (bench/_looks.py), which nothing here learned from. `frames`: its features of single
frames. `steps` and `strides`: by how much each changes in one frame and in four, log(1 + change / the usual
change of works). Controls, all made of works that were learned from: as they are (the noise floor), frozen at
one frame, and with their frames shuffled; and the takes themselves, frozen and shuffled.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

import _looks
from _etude import Studio
from _harness import OUT, Row, Table, options, say, show

TAKES, AT = 128, (0, 4, 8, 12)  # clips, and frames of each that are looked at
LAGS = {"steps": 1, "strides": 4}


def shelf(studio: Studio, side: int, frames: int) -> dict[str, Tensor]:
    """The works by role (N, F, 3, H, W), as the model sees them."""
    from etude.media import pictorial
    from etude.media.pixels.framing import Framing, frame_all
    from etude.media.pixels.windows import windows
    from etude.store.project import Project

    project = Project.open(studio.folder / "studio")
    roles: dict[str, list[np.ndarray]] = {"train": [], "critic": [], "held-out": []}
    medium = pictorial("video")
    for part in project.collection("fluent").parts:
        work = project.work(part.work_id)
        found = medium.frames(medium.read(project.work_bytes(work.id), suffix=work.suffix).content)[
            part.start : part.end
        ]
        roles[part.role] += [frame_all(some, Framing(side)) for some, _ in windows(found, frames, whole=True)]
    return {role: floats(np.stack(found)) for role, found in roles.items() if found}


def floats(clips: np.ndarray) -> Tensor:
    """(N, F, 3, H, W) in -1..1."""
    return torch.from_numpy(clips[..., :3].copy()).permute(0, 1, 4, 2, 3).float() / 127.5 - 1


def made(studio: Studio, model: str, n: int, *more: str) -> Tensor:
    """So many takes of a model (N, F, 3, H, W)."""
    clips = []
    for i in range(0, n, 32):
        named = studio(
            "make", model, "-n", str(min(32, n - i)), "--choose", "1", "--seed", str(1000 + i), *more
        )["takes"]
        files = studio(
            "export", *(one["id"] for one in named), "--format", "zip", "--out", str(studio.folder / "out")
        )["files"]
        for file in files:
            with zipfile.ZipFile(file) as packed:
                pages = [
                    Image.open(BytesIO(packed.read(name))).convert("RGB")
                    for name in sorted(packed.namelist())
                    if name.endswith(".png")
                ]
            clips.append(np.stack([np.asarray(page) for page in pages]))
    return floats(np.stack(clips))


def looked(net: nn.Module, clips: Tensor) -> np.ndarray:
    """(N, F, D) features of every frame."""
    n, f = clips.shape[:2]
    found: np.ndarray = _looks.features(net, clips.flatten(0, 1)).reshape(n, f, -1)
    return found


def views(f: np.ndarray, scales: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """By name: what is compared, (4, N, D): a place of the clips after the other, since frames of one clip
    are no independent draws."""
    at = list(AT)
    out = {"frames": f[:, at]}
    for name, lag in LAGS.items():
        out[name] = np.log1p(np.abs(np.roll(f, -lag, 1) - f)[:, at] / scales.get(name, 1.0))
    return {name: found.transpose(1, 0, 2) for name, found in out.items()}


def usual(f: np.ndarray) -> dict[str, np.ndarray]:
    """How much each feature changes on average, by lag."""
    return {name: np.abs(np.roll(f, -lag, 1) - f).mean((0, 1)) + 1e-3 for name, lag in LAGS.items()}


def distance(real: np.ndarray, other: np.ndarray) -> float:
    """The kernel distance, averaged over the places."""
    return float(np.mean([_looks.kid(a, b) for a, b in zip(real, other, strict=True)]))


def interval(real: np.ndarray, other: np.ndarray, draws: int = 100) -> tuple[float, float]:
    """90 % of it over half-samples of both sets of clips."""
    g = np.random.default_rng(0)
    n, m = real.shape[1], other.shape[1]
    found = [
        distance(
            real[:, g.choice(n, n // 2, replace=False)],
            other[:, g.choice(m, min(m // 2, 128), replace=False)],
        )
        for _ in range(draws)
    ]
    middle = distance(real, other) - float(np.mean(found))
    low, high = (float(np.quantile(found, q)) + middle for q in (0.05, 0.95))
    return low, high


def frozen(f: np.ndarray) -> np.ndarray:
    return np.repeat(f[:, :1], f.shape[1], 1)


def shuffled(f: np.ndarray) -> np.ndarray:
    g = np.random.default_rng(0)
    return np.stack([clip[g.permutation(len(clip))] for clip in f])


def wall(clips: Tensor, path: Path) -> None:
    """64 clips, side by side, as one GIF and, four frames of each, as one PNG."""
    pixels = ((clips[:64].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 1, 3, 4, 2).numpy()
    n, f, side = pixels.shape[:3]
    grid = (
        pixels[: n // 8 * 8]
        .reshape(-1, 8, f, side, side, 3)
        .transpose(2, 0, 3, 1, 4, 5)
        .reshape(f, -1, 8 * side, 3)
    )
    pages = [Image.fromarray(page.repeat(2, 0).repeat(2, 1)) for page in grid]
    pages[0].save(path.with_suffix(".gif"), save_all=True, append_images=pages[1:], duration=80, loop=0)
    strip = pixels[: n // 4 * 4, [0, 4, 8, 12]].reshape(-1, 4, 4, side, side, 3).transpose(0, 3, 1, 2, 4, 5)
    Image.fromarray(strip.reshape(-1, 16 * side, 3).repeat(2, 0).repeat(2, 1)).save(path)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--start", help="weights or a model to start from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the project where it is, and say where")
    chosen = parser.parse_args()
    minutes, takes = (0.5, 16) if chosen.quick else (chosen.minutes, TAKES)
    net = _looks.judge()
    with Studio() as studio:
        studio("samples", "fluent")
        works = shelf(studio, chosen.side, 16)
        say(f"learning for {minutes:g} min at {chosen.side} pixels")
        budget = ("--budget", f"{60 * minutes:.0f}s", "--seed", str(chosen.seed), "--side", str(chosen.side))
        learned = studio(
            "learn",
            "loops",
            "--from",
            "fluent",
            *budget,
            *(("--start", chosen.start) if chosen.start else ()),
        )
        header = json.loads((studio.folder / "studio" / "models" / learned["id"] / "model.json").read_text())[
            "header"
        ]
        say("making")
        ours = made(studio, learned["id"], takes)
        if chosen.keep:
            kept = studio.folder.with_name(f"{studio.folder.name}-kept")
            (studio.folder / "studio").rename(kept)
            say(f"the project is in {kept}")
    f = {
        "train": looked(net, works["train"]),
        "held-out": looked(net, works["held-out"]),
        "ours": looked(net, ours),
    }
    scales = usual(f["train"])
    real = views(f["held-out"], scales)
    sets = {
        "works learned from (noise floor)": f["train"],
        "the same, frozen": frozen(f["train"]),
        "the same, shuffled": shuffled(f["train"]),
        "Etude, takes": f["ours"],
        "Etude, takes frozen": frozen(f["ours"]),
        "Etude, takes shuffled": shuffled(f["ours"]),
    }
    rows, raw = [], {}
    for name, one in sets.items():
        seen = views(one, scales)
        figures = {}
        for key, found in seen.items():
            raw[f"{name}, {key}"] = (distance(real[key], found), *interval(real[key], found))
            low, high = raw[f"{name}, {key}"][1:]
            figures[key] = f"{raw[f'{name}, {key}'][0]:.3f} ({low:.3f}-{high:.3f})"
        rows.append(Row(name, figures))
    about = (
        f"Fluent, {len(works['train'])} loops to learn from, {len(works['held-out'])} held out, {takes} "
        f"takes; {header['pictures_per_s']:.1f} clips/s learned, {header['steps']:,} steps, "
        f"{header['epochs']:.0f} passes"
    )
    title = (
        f"Clips of 16 frames at {chosen.side} pixels after {minutes:g} min: kernel distance, lower is better"
    )
    name = f"clips-{chosen.side}-{minutes:g}" + (f"-{chosen.start}" if chosen.start else "")
    show(
        Table(
            name,
            title,
            ("frames", "steps", "strides"),
            tuple(rows),
            (about, "in brackets: 90 % over half-samples, one seed"),
            raw,
        )
    )
    wall(ours, OUT / f"{name}.png")


if __name__ == "__main__":
    main()
