"""Works that come with Etude, or lie in an installed package, as a collection to try things with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from etude import samples as shipped
from etude.errors import WorkError
from etude.workspace.core import Workspace
from etude.workspace.gather import About, Candidate
from etude.workspace.intake import Added, OnFile, take_in

_SAMPLES = {
    "poets": ("text", "verse by twelve poets, published before 1929; public domain"),
    "novel": ("text", "Moby-Dick by Herman Melville, a chapter a work; public domain"),
    "tunes": ("music", "traditional and public-domain tunes, transcribed for Etude; CC0"),
    "chorales": (
        "music",
        'Bach\'s four-part chorales, read from the package music21: pip install "etude[samples-music]"',
    ),
    "openmoji": (
        "image",
        "4,495 pictures of OpenMoji by 121 named artists, 64 pixels, 4,270 of them distinct; CC BY-SA 4.0",
    ),
    "openmoji-svg": (
        "image",
        "1,200 of OpenMoji's pictures as drawings of any size, without skin tones and flags; CC BY-SA 4.0",
    ),
    "fluent": ("video", "477 short loops of Microsoft's Fluent animated emoji, 64 pixels; MIT"),
}
_PACKED = ("novel", "openmoji", "openmoji-svg", "fluent")  # many small files in one archive
_LOOSE = {"poets": shipped.poets, "tunes": shipped.tunes, "chorales": shipped.chorales}
_KNOWN = ("title", "maker", "licence", "consent", "series")
_FILES = ("file", "encoding")  # of a row, and nothing that is known of the work


@dataclass(frozen=True)
class Sample:
    """A set of works to try things with."""

    name: str
    medium: str
    about: str


@dataclass(frozen=True)
class SampleList:
    """All of them."""

    schema: ClassVar[str] = "etude.samples/1"
    samples: tuple[Sample, ...]


def samples() -> SampleList:
    """The works that come with Etude, or that Etude finds in an installed package."""
    return SampleList(tuple(Sample(name, medium, about) for name, (medium, about) in _SAMPLES.items()))


def add_samples(
    ws: Workspace, /, name: str, *, collection: str | None = None, on_file: OnFile | None = None
) -> Added:
    """Add the samples of this name as a collection. Raises WorkError when there is no such name, or its
    package is missing."""
    if name not in _SAMPLES:
        raise WorkError(f"There are no samples '{name}'.", f"There are: {', '.join(_SAMPLES)}.")
    if name in _PACKED:
        packed = getattr(shipped, name.replace("-", "_"))
        candidates = [Candidate(path, _about(said), data) for path, data, said in packed()]
    else:
        candidates = [Candidate(path, _about(said)) for path, said in _LOOSE[name]()]
    return take_in(ws.project, candidates, collection or name, medium=_SAMPLES[name][0], on_file=on_file)


def _about(said: Mapping[str, str]) -> About:
    """A row's known fields, and the others as attributes."""
    known = {key: said[key] for key in _KNOWN if said.get(key)}
    attrs = {key: value for key, value in said.items() if value and key not in (*_KNOWN, *_FILES)}
    return About(
        title=known.get("title", ""),
        maker=known.get("maker", ""),
        licence=known.get("licence", ""),
        consent=known.get("consent", ""),
        series=known.get("series", ""),
        attrs=attrs,
    )
