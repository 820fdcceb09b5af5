"""Lay out the public-domain tunes that the weights `tunes-pd` are learned from, one file a tune.

    pip download --no-deps music21==10.5.1, and unpack the wheel
    python tools/tunes_pd.py MUSIC21/music21/corpus FOLDER
    etude init STUDIO && etude -C STUDIO add FOLDER --metadata FOLDER/metadata.jsonl --collection tunes-pd
    etude -C STUDIO learn tunes-pd --from tunes-pd --budget 25m --no-critic
    python tools/pack_starter.py STUDIO tunes-pd tunes-pd --licence public-domain --credit "..."

Three printed books, all older than 1930, in ABC: O'Neill's Music of Ireland (1903), Ryan's Mammoth Collection
(1883, also printed as Cole's 1000 Fiddle Tunes) and Aird's Airs (from 1782 on). Nothing else of that package
is taken. `transcribers.txt` counts who transcribed them, as the files say.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

from etude.media import MEDIA

BOOKS = {
    "oneills1850": "O'Neill's Music of Ireland, 1903",
    "ryansMammoth": "Ryan's Mammoth Collection, 1883",
    "airdsAirs": "Aird's Airs, 1782-1801",
}
KINDS = (  # what a title or an R: field says, the first that fits
    ("slip jig", r"slip ?jig|hop jig"),
    ("jig", r"jig"),
    ("reel", r"reel"),
    ("hornpipe", r"hornpipe|clog"),
    ("strathspey", r"strathspey|highland fling|fling"),
    ("march", r"march|quick ?step|retreat|troop"),
    ("waltz", r"waltz"),
    ("minuet", r"minuet"),
    ("air", r"\bair\b|lament|slow"),
)
SECTIONS = (  # of O'Neill's book, by the number of a tune up to which each goes
    (700, "air"),
    (1115, "jig"),
    (1175, "slip jig"),
    (1555, "reel"),
    (1775, "hornpipe"),
    (1802, "set dance"),
    (10**6, "march"),
)


def main(corpus: Path, folder: Path) -> None:
    music = MEDIA["music"]
    folder.mkdir(parents=True, exist_ok=True)
    rows, transcribers = [], Counter[str]()
    for book, title in BOOKS.items():
        for path in sorted((corpus / book).glob("*.abc")):
            for i, tune in enumerate(music.split(path.read_bytes(), ".abc")):
                text = tune.decode("utf-8", "replace")
                name = f"{book}-{re.sub(r'[^A-Za-z0-9]+', '-', path.stem)}-{i:03d}.abc"
                (folder / name).write_bytes(tune)
                row = {"file": name, "maker": "Traditional", "licence": "public-domain", "consent": "yes"}
                kind = kind_of(book, text)
                rows.append({**row, **({"kind": kind} if kind else {}), "book": title})
                transcribers[transcriber(text)] += 1
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    counted = (f"{n} {who or 'not named'}" for who, n in transcribers.most_common())
    (folder / "transcribers.txt").write_text("\n".join(counted) + "\n", encoding="utf-8")
    print(f"{len(rows)} tunes; kinds: {Counter(row.get('kind', '') for row in rows).most_common()}")


def kind_of(book: str, text: str) -> str:
    """The kind of a tune, by its R: field, its title, or where it stands in O'Neill's book; '' where nothing
    says it."""
    fields = re.findall(r"^[RT]:(.*)$", text, re.M)
    for said in (*re.findall(r"^R:(.*)$", text, re.M), *fields):
        for kind, words in KINDS:
            if re.search(words, said, re.I):
                return kind
    number = re.search(r"^B:.*?O'?Neill'?s\D*(\d+)", text, re.M | re.I) or re.search(
        r"^X:\s*(\d+)", text, re.M
    )
    if book == "oneills1850" and number:
        return next(kind for most, kind in SECTIONS if int(number[1]) <= most)
    return ""


def transcriber(text: str) -> str:
    """Who transcribed a tune: the name alone, without address, date or program."""
    for said in re.findall(r"^Z:(.*)$", text, re.M):
        bare = re.sub(
            r"abc \d.*|abcmus.*|\S*[@:]\S+|<[^>]*>|https?\S*|www\S*|[\d/*\"]+\w*", " ", said, flags=re.I
        )
        bare = re.sub(
            r"\b(transcribed|transcrip\w+|contributed|corrected|proofread|by|at|jc)\b", " ", bare, flags=re.I
        )
        bare = re.sub(r"[^\w'. -]+", " ", bare)
        if name := " ".join(bare.split()).strip(" .-"):
            return name
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
