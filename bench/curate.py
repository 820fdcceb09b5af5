"""Looking at a collection before training: 4,270 pictures of OpenMoji and 20 MB of text, in seconds of clock
and of processor.

    python bench/curate.py
    python bench/curate.py --quick       the twelve poets alone

Asked of the issue that brought it: 5,000 pictures in 60 s, 20 MB of text in 20 s. The prose is invented
(bench/_works.py). Adding the works is not counted: near-twins' marks are computed then.
"""

from __future__ import annotations

import resource
import time

import etude
from _etude import OWN, Studio
from _harness import Row, Table, options, say, show
from _works import MB, prose


def main() -> None:
    chosen = options(__doc__).parse_args()
    rows = []
    with Studio() as studio:
        if chosen.quick:
            sets = [("poets", "twelve poets")]
            studio("samples", "poets")
        else:
            sets = [("openmoji", "pictures"), ("prose", "text")]
            studio("samples", "openmoji")
            say("writing 20 MB of prose")
            for i in range(40):
                studio.write(f"prose/prose-{i:03d}.txt", prose(MB // 2, i))
            studio("add", str(studio.folder / "prose"), "--collection", "prose", "--maker", "Nobody", *OWN)
        held = etude.open(studio.folder / "studio")
        for name, what in sets:
            for again in ("first", "again"):
                say(f"curate {name}, {again}")
                clock, spent = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
                found = held.curate(name, html=studio.folder / f"{name}.html")
                figures = {
                    "seconds": f"{time.perf_counter() - clock:.1f}",
                    "processor": f"{resource.getrusage(resource.RUSAGE_SELF).ru_utime - spent:.1f}",
                }
                note = f"{found.works:,} works, {found.units:,} {found.unit}, {found.points:,} points"
                rows.append(Row(f"etude curate, {what}, {again}", figures, note))
    notes = ("with the page; 'again': features of the map come from the cache",)
    show(
        Table(
            "curate", "Looking at a collection, lower is better", ("seconds", "processor"), tuple(rows), notes
        )
    )


if __name__ == "__main__":
    main()
