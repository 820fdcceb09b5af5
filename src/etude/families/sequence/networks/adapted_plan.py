"""How an adapter is learned: its rank, its rate, the steps, and the memory it needs. Knows no works."""

from __future__ import annotations

from etude.config.sequence import ADAPT, LEARN
from etude.families.sequence.networks.base_shape import Shape
from etude.families.sequence.networks.contract import Plan, Task

SIZES = {"s": 8, "m": 16, "l": 32, "xl": 64}  # ranks
HALF_PAYS = 1.3  # bfloat16 is used where its matrix product is faster by so much
PYTORCH_MB = 350  # what the library itself takes
# Products of a learned token with every number of a matrix, forwards, and backwards to what it was made of
_A_TOKEN = 4.0


def plan(task: Task, shape: Shape, net: dict[str, object]) -> Plan:
    """Choose for a task; `net` is what the network's config says of base and works."""
    bf16 = task.speed_bfloat16 > HALF_PAYS * task.speed
    size = "m" if task.size == "auto" else task.size
    window = min(ADAPT.window, shape.context)
    # short works fill no window
    batch = max(1, min(ADAPT.tokens_a_step // window, -(-task.tokens // (8 * window))))
    speed = (task.speed_bfloat16 if bf16 else task.speed) * ADAPT.efficiency
    if task.seconds is None:
        expected = (task.steps or 1) * batch * window
    else:
        expected = int(task.seconds * speed / (_A_TOKEN * shape.in_matrices))
    rate = ADAPT.rate * min(1.0, (ADAPT.rate_width / shape.width) ** 0.5)
    return Plan(
        size=size,
        net={**net, "rank": SIZES[size]},
        batch=batch,
        matrix_lr=rate,
        other_lr=rate,
        weight_decay=0.0,
        bfloat16=bf16,
        expected_tokens=expected,
        epochs=expected / max(1, task.tokens),
        memory_mb=memory_mb(shape, SIZES[size], batch * window, bf16),
        seed=task.seed,
    )


def parameters(shape: Shape, rank: int, side_sizes: tuple[int, ...]) -> int:
    """Numbers of an adapter."""
    q, k, d = shape.heads_width, shape.kv_width, shape.width
    a_layer = 2 * (q + d) + 2 * (k + d) + 3 * (shape.inner + d)
    return shape.layers * rank * a_layer + sum(side_sizes) * d


def memory_mb(shape: Shape, rank: int, tokens: int, bf16: bool) -> float:
    """The base, a copy with the adapter added, the adapter with its moments, and the activations of one step,
    in MB."""
    each = 2 if bf16 else 4
    base = (shape.in_matrices + shape.vocab * shape.width) * (2 + 2 + each)
    adapter = parameters(shape, rank, ()) * 4 * 4
    of_layer = 4 * 4 * shape.width + each * (3 * (shape.heads_width + 2 * shape.kv_width) + 5 * shape.inner)
    return (base + adapter + tokens * shape.layers * of_layer) / 1e6 + PYTORCH_MB + LEARN.figure_tokens / 1e3
