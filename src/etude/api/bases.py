"""`bases`: the language models that Etude did not learn and the person named. They lie outside every
project, so no verb here needs one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from etude.bases import adding, fetching, known, licences, shelf
from etude.bases.record import Base
from etude.errors import ModelError


@dataclass(frozen=True)
class BaseInfo:
    """A base on the shelf, with what is said wherever it is named. `learnable`: whether its licence lets
    something be learned on it; `damage`: how its files differ from what was added, '' where they do not;
    `new`: whether it was put there just now.
    """

    schema: ClassVar[str] = "etude.base/1"
    base: Base
    bytes: int
    sentences: tuple[str, ...]
    learnable: bool
    damage: str = ""
    new: bool = False


@dataclass(frozen=True)
class Offer:
    """A base that can be fetched: what a person should know before. `here`: whether it is on the shelf
    already.
    """

    schema: ClassVar[str] = "etude.base-offer/1"
    name: str
    title: str
    bytes: int
    download_bytes: int
    makers: str
    licence: str
    data: str
    learned_from: str
    summary: str
    verified: tuple[str, ...]
    unverified: tuple[str, ...]
    package: str
    sha256: str
    here: bool


@dataclass(frozen=True)
class BaseList:
    """What is on the shelf, open-only first, and what can be fetched. `damaged`: a sentence on each record
    that cannot be read.
    """

    schema: ClassVar[str] = "etude.bases/1"
    home: str
    bases: tuple[Base, ...]
    fetchable: tuple[Offer, ...]
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class LookedAt:
    """What lies at a path and could be added. `licence` is '' where nobody says it."""

    schema: ClassVar[str] = "etude.base-look/1"
    path: str
    title: str
    licence: str
    parameters: int
    bytes: int
    remarks: tuple[str, ...]


def bases() -> BaseList:
    """Every base on the shelf, and the few that can be fetched."""
    held = shelf.shelf()
    offers = tuple(_offer(pin, held) for pin in known.pins())
    return BaseList(str(held.home), held.bases, offers, held.damaged)


def base(ref: str, *, check: bool = False) -> BaseInfo:
    """The record of a base, by its name or hash. Its files are looked at; with `check` every byte is read.

    Raises ModelError where there is none.
    """
    found = shelf.base(ref)
    try:
        shelf.check(found, all_bytes=check)
    except ModelError as error:
        return _info(found, damage=f"{error.message} {error.hint}")
    return _info(found)


def base_look(path: str | Path) -> LookedAt:
    """What lies at a path, before it is added. Raises ModelError for what cannot be a base."""
    where = Path(path).expanduser().absolute()
    found = adding.look(where)
    size = sum(source.path.stat().st_size for source in found.sources)
    licence = adding.licence_of(found)
    return LookedAt(str(where), found.title, licence, found.shape.parameters, size, found.remarks)


def base_add(
    path: str | Path,
    *,
    name: str = "",
    licence: str = "",
    makers: str = "",
    data: str = "",
    summary: str = "",
    on_bytes: adding.OnBytes | None = None,
) -> BaseInfo:
    """Put a folder in the Hugging Face form, or one GGUF file, on the shelf: it is checked and copied.

    What is said here stands above what the files say; `licence="unknown"` says that nobody knows it, `data`
    is open-only, opt-outs honoured, web or unknown, and `summary` the address of the makers' public summary
    of training content. A base that is there already keeps its place, and its record takes what is said.
    Raises ModelError for what cannot be a base, and where its licence is neither found nor said.
    """
    said = adding.Said(name, licence, makers, data, summary)
    found, new = adding.add(Path(path), said, on_bytes)
    return _info(found, new=new)


def base_offer(name: str) -> Offer:
    """What would be fetched under this name, from where and how large. Raises ModelError for a name that is
    not on the list.
    """
    return _offer(fetching.pin(name), shelf.shelf())


def base_get(name: str, *, on_step: fetching.OnStep | None = None) -> BaseInfo:
    """Fetch a base of the pinned list, through pip, and put it on the shelf; nothing is installed.

    The one verb that uses a network. Raises ModelError where pip is missing or what it brings is another
    file.
    """
    found, new = fetching.get(fetching.pin(name), on_step)
    return _info(found, new=new)


def base_rm(ref: str) -> BaseInfo:
    """Take a base off the shelf, for good. Raises ModelError where there is none."""
    return _info(shelf.remove(ref))


def _info(found: Base, *, damage: str = "", new: bool = False) -> BaseInfo:
    learnable = False
    with suppress(ModelError):
        licences.check(found.name, found.licence, found.path)
        learnable = True
    return BaseInfo(found, found.size, found.sentences, learnable, damage, new)


def _offer(pin: known.Pin, held: shelf.Shelf) -> Offer:
    about = fetching.known_of(pin)
    here = any(one.hash == pin.sha256 for one in held.bases)
    return Offer(
        pin.name,
        about.title,
        pin.bytes,
        pin.wheel_bytes,
        about.makers,
        about.licence,
        about.data,
        about.learned_from,
        about.summary,
        about.verified,
        about.unverified,
        f"{pin.package} {pin.version}",
        pin.sha256,
        here,
    )
