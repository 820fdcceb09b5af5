"""How many takes have what they were asked for, by measures that share nothing with the generator.

    python bench/obeys.py STUDIO MODEL --key G --key D --key "A minor" --key "E Dorian"
    python bench/obeys.py STUDIO MODEL --metre 6/8 --metre 3/4
    python bench/obeys.py STUDIO MODEL --like maker --n 100        every maker that the model knows, in turn

Key: the tonic that the file states, and the likeliest one by the notes alone. Metre: what mido reads from the
take as a MIDI file. `--like`: a classifier of the works' text by its runs of one to four characters (naive
Bayes, as much text of each value). Beside each the noise floor: the same measure of works, for
`--like` of parts of works that the classifier did not learn from.
"""

from __future__ import annotations

import argparse
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import etude
from _harness import Row, Table, say, show
from etude.media import MEDIA
from etude.media.music import key
from etude.media.music.score import Form
from etude.media.music.tonic import keys as keys_of
from etude.media.music.tonic import parse_key

LONGEST, FOLDS, LENGTH = 4, 5, 400  # characters of a run; parts of the works; characters that are judged


class Bayes:
    """Which value a text has, by runs of characters."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        self._counts: dict[str, Counter[str]] = {}
        for value, text in texts:
            self._counts.setdefault(value, Counter()).update(runs(text))
        self._sums = {value: sum(found.values()) for value, found in self._counts.items()}
        self._kinds = len(set().union(*self._counts.values()))

    def likeliest(self, text: str) -> str:
        """The value under which the text is likeliest."""
        found = Counter(runs(text))
        return max(self._counts, key=lambda value: self._fit(value, found))

    def _fit(self, value: str, found: Mapping[str, int]) -> float:
        counts, whole = self._counts[value], math.log(self._sums[value] + self._kinds)
        return sum(n * (math.log(counts[run] + 1) - whole) for run, n in found.items())


def runs(text: str) -> list[str]:
    """Every run of characters."""
    return [text[i : i + n] for n in range(1, LONGEST + 1) for i in range(len(text) - n + 1)]


def contents(studio: Any, made: Any) -> list[Any]:
    """The contents of takes."""
    takes = [studio.project.take(take.id) for take in made.takes]
    return [MEDIA[str(take.record["medium"])].load(take.data or b"") for take in takes]


def works_of(studio: Any, model: str) -> dict[str, Any]:
    """The works of a model's collection."""
    known = {work.id: work for work in studio.project.works()}
    return {one: known[one] for one in studio.project.model(model).header["shelf"] if one in known}


def share(good: int, of: int) -> str:
    return f"{good} of {of}"


def keys(studio: Any, model: str, asked: Sequence[str], n: int) -> list[Row]:
    """A row for each key, and one of works."""
    rows = []
    for name in asked:
        tonic = parse_key(name)[0]
        scores = contents(studio, studio.make(model, n=n, key=name))
        said = keys_of(Form(*parse_key(name)))
        stated = sum(score.keys == said for score in scores)
        heard = sum((found := key.estimated(score)) is not None and found.tonic == tonic for score in scores)
        rows.append(Row(f"key {name}", {"stated": share(stated, n), "measured": share(heard, n)}))
    pairs = [
        (key.stated(s), key.estimated(s))
        for s in map(studio.workspace.contents.read, works_of(studio, model))
    ]
    told = [(a.tonic, b.tonic) for a, b in pairs if a is not None and b is not None]
    alike = sum(a == b for a, b in told)
    return [*rows, Row("works that state a key", {"measured": share(alike, len(told))}, "the noise floor")]


def metres(studio: Any, model: str, asked: Sequence[str], n: int) -> list[Row]:
    """A row for each metre."""
    import mido

    rows = []
    for name in asked:
        beats, unit = map(int, name.split("/"))
        good = 0
        for score in contents(studio, studio.make(model, n=n, metre=name)):
            file = mido.MidiFile(file=io.BytesIO(MEDIA["music"].write(score, "mid")))
            found = [
                (m.numerator, m.denominator) for t in file.tracks for m in t if m.type == "time_signature"
            ]
            good += found[score.pickup > 0 :] == [(beats, unit)]  # an upbeat is a bar of its own
        rows.append(Row(f"metre {name}", {"measured": share(good, n)}))
    return rows


def like(studio: Any, model: str, attribute: str, n: int) -> list[Row]:
    """A row for each value of an attribute of texts, and one of works."""
    header = studio.project.model(model).header
    values = next(c["values"] for c in header["conditions"] if c["key"] == attribute)
    passages: dict[str, list[str]] = {value: [] for value in values}
    for one, work in works_of(studio, model).items():
        value = work.maker if attribute == "maker" else work.attrs.get(attribute, "")
        if value in passages:
            whole = str(studio.workspace.contents.read(one))
            passages[value] += [whole[i : i + LENGTH] for i in range(0, len(whole) - LENGTH // 2, LENGTH)]
    least = min(map(len, passages.values()))  # as much of each: else rare runs speak for who wrote least
    texts = {
        value: [found[i * len(found) // least] for i in range(least)] for value, found in passages.items()
    }
    good = 0
    for fold in range(FOLDS):
        parts = {
            v: [(i * FOLDS // least == fold, t) for i, t in enumerate(found)] for v, found in texts.items()
        }
        judge = Bayes([(v, t) for v, part in parts.items() for out, t in part if not out])
        good += sum(judge.likeliest(t) == v for v, part in parts.items() for out, t in part if out)
    judge = Bayes([(v, t) for v, found in texts.items() for t in found])
    rows, each, right = [], math.ceil(n / len(values)), 0
    for value in values:
        takes = contents(studio, studio.make(model, n=each, like={attribute: value}, length=LENGTH))
        hits = sum(judge.likeliest(str(take)[:LENGTH]) == value for take in takes)
        right += hits
        rows.append(Row(f"{attribute} {value}", {"measured": share(hits, each)}))
        say(f"{attribute} {value}: {hits} of {each}")
    rows.append(Row("all", {"measured": share(right, each * len(values))}, f"chance 1 in {len(values)}"))
    floor = f"{100 * good / (least * len(values)):.0f} % of {least * len(values):,} passages"
    return [*rows, Row("works held out", {"measured": floor}, "the noise floor")]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("studio")
    parser.add_argument("model")
    parser.add_argument(
        "--n", type=int, default=100, help="takes of each key and metre, of all values together"
    )
    for option in ("key", "metre", "like"):
        parser.add_argument(f"--{option}", action="append", default=[])
    args = parser.parse_args()
    studio = etude.open(args.studio)
    rows = keys(studio, args.model, args.key, args.n) if args.key else []
    rows += metres(studio, args.model, args.metre, args.n) if args.metre else []
    for attribute in args.like:
        rows += like(studio, args.model, attribute, args.n)
    show(Table("obeys", "Takes that have what they were asked for", ("stated", "measured"), tuple(rows)))


if __name__ == "__main__":
    main()
