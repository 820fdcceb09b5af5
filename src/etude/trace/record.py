"""The trace of one piece as a value: what was borrowed, what stands word for word, what it resembles, and
what that means.

The record is complete in itself: it holds the piece, the titles of the works and the quoted passages, so that
the page, the terminal and a reader of the JSON need no project. Knows no model and no page. Claims are
strict: `borrowed` is exact by construction, `verbatim` is counted, `resembles` is calibrated; none says
"caused by".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from etude.errors import TakeError
from etude.families.given_away import GivenAway
from etude.trace.display import Displayed
from etude.trace.influence import Influenced

SCHEMA = "etude.trace/1"


@dataclass(frozen=True)
class Source:
    """A place in a work (units of the medium) that one token was drawn from, and its share of that token,
    0..1."""

    work: str
    start: int
    end: int
    share: float
    place: str = ""


@dataclass(frozen=True)
class TokenShare:
    """One token: units start..end of the piece, its surprise, and who gave it: `memory` = sum of places +
    `rest`; the network 1 - memory."""

    start: int
    end: int
    nats: float
    memory: float
    places: tuple[Source, ...]
    rest: float

    @property
    def network(self) -> float:
        """Share of the network, 0..1."""
        return 1.0 - self.memory


@dataclass(frozen=True)
class Passage:
    """Neighbouring tokens that followed one work: units of the piece, units of the work, tokens, mean share
    of the work in them."""

    start: int
    end: int
    work: str
    work_start: int
    work_end: int
    tokens: int
    share: float
    place: str = ""
    quote: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True)
class WorkShare:
    """One work's part: `share` of the whole take (0..1), `tokens` = the sum of its shares over all tokens."""

    work: str
    share: float
    tokens: float


@dataclass(frozen=True)
class Borrowed:
    """What the generator drew from its memory, token by token. All shares are of the whole take: memory =
    works + rest."""

    tokens: tuple[TokenShare, ...]
    passages: tuple[Passage, ...]
    works: tuple[WorkShare, ...]
    memory: float
    rest: float

    @property
    def network(self) -> float:
        """Share of the network in the whole take, 0..1."""
        return 1.0 - self.memory


@dataclass(frozen=True)
class Place:
    """Where a verbatim span stands in a work. `place` in words ('line 12').

    Text: `quote` = (before, the span itself, after). Music: `notes` of the span, each (onset, pitch,
    duration) in ticks.
    """

    work: str
    start: int
    end: int
    place: str
    quote: tuple[str, str, str] = ("", "", "")
    notes: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True)
class Span:
    """A run of `length` words or notes that stands in the collection and lies inside no longer such run.

    `ranges`: units of the piece (text: one range; music: the notes of one voice); `here` says where in words;
    `works` works hold it, `times` in all; `places` are the first few of them.
    """

    number: int
    length: int
    ranges: tuple[tuple[int, int], ...]
    here: str
    text: str
    works: int
    times: int
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Verbatim:
    """All maximal verbatim spans of at least `minimum` words or notes, longest and rarest first. `longest`
    may be below `minimum`."""

    unit: str
    minimum: int
    longest: int
    total: int
    covered: int
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Neighbour:
    """A passage of a work that is like the piece: cosine of features, -1..1. `verdict` is filled where
    calibrated."""

    work: str
    start: int
    end: int
    place: str
    similarity: float


@dataclass(frozen=True)
class Resembles:
    """Nearest works with a conformal p-value against held-out works.

    `p` is None where there are fewer than `needed` held-out passages (then say so). `flagged` = p <= alpha.
    `per_size`: the units of the passages compared.
    """

    nearest: tuple[Neighbour, ...]
    p: float | None
    alpha: float
    held_out: int
    held_out_works: int
    needed: int
    flagged: bool
    per_size: int


@dataclass(frozen=True)
class Moved:
    """One word: units start..end of the piece, and by how many nats the works made it likelier than it is for
    the base alone (negative: less likely)."""

    start: int
    end: int
    nats: float


@dataclass(frozen=True)
class Voice:
    """How far the works moved each word that was made away from the base of this name; `nats` is the sum."""

    words: tuple[Moved, ...]
    nats: float
    base: str


@dataclass(frozen=True)
class WorkRef:
    """What a reader needs to know of a work that is named."""

    id: str
    title: str
    maker: str = ""
    licence: str = ""

    @property
    def says_maker(self) -> bool:
        """Whether the maker is to be named beside the title: yes, unless the title has a name of two words or
        more in it already."""
        in_title = " " in self.maker and self.maker.lower() in self.title.lower()
        return bool(self.maker) and not in_title


@dataclass(frozen=True)
class Trace(Displayed):
    """The whole trace. `content` is the text, or for music the stored score as the medium gives it; `works`
    names what is mentioned."""

    id: str
    title: str
    medium: str
    unit: str
    content: str
    model: str
    collection: str
    works: tuple[WorkRef, ...]
    borrowed: Borrowed | None
    verbatim: Verbatim
    resembles: Resembles | None
    summary: str
    notes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    voice: Voice | None = None
    given_away: GivenAway | None = None
    influenced: Influenced | None = None  # only where the model's own test was passed

    def work(self, work_id: str) -> WorkRef:
        """The named work; one with its id as title where the trace does not know it."""
        return next((w for w in self.works if w.id == work_id), WorkRef(work_id, work_id))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, schema etude.trace/1."""
        return {"schema": SCHEMA, **cast("dict[str, Any]", _plain(self))}

    def dumps(self) -> str:
        """The JSON as text, UTF-8 readable, keys in a fixed order."""
        return json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(value: Mapping[str, Any]) -> Trace:
    """The trace back from `to_json`. Raises TakeError for another schema or a damaged record."""
    schema = value.get("schema")
    if schema != SCHEMA:
        raise TakeError(
            f"This is a trace of schema {schema!r}; this version reads {SCHEMA!r}.",
            "Make it again with: etude trace PIECE",
        )
    try:
        return cast("Trace", _typed(Trace, value))
    except (KeyError, TypeError, ValueError) as problem:
        raise TakeError(
            f"The trace is damaged: {problem}.", "Make it again with: etude trace PIECE"
        ) from problem


def _plain(value: Any) -> Any:
    """Dataclasses as objects, tuples as lists."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _typed(kind: Any, value: Any) -> Any:
    """The JSON value as the annotated type `kind`: the inverse of `_plain`."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        given = (f for f in fields(kind) if f.name in value or f.default is MISSING)  # later fields have one
        return cast("Any", kind)(**{f.name: _typed(hints[f.name], value[f.name]) for f in given})
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else _typed(inner[0], value)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_typed(k, item) for k, item in zip(kinds, value, strict=True))
    if kind is float:
        return float(value)
    if kind in (int, str, bool):
        if not isinstance(value, kind):
            raise TypeError(f"{value!r} where a {kind.__name__} belongs")
        return value
    return {str(key): str(item) for key, item in value.items()}
