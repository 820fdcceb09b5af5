"""Pictures: how many are learned a second, and how long one take and 64 takes need, by the flow and in one
pass.

    python bench/rendering.py
    python bench/rendering.py --quick

Speed depends on a network's shape, not on how good it is: ours is learned for half a minute, and its one-pass
generator is the flow itself. A peer network of like size and published settings stands beside it: the UNets
of denoising-diffusion-pytorch and torchcfm, one pass each.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch

import peers_pictures as peers
from _etude import Studio
from _harness import Row, Table, cores, options, say, show, spread, timed

SIDES = (32, 64)
MUST = {32: ("190", "6 / 100"), 64: ("60", "15 / 300")}


def ours(side: int, times: int, learn_s: int) -> list[Row]:
    import etude
    from etude.families.pictures.make.request import PictureRequest
    from etude.families.pictures.make.sampling import make
    from etude.families.pictures.model import PictureModel

    with Studio() as studio:
        studio("samples", "openmoji")
        say(f"ours: learning at {side} pixels for {learn_s} s to have a model")
        learned = studio(
            "learn",
            "moji",
            "--from",
            "openmoji",
            "--budget",
            f"{learn_s}s",
            "--side",
            str(side),
            "--no-critic",
        )
        project = etude.open(studio.folder / "studio").project
        model = PictureModel.from_arrays(*project.load_model(learned["id"]))
        size = sum(p.numel() for p in model.flow.parameters())
        rate = model.header["pictures_per_s"]
        one_pass = PictureModel(
            model.medium, model.config, model.framing, model.conditions, model.flow.state_dict(), one_pass=model.flow.state_dict(),
            manners=model.manners, header={**model.header, "one_pass": {"used": True, "leads": True}},
        )  # fmt: skip
        rows = []
        for name, one, steps in (
            (f"Etude, flow, 12 passes, {side} px", model, None),
            (f"Etude, one pass, {side} px", one_pass, 1),
        ):
            request = PictureRequest(n=1, steps=steps, seed=1)
            figures = {"learning": f"{rate:.0f}"} if steps is None else {}
            for n, column in ((1, "one take"), (64, "64 takes")):
                seconds = timed(partial(make, one, replace(request, n=n)), times)
                figures[column] = spread([1000 * s for s in seconds])
            must = (
                f"to reach: {MUST[side][0]} pictures/s" if steps is None else f"to reach: {MUST[side][1]} ms"
            )
            rows.append(Row(name, figures, f"{size / 1e6:.1f} M parameters; {must}"))
        return rows


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--times", type=int, default=7)
    chosen = parser.parse_args()
    times, learn_s = (2, 10) if chosen.quick else (chosen.times, 60)
    torch.set_num_threads(min(2, cores()))
    rows = []
    for side in SIDES:
        rows += ours(side, times, learn_s)
        for name, step in peers.one_pass(side):
            say(f"peer: {name}, {side} px")
            figures = {
                column: spread([1000 * s for s in timed(partial(step, n), times)])
                for n, column in ((1, "one take"), (64, "64 takes"))
            }
            rows.append(Row(f"{name}, one pass, {side} px", figures))
    notes = (
        f"learning in pictures a second; takes in ms, median (least-most, n); {torch.get_num_threads()} "
        "threads, fp32; no files written",
    )
    show(
        Table(
            "rendering",
            "Pictures: learning and rendering speed",
            ("learning", "one take", "64 takes"),
            tuple(rows),
            notes,
        )
    )


if __name__ == "__main__":
    main()
