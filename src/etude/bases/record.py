"""The record of a base: what a person sees before using it, and what card, trace and credential repeat.

It lies as base.json beside the files. Where makers, licence and class of data come from is written down too:
a hash that is known, the files themselves, a name that looks known, or the person who added it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields, replace
from pathlib import Path
from typing import Any

from etude.bases.found import Shape
from etude.bases.known import DATA, MEANS
from etude.bases.licences import forbids_derivatives
from etude.bases.reading import parse_object
from etude.errors import ModelError

RECORD = "base.json"
FORMAT = 1
VOUCH = (
    "Etude cannot vouch that the authors of its training data consented, and what it owes "
    "to whom is not known."
)
BY = {
    "hash": "known by its SHA-256",
    "file": "stated in its files",
    "name": "recognised by its name only, not verified",
    "person": "stated by whoever added it",
    "": "",
}


@dataclass(frozen=True)
class Kept:
    """A file on the shelf. `changed_ns` is its time of change when it was put there."""

    name: str
    bytes: int
    sha256: str
    changed_ns: int
    counts: bool = True


@dataclass(frozen=True)
class Base:
    """A base on the shelf. `recognised`: hash, name or ''; `sources`: the same, file or person, by field."""

    name: str
    hash: str  # of one GGUF file its SHA-256; of a folder see `hash_of`
    title: str
    kind: str  # gguf or folder
    makers: str
    licence: str
    data: str
    learned_from: str
    summary: str
    recognised: str
    sources: Mapping[str, str]
    verified: tuple[str, ...]
    unverified: tuple[str, ...]
    remarks: tuple[str, ...]
    shape: Shape
    files: tuple[Kept, ...]
    origin: str
    added: str
    path: str = ""  # what networks are handed: the file, or the folder of files

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.bytes for file in self.files)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said wherever the base is named: how it was recognised, and what nobody vouches for."""
        if self.recognised:
            how = f"It was {BY[self.recognised].replace('known', 'recognised')}."
        else:
            how = "It was not recognised."
        data = f"It was learned from {MEANS[self.data]}." if self.data != "unknown" else ""
        data = data or "Its training data is not known."
        if self.sources.get("data") == "person":
            data += " This was stated by whoever added it."
        terms = ""
        if not self.licence:
            terms = "Its licence is not known, so nothing may be learned on it."
        elif forbids_derivatives(self.licence):
            terms = f"{self.licence} forbids adapted versions, so nothing may be learned on it."
        return tuple(said for said in (how, data, terms, VOUCH) if said)

    def stated(self) -> dict[str, Any]:
        """For card, trace and credential (JSON): public, and true wherever it is read."""
        return {
            "name": self.name,
            "title": self.title,
            "hash": self.hash,
            "makers": self.makers or "unknown",
            "licence": self.licence or "unknown",
            "data": self.data,
            "training_summary": self.summary,
            "recognised": self.recognised or "not",
            "sources": dict(self.sources),
            "sentences": list(self.sentences),
        }

    def lines(self) -> list[tuple[str, str]]:
        """The record for people: names and values."""
        by = {key: f" ({BY[source]})" if source else "" for key, source in self.sources.items()}
        shape = self.shape
        size = (
            f"{shape.parameters / 1e6:,.1f} M parameters, {shape.layers} layers, {shape.width:,} wide, "
            f"{shape.vocab:,} pieces, {shape.context:,} tokens of context, {shape.weights}"
        )
        return [
            ("base", f"{self.name}: {self.title}"),
            ("makers", f"{self.makers or 'unknown'}{by.get('makers', '')}"),
            ("licence", f"{self.licence or 'unknown'}{by.get('licence', '')}"),
            ("data", f"{self.data}: {MEANS[self.data]}{by.get('data', '')}"),
            ("learned from", self.learned_from),
            ("training summary", self.summary or "no address known"),
            ("verified", "\n".join(self.verified)),
            ("not verified", "\n".join(self.unverified)),
            ("architecture", f"{shape.architecture}; {size}"),
            ("hash", self.hash),
            ("files", f"{len(self.files)}, {self.size / 1e6:,.1f} MB: {self.path}"),
            ("came from", f"{self.origin}, {self.added[:10]}"),
            ("remarks", "\n".join(self.remarks)),
            ("note", "\n".join(self.sentences)),
        ]

    def dumps(self) -> bytes:
        """base.json."""
        row = asdict(self)
        del row["path"]
        return json.dumps({"format": FORMAT, **row}, ensure_ascii=False, indent=1).encode() + b"\n"


def loads(data: bytes, place: Path) -> Base:
    """What `dumps` gave. `place` is the folder that it lies in. Raises ModelError for a damaged record."""
    row = parse_object(data, place, RECORD)
    if (version := row.pop("format", None)) != FORMAT:
        raise ModelError(
            f"The record of the base in {place} is of format {version}; this version reads {FORMAT}.",
            "Install a newer version of Etude: pip install -U etude",
        )
    try:
        files = tuple(Kept(**file) for file in row.pop("files"))
        shape = Shape(**row.pop("shape"))
        lists = {key: tuple(row[key]) for key in ("verified", "unverified", "remarks")}
        base = Base(**{**row, **lists, "shape": shape, "files": files})
        if not files or not _sound(base):
            raise ValueError("a value is of another kind")
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The record of the base in {place} is damaged ({RECORD}).",
            "Add the base again: etude base add PATH",
        ) from error
    return replace(base, path=str(path_of(base, place)))


def _sound(base: Base) -> bool:
    """Whether values are of the kinds that they should be, and names of files are no paths."""
    texts = (getattr(base, field.name) for field in fields(base) if field.type == "str")
    numbers = (*(file.bytes for file in base.files), *astuple(base.shape)[1:-1])
    return (
        all(isinstance(text, str) for text in (*texts, base.shape.weights))
        and all(isinstance(number, int) for number in numbers)
        and isinstance(base.sources, dict)
        and set(base.sources.values()) <= set(BY)
        and base.recognised in BY
        and base.data in DATA
        and all(Path(str(file.name)).name == file.name for file in base.files)
    )


FILES = "files"  # the folder in a base's place that holds its files


def path_of(base: Base, place: Path) -> Path:
    """What networks are handed: the GGUF file, or the folder."""
    inside = place / FILES
    return inside / base.files[0].name if base.kind == "gguf" else inside
