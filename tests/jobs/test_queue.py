"""The queue goes on, whoever dies: workers here are the real verbs, of a project too small to take long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from etude import api
from etude.errors import ProjectError
from etude.jobs import queue
from etude.jobs.queue import Runner
from etude.store import jobs as disk
from etude.store.jobs import Job, Place
from etude.workspace.core import Workspace

# A verb that takes as long as a test wants: a module in the place of `etude`, first on the path of workers.
SLEEPER = """
import json, os, signal, sys, time
words = sys.argv[1:]
stopped = []
signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))
print(json.dumps({"event": "progress", "share": 0.5}), file=sys.stderr, flush=True)
if "wait" in words:
    until = time.monotonic() + 30
    while time.monotonic() < until and not stopped:
        time.sleep(0.02)
    print(json.dumps({"schema": "x/1", "ended": "interrupted" if stopped else "budget"}), flush=True)
elif "die" in words:
    print("out of memory", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
elif "fail" in words:
    print(json.dumps({"schema": "etude.error/1", "error": "No such model.", "hint": "etude models"}))
else:
    print(json.dumps({"schema": "x/1", "words": words, "progress": os.environ["ETUDE_PROGRESS"]}))
"""


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A project whose workers run SLEEPER: the module that a worker becomes is named here alone."""
    api.init(tmp_path / "studio")
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "sleeper.py").write_text(SLEEPER)
    monkeypatch.setenv("PYTHONPATH", f"{fake}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("ETUDE_VERBS", "sleeper")
    return api.open_project(tmp_path / "studio")


def step_until(runner: Runner, met: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < until, disk.every(runner.project.root)
        runner.step()
        time.sleep(0.02)


def state(ws: Workspace, job: Job) -> str:
    return queue.settled(ws.project, job.id).state


def running(ws: Workspace, job: Job) -> Callable[[], bool]:
    """Whether its worker has said something: its handler of signals is there then."""

    def met() -> bool:
        said = disk.events(ws.project.root, job.id)[0]
        return state(ws, job) == "running" and said[-1].said["event"] == "progress"

    return met


def test_jobs_run_in_order_and_keep_their_answers(ws: Workspace) -> None:
    first = api.job_add(ws, ["make", "a", "-n", "2"], title="Two takes")
    second = api.job_add(ws, ["make", "b", "fail"])
    assert [job.state for job in api.jobs(ws).jobs] == ["queued", "queued"]
    api.jobs_run(ws)
    shown = api.job(ws, first.id)
    assert (shown.job.state, shown.job.title) == ("done", "Two takes")
    assert shown.answer["words"][-4:] == ["a", "-n", "2", "--json"]
    assert shown.answer["progress"] == "json"
    failed = api.job(ws, second.id).job
    assert (failed.state, failed.message, failed.hint) == ("failed", "No such model.", "etude models")
    assert disk.read(ws.project.root, first.id).ended <= failed.ended


def test_events_are_numbered_and_go_on_from_a_place(ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "a"])
    api.jobs_run(ws)
    every = api.job(ws, job.id)
    assert [event.number for event in every.events] == [1, 2, 3]
    assert [event.said["event"] for event in every.events] == ["started", "progress", "done"]
    first, place = disk.events(ws.project.root, job.id)[0][0], Place(1, 0)
    line = len((ws.project.root / disk.FOLDER / job.id / "events.jsonl").read_bytes().split(b"\n")[0]) + 1
    rest = api.job(ws, job.id, after=Place(first.number, line))
    assert [event.number for event in rest.events] == [2, 3]
    assert place.number == 1 and api.job(ws, job.id, after=rest.place).events == ()


def test_a_torn_line_waits_for_its_end(ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "a"])
    path = ws.project.root / disk.FOLDER / job.id / "events.jsonl"
    path.write_bytes(b'{"event":"a"}\n{"event":"b"')
    said, place = disk.events(ws.project.root, job.id)
    assert [event.said for event in said] == [{"event": "a"}]
    disk.note(ws.project.root, job.id, event="c")  # after a death: the torn line is closed off
    said, _ = disk.events(ws.project.root, job.id, place)
    assert [(event.number, event.said["event"]) for event in said] == [(2, "said"), (3, "c")]


