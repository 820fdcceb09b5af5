"""Stage two of pictures from one flow, with many seeds: how many collapse, and how far one pass is from works
held out.

    python bench/pictures.py --side 32 --minutes 20 --only ours --keep FOLDER        a flow to begin with
    python bench/refining.py --project FOLDER/seed-1 --model moji --minutes 1.5 --repeat 10
    taskset -c 0 python bench/refining.py ... --part 0/2
    taskset -c 1 python bench/refining.py ... --part 1/2     the other seeds beside it
    python bench/refining.py --quick

OpenMoji at 32 pixels. A run has collapsed where it ended as 'collapsed' or its takes vary less than half as
much as works; how often it went back to its last good state is told beside it. The judge is MobileNetV2
(bench/_looks.py). Without --project a flow is learned for the same minutes first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

import _looks
from _harness import Row, Table, options, say, show
from ablation import learned, shelf
from etude import rng
from etude.families.pictures.learn import adversarial
from etude.families.pictures.learn.dataset import Dataset, manners
from etude.families.pictures.learn.flow_plan import FlowPlan
from etude.families.pictures.model import PictureModel
from etude.families.pictures.noise import noise
from etude.training.budget import Budget, Meter

TAKES = 256
ALIKE = 0.5  # of the spread of works
COLUMNS = ("KID, one pass", "coverage", "spread", "critic's lead", "turned back", "collapsed")


def flow(
    project: Path | None,
    name: str,
    found: Dataset,
    framing: dict[str, object],
    plan_of: Callable[[str], FlowPlan],
    seconds: float,
) -> PictureModel:
    if project is None:
        done = learned(found, replace(plan_of("s"), seed=1), seconds, told=True)
        return PictureModel(
            "image", done.config, framing, found.conditions, done.state, manners=manners(found.train)
        )
    from etude.store.project import Project

    home = Project.open(project)
    return PictureModel.from_arrays(*home.load_model(name))


def once(model: PictureModel, n: int) -> torch.Tensor:
    """(n, C, H, W) in one pass, from noise that is the same for every run."""
    g = rng.for_(0, "refining")
    out = []
    for i in range(0, n, 64):
        rows = torch.tensor(
            [model.manner((0,) * len(model.conditions), g) for _ in range(64)], dtype=torch.long
        )
        out.append(model.in_one_pass(noise(g, (64, *model.config.shape)), rows).clamp(-1, 1)[: n - i, 0])
    return torch.cat(out)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=1.5, help="of each refinement")
    parser.add_argument("--repeat", type=int, default=10, help="seeds")
    parser.add_argument(
        "--part", default="0/1", help="k/n: only every n-th seed from the k-th on, into a table of its own"
    )
    parser.add_argument(
        "--project", type=Path, help="a project with a model of the samples 'openmoji' at 32 pixels"
    )
    parser.add_argument("--model", default="moji")
    chosen = parser.parse_args()
    seconds, repeat = (10.0, 2) if chosen.quick else (60 * chosen.minutes, chosen.repeat)
    k, parts = map(int, chosen.part.split("/"))
    found, framing, plan_of = shelf()
    net = _looks.judge()
    held = _looks.features(
        net, torch.from_numpy(found.held_out.pixels[:, 0]).permute(0, 3, 1, 2).float() / 127.5 - 1
    )
    base = flow(chosen.project, chosen.model, found, framing, plan_of, seconds)
    rows, collapsed = [], 0
    for seed in range(1 + k, 1 + repeat, parts):
        with tempfile.TemporaryDirectory() as folder:
            done = adversarial.refine(
                base,
                found,
                Budget(seconds=seconds),
                seconds=seconds,
                seed=seed,
                folder=Path(folder),
                meter=Meter(),
                on_progress=lambda _: None,
                stop=lambda: False,
            )
        model = PictureModel(
            "image",
            base.config,
            base.framing,
            found.conditions,
            base.flow.state_dict(),
            one_pass=done.generator,
            manners=manners(found.train),
        )
        f = _looks.features(net, once(model, 64 if chosen.quick else TAKES))
        spread, lead = done.instruments[-1].spread, done.instruments[-1].lead
        gone = done.ended == "collapsed" or spread < ALIKE
        collapsed += gone
        kid, cover = _looks.kid(held, f), _looks.coverage(held, f)
        say(
            f"seed {seed}: {done.ended}, {done.steps} steps, spread {spread:.2f}, lead {lead:+.2f}, KID "
            f"{kid:.3f}, coverage {cover:.2f}"
        )
        told = (
            f"{kid:.3f}",
            f"{cover:.2f}",
            f"{spread:.2f}",
            f"{lead:+.2f}",
            str(done.turned_back),
            "yes" if gone else "no",
        )
        rows.append(Row(f"seed {seed}", dict(zip(COLUMNS, told, strict=True))))
    named = f"refining-{k}-of-{parts}" if parts > 1 else "refining"
    title = f"Refinements of one flow for {seconds / 60:g} min each: {collapsed} of {len(rows)} collapsed"
    show(
        Table(
            named,
            title,
            COLUMNS,
            tuple(rows),
            (f"OpenMoji at 32 pixels, {TAKES} takes; spread: of takes over that of works",),
        )
    )


if __name__ == "__main__":
    main()
