"""A scripted run of clicks against a studio whose server and workers are killed (-9) at random moments. What
was answered before a kill must be there after it; what was under way is there whole or not at all."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from etude import api
from tests.studio.server import Studio, start

GONE = (OSError, http.client.HTTPException)


@dataclass
class Seen:
    """What was answered: pieces by id, rejected takes, makers of works, the draft's text, and jobs."""

    pieces: dict[str, str] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    makers: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    jobs: set[str] = field(default_factory=set)
    acts: int = 0
    kills: int = 0
    workers: int = 0


class Clicks:
    """The run. `draw` decides what is clicked and when somebody pulls the plug; `jobs`: takes that are asked
    for so often."""

    def __init__(self, root: Path, seed: int, jobs: int = 3) -> None:
        self.root, self.draw, self.seen, self.most = root, random.Random(seed), Seen(), jobs
        self.under_way: tuple[str, Any] | None = None
        ws = api.open_project(root)
        self.works = [work.id for work in api.works(ws).works]
        self.model = api.models(ws).models[0].id
        if "kept" not in {draft.name for draft in api.drafts(ws).drafts}:
            api.draft_new(ws, "kept")

    def round(self, seconds: float, *, worker: bool) -> None:
        """Start, click until a moment within `seconds`, kill, and look."""
        studio = start(self.root)
        studio.enter()
        moment = threading.Timer(self.draw.uniform(0.05, seconds), self._kill, [studio, worker])
        moment.start()
        with suppress(*GONE):
            while True:
                self.draw.choice(self.acts())(studio)
                self.seen.acts += 1
                self.under_way = None
        moment.join()
        studio.close()
        self.seen.kills += 1
        self.check()

    def _kill(self, studio: Studio, worker: bool) -> None:
        process = psutil.Process(studio.process.pid)
        below = process.children(recursive=True) if worker else []
        os.kill(process.pid, signal.SIGKILL)
        for child in below:
            with suppress(psutil.Error):
                child.kill()
                self.seen.workers += 1
        studio.process.wait()

    # ---- what is clicked

    def acts(self) -> list[Callable[[Studio], None]]:
        return [self.accept, self.reject, self.describe, self.write, self.write, self.queue]

    def _post(self, studio: Studio, path: str, body: Any, **headers: str) -> Any:
        got = studio.ask("POST", f"/api/{path}", body, drop=(), **headers)
        return got.json() if got.status == 200 else None

    def _proposed(self, studio: Studio) -> str:
        states = api.takes(api.open_project(self.root)).takes
        return next((take.id for take in states if take.status == "proposed"), "")

    def accept(self, studio: Studio) -> None:
        if take := self._proposed(studio):
            self.under_way = ("accept", take)
            piece = self._post(studio, "accept", {"take": take, "title": f"Piece {self.seen.acts}"})
            if piece:
                self.seen.pieces[piece["id"]] = piece["title"]

    def reject(self, studio: Studio) -> None:
        if take := self._proposed(studio):
            self.under_way = ("reject", take)
            if self._post(studio, "reject", {"take": take}):
                self.seen.rejected.add(take)

    def describe(self, studio: Studio) -> None:
        work, maker = self.draw.choice(self.works), f"Maker {self.seen.acts}"
        version = studio.ask("GET", "/api/versions").json()["works"]
        self.under_way = ("describe", (work, maker))
        if self._post(studio, "works/edit", {"works": [work], "maker": maker}, **{"if-match": version}):
            self.seen.makers[work] = maker

    def write(self, studio: Studio) -> None:
        now = studio.ask("GET", "/api/draft/kept").json()
        text = now["text"]
        words = f"line {self.seen.acts} "
        self.under_way = ("write", text + words)
        body = {"name": "kept", "version": now["version"], "at": len(text), "gone": "", "here": words}
        if self._post(studio, "draft/put", body):
            self.seen.draft = text + words

    def queue(self, studio: Studio) -> None:
        if len(self.seen.jobs) < self.most:
            self.under_way = ("queue", None)
            if job := self._post(studio, "make", {"model": self.model, "n": 1, "controls": {"length": "8"}}):
                self.seen.jobs.add(job["id"])

    # ---- what must be there

    def check(self) -> None:
        """Everything that was answered. Raises AssertionError with what is not."""
        ws = api.open_project(self.root)
        pieces = {piece.id: piece for piece in api.pieces(ws).pieces}
        for piece, title in self.seen.pieces.items():
            assert piece in pieces and pieces[piece].title == title, f"piece {piece} is lost"
            assert all(Path(file).stat().st_size for file in pieces[piece].files)
        states = {take.id: take.status for take in api.takes(ws, everything=True).takes}
        assert all(states[take] == "rejected" for take in self.seen.rejected)
        doing, what = self.under_way or ("", None)
        for work, maker in self.seen.makers.items():
            now = api.work(ws, work).work.maker
            assert now == maker or (doing == "describe" and what == (work, now)), (
                f"{work}: {now}, not {maker}"
            )
            self.seen.makers[work] = now
        text = api.draft(ws, "kept").text
        assert text == self.seen.draft or (doing == "write" and text == what), (
            "the draft is not what was saved"
        )
        self.seen.draft = text
        assert self.seen.jobs <= {job.id for job in api.jobs(ws).jobs}
        self.under_way = None

    def drained(self, seconds: float = 120.0) -> None:
        """What was asked for is made in the end, whatever died on the way."""
        studio = start(self.root)
        try:
            ws, ends = api.open_project(self.root), time.monotonic() + seconds
            while time.monotonic() < ends:
                left = [job for job in api.jobs(ws).jobs if job.state in ("queued", "running")]
                if not left:
                    break
                time.sleep(0.3)
            states = {job.id: job.state for job in api.jobs(ws).jobs}
            assert {states[job] for job in self.seen.jobs} <= {"done"}, states
        finally:
            studio.close()
        assert api.repair(api.open_project(self.root)).whole
