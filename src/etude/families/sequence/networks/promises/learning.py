"""Promises about learning: costs are those of the network, a run is the same from the same seed and goes on
where it was, and a network that was taken out does not change.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from etude.families.sequence.networks.contract import Learner, Network
from etude.families.sequence.networks.promises.subject import (
    NEAR,
    STEPS,
    Promise,
    Subject,
    learn,
    log_probabilities,
)
from etude.training.muon import Muon
from etude.training.run_state import optimizer_arrays, restore_optimizer, tensors, with_prefix


def costs_are_those_of_the_network(s: Subject) -> Iterator[str]:
    """(B, T) finite costs; evaluated, they are what the network that is taken out says of the targets."""
    learner = s.begin()
    learn(learner, s.windows, STEPS)
    tokens, targets, side = s.windows.inputs
    learner.train(False)
    with torch.no_grad():
        nats, again = (learner.nats(tokens, targets, side).detach() for _ in range(2))
    if nats.shape != targets.shape or nats.dtype != torch.float32 or not torch.isfinite(nats).all():
        yield f"costs are {nats.dtype} {tuple(nats.shape)}, or not finite, for targets {tuple(targets.shape)}"
        return
    if not torch.equal(nats, again):
        yield "evaluated twice, the costs differ"
    log = log_probabilities(s.logits(learner.network()))
    said = -np.take_along_axis(log, targets.numpy()[..., None], -1)[..., 0]
    if (far := float(np.abs(said - nats.numpy()).mean())) > NEAR:
        yield f"the network that is taken out is {far:.3f} nats a token away from what was learned"


def quick_reading_is_as_good_on_average(s: Subject) -> Iterator[str]:
    """Read with coarser products the targets cost about the same; a base has the same vocabulary."""
    _, targets, _ = s.windows.inputs

    def cost(network: Network) -> float:
        log = log_probabilities(s.logits(network))
        return -float(np.take_along_axis(log, targets.numpy()[..., None], -1).mean())

    if (far := abs(cost(s.network) - cost(s.network.quickly()))) > NEAR:
        yield f"read quickly, a token costs {far:.3f} nats more or less"
    base = s.network.base()
    if base is not None and (base.vocab, base.width) != (s.network.vocab, s.network.width):
        yield f"its base has a vocabulary of {base.vocab}, not {s.network.vocab}"


def learning_lowers_the_cost(s: Subject) -> Iterator[str]:
    """Of windows that are seen again and again."""
    learner = s.begin()
    first = learn(learner, s.windows, 1)
    last = learn(learner, s.windows, STEPS, first=1)
    if not last < first - 0.05:
        yield f"after {STEPS} steps on the same windows a token costs {last:.3f} nats, before {first:.3f}"


def the_same_seed_begins_alike(s: Subject) -> Iterator[str]:
    """Chance comes from torch's global generator alone."""
    one, two = s.begin(), s.begin()
    if not _same(one, two):
        yield "two networks that begin with the same seed differ"


def a_run_goes_on_where_it_was(s: Subject) -> Iterator[str]:
    """State and optimiser kept after some steps and given to a new learner lead to the weights of the run
    that was not stopped."""
    whole, half = s.begin(), STEPS // 2
    learn(whole, s.windows, STEPS)
    stopped = s.begin()
    opt = Muon(stopped.groups())
    learn(stopped, s.windows, half, opt)
    kept = tensors("net", stopped.state()) | optimizer_arrays(opt, stopped.parameters().items())
    kept = {k: v.copy() for k, v in kept.items()}
    resumed = s.begin(seed=2)
    opt = Muon(resumed.groups())
    resumed.load(with_prefix("net", kept))
    restore_optimizer(opt, resumed.parameters().items(), kept)
    learn(resumed, s.windows, STEPS - half, opt, first=half)
    if not _same(whole, resumed):
        yield "a run that was stopped and went on has other weights than one that was not stopped"


def a_network_does_not_learn_on(s: Subject) -> Iterator[str]:
    """What was taken out stays as it was."""
    learner = s.begin()
    learn(learner, s.windows, 2)
    network = learner.network()
    before = {k: v.tobytes() for k, v in network.arrays().items()}
    learn(learner, s.windows, 4, first=2)
    if {k: v.tobytes() for k, v in network.arrays().items()} != before:
        yield "a network that was taken out changes when learning goes on"


def parameters_are_named_alike(s: Subject) -> Iterator[str]:
    """Every parameter is in a group, once, and in the state under its name."""
    learner = s.begin()
    named, state = learner.parameters(), learner.state()
    grouped = [id(p) for group in learner.groups() for p in group["params"]]
    if sorted(grouped) != sorted(id(p) for p in named.values()):
        yield "the groups do not hold every parameter once"
    if missing := [name for name in named if name not in state]:
        yield f"the state lacks {', '.join(missing[:3])}"
    if any("lr" not in group for group in learner.groups()):
        yield "a group has no rate"


def _same(one: Learner, two: Learner) -> bool:
    a, b = one.state(), two.state()
    return set(a) == set(b) and all(torch.equal(a[k], b[k]) for k in a)


LEARNING: tuple[Promise, ...] = (
    costs_are_those_of_the_network,
    quick_reading_is_as_good_on_average,
    learning_lowers_the_cost,
    the_same_seed_begins_alike,
    a_run_goes_on_where_it_was,
    a_network_does_not_learn_on,
    parameters_are_named_alike,
)