def test_stop_is_ctrl_c_and_resume_is_the_same_command(ws: Workspace) -> None:
    job = api.job_add(ws, ["learn", "wait"])
    runner = Runner(ws.project)
    step_until(runner, running(ws, job))
    assert api.job_stop(ws, job.id, pause=True).asked == "pause"
    step_until(runner, lambda: state(ws, job) == "stopped")
    found = api.job(ws, job.id)
    assert found.answer["ended"] == "interrupted"
    again = api.job_resume(ws, job.id)
    assert (again.state, again.asked, again.words) == ("queued", "", job.words)
    step_until(runner, running(ws, job))
    assert queue.settled(ws.project, job.id).attempts == 2
    api.job_stop(ws, job.id)
    step_until(runner, lambda: state(ws, job) == "stopped")


def test_a_stop_before_the_worker_can_hear_it_is_told_later(ws: Workspace) -> None:
    job = api.job_add(ws, ["learn", "wait"])
    runner = Runner(ws.project)
    runner.step()  # started just now: its process is not written down yet
    api.job_stop(ws, job.id)
    step_until(runner, lambda: state(ws, job) == "stopped")


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_a_stop_is_heard_whenever_it_comes(ws: Workspace, delay: float) -> None:
    """Also while the verb is being loaded, when Python may throw an interrupt away."""
    job = api.job_add(ws, ["learn", "wait"])
    runner = Runner(ws.project)
    until = time.monotonic() + 20.0
    while disk.worker_pid(ws.project.root, job.id) is None:
        assert time.monotonic() < until
        runner.step()
        time.sleep(0.002)
    time.sleep(delay)
    api.job_stop(ws, job.id)
    step_until(runner, lambda: state(ws, job) == "stopped")
    found = api.job(ws, job.id)
    assert found.answer["ended"] == "interrupted", "it could still say what it made"


def test_a_job_that_waits_can_be_stopped_before_it_starts(ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "a"])
    api.job_stop(ws, job.id)
    api.jobs_run(ws)
    assert api.job(ws, job.id).job.attempts == 0


def test_takes_are_made_beside_learning_and_one_by_one(ws: Workspace) -> None:
    long = api.job_add(ws, ["learn", "wait"])
    short, other = api.job_add(ws, ["make", "wait"]), api.job_add(ws, ["make", "b"])
    runner = Runner(ws.project)
    step_until(runner, lambda: running(ws, long)() and running(ws, short)())
    runner.step()
    assert state(ws, other) == "queued"
    for job in (long, short):
        api.job_stop(ws, job.id)
    step_until(runner, lambda: state(ws, other) == "done")


def test_what_trains_waits_for_its_turn_and_the_rest_does_not(ws: Workspace) -> None:
    def lane(*words: str) -> str:
        return queue.submit(ws.project, words).lane

    assert lane("learn", "m", "--from", "verse", "--budget", "5m") == "long"
    assert lane("trace", "verse", "--test") == lane("audit", "verse", "--robustness", "1m") == "long"
    assert lane("trace", "t-1") == lane("audit", "verse") == lane("learn", "m", "--dry-run") == "short"


def test_a_job_waits_for_the_one_whose_result_it_needs(ws: Workspace) -> None:
    long = api.job_add(ws, ["learn", "wait"])
    then = api.job_add(ws, ["make", "b"], after=long.id)
    runner = Runner(ws.project)
    step_until(runner, running(ws, long))
    runner.step()
    assert state(ws, then) == "queued"
    api.job_stop(ws, long.id)  # what was learned until then is a model
    step_until(runner, lambda: state(ws, then) == "done")
    failed = api.job_add(ws, ["learn", "fail"])
    never = api.job_add(ws, ["make", "b"], after=failed.id)
    api.jobs_run(ws)
    assert state(ws, never) == "stopped"
    assert failed.id in api.job(ws, never.id).job.message


def test_a_killed_worker_is_started_again(ws: Workspace) -> None:
    job = api.job_add(ws, ["learn", "wait"])
    runner = Runner(ws.project)
    step_until(runner, running(ws, job))
    pid = disk.worker_pid(ws.project.root, job.id)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    step_until(runner, lambda: queue.settled(ws.project, job.id).attempts == 2 and running(ws, job)())
    assert disk.worker_pid(ws.project.root, job.id) not in (None, pid)
    api.job_stop(ws, job.id)
    step_until(runner, lambda: state(ws, job) == "stopped")


