"""Trace: milliseconds for a 2,000-character piece against 20 MB of works, after the index is open; seconds to build it.

    python bench/trace.py
    python bench/trace.py --quick       2 MB

The works are invented prose (bench/_works.py). A third of the piece is copied from them in runs of 60 to 200 characters, the rest is
new, so that there is something to find. The first row is the search: verbatim spans with their places, quotations and line numbers, nearest
works with their p-value, and the sentences. The second is all that a person waits for, the score of the piece under a model and the shares of its
memory included.
"""

from __future__ import annotations

import time

import numpy as np

from _etude import OWN, Studio
from _harness import Row, Table, options, say, show, spread, timed
from _works import MB, prose

MUST_MS, MUST_S = 100, 5


def piece(works: dict[str, str], size: int = 2000) -> str:
    """About a third copied, two thirds new."""
    draw = np.random.Generator(np.random.Philox(7))
    fresh, parts = prose(2 * size, 99_999), []
    names, at = sorted(works), 0
    while sum(map(len, parts)) < size:
        new = int(draw.integers(120, 400))
        parts.append(fresh[at : at + new])
        at += new
        source = works[names[int(draw.integers(len(names)))]]
        start, length = int(draw.integers(len(source) - 300)), int(draw.integers(60, 200))
        parts.append(source[start : start + length])
    return "".join(parts)[:size]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--times", type=int, default=20)
    chosen = parser.parse_args()
    from etude.media import MEDIA
    from etude.trace.compose import compose
    from etude.trace.record import WorkRef
    from etude.trace.resembles import bank, part_size
    from etude.trace.verbatim import build_index

    size = 2 if chosen.quick else 20
    say(f"inventing {size} MB of prose")
    works = {f"w-{i:012x}": prose(MB // 2, i) for i in range(2 * size)}
    made, medium = piece(works), MEDIA["text"]
    refs = [WorkRef(work, f"Prose {i}") for i, work in enumerate(works)]
    say("building the index")
    build_s = timed(lambda: build_index("text", works.items()), 1 if chosen.quick else 3, warm=0)
    index = build_index("text", works.items())
    say("building the banks for resemblance")
    start = time.perf_counter()
    names = sorted(works)
    learned, held_out = names[: -len(names) // 10], names[-len(names) // 10 :]
    banks = [bank(medium, [(w, works[w], 0, len(works[w])) for w in some], part_size(len(made))) for some in (learned, held_out)]
    bank_s = time.perf_counter() - start

    def trace() -> object:
        return compose(
            medium,
            made,
            id="bench",
            title="bench",
            works=refs,
            index=index,
            content_of=works.__getitem__,
            train=banks[0],
            held_out=banks[1],
        )

    found = compose(medium, made, id="bench", title="bench", works=refs, index=index, content_of=works.__getitem__)
    ms = [1e3 * s for s in timed(trace, chosen.times, warm=2)]
    spans = f"{len(found.verbatim.spans)} verbatim spans found"
    columns = ("ms a trace", "index s", "banks s")
    figures = {"ms a trace": spread(ms), "index s": spread(build_s, 1), "banks s": f"{bank_s:.1f}"}
    rows = [Row(f"Etude, {len(made):,} characters, {size} MB", figures, f"{spans}; to reach: {MUST_MS} ms, {MUST_S} s")]
    rows.append(whole(works, made, min(chosen.times, 5)))
    show(
        Table("trace", "Trace, lower is better", columns, tuple(rows), ("median (least-most, n); after opening, in one process",))
    )


def whole(works: dict[str, str], made: str, times: int) -> Row:
    """`studio.trace(FILE)` with a model of these works: reading the project, scoring and shares included, once it is open."""
    import etude

    with Studio() as studio:
        for name, text in works.items():
            studio.write(f"prose/{name}.txt", text)
        say("adding the works and learning a small model from them")
        studio("add", str(studio.folder / "prose"), "--collection", "prose", "--maker", "Nobody", *OWN)
        studio("learn", "prose", "--from", "prose", "--budget", "60s", "--size", "s", "--no-critic")
        file, open_studio = studio.write("piece.txt", made), etude.open(studio.folder / "studio")
        say("tracing")
        first, *ms = [1e3 * s for s in timed(lambda: open_studio.trace(file), times + 1, warm=0)]
    note = f"the first, which opens model and works and builds the index, took {first / 1e3:.1f} s"
    return Row("the whole of studio.trace, shares included", {"ms a trace": spread(ms)}, note)


if __name__ == "__main__":
    main()
