"""The texts of a Scrivener project (`.scriv`, a folder): what its binder holds in the draft, in order, with
their titles. Research, trash, notes and synopses are no text of the work.

The binder is the XML file beside the texts, of version 2 (`Files/Docs/12.rtf`) or 3
(`Files/Data/<UUID>/content.rtf`). Where it cannot be read, all texts are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".scriv"
_MOST_BYTES = 64 * 2**20  # of a binder
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def is_project(folder: Path) -> bool:
    """Whether a folder is a Scrivener project."""
    return folder.suffix.lower() == SUFFIX and (folder / "Files").is_dir()


def texts(folder: Path) -> list[tuple[Path, str]]:
    """The texts of the draft that are not empty, each with its title in the binder ('' where it has none)."""
    found = [(path, title) for key, title in _binder(folder) if (path := _file(folder, key)) is not None]
    if not found:
        files = folder / "Files"
        found = [(path, "") for path in sorted(files.glob("Data/*/content.rtf"))]
        found += [(p, "") for p in sorted(files.glob("Docs/*.rtf")) if p.stem.isdigit()]
    return [(path, title) for path, title in found if path.stat().st_size]


def _binder(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and title of each text below the draft folder, in order."""
    from lxml import etree  # only where there is such a folder

    for path in sorted(folder.glob("*.scrivx")):
        if path.stat().st_size > _MOST_BYTES:
            continue
        try:
            root = etree.fromstring(path.read_bytes(), etree.XMLParser(**_PARSER))
        except etree.XMLSyntaxError:
            continue
        for draft in root.iter("BinderItem"):
            if draft.get("Type") == "DraftFolder":
                for item in draft.iter("BinderItem"):
                    if item is not draft:
                        title = " ".join((item.findtext("Title") or "").split())
                        yield item.get("UUID") or item.get("ID") or "", title


def _file(folder: Path, key: str) -> Path | None:
    """The file of a text; None for one that has none, and for a name that would lead elsewhere."""
    if not key or not key.replace("-", "").isalnum():
        return None
    files = folder / "Files"
    for path in (files / "Data" / key / "content.rtf", files / "Docs" / f"{key}.rtf"):
        if path.is_file() and not path.is_symlink():
            return path
    return None
