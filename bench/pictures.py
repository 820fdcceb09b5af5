"""Pictures: kernel distance of takes to works held out, on OpenMoji, after the same minutes of learning,
beside the peers.

    python bench/pictures.py --side 32 --minutes 20 --repeat 3
    python bench/pictures.py --side 64 --minutes 60
    python bench/pictures.py --side 32 --minutes 30 --works 500
    npm pack openmoji@17.0.0 && tar xzf openmoji-17.0.0.tgz
    python bench/pictures.py --side 128 --minutes 60 --svg package/color/svg
        the samples have 64 pixels: larger ones are drawn anew
    python bench/pictures.py --quick

The judge is MobileNetV2 (bench/_looks.py), which nothing here learned from. All learn from the same works,
framed alike; none sees the ones held out. Etude's budget holds all that its `learn` does: flow, refinement,
figures.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import _looks
import peers_pictures as peers
from _etude import Studio
from _harness import OUT, Row, Table, options, say, show

TAKES = 512
PEERS, HOWS = (peers.diffusion, peers.flow_matching, peers.lightweight_gan), ("published", "shrunk")


def fill(studio: Studio, svg: Path | None) -> None:
    """OpenMoji as a collection: the samples, or the same pictures as drawings of any size."""
    if svg is None:
        studio("samples", "openmoji")
        return
    from etude import samples

    table = (
        (Path(samples.__file__).parent / "openmoji" / "metadata.csv").read_text(encoding="utf-8").splitlines()
    )
    named = [table[0], *(f"{svg.resolve()}/{row.replace('.webp,', '.svg,', 1)}" for row in table[1:])]
    rows = studio.write("works.csv", "\n".join(named))
    studio(
        "add",
        "--metadata",
        str(rows),
        "--collection",
        "openmoji",
        "--licence",
        "CC-BY-SA-4.0",
        "--consent",
        "yes",
    )


def shelf(studio: Studio, side: int, most: int | None) -> dict[str, Tensor]:
    """The works by role, as the model sees them."""
    from etude.media import MEDIA
    from etude.media.pixels.framing import Framing, frame
    from etude.store.project import Project

    project = Project.open(studio.folder / "studio")
    roles: dict[str, list[np.ndarray]] = {"train": [], "critic": [], "held-out": []}
    for part in project.collection("openmoji").parts:
        work = project.work(part.work_id)
        pixels = MEDIA["image"].read(project.work_bytes(work.id), suffix=work.suffix).content
        roles[part.role].append(frame(pixels, Framing(side)))
    if most is not None:
        roles["train"] = roles["train"][:: max(1, len(roles["train"]) // most)][:most]
    return {
        role: torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2).float() / 127.5 - 1
        for role, found in roles.items()
    }


def thinned(studio: Studio, most: int) -> str:
    """A collection of so many works to learn from, with the others held out as before."""
    from etude.store.project import Project

    project = Project.open(studio.folder / "studio")
    parts = project.collection("openmoji").parts
    train = [part.work_id for part in parts if part.role == "train"]
    gone = sorted(set(train) - set(train[:: max(1, len(train) // most)][:most]))
    studio("collection", "rm", "openmoji", *gone)
    return "openmoji"


def loaded(studio: Studio, model: str, n: int, *more: str) -> tuple[Tensor, float]:
    """So many takes of a model, and the seconds a take."""
    out, began = [], time.perf_counter()
    for i in range(0, n, 256):
        folder = studio.folder / f"takes-{i}-{'-'.join(more) or 'usual'}"
        studio(
            "make",
            model,
            "-n",
            str(min(256, n - i)),
            "--choose",
            "1",
            "--seed",
            str(1000 + i),
            "--out",
            str(folder),
            *more,
        )
        out += [np.asarray(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.png"))]
    return torch.from_numpy(np.stack(out)).permute(0, 3, 1, 2).float() / 127.5 - 1, (
        time.perf_counter() - began
    ) / n


def wall(x: Tensor, path: Path) -> None:
    """64 pictures as one file, each at least 64 pixels wide."""
    pixels = ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    n, side = min(8, len(pixels)), pixels.shape[1]
    rows = (
        pixels[: len(pixels) // n * n]
        .reshape(-1, n, side, side, 3)
        .transpose(0, 2, 1, 3, 4)
        .reshape(-1, n * side, 3)
    )
    times = max(1, 64 // side)
    Image.fromarray(rows.repeat(times, 0).repeat(times, 1)).save(path)


def ours(
    side: int, minutes: float, seed: int, most: int | None, takes: int, svg: Path | None, keep: Path | None
) -> list[tuple[str, Tensor, str]]:
    with Studio() as studio:
        fill(studio, svg)
        collection = thinned(studio, most) if most else "openmoji"
        say(f"ours: learning for {minutes:g} min at {side} pixels, seed {seed}")
        learned = studio(
            "learn",
            "moji",
            "--from",
            collection,
            "--budget",
            f"{60 * minutes:.0f}s",
            "--seed",
            str(seed),
            "--side",
            str(side),
        )
        note = f"learn took {studio.seconds['learn']:.0f} s in all"
        header = json.loads((studio.folder / "studio" / "models" / learned["id"] / "model.json").read_text())[
            "header"
        ]
        note += f", {header['pictures_per_s']:.0f} pictures/s"
        rows = []
        one_pass_start = bool((header.get("one_pass") or {}).get("leads"))
        ways: list[tuple[str, tuple[str, ...]]] = [
            ("12 passes", ()),
            ("24 passes", ("--steps", "12")),
        ]  # the first is what `make` does
        if one_pass_start:
            ways = [(f"led, {name}", more) for name, more in (("4 passes", ("--steps", "2")), *ways)]
            ways += [("flow alone, 12 passes", ("--eta", "1"))]
        for name, more in (
            (f"Etude, {name}" if one_pass_start else f"Etude, flow, {name}", more) for name, more in ways
        ):
            flow, each = loaded(studio, learned["id"], takes, *more)
            rows.append((name, flow, f"{note}; {1000 * each:.0f} ms a take, files written"))
        if header.get("one_pass"):
            once, each = loaded(studio, learned["id"], takes, "--steps", "1")
            rows.append(
                (
                    "Etude, one pass",
                    once,
                    f"{1000 * each:.0f} ms a take, files written; {header['one_pass']['sentence']}",
                )
            )
        if keep is not None:
            shutil.copytree(studio.folder / "studio", keep / f"seed-{seed}")
            say(f"the project is kept in {keep / f'seed-{seed}'}, the model is {learned['id']}")
        return rows


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--works", type=int, help="so many to learn from; else all")
    parser.add_argument("--repeat", type=int, default=1, help="seeds; the medians are shown")
    parser.add_argument("--only", choices=["ours", "peers"], help="one side only")
    parser.add_argument(
        "--peer",
        action="append",
        choices=[f"{one.__name__}-{how}" for one in PEERS for how in HOWS],
        help="of the peers this one; may be repeated",
    )
    parser.add_argument(
        "--add",
        action="store_true",
        help="to the table of an earlier run with the same side, minutes and works",
    )
    parser.add_argument(
        "--keep", type=Path, help="a folder for a copy of each project, for bench/copies.py or to look at"
    )
    parser.add_argument(
        "--svg", type=Path, help="the folder color/svg of the npm package openmoji, for more than 64 pixels"
    )
    chosen = parser.parse_args()
    minutes, takes = (0.5, 64) if chosen.quick else (chosen.minutes, TAKES)
    net = _looks.judge()
    with Studio() as studio:
        fill(studio, chosen.svg)
        works = shelf(studio, chosen.side, chosen.works)
    held, train = (_looks.features(net, works[role]) for role in ("held-out", "train"))
    floor = _looks.kid(held, train[:: max(1, len(train) // len(held))])
    found: dict[str, list[tuple[float, tuple[float, float], float]]] = {}
    notes: dict[str, str] = {}
    title = f"pictures-{chosen.side}-{minutes:g}" + (f"-{chosen.works}" if chosen.works else "")
    if chosen.add and (OUT / f"{title}.json").exists():
        earlier = json.loads((OUT / f"{title}.json").read_text())
        found = {
            name: [(kid, tuple(ends), cover) for kid, ends, cover in rows]
            for name, rows in earlier["raw"].items()
        }
        notes = {row["system"]: row["note"] for row in earlier["rows"]}

    def evaluated(name: str, pictures: Tensor, note: str) -> None:
        f = _looks.features(net, pictures)
        found.setdefault(name, []).append(
            (
                _looks.kid(held, f),
                _looks.interval(held, f),
                _looks.coverage(held, f),
            )
        )
        notes[name] = note
        say(f"{name}: KID {found[name][-1][0]:.3f}")
        OUT.mkdir(parents=True, exist_ok=True)  # figures are not eyes: a wall of takes beside each
        wall(
            pictures[:64],
            OUT
            / f"pictures-{chosen.side}-{minutes:g}-{name.lower().replace(', ', '-').replace(' ', '-')}.png",
        )

    for seed in range(1, chosen.repeat + 1):
        if chosen.only != "peers":
            for row in ours(chosen.side, minutes, seed, chosen.works, takes, chosen.svg, chosen.keep):
                evaluated(*row)
        if chosen.only != "ours":
            for learn in PEERS:
                for how in HOWS:
                    if chosen.peer and f"{learn.__name__}-{how}" not in chosen.peer:
                        continue
                    say(f"peer {learn.__name__}, {how}: learning for {minutes:g} min")
                    peer = learn(works["train"], 60 * minutes, seed, shrunk=how == "shrunk")
                    if peer is not None:
                        note = (
                            f"{peer.parameters / 1e6:.1f} M parameters, {peer.seen / peer.learn_s:.0f} "
                            "pictures/s"
                        )
                        evaluated(peer.name, peer.make(takes), note)
    rows = []
    for name, figures in found.items():
        values = [kid for kid, _, _ in figures]
        low, high = figures[0][1]
        spread = (
            f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"
            if len(values) > 1
            else f"{values[0]:.3f} ({low:.3f}-{high:.3f})"
        )
        rows.append(
            Row(
                name,
                {"KID": spread, "coverage": f"{statistics.median(c for _, _, c in figures):.2f}"},
                notes[name],
            )
        )
    about = (
        f"OpenMoji, {len(works['train']):,} works to learn from, {len(held)} held out, {takes} takes; noise "
        f"floor (learned from against held out) {floor:.3f}"
    )
    kind = "least and most over seeds" if chosen.repeat > 1 else "90 % over half-samples, one seed"
    words = f"Pictures of {chosen.side} pixels after {minutes:g} min: kernel distance, lower is better"
    show(
        Table(
            title,
            words,
            ("KID", "coverage"),
            tuple(rows),
            (about, f"in brackets: {kind}"),
            dict(found.items()),
        )
    )


if __name__ == "__main__":
    main()
