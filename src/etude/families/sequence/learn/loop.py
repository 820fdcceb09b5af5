"""The loop: learn the network by likelihood until the budget is spent, over-fitting is seen, or the person stops it.

One function, top to bottom. Every step's randomness comes from (seed, step), and the state on disk is whole, so a resumed run
with a budget of steps gives the weights the uninterrupted one would have. A budget of time sets the pace of the learning rate by the
time spent, so that it ends on time with the rate at zero on any machine. Knows nothing of the memory or of files beyond its checkpoint.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from etude.config.sequence import LEARN
from etude.families.sequence.learn.batches import Batches
from etude.families.sequence.learn.dataset import Corpus, Piece
from etude.families.sequence.learn.plan import Plan
from etude.families.sequence.networks.transformer import SequenceNet
from etude.rng import seed_for
from etude.training import checkpoint
from etude.training.budget import Budget, Meter
from etude.training.forecast import Forecast, forecast
from etude.training.muon import Muon
from etude.training.progress import Progress
from etude.training.schedule import Pace, rate, worse


@dataclass(frozen=True)
class LearnedNet:
    """The network's state, the curve (seconds, steps, figure on unseen works), why it ended, and how."""

    state: dict[str, torch.Tensor]
    curve: tuple[tuple[float, int, float], ...]
    steps: int
    epochs: float
    ended: str  # 'budget', 'no further gain' or 'interrupted'


def groups(net: SequenceNet, plan: Plan) -> list[dict[str, Any]]:
    """Parameter groups: stacked query/key/value matrices, other matrices of the blocks, and everything else."""
    stacked, matrices, rest = [], [], []
    for name, p in net.named_parameters():
        if name.endswith("qkv.weight"):
            stacked.append(p)
        elif p.ndim == 2 and name.startswith("blocks") and "values" not in name:
            matrices.append(p)
        else:
            rest.append(p)
    return [
        {
            "params": stacked,
            "muon": True,
            "split": 3,
            "lr": plan.matrix_lr,
            "weight_decay": plan.weight_decay,
        },
        {"params": matrices, "muon": True, "lr": plan.matrix_lr, "weight_decay": plan.weight_decay},
        {"params": rest, "lr": plan.other_lr},
    ]


