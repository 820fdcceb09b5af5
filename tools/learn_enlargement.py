"""Learn an enlargement alone, for weights that others start from: `learn` gives it three tenths of a budget,
and the flow of a starter wants hours.

    python tools/learn_enlargement.py PROJECT COLLECTION OUT.safetensors --side 64 --factor 4 --minutes 15

Crops of works with white noise; none that a flow redrew, since there is no flow here: who starts from it
learns its own flow's mistakes in the person's run. Tested on works held out. `tools/pack_starter.py
--enlargement OUT` packs it. The same arguments go on from OUT where it is there.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from etude.config.pictures import ENLARGE
from etude.families.pictures.enlargement import EnlargeConfig
from etude.families.pictures.learn import large_works
from etude.families.pictures.learn.enlarging_figures import _beside, _distances
from etude.families.pictures.learn.enlarging_step import Enlarging
from etude.families.pictures.learn.large_works import LargeRoom
from etude.families.pictures.learn.redrawn_works import Redrawn
from etude.media import MEDIA
from etude.media.pixels.framing import KEEP, Framing, frame
from etude.store.arrays import read_arrays, write_arrays
from etude.store.project import Project

WHITE = (255, 255, 255)
EVERY = 200  # steps between two lines, and two states


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("project", "collection", "out"):
        parser.add_argument(name)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--factor", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    train, held = rooms(Project.open(Path(chosen.project)), chosen.collection, chosen.side, chosen.factor)
    print(f"{len(train)} works to learn from, {len(held)} held out", flush=True)
    config = EnlargeConfig(chosen.factor, 3, ground=WHITE, bfloat16=True)
    none = Redrawn(train.small[:0], np.zeros(0, np.int64))
    net = Enlarging(config, train, none, chosen.seed, mirror=True)
    out, step, before = Path(chosen.out), 0, 0.0
    if (found := read_arrays(out)) is not None:
        net.restore(found[1])
        step, before = int(found[0]["steps"]), float(found[0]["cpu_s"])
    began, mean, first = time.monotonic(), 0.0, step
    while (share := (time.monotonic() - began) / (60 * chosen.minutes)) < 1.0:
        value = 127.5 * net.step(step, share)
        mean = value if step == first else 0.98 * mean + 0.02 * value
        step += 1
        if step % EVERY == 0:
            print(f"step {step:,}, {100 * share:.0f} %: {mean:.2f}", flush=True)
            save(out, net, step, before + time.process_time(), {})
    learned, lanczos = _distances(net.enlargement(), held.small, held.large)
    tested = _beside(learned, lanczos, chosen.seed)
    print(tested)
    figures = {name: getattr(tested, name) for name in ("n", "learned", "lanczos", "nearer", "low", "high")}
    save(out, net, step, before + time.process_time(), {"plain": figures, "works": len(train)})


def save(out: Path, net: Enlarging, step: int, cpu_s: float, more: dict[str, object]) -> None:
    about = {**net.config.to_json(), "level": ENLARGE.level, "steps": step, "cpu_s": round(cpu_s, 1), **more}
    write_arrays(out, about, net.dump())


def rooms(project: Project, name: str, side: int, factor: int) -> tuple[LargeRoom, LargeRoom]:
    """Works to learn from and held out, evenly: small on white, and large as they are."""
    parts = project.collection(name).parts
    kept = large_works.wanted([part.role for part in parts], side * factor, 4)
    by_role: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"train": [], "held-out": []}
    for i in sorted(kept):
        work = project.work(parts[i].work_id)
        pixels = MEDIA["image"].read(project.work_bytes(work.id), suffix=work.suffix).content
        if parts[i].role in by_role and min(pixels.shape[:2]) >= side * factor:
            both = frame(pixels, Framing(side)), frame(pixels, Framing(side * factor, ground=KEEP))
            by_role[parts[i].role].append(both)
    out = []
    for some in by_role.values():
        small, large = (np.stack(one) for one in zip(*some, strict=True))
        out.append(LargeRoom(small, large, np.zeros((len(some), 0), np.int64), np.ones(len(some))))
    return out[0], out[1]


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    main()
