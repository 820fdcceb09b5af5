"""Trace: milliseconds for a 2,000-character piece against 20 MB of works, after the index is open; seconds to
build it.

    python bench/trace.py
    python bench/trace.py --quick       2 MB

The works are the shipped poets, their lines shuffled and a fifth of the words changed (bench/_works.py). A
third of the piece is copied from them in runs of 60 to 200 characters, the rest is new, so that there is
something to find. The first row is the verbatim search alone, with places, quotations and line numbers; the
second adds the nearest works with their p-value, and the sentences. The third is all that a person waits for:
`studio.trace(FILE)` with a small model of all the works, its score of the piece and the shares of its memory
included.
"""

from __future__ import annotations

import time

import numpy as np

from _etude import OWN, Studio
from _harness import Row, Table, options, say, show, spread, timed
from _works import MB, verse

MUST_MS, MUST_S = 100, 5


def piece(works: dict[str, str], size: int = 2000) -> str:
    """About a third copied, two thirds new."""
    draw = np.random.Generator(np.random.Philox(7))
    fresh = verse(2 * size, 99_999, changed=0.5)
    parts: list[str] = []
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
    from etude.media import sequence
    from etude.trace.compose import compose
    from etude.trace.likeness import bank, ordinary, part_size
    from etude.trace.record import WorkRef
    from etude.trace.verbatim import build_index, search

    size = 2 if chosen.quick else 20
    say(f"making up {size} MB of verse")
    works = {f"w-{i:012x}": verse(MB // 2, i) for i in range(2 * size)}
    made, medium = piece(works), sequence("text")
    refs = [WorkRef(work, f"Verse {i}") for i, work in enumerate(works)]
    say("building the index")
    build_s = timed(lambda: build_index("text", works.items()), 5, warm=0)
    index = build_index("text", works.items())
    say("building the banks for resemblance")
    start = time.perf_counter()
    names = sorted(works)
    learned, held_out = names[: -len(names) // 10], names[-len(names) // 10 :]
    banks = [
        bank(medium, [(w, works[w], 0, len(works[w])) for w in some], part_size(len(made)))
        for some in (learned, held_out)
    ]
    usual = ordinary(*banks)
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
            usual=usual,
        )

    found = compose(
        medium, made, id="bench", title="bench", works=refs, index=index, content_of=works.__getitem__
    )
    alone = [
        1e3 * s for s in timed(lambda: search(index, medium, made, works.__getitem__), chosen.times, warm=2)
    ]
    ms = [1e3 * s for s in timed(trace, chosen.times, warm=2)]
    spans = f"{len(found.verbatim.spans)} verbatim spans found"
    columns = ("ms", "index s", "banks s")
    what = f"{len(made):,} characters, {size} MB"
    rows = [
        Row(
            f"verbatim search, {what}",
            {"ms": spread(alone, 1), "index s": spread(build_s, 1)},
            f"{spans}; to reach: {MUST_S} s for the index",
        ),
        Row("the same, nearest works and sentences", {"ms": spread(ms), "banks s": f"{bank_s:.1f}"}),
    ]
    rows.append(whole(works, made, max(5, chosen.times)))
    show(
        Table(
            "trace",
            "Trace, lower is better",
            columns,
            tuple(rows),
            ("median (least-most, n); after opening, in one process",),
        )
    )


def whole(works: dict[str, str], made: str, times: int) -> Row:
    """`studio.trace(FILE)` with a model of these works: reading the project, scoring and shares included,
    once it is open."""
    import etude

    with Studio() as studio:
        for name, text in works.items():
            studio.write(f"verse/{name}.txt", text)
        say("adding the works and learning a small model from them")
        studio("add", str(studio.folder / "verse"), "--collection", "verse", "--maker", "Nobody", *OWN)
        studio("learn", "verse", "--from", "verse", "--budget", "30steps", "--size", "s", "--no-critic")
        file, open_studio = studio.write("piece.txt", made), etude.open(studio.folder / "studio")
        say("tracing")
        first, *ms = [1e3 * s for s in timed(lambda: open_studio.trace(file), times + 1, warm=0)]
    note = f"the first, which opens model and works and builds the index, took {first / 1e3:.1f} s"
    return Row(
        "the whole of studio.trace, shares and places included",
        {"ms": spread(ms)},
        f"{note}; to reach: {MUST_MS} ms",
    )


if __name__ == "__main__":
    main()
