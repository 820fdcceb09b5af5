"""Plain words for pages: how a job stands, what a budget means, sizes and times. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etude.store.jobs import Job

BUDGETS = (  # what is written, what it is called, what it is good for
    ("2m", "Two minutes", "to see whether it goes in the right direction"),
    ("10m", "Ten minutes", "a first model that is worth a look"),
    ("1h", "An hour", "clearly better; the machine is busy meanwhile"),
    ("8h", "Overnight", "eight hours, stopped and kept whenever you like"),
)
_STATES = {
    "queued": "waits for its turn",
    "running": "is at work",
    "done": "is done",
    "failed": "did not work",
    "stopped": "was stopped",
}


def job_line(job: Job) -> str:
    """One sentence on how a job stands."""
    if job.state == "running" and job.asked:
        return "is finishing its step, to leave a usable model"
    if job.state == "stopped" and job.asked == "pause":
        return "is paused"
    return _STATES.get(job.state, job.state)


def learning_line(said: Mapping[str, Any]) -> str:
    """What a run of learning does, for somebody who never saw one: from its last event."""
    named = str(said.get("stage", ""))
    stage = _STAGES.get(named.split(" ")[0], named.capitalize() or "Working")
    share = min(1.0, max(0.0, float(said.get("share") or 0.0)))
    return f"{stage}, {100 * share:.0f} % of the budget spent."


_STAGES = {
    "reading": "Reading the works",
    "learning": "Training on the works",
    "pairing": "Training the one-pass network",
    "refining": "Refining against the critic",
    "enlarging": "Training the enlargement",
    "measuring": "Evaluating on held-out works",
}


def duration(seconds: float) -> str:
    """'40 s', '12 min', '2 h 5 min'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """'3.4 MB'."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"


def plural(number: int, one: str, many: str = "") -> str:
    """'1 work', '1,200 works'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(said: object) -> str:
    """What a run says, with a capital and a full stop."""
    text = str(said).strip()
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
