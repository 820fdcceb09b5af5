"""The family of sequences: a network mixed with an exact memory, for works that are read as tokens.

Compiled code is kept in the person's cache folder under a hash of all files that are compiled and of those
whose constants these import: numba looks only at the file of the function that is called, so after an upgrade
it would keep using stale code from the files that this one calls.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
COMPILED = re.compile(rb"^from etude\.families\.sequence\.compiling import", re.M)
IMPORTED = re.compile(rb"^from etude\.families\.sequence\.([\w.]+) import", re.M)


def compiled_files(folder: Path = HERE) -> list[Path]:
    """The files whose code is compiled, and the files here that they import: their constants are compiled
    in."""
    texts = {file: file.read_bytes() for file in folder.rglob("*.py")}
    found = {file for file, text in texts.items() if COMPILED.search(text)}
    for file in tuple(found):
        for name in IMPORTED.findall(texts[file]):
            found.add(folder.joinpath(*name.decode().split(".")).with_suffix(".py"))
    return sorted(found)


def _keep_compiled_code_apart() -> None:
    """Set numba's cache folder, unless the person has set one; where it cannot be created numba chooses its
    own."""
    digest = hashlib.sha256()
    for file in compiled_files():
        digest.update(file.read_bytes())
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "etude" / f"compiled-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


_keep_compiled_code_apart()
