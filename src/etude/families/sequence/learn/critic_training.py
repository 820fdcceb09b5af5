"""Learning the critic, and the test that decides whether it is used.

Real stretches come from the critic's works, which the generator has not learned from (else the critic would learn to know what is remembered);
each stands against a stretch that the generator made after the same words. The test is on held-out works: with f the critic's logit,
log p(x) + f(x) - log mean exp f(made) is the likelihood of a generator reweighted by the critic, so the mean of the last two
terms over real stretches is what it gains; it must exceed twice its standard error. Knows no files.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from etude import rng
from etude.config.sequence import LEARN
from etude.families.sequence.critic import BEFORE, STRETCH, Critic, describe
from etude.families.sequence.learn.dataset import Piece
from etude.families.sequence.learn.negatives import Window, continued, windows
from etude.families.sequence.model import SequenceModel
from etude.media.contract import Codec, Cursor
from etude.media.music.event_codec import EventsCodec
from etude.media.music.grid_cursor import Given
from etude.rng import seed_for

LEAST = 24  # stretches to learn from, and to test on: fewer say nothing


@dataclass(frozen=True)
class Verdict:
    """The critic's test on held-out works: stretches, how well it tells them from made ones, nats gained a stretch, and whether it is used."""

    stretches: int
    auc: float
    gain: float
    error: float
    used: bool
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def learn_critic(
    model: SequenceModel,
    learn_from: Sequence[Piece],
    test_on: Sequence[Piece],
    *,
    seed: int,
    seconds: float | None = None,
) -> tuple[Critic | None, Verdict]:
    """Learn and test within `seconds`, by the clock once everything is compiled. The critic is None where there is too little to learn from
    or to test on, or too little time."""
    began = time.monotonic()
    real, test = (_collect(model.codec, pieces, LEARN.critic_stretches) for pieces in (learn_from, test_on))
    if min(len(real), len(test)) < LEAST:
        return None, _none(
            min(len(real), len(test)),
            f"fewer than {LEAST} stretches of {BEFORE + STRETCH} tokens in works not learned from",
        )
    if seconds is not None:
        continued(
            model, real[:1], BEFORE, seed=seed, heat=1.0
        )  # compiling and counting at first use is not what making costs
        t0 = began = time.monotonic()
        continued(model, real[:8], BEFORE, seed=seed, heat=1.0)
        affordable = int(
            8 * 0.3 * seconds / max(1e-3, time.monotonic() - t0)
        )  # making stretches takes most of the time
        if affordable < LEAST:
            return None, _none(0, "the budget left no time to learn one")
        real, test = real[:affordable], test[:affordable]
    sets = []
    for i, rows in enumerate((real, test)):
        own = np.stack([w.tokens for w in rows]), np.stack([w.side for w in rows])
        # a machine that has become busy makes fewer: the first set may take half of what is left, the second nearly all
        until = None if seconds is None else began + (0.45, 0.85)[i] * seconds
        made = continued(model, rows, BEFORE, seed=seed_for(seed, "critic", i), heat=1.0, until=until)
        own = own[0][: len(made[0])], own[1][: len(made[0])]
        if len(made[0]) < LEAST:
            return None, _none(len(made[0]), "the machine became too busy to make enough stretches in time")
        both = [
            describe(model.network, t.astype(np.int64), s.astype(np.int64), BEFORE) for t, s in (own, made)
        ]
        sets.append([(torch.clone(a), torch.clone(b)) for a, b in both])
    critic = _fit(sets[0], model.config.width, seed, None if seconds is None else began + seconds)
    with torch.inference_mode():
        f_real, f_made = (critic(*x).numpy().astype(np.float64) for x in sets[1])
    return critic, judge_by(f_real, f_made, seed)


def _collect(codec: Codec, pieces: Sequence[Piece], most: int) -> list[Window]:
    each = max(1, most // max(1, len(pieces))) + 1
    out: list[Window] = []
    for p in pieces:
        out += windows(p.encoded.tokens, p.side, BEFORE + STRETCH, each, _walker(codec, p))
    return out[:most]


def _walker(codec: Codec, piece: Piece) -> Cursor | None:
    """For events a cursor at the beginning of a piece, in its metre: what is known of their tokens depends on those before."""
    if not isinstance(codec, EventsCodec):
        return None
    return codec.cursor(given=Given(replace(piece.part.content, tracks=()), onward=True))


def _fit(
    data: list[tuple[torch.Tensor, torch.Tensor]], width: int, seed: int, until: float | None = None
) -> Critic:
    """Logistic loss with smoothed labels; the weights of the best look at a fifth kept aside."""
    torch.manual_seed(seed_for(seed, "critic-init"))
    critic = Critic(width)
    (rs, rc), (ms, mc) = data
    n = len(rs)
    order = torch.from_numpy(rng.for_(seed, "critic-split").permutation(n))
    aside, own = order[: max(4, n // 5)], order[max(4, n // 5) :]
    opt = torch.optim.AdamW(critic.parameters(), lr=2e-3, weight_decay=0.05)

    def loss(i: torch.Tensor, smooth: float) -> torch.Tensor:
        real, made = critic(rs[i], rc[i]), critic(ms[i], mc[i])
        one = torch.full_like(real, 1.0 - smooth)
        return F.binary_cross_entropy_with_logits(real, one) + F.binary_cross_entropy_with_logits(
            made, 1.0 - one
        )

    best, kept = float("inf"), {k: v.clone() for k, v in critic.state_dict().items()}
    for epoch in range(LEARN.critic_epochs):
        if until is not None and epoch and time.monotonic() > until:
            break
        critic.train()
        shuffled = own[torch.from_numpy(rng.for_(seed, "critic-epoch", epoch).permutation(len(own)))]
        for i in torch.split(shuffled, 32):
            opt.zero_grad()
            loss(i, 0.05).backward()  # type: ignore[no-untyped-call]
            opt.step()
        critic.eval()
        with torch.no_grad():
            now = float(loss(aside, 0.0))
        if now < best:
            best, kept = now, {k: v.clone() for k, v in critic.state_dict().items()}
    critic.load_state_dict(kept)
    return critic.eval()


def judge_by(f_real: npt.NDArray[np.float64], f_made: npt.NDArray[np.float64], seed: int) -> Verdict:
    """The test from the logits of real and made stretches (N,) each."""

    def gain(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
        top = b.max()
        return float(a.mean() - top - np.log(np.exp(b - top).mean()))

    g = rng.for_(seed, "critic-interval")
    n = len(f_real)
    draws = [gain(f_real[g.integers(0, n, n)], f_made[g.integers(0, n, n)]) for _ in range(300)]
    value, error = gain(f_real, f_made), float(np.std(draws))
    auc = float((f_real[:, None] > f_made[None]).mean() + 0.5 * (f_real[:, None] == f_made[None]).mean())
    used = value > 2.0 * error
    told = f"On {n} held-out stretches of {STRETCH} tokens it tells works from takes with an AUC of {auc:.2f} (0.5: it cannot)"
    won = f"weighing takes by it gains {value:.2f} nats a stretch (standard error {error:.2f})"
    end = (
        "so takes are ranked by it unless you say otherwise."
        if used
        else "so it is not used unless asked for (--rank)."
    )
    return Verdict(n, auc, value, error, used, f"{told}; {won}, {end}")


def _none(n: int, why: str) -> Verdict:
    return Verdict(n, 0.5, 0.0, 0.0, False, f"No critic: {why}.")
