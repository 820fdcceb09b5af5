"""A companion process that keeps a model open, so that takes and marks come in the time that they themselves
need: the server never imports a network, and no take waits for a process to start.

One request at a time, a line of JSON each way: the name of a verb of the API and its keywords, then its
answer or its error. It ends with the server, after a while without work, or by a kill; the next request
starts another. What it made and answered is in the project already, so that nothing is lost with it.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etude.config.studio import STUDIO
from etude.errors import EtudeError, ProjectError, TakeError


class Companion:
    """The process, from the server's side."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._rest = b""
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that is there now."""
        alive = self._process is not None and self._process.poll() is None
        return self._process.pid if alive and self._process is not None else None

    def ask(self, verb: str, given: Mapping[str, Any], wait_s: float = STUDIO.companion_s) -> Any:
        """The answer of a verb, as JSON. Raises what the verb raises, and ProjectError where it takes too
        long."""
        with self._lock:
            line = json.dumps({"verb": verb, "given": dict(given)}).encode() + b"\n"
            for attempt in (1, 2):
                self._start()
                try:
                    answer = self._asked(line, wait_s)
                    break
                except (BrokenPipeError, EOFError):
                    self._end()
                    if attempt == 2 or self._closed:
                        raise ProjectError(
                            "The process that holds the model ended twice while it was at work.",
                            "Is the memory full? Close other programs, or ask for fewer takes.",
                        ) from None
        if "error" in answer:
            raise TakeError(str(answer["error"]), str(answer.get("hint", "")))
        return answer["answer"]

    def warm(self, verb: str, given: Mapping[str, Any]) -> None:
        """Ask for something that nobody waits for, so that the next one is quick."""

        def run() -> None:
            try:
                self.ask(verb, given)
            except EtudeError:
                return  # whoever asks in earnest is told

        threading.Thread(target=run, name="companion", daemon=True).start()

    def close(self) -> None:
        """End it for good."""
        self._closed = True
        self._end()

    def _start(self) -> None:
        if self.pid is not None:
            return
        self._end()
        self._rest = b""
        command = [sys.executable, "-m", "etude.studio.companion_process", str(self._root)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}, start_new_session=True
        )

    def _asked(self, line: bytes, wait_s: float) -> Mapping[str, Any]:
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        ends, out = time.monotonic() + wait_s, process.stdout.fileno()
        while b"\n" not in self._rest:
            ready, _, _ = select.select([out], [], [], max(0.0, ends - time.monotonic()))
            if not ready:
                self._end()
                raise ProjectError(
                    f"The model did not answer within {wait_s:.0f} s.", "Ask for fewer or shorter takes."
                )
            part = os.read(out, 1 << 16)
            if not part:
                raise EOFError
            self._rest += part
        answer, _, self._rest = self._rest.partition(b"\n")
        found: Mapping[str, Any] = json.loads(answer)
        return found

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
