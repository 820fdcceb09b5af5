"""What comes from third parties is what is written down of it: by its hash, under its licence, and no page
weighs more for it than was promised."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import etude.studio

STATIC = Path(etude.studio.__file__).parent / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = STATIC.parent / "templates"


def test_every_file_of_third_parties_is_written_down() -> None:
    known = tomllib.loads((VENDOR / "VENDOR.toml").read_text())
    there = {path.name for path in VENDOR.iterdir()} - {"VENDOR.toml"}
    licences = {row["licence_file"] for row in known.values()}
    assert there == set(known) | licences
    for name, row in known.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == row["sha256"], name
        assert row["licence"] == "MIT" and "MIT License" in (VENDOR / row["licence_file"]).read_text()


def test_no_script_makes_code_or_markup_of_strings() -> None:
    for path in STATIC.rglob("*.js"):
        found = re.findall(
            r"innerHTML\s*=|outerHTML\s*=|\beval\(|new Function|document\.write", path.read_text()
        )
        assert not found, (path.name, found)


def _weight(module: str, seen: set[str]) -> int:
    """A module with all that it imports, in bytes."""
    path = (STATIC / module).resolve()
    if str(path) in seen:
        return 0
    seen.add(str(path))
    text = path.read_text()
    inside = re.findall(r'(?:from|import) "(\./[^"]+|\.\./[^"]+)"', text)
    return len(text.encode()) + sum(
        _weight(str((path.parent / one).resolve().relative_to(STATIC)), seen) for one in inside
    )


def test_pages_stay_light() -> None:
    style = (STATIC / "style.css").stat().st_size
    pages = {re.search(r"/static/(\w+\.js)", path.read_text()) for path in TEMPLATES.glob("*.html")}
    for path in {STATIC / found[1] for found in pages if found}:
        weight = style + _weight(path.name, set())
        assert weight < (700_000 if path.name == "words.js" else 200_000), (path.name, weight)
