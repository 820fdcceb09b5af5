"""The family of sequences: a network mixed with an exact memory, for works that are read as tokens.

Compiled code is kept in the person's cache folder under a hash of all source files here: numba looks only at
the file of the function that is called, so after an upgrade it would keep using stale code from the files
that this one calls.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path


def _keep_compiled_code_apart() -> None:
    """Set numba's cache folder, unless the person has set one; where it cannot be created numba chooses its
    own."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
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
