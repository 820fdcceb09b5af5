"""The loop of the enlargement: from small works to large ones, until its share of the budget is spent.

First the works are made anew in part by the flow, then crops of both are enlarged. The last of its time is
the test on works held out. Resumes where it stopped. Knows nothing of files beyond its checkpoints.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from etude.config.pictures import ENLARGE
from etude.families.pictures.enlargement import EnlargeConfig, Enlargement
from etude.families.pictures.learn.enlarging_figures import Tested, distances, measure
from etude.families.pictures.learn.enlarging_step import Enlarging
from etude.families.pictures.learn.large_works import LargeRoom, LargeWorks
from etude.families.pictures.learn.redrawn_works import of_run
from etude.families.pictures.model import PictureModel
from etude.media.pixels.framing import from_json
from etude.training.budget import Budget, Meter
from etude.training.progress import Progress
from etude.training.run_state import RunState

_LOOKS = tuple((i + 1) / 6 for i in range(6))
_TEST_S, _TEST_SHARE = 20.0, 0.12  # of its time, for the test


@dataclass(frozen=True)
class Enlarged:
    """What was learned (None where nothing was before it was stopped), its test, steps, works that it was
    learned from, and why it ended."""

    enlargement: Enlargement | None
    tested: Tested
    steps: int
    works: int
    redrawn: int
    spent_s: float
    ended: str  # 'budget' or 'interrupted'

    def to_json(self) -> dict[str, Any] | None:
        """For the header; None where there is nothing."""
        if self.enlargement is None:
            return None
        about = {"level": self.enlargement.level, "steps": self.steps, "works": self.works}
        about |= {"pictures_redrawn": self.redrawn, "seconds": round(self.spent_s, 1)}
        return {**self.enlargement.config.to_json(), **about, **self.tested.to_json()}


def learn_enlargement(
    model: PictureModel,
    works: LargeWorks,
    factor: int,
    budget: Budget,
    *,
    seconds: float | None,
    steps: int | None = None,
    flow_steps: int,
    begin_with: Mapping[str, Tensor],
    mirror: bool,
    bfloat16: bool,
    seed: int,
    folder: Path,
    meter: Meter,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> Enlarged:
    """Learn for `seconds`, the test among them, for so many steps, or until the budget's energy is gone.
    `flow_steps`: how far the flow had learned; `begin_with`: weights to go on from, where they fit."""
    testing = 0.0 if seconds is None else min(_TEST_S, _TEST_SHARE * seconds)
    allowed = None if seconds is None else seconds - testing
    limits = Budget(kwh=budget.energy_kwh, steps=steps)
    run = RunState(folder, limits, allowed, meter, evaluate_at=_LOOKS, seed=seed)
    redrawn = of_run(
        model,
        works.train,
        seed,
        folder / "redrawn",
        flow_steps=flow_steps,
        seconds=seconds,
        steps=steps,
        stop=stop,
    )
    if redrawn is None:
        return Enlarged(None, Tested(None, None), 0, 0, 0, run.spent_s, "interrupted")
    channels = model.config.channels
    config = EnlargeConfig(factor, channels, ENLARGE.width, ENLARGE.blocks, _ground(model, works), bfloat16)
    net = Enlarging(config, works.train, redrawn, seed, mirror=mirror)
    if run.arrays:
        net.restore(run.arrays)
    else:
        net.begin_with(begin_with)
    ended, mean = "budget", 0.0

    def progress(message: str = "") -> None:
        on_progress(
            Progress(
                "enlarging",
                run.step,
                run.spent_s,
                budget.describe(),
                min(1.0, run.share),
                mean,
                run.held_out,
                "difference of pixels",
                0.0,
                None,
                meter.read(run.step),
                message,
            )
        )

    while (share := run.share) < 1.0 and not run.over:
        if stop():
            ended = "interrupted"
            break
        distance = 127.5 * net.step(run.step, share)
        mean = distance if not mean else 0.98 * mean + 0.02 * distance
        run.advance()
        if run.evaluation_due() and len(works.validation):
            run.evaluate(lambda: _look(net.enlargement(), works.validation))
        progress()
        if run.save_due():
            run.save(net.dump(), {"stage": "enlarge", "factor": factor})
    run.save(net.dump(), {"stage": "enlarge", "factor": factor})
    enlargement = net.enlargement() if run.step else None
    tested = Tested(None, None)
    if enlargement is not None:
        until = None if seconds is None else time.monotonic() + testing
        tested = measure(enlargement, model, works.tested, seed, until)
    return Enlarged(enlargement, tested, run.step, len(works.train), len(redrawn), run.spent_s, ended)


def _ground(model: PictureModel, works: LargeWorks) -> tuple[int, ...]:
    """The colour that small works lie on, where the large ones are transparent; else empty."""
    more = works.train.large.shape[-1] > model.config.channels
    return from_json(model.framing).colour() if more else ()


@torch.inference_mode()
def _look(enlargement: Enlargement, room: LargeRoom) -> float:
    """The mean distance to works not learned from, 0 to 255."""
    small, large = room.small[: ENLARGE.validation_works], room.large[: ENLARGE.validation_works]
    return float(distances(enlargement.enlarged(small), large, enlargement.config.ground).mean())
