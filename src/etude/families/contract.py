"""What a family of generators must be able to do, so that everything else can stay blind to families.

A `Family` learns a model from works and opens a stored one as a `Generator`. What a person may ask of it is a
table of `Control`s, from which options of the command line, keywords of the Python handle, help, messages and
forms are derived. A family knows neither the store nor the workspace: whatever it needs of an open project it
asks of the `Host` that is handed in. `families/check.py` is the public conformance suite for this contract.

Letters: T tokens, U units of a content (characters, notes, pictures, frames), F frames, h w places of a
critic, M held-out works.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from etude.families.course import Arrays, Course, Outlook, Start
from etude.families.given_away import GivenAway
from etude.families.influence import Influence
from etude.media.contract import Content
from etude.stats.figure import Figure
from etude.stats.watermark import Found
from etude.takes.recipe import Recipe
from etude.takes.source import Source

if TYPE_CHECKING:
    from etude.training.learned import Learned
    from etude.training.progress import Progress

T = TypeVar("T")
Header = Mapping[str, Any]
Parts = tuple[tuple[str, int, int], ...]  # work, start, end
OnProgress = Callable[[int, int, str], None]  # done, of how many, what
Kind = Literal[
    "whole",  # a whole number
    "number",
    "numbers",  # several, in order
    "flag",  # said or not
    "switch",  # yes, no, or as the model advises
    "text",
    "choice",
    "span",  # two whole numbers, START:END
    "extent",  # a span, or a whole number
    "passage",  # a span, or the words themselves
    "region",  # left, top, right, bottom in percent
    "names",  # several words
    "amounts",  # NAME=AMOUNT
    "content",  # a file, take, piece or work
    "contents",  # several
    "model",  # a model of the project, or weights that come with Etude
    "settings",  # set by a verb of its own, never by an option
]


@dataclass(frozen=True)
class Control:
    """One thing that a person may ask for: a row of a family's table.

    `name` is the keyword, and with hyphens the option, unless `option` names another. `least` and `most`
    bound numbers, `bare` is what the option means without a value. `excludes` and `needs` name controls: none
    of the first may be said together with this one, and at least one of the second must be. `off` is the name
    of the opposite of a switch.
    """

    name: str
    kind: Kind
    help: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    metavar: str = ""
    option: str = ""
    bare: int | None = None
    excludes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    off: str = ""

    @property
    def flag_name(self) -> str:
        """The option's name without the hyphens before it."""
        return self.option or self.name.replace("_", "-")


# ---- making


