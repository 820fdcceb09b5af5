"""Starting: milliseconds of `etude --help` beside a bare Python and `import click`; a person waits for this
at every command.

python bench/start.py
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from _harness import Row, Table, options, show, spread, timed

MUST_MS = 150


def main() -> None:
    chosen = options(__doc__).parse_args()
    etude = str(Path(sys.executable).parent / "etude")
    commands = {
        "etude --help": [etude, "--help"],
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    rows = []
    for name, command in commands.items():
        seconds = timed(
            partial(subprocess.run, command, capture_output=True, check=True),
            5 if chosen.quick else 20,
        )
        note = f"to reach: under {MUST_MS}" if command[0] == etude else ""
        rows.append(Row(name, {"ms": spread([1e3 * s for s in seconds])}, note))
    show(
        Table(
            "start",
            "Starting: milliseconds, lower is better",
            ("ms",),
            tuple(rows),
            ("median (least-most, n)",),
        )
    )


if __name__ == "__main__":
    main()
