"""What the server holds while it runs: the open project, the door, and the queue as it was seen last.

One thread looks at the queue, starts workers, and keeps the picture of it that every page and stream reads.
Acts of a person are done one at a time. Knows no route.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from etude import api
from etude.config.jobs import JOBS
from etude.config.studio import STUDIO
from etude.errors import EtudeError, ProjectError
from etude.jobs.queue import Runner
from etude.store.jobs import Job
from etude.studio.companion import Companion
from etude.studio.guard import Door
from etude.workspace.core import Workspace

T = TypeVar("T")


class Cards(OrderedDict[str, Any]):
    """How works and takes look on cards, by id; of very many the ones made last."""

    def put(self, ref: str, card: T) -> T:
        """Keep one."""
        self[ref] = card
        while len(self) > STUDIO.cards:
            self.popitem(last=False)
        return card


class Here:
    """The studio of one project."""

    def __init__(self, ws: Workspace, port: int) -> None:
        self.ws = ws
        self.door = Door(port)
        self.companion = Companion(ws.project.root)
        self.indexing = threading.Lock()  # an index of works is built once
        self.cards = Cards()
        self.jobs: tuple[Job, ...] = ()
        self.turn = 0  # counts how often the queue changed
        self.streams = 0
        self.stopping = threading.Event()
        self._acting = threading.RLock()
        self._looking: threading.Thread | None = None

    def act(self, verb: Callable[..., T], *given: Any, **said: Any) -> T:
        """One verb of the API on the project, nobody else's at the same time."""
        with self._acting:
            return verb(self.ws, *given, **said)

    def begin(self) -> None:
        """Start to look at the queue."""
        self._looking = threading.Thread(target=self._look, name="queue", daemon=True)
        self._looking.start()

    def end(self) -> None:
        """Stop looking. Workers go on."""
        self.stopping.set()
        self.companion.close()
        if self._looking is not None:
            self._looking.join(timeout=2.0)

    def _look(self) -> None:
        runner = Runner(self.ws.project)
        while not self.stopping.is_set():
            with suppress(EtudeError, OSError):  # a full disk, no memory: nothing starts meanwhile
                runner.step()
                seen = api.jobs(self.ws).jobs
                if seen != self.jobs:
                    self._forget(seen)
                    self.jobs, self.turn = seen, self.turn + 1
            time.sleep(JOBS.look_s)

    def _forget(self, seen: tuple[Job, ...]) -> None:
        """A work was withdrawn by a worker: nothing that was opened here may hold it longer."""
        live = {job.id for job in self.jobs if job.state in ("queued", "running")}
        if any(job.id in live and job.words[0] == "withdraw" and job.state == "done" for job in seen):
            with self._acting:
                self.ws = api.open_project(self.ws.project.root)
                self.cards.clear()
                self.companion.close()
                self.companion = Companion(self.ws.project.root)

    # ---- versions, so that of two tabs none overwrites what the other did

    def version(self, what: str) -> str:
        """A name for the state of the works or of the desk, which changes with every change."""
        files = {"works": [self.ws.project.root / "works.jsonl"], "desk": self._logs()}[what]
        return "-".join(f"{_stamp(path):x}" for path in files) or "0"

    def _logs(self) -> list[Path]:
        return sorted((self.ws.project.root / "log").glob("*.jsonl"))[-1:]

    def still(self, what: str, seen: str) -> None:
        """Raises Changed when what a person saw is not what is there now."""
        if seen != self.version(what):
            raise Changed(
                "Something was changed in another window or by a command since this page was loaded.",
                "The page shows it as it is now; look again, then repeat what you wanted.",
            )


class Changed(ProjectError):
    """A race was lost, and nothing was overwritten."""


def _stamp(path: Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0
    return status.st_mtime_ns ^ (status.st_size << 1)
