"""Stage one of pictures, one change at a time: kernel distance of takes to works held out after the same
minutes of the flow alone.

    python bench/ablation.py --minutes 4
    python bench/ablation.py --minutes 4 --only "as it is" --only "AdamW alone" --repeat 3
    taskset -c 0 python bench/ablation.py --part 0/2
    taskset -c 1 python bench/ablation.py --part 1/2     the other half beside it on the other core
    python bench/ablation.py --quick

OpenMoji at 32 pixels, from nothing; takes as `make` makes them (12 passes, noise made anew, conditions drawn
from works), from the same noise for all. The judge is MobileNetV2 (bench/_looks.py). Losses on held-out works
are comparable only where times are drawn alike, so each is measured with the usual ones.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

import _looks
from _etude import Studio
from _harness import OUT, Row, Table, options, say, show
from etude import rng
from etude.config.pictures import EXPLORE
from etude.families.pictures.learn import flow_matching as stage
from etude.families.pictures.learn import flow_plan
from etude.families.pictures.learn.dataset import Batch, Dataset, batch_of, manners
from etude.families.pictures.learn.flow_loss import held_out_loss
from etude.families.pictures.learn.flow_plan import FlowPlan
from etude.families.pictures.model import PictureModel
from etude.families.pictures.noise import noise
from etude.families.pictures.velocity_net import FlowNet
from etude.training.budget import Budget, Meter

TAKES = 512


def _net(**changes: Any) -> Callable[[FlowPlan], FlowPlan]:
    return lambda plan: replace(plan, net=replace(plan.net, **changes))


def _augment(**changes: Any) -> Callable[[FlowPlan], FlowPlan]:
    return lambda plan: replace(plan, augment=replace(plan.augment, **changes))


def _half_first(plan: FlowPlan) -> FlowPlan:
    small = replace(plan.net, side_px=plan.net.side_px // 2, patch=max(1, plan.net.patch // 2))
    return replace(plan, early=small, early_share=0.4)


UNTOLD = "moved as told, the network not told"

CHANGES: dict[str, Callable[[FlowPlan], FlowPlan]] = {
    "as it is": lambda plan: plan,
    "AdamW alone, 2e-3": lambda plan: replace(plan, matrix_lr=0.0),
    "Muon 0.01": lambda plan: replace(plan, matrix_lr=0.01),
    "Muon 0.04": lambda plan: replace(plan, matrix_lr=0.04),
    "batch 32": lambda plan: replace(plan, batch=32),
    "batch 128": lambda plan: replace(plan, batch=128),
    "times nearly even (spread 1.7)": lambda plan: replace(plan, time_spread=1.7),
    "times with more noise (mean -0.5)": lambda plan: replace(plan, time_mean=-0.5),
    "times with less noise (mean +0.5)": lambda plan: replace(plan, time_mean=0.5),
    "mirrored only, not moved": _augment(share=0.0),
    "neither mirrored nor moved": _augment(share=0.0, mirror=False),
    UNTOLD: lambda plan: plan,  # `learned` takes the words away
    "no average of weights": lambda plan: replace(plan, average=0.0),
    "average 0.99": lambda plan: replace(plan, average=0.99),
    "average 0.9995": lambda plan: replace(plan, average=0.9995),
    "no attention": _net(attend=0),
    "attention to 16 pixels": _net(attend=16),
    "deeper and narrower (two blocks, 0.7 wide)": lambda plan: replace(
        plan, net=replace(plan.net, blocks=2, widths=tuple(16 * round(0.7 * w / 16) for w in plan.net.widths))
    ),
    "half of the side first": _half_first,
    "no preconditioning": _net(mean=()),
}


def shelf() -> tuple[Dataset, dict[str, Any], Callable[[str], FlowPlan]]:
    """The works, how they are framed, and the plan of `learn` by size."""
    from etude.families.pictures.learn.course import request
    from etude.families.pictures.learn.dataset import gather
    from etude.families.pictures.learn.plan import make_plan
    from etude.store.project import Project
    from etude.workspace.learning import Wanted, ready
    from etude.workspace.opening import workspace

    with Studio() as studio:
        studio("samples", "openmoji")
        wanted = Wanted(
            name="ablation",
            collection="openmoji",
            budget=("20m",),
            tariff=None,
            seed=1,
            held_out=(),
            by_maker=False,
            anew=True,
            family=None,
            options={"side": 32, "size": "s", "critic": False},
            began=time.monotonic(),
        )
        course = ready(workspace(Project.open(studio.folder / "studio")), wanted).course
        asked = replace(request(course), began=None)  # the time for reading the works is not theirs
        found = gather("image", asked.shown)
    return found, dict(asked.framing), lambda size: make_plan(found, replace(asked, size=size))[1]


def learned(found: Dataset, plan: FlowPlan, seconds: float, *, told: bool) -> flow_plan.LearnedFlow:
    def silent(*arguments: Any, **named: Any) -> Batch:
        batch = batch_of(*arguments, **named)
        return replace(batch, augment=torch.zeros_like(batch.augment))

    with (
        patch.object(stage, "batch_of", batch_of if told else silent),
        tempfile.TemporaryDirectory() as folder,
    ):
        return stage.learn_flow(
            found,
            plan,
            Budget(seconds=seconds),
            seconds=seconds,
            folder=Path(folder),
            meter=Meter(),
            on_progress=lambda _: None,
            stop=lambda: False,
        )


def takes(model: PictureModel, n: int) -> torch.Tensor:
    """(n, C, H, W) as `make` makes them, from noise that is the same for every model."""
    g = rng.for_(0, "ablation")
    out, shape = [], (64, *model.config.shape)
    for i in range(0, n, 64):
        rows = torch.tensor(
            [model.manner((0,) * len(model.conditions), g) for _ in range(64)], dtype=torch.long
        )
        made = model.renew(
            noise(g, shape),
            rows,
            fresh=lambda _: noise(g, shape),
            eta=EXPLORE.eta,
            steps=EXPLORE.renew_steps,
        )
        out.append(made.clamp(-1, 1)[: n - i, 0])
    return torch.cat(out)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument(
        "--only",
        action="append",
        choices=[*CHANGES, "size m"],
        help="of the changes this one; may be repeated",
    )
    parser.add_argument(
        "--part", help="k/n: only every n-th change from the k-th on, into a table of its own"
    )
    parser.add_argument("--repeat", type=int, default=1, help="seeds")
    parser.add_argument(
        "--seed", type=int, default=1, help="the first seed; another writes into a table of its own"
    )
    chosen = parser.parse_args()
    seconds, n = (12.0, 64) if chosen.quick else (60 * chosen.minutes, TAKES)
    names = [name for name in (*CHANGES, "size m") if not chosen.only or name in chosen.only]
    k, parts = map(int, (chosen.part or "0/1").split("/"))
    names = names[k::parts]
    found, framing, plan_of = shelf()
    net = _looks.judge()
    held = _looks.features(
        net, torch.from_numpy(found.held_out.pixels[:, 0]).permute(0, 3, 1, 2).float() / 127.5 - 1
    )
    usual = plan_of("s")
    rows: list[Row] = []
    raw: dict[str, list[Any]] = {}
    for seed in range(chosen.seed, chosen.seed + chosen.repeat):
        for name in names:
            plan = replace(plan_of("m") if name == "size m" else CHANGES[name](usual), seed=seed)
            began = time.monotonic()
            flow = learned(found, plan, seconds, told=name != UNTOLD)
            model = PictureModel(
                "image", flow.config, framing, found.conditions, flow.state, manners=manners(found.train)
            )
            f = _looks.features(net, takes(model, n))
            judge = FlowNet(flow.config)
            judge.load_state_dict(flow.state)
            loss = (
                held_out_loss(judge.eval(), found.held_out, replace(usual, seed=0, bfloat16=plan.bfloat16))
                if not chosen.quick
                else math.nan
            )
            figures = (
                loss,
                _looks.kid(held, f),
                *_looks.interval(held, f),
                _looks.coverage(held, f),
                flow.steps,
                flow.pictures_per_s,
            )
            raw.setdefault(name, []).append(figures)
            say(
                f"{name}, seed {seed}: loss {loss:.4f}, KID {figures[1]:.3f}, coverage {figures[4]:.2f}, "
                f"{flow.steps} steps, {time.monotonic() - began:.0f} s"
            )
            rows = [_row(name, found_) for name, found_ in raw.items()]
            title = (
                "ablation"
                + (f"-{k}-of-{parts}" if parts > 1 else "")
                + (f"-seed-{chosen.seed}" if chosen.seed > 1 else "")
            )
            notes = (
                f"OpenMoji at 32 pixels, {seconds:.0f} s of the flow alone, {n} takes; KID (90 %), medians "
                "of seeds where there are more",
            )
            OUT.mkdir(parents=True, exist_ok=True)
            (OUT / f"{title}.raw.json").write_text(
                json.dumps(raw), encoding="utf-8"
            )  # what is there, should the rest never come
    show(
        Table(
            title,
            "Stage one of pictures, one change at a time",
            ("loss", "KID", "coverage", "steps", "pictures/s"),
            tuple(rows),
            notes,
        )
    )


def _row(name: str, seeds: list[Any]) -> Row:
    loss, kid, low, high, cover, steps, rate = (float(v) for v in np.median(np.array(seeds), 0))
    figures = {"loss": f"{loss:.4f}", "KID": f"{kid:.3f} ({low:.3f}-{high:.3f})", "coverage": f"{cover:.2f}"}
    return Row(name, figures | {"steps": f"{steps:.0f}", "pictures/s": f"{rate:.0f}"})


if __name__ == "__main__":
    main()