def test_a_worker_that_keeps_dying_is_given_up_with_its_last_words(ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "die"])
    api.jobs_run(ws)
    found = api.job(ws, job.id).job
    assert (found.state, found.attempts) == ("failed", 3)
    assert "died 3 times" in found.message and "out of memory" in found.message
    assert job.id in found.hint


SERVER = """
import sys
from etude import api
ws = api.open_project(sys.argv[1])
print("ready", flush=True)
api.jobs_run(ws, until=lambda: False)
"""


def server(ws: Workspace) -> subprocess.Popen[bytes]:
    done = subprocess.Popen([sys.executable, "-c", SERVER, str(ws.project.root)], stdout=subprocess.PIPE)
    assert done.stdout is not None
    assert done.stdout.readline() == b"ready\n"
    return done


def test_a_killed_server_leaves_the_worker_and_the_next_one_goes_on(ws: Workspace) -> None:
    long, then = api.job_add(ws, ["make", "wait"]), api.job_add(ws, ["make", "b"])
    first = server(ws)
    until = time.monotonic() + 20
    while not running(ws, long)():
        assert time.monotonic() < until
        time.sleep(0.02)
    pid = disk.worker_pid(ws.project.root, long.id)
    first.kill()
    first.wait()
    assert disk.worker_pid(ws.project.root, long.id) == pid, "the worker outlives its server"
    assert (state(ws, long), state(ws, then)) == ("running", "queued")
    api.job_stop(ws, long.id)
    api.jobs_run(ws)
    assert (state(ws, long), state(ws, then)) == ("stopped", "done")
    assert queue.settled(ws.project, long.id).attempts == 1


def test_servers_killed_at_any_moment_lose_no_job(ws: Workspace) -> None:
    jobs = [api.job_add(ws, ["make", f"a{i}"]) for i in range(6)]
    for delay in (0.0, 0.03, 0.08, 0.15, 0.3):
        one = server(ws)
        time.sleep(delay)
        one.kill()
        one.wait()
    api.jobs_run(ws)
    for job in jobs:
        found = api.job(ws, job.id)
        assert found.job.state == "done" and found.answer["words"][-2] == job.words[-1], found


def test_two_runners_start_a_job_once(ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "wait"])
    one, other = Runner(ws.project), Runner(ws.project)
    step_until(one, lambda: other.step() and running(ws, job)())
    assert queue.settled(ws.project, job.id).attempts == 1
    api.job_stop(ws, job.id)
    step_until(other, lambda: state(ws, job) == "stopped")


def test_only_the_ids_of_jobs_name_them(ws: Workspace) -> None:
    api.job_add(ws, ["make", "a"])
    for name in ("../queue/j-000001", "j-000001/", ".", "", "j-000009", "j-1"):
        with pytest.raises(ProjectError, match="There is no job"):
            api.job(ws, name)


def test_what_is_over_can_be_removed_and_nothing_else(ws: Workspace) -> None:
    job = api.job_add(ws, ["make", "a"])
    with pytest.raises(ProjectError, match="is queued"):
        api.job_rm(ws, job.id)
    api.jobs_run(ws)
    with pytest.raises(ProjectError, match="done already"):
        api.job_stop(ws, job.id)
    with pytest.raises(ProjectError, match="nothing to resume"):
        api.job_resume(ws, job.id)
    api.job_rm(ws, job.id)
    assert api.jobs(ws).jobs == ()


def test_the_command_line_has_all_of_it(ws: Workspace) -> None:
    def etude(*words: str) -> subprocess.CompletedProcess[str]:
        whole = [sys.executable, "-m", "etude", "-C", str(ws.project.root), *words]
        return subprocess.run(whole, capture_output=True, text=True, check=True)

    assert "j-000001 queued" in etude("jobs", "add", "make", "a", "-n", "2", "--temperature=0.5").stdout
    assert json.loads(etude("jobs", "run", "--json").stdout)["jobs"][0]["state"] == "done"
    shown = json.loads(etude("jobs", "show", "j-000001", "--json").stdout)
    assert shown["answer"]["words"][-5:] == ["a", "-n", "2", "--temperature=0.5", "--json"]
    assert "done" in etude("jobs").stdout
