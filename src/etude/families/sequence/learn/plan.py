"""From corpus, budget and machine to a plan: how large a network, how strongly regularised, in which arithmetic, and whether it fits.

One dial, `size`. Left to itself it takes the largest network that sees enough tokens within the budget; more passes over the same works
ask for more dropout and weight decay (data-constrained scaling: Kim et al. 2025, arXiv 2509.14786). Knows no files.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import psutil

from etude.config.sequence import LEARN
from etude.errors import BudgetError
from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.networks.transformer import NetConfig, count_parameters
from etude.training.budget import Budget
from etude.training.machine import allowed_s, speed

SIZES: dict[str, tuple[int, int]] = {
    "xs": (64, 2),
    "s": (128, 4),
    "m": (192, 5),
    "l": (256, 6),
    "xl": (384, 8),
}  # width, layers


@dataclass(frozen=True)
class Plan:
    """Everything a run needs to know beforehand; stored in its checkpoint, so that a resumed run goes on by the same plan."""

    size: str
    net: NetConfig
    batch: int
    matrix_lr: float
    other_lr: float
    weight_decay: float
    bfloat16: bool
    expected_tokens: int
    epochs: float
    memory_mb: float
    seed: int

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "net": self.net.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        return cls(**{**data, "net": NetConfig.from_json(data["net"])})


def make_plan(corpus: Corpus, budget: Budget, *, size: str = "auto", seed: int = 0) -> Plan:
    """Choose. Raises BudgetError for an unknown size, a budget too short for anything, or a run that does not fit into memory."""
    if size != "auto" and size not in SIZES:
        raise BudgetError(f"there is no size '{size}'", f"choose auto, {', '.join(SIZES)}")
    plain, half = speed(bfloat16=False), speed(bfloat16=True)
    bf16 = half > 1.3 * plain
    rate = max(plain, half if bf16 else 0.0) * LEARN.efficiency  # FLOP/s that learning reaches
    seconds = allowed_s(budget)
    music = corpus.medium == "music"
    window = LEARN.window_music if music else LEARN.window_text
    tokens = max(1, corpus.train_tokens)

    def seen(name: str) -> float:
        """Tokens learned within the budget at this size."""
        if seconds is None:
            return (budget.steps or 1) * LEARN.batch * window
        c = _net(corpus, name, window, 0.1)
        return (
            seconds
            * rate
            / (6.0 * (c.layers * 12 * c.width**2 + c.vocab * c.width) + 12.0 * c.layers * c.width * window)
        )

    chosen = size
    if size == "auto":
        chosen = "xs"
        for name, (width, layers) in SIZES.items():
            trunk = layers * 12 * width**2
            if (
                seen(name) >= LEARN.tokens_per_parameter * trunk
                and trunk <= LEARN.parameters_per_token * tokens
            ):
                chosen = name
    expected = seen(chosen)
    epochs = expected / tokens
    dropout = next(d for most, d in LEARN.dropout if epochs <= most)
    decay = next(d for most, d in LEARN.weight_decay if epochs <= most)
    net = _net(corpus, chosen, window, dropout)
    need = memory_mb(net, LEARN.batch)
    free = psutil.virtual_memory().available / 1e6
    if need > 0.9 * free:
        raise BudgetError(
            f"size {chosen} needs about {need:,.0f} MB of memory and {free:,.0f} MB are free",
            f"choose a smaller --size ({', '.join(SIZES)}) or close other programs",
        )
    scale = min(1.0, (256 / net.width) ** 0.5) if net.width > 256 else 1.0
    return Plan(
        chosen, net, LEARN.batch, LEARN.matrix_lr * scale, LEARN.other_lr, decay, bf16, int(expected), epochs, need, seed
    )  # fmt: skip


def _net(corpus: Corpus, size: str, window: int, dropout: float) -> NetConfig:
    width, layers = SIZES[size]
    voices = getattr(corpus.codec, "voices", 1)
    vocab = corpus.codec.vocab
    return NetConfig(
        vocab=vocab,
        width=width,
        layers=layers,
        context=window,
        side_sizes=corpus.side_sizes,
        hash_rows=max(64, min(LEARN.hash_rows_per_token * vocab, LEARN.most_hash_rows)),
        hash_back=voices,
        dropout=dropout,
    )


def memory_mb(c: NetConfig, batch: int) -> float:
    """Weights, gradients, two moments and the activations of one step, in MB (within a fifth of what was measured)."""
    weights = count_parameters(c) * 4 * 4
    activations = batch * c.context * 4 * (c.layers * 34 * c.width + 4 * c.vocab)
    return (weights + activations) / 1e6 + 350  # 350 MB: PyTorch itself
