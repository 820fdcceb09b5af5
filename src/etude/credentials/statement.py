"""What a credential states about a piece: plain values that the caller fills in, and nothing that is private.

There is no field for a prompt, a note, a path or a rejected take, so that none of them can slip out. Lengths
are limited here, so that whatever is given fits the standard. Knows nothing of C2PA, keys or files.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from etude.config.trust import CREDENTIALS

Use = Literal["allowed", "notAllowed", "constrained"]


@dataclass(frozen=True)
class Resembled:
    """One work that the piece resembles. `similarity` 0..1; `p` is its conformal p-value, None when there
    were too few works."""

    title: str
    maker: str
    similarity: float
    p: float | None = None


@dataclass(frozen=True)
class Borrowed:
    """What the piece took verbatim, in short: `share` (0..1) of its tokens came from the memory; the longest
    verbatim span."""

    share: float
    longest: int
    unit: str  # of the span: "words", "notes"
    works: int  # how many works the memory's share came from


@dataclass(frozen=True)
class Owed:
    """One work that the memory's share came from: `share` (0..1) of the tokens that were drawn."""

    title: str
    maker: str
    share: float


@dataclass(frozen=True)
class ConsentCount:
    """How many of the works that the model was trained on have this licence and this consent; or that it used
    otherwise: `use` says how."""

    licence: str
    consent: str
    works: int
    use: str = ""


@dataclass(frozen=True)
class Began:
    """Weights that the model went on from, which owe to works of their own: the name, SHA-256, and the terms
    on which they came."""

    name: str
    sha256: str = ""
    licence: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Given:
    """What of the piece is not the model's own: it went on from it or worked around it.

    `what`: "beginning", "text around a gap", "voices", "bars", "picture", "picture around a region",
    "pictures to mix"; `by`: "person", "work of the project", "earlier take" (which holds something that a
    person gave or edited). `kept` of the `total` units of the take were given; without a `unit` not counted.
    """

    what: str
    by: str = "person"
    kept: int = 0
    total: int = 0
    unit: str = ""


@dataclass(frozen=True)
class Contribution:
    """What the person did: chose one of `chosen_from` takes that were made together, then kept `kept` units
    of it, put `added` in and took `removed` out. Without a `unit` the change was not counted, or there was
    none."""

    chosen_from: int
    kept: int = 0
    added: int = 0
    removed: int = 0
    unit: str = ""  # "words", "notes"


@dataclass(frozen=True)
class Statement:
    """All that a credential says. Times are ISO 8601 in UTC; hashes are SHA-256 in hexadecimal; empty means
    not said.

    `edited` and that something was `given` are stated whatever `share_contribution` is: without them, a piece
    that is a person's in part would pass for the model's alone. The amounts are stated only when
    `share_contribution` is set; the works only when `share_resembled` is. `signed_at` is filled in by `sign`.
    """

    title: str
    medium: str  # "text", "music"
    maker: str = ""
    model_name: str = ""
    model_sha256: str = ""
    began: tuple[Began, ...] = ()  # the latest first
    chosen_by: str = ""  # the network of others that chose the take among drafts
    collection_name: str = ""
    collection_sha256: str = ""
    made_at: str = ""
    edited: bool = False
    edited_at: str = ""
    given: Given | None = None
    borrowed: Borrowed | None = None
    owed: tuple[Owed, ...] = ()  # only where the person wants the works named that were borrowed from
    resembled: tuple[Resembled, ...] = ()
    unnamed: int = 0  # works nearest to it that are not flagged, and not named; it stays private
    consent: tuple[ConsentCount, ...] = ()
    contribution: Contribution | None = None
    share_contribution: bool = False
    share_resembled: bool = True
    training_use: Use = "notAllowed"  # what others may do with the piece; CAWG training and data mining
    signed_at: str = ""


def public_text(text: str, limit: int = CREDENTIALS.max_title) -> str:
    """`text` on one line without control characters, cut to `limit` characters: what may stand in a file and
    on a terminal.

    Format characters go too (category Cf): with them a title can be made to read backwards.
    """
    joined = " ".join(text.encode("utf-8", "replace").decode("utf-8", "replace").split())
    clean = "".join(c for c in joined if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def nearest(works: tuple[Resembled, ...]) -> tuple[Resembled, ...]:
    """The works that are named: at most ten, the most similar first."""
    ranked = sorted(works, key=lambda work: (-work.similarity, work.title, work.maker))
    return tuple(ranked[: CREDENTIALS.max_resembled])
