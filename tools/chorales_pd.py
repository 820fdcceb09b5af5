"""Lay out the public-domain hymns that the weights `chorales-pd` are learned from, one file a hymn.

    git clone https://github.com/mzealey/openhymnal
    python tools/chorales_pd.py openhymnal FOLDER
    etude init STUDIO && etude -C STUDIO add --metadata FOLDER/works.csv --collection chorales-pd
    etude -C STUDIO learn chorales-pd --from chorales-pd --budget 25m --size s --no-critic
    python tools/pack_starter.py STUDIO chorales-pd chorales-pd --licence public-domain --credit "..."

The Open Hymnal Project (Brian J. Dumont, 2014 edition) states for each score that it is in the public domain.
Taken are those in four voices whose file says so, whose composer and arranger died before 1956, and whose
music and setting were printed before 1930. Voices are called Soprano to Bass; words are left out.
`hymns.csv` names title, composer and arranger of each, and goes with the weights.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from etude.errors import WorkError
from etude.media import MEDIA
from etude.media.music import grid
from etude.media.music.score import Score
from etude.media.music.voices import on_grid

FREE = re.compile(
    r"^C: *(?:copyright: *)?(?:public domain|music and setting:? *public domain)",
    re.MULTILINE | re.IGNORECASE,
)
LAST_DEATH, LAST_PRINT = 1955, 1929
CHOIR = 52  # General MIDI: choir aahs


def main(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    works, hymns = [], []
    for path in sorted((source / "Complete").rglob("*.abc")):
        data = path.read_bytes()
        text = data.decode("cp1252", "replace")
        score = four_voices(data) if FREE.search(text) and old(text) else None
        if score is None:
            continue
        title = said(text, "T:")
        name = f"{path.stem}.musicxml"
        (folder / name).write_bytes(MEDIA["music"].write(replace(score, title=title), "musicxml"))
        works.append({"file": name, "title": title, "licence": "public-domain", "consent": "yes"})
        hymns.append(
            {"title": title, "composer": said(text, "%OHCOMPOSER"), "arranger": said(text, "%OHARRANGER")}
        )
    table(folder / "works.csv", works)
    table(folder / "hymns.csv", hymns)
    print(f"{len(works)} hymns")


def four_voices(data: bytes) -> Score | None:
    """The hymn in four voices on 16ths, from high to low; None where it is not in four."""
    music = MEDIA["music"]
    try:
        score: Score = music.read(music.split(data, ".abc")[0], suffix=".abc").content
    except WorkError:
        return None
    lines = sorted(grid.lines(score), key=lambda line: -line.mean)
    if len(lines) != len(grid.SATB) or not on_grid(score):
        return None
    voices = zip(lines, grid.SATB, strict=True)
    tracks = (replace(score.tracks[a.track], notes=a.notes, name=b, program=CHOIR) for a, b in voices)
    return replace(score, tracks=tuple(tracks))


def said(text: str, field: str) -> str:
    """What the first line of a field says."""
    found = re.search(rf"^{re.escape(field)} *(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def old(text: str) -> bool:
    """Whether those who wrote the music are dead for long, and it was printed long ago, as far as is said."""
    people = re.findall(r"^%OH(?:COMPOSER|ARRANGER) (.*)$", text, re.MULTILINE)
    deaths = [int(year) for who in people for year in re.findall(r"-\s*(\d{4})\)", who)]
    living = any(re.search(r"\(\d{4}-\s*\)", who) for who in people)
    credits = re.findall(r"^C: .*?[Mm]usic(.*)$", text, re.MULTILINE)
    prints = [int(year) for line in credits for year in re.findall(r"\b(?:1[5-9]\d\d|20\d\d)\b", line)]
    return not living and max(deaths, default=0) <= LAST_DEATH and max(prints, default=0) <= LAST_PRINT


def table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
