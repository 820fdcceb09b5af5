"""How large a transformer, how strongly regularised, and in which arithmetic: from task and machine to a
plan.

One dial, `size`. Left to itself it takes the largest network that sees enough tokens within the budget; more
passes over the same works ask for more dropout and weight decay (data-constrained scaling: Kim et al. 2025,
arXiv 2509.14786). Knows no works and no files.
"""

from __future__ import annotations

from dataclasses import replace

from etude.config.sequence import LEARN
from etude.families.sequence.networks.contract import Plan, Task
from etude.families.sequence.networks.transformer_layers import NetConfig

SIZES: dict[str, tuple[int, int]] = {  # width, layers
    "xs": (64, 2),
    "s": (128, 4),
    "m": (192, 5),
    "l": (256, 6),
    "xl": (384, 8),
}
HALF_PAYS = 1.3  # bfloat16 is used where its matrix product is faster by so much
PYTORCH_MB = 350  # what the library itself takes


def plan(task: Task) -> Plan:
    """Choose, by the size that is asked for ('auto' or a key of SIZES) and what the run can afford."""
    bf16 = task.speed_bfloat16 > HALF_PAYS * task.speed
    rate = (
        max(task.speed, task.speed_bfloat16 if bf16 else 0.0) * LEARN.efficiency
    )  # FLOP/s that learning reaches
    begun = NetConfig.from_json(task.begin) if task.begin is not None else None
    if begun is not None:
        chosen = next((n for n, size in SIZES.items() if size == (begun.width, begun.layers)), "s")
    else:
        chosen = _largest(task, rate) if task.size == "auto" else task.size
    expected = _seen(task, chosen, rate)
    epochs = expected / max(1, task.tokens)
    dropout = next(d for most, d in LEARN.dropout if epochs <= most)
    decay = next(d for most, d in LEARN.weight_decay if epochs <= most)
    net = shape(task, chosen, dropout)
    if begun is not None:  # tables of another size would mean other tokens
        net = replace(begun, side_sizes=task.side_sizes, dropout=dropout)
    scale = min(1.0, (256 / net.width) ** 0.5) if net.width > 256 else 1.0
    gently = LEARN.started_rate if begun is not None else 1.0
    return Plan(
        size=chosen,
        net=net.to_json(),
        batch=LEARN.batch,
        matrix_lr=LEARN.matrix_lr * scale * gently,
        other_lr=LEARN.other_lr * gently,
        weight_decay=decay,
        bfloat16=bf16,
        expected_tokens=int(expected),
        epochs=epochs,
        memory_mb=memory_mb(net, LEARN.batch),
        seed=task.seed,
    )


def shape(task: Task, size: str, dropout: float) -> NetConfig:
    """The network of this size for the task."""
    width, layers = SIZES[size]
    return NetConfig(
        vocab=task.vocab,
        width=width,
        layers=layers,
        context=task.window,
        side_sizes=task.side_sizes,
        hash_rows=max(64, min(LEARN.hash_rows_per_token * task.vocab, LEARN.most_hash_rows)),
        hash_back=task.period,
        dropout=dropout,
    )


def count_parameters(c: NetConfig) -> int:
    """Parameters of the network, without building it."""
    of_values = c.vocab * (c.layers // c.value_every if c.value_every else 0)
    tables = 2 * c.vocab + c.hash_rows + sum(c.side_sizes) + of_values
    return tables * c.width + c.layers * 12 * c.width**2


def memory_mb(c: NetConfig, batch: int) -> float:
    """Weights, gradients, two moments and the activations of one step, in MB (within a fifth of what was
    measured)."""
    weights = count_parameters(c) * 4 * 4
    activations = batch * c.context * 4 * (c.layers * 34 * c.width + 4 * c.vocab)
    return (weights + activations) / 1e6 + PYTORCH_MB


def _seen(task: Task, size: str, rate: float) -> float:
    """Tokens learned within the budget at this size."""
    if task.seconds is None:
        return (task.steps or 1) * LEARN.batch * task.window
    c = shape(task, size, 0.1)
    in_matrices = 6.0 * (c.layers * 12 * c.width**2 + c.vocab * c.width)
    in_attention = 12.0 * c.layers * c.width * c.context
    return task.seconds * rate / (in_matrices + in_attention)


def _largest(task: Task, rate: float) -> str:
    """The largest size that sees enough tokens, and that is not too large for the works."""
    chosen = next(iter(SIZES))
    for name, (width, layers) in SIZES.items():
        trunk = layers * 12 * width**2
        sees_enough = _seen(task, name, rate) >= LEARN.tokens_per_parameter * trunk
        if sees_enough and trunk <= LEARN.parameters_per_token * max(1, task.tokens):
            chosen = name
    return chosen
