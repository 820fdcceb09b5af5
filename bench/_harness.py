"""What every bench shares: the data, the machine's description, medians and spread, and one table printed
side by side.

A bench prints its table to the terminal and leaves it in bench/out/ as Markdown and JSON. It knows no system
under test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out"
DATA_VARIABLE = "ETUDE_BENCH_DATA"
PACKAGES = ("torch", "numpy", "numba", "tokenizers", "transformers", "pyppmd", "zpaq", "verovio")


@dataclass(frozen=True)
class Row:
    """One system: its figures by column, as text, and what must be known to read them."""

    system: str
    figures: dict[str, str]
    note: str = ""


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    raw: Mapping[str, object] = field(default_factory=dict)

    def markdown(self) -> str:
        head = ["system", *self.columns, "note"]
        body = [[row.system, *(row.figures.get(c, "-") for c in self.columns), row.note] for row in self.rows]
        widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
        lines = [
            "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
            for line in [head, *body]
        ]
        rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
        return (
            "\n".join(
                [
                    f"## {self.title}",
                    "",
                    lines[0],
                    rule,
                    *lines[1:],
                    "",
                    *(f"- {note}" for note in self.notes),
                ]
            ).rstrip()
            + "\n"
        )


def machine() -> dict[str, object]:
    """What the figures were taken on: enough to judge them, nothing that names the machine."""
    model = platform.processor() or "unknown"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {
        "processor": model,
        "cores_allowed": cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "load_average": [round(x, 1) for x in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def data(name: str) -> Path:
    """The path of a file of works that serve measuring only; leaves with a plain sentence where it is not
    there."""
    places = [Path(os.environ[DATA_VARIABLE])] if DATA_VARIABLE in os.environ else []
    places.append(ROOT.parent / "shared" / "bench-data")
    for place in places:
        if (place / name).is_file():
            return place / name
    looked = " and in ".join(os.path.relpath(place, ROOT) for place in places)
    print(
        f"{name} is not here (looked in {looked}): this bench is left out. Say ${DATA_VARIABLE}=FOLDER if it "
        "lies elsewhere."
    )
    raise SystemExit(0)


def timed(work: Callable[[], object], times: int, warm: int = 1) -> list[float]:
    """Seconds of each of `times` calls after `warm` calls that do not count (they compile kernels and fill
    caches)."""
    for _ in range(warm):
        work()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def spread(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
    """The median, and beside it the least and the most: `812 (790-830, n 5)`."""
    middle = f"{statistics.median(values):,.{digits}f}{unit}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f}-{max(values):,.{digits}f}, n {len(values)})"


def show(table: Table) -> None:
    """Prints the table and the machine, and keeps both in bench/out/."""
    about = machine()
    OUT.mkdir(parents=True, exist_ok=True)
    line = (
        f"{about['processor']}, {about['cores_allowed']} cores, {about['memory_gib']} GiB, load "
        f"{about['load_average']}, {about['taken']}"
    )
    text = table.markdown() + f"\n{line}\n"
    (OUT / f"{table.name}.md").write_text(text, encoding="utf-8")
    record = {"machine": about, **asdict(table)}
    (OUT / f"{table.name}.json").write_text(
        json.dumps(record, indent=1, default=str) + "\n", encoding="utf-8"
    )
    print("\n" + text, flush=True)


def options(about: str | None, **defaults: object) -> argparse.ArgumentParser:
    """A parser that every bench has: --quick, to see that it runs (the figures are not the real ones)."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="seconds instead of minutes, to see that it runs; not the real figures",
    )
    parser.set_defaults(**defaults)
    return parser


def say(words: str) -> None:
    """What is going on, on stderr, so that a bench of half an hour does not look dead."""
    print(f"[{time.strftime('%H:%M:%S')}] {words}", file=sys.stderr, flush=True)
