"""The gate of few works: what the memory costs or gains on works that nothing was fitted on.

    python bench/gate.py

The 57 sample tunes, divided twelve times; the network is `tunes-pd` as it comes; the memory holds the works
that are left. The gate is fitted on 4 or 10 works, and measured on the others of 20. Beside it the same gate
fitted for all its steps without a look at works left out, as it was before, and the gate as it begins. Nats a
decision, the text's own memory growing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from _harness import Row, Table, options, say, show

APART, FITTED = 20, (4, 10)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--divisions", type=int, default=12)
    asked = parser.parse_args()
    from etude import samples
    from etude.families.sequence import gate as gates
    from etude.families.sequence.components import Gate
    from etude.families.sequence.gate import ScoredDecisions
    from etude.families.sequence.learn import fit_and_measure as learning
    from etude.families.sequence.learn.dataset import Corpus, Part, Piece, with_row
    from etude.families.sequence.model import SequenceModel
    from etude.media import MEDIA
    from etude.store.arrays import read_arrays
    from etude.training.adam import AdamW

    stored = read_arrays(samples.starters()["tunes-pd"])
    assert stored is not None
    starter = SequenceModel.from_arrays(*stored)
    codec, network, none = starter.codec, starter.network.quickly(), (0,) * len(starter.conditions)
    scores = [
        MEDIA["music"].read(one, suffix=".abc").content
        for path, _ in samples.tunes()
        for one in MEDIA["music"].split(path.read_bytes(), ".abc")
    ]

    def piece(number: int, role: str) -> Piece:
        encoded = codec.encode(scores[number])
        part = Part(f"w{number}", 0, role, scores[number])
        return Piece(part, encoded, with_row(encoded.side, none), none)

    def joined(parts: Sequence[ScoredDecisions]) -> ScoredDecisions:
        every = zip(*((d.p, d.has, d.feat, d.work) for d in parts), strict=True)
        return ScoredDecisions(*(np.concatenate(x) for x in every))

    def cost(gate: Gate, data: ScoredDecisions) -> float:
        table = gates._Table(data)
        return float(table.costs(torch.arange(len(data.p)), [torch.from_numpy(x) for x in gate]).mean())

    def as_before(data: ScoredDecisions) -> Gate:
        path = gates._Descent(
            gates.initial(views), gates._Table(data), torch.arange(len(data.p)), 0, gates.STEPS, None
        )
        path._levels = 0
        path._opt = AdamW(path.w, lr=gates.RATE, decay=gates.DECAY, betas=(0.9, 0.98))
        path.advance(gates.STEPS)
        return Gate(*(x.numpy() for x in path.kept()))

    views = len(codec.views)
    found: dict[tuple[str, int], list[float]] = {}
    for division in range(2 if asked.quick else asked.divisions):
        order = list(range(len(scores)))
        random.Random(division).shuffle(order)
        train = tuple(piece(i, "train") for i in order[APART:])
        model = learning.assemble(
            Corpus("music", codec, starter.conditions, train, (), ()), network, None, train, seed=0
        )
        apart = [learning._decisions(model, piece(i, "critic"), 2000, None)[0] for i in order[:APART]]
        for n in FITTED:
            own = joined(
                [
                    replace(d, work=np.full(len(d.p), k, np.int32))
                    for k, ds in enumerate(apart[:n])
                    for d in ds
                ]
            )
            unseen = joined([growing for growing, _ in apart[n:]])
            for name, value in (
                ("network alone", float(-np.log(np.maximum(unseen.p[:, 0], 1e-12)).mean())),
                ("all steps, as before", cost(as_before(own), unseen)),
                ("no fit: as it begins", cost(gates.initial(views), unseen)),
                ("cross-validated", cost(gates.fit(gates.initial(views), own, seed=0)[0], unseen)),
                (
                    "the same, silent where nothing is gained",
                    cost(gates.fit(gates.initial(views), own, seed=0, may_be_silent=True)[0], unseen),
                ),
            ):
                found.setdefault((name, n), []).append(value)
        say(f"division {division + 1}")
    rows = [
        Row(name, {f"fitted on {n}": f"{np.mean(found[name, n]):.3f}" for n in FITTED})
        for name in dict.fromkeys(name for name, _ in found)
    ]
    columns = tuple(f"fitted on {n}" for n in FITTED)
    show(Table("gate", "The gate of few works, nats a decision on unseen works", columns, tuple(rows)))


if __name__ == "__main__":
    main()
