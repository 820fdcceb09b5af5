"""The critic of sequences: how much likelier a stretch is among the works than among the generator's own
takes.

A small head on the network's embedding, which is frozen: what the network knows at each token, with what the
token cost, through two layers, pooled over the stretch. Trained to tell works from takes, its optimum is log
p_works / p_takes of a stretch given what stands before it (residual energy, Deng et al. 2020, arXiv
2004.11714). Knows nothing of where stretches come from.

Letters: N stretches, T tokens of a window, P tokens before the stretch, D width of the embedding, S side
inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.families.sequence.networks.contract import Network
from etude.families.sequence.records import BEFORE, STRETCH

LEAST_TOKENS = 16  # a shorter content is not judged
UNITS = 48
MOST_FLOATS = 1 << 28  # logits held at once (1 GB): fewer windows at a time where the vocabulary is large


class Critic(nn.Module):
    """Embeddings (N, T, D) and costs (N, T) of the stretch's tokens to one logit a stretch (N,)."""

    def __init__(self, width: int) -> None:
        """`width` is that of the network's embedding."""
        super().__init__()
        self.mix = nn.Linear(width + 2, UNITS)
        self.near = nn.Conv1d(UNITS, UNITS, 5, padding=2)
        self.out = nn.Linear(2 * UNITS, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, states: Tensor, cost: Tensor) -> Tensor:
        """The logits (N,)."""
        states = F.rms_norm(states, (states.shape[-1],), eps=1e-6)
        x = torch.cat((states, cost[..., None] * 0.3, (cost[..., None] > 5.0).float()), -1)
        h = F.dropout(F.gelu(self.mix(x)), 0.2, self.training).transpose(1, 2)
        h = h + F.gelu(self.near(h))
        out: Tensor = self.out(torch.cat((h.mean(-1), h.amax(-1)), -1))[:, 0]
        return out


@torch.inference_mode()
def describe(
    network: Network, tokens: npt.NDArray[np.int64], side: npt.NDArray[np.int64], before: int
) -> tuple[Tensor, Tensor]:
    """Embeddings (N, T - P, D) and costs (N, T - P) of windows: tokens (N, T), side (N, T, S), P = `before`
    (at least 1).

    The cost of a token is by the network alone; its embedding is the network's once it has been read.
    """
    together = max(1, MOST_FLOATS // (tokens.shape[1] * network.vocab))
    before = max(1, before)
    out = []
    for i in range(0, len(tokens), together):
        x = torch.from_numpy(tokens[i : i + together])
        states = network.states(x, torch.from_numpy(np.roll(side[i : i + together], -1, 1)))
        logits = network.logits(states[:, :-1])
        cost = F.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten(), reduction="none").view(len(x), -1)
        out.append((states[:, before:].clone(), cost[:, before - 1 :].clone()))
    if len(out) == 1:
        return out[0]
    return torch.cat([states for states, _ in out]), torch.cat([cost for _, cost in out])


def to_arrays(critic: Critic) -> dict[str, npt.NDArray[np.float32]]:
    """Its weights, for the model's file."""
    return {f"critic.{k}": v.detach().numpy().astype(np.float32) for k, v in critic.state_dict().items()}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> Critic | None:
    """The critic of a model's arrays, None where it has none."""
    own = {
        k[7:]: torch.from_numpy(np.array(v, np.float32)) for k, v in arrays.items() if k.startswith("critic.")
    }
    if not own:
        return None
    critic = Critic(own["mix.weight"].shape[1] - 2)
    critic.load_state_dict(own)
    return critic.eval()


@torch.inference_mode()
def mean_logit(
    critic: Critic, network: Network, tokens: npt.NDArray[np.int32], side: npt.NDArray[np.int16]
) -> float | None:
    """The mean logit over a content's stretches: tokens (T,), side (T, S).

    None for a content too short to judge.
    """
    n = len(tokens)
    if n < LEAST_TOKENS:
        return None
    w = min(n, BEFORE + STRETCH)
    starts = sorted({*range(0, n - w + 1, STRETCH), n - w})
    windows = np.stack([tokens[s : s + w] for s in starts]).astype(np.int64)
    sides = np.stack([side[s : s + w] for s in starts]).astype(np.int64)
    return float(critic(*describe(network, windows, sides, w // 2)).mean())


@torch.inference_mode()
def weigh(
    critic: Critic, network: Network, tokens: npt.NDArray[np.int64], side: npt.NDArray[np.int64], before: int
) -> npt.NDArray[np.float64]:
    """Log-weights (N,) of drafts that go on from the same `before` tokens: tokens (N, T), side (N, T, S).

    A draft shorter than a stretch is weaker evidence, and its log-weight is scaled by its length.
    """
    f = critic(*describe(network, tokens, side, before)).numpy().astype(np.float64)
    return np.asarray(f * ((tokens.shape[1] - before) / STRETCH), np.float64)
