"""How a budget is divided: the network's part, and the reserve for what follows it, timed on this machine
under its present load.

Knows no project and no files.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from etude.config.sequence import LEARN
from etude.errors import BudgetError
from etude.families.sequence.learn import fit_and_measure
from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.memory import Memory
from etude.families.sequence.networks.contract import Network
from etude.media import sequence
from etude.training.budget import Budget, duration
from etude.training.foreseen import Foreseen
from etude.training.machine import allowed_s

_USED = 0.985  # of the budget: the rest is for the unforeseen
_SEEN = 1.25  # times the figures' own time, with the works that were learned from
_SAVING_S = 1.0  # for the card, the files of the model and the end of the process
_MARGIN = 1.1  # times what follows the network was found to take
_FITTED = 0.08  # of the budget, at most, for fitting the gate, and as much for the figures;
# over a base each token costs more and the memory gains less, so that more of the time is the network's
_FITTED_OVER_A_BASE = 0.05


@dataclass(frozen=True)
class Reserve:
    """What follows the network: the memory of the works learned from, counted already, and the seconds and
    tokens to keep for the rest.

    `gate_tokens` and `figure_tokens` fit into their seconds; nothing is timed (0 s) where only steps are
    limited.
    """

    memory: Memory
    counting_s: float
    gate_s: float
    gate_tokens: int
    figures_s: float
    figure_tokens: int
    critic_s: float
    traits_s: float = 0.0  # for takes whose traits the card tells
    extraction_s: float = 0.0

    @property
    def gate_limit(self) -> float | None:
        """Seconds after which to stop at the latest, should the machine become busy; None where nothing is
        timed."""
        return 1.3 * self.gate_s + 1.0 if self.gate_s else None

    @property
    def figures_limit(self) -> float | None:
        """As `gate_limit`, for the figures."""
        return 1.3 * self.figures_s + 1.0 if self.figures_s else None

    @property
    def seconds(self) -> float:
        """All together."""
        found = self.counting_s + self.gate_s + self.figures_s
        return found + self.critic_s + self.traits_s + self.extraction_s


@dataclass(frozen=True)
class Rest:
    """What is left of a budget that ends at the monotonic time `ends` (None: nothing is timed). A machine
    that became busy takes time from every stage, and the last ones must end with the budget all the same."""

    ends: float | None
    slow: float = 1.0  # seconds that a second of work takes on this machine

    def of(self, most: float | None, after_s: float = 0.0) -> float | None:
        """Seconds for a stage that was given `most`, when `after_s` and the saving are to follow."""
        if self.ends is None:
            return most
        left = max(0.0, self.ends - time.monotonic() - after_s - _SAVING_S * self.slow)
        return left if most is None else min(most, left)

    def until(self, share: float) -> float | None:
        """By which time, of the monotonic clock, a stage is done that may take this share of what is left."""
        left = self.of(None)
        return None if left is None else time.monotonic() + share * left


def tells(corpus: Corpus) -> bool:
    """Whether the medium can measure takes beside works without a model."""
    return bool(sequence(corpus.medium).traits([p.part.content for p in corpus.held_out[:1]]))


def pays(seconds: float | None, network: Network) -> bool:
    """Whether a budget of so many seconds (None: no limit) is worth a critic."""
    least = LEARN.critic_least_s if network.base() is None else LEARN.critic_least_over_a_base_s
    return seconds is None or seconds >= least


def plan_reserve(
    corpus: Corpus,
    network: Network,
    budget: Budget,
    *,
    seed: int,
    critic: bool,
    ahead: Foreseen | None = None,
) -> Reserve:
    """Count the memory (it does not depend on the network) and try the gate on a little, to know how long the
    rest will take.

    A trial shows how busy the machine is, so that an idle one gives nearly all of its time to the network.
    `network` is one of the planned shape that has learned nothing yet. Raises BudgetError where counting
    would leave no time for training, if `ahead` is to foresee it.
    """
    started = time.monotonic()
    model = fit_and_measure.assemble(corpus, network, None, corpus.train, seed=seed)
    if ahead is not None:
        ahead.add(model.memory.seconds_to_count(), "reading and counting them")
    memory = model.memory.memory
    counting = time.monotonic() - started
    share = len(corpus.critic) / max(1, len(corpus.train))
    counting_s = 0.5 + 1.5 * min(1.0, share) * counting  # the critic's works are counted on top of these
    seconds = limit_s(budget)
    if seconds is None:
        return Reserve(memory, counting_s, 0.0, LEARN.gate_tokens, 0.0, LEARN.figure_tokens, 0.0)
    speed, fitting = fit_and_measure.gate_speed(model, corpus.critic or corpus.held_out, seed=seed)
    most = (_FITTED if network.base() is None else _FITTED_OVER_A_BASE) * seconds + 1.0
    fitting = min(fitting, most)
    gate_tokens = int(min(LEARN.gate_tokens, speed * max(0.5, most - fitting)))
    gate_s = gate_tokens / speed + fitting
    extraction_s = 0.0
    if network.base() is not None:  # which is measured beside it
        speed /= 2.0
        passages = sum(len(corpus.codec.encode(one).tokens) for _, one in sequence(corpus.medium).famous)
        extraction_s = min(LEARN.extraction_share * seconds, passages / speed)
    figure_tokens = int(min(LEARN.figure_tokens, speed * most))
    return Reserve(
        memory=memory,
        counting_s=counting_s,
        gate_s=gate_s,
        gate_tokens=gate_tokens,
        figures_s=_SEEN * figure_tokens / speed,
        figure_tokens=figure_tokens,
        critic_s=LEARN.critic_s if critic and pays(seconds, network) else 0.0,
        traits_s=LEARN.trait_share * seconds if seconds >= LEARN.told_least_s else 0.0,
        extraction_s=extraction_s,
    )


def network_seconds(budget: Budget, gone_s: float, after_s: float) -> float | None:
    """Seconds of the budget that are the network's, when `gone_s` are gone and `after_s` are needed after it.

    None where the budget is in steps or energy alone. Raises BudgetError for a budget that is too short for
    anything.
    """
    if budget.seconds is None:
        return None
    if budget.seconds < LEARN.least_seconds:
        raise BudgetError(
            f"a budget of {duration(budget.seconds)} is too short: reading the works and fitting the memory "
            "take some seconds",
            f"give at least {duration(LEARN.least_seconds)}, better 5m: --budget 5m",
        )
    return max(0.1 * budget.seconds, _USED * budget.seconds - 1.0 - gone_s - _MARGIN * after_s)


def network_budget(budget: Budget, after_s: float) -> Budget:
    """The budget with the network's part of the energy, where energy or money alone limits: the rest is kept
    for what follows.

    Raises BudgetError where that leaves nothing.
    """
    energy, limit = budget.energy_kwh, allowed_s(budget)
    if budget.seconds is not None or energy is None or limit is None:
        return budget
    part = _USED - (1.0 + _MARGIN * after_s) / limit
    if limit < LEARN.least_seconds or part < 0.1:
        raise too_little(budget)
    return replace(budget, kwh=part * energy, money=None)


def limit_s(budget: Budget) -> float | None:
    """Seconds that the budget allows, of itself or by its energy; None where only steps are limited."""
    return budget.seconds if budget.seconds is not None else allowed_s(budget)


def too_little(budget: Budget) -> BudgetError:
    """The error for a budget that is spent before the network has made a step."""
    limit = allowed_s(budget)
    work = f", about {duration(limit)} of work on this machine," if limit is not None else ""
    return BudgetError(
        f"a budget of {budget.describe()}{work} is used up by reading the works and fitting the memory, "
        "before the network's first step",
        "give a larger budget, or a time: --budget 5m",
    )