def learn_network(
    corpus: Corpus,
    plan: Plan,
    budget: Budget,
    *,
    seconds: float | None,
    folder: Path,
    meter: Meter,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> LearnedNet:
    """Learn within `seconds` (None: by budget.steps alone). The state goes to `folder` about every LEARN.checkpoint_s."""
    torch.manual_seed(seed_for(plan.seed, "init"))
    net = SequenceNet(plan.net)
    opt = Muon(groups(net, plan))
    rates = [g["lr"] for g in opt.param_groups]
    batches = Batches(corpus, window=plan.net.context, batch=plan.batch, seed=plan.seed)
    step, spent_before, curve = 0, 0.0, list[tuple[float, int, float]]()
    cool_from: float | None = None
    loaded = checkpoint.read(folder)
    if loaded is not None:
        arrays, s = loaded
        _restore(net, opt, arrays)
        step, spent_before, cool_from = s["step"], s["spent_s"], s["cool_from"]
        batches.epoch, batches.index = s["epoch"], s["index"]
        curve = [(a, b, c) for a, b, c in s["curve"]]

    saved = time.monotonic()
    loss_mean, looking = math.nan, 0.0
    net.train()
    unit, per_unit = unit_of(corpus)
    ahead: Forecast | None = None
    looks = [(i + 1) / LEARN.evaluations for i in range(LEARN.evaluations)]

    pace = Pace(budget, seconds, meter, spent_before)

    def spent() -> float:
        return pace.spent_s

    def share() -> float:
        return pace.share(step)

    def save() -> None:
        state = {
            "step": step,
            "spent_s": spent(),
            "epoch": batches.epoch,
            "index": batches.index,
            "curve": curve,
        }
        extra = {"plan": plan.to_json(), "ledger": meter.read(step).to_json(), "cool_from": cool_from}
        checkpoint.write(folder, _dump(net, opt), {**state, **extra})

    def tell(stage: str, message: str = "") -> None:
        e = batches.epoch + (batches.index / max(1, batches.windows) if step else 0.0)
        unseen = curve[-1][2] if curve else None
        now = Progress(
            stage, step, spent(), budget.describe(), min(1.0, share()), loss_mean * per_unit, unseen, unit, e, ahead, meter.read(step), message
        )  # fmt: skip
        on_progress(now)

    ended = "budget"
    done_looks = sum(1 for x in looks if x <= share()) if loaded else 0
    while True:
        p = share()
        if p >= 1.0:
            break
        if stop():
            ended = "interrupted"
            break
        torch.manual_seed(seed_for(plan.seed, "step", step))
        b = batches.next()
        x, y, side, counts = (torch.from_numpy(v) for v in (b.x, b.y, b.side, b.counts))
        factor = rate(step, p, cool_from)
        if factor <= 0.0:
            ended = "no further gain"
            break
        for group, base in zip(opt.param_groups, rates, strict=True):
            group["lr"] = base * factor
            group["momentum"] = 0.85 + 0.10 * min(1.0, step / 200)
        with torch.autocast("cpu", torch.bfloat16, enabled=plan.bfloat16):
            logits = net(x, side)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
        loss = loss[counts.flatten()].mean()
        opt.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        opt.step()
        step += 1
        value = float(loss.detach())
        loss_mean = value if math.isnan(loss_mean) else 0.9 * loss_mean + 0.1 * value
        in_time = (
            seconds is None or looking <= LEARN.looking * spent()
        )  # by steps alone, a run must not hang on the clock
        if done_looks < len(looks) and share() >= looks[done_looks] and in_time:
            done_looks = sum(1 for x in looks if x <= share())
            began = time.monotonic()
            curve.append((spent(), step, look(net, corpus.critic or corpus.held_out, plan, per_unit)))
            looking += time.monotonic() - began
            ahead = forecast([c[0] for c in curve], [c[2] for c in curve], spent() * 1.5, seed=plan.seed)
            if cool_from is None and worse(curve):
                cool_from = share()
                tell("learning", "unseen works got worse: it begins to over-fit, so learning cools down now")
        tell("learning")
        if time.monotonic() - saved > LEARN.checkpoint_s:
            save()
            saved = time.monotonic()
    save()
    if not curve or curve[-1][1] != step:
        curve.append((spent(), step, look(net, corpus.critic or corpus.held_out, plan, per_unit)))
    tell("learned")
    epochs = batches.epoch + batches.index / max(1, batches.windows)
    return LearnedNet(
        {k: v.detach().clone() for k, v in net.state_dict().items()}, tuple(curve), step, epochs, ended
    )


def unit_of(corpus: Corpus) -> tuple[str, float]:
    """The unit of the figures, and what a mean nat a token is in it on the works learned from (of voices on a grid each cell is a note)."""
    if corpus.medium == "text":
        chars = sum(len(p.part.content) for p in corpus.train)
        return "bits/character", corpus.train_tokens / max(1, chars) / math.log(2)
    if corpus.codec.to_json()["kind"] == "events":
        notes = sum(int(p.encoded.offsets[-1]) for p in corpus.train)
        return "nats/note", corpus.train_tokens / max(1, notes)
    return "nats/note", 1.0


@torch.no_grad()
def look(net: SequenceNet, pieces: Sequence[Piece], plan: Plan, per_unit: float) -> float:
    """The network's figure on unseen works: non-overlapping windows, the first quarter of each not counted."""
    net.eval()
    w = plan.net.context
    xs, ys, sides, counts = [], [], [], []
    left = LEARN.evaluation_tokens
    per_piece = max(w + 1, LEARN.evaluation_tokens // max(1, len(pieces)))
    for p in pieces:
        e = p.encoded
        for s in range(0, min(len(e.tokens) - 1, per_piece), w):
            n = min(w, len(e.tokens) - 1 - s)
            if n < 8 or left <= 0:
                continue
            left -= n
            xs.append(np.pad(e.tokens[s : s + n], (0, w - n)))
            ys.append(np.pad(e.tokens[s + 1 : s + n + 1], (0, w - n)))
            sides.append(np.pad(p.side[s + 1 : s + n + 1], ((0, w - n), (0, 0))))
            c = np.zeros(w, bool)
            c[:n] = e.scored[s + 1 : s + n + 1]
            if s:
                c[: w // 4] = False
            counts.append(c)
    if not xs:
        net.train()
        return math.nan
    total, n_all = 0.0, 0
    for i in range(0, len(xs), plan.batch):
        x, y, side = (
            torch.from_numpy(np.stack(v[i : i + plan.batch]).astype(np.int64)) for v in (xs, ys, sides)
        )
        with torch.autocast("cpu", torch.bfloat16, enabled=plan.bfloat16):
            logits = net(x, side)
        nats = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
        counted = torch.from_numpy(np.stack(counts[i : i + plan.batch])).flatten()
        total += float(nats[counted].sum())
        n_all += int(counted.sum())
    net.train()
    return total / max(1, n_all) * per_unit


def _dump(net: SequenceNet, opt: Muon) -> dict[str, npt.NDArray[Any]]:
    """Weights and optimiser state as arrays, by parameter name."""
    out = {f"net.{k}": v.detach().numpy() for k, v in net.state_dict().items()}
    for name, p in net.named_parameters():
        for key, v in opt.state.get(p, {}).items():
            out[f"opt.{key}.{name}"] = v.detach().numpy()
    return out


def _restore(net: SequenceNet, opt: Muon, arrays: dict[str, npt.NDArray[Any]]) -> None:
    net.load_state_dict({k[4:]: torch.from_numpy(v) for k, v in arrays.items() if k.startswith("net.")})
    by_name = dict(net.named_parameters())
    for k, v in arrays.items():
        if k.startswith("opt."):
            _, key, name = k.split(".", 2)
            opt.state[by_name[name]][key] = torch.from_numpy(v)
