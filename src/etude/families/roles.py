"""What a model did with each work, the same in its card, its credentials and its traces: trained on, set
aside for something else, or held out. Knows no family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

TRAINED, HELD_OUT = "trained on", "held out"


def of(works: Mapping[str, Sequence[str]], aside: str) -> dict[str, set[str]]:
    """{what was done: works}, in the order in which it is told; a work that was divided counts once, where
    most was done with it."""
    trained = set(map(str, works.get("train", ())))
    kept = set(map(str, works.get("critic", ()))) - trained
    return {
        TRAINED: trained,
        aside: kept,
        HELD_OUT: set(map(str, works.get("held-out", ()))) - trained - kept,
    }


def lines(works: Mapping[str, Sequence[str]], aside: str, why: str) -> list[str]:
    """The lines of a card. `why`: what the works set aside are for."""
    out = []
    for done, ids in of(works, aside).items():
        count = f"{len(ids):,} work{'s' * (len(ids) != 1)}"
        out.append(f"- {done}: {count}" + (f" ({why})" if done == aside and ids else ""))
    return out
