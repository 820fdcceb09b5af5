"""Server and workers of the studio killed (-9) at fifty random moments of a scripted run of clicks: whatever
was answered before a kill must be there after it.

    python bench/studio_kill.py
    python bench/studio_kill.py --quick    five times

The run is `tests/studio/killing.py`: takes accepted and rejected, works described, a draft written, takes
asked for. It ends with an error where something is lost.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

from _harness import ROOT, Row, Table, options, say, show

sys.path.insert(0, str(ROOT))
from tests.studio.killing import Clicks


def main() -> None:
    """Kill, look, go on; then let the queue run dry."""
    turns = 5 if options(__doc__).parse_args().quick else 50
    folder = Path(tempfile.mkdtemp(prefix="etude-bench-kill-"))
    os.environ.setdefault("ETUDE_HOME", str(folder / "home"))
    try:
        with tarfile.open(ROOT / "tests" / "before" / "text.tar.xz") as archive:
            archive.extractall(folder, filter="data")
        clicks = Clicks(folder / "text", seed=16)
        for turn in range(turns):
            clicks.round(2.0, worker=bool(turn % 2))
            say(f"{turn + 1} kills, {clicks.seen.acts} acts answered")
        clicks.drained(300.0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seen = clicks.seen
    found: dict[str, float] = {
        "kills of the server": seen.kills,
        "workers killed with it": seen.workers,
        "acts answered": seen.acts,
        "pieces kept": len(seen.pieces),
        "takes rejected": len(seen.rejected),
        "jobs asked for, all done": len(seen.jobs),
        "lost": 0,
    }
    rows = [Row(name, {"count": f"{value:,.0f}"}) for name, value in found.items()]
    show(
        Table(
            "studio_kill",
            "Kill -9 of server and workers while somebody clicks",
            ("count",),
            tuple(rows),
            raw=found,
        )
    )


if __name__ == "__main__":
    main()
