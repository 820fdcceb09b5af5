"""Progress on stderr: redrawn in place on a terminal, a plain line now and then elsewhere, nothing with
--json in a pipe; with ETUDE_PROGRESS=json, as the queue sets it, one JSON object a line.

Knows nothing of what is being done.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from etude.cli.shell import Shell

REDRAW_S = 0.1  # as often as an eye can follow
PLAIN_S = 15.0  # a log file wants to be short
SILENCE_S = 1.0  # as long as anybody waits without asking what is going on
EVENTS_KEPT = 400  # the pauses between events grow: some hundreds for each doubling of the time


def wanted_as_json() -> bool:
    """Whether another program reads the progress."""
    return os.environ.get("ETUDE_PROGRESS") == "json"


class Events:
    """Progress for another program: one JSON object a line, seldom enough that a night's run stays small."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()

    def emit(self, *, force: bool = False, **said: Any) -> None:
        """Say it, unless the last was said just now."""
        now = time.monotonic()
        if not force and now - self._last < max(REDRAW_S, (now - self._began) / EVENTS_KEPT):
            return
        self._last = now
        sys.stderr.write(json.dumps({"event": "progress", **said}, ensure_ascii=False) + "\n")
        sys.stderr.flush()


class Line:
    """One line that is redrawn: `write` the latest state as often as wanted; the line draws itself at most
    every REDRAW_S."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._last = float("-inf")
        self._drawn = 0

    def write(self, text: str, *, plain: str | None = None, force: bool = False) -> None:
        """Show `text` in place on a terminal; else print `plain` (or `text`) as a line every PLAIN_S, or now
        with `force`."""
        now = time.monotonic()
        if now - self._last < (REDRAW_S if self.live else PLAIN_S) and not force:
            return
        self._last = now
        if not self.live:
            sys.stderr.write(f"{plain or text}\n")
        else:
            width = shutil.get_terminal_size().columns - 1
            shown = text if len(text) <= width else text[: max(1, width - 1)] + "…"
            sys.stderr.write("\r" + shown + " " * max(0, self._drawn - len(shown)))
            self._drawn = len(shown)
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the terminal on a line of its own."""
        if self.live and self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()
        self._drawn = 0


class Busy:
    """What takes some seconds without a count, as a context: said once it has taken longer than anybody waits
    without asking what is going on."""

    def __init__(self, shell: Shell, what: str) -> None:
        self._what, self._line, self._said = what, Line(), not shell.json
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def __enter__(self) -> Busy:
        if self._said:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Nothing more is said: what was waited for is there, or says itself how far it is."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._line.close()

    def _show(self) -> None:
        began = time.monotonic()
        while not self._over.wait(SILENCE_S):
            self._line.write(f"{self._what} ({time.monotonic() - began:.0f} s)", plain=f"{self._what} ...")


class Counter:
    """Progress over a known number of things, as a context: `step(done, total, name)`. `before`: what goes on
    until the first of them is there."""

    def __init__(self, shell: Shell, verb: str, before: str = "") -> None:
        self.verb = verb
        self.line = Line()
        self._tenth = 0
        self._before = Busy(shell, before) if before else None
        self._events = Events() if wanted_as_json() else None
        self._json = shell.json

    def __enter__(self) -> Counter:
        if self._before:
            self._before.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before:
            self._before.stop()
        self.line.close()

    @property
    def told(self) -> Callable[[int, int, str], None] | None:
        """`step`, unless nobody reads progress beside an answer in JSON."""
        return self.step if self._events is not None or not self._json else None

    def step(self, done: int, total: int, name: str) -> None:
        if self._before:
            self._before.stop()
        if self._events is not None:
            self._events.emit(verb=self.verb, done=done, total=total, name=name)
        elif self.line.live:
            self.line.write(f"{self.verb} {done + 1:,} of {total:,}: {name}")
        elif total >= 100 and done * 10 // total > self._tenth:  # a short list needs no progress in a log
            self._tenth = done * 10 // total
            self.line.write(f"{self.verb} {done:,} of {total:,}", force=True)
