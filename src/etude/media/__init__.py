"""The media that Etude knows: `MEDIA["text"]`, `["music"]`, `["video"]`, `["image"]`. A further one is a module and a line here.

A medium is imported when it is first asked for, so that a command about texts does not wait for engravers and synthesisers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, TypeGuard, cast

from etude.errors import ModelError, WorkError
from etude.media.contract import Codec, Medium, PictureMedium, SequenceMedium

_MODULES = {
    "text": ("etude.media.text.medium", "MEDIUM"),
    "music": ("etude.media.music.medium", "MUSIC"),
    "video": (
        "etude.media.video.medium",
        "VIDEO_MEDIUM",
    ),  # before image: a GIF that moves is a clip unless pictures are wanted
    "image": ("etude.media.image.medium", "IMAGE_MEDIUM"),
}
_CODECS = {
    "bpe": "etude.media.text.bpe",
    "frames": "etude.media.music.grid_codec",
    "events": "etude.media.music.event_codec",
}  # each has from_json


class _Media(Mapping[str, Medium]):
    """Name -> medium, imported on first use."""

    def __getitem__(self, name: str) -> Medium:
        module, instance = _MODULES[name]
        return cast(Medium, getattr(importlib.import_module(module), instance))

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


MEDIA: Mapping[str, Medium] = _Media()


def for_file(path: str | PurePath, data: bytes, wanted: str | None = None) -> Medium | None:
    """The medium of a file, by its bytes; else by its suffix alone (its `read` then says what is wrong); else None.

    Where several can read it, `wanted` is preferred: the name of the medium that its collection holds.
    """
    suffix = PurePath(path).suffix.lower()
    by_suffix = [medium for medium in MEDIA.values() if suffix in medium.suffixes]
    by_suffix.sort(key=lambda medium: medium.name != wanted)  # stable: the others keep their order
    found = next((medium for medium in by_suffix if medium.sniff(data, suffix)), None)
    if (
        found is None and by_suffix
    ):  # of damaged ones the medium that is wanted says what is wrong, else the plainer one
        found = by_suffix[0] if by_suffix[0].name == wanted else by_suffix[-1]
    return found


def is_sequence(medium: Medium) -> TypeGuard[SequenceMedium]:
    """Whether its works are learned as tokens."""
    return hasattr(medium, "learn_codec")


def is_pictorial(medium: Medium) -> TypeGuard[PictureMedium]:
    """Whether its works are learned as pixels."""
    return hasattr(medium, "from_frames")


def sequence(name: str) -> SequenceMedium:
    """The sequence medium of this name. Raises WorkError for the others, which are no tokens."""
    medium = MEDIA[name]
    if not is_sequence(medium):
        raise WorkError(f"{name.capitalize()} is not learned as tokens.", "Text and music are.")
    return medium


def codec_from_json(data: Mapping[str, Any]) -> Codec:
    """The codec that `Codec.to_json` wrote into a model's header. Raises ModelError for an unknown kind."""
    kind = str(data.get("kind", ""))
    if kind not in _CODECS:
        raise ModelError(
            f"This model needs a codec called '{kind}'; this version of Etude knows {', '.join(_CODECS)}.",
            "Install a newer version of Etude: pip install -U etude",
        )
    return cast(Codec, importlib.import_module(_CODECS[kind]).from_json(data))
