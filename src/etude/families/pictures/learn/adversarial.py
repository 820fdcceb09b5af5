"""The loop of the picture wing's second stage: a generator of one pass, refined against a critic, both
starting from the flow.

G(z) = z + v(z, 0) is taught first by pairs of noise and the flow's own picture of it, then by a critic as
well; the pairs stay, since without them takes of one kind become one picture (docs/decisions/).
Relativistic pairing with softplus at every stage that the critic sees, and a zero-centred penalty on works
and takes, by finite difference of what the stages see, in single precision (Huang et al. 2024, "The GAN is
dead; long live the GAN!", arXiv 2501.05441, eq. 4; finite difference: Lin et al. 2025, arXiv 2511.22475,
section 3.3). Both of a pair are shifted alike and have the same noise. Stability is watched, not hoped for:
the spread of takes from fixed noise against that of works, the critic's lead, how much better it likes works
learned from than works it has not seen, the gradients. Where the takes become alike the run says so, goes
back to its last good state, and goes on at half the rate with twice the penalty. Knows nothing of files
beyond its checkpoint.

Letters: B batch, F frames, C channels, H W pixels, K conditions.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from etude.config.pictures import REFINE
from etude.config.sequence import LEARN
from etude.families.pictures.learn.dataset import Dataset
from etude.families.pictures.learn.duel import _Duel
from etude.families.pictures.learn.flow_loss import stacked
from etude.families.pictures.learn.refined import Instrument, Refined
from etude.families.pictures.learn.shown_takes import Show, nothing
from etude.families.pictures.learn.teacher_pairs import _batch, _load_pairs, _make_pairs
from etude.families.pictures.model import PictureModel
from etude.training import checkpoint
from etude.training.budget import Budget, Meter
from etude.training.preview import Preview
from etude.training.progress import Progress


def refine(
    model: PictureModel,
    data: Dataset,
    budget: Budget,
    *,
    seconds: float | None,
    steps: int | None = None,
    flow_steps: int = 0,
    seed: int,
    folder: Path,
    meter: Meter,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
    show: Show = nothing,
) -> Refined:
    """Learn for `seconds`, the making of pairs among them, for so many steps, or until the budget's energy is
    gone. `flow_steps`: how far the flow had learned; `show`: how takes that are drawn on the way are shown.
    The state goes to `folder` about every LEARN.checkpoint_s."""
    loaded = checkpoint.read(folder)
    if loaded and not any(key.startswith("critic.heads.") for key in loaded[0]):
        loaded = None  # of an earlier version, whose critic was another
    state = dict(loaded[1]) if loaded else {}
    before, began = float(state.get("spent_s", 0.0)), time.monotonic()

    def spent() -> float:
        return before + time.monotonic() - began

    def report(
        stage: str,
        share: float,
        lead: float = math.nan,
        message: str = "",
        takes: tuple[Preview, ...] = (),
    ) -> None:
        on_progress(
            Progress(
                stage,
                step,
                spent(),
                budget.describe(),
                share,
                lead,
                None,
                "",
                0.0,
                None,
                meter.read(step),
                message,
                takes,
            )
        )

    step = int(state.get("step", 0))
    used = meter.read().kwh[1]
    pairs = _load_pairs(folder, seed, flow_steps)
    if pairs is None:
        most = None if seconds is None else REFINE.pairs_share * seconds
        fits = max(_batch(model.config), int(REFINE.pairs_bytes / np.prod(model.config.shape)))
        count = min(REFINE.pairs, fits) if steps is None else min(REFINE.pairs, fits, 4 * steps)
        pairs = _make_pairs(model, data, seed, count, most, lambda share: report("pairing", share), stop)
        if pairs is None:
            return Refined(model.flow.state_dict(), {}, (), 0, "interrupted", 0)
        checkpoint.write(
            folder / "pairs", {"pixels": pairs.pixels, "work": pairs.work}, {"flow_steps": flow_steps}
        )
    duel = _Duel(model, data, pairs, seed)
    if loaded:
        duel.restore(loaded[0])
    duel.slower, duel.penalty = float(state.get("slower", 1.0)), float(state.get("penalty", REFINE.penalty))
    shown = [Instrument(**row) for row in state.get("instruments", [])]
    samples = list(loaded[0]["samples"]) if loaded else []
    turned_back = int(state.get("turned_back", 0))
    start_at = float(state.get("start_at", spent()))  # when the pairs were done
    good, good_step, saved, looked, ended = duel.dump(), step, time.monotonic(), 0.0, "budget"
    next_shown = 0.0

    def save() -> None:
        about = {
            "step": step,
            "spent_s": spent(),
            "start_at": start_at,
            "instruments": [asdict(one) for one in shown],
            "stage": "refine",
            "flow_steps": flow_steps,
        }
        extra = {
            "turned_back": turned_back,
            "slower": duel.slower,
            "penalty": duel.penalty,
            "ledger": meter.read(step).to_json(),
        }
        checkpoint.write(
            folder, {**duel.dump(), "samples": stacked(samples, model.config)}, {**about, **extra}
        )

    while True:
        by_time = 0.0 if seconds is None else (spent() - start_at) / max(1e-6, seconds - start_at)
        by_energy = (
            (meter.read().kwh[1] - used) / max(1e-12, budget.energy_kwh - used) if budget.energy_kwh else 0.0
        )
        share = max(by_time, by_energy, step / steps if steps else 0.0)
        if share >= 1.0:
            break
        if stop():
            ended = "interrupted"
            break
        found = duel.step(step, share)
        step += 1
        report("refining", min(1.0, share), found.lead)
        # by steps alone a run must not hang on the clock, and an evaluation may turn it back
        due = (
            step % REFINE.look_steps == 1 % REFINE.look_steps
            if seconds is None
            else time.monotonic() - looked > REFINE.look_s
        )
        if due or not math.isfinite(found.lead + found.distance):
            looked = time.monotonic()
            shown.append(duel.look(spent(), step, found))
            drawn = duel.sample()
            samples.append(drawn[:, drawn.shape[1] // 2])
            if spent() >= next_shown:
                next_shown = LEARN.preview_pause * spent()
                report("refining", min(1.0, share), found.lead, takes=show(drawn))
            alone = (
                share < REFINE.pairs_alone
            )  # the first takes lie near the mean picture: no sign of anything
            seen = (
                shown[-1].spread,
                found.lead,
                found.distance,
                shown[-1].gap if len(data.validation) else 0.0,
            )
            spoilt = not math.isfinite(sum(seen))
            if spoilt or (shown[-1].spread < REFINE.least_spread and not alone):
                turned_back += 1
                why = "a loss became NaN" if spoilt else "mode collapse: takes became alike"
                message = (
                    f"{why}; back to the last good checkpoint, half the learning rate, twice the penalty"
                )
                report("refining", min(1.0, share), message=message)
                if turned_back > REFINE.most_turns:
                    ended = "collapsed"
                    break
                duel.restore(good)
                step = good_step + 1
                duel.slower, duel.penalty = 0.5 * duel.slower, 2.0 * duel.penalty
            else:
                good, good_step = duel.dump(), step
        if time.monotonic() - saved > LEARN.checkpoint_s:
            save()
            saved = time.monotonic()
    if ended == "collapsed":
        duel.restore(good)
    save()
    return Refined(
        duel.average,
        duel.critic_state(),
        tuple(shown),
        turned_back,
        ended,
        step,
        stacked(samples, model.config),
    )
