"""The media that Etude knows: `MEDIA["text"]`, `MEDIA["music"]`. A further medium is one module and one line here.

A medium is imported when it is first asked for, so that a command about texts does not wait for engravers and synthesisers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, cast

from etude.errors import ModelError
from etude.media.contract import Codec, Medium

_MODULES = {"text": ("etude.media.text", "MEDIUM"), "music": ("etude.media.music", "MUSIC")}
_CODECS = {"bpe": "etude.media.bpe", "frames": "etude.media.frames", "events": "etude.media.events"}  # each has from_json


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


def for_file(path: str | PurePath, data: bytes) -> Medium | None:
    """The medium of a file, by its bytes; else by its suffix alone (its `read` then says what is wrong); else None."""
    suffix = PurePath(path).suffix.lower()
    by_suffix = [medium for medium in MEDIA.values() if suffix in medium.suffixes]
    return next((medium for medium in by_suffix if medium.sniff(data, suffix)), by_suffix[0] if by_suffix else None)


def codec_from_json(data: Mapping[str, Any]) -> Codec:
    """The codec that `Codec.to_json` wrote into a model's header. Raises ModelError for an unknown kind."""
    kind = str(data.get("kind", ""))
    if kind not in _CODECS:
        raise ModelError(
            f"This model needs a codec called '{kind}'; this version of Etude knows {', '.join(_CODECS)}.",
            "Install a newer version of Etude: pip install -U etude",
        )
    return cast(Codec, importlib.import_module(_CODECS[kind]).from_json(data))
