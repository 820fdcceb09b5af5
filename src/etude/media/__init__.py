"""The media that Etude knows. This list is the only one: a further medium is a folder beside the others and a
line here.

A medium is imported when it is first asked for, so that a command about texts does not wait for engravers and
synthesisers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any, TypeGuard, cast

from etude.errors import ModelError, WorkError
from etude.media.contract import Codec, Content, Medium, PictureMedium, SequenceMedium

_MODULES = {  # each has MEDIUM; of several that can read a file the first is taken
    "text": "etude.media.text.medium",
    "music": "etude.media.music.medium",
    # before image: a GIF that moves is a clip unless pictures are wanted
    "video": "etude.media.video.medium",
    "image": "etude.media.image.medium",
}
OPENING = 200  # characters of a text that a listing shows


_registered: dict[str, Medium] = {}


class _Media(Mapping[str, Medium]):
    """Name -> medium, imported on first use."""

    def __getitem__(self, name: str) -> Medium:
        if name in _registered:
            return _registered[name]
        return cast(Medium, importlib.import_module(_MODULES[name]).MEDIUM)

    def __contains__(self, name: object) -> bool:
        return name in _MODULES or name in _registered

    def __iter__(self) -> Iterator[str]:
        return iter((*_MODULES, *_registered))

    def __len__(self) -> int:
        return len(_MODULES) + len(_registered)


MEDIA: Mapping[str, Medium] = _Media()


@contextmanager
def register(medium: Medium) -> Iterator[None]:
    """A further medium in `MEDIA` while the block lasts: for tests, and for trying one out.

    Raises ValueError for a name that is taken.
    """
    if medium.name in MEDIA:
        raise ValueError(f"there is a medium called '{medium.name}' already")
    _registered[medium.name] = medium
    try:
        yield
    finally:
        del _registered[medium.name]


def for_file(path: str | PurePath, data: bytes, wanted: str | None = None) -> Medium | None:
    """The medium of a file, by its bytes; else by its suffix alone (its `read` then says what is wrong); else
    None.

    Where several can read it, `wanted` is preferred: the name of the medium that its collection holds.
    """
    suffix = PurePath(path).suffix.lower()
    by_suffix = [medium for medium in MEDIA.values() if suffix in medium.suffixes]
    by_suffix.sort(key=lambda medium: medium.name != wanted)  # stable: the others keep their order
    found = next((medium for medium in by_suffix if medium.sniff(data, suffix)), None)
    if (
        found is None and by_suffix
    ):  # of damaged ones the wanted medium says what is wrong, else the plainer one
        found = by_suffix[0] if by_suffix[0].name == wanted else by_suffix[-1]
    return found


def _is_sequence(medium: Medium) -> TypeGuard[SequenceMedium]:
    """Whether its works are learned as tokens."""
    return medium.family == "sequence"


def _is_pictorial(medium: Medium) -> TypeGuard[PictureMedium]:
    """Whether its works are learned as pixels."""
    return medium.family == "pictures"


def sequence(name: str) -> SequenceMedium:
    """The medium of this name, as one of tokens. Raises WorkError for the others."""
    medium = MEDIA[name]
    if not _is_sequence(medium):
        raise WorkError(f"{name.capitalize()} is not learned as tokens.", _learned_so("sequence"))
    return medium


def pictorial(name: str) -> PictureMedium:
    """The medium of this name, as one of pixels. Raises WorkError for the others."""
    medium = MEDIA[name]
    if not _is_pictorial(medium):
        raise WorkError(f"{name.capitalize()} is not learned as pixels.", _learned_so("pictures"))
    return medium


def _learned_so(family: str) -> str:
    """Which media are."""
    names = [name for name, medium in MEDIA.items() if medium.family == family]
    return f"{' and '.join(names).capitalize()} {'is' if len(names) == 1 else 'are'}."


def codec_from_json(data: Mapping[str, Any]) -> Codec:
    """The codec that `Codec.to_json` wrote into a model's header, read by the medium that stores this kind.

    Raises ModelError for an unknown kind.
    """
    kind, known = str(data.get("kind", "")), list[str]()
    for medium in MEDIA.values():
        if _is_sequence(medium):
            if kind in medium.codecs:
                return medium.codec(data)
            known += medium.codecs
    raise ModelError(
        f"This model needs a codec called '{kind}'; this version of Etude knows {', '.join(known)}.",
        "Install a newer version of Etude: pip install -U etude",
    )


def readable(medium: Medium, content: Content) -> str:
    """What a terminal shows of a content: its words, or a line about it."""
    text = medium.text(content)
    return medium.describe(content) if text is None else text


def opening(medium: Medium, content: Content) -> str:
    """What a listing shows of a content: how its words begin, or a line about it."""
    text = medium.text(content)
    return medium.describe(content) if text is None else text[:OPENING]


def as_written(medium: Medium, content: Content) -> Content:
    """Through the main file format and back, so that what a format cannot hold does not count as a person's
    change."""
    main = medium.formats[0]
    return medium.read(medium.write(content, main), suffix=f".{main}").content
