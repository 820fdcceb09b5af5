"""Fitting the gate: the weight of the network, of each view and of each match, from what is known before a
symbol is drawn.

The gate is a small network from the features of a decision (how often the context occurred, how many symbols
followed, how sure the network is, how long the match is) to the weights of the mixture. It is fitted by
maximum likelihood on works that neither the network nor the memory has seen, with the text's own memory
growing and frozen, so that one gate serves both. Fitted on the works that the memory holds, it would trust
the memory far too much: there every context is known. Mixture weights from context: the gates of Jacobs et
al. 1991. Knows nothing of files or media.

Letters: D decisions, C components, F features.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from etude.families.sequence.components import Gate, features
from etude.training.adam import AdamW
from etude.training.run_state import Best

UNITS = 40  # enough that more did not help on tiny-shakespeare; the cost of a decision grows with it
BLOCK, EVERY = 200, 5  # of blocks of so many decisions one in five is the validation set
EVALUATE_STEPS = 50  # the gate is evaluated on it after so many, and the best is kept
STEPS, RATE, DECAY, BATCH = 300, 1e-2, 1e-4, 4096
_TOGETHER = 65536  # decisions evaluated at a time
GROWS = 4  # the feature that says whether the text's own memory grows
SILENT = -30.0  # of a logit: nothing is left of its component


@dataclass(frozen=True)
class ScoredDecisions:
    """For fitting: p (D, C), the probability each component gave to what came, has (D, C), feat (D, F)."""

    p: npt.NDArray[np.float32]
    has: npt.NDArray[np.uint8]
    feat: npt.NDArray[np.float32]


def initial(k: int, seed: int = 0) -> Gate:
    """The gate before fitting, for k views: the network first, then longer views and matches."""
    c = 2 * k + 3
    b2 = np.full(c, -2.0, np.float32)
    b2[0] = 1.0
    b2[1 : k + 1] += 0.2 * np.arange(k)
    b2[k + 2 : 2 * k + 2] += 0.2 * np.arange(k)
    g = np.random.Generator(np.random.Philox(seed))
    w1 = (g.standard_normal((features(k), UNITS)) / math.sqrt(features(k))).astype(np.float32)
    return Gate(w1, np.zeros(UNITS, np.float32), np.zeros((UNITS, c), np.float32), b2)


def fit(
    gate: Gate,
    data: ScoredDecisions,
    *,
    seed: int,
    steps: int = STEPS,
    until: float | None = None,
    may_be_silent: bool = False,
) -> tuple[Gate, float]:
    """Maximise the mixture's likelihood of what came. Returns the gate and the mean cost of a decision in
    nats.

    `until`: a time of the monotonic clock at which it ends with the best that it has. `may_be_silent`: leave
    a memory out altogether where it does not lower the validation cost.
    """
    gen = torch.Generator().manual_seed(seed)
    w = [torch.tensor(x, requires_grad=True) for x in gate]
    p, has, feat = torch.from_numpy(data.p), torch.from_numpy(data.has).bool(), torch.from_numpy(data.feat)
    block = torch.arange(len(p)) // BLOCK % EVERY
    own = torch.nonzero(block != EVERY - 1)[:, 0]
    validation = torch.nonzero(block == EVERY - 1)[:, 0]
    best = Best(dict(zip(Gate._fields, w, strict=True)))
    opt = AdamW(w, lr=RATE, decay=DECAY, betas=(0.9, 0.98))

    def cost(i: torch.Tensor, w: list[torch.Tensor]) -> torch.Tensor:
        z = torch.tanh(feat[i] @ w[0] + w[1]) @ w[2] + w[3]
        log_w = torch.log_softmax(z.masked_fill(~has[i], -1e9), -1)
        return -torch.logsumexp(log_w + torch.log(p[i].clamp_min(1e-12)).masked_fill(~has[i], -1e9), -1)

    def mean_cost(which: torch.Tensor, w: list[torch.Tensor]) -> float:
        with torch.no_grad():
            return float(torch.cat([cost(i, w) for i in torch.split(which, _TOGETHER)]).mean())

    def evaluate() -> None:
        best.offer(mean_cost(validation, w), dict(zip(Gate._fields, w, strict=True)))

    for step in range(steps):
        if until is not None and time.monotonic() > until:
            break
        if len(validation) and step % EVALUATE_STEPS == 0:
            evaluate()
        opt.lr = RATE * min(1.0, (steps - step) / (0.5 * steps))
        i = own[torch.randint(len(own), (min(BATCH, len(own)),), generator=gen)]
        loss = cost(i, w).mean()
        opt.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        opt.step()
    if len(validation):
        evaluate()
        w = [best.state[name] for name in Gate._fields]
        if may_be_silent:
            w = _quieted([x.detach() for x in w], mean_cost, p, feat, validation)
    return Gate(*(x.detach().numpy() for x in w)), mean_cost(torch.arange(len(p)), w)


def _quieted(
    w: list[torch.Tensor],
    mean_cost: Callable[[torch.Tensor, list[torch.Tensor]], float],
    p: torch.Tensor,
    feat: torch.Tensor,
    validation: torch.Tensor,
) -> list[torch.Tensor]:
    """The weights with a memory left out that does not help: that of the present text where it grows, then
    that of the collection too."""
    of_text = (
        p.shape[1] // 2 + 1
    )  # the network, then the views and the match of the collection, then of the text
    grows = feat[:, GROWS] > 0.0
    for rows, first in ((validation[grows[validation]], of_text), (validation, 1)):
        if len(rows) and mean_cost(rows, (without := _without(w, first))) <= mean_cost(rows, w):
            w = without
    return w


def _without(w: list[torch.Tensor], first: int) -> list[torch.Tensor]:
    """The weights with the components from `first` on silent."""
    w1, b1, w2, b2 = (x.clone() for x in w)
    w2[:, first:] = 0.0
    b2[first:] = SILENT
    return [w1, b1, w2, b2]
