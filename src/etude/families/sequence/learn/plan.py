"""From corpus, budget and machine to a plan: the kind of network chooses it; here its memory is checked.

Knows no files.
"""

from __future__ import annotations

import psutil

from etude.errors import BudgetError
from etude.families.sequence import networks
from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.networks.contract import Config, FindBase, Plan, Task, no_base
from etude.media import sequence
from etude.training.budget import Budget
from etude.training.machine import allowed_s, speed

MEMORY_SHARE = 0.9  # of the memory that is free


def make_plan(
    corpus: Corpus,
    budget: Budget,
    *,
    size: str = "auto",
    seed: int = 0,
    network: str = networks.USUAL,
    base: str = "",
    find_base: FindBase = no_base,
    begin: Config | None = None,
) -> Plan:
    """The plan of a run; `begin`: the shape of the network whose weights it goes on from.

    Raises BudgetError for an unknown size or a run that does not fit into memory, and what the kind of
    network raises.
    """
    kind = networks.kind(network)
    sizes = ", ".join(kind.sizes)
    if size != "auto" and size not in kind.sizes:
        raise BudgetError(f"there is no size '{size}'", f"choose auto, {sizes}")
    task = Task(
        vocab=corpus.codec.vocab,
        side_sizes=corpus.side_sizes,
        conditions=len(corpus.conditions),
        period=corpus.codec.stride,
        window=sequence(corpus.medium).sizes.window,
        tokens=corpus.train_tokens,
        seconds=allowed_s(budget),
        steps=budget.steps,
        speed=speed(bfloat16=False),
        speed_bfloat16=speed(bfloat16=True),
        size=size,
        seed=seed,
        base=base,
        begin=begin,
    )
    plan = kind.plan(task, find_base)
    free_mb = psutil.virtual_memory().available / 1e6
    if plan.memory_mb > MEMORY_SHARE * free_mb:
        raise BudgetError(
            f"size {plan.size} needs about {plan.memory_mb:,.0f} MB of memory and {free_mb:,.0f} MB are free",
            f"choose a smaller --size ({sizes}) or close other programs",
        )
    return plan
