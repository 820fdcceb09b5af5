"""What a page hears: the queue when it changes, and a job from any place on, as often as it comes back."""

from __future__ import annotations

import re
import threading

from etude import api
from etude.store import jobs as disk
from etude.studio.here import Here
from etude.workspace.core import Workspace
from tests.studio.asgi import Client


def heard(here: Here, client: Client, path: str, **more: str) -> list[tuple[str, str]]:
    """Kind and number of the events that a stream tells before the server ends."""
    here.stopping.clear()
    threading.Timer(0.8, here.stopping.set).start()
    got = client.ask("GET", path, headers=None, **more)
    assert got.status == 200 and got.headers["content-type"].startswith("text/event-stream")
    return re.findall(r"^(?:id: (\d+)\n)?event: (\w+)$", got.text, flags=re.M)


def test_a_job_is_heard_from_any_place_on(here: Here, client: Client, ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "none"])
    for step in range(3):
        disk.note(ws.project.root, job.id, event="progress", done=step)
    path = f"/api/jobs/{job.id}/events"
    assert heard(here, client, path) == [("1", "said"), ("2", "said"), ("3", "said"), ("", "state")]
    assert heard(here, client, path, last_event_id="2") == [("3", "said"), ("", "state")]
    assert heard(here, client, f"{path}?after=3") == [("", "state")]
    assert heard(here, client, path, last_event_id="junk")[0] == ("1", "said")
    assert client.get("/api/jobs/j-000099/events").status == 400
    assert here.streams == 0, "none is left open"


def test_the_queue_is_told_when_it_changes(here: Here, client: Client, ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "none"], title="A <b>title</b>")
    here.jobs, here.turn = api.jobs(ws).jobs, here.turn + 1
    assert heard(here, client, "/api/live") == [("", "jobs")]
    here.stopping.set()
    assert api.job(ws, job.id).job.state == "queued"


def test_streams_have_an_end(here: Here, client: Client) -> None:
    here.streams = 10_000
    got = client.get("/api/live")
    assert got.status == 503 and "listen already" in got.json()["error"]
