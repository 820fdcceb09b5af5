"""How well tunes hold together: takes beside works, by measures that know no model.

    python bench/tunes.py --minutes 4                     the 57 tunes that come along, twice
    python bench/tunes.py --project STUDIO --model MODEL  a model of one's own beside its held-out works
    python bench/tunes.py --beside NAME=FOLDER            also takes of another version, as files

Shares: sounding time outside the likeliest key; tunes that end on the tonic; tunes of whole bars; what bars
have in common with those four and eight before. The last column is the area under the ROC curve of a
classifier that tells the takes from works: logistic regression on hashed runs of one to four notes, each as
its degree and its duration, five-fold by tune. Works beside works is the row to compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import etude
from _etude import Studio
from _harness import Row, Table, options, say, show
from etude.media import MEDIA
from etude.media.music import key
from etude.media.music.coherence import MEASURES, measured, notes_of
from etude.media.music.score import Score, Track
from etude.stats.classifier import hashed, told_apart

COLUMNS = (*MEASURES, "told from works (AUC)")
LONGEST = 4  # notes of a run that the classifier sees


def auc(made: Sequence[Score], works: Sequence[Score]) -> float:
    """As many of each kind."""
    n = min(len(made), len(works))
    return told_apart([hashed(runs(s)) for s in made[:n]], [hashed(runs(s)) for s in works[:n]])


def runs(score: Score) -> list[str]:
    """Every run of up to LONGEST notes, each note as its degree and its duration."""
    notes = notes_of(score)
    found = key.estimated(Score((Track(tuple(notes)),)))
    tonic = found.tonic if found else 0
    said = [f"{(n.pitch - tonic) % 12},{n.duration}" for n in notes]
    return [" ".join(said[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(said) - n + 1)]


def row(name: str, scores: Sequence[Score], works: Sequence[Score], note: str = "") -> Row:
    """One row: each measure with its 90 % interval."""
    found = measured(scores)
    cells = {key: f"{f.value:.3f} ({f.low:.3f}-{f.high:.3f})" for key, f in found.items()}
    return Row(name, {**cells, COLUMNS[-1]: f"{auc(scores, works):.3f}"}, note)


def works_row(works: Sequence[Score]) -> Row:
    """Works beside works: one half told from the other."""
    half = len(works) // 2
    found = row("works", works, works)
    return Row(
        found.system,
        {**found.figures, COLUMNS[-1]: f"{auc(works[:half], works[half:]):.3f}"},
        f"n {len(works)}",
    )


def takes_of(studio: Any, model: str, n: int) -> list[Score]:
    """The contents of new takes, seed 1, in the order of their index."""
    made = sorted(studio.make(model, n=n, seed=1, rank=False).takes, key=lambda take: take.index)
    return [MEDIA["music"].load(studio.project.take(take.id).data or b"") for take in made]


def read(folder: Path) -> list[Score]:
    """The scores of a folder."""
    music = MEDIA["music"]
    paths = sorted(p for p in folder.iterdir() if p.suffix in music.suffixes)
    return [music.read(p.read_bytes(), suffix=p.suffix).content for p in paths]


def of_samples(minutes: float, n: int) -> tuple[list[Row], list[Score]]:
    """The samples learned twice, from nothing and from the weights."""
    with Studio() as studio:
        studio("samples", "tunes")
        opened = etude.open(studio.folder / "studio")
        works = [opened.workspace.contents.read(work.id) for work in opened.project.works()]
        rows = [works_row(works)]
        for name, more in (("from nothing", ()), ("from tunes-pd", ("--start", "tunes-pd"))):
            say(f"the 57 tunes {name}, {minutes:g} min")
            budget = f"{60 * minutes:.0f}s"
            learned = studio("learn", name.split()[-1], "--from", "tunes", "--budget", budget, *more)
            rows.append(row(name, takes_of(opened, learned["id"], n), works, f"{minutes:g} min, n {n}"))
    return rows, works


def of_model(project: Path, model: str, n: int) -> tuple[list[Row], list[Score]]:
    """A model that is there, beside the works that were held out from it."""
    opened = etude.open(project)
    found = opened.project.model(model)
    works = [opened.workspace.contents.read(work) for work in found.header["works"]["held-out"]]
    return [works_row(works), row(model, takes_of(opened, model, n), works, f"n {n}")], works


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=4.0, help="of learning (4)")
    parser.add_argument("--project", type=Path, help="a project with a model of tunes")
    parser.add_argument("--model", help="its name")
    parser.add_argument(
        "--beside", action="append", default=[], metavar="NAME=FOLDER", help="other takes, as files"
    )
    parser.add_argument("--takes", type=int, default=64, help="takes of each model (64)")
    chosen = parser.parse_args()
    minutes, n = (0.5, 16) if chosen.quick else (chosen.minutes, chosen.takes)
    rows, works = of_model(chosen.project, chosen.model, n) if chosen.project else of_samples(minutes, n)
    for one in chosen.beside:
        name, _, folder = one.partition("=")
        scores = read(Path(folder))
        rows.append(row(name, scores, works, f"n {len(scores)}"))
    title = "Tunes: how well takes hold together, beside works"
    show(Table("tunes", title, COLUMNS, tuple(rows), ("shares with 90 % intervals over tunes",)))


if __name__ == "__main__":
    main()
