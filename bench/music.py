"""Music: nats per note on the Bach chorales (16th grid, four voices), valid and test, after the same minutes
of learning.

    python bench/music.py --minutes 5 --minutes 30
    python bench/music.py --quick

The split is that of Boulanger-Lewandowski 2012 (229 / 76 / 77). Every chorale goes to Etude as a MIDI file of
four tracks, in which a pitch that goes on from one 16th to the next is one held note: the same content as the
grid. `etude score` counts a note for each cell of the grid (4 x 16ths), as the published figures do.

The valid chorales are given to `learn --held-out`: it may fit its gate and choose when to stop by them, as
published models were chosen by them. The test chorales are not in the project at all.
"""

from __future__ import annotations

import io
import json
import math
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import mido

from _etude import OWN, Studio
from _harness import Row, Table, data, options, say, show

Grid = list[list[int]]  # (T, 4), MIDI pitches, -1 where a voice is silent
VOICES = ("Soprano", "Alto", "Tenor", "Bass")
TICKS = 120  # of one 16th in the MIDI files
LIMITS = {5.0: "0.40", 30.0: "0.345"}
PUBLISHED = (
    "published on this grid: Transformer 0.417, Music Transformer with relative attention and time 0.335 "
    "(Huang et al. 2018)",
    "frozen: nothing of the held-out chorales is learned; growing: what was scored of this chorale joins the "
    "memory",
    "PPMd adapts from chorale to chorale as well, so it stands in the growing columns",
)


def to_midi(grid: Grid) -> bytes:
    """Four tracks; equal pitches in neighbouring cells become one held note."""
    song = mido.MidiFile(type=1, ticks_per_beat=4 * TICKS)
    for v, name in enumerate(VOICES):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        if v == 0:
            track.insert(0, mido.MetaMessage("time_signature", numerator=4, denominator=4))
        voice = [row[v] for row in grid]
        waited, i = 0, 0
        while i < len(voice):
            j = next((k for k in range(i, len(voice)) if voice[k] != voice[i]), len(voice))
            if voice[i] < 0:
                waited += (j - i) * TICKS
            else:
                track.append(mido.Message("note_on", note=voice[i], velocity=80, time=waited))
                track.append(mido.Message("note_off", note=voice[i], velocity=0, time=(j - i) * TICKS))
                waited = 0
            i = j
        song.tracks.append(track)
    out = io.BytesIO()
    song.save(file=out)
    return out.getvalue()


def ours(split: dict[str, list[Grid]], minutes: float, seed: int) -> tuple[dict[str, float], str]:
    """Nats per cell by column, after one run of learning. The valid chorales are its held-out works; the test
    ones it never sees."""
    with Studio() as studio:
        for part, grids in split.items():
            for i, grid in enumerate(grids):
                studio.write(f"{part}/{part}-{i:03d}.mid", to_midi(grid))
        about = ("--collection", "chorales", "--maker", "Johann Sebastian Bach", *OWN)
        studio("add", str(studio.folder / "train"), *about)
        valid = studio("add", str(studio.folder / "valid"), *about)["works"]
        held_out = [argument for work in valid for argument in ("--held-out", work["id"])]
        say(f"ours: learning for {minutes:g} min, seed {seed}")
        budget = f"{60 * minutes:.0f}s"
        learned = studio(
            "learn", "chorales", "--from", "chorales", "--budget", budget, "--seed", str(seed), *held_out
        )
        took = studio.seconds["learn"]
        figures = {}
        for part in ("valid", "test"):
            say(f"ours: scoring {part}")
            for key, value in _scored(
                studio.folder / part, studio.folder / "studio", learned["id"], split[part]
            ).items():
                figures[f"{part} {key}"] = value
    return figures, f"learn took {took:.0f} s in all"


