"""Adding works: 1,000 MIDI files and 20 MB of text, in files and megabytes a second, near-duplicates looked
for.

    python bench/add.py
    python bench/add.py --quick       a tenth of it

The works are invented (bench/_works.py), so that nothing need be there.
"""

from __future__ import annotations

from _etude import OWN, Studio
from _harness import Row, Table, options, say, show
from _works import MB, prose, tune


def main() -> None:
    chosen = options(__doc__).parse_args()
    files, texts = (100, 4) if chosen.quick else (1000, 40)
    rows = []
    with Studio() as studio:
        say(f"writing {files} tunes and {texts * 0.5:g} MB of prose")
        for i in range(files):
            studio.write(f"tunes/tune-{i:04d}.mid", tune(i))
        for i in range(texts):
            studio.write(f"prose/prose-{i:03d}.txt", prose(MB // 2, i))
        for name, medium, count in (("tunes", "MIDI", files), ("prose", "text", texts)):
            say(f"adding {name}")
            added = studio("add", str(studio.folder / name), "--collection", name, "--maker", "Nobody", *OWN)
            seconds = studio.seconds["add"]
            size = sum(path.stat().st_size for path in (studio.folder / name).iterdir()) / MB
            figures = {
                "files/s": f"{count / seconds:,.0f}",
                "MB/s": f"{size / seconds:.2f}",
                "seconds": f"{seconds:.1f}",
            }
            rows.append(
                Row(
                    f"etude add, {medium}",
                    figures,
                    f"{count} files, {size:.1f} MB, {len(added['works'])} works added",
                )
            )
    note = ("the whole command: start, reading, duplicates, split, and writing the project safely (fsync)",)
    show(Table("add", "Adding works, higher is better", ("files/s", "MB/s", "seconds"), tuple(rows), note))


if __name__ == "__main__":
    main()
