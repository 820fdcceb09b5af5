"""The mark in sampled text: false alarms on human passages, and how long a take must be to be recognised.

    python bench/marks.py
    python bench/marks.py --quick

10,000 passages of 330 characters by twelve poets, each looked through with a key of its own; then takes of a
model that learned from these poets for a minute, cut to so many characters. The mark is one where p <= 0.001.
"""

from __future__ import annotations

import numpy as np

import etude
from _etude import Studio
from _harness import Row, Table, options, say, show
from etude.families import family_of
from etude.stats import watermark

PASSAGE = 330
LENGTHS = (100, 200, 400, 800)


def main() -> None:
    chosen = options(__doc__).parse_args()
    passages, n = (500, 16) if chosen.quick else (10_000, 96)
    rows = []
    with Studio() as studio:
        studio("samples", "poets")
        held = etude.open(studio.folder / "studio")
        texts = [held.workspace.contents(work.id) for work in held.project.works()]
        cut = [t[i : i + PASSAGE] for t in texts for i in range(0, len(t) - PASSAGE, PASSAGE)][:passages]
        say(f"{len(cut):,} passages")
        p = []
        for k, passage in enumerate(cut):
            found = watermark.detect(list(passage.encode()), watermark.BYTES, f"{k:032x}")
            p.append(1.0 if found is None else found.p)
        alarms = int((np.array(p) <= 1e-3).sum())
        rows.append(
            Row(
                "passages that nobody marked",
                {"called marked": f"{alarms} of {len(cut):,}"},
                f"at most {len(cut) // 1000} expected; the least p is {min(p):.1g}",
            )
        )
        say("learning for a minute")
        studio("learn", "m", "--from", "poets", "--budget", "20s" if chosen.quick else "60s")
        model = held.project.models()[0]
        made = held.make(model.id, n=n, length=LENGTHS[-1], rank=False)
        for length in LENGTHS:
            found_in = [family_of(model.header).marked(model.header, one.text[:length]) for one in made.takes]
            hits = sum(one is not None and one.p <= 1e-3 for one in found_in)
            means = [one.mean for one in found_in if one is not None]
            rows.append(
                Row(
                    f"takes, first {length} characters",
                    {"called marked": f"{hits} of {len(made.takes)}"},
                    f"a symbol counts {np.mean(means):.2f} on average, 1 without a mark"
                    if means
                    else "too short",
                )
            )
    notes = ("any of 256 numbers that are mixed into the key counts, which p takes into account",)
    show(Table("marks", "The mark in sampled text", ("called marked",), tuple(rows), notes))


if __name__ == "__main__":
    main()