def _scored(folder: Path, project: Path, model: str, grids: list[Grid]) -> dict[str, float]:
    """Through the Python interface, in one process: 77 starts of a command would take longer than the
    scoring."""
    import etude

    studio = etude.open(project)
    totals, cells = {"frozen": 0.0, "growing": 0.0}, 0
    for path in sorted(folder.glob("*.mid")):
        scored = studio.score(model, path)
        totals["frozen"] += scored.frozen * scored.units
        totals["growing"] += scored.growing * scored.units
        cells += scored.units
    wanted = sum(4 * len(grid) for grid in grids)
    if abs(cells - wanted) > 0.01 * wanted:
        raise ValueError(
            f"Etude counted {cells} {scored.unit}, and the grids have {wanted} cells: the figures would not "
            "compare"
        )
    return {key: total / cells for key, total in totals.items()}


def ppmd(split: dict[str, list[Grid]], transpose: bool, order: int = 32) -> dict[str, float]:
    """PPMd over one byte a cell, soprano to bass, chorale after chorale; learning with all transpositions
    within each voice's range."""
    import pyppmd

    ranges = [
        (min(p), max(p)) for p in ([x[v] for g in split["train"] for x in g if x[v] >= 0] for v in range(4))
    ]
    learned = b"".join(
        as_bytes(g) for grid in split["train"] for g in (transposed(grid, ranges) if transpose else [grid])
    )

    def size(more: bytes) -> int:
        encoder = pyppmd.Ppmd7Encoder(max_order=order, mem_size=512 << 20)
        return len(encoder.encode(learned + more)) + len(encoder.flush())

    alone = size(b"")
    figures = {}
    for part in ("valid", "test"):
        held_out = b"".join(as_bytes(grid) for grid in split[part])
        cells = sum(4 * len(grid) for grid in split[part])
        figures[f"{part} growing"] = 8 * (size(held_out) - alone) * math.log(2) / cells
    return figures


def as_bytes(grid: Grid) -> bytes:
    return bytes(pitch + 1 for row in grid for pitch in row) + b"\xff"


def transposed(grid: Grid, ranges: list[tuple[int, int]]) -> Iterator[Grid]:
    """Every transposition, the original last, that keeps each voice within what it sings in the learning
    part."""
    for by in [*range(-11, 0), *range(1, 12), 0]:
        moved = [[p + by if p >= 0 else -1 for p in row] for row in grid]
        if all(
            low <= p <= high for row in moved for p, (low, high) in zip(row, ranges, strict=True) if p >= 0
        ):
            yield moved


COLUMNS = ("valid frozen", "valid growing", "test frozen", "test growing")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, action="append", help="a budget; may be repeated (5 and 30)")
    parser.add_argument("--repeat", type=int, default=1, help="seeds; the medians are shown")
    parser.add_argument("--only", choices=["ours", "peers"], help="one side only")
    chosen = parser.parse_args()
    minutes = chosen.minutes or ([1 / 3] if chosen.quick else [5.0, 30.0])
    split: dict[str, list[Grid]] = json.loads(data("jsb-chorales-16th.json").read_text(encoding="utf-8"))
    if chosen.quick:
        split = {part: grids[:40] for part, grids in split.items()}
    rows: list[Row] = []
    raw: dict[str, object] = {part: len(grids) for part, grids in split.items()}
    if chosen.only != "peers":
        for budget in minutes:
            label = f"{budget:g} min" if budget >= 1 else f"{60 * budget:.0f} s"
            runs = [ours(split, budget, seed) for seed in range(1, chosen.repeat + 1)]
            figures = {c: f"{statistics.median(run[0][c] for run in runs):.3f}" for c in COLUMNS}
            note = runs[0][1] + (f"; to reach: {LIMITS[budget]}" if budget in LIMITS else "")
            rows.append(Row(f"Etude, {label}", figures, note))
            raw[f"etude {label}"] = runs
    if chosen.only != "ours":
        for transpose in (True, False):
            start = time.perf_counter()
            figures = {key: f"{value:.3f}" for key, value in ppmd(split, transpose).items()}
            name = "PPMd, transposed within range" if transpose else "PPMd, as given"
            rows.append(Row(name, figures, f"{time.perf_counter() - start:.0f} s for three passes"))
    note = ", ".join(f"{part} {len(grids)} chorales" for part, grids in split.items())
    show(
        Table(
            "music",
            "Music: nats per note of the Bach chorales, lower is better",
            COLUMNS,
            tuple(rows),
            (note, *PUBLISHED),
            raw,
        )
    )


if __name__ == "__main__":
    main()
