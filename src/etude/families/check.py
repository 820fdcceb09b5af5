"""A conformance suite for families: `check(family, medium, contents, folder)` raises AssertionError with one
sentence for the first promise of `families.contract` that is broken.

It learns a small model, keeps it as the store would, opens it, makes, branches, scores and asks for evidence,
all without a project: the `Bench` below is the host. Run it in the tests of a new family; the suite itself is
tested with families that break one promise each.
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from etude.errors import BudgetError, EtudeError, ModelError, TakeError, WorkError
from etude.families.contract import Branch, Control, Family, Generator, Header, Wish
from etude.families.controls import within
from etude.families.course import Arrays, Course, Lesson
from etude.media import MEDIA
from etude.media.contract import Content
from etude.takes.recipe import Recipe
from etude.takes.source import Source
from etude.training.budget import Budget
from etude.training.learned import Learned

T = TypeVar("T")
ROLES = ("train", "train", "train", "critic", "held-out")  # of works, in turn


@dataclass
class Bench:
    """A `Host` without a project: works by id, contents by reference, a cache that is a dictionary."""

    contents: Mapping[str, Content]
    medium: str
    kept: dict[str, Any] = field(default_factory=dict)

    def find(self, ref: str | Path) -> Source:
        """A work by its id. Raises WorkError."""
        if str(ref) not in self.contents:
            raise WorkError(f"'{ref}' is no work.", "Name a work.")
        return Source(self.medium, self.contents[str(ref)], str(ref), {"work": str(ref)})

    def follow(self, ref: Mapping[str, Any]) -> Content:
        """The work that a recipe names."""
        return self.contents[str(ref["work"])]

    def work(self, work_id: str) -> Content:
        """A work by its id."""
        return self.contents[work_id]

    def works(self) -> Mapping[str, Mapping[str, str]]:
        """Works of two makers."""
        return {work: {"maker": f"Maker {i % 2}"} for i, work in enumerate(self.contents)}

    def labels(self, model: str) -> Mapping[int, str]:
        """Nothing was named."""
        return {}

    def arrays(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Built once."""
        name = f"{kind} {key}"
        if name not in self.kept:
            self.kept[name] = build()
        found: Arrays = self.kept[name]
        return found

    def mapped(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Built once."""
        return self.arrays(kind, key, build)

    def opened(self, key: Hashable, build: Callable[[], T]) -> T:
        """Opened once."""
        found: T = self.kept.setdefault(f"opened {key}", build())
        return found

    def about(self, kind: str, name: str, about: Mapping[str, Any]) -> Arrays | None:
        """What was kept about the same."""
        found = self.kept.get(f"{kind} {name}")
        return found[1] if found is not None and found[0] == dict(about) else None

    def keep(self, kind: str, name: str, about: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep it."""
        self.kept[f"{kind} {name}"] = (dict(about), arrays)

    def unusual(self, model: str) -> Callable[[npt.NDArray[np.uint8]], float]:
        """Nothing is near."""
        return lambda frames: 1.0

    def progress(self, done: int, of: int, what: str) -> None:
        """Nobody listens."""


def check(
    family: Family,
    medium: str,
    contents: Sequence[Content],
    folder: Path,
    *,
    budget: str = "10steps",
    options: Mapping[str, Any] | None = None,
    like: Mapping[str, str] | None = None,
) -> None:
    """Everything. `contents`: at least ten works of `medium`; `folder`: an empty one for the state of runs;
    `options`: of learning, to keep it short. Raises AssertionError for the first promise that is broken."""
    check_tables(family)
    bench = Bench({f"w-{i}": content for i, content in enumerate(contents)}, medium)
    learned = check_learning(family, bench, folder, budget, options or {})
    header, generator = check_opening(family, learned, bench)
    check_asking(family, header, bench)
    check_making(family, header, generator, bench, like or {})
    check_branching(family, header, generator, bench)
    check_evidence(generator, bench)
    check_scoring(generator, bench)
    check_influence(generator, bench)
    check_without(family, header, learned, bench)
    check_fit(family, header)


def check_tables(family: Family) -> None:
    """Names, limits and helps of the three tables."""
    assert family.kind and family.kind.isidentifier(), f"kind '{family.kind}' is no identifier"
    assert family.makes, "makes is empty: help and messages name what the family makes"
    assert family.aside, "aside is empty: credentials and traces say what the critic's works are to a model"
    for which, table in (
        ("controls", family.controls),
        ("changes", family.changes),
        ("options", family.options),
    ):
        names = [row.name for row in table]
        assert len(set(names)) == len(names), f"{which}: a name stands twice"
        options = [row.flag_name for row in table]
        assert len(set(options)) == len(options), f"{which}: an option stands twice"
        for row in table:
            _check_row(which, row, {*names, "source"})


def _check_row(which: str, row: Control, names: set[str]) -> None:
    where = f"{which}: '{row.name}'"
    assert row.name.isidentifier() and not keyword.iskeyword(row.name), f"{where} is no keyword of Python"
    assert row.help.endswith("."), f"{where} has no help, or one that is no sentence"
    assert row.least is None or row.most is None or row.least < row.most, (
        f"{where}: limits the wrong way round"
    )
    assert row.kind != "choice" or row.choices, f"{where} is a choice of nothing"
    unknown = [other for other in (*row.excludes, *row.needs) if other not in names]
    assert not unknown, f"{where} names '{', '.join(unknown)}', which is in no row"
    assert not set(row.excludes) & set(row.needs), f"{where} needs what it excludes"
    if row.bare is not None:
        within(row, row.bare)


def check_learning(
    family: Family, bench: Bench, folder: Path, budget: str, options: Mapping[str, Any]
) -> Learned:
    """A course becomes a model that the store can keep; a stop leaves a usable one; `forget` leaves
    nothing."""
    assert family.learns(bench.medium), f"the family does not learn {bench.medium}"
    json.dumps(family.decides(options, None))  # it is part of a run's name
    course = _course(bench, folder / "run", budget, options)
    outlook = family.plan(course)
    assert outlook.works > 0 and outlook.parameters >= 0 and outlook.memory_mb >= 0, (
        "plan: a figure is negative"
    )
    said: list[Any] = []
    learned = family.learn(course, said.append, lambda: False)
    assert learned.header.get("family") == family.kind, "learn: the header does not name the family"
    assert learned.header.get("medium") == bench.medium, "learn: the header does not name the medium"
    assert learned.ended != "interrupted", "learn: nobody stopped it, and it says so"
    _check_kept(learned)
    family.forget(course.folder)
    left = (
        [path.name for path in course.folder.rglob("*") if path.is_file()] if course.folder.exists() else []
    )
    assert not left, f"forget: {', '.join(left)} is left of the run"
    asked = iter((False,))
    try:
        course = _course(bench, folder / "stopped", budget, options)
        stopped = family.learn(course, said.append, lambda: next(asked, True))
    except BudgetError as error:
        assert error.message and error.hint, "learn: a stop before the first step is refused without a word"
    else:
        _check_kept(stopped)
        assert stopped.ended in ("interrupted", "budget"), "learn: a stop is not said"
    family.forget(folder / "stopped")
    return learned


def _course(bench: Bench, folder: Path, budget: str, options: Mapping[str, Any]) -> Course:
    folder.mkdir(parents=True, exist_ok=True)
    medium, about, lessons = MEDIA[bench.medium], bench.works(), []
    for i, (work, content) in enumerate(bench.contents.items()):
        parts = ((0, medium.size(content), ROLES[i % len(ROLES)]),)

        def read(content: Content = content) -> Content:
            return content

        lessons.append(Lesson(work, work, about[work]["maker"], {}, 1.0, parts, read))
    return Course(bench.medium, lessons, Budget.parse([budget]), folder, 7, options)


def _check_kept(learned: Learned) -> None:
    """What the store keeps of a model."""
    json.dumps(learned.header, allow_nan=False)
    assert learned.card.strip(), "learn: the card is empty"
    for name, array in learned.arrays.items():
        assert isinstance(array, np.ndarray), f"learn: '{name}' is no NumPy array"
        real = array.dtype.kind == "f"
        assert not real or bool(np.isfinite(array).all()), f"learn: '{name}' holds NaN or infinity"
    assert learned.ledger.to_json(), "learn: nothing is said of what it cost"


def check_opening(family: Family, learned: Learned, bench: Bench) -> tuple[dict[str, Any], Generator]:
    """A model comes back from JSON and arrays; what its header says needs no opening."""
    header = json.loads(json.dumps(learned.header))
    arrays = {name: np.array(array) for name, array in learned.arrays.items()}
    sight = family.sight(header)
    assert sight is None or sight.frames >= 1, "sight: fewer than one frame"
    assert all(by is None or np.isfinite(by) for by in family.directions(header)), "directions: no number"
    assert isinstance(family.chosen_by(header, {}), str), "chosen_by: no text"
    return header, family.open(header, arrays, "checked-1", "0" * 64, bench)


def check_without(family: Family, header: Mapping[str, Any], learned: Learned, bench: Bench) -> None:
    """A model without a work it learned from opens, and keeps nothing of that work a second time."""
    gone = set(list((learned.header.get("works") or {}).get("train", ()))[:1])
    found = family.without(header, learned.arrays, gone)
    if found is not None:
        json.dumps(found[0], allow_nan=False)
        family.open(found[0], found[1], "checked-2", "1" * 64, bench)
        assert family.without(*found, gone) is None, "without: something of the work is still there"
    assert family.without(header, learned.arrays, set()) is None, "without: nothing was to be taken out"


def check_asking(family: Family, header: Mapping[str, Any], bench: Bench) -> None:
    """What is not in the table, or out of its limits, is refused; a plain wish is a recipe of plain JSON."""
    _refused(family, header, bench, {"no_such_control": 1}, "a control that is not in the table")
    for row in family.controls:
        if row.kind in ("whole", "number") and row.most is not None:
            _refused(family, header, bench, {row.name: row.most + 1}, f"{row.name} above its limit")
        for other in row.excludes:
            known = {one.name: one for one in family.controls}
            if other in known and row.kind == known[other].kind == "number":
                both = {row.name: row.most or 1, other: known[other].most or 1}
                _refused(family, header, bench, both, f"{row.name} beside {other}, which it excludes")
    asked = family.ask(header, "checked-1", Wish(2), bench)
    assert asked.medium in MEDIA, f"ask: there is no medium '{asked.medium}'"
    json.dumps(dict(asked.controls))


def _refused(
    family: Family, header: Mapping[str, Any], bench: Bench, asked: Mapping[str, Any], what: str
) -> None:
    given = bench.find(next(iter(bench.contents)))
    try:
        family.ask(header, "checked-1", Wish(1, given, {}, asked), bench)
    except (TakeError, ModelError):
        return
    raise AssertionError(f"ask: {what} is not refused")


def check_making(
    family: Family, header: Mapping[str, Any], generator: Generator, bench: Bench, like: Mapping[str, str]
) -> None:
    """Same recipe, same bytes: twice, alone or in company, in a model opened anew; another seed gives other
    takes."""
    asked = family.ask(header, "checked-1", Wish(3, None, like), bench)
    recipe = Recipe(asked.medium, model="checked-1", seed=3, controls=asked.controls)
    first = _bytes(generator, recipe, 3, asked.way, bench)
    assert len(first) == 3, f"make: 3 takes were wanted, and {len(first)} came"
    assert _bytes(generator, recipe, 3, asked.way, bench) == first, "make: the same recipe gives other bytes"
    for index, data in first.items():
        alone = Recipe(asked.medium, model="checked-1", seed=3, index=index, controls=asked.controls)
        made = _bytes(generator, alone, 1, {}, bench)
        assert made == {index: data}, f"make: take {index} depends on the takes beside it"
    other = Recipe(asked.medium, model="checked-1", seed=4, controls=asked.controls)
    assert _bytes(generator, other, 3, asked.way, bench) != first, "make: another seed gives the same takes"
    assert len(set(first.values())) > 1, "make: all takes are alike"


def _bytes(
    generator: Generator, recipe: Recipe, n: int, way: Mapping[str, Any], bench: Bench
) -> dict[int, bytes]:
    """Index -> the stored bytes of each take."""
    medium, out = MEDIA[recipe.medium], {}
    for take in generator.make(generator.request(recipe, n, way, bench)).takes:
        data = medium.store(take.content)
        assert medium.store(medium.load(data)) == data, "make: a content does not come back from the store"
        json.dumps(dict(take.measured), allow_nan=False)
        assert take.measured.get("units") == medium.size(take.content), (
            "make: measured does not say the units"
        )
        out[take.index] = data
    return out


def check_branching(family: Family, header: Mapping[str, Any], generator: Generator, bench: Bench) -> None:
    """A branch is a recipe that makes takes, or is refused in words."""
    asked = family.ask(header, "checked-1", Wish(1), bench)
    made = Recipe(asked.medium, model="checked-1", seed=3, controls=asked.controls)
    try:
        recipe, way = family.branch(header, Branch("w-0", made, False, None, 0, {}, {}, "w-0"))
    except EtudeError as error:
        assert error.message and error.hint, "branch: refused without a word"
        return
    source = {"work": "w-0", "medium": asked.medium} if recipe.source else {}
    again = Recipe(
        asked.medium, model="checked-1", seed=9, index=recipe.index, controls=recipe.controls, source=source
    )
    assert _bytes(generator, again, 1, way, bench), "branch: its recipe makes nothing"


def check_evidence(generator: Generator, bench: Bench) -> None:
    """The shares of every token sum to 1; doubts lie in the same places of takes and works."""
    content = next(iter(bench.contents.values()))
    held_out = tuple((work, 0, MEDIA[bench.medium].size(one)) for work, one in bench.contents.items())
    found = generator.evidence(content, None, {}, held_out, bench)
    if found.shares is not None:
        shares = found.shares
        for t in np.flatnonzero(shares.scored).tolist():
            total = sum(place.share for place in shares.places[t]) + float(shares.rest[t])
            assert abs(total - float(shares.memory[t])) < 1e-4, (
                f"evidence: shares of token {t} miss the memory's"
            )
            assert -1e-6 <= float(shares.memory[t]) <= 1 + 1e-6, f"evidence: the memory's share of token {t}"
        assert len(shares.offsets) == len(shares.nats) + 1, "evidence: offsets do not fit the tokens"
    if found.doubts is not None:
        same = found.doubts.frames.shape[1:] == found.doubts.held_out.shape[1:]
        assert same, "evidence: a critic looks at other places in works than in takes"


def check_scoring(generator: Generator, bench: Bench) -> None:
    """A figure per unit, finite and not negative; or a refusal in words."""
    try:
        lines = generator.score(next(iter(bench.contents.values())))
    except ModelError as error:
        assert error.message and error.hint, "score: refused without a word"
        return
    assert len(lines.frozen) == len(lines.growing) > 0, "score: the two lines have other lengths"
    both = np.concatenate([lines.frozen, lines.growing])
    assert bool(np.isfinite(both).all()) and both.min() > -1e-6, "score: a figure is negative or no number"
    assert lines.measure and lines.unit and lines.counted, "score: the figure has no name"


def check_influence(generator: Generator, bench: Bench) -> None:
    """A cost and a row of projected gradients for each content, the same whenever they are asked for."""
    found, contents = generator.influence(), list(bench.contents.values())[:3]
    if found is None:
        return
    costs, rows = found.costs(contents), found.gradients(contents)
    assert costs.shape == (3,) and bool(np.isfinite(costs).all()), (
        "influence: costs are missing or no numbers"
    )
    assert rows.ndim == 2 and len(rows) == 3, "influence: not one row of gradients a content"
    assert bool(np.isfinite(rows).all()) and bool(rows.any()), (
        "influence: gradients are nothing or no numbers"
    )
    alone = found.gradients(contents[:1])
    assert np.allclose(alone[0], rows[0], rtol=1e-3, atol=1e-6), (
        "influence: a gradient depends on its company"
    )


def check_fit(family: Family, header: Header) -> None:
    """Two figures in one unit, or none."""
    found = family.fit(header)
    if found is not None:
        seen, unseen = found
        assert seen.unit == unseen.unit, "fit: the two figures have other units"
        assert seen.n > 0 and unseen.n > 0, "fit: a figure stands on nothing"
