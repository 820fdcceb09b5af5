"""Etude as a person calls it: a project in a temporary folder, the public commands with --json, and how long
each took.

Benches go through the command line so that they measure what is promised, start-up and saving included. Knows
no internals.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from _harness import say


class Failed(RuntimeError):
    """A command ended with an error; the message is its stderr."""


@dataclass
class Studio:
    """A project that lasts as long as the bench: `with Studio() as studio: studio("works")`."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="etude-bench-")))
    seconds: dict[str, float] = field(default_factory=dict)  # by verb, the last call

    def __enter__(self) -> Studio:
        self("init", str(self.folder / "studio"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import shutil

        if error is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            say(f"the project is left in {self.folder}")

    def write(self, name: str, content: str | bytes) -> Path:
        """A file beside the project, to be added to it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def __call__(self, verb: str, *arguments: str) -> Any:
        """Runs `etude VERB ... --json` in the project and returns the object that it prints last."""
        place = [] if verb == "init" else ["-C", str(self.folder / "studio")]
        command = [str(Path(sys.executable).parent / "etude"), *place, verb, *arguments, "--json"]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.seconds[verb] = time.perf_counter() - start
        if done.returncode != 0:
            raise Failed(f"etude {verb} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
        return last_object(done.stdout)


def last_object(text: str) -> Any:
    """The last JSON object of an output: the whole of it, or the last line where a long job prints one event
    a line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        return json.loads(lines[-1]) if lines else {}


OWN = ("--licence", "public-domain", "--consent", "yes")
