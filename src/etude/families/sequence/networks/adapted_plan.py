"""How an adapter is learned: its rank, its rate, the steps, and the memory it needs. Knows no works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from etude.config.sequence import ADAPT, LEARN
from etude.families.sequence.networks.base_shape import Shape
from etude.families.sequence.networks.contract import Plan, Task

SIZES = {"s": 8, "m": 16, "l": 32, "xl": 64}  # ranks
HALF_PAYS = 1.3  # bfloat16 is used where its matrix product is faster by so much
PYTORCH_MB = 350  # what the library itself takes
COUNTED = 4000  # bytes of the memory's counts and indices for each token of the works, measured on prose
MAKING = 300e6  # bytes of what takes are made in, side by side


def plan(task: Task, shape: Shape, net: dict[str, Any], rate: float | None) -> Plan:
    """Choose for a task; `net` is what the network's config says of base and works, `rate` the tokens learned
    a second that a trial has found (None: only steps are limited)."""
    expected = None if rate is None or task.seconds is None else int(task.seconds * rate)
    window, batch = step_of(task.tokens, expected, shape.context)
    size = "m" if task.size == "auto" else task.size
    learned = (task.steps or 1) * batch * window if expected is None else expected
    of_adapter = ADAPT.rate * min(1.0, (ADAPT.rate_width / shape.width) ** 0.5)
    return Plan(
        size=size,
        net={**net, "rank": SIZES[size], "window": window},
        batch=batch,
        matrix_lr=of_adapter,
        other_lr=of_adapter,
        weight_decay=0.0,
        bfloat16=halved(task),
        expected_tokens=learned,
        epochs=learned / max(1, task.tokens),
        memory_mb=memory_mb(
            shape, SIZES[size], min(batch * window, ADAPT.tokens_at_once), task.tokens, halved(task)
        ),
        seed=task.seed,
        evaluation_tokens=max(1024, min(LEARN.evaluation_tokens, learned // ADAPT.evaluation_share)),
        openings=ADAPT.openings,
    )


def halved(task: Task) -> bool:
    """Whether products are in bfloat16."""
    return task.speed_bfloat16 > HALF_PAYS * task.speed


def step_of(tokens: int, expected: int | None, context: int) -> tuple[int, int]:
    """Tokens of a window and windows of a step, for works of so many tokens and a run that is expected to see
    so many: enough steps within a budget, and no step that is long beside it."""
    window = min(ADAPT.window, context)
    most = ADAPT.tokens_a_step if expected is None else expected // ADAPT.least_steps
    most = min(most, ADAPT.tokens_a_step, max(window, tokens // ADAPT.steps_a_pass))
    if most < window:
        window = max(ADAPT.least_window, most // 64 * 64)
    return window, max(1, most // window)


def shapes(shape: Shape, rank: int, side_sizes: Sequence[int]) -> dict[str, tuple[int, int]]:
    """The arrays of an adapter with their sizes: `layers.0.q.a` (R, in), `.b` (out, R), `sides.0` (N, D)."""
    out: dict[str, tuple[int, int]] = {}
    for layer in range(shape.layers):
        for part, (n_out, n_in) in shape.matrices.items():
            out[f"layers.{layer}.{part}.a"] = rank, n_in
            out[f"layers.{layer}.{part}.b"] = n_out, rank
    return out | {f"sides.{i}": (n, shape.width) for i, n in enumerate(side_sizes)}


def parameters(shape: Shape, rank: int, side_sizes: tuple[int, ...]) -> int:
    """Numbers of an adapter."""
    q, k, d = shape.heads_width, shape.kv_width, shape.width
    a_layer = 2 * (q + d) + 2 * (k + d) + 3 * (shape.inner + d)
    return shape.layers * rank * a_layer + sum(side_sizes) * d


def memory_mb(shape: Shape, rank: int, tokens: int, works: int, bf16: bool) -> float:
    """What a run needs at most, in MB: while it learns, the base as it is and in the form that learns, the
    adapter with its moments, and the activations of so many tokens; afterwards the base as it is read and
    made with, and the counts of so many tokens of works."""
    each = 2 if bf16 else 4
    numbers = shape.in_matrices + shape.vocab * shape.width
    adapter = parameters(shape, rank, ()) * 4 * 4
    of_layer = 4 * 4 * shape.width + each * (3 * (shape.heads_width + 2 * shape.kv_width) + 5 * shape.inner)
    learning = numbers * (2 + each) + adapter + tokens * shape.layers * of_layer
    after = numbers * (2 + 2 + 1) + COUNTED * works + MAKING
    return max(learning, after) / 1e6 + PYTORCH_MB
