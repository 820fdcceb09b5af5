"""Text on a base: bits per character on held-out works, of the base alone, with its adapter and with the
memory, beside a model from nothing in the same minutes; and takes of both, to be read.

python bench/base.py --base MODEL.gguf --works FOLDER --minutes 10     a folder of texts, one work a file
python bench/base.py --base MODEL.gguf                                 the poets that come with Etude
"""

from __future__ import annotations

import json
from pathlib import Path

from _etude import OWN, Studio
from _harness import OUT, Row, Table, options, say, show
from etude import api
from etude.bases.gguf import read as read_gguf
from etude.media.text.readers import excerpts, readers, whole_words, words_of

TAKES = 16
WORDS = 150  # of a take, and of an excerpt of a work beside it
MEASURES = ("unknown words", "runs of 4 again", "words a sentence", "spoken", "AUC against works")
NAMES = {
    "base": "the base alone",
    "network": "the network alone",
    "frozen": "with the memory, frozen",
    "growing": "with the memory, growing",
}


def learned(
    studio: Studio, collection: str, limit: str, more: list[str]
) -> tuple[dict[str, float], str, list[str], list[str], list[str]]:
    """Figures, a note on the run, takes, and the texts that were held out and learned from, of one model."""
    done = studio("learn", "one", "--from", collection, "--budget", limit, *more)
    took = studio.seconds["learn"]
    length = WORDS if more else 6 * WORDS  # lengths are in words on a base, else in characters
    made = studio("make", done["id"], "-n", str(TAKES), "--length", str(length), "--seed", "1", "--no-rank")
    takes = [take["text"].strip() for take in made["takes"]]
    note = f"{done['steps']:,} steps, {took:.0f} s in all; {TAKES} takes in {studio.seconds['make']:.0f} s"
    figures = {name: done["figures"][name]["value"] for name in NAMES if name in done["figures"]}
    held_out, train = (texts_of(studio, done["id"], role) for role in ("held-out", "train"))
    return figures, note, takes, held_out, train


def texts_of(studio: Studio, model: str, role: str) -> list[str]:
    """The parts of works that this model held out, or was trained on."""
    opened = api.open_project(studio.folder / "studio")
    parts = opened.project.model(model).header["parts"]
    return [opened.contents(work)[start:end] for work, start, end, of in parts if of == role]


def read(name: str, texts: list[str], known: set[str], works: list[str]) -> Row:
    """The readers' measures of texts as a row."""
    r = readers(texts, known, works)
    shown = (
        f"{100 * r.unknown:.1f} %",
        f"{100 * r.repeated:.2f} %",
        f"{r.sentence:.1f}",
        f"{100 * r.spoken:.0f} %",
        f"{r.told_apart:.2f}",
    )
    return Row(name, dict(zip(MEASURES, shown, strict=True)), f"{r.texts} texts, {r.words:,} words")


def words_of_base(path: Path) -> set[str]:
    """The whole words of a base's tokenizer: of a GGUF file, or of a folder."""
    if path.is_file():
        pieces = read_gguf(path, arrays=True).arrays["tokenizer.ggml.tokens"]
    else:
        pieces = json.loads((path / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return whole_words([b" " + one[1:].encode() for one in map(str, pieces) if one[:1] in "\u0120\u2581"])


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--base", required=True, help="a folder or GGUF file of a language model")
    parser.add_argument("--works", type=Path, help="a folder of texts, one work a file")
    parser.add_argument("--minutes", type=float, default=10.0)
    chosen = parser.parse_args()
    minutes = 1.0 if chosen.quick else chosen.minutes
    limit = f"{60 * minutes:.0f}s"
    rows: list[Row] = []
    seen: list[Row] = []
    raw: dict[str, object] = {}
    OUT.mkdir(parents=True, exist_ok=True)
    for kind, more in (("on a base", ["--on", str(Path(chosen.base).resolve())]), ("from nothing", [])):
        with Studio() as studio:
            if chosen.works:
                studio("add", str(chosen.works), "--collection", "works", "--maker", "several", *OWN)
            else:
                studio("samples", "poets", "--collection", "works")
            say(f"{kind}: learning for {minutes:g} min")
            figures, note, takes, held_out, train = learned(studio, "works", limit, more)
        written = "\n\n---\n\n".join(takes)
        (OUT / f"takes-{kind.replace(' ', '-')}.md").write_text(written, encoding="utf-8")
        known = words_of(train) | words_of_base(Path(chosen.base))
        half = max(1, len(held_out) // 2)
        beside = excerpts(held_out[:half], 4 * TAKES, WORDS, 1)
        if not seen:
            reference = excerpts(held_out[half:] or held_out, TAKES, WORDS, 2)
            seen.append(read("works held out", reference, known, beside))
        seen.append(read(kind, takes, known, beside))
        raw[kind] = figures
        shown = {NAMES[name]: f"{value:.3f}" for name, value in figures.items()}
        rows.append(Row(f"{kind}, {minutes:g} min", shown, note))
    notes = ("takes of both: takes-on-a-base.md and takes-from-nothing.md beside this table",)
    title = "Text on a base: bits per character on held-out works"
    show(Table("base", title, tuple(NAMES.values()), tuple(rows), notes, raw))
    said = (
        "unknown words: neither in the works learned from nor whole words of the base's tokenizer",
        "AUC: of a logistic regression on hashed n-grams, against excerpts of works held out; best: 0.5",
    )
    show(Table("base-readers", "Text on a base: readers' measures", MEASURES, tuple(seen), said, {}))


if __name__ == "__main__":
    main()
