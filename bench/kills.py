"""kill -9 in the writing commands, most of them in the middle of a write: what was lost, and what was left
over that `repair` does not name.

    python bench/kills.py                 every writing call of every verb, once
    python bench/kills.py --works 40      with more works in the project and to add
    python bench/kills.py add sign        these verbs only

A copy of a small project is made for each kill; titles, makers, members, parts, hashes of works, pieces and
models, and the log's events are compared with what was there before and with what an undisturbed run gives.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.workspace.killing import VERBS, build, check, killed, state

from _harness import Row, Table, say, show


def main() -> None:
    """Kill, look, count."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("verbs", nargs="*", choices=[*VERBS, []], help="verbs; all when none is named")
    asked.add_argument("--works", type=int, default=4, help="works in the project, and to add")
    said = asked.parse_args()
    rows = []
    for slow in ("etude.workspace.tracing", "c2pa", "etude.credentials.engine"):
        importlib.import_module(slow)  # once, and not in each of the children
    os.fsync = lambda fd: None  # what is written outlives a process without; only a power cut asks for more
    with tempfile.TemporaryDirectory() as made:
        os.environ["ETUDE_HOME"] = str(Path(made) / "home")
        base = Path(made) / "base"
        build(base, said.works)
        for verb in said.verbs or VERBS:
            rows.append(_row(Path(made), base, verb))
    title = f"kill -9 at every writing call, {said.works} works in the project and as many to add"
    show(Table("kills", title, ("kills", "undone", "whole", "wrong"), tuple(rows)))


def _row(made: Path, base: Path, verb: str) -> Row:
    folder = made / "one"
    shutil.copytree(base, folder)
    before = state(folder / "studio")
    assert killed(folder, verb, 0) == 0
    after = state(folder / "studio")
    shutil.rmtree(folder)
    kills, undone, wrong, code = 0, 0, 0, -9
    while code != 0:
        shutil.copytree(base, folder)
        code = killed(folder, verb, kills + 1)
        undone += code != 0 and state(folder / "studio") == before
        if what := check(folder, before, after, code == 0):
            wrong += 1
            print(f"{verb}, call {kills + 1}: {what}", file=sys.stderr)
        shutil.rmtree(folder)
        kills += code != 0
    say(f"{verb}: {kills} kills")
    counts = {"kills": kills, "undone": undone, "whole": kills - undone, "wrong": wrong}
    return Row(verb, {name: str(count) for name, count in counts.items()})


if __name__ == "__main__":
    main()
