"""Sampling: tokens a second for one take and for 16 takes, some 5 M parameters, memory on, beside the peers.

    python bench/sampling.py
    python bench/sampling.py --quick
    python bench/sampling.py --only ours|peers

Loading is not counted, for anybody. Ours: a model learned for half a minute, since speed depends on its shape
and its memory, not on how good it is; the memory holds the whole collection, --no-copy and the critic are
off, as they are for the peers.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from _etude import OWN, Studio
from _harness import Row, Table, cores, data, options, say, show, spread, timed

BATCHES = (1, 16)
SIZE = "l"  # 6 layers of 256, the shape of the peers
MUST = {1: "800", 16: "5,000"}


def column(batch: int) -> str:
    return "one take" if batch == 1 else f"{batch} takes"


def ours(times: int, learn_s: int) -> Row:
    with Studio() as studio:
        text = data("tiny-shakespeare.txt")
        studio("add", str(text), "--collection", "plays", "--maker", "William Shakespeare", *OWN)
        say(f"ours: learning for {learn_s} s to have a model")
        learned = studio("learn", "plays", "--from", "plays", "--budget", f"{learn_s}s", "--size", SIZE)
        return _measured(studio, learned["id"], times)


def _measured(studio: Studio, name: str, times: int) -> Row:
    """In one process, since a person in the studio loads a model once; the seconds of `make` alone."""
    from etude.families.sequence.make.request import MakeRequest
    from etude.families.sequence.make.sampling import make
    from etude.families.sequence.model import SequenceModel
    from etude.store.project import Project

    model = SequenceModel.from_arrays(*Project.open(studio.folder / "studio").load_model(name))
    size = sum(array.size for array in model.network.arrays().values())
    figures = {}
    for batch in BATCHES:
        rates = []
        for seed in range(times + 1):
            start = time.perf_counter()
            made = make(model, MakeRequest(n=batch, seed=seed, units=500, rank=False))
            seconds = time.perf_counter() - start
            if seed:  # the first call compiles kernels
                rates.append(sum(len(take.tokens) for take in made) / seconds)
        figures[column(batch)] = spread(rates)
    return Row(
        "Etude, memory on", figures, f"{size / 1e6:.1f} M parameters; to reach: {MUST[1]} / {MUST[16]}"
    )


def peers(times: int, length: int) -> list[Row]:
    import peers_sampling as other

    kinds: dict[str, Callable[[int], tuple[Callable[[], object], int]]] = {
        "transformers generate, cache": lambda batch: (
            other.transformers_generate(batch, length, True),
            length,
        ),
        "transformers generate, no cache": lambda batch: (
            other.transformers_generate(batch, length // 4, False),
            length // 4,
        ),
        "plain PyTorch, hand-written cache": lambda batch: (other.plain_with_cache(batch, length), length),
    }
    rows = []
    for name, make in kinds.items():
        figures = {}
        for batch in BATCHES:
            say(f"peer: {name}, {column(batch)}")
            work, tokens = make(batch)
            figures[column(batch)] = spread([batch * tokens / s for s in timed(work, times)])
        rows.append(Row(name, figures, f"{tokens} tokens a take"))
    return rows


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", choices=["ours", "peers"], help="one side only")
    chosen = parser.parse_args()
    times, length = (2, 64) if chosen.quick else (chosen.times, 240)
    import torch

    torch.set_num_threads(min(2, cores()))
    rows = [] if chosen.only == "peers" else [ours(times, 10 if chosen.quick else 30)]
    if chosen.only != "ours":
        rows += peers(times, length)
    notes = (f"median (least-most, n); fp32, {torch.get_num_threads()} threads; sampled at temperature 1",)
    show(
        Table(
            "sampling",
            "Sampling: tokens a second, higher is better",
            tuple(column(b) for b in BATCHES),
            tuple(rows),
            notes,
        )
    )


if __name__ == "__main__":
    main()
