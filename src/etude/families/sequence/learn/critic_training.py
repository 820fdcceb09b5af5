"""Learning the critic, and the test that decides whether it is used.

Real stretches come from the critic's works, which the generator has not learned from (else the critic would
learn to recognise what is memorised); each is paired with a stretch that the generator made after the same
words. The test is on held-out works: with f the critic's logit, log p(x) + f(x) - log mean exp f(made) is the
likelihood of a generator reweighted by the critic, so the mean of the last two terms over real stretches is
what it gains; it must exceed twice its standard error. Knows no files.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from etude import rng
from etude.config.sequence import LEARN
from etude.families.sequence.critic import Critic, describe
from etude.families.sequence.learn.dataset import Piece
from etude.families.sequence.learn.negatives import Window, continued, windows
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.records import BEFORE, STRETCH
from etude.media.contract import Codec
from etude.rng import seed_for
from etude.training.adam import AdamW
from etude.training.run_state import Best

LEAST = 24  # stretches to learn from, and to test on: fewer say nothing
TRIAL = 8  # stretches made to know how long they take
BATCH, RATE, DECAY, SMOOTH = 32, 2e-3, 0.05, 0.05
VALIDATION = 5  # one in so many stretches is the validation set
DRAWS = 300  # of the interval
_MAKING = 0.3  # of the time, for making one of two sets of stretches
_ENDS = 0.45, 0.85  # of the time, by which the sets are made on a machine that has become busy
Described = tuple[torch.Tensor, torch.Tensor]  # embeddings and costs, as `critic.describe` gives them


@dataclass(frozen=True)
class Verdict:
    """The critic's test on held-out works: stretches, how well it tells them from made ones, nats gained a
    stretch, and whether it is used."""

    stretches: int
    auc: float
    gain: float
    error: float
    used: bool
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """For the model's header."""
        return asdict(self)


def learn_critic(
    model: SequenceModel,
    learn_from: Sequence[Piece],
    test_on: Sequence[Piece],
    *,
    seed: int,
    seconds: float | None = None,
) -> tuple[Critic | None, Verdict]:
    """Learn and test within `seconds`, by the clock once everything is compiled.

    The critic is None where there is too little to learn from or to test on, or too little time.
    """
    began = time.monotonic()
    real, test = (_collect(model.codec, pieces, LEARN.critic_stretches) for pieces in (learn_from, test_on))
    fewer = min(len(real), len(test))
    if fewer < LEAST:
        few = f"fewer than {LEAST} stretches of {BEFORE + STRETCH} tokens in works that were not trained on"
        return None, _none(fewer, few)
    if seconds is not None:
        # compiling and counting at first use is not what making costs
        continued(model, real[:1], BEFORE, seed=seed, temperature=1.0)
        tried = began = time.monotonic()
        continued(model, real[:TRIAL], BEFORE, seed=seed, temperature=1.0)
        affordable = int(TRIAL * _MAKING * seconds / max(1e-3, time.monotonic() - tried))
        if affordable < LEAST:
            return None, _none(0, "the budget left no time to train one")
        real, test = real[:affordable], test[:affordable]
    sets: list[tuple[Described, Described]] = []
    for i, windows_of in enumerate((real, test)):
        until = None if seconds is None else began + _ENDS[i] * seconds
        made = continued(
            model, windows_of, BEFORE, seed=seed_for(seed, "critic", i), temperature=1.0, until=until
        )
        n = len(made[0])
        if n < LEAST:
            return None, _none(n, "the machine became too busy to make enough stretches in time")
        own = np.stack([w.tokens for w in windows_of[:n]]), np.stack([w.side for w in windows_of[:n]])
        sets.append((_described(model, *own), _described(model, *made)))
    until = None if seconds is None else began + seconds
    critic = _fit(*sets[0], width=model.network.width, seed=seed, until=until)
    with torch.inference_mode():
        f_real, f_made = (critic(*x).numpy().astype(np.float64) for x in sets[1])
    return critic, verdict_of(f_real, f_made, seed)


