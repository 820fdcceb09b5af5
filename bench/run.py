"""All benches, one after another, and their tables in one file: bench/out/all.md.

    python bench/run.py               some three hours on two cores
    python bench/run.py --quick       minutes, to see that everything runs; the figures are not the real ones
    python bench/run.py --only text --only music

Each bench is a process of its own, so that none finds the memory or the threads of another. A bench that
fails is named at the end, and the others still run.
"""

from __future__ import annotations

import subprocess
import sys

from _harness import OUT, ROOT, options, say

BENCHES = ("start", "add", "curate", "trace", "sampling", "rendering", "text", "music")


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--only", action="append", choices=BENCHES, help="one bench; may be repeated")
    chosen = parser.parse_args()
    wanted = [name for name in BENCHES if not chosen.only or name in chosen.only]
    failed = []
    for name in wanted:
        say(f"bench {name}")
        (OUT / f"{name}.md").unlink(missing_ok=True)  # an old table must not pass for a new one
        command = [sys.executable, str(ROOT / "bench" / f"{name}.py"), *(["--quick"] if chosen.quick else [])]
        if subprocess.run(command, check=False, cwd=ROOT).returncode != 0:
            failed.append(name)
    tables = [path.read_text(encoding="utf-8") for name in wanted if (path := OUT / f"{name}.md").exists()]
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "all.md").write_text("\n".join(tables), encoding="utf-8")
    print(
        f"All tables: {(OUT / 'all.md').relative_to(ROOT)}"
        + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
