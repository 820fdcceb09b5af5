"""Promises about plans, storage, and reading windows. Letters: B windows, T tokens, D width, V vocabulary."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import torch

from etude.families.sequence.networks.contract import Network, Plan
from etude.families.sequence.networks.promises.subject import NEAR, Promise, Subject, log_probabilities


def plans_survive_json(s: Subject) -> Iterator[str]:
    """A plan read back is the plan; it names the kind and one of its sizes, and knows about how many
    parameters are learned."""
    back = Plan.from_json(json.loads(json.dumps(s.plan.to_json())))
    if json.dumps(back.to_json()) != json.dumps(s.plan.to_json()):
        yield "the plan read back is another"
    if s.plan.net.get("kind") != s.kind.name:
        yield f"the plan's network is of the kind '{s.plan.net.get('kind')}', not '{s.kind.name}'"
    if s.plan.size not in s.kind.sizes:
        yield f"the plan's size '{s.plan.size}' is not among {', '.join(s.kind.sizes)}"
    said = s.kind.parameters(s.plan.net)
    learned = sum(p.numel() for p in s.begin().parameters().values())
    if abs(said - learned) > 0.05 * learned:
        yield f"{said:,} parameters are announced and {learned:,} are learned"


def networks_survive_their_arrays(s: Subject) -> Iterator[str]:
    """Config and arrays are all that a network is; a missing array is named by a KeyError."""
    one = s.network
    config = json.loads(json.dumps(one.config()))
    arrays = {name: x.copy() for name, x in one.arrays().items()}
    if config.get("kind") != s.kind.name or one.kind != s.kind.name:
        yield f"the network says that it is of the kind '{one.kind}' and its config '{config.get('kind')}'"
    two = s.kind.load(config, arrays, s.find)
    again = two.arrays()
    if set(again) != set(arrays) or any(again[k].tobytes() != arrays[k].tobytes() for k in arrays):
        yield "the arrays of the network read back are others"
    if s.decoded(one, s.one_by_one(range(1))) != s.decoded(two, s.one_by_one(range(1))):
        yield "the network read back gives other bits"
    for name in sorted(arrays)[:1]:
        try:
            s.kind.load(config, {k: v for k, v in arrays.items() if k != name}, s.find)
            yield f"without '{name}' it is opened all the same"
        except KeyError:
            pass


def sizes_are_as_stated(s: Subject) -> Iterator[str]:
    """States are finite (B, T, D), logits finite float32 (B, T, V); vocabulary and context fit the task; it
    can be spoken of."""
    tokens, _, side = s.windows.inputs
    with torch.inference_mode():
        states = s.network.states(tokens, side)
        logits = s.network.logits(states)
    if states.shape != (*tokens.shape, s.network.width) or not torch.isfinite(states).all():
        yield f"states are {tuple(states.shape)}, or not finite, where (B, T, {s.network.width}) is promised"
    if logits.shape != (*tokens.shape, s.task.vocab) or logits.dtype != torch.float32:
        yield f"logits are {logits.dtype} {tuple(logits.shape)} for a vocabulary of {s.task.vocab}"
    elif not torch.isfinite(logits).all():
        yield "logits are not finite"
    if s.network.vocab != s.task.vocab or s.network.context < 1:
        yield f"vocabulary {s.network.vocab} and context {s.network.context} do not fit the task"
    if not s.network.title or not s.network.origin.endswith("."):
        yield "title and origin must say something, the origin in a whole sentence"


def distributions_are_normalised_and_say_something(s: Subject) -> Iterator[str]:
    """They sum to 1, and after some learning they are not all alike."""
    p = np.exp(log_probabilities(s.logits(s.network)))
    if not np.allclose(p.sum(-1), 1.0, atol=1e-6):
        yield f"probabilities sum to {p.sum(-1).min():.4f} to {p.sum(-1).max():.4f}"
    if p.max() < 1.5 / s.task.vocab:
        yield "after learning every token is still about as likely as any other"


def an_order_is_a_choice_of_tokens(s: Subject) -> Iterator[str]:
    """Logits of some tokens in some order are those of all, picked; also of one order after another."""
    tokens, _, side = s.windows.inputs
    v = s.task.vocab
    with torch.inference_mode():
        states = s.network.states(tokens, side)
        whole = s.network.logits(states).numpy()
        for order in (torch.arange(v - 1, 0, -2), torch.arange(v - 1)):
            some = s.network.logits(states, order).numpy()
            if some.shape[-1] != len(order) or not np.allclose(some, whole[..., order.numpy()], atol=NEAR):
                yield f"logits of {len(order)} tokens in an order are not those of all, picked"


def reading_never_looks_ahead(s: Subject) -> Iterator[str]:
    """What is said of a token depends on those before it and on its own side inputs alone."""
    tokens, _, side = (x.clone() for x in s.windows.inputs)
    half = tokens.shape[1] // 2
    before = log_probabilities(s.logits(s.network))[:, :half]
    tokens[:, half:] = (tokens[:, half:] + 1) % s.task.vocab
    side[:, half:] = 0
    after = _read(s.network, tokens, side)[:, :half]
    if np.abs(before - after).max() > NEAR:
        yield f"later tokens change what is said of earlier ones by {np.abs(before - after).max():.3f} nats"


def windows_do_not_mix(s: Subject) -> Iterator[str]:
    """A window says the same alone as in a batch, and its beginning the same as the whole."""
    tokens, _, side = s.windows.inputs
    together = log_probabilities(s.logits(s.network))
    half = tokens.shape[1] // 2
    for i in range(len(tokens)):
        alone = _read(s.network, tokens[i : i + 1], side[i : i + 1])[0]
        short = _read(s.network, tokens[i : i + 1, :half], side[i : i + 1, :half])[0]
        if np.abs(alone - together[i]).max() > NEAR:
            yield f"window {i} says something else alone"
        if np.abs(short - together[i, :half]).max() > NEAR:
            yield f"the first half of window {i} says something else without the second"


def _read(
    network: Network, tokens: torch.Tensor, side: torch.Tensor
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(B, T, V) log-probabilities."""
    with torch.inference_mode():
        return log_probabilities(network.logits(network.states(tokens, side)).numpy())


READING: tuple[Promise, ...] = (
    plans_survive_json,
    networks_survive_their_arrays,
    sizes_are_as_stated,
    distributions_are_normalised_and_say_something,
    an_order_is_a_choice_of_tokens,
    reading_never_looks_ahead,
    windows_do_not_mix,
)
