"""Attribution by gradients, of a sequence network: the gradient of each content's loss with respect to the
last layer is a sum over tokens of (p - y) h', with the embedding h and the distribution p of the next token;
both sides are projected at random, which keeps products of gradients on average (Choe et al. 2024, arXiv
2405.13954). Needs no more of a network than its contract. The memory is none of it.

Letters: T tokens, D width, V vocabulary, A and B projected sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.families.sequence.model import SequenceModel
from etude.media import MEDIA
from etude.media.contract import Content

A, B = 24, 24
Floats = npt.NDArray[np.float64]


class SequenceInfluence:
    """Of one model."""

    def __init__(self, model: SequenceModel) -> None:
        self._model, self._network = model, model.network.quickly()
        g = rng.for_(0, "influence")
        self._states = _matrix(g, self._network.width, A)
        self._choices = _matrix(g, self._network.vocab, B)

    def costs(self, contents: Sequence[Content]) -> Floats:
        """Nats a unit, by the network alone, of nobody in particular."""
        size, out = MEDIA[self._model.medium].size, []
        for content in contents:
            nats = sum(float(loss.sum()) for _, _, _, loss in self._read(content))
            out.append(nats / max(1, size(content)))
        return np.array(out)

    def gradients(self, contents: Sequence[Content]) -> Floats:
        """(N, A B) a token."""
        out = np.zeros((len(contents), A * B))
        for i, content in enumerate(contents):
            total, tokens = torch.zeros(A, B), 0
            for states, logits, targets, _ in self._read(content):
                left = torch.softmax(logits, -1) @ self._choices - self._choices[targets]
                total += (states @ self._states).T @ left
                tokens += len(targets)
            out[i] = (total / max(1, tokens)).flatten().numpy()
        return out

    @torch.inference_mode()
    def _read(self, content: Content) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """Window by window: embeddings (T, D), logits (T, V), the tokens that came (T,), what they cost."""
        model = self._model
        e = model.codec.encode(content)
        side = model.with_conditions(e.side, (0,) * len(model.conditions)).astype(np.int64)
        tokens, n = torch.from_numpy(e.tokens.astype(np.int64)), self._network.context
        for at in range(0, len(tokens) - 1, n):
            here = slice(at, min(len(tokens) - 1, at + n))
            after = slice(here.start + 1, here.stop + 1)
            states = self._network.states(tokens[None, here], torch.from_numpy(side[None, after]))[0]
            logits = self._network.logits(states)
            scored = torch.from_numpy(np.asarray(e.scored[after], bool))
            states, logits, targets = states[scored].float(), logits[scored], tokens[after][scored]
            yield (
                states,
                logits,
                targets,
                torch.nn.functional.cross_entropy(logits, targets, reduction="none"),
            )


def _matrix(g: np.random.Generator, n: int, m: int) -> Tensor:
    return torch.from_numpy((g.standard_normal((n, m)) / np.sqrt(m)).astype(np.float32))