class Host(Protocol):
    """What a family may ask of the project that a generator was opened in."""

    def find(self, ref: str | Path) -> Source:
        """What a person named: a file, take, piece or work. Raises WorkError that names what was looked
        for."""

    def follow(self, ref: Mapping[str, Any]) -> Content:
        """What a recipe names. Raises TakeError where it is gone."""

    def work(self, work_id: str) -> Content:
        """The whole content of a work."""

    def works(self) -> Mapping[str, Mapping[str, str]]:
        """Every work of the project by id: its attributes, the maker under `maker`."""

    def labels(self, model: str) -> Mapping[int, str]:
        """What the person called the directions of a model, by number from 1."""

    def arrays(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Arrays from the project's cache, built and kept where they are missing or damaged."""

    def mapped(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """As `arrays`, for very large ones: they are read as they are used, and few of a kind are kept."""

    def opened(self, key: Hashable, build: Callable[[], T]) -> T:
        """What several models of the project stand on, opened once for as long as the project is open."""

    def about(self, kind: str, name: str, about: Mapping[str, Any]) -> Arrays | None:
        """Arrays that were kept under this name if they are still about the same; else None."""

    def keep(self, kind: str, name: str, about: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep arrays under this name; where that cannot be done they are not kept."""

    def unusual(self, model: str) -> Callable[[npt.NDArray[np.uint8]], float]:
        """The p-value of frames (F, H, W, C) of this model: how seldom a held-out work is as near to a work.
        Raises TakeError where too few works are held out."""

    def progress(self, done: int, of: int, what: str) -> None:
        """Say how far long work is."""


@dataclass(frozen=True)
class Wish:
    """What a person asked of a model: `n` takes, beginning with `given`, as `like` says, with these
    controls."""

    n: int
    given: Source | None = None
    like: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A wish that fits the model, on the way to a recipe. `controls` may hold `Source`s, which become
    references once their contents are safe in the log; `way` is how drafts are chosen this time, which no
    recipe needs; `notes` are sentences that a person should read before anything is made. With `by` the wish
    is not for this model but for weights of that name, which come with Etude: it is asked again of them."""

    medium: str
    controls: Mapping[str, Any]
    source: Source | None = None
    way: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class Branch:
    """A branch that is wanted: of take `take`, which was made by `made` and `edited` by a person since or
    not, from its first `at` units on (of `units`) or by the same recipe with another seed; `changed`:
    controls that are to be others; `record`: what was said of the take."""

    take: str
    made: Recipe
    edited: bool
    at: int | None
    units: int
    changed: Mapping[str, Any]
    record: Mapping[str, Any]
    origin: str


@dataclass(frozen=True)
class MadeTake:
    """One take: its index in the recipe, its content, and what is said of it when it is made."""

    index: int
    content: Content
    measured: Mapping[str, Any]


@dataclass(frozen=True)
class Batch:
    """Takes in the order in which they are shown, and how many drafts were left out as near copies."""

    takes: tuple[MadeTake, ...]
    left_out: int = 0


# ---- evidence


class Place(Protocol):
    """A place of the memory: units start..end of a work, and its share of one token."""

    @property
    def work_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def share(self) -> float: ...


class Shares(Protocol):
    """What a mixture says of a content: `nats`, `memory`, `rest` (T,), `scored` (T,) False where a token was
    given and not drawn, `offsets` (T + 1,) units, `places` for each token. The shares of a token sum to 1.
    `voice` (T,): by how many nats the works moved each token away from the base that the model stands on;
    None where it stands on none."""

    @property
    def nats(self) -> npt.NDArray[np.floating]: ...
    @property
    def memory(self) -> npt.NDArray[np.floating]: ...
    @property
    def rest(self) -> npt.NDArray[np.floating]: ...
    @property
    def scored(self) -> npt.NDArray[np.bool_]: ...
    @property
    def offsets(self) -> npt.NDArray[np.integer]: ...
    @property
    def places(self) -> Sequence[Sequence[Place]]: ...
    @property
    def voice(self) -> npt.NDArray[np.floating] | None: ...


@dataclass(frozen=True)
class Doubts:
    """A critic's logits of the regions of each frame (F, h, w), and of held-out works in the same places (M,
    h, w)."""

    frames: npt.NDArray[np.float32]
    held_out: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """What a generator itself knows of what a content owes; None where it cannot say."""

    shares: Shares | None = None
    doubts: Doubts | None = None
    base: str = ""  # what the model stands on, in words
    away: GivenAway | None = None


@dataclass(frozen=True)
class Lines:
    """A content scored unit by unit, nothing of it seen before it is scored. `measure` and `unit` name the
    figure ('bits', 'character'); `frozen` and `growing` (U,) are its values with a memory that stays, and one
    that grows with the content; `counted`: what the units are called; the shares are the memory's, mean over
    tokens. `voice` (U,): by how much of the measure the works moved each unit away from the base that the
    model stands on; None where it stands on none."""

    measure: str
    unit: str
    counted: str
    size: int
    tokens: int
    frozen: npt.NDArray[np.float64]
    growing: npt.NDArray[np.float64]
    total_frozen: float
    total_growing: float
    memory_frozen: float
    memory_growing: float
    voice: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Sight:
    """How a generator sees pictures: its square as `media.pixels.framing` keeps it, how many frames at once
    (1: stills)."""

    framing: Mapping[str, Any]
    frames: int


class Generator(Protocol):
    """A stored model, opened in a project."""

    def request(self, recipe: Recipe, n: int, way: Mapping[str, Any], host: Host) -> Any:
        """The recipe as `make` reads it, contents in the place of references: `n` takes from `recipe.index`
        on."""

    def make(self, request: Any) -> Batch:
        """Make what is requested: the same bytes for the same recipe, whatever the batch. Raises TakeError or
        ModelError."""

    def evidence(
        self, content: Content, recipe: Recipe | None, record: Mapping[str, Any], held_out: Parts, host: Host
    ) -> Evidence:
        """What this model knows of a content. `recipe`: of the take that a model made, where the content is
        one or is edited from one; `record`: what was said of the content itself when it was made; `held_out`:
        parts that it never saw, of its own collection."""

    def influence(self) -> Influence | None:
        """What attribution by gradients needs of it; None where it learns by none."""

    def score(self, content: Content) -> Lines:
        """How well the model predicts a content. Raises ModelError where it predicts nothing, TakeError for
        an empty content."""

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
        """A PNG of takes moved along direction `number` (from 1) by these amounts. Raises ModelError where
        there is none."""


class Family(Protocol):
    """A way of learning and making. What is here needs a model's header at most, and is quick; `learn` and
    `open` may take their time."""

    kind: str
    """As it is stored in models' headers."""
    makes: str
    """What it makes, in words for headings: 'text and music'."""
    controls: tuple[Control, ...]
    """What `make` may be asked."""
    changes: tuple[Control, ...]
    """What `branch` may be asked to change."""
    options: tuple[Control, ...]
    """What `learn` may be asked."""
    aside: str
    """What the works of the role `critic` are to a model, in the words of its card, credential and trace: 'in
    the memory, not trained on'."""

    def learns(self, medium: str) -> bool:
        """Whether it can learn works of this medium."""

    def kept(self, header: Header) -> Mapping[str, Any] | None:
        """The options that a run which goes on from this model takes over; None where none can go on."""

    def decides(self, options: Mapping[str, Any], start: Start | None) -> tuple[Any, ...]:
        """What, beside works, budget, size and seed, makes a run another run (JSON)."""

    def plan(self, course: Course) -> Outlook:
        """What `learn` would do. Raises what it would raise before its first step."""

    def expects(self, medium: str, options: Mapping[str, Any]) -> tuple[int, str]:
        """Units of works below which nothing is learned (0 where that says nothing), and in a sentence for
        people what a model of this medium will be unable to do; empty where nothing was measured."""

    def before(self, course: Course, seconds: float) -> Figure | None:
        """How well what the model would stand on predicts held-out works before anything is learned, measured
        for so many seconds at most; None where it would stand on nothing. Raises what `plan` raises."""

    def learn(
        self, course: Course, progress: Callable[[Progress], None], stop: Callable[[], bool]
    ) -> Learned:
        """Learn a model. When `stop()` turns true a usable model is made of what there is, and the same
        course goes on from it."""

    def forget(self, folder: Path) -> None:
        """Remove the state of a run."""

    def open(self, header: Header, arrays: Arrays, model: str, digest: str, host: Host) -> Generator:
        """A stored model, ready to make. `model` and `digest` name it in caches. Raises ModelError where it
        cannot be opened."""

    def ask(self, header: Header, model: str, wish: Wish, host: Host) -> Asked:
        """A wish as controls of a recipe. Raises TakeError or ModelError where wish and model do not fit."""

    def branch(self, header: Header, wanted: Branch) -> tuple[Recipe, Mapping[str, Any]]:
        """The recipe of a branch, and how drafts are chosen. Raises TakeError for what a take of this family
        cannot be branched by."""

    def fit(self, header: Header) -> tuple[Figure, Figure] | None:
        """What works cost the model that it learned from, and what works cost it that it never saw, in one
        unit (less is better); None where that was not measured."""

    def marked(self, header: Header, content: Content) -> Found | None:
        """Whether a content bears the mark that takes of this model get; None where it gives none, or the
        content is too short to tell. Raises WorkError or ModelError for a content that it cannot read."""

    def sight(self, header: Header) -> Sight | None:
        """How it sees pictures; None where it sees none."""

    def directions(self, header: Header) -> tuple[float | None, ...]:
        """For each direction that takes can be moved along: by how many standard deviations they move at 1,
        None where not measured."""

    def chosen_by(self, header: Header, measured: Mapping[str, Any]) -> str:
        """The network of others that chose a take among drafts, with its package; empty where none did."""

    def without(self, header: Header, arrays: Arrays, works: Set[str]) -> tuple[Header, Arrays] | None:
        """A stored model without what it keeps of these works word for word (a memory of them), for a work
        that is withdrawn; None where it keeps nothing of them. What the weights learned stays."""