def _described(model: SequenceModel, tokens: npt.NDArray[Any], side: npt.NDArray[Any]) -> Described:
    """Embeddings and costs of stretches, as tensors that can be trained on."""
    states, cost = describe(model.network, tokens.astype(np.int64), side.astype(np.int64), BEFORE)
    return torch.clone(states), torch.clone(cost)


def _collect(codec: Codec, pieces: Sequence[Piece], most: int) -> list[Window]:
    """At most so many windows, about as many of each piece."""
    each = max(1, most // max(1, len(pieces))) + 1
    out: list[Window] = []
    for p in pieces:
        cursor = codec.walker(p.part.content)
        out += windows(p.encoded.tokens, p.side, BEFORE + STRETCH, each, cursor)
    return out[:most]


def _fit(real: Described, made: Described, *, width: int, seed: int, until: float | None = None) -> Critic:
    """Logistic loss with smoothed labels; the weights of the best evaluation are kept."""
    torch.manual_seed(seed_for(seed, "critic-init"))
    critic = Critic(width)
    n = len(real[0])
    order = torch.from_numpy(rng.for_(seed, "critic-split").permutation(n))
    few = max(4, n // VALIDATION)
    validation, own = order[:few], order[few:]
    opt = AdamW(critic.parameters(), lr=RATE, decay=DECAY)

    def loss(i: torch.Tensor, smooth: float) -> torch.Tensor:
        of_real, of_made = critic(real[0][i], real[1][i]), critic(made[0][i], made[1][i])
        one = torch.full_like(of_real, 1.0 - smooth)
        return F.binary_cross_entropy_with_logits(of_real, one) + F.binary_cross_entropy_with_logits(
            of_made, 1.0 - one
        )

    best = Best(critic.state_dict())
    for epoch in range(LEARN.critic_epochs):
        if until is not None and epoch and time.monotonic() > until:
            break
        critic.train()
        shuffled = own[torch.from_numpy(rng.for_(seed, "critic-epoch", epoch).permutation(len(own)))]
        for i in torch.split(shuffled, BATCH):
            opt.zero_grad()
            loss(i, SMOOTH).backward()  # type: ignore[no-untyped-call]
            opt.step()
        critic.eval()
        with torch.no_grad():
            best.offer(float(loss(validation, 0.0)), critic.state_dict())
    critic.load_state_dict(best.state)
    return critic.eval()


def verdict_of(f_real: npt.NDArray[np.float64], f_made: npt.NDArray[np.float64], seed: int) -> Verdict:
    """The test from the logits of real and made stretches (N,) each; `seed` draws the interval."""

    def gain(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
        top = b.max()
        return float(a.mean() - top - np.log(np.exp(b - top).mean()))

    g = rng.for_(seed, "critic-interval")
    n = len(f_real)
    draws = [gain(f_real[g.integers(0, n, n)], f_made[g.integers(0, n, n)]) for _ in range(DRAWS)]
    value, error = gain(f_real, f_made), float(np.std(draws))
    auc = float((f_real[:, None] > f_made[None]).mean() + 0.5 * (f_real[:, None] == f_made[None]).mean())
    used = value > 2.0 * error
    ability = (
        f"On {n} held-out stretches of {STRETCH} tokens it distinguishes works from takes with an AUC of "
        f"{auc:.2f} (0.5: chance)"
    )
    worth = f"weighting takes by it gains {value:.2f} nats per stretch (standard error {error:.2f})"
    end = "so it ranks takes by default." if used else "so it is used only with --rank."
    return Verdict(n, auc, value, error, used, f"{ability}; {worth}, {end}")


def _none(n: int, why: str) -> Verdict:
    """What is said where there is no critic."""
    return Verdict(n, 0.5, 0.0, 0.0, False, f"No critic: {why}.")
