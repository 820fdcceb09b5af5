"""A third family, for tests: texts letter by letter from pairs of letters. One folder, registered in one
line; no network, no critic."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from etude.errors import ModelError, TakeError
from etude.families.contract import (
    Asked,
    Batch,
    Branch,
    Control,
    Evidence,
    Header,
    Host,
    Lines,
    MadeTake,
    Parts,
    Sight,
    Wish,
)
from etude.families.controls import settled
from etude.families.course import Arrays, Course, Outlook, Start
from etude.families.manner import spelt
from etude.media import MEDIA
from etude.rng import for_
from etude.stats.figure import Figure
from etude.stats.watermark import Found
from etude.takes.recipe import Recipe
from etude.training.budget import Meter
from etude.training.learned import Learned

SIZE = 256
CONTROLS = (
    Control("letters", "whole", "How many letters a take has.", least=1, most=2000),
    Control("wild", "number", "How far to leave the works, 0 to 1.", least=0, most=1, excludes=("letters",)),
)


class Pairs:
    """A table of pairs of bytes, ready to make."""

    def __init__(self, header: Header, arrays: Arrays, name: str) -> None:
        self.header, self.name = header, name
        self.table = np.asarray(arrays["pairs"], float)

    def request(self, recipe: Recipe, n: int, way: Mapping[str, Any], host: Host) -> Any:
        """The recipe, the number, and the bytes that each take begins with."""
        begun = MEDIA["text"].store(host.follow(recipe.source)) if recipe.source else b""
        return recipe, n, begun[: recipe.source.get("until")] if recipe.source else begun

    def make(self, request: Any) -> Batch:
        """Takes letter by letter, each from its own numbers."""
        recipe, n, begun = request
        return Batch(tuple(self._take(recipe, begun, i) for i in range(recipe.index, recipe.index + n)))

    def _take(self, recipe: Recipe, begun: bytes, index: int) -> MadeTake:
        g, out = for_(recipe.seed, "toy", index), bytearray(begun)
        wild = float(recipe.controls.get("wild", 0.0))
        for _ in range(int(recipe.controls.get("letters", 60))):
            p = self.table[out[-1] if out else 32] ** (1 - wild)
            out.append(int(g.choice(SIZE, p=p / p.sum())))
        content = bytes(out).decode("ascii", "replace").replace("\ufffd", "?")
        return MadeTake(index, content, {"units": len(content)})

    def evidence(
        self, content: Any, recipe: Recipe | None, record: Mapping[str, Any], held_out: Parts, host: Host
    ) -> Evidence:
        """A table of pairs knows no works."""
        return Evidence()

    def influence(self) -> None:
        """A table has no gradients."""

    def score(self, content: Any) -> Lines:
        """Bits of each letter."""
        data = np.frombuffer(content.encode("ascii", "replace"), np.uint8)
        if not len(data):
            raise TakeError("It holds nothing to score.", "Give a file with some text.")
        before = np.concatenate([[32], data[:-1]])
        bits = -np.log2(self.table[before, data])
        mean = float(bits.mean())
        return Lines(
            "bits", "character", "characters", len(data), len(data), bits, bits, mean, mean, 0.0, 0.0
        )

    def strip(
        self,
        number: int,
        *,
        title: str,
        seed: int,
        amounts: Sequence[float],
        rows: int,
        like: Mapping[str, str],
    ) -> bytes:
        """Raises ModelError."""
        raise ModelError(f"Model '{self.name}' has no sliders.", "See: etude models")


class Toy:
    """Texts from pairs of letters."""

    kind = "toy"
    makes = "letters"
    aside = "not used"
    controls: tuple[Control, ...] = CONTROLS
    changes: tuple[Control, ...] = (
        Control("wild", "number", "How far to leave the works, 0 to 1.", least=0, most=1),
    )
    options: tuple[Control, ...] = (
        Control("smooth", "number", "What is added to each count.", least=0.001, most=10),
    )

    def learns(self, medium: str) -> bool:
        """Texts alone."""
        return medium == "text"

    def kept(self, header: Header) -> Mapping[str, Any] | None:
        """A count of words does not go on."""
        return None

    def decides(self, options: Mapping[str, Any], start: Start | None) -> tuple[Any, ...]:
        """How counts are smoothed."""
        return (options.get("smooth"),)

    def expects(self, medium: str, options: Mapping[str, Any]) -> tuple[int, str]:
        """Nothing was measured that fits into a sentence."""
        return 0, ""

    def before(self, course: Course, seconds: float) -> Figure | None:
        """None: it stands on no base."""
        return None

    def plan(self, course: Course) -> Outlook:
        """Nothing takes long here."""
        return Outlook(len(course.lessons), 0, "pairs", SIZE * SIZE, 1.0, 1.0, None)

    def learn(self, course: Course, progress: Callable[[Any], None], stop: Callable[[], bool]) -> Learned:
        """Count the pairs of the works learned from."""
        said = settled(self.options, course.options, what=f"learning {course.medium}")
        counts = np.full((SIZE, SIZE), float(said.get("smooth", 0.01)))
        (course.folder / "state").write_text("{}", encoding="utf-8")
        for lesson in course.lessons:
            for start, end, role in lesson.parts:
                data = np.frombuffer(lesson.read()[start:end].encode("ascii", "replace"), np.uint8)
                if role == "train":
                    np.add.at(counts, (data[:-1], data[1:]), lesson.weight)
        table = counts / counts.sum(1, keepdims=True)
        works = {"train": [one.work_id for one in course.lessons]}
        header = {"family": self.kind, "medium": course.medium, "works": works, "figures": {}}
        ended = "interrupted" if stop() else "budget"
        return Learned(header, {"pairs": table}, "# Pairs of letters\n", Meter(None).read(), ended)

    def forget(self, folder: Path) -> None:
        """Remove the note."""
        (folder / "state").unlink(missing_ok=True)

    def open(self, header: Header, arrays: Arrays, model: str, digest: str, host: Host) -> Pairs:
        """The table."""
        return Pairs(json.loads(json.dumps(dict(header))), arrays, model)

    def ask(self, header: Header, model: str, wish: Wish, host: Host) -> Asked:
        """The controls as they are."""
        beside = ("source",) if wish.given is not None else ()
        said = settled(CONTROLS, wish.asked, what="a model of letters", beside=beside)
        spelt(header, model, wish.like, host.works())
        return Asked("text", said, wish.given)

    def branch(self, header: Header, wanted: Branch) -> tuple[Recipe, Mapping[str, Any]]:
        """From the first letters on, or anew."""
        said = settled(self.changes, wanted.changed, what="a branch of letters")
        new = replace(wanted.made, controls={**wanted.made.controls, **said})
        if wanted.at is not None:
            new = replace(new, source={"take": wanted.take, "medium": "text", "until": wanted.at})
        return new, {}

    def fit(self, header: Header) -> tuple[Figure, Figure] | None:
        """Not measured."""
        return None

    def marked(self, header: Header, content: Any) -> Found | None:
        """It marks nothing."""
        return None

    def sight(self, header: Header) -> Sight | None:
        """It sees nothing."""
        return None

    def directions(self, header: Header) -> tuple[float | None, ...]:
        """It has none."""
        return ()

    def chosen_by(self, header: Header, measured: Mapping[str, Any]) -> str:
        """Nobody."""
        return ""

    def without(self, header: Header, arrays: Arrays, works: Set[str]) -> None:
        """It keeps no work."""
        return


FAMILY = Toy()
