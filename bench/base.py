"""Text on a base: bits per character on held-out works, of the base alone, with its adapter and with the
memory, beside a model from nothing in the same minutes; and takes of both, to be read.

python bench/base.py --base MODEL.gguf --works FOLDER --minutes 10     a folder of texts, one work a file
python bench/base.py --base MODEL.gguf                                 the poets that come with Etude
"""

from __future__ import annotations

from pathlib import Path

from _etude import OWN, Studio
from _harness import OUT, Row, Table, options, say, show

NAMES = {
    "base": "the base alone",
    "network": "the network alone",
    "frozen": "with the memory, frozen",
    "growing": "with the memory, growing",
}


def learned(
    studio: Studio, collection: str, limit: str, more: list[str]
) -> tuple[dict[str, float], str, str]:
    """Figures, a note on the run, and takes, of one model."""
    done = studio("learn", "one", "--from", collection, "--budget", limit, *more)
    took = studio.seconds["learn"]
    made = studio("make", done["id"], "-n", "10", "--length", "600", "--seed", "1", "--no-rank")
    takes = "\n\n---\n\n".join(take["text"].strip() for take in made["takes"])
    note = f"{done['steps']:,} steps, {took:.0f} s in all; 10 takes in {studio.seconds['make']:.0f} s"
    return {name: done["figures"][name]["value"] for name in NAMES if name in done["figures"]}, note, takes


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--base", required=True, help="a folder or GGUF file of a language model")
    parser.add_argument("--works", type=Path, help="a folder of texts, one work a file")
    parser.add_argument("--minutes", type=float, default=10.0)
    chosen = parser.parse_args()
    minutes = 1.0 if chosen.quick else chosen.minutes
    limit = f"{60 * minutes:.0f}s"
    rows: list[Row] = []
    raw: dict[str, object] = {}
    OUT.mkdir(parents=True, exist_ok=True)
    for kind, more in (("on a base", ["--on", str(Path(chosen.base).resolve())]), ("from nothing", [])):
        with Studio() as studio:
            if chosen.works:
                studio("add", str(chosen.works), "--collection", "works", "--maker", "several", *OWN)
            else:
                studio("samples", "poets", "--collection", "works")
            say(f"{kind}: learning for {minutes:g} min")
            figures, note, takes = learned(studio, "works", limit, more)
        (OUT / f"takes-{kind.replace(' ', '-')}.md").write_text(takes, encoding="utf-8")
        raw[kind] = figures
        shown = {NAMES[name]: f"{value:.3f}" for name, value in figures.items()}
        rows.append(Row(f"{kind}, {minutes:g} min", shown, note))
    notes = ("takes of both: takes-on-a-base.md and takes-from-nothing.md beside this table",)
    title = "Text on a base: bits per character on held-out works"
    show(Table("base", title, tuple(NAMES.values()), tuple(rows), notes, raw))


if __name__ == "__main__":
    main()
