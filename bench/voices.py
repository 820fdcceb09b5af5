"""New voices under given melodies: are all bars filled, do they lie below, do they move as voices do?

    python bench/voices.py                     chorales-pd, which comes with Etude
    python bench/voices.py --takes 12

Given are the sopranos of Bach's test chorales, and the melodies of the tunes that come along. Made are a bass
alone, or alto, tenor and bass. The same measures of the chorales as Bach wrote them are the row to compare
with; a bass among works is the lowest voice under the highest.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import etude
from _harness import Row, Table, data, options, say, show
from etude import samples
from etude.api.handle import Studio
from etude.media import MEDIA
from etude.media.music import grid, key, part_writing
from etude.media.music.score import Score

MUSIC = MEDIA["music"]
STARTER = "chorales-pd"
OUTSIDE = "time outside the key"
COLUMNS = (*(name for name, _, _ in part_writing.MEASURES), OUTSIDE)


def row(name: str, scores: Sequence[Score], note: str = "") -> Row:
    """One row: each measure with its 90 % interval, and the mean share of time outside the key."""
    found = part_writing.measured(scores)
    cells = {key: f"{f.value:.3g} ({f.low:.3g}-{f.high:.3g})" for key, f in found.items()}
    heard = [k.outside for s in scores if (k := key.estimated(s)) is not None]
    return Row(name, {**cells, OUTSIDE: f"{sum(heard) / len(heard):.3f}"}, note)


def outer(score: Score) -> Score:
    """The highest and the lowest voice."""
    return replace(score, tracks=(score.tracks[0], score.tracks[-1]))


def melodies(count: int) -> list[Score]:
    """Tunes that come along, the first track of each."""
    out = []
    for path, _ in samples.tunes():
        for one in MUSIC.split(path.read_bytes(), ".abc"):
            score: Score = MUSIC.read(one, suffix=".abc").content
            out.append(replace(score, tracks=score.tracks[:1]))
    return out[:count]


def made(
    studio: Studio, folder: Path, given: Sequence[Score], voices: str, temperature: float
) -> list[Score]:
    """A take under each melody."""
    out = []
    for i, score in enumerate(given):
        path = folder / f"given-{i}.mid"
        path.write_bytes(MUSIC.write(score, "mid"))
        takes = studio.make(STARTER, n=1, seed=1, source=path, voices=[voices], temperature=temperature).takes
        data = studio.project.take(takes[0].id).data
        assert data is not None
        out.append(MUSIC.load(data))
    return out


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--takes", type=int, default=50)
    parser.add_argument("--temperature", type=float, action="append", help="default: 1 and 0.6")
    asked = parser.parse_args()
    if STARTER not in samples.starters():
        print(f"{STARTER} is not in this installation: this bench is left out.")
        return
    count = 3 if asked.quick else asked.takes
    chorales = [
        grid.score_from_grid(one) for one in json.loads(data("jsb-chorales-16th.json").read_text())["test"]
    ][:count]
    sopranos = [replace(score, tracks=score.tracks[:1]) for score in chorales]
    rows = [row("Bach, four voices", chorales), row("Bach, outer voices", [outer(s) for s in chorales])]
    with tempfile.TemporaryDirectory() as place:
        studio = etude.open(Path(place) / "studio", create=True)
        for name, given, voices in (
            (f"{STARTER}, alto, tenor and bass under his sopranos", sopranos, "all"),
            (f"{STARTER}, a bass under his sopranos", sopranos, "Bass"),
            (f"{STARTER}, a bass under tunes", melodies(count), "Bass"),
        ):
            for temperature in asked.temperature or (1.0, 0.6):
                say(f"{name}, temperature {temperature}")
                found = made(studio, Path(place), given, voices, temperature)
                rows.append(row(f"{name}, temperature {temperature}", found))
    show(Table("voices", f"New voices under {count} given melodies", COLUMNS, tuple(rows)))


if __name__ == "__main__":
    main()
