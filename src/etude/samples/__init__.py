"""Works that Etude brings along or finds: twelve poets, a novel, a book of tunes, OpenMoji's pictures,
loops of Fluent animated emoji, and the chorales of an installed music21.

`README.md` in each folder names makers, licence and source. Gives files and what is known of each; reads no
content itself. Nothing is imported from music21: only its corpus files are looked for.
`tools/pack_samples.py` packed the pictures, `tools/pack_novel.py` the novel.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import struct
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from etude.errors import WorkError

_HERE = Path(__file__).parent
Sample = tuple[Path, Mapping[str, str]]
Packed = tuple[Path, bytes, Mapping[str, str]]  # the path is a name inside the archive


def poets() -> list[Sample]:
    """Verse by twelve poets, one file each, with maker, licence, consent, gender, period and country."""
    return _listed(_HERE / "poets")


def novel() -> Iterator[Packed]:
    """Moby-Dick by Herman Melville, 1851: 135 chapters and the epilogue, a work each (public domain; the
    transcription CC0)."""
    common = {
        "maker": "Herman Melville",
        "licence": "public-domain",
        "consent": "yes",
        "book": "Moby-Dick; or, The Whale",
    }
    folder = _HERE / "novel"
    rows = {row["file"]: row for row in _table(folder)}
    for path, data in _tarred(folder / "novel.tar.xz"):
        yield path, data, {**common, **rows[path.name]}


def tunes() -> list[Sample]:
    """Traditional and public-domain tunes in our own ABC transcription (CC0), with composer or origin and
    kind."""
    return _listed(_HERE / "tunes")


def openmoji() -> Iterator[Packed]:
    """4,495 pictures (4,270 distinct) of OpenMoji by 121 named artists, with group, subgroup, skin tone and
    gender (CC BY-SA 4.0)."""
    return _packed("openmoji", {"licence": "CC-BY-SA-4.0", "consent": "yes"})


def openmoji_svg() -> Iterator[Packed]:
    """1,200 of them as drawings, of any size: none with a skin tone, no country flags (CC BY-SA 4.0)."""
    folder = _HERE / "openmoji"
    rows = {row["file"].removesuffix(".webp"): row for row in _table(folder)}
    for path, data in _tarred(folder / "openmoji-svg.tar.xz"):
        row = {**rows[path.stem], "file": path.name}
        yield path, data, {"licence": "CC-BY-SA-4.0", "consent": "yes", **row}


def fluent() -> Iterator[Packed]:
    """Short loops of Microsoft's Fluent animated emoji, with group, subgroup and gender (MIT)."""
    return _packed("fluent", {"licence": "MIT", "consent": "yes"})


def starters() -> dict[str, Path]:
    """Weights to start from, by name: one safetensors file each, whose header says what they were learned
    from, by whom it was made, for how long, and under which terms. `starters/README.md` says the same for
    people; `tools/pack_starter.py` packed them."""
    return {path.stem: path for path in sorted((_HERE / "starters").glob("*.safetensors"))}


def starter_header(name: str) -> dict[str, Any]:
    """What a starter says of itself, read without its weights."""
    with starters()[name].open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        meta = json.loads(file.read(length))["__metadata__"]
    header: dict[str, Any] = json.loads(meta["etude"])
    return header


def chorales() -> list[Sample]:
    """Bach's four-part chorales (about 350) as MusicXML files of the installed music21: read from there, not
    shipped.

    Versions of one chorale for other voices or instruments are left out. Raises WorkError where music21 is
    not installed.
    """
    spec = importlib.util.find_spec("music21")
    if spec is None or not spec.submodule_search_locations:
        raise WorkError(
            "The Bach chorales are read from the package music21, which is not installed.",
            'pip install "etude[samples-music]"',
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "corpus" / "bach"
    files = [path for path in sorted(folder.glob("bwv*.mxl")) if "-" not in path.stem and _parts(path) == 4]
    if not files:
        raise WorkError(
            f"The installed music21 holds no chorales in {folder}.",
            'pip install --force-reinstall "music21>=9.1,<11"',
        )
    return [(path, _chorale(path)) for path in files]


def _parts(path: Path) -> int:
    """How many parts a zipped MusicXML file declares."""
    with zipfile.ZipFile(path) as archive:
        name = next(
            (n for n in archive.namelist() if n.endswith("xml") and not n.startswith("META-INF")), None
        )
        return archive.read(name).count(b"<score-part ") if name else 0


def _chorale(path: Path) -> dict[str, str]:
    """What is known of a chorale by its number in the Bach-Werke-Verzeichnis."""
    return {
        "file": str(path),
        "title": f"BWV {path.stem.removeprefix('bwv')}",
        "maker": "Johann Sebastian Bach",
        "licence": "public-domain",
        "consent": "yes",
        "kind": "chorale",
        "encoding": "music21 corpus (M. Greentree, 2004)",
    }


def _listed(folder: Path) -> list[Sample]:
    lines = (folder / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, str]] = [json.loads(line) for line in lines if line.strip()]
    return [(folder / row["file"], row) for row in rows]


def _tarred(path: Path) -> Iterator[tuple[Path, bytes]]:
    """The files of a tar.xz, each with its name inside it."""
    with tarfile.open(path, "r:xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                yield path / member.name, file.read()


def _packed(name: str, common: Mapping[str, str]) -> Iterator[Packed]:
    """Each file of the zip that the table beside it names."""
    folder = _HERE / name
    path = folder / f"{name}-64.zip"
    with zipfile.ZipFile(path) as archive:
        for row in _table(folder):
            yield path / row["file"], archive.read(row["file"]), {**common, **row}


def _table(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))
