"""`etude jobs`: what waits, runs and has ended in the queue."""

from __future__ import annotations

from typing import Any

import click

from etude.cli import show
from etude.cli.shell import Noun, Shell, verb

jobs = Noun("jobs", help="List, show, add, run, stop, resume and remove queued jobs.")


@verb("ls", "etude jobs", group=jobs)
def ls(shell: Shell) -> None:
    """List jobs, oldest first."""
    from etude import api

    found = api.jobs(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    if not found.jobs:
        shell.say("No jobs.")
        shell.suggest("etude jobs add make MODEL -n 8   and   etude jobs run")
        return
    show.table(
        ["id", "state", "what", "asked for", "ended"],
        [(job.id, job.state, job.title, job.created[:16], job.ended[:16]) for job in found.jobs],
    )


@verb("show", "etude jobs show j-000012", group=jobs)
@click.argument("ref", metavar="JOB")
def show_job(shell: Shell, ref: str) -> None:
    """Show a job: its command, its state and its last message."""
    from etude import api

    found = api.job(shell.workspace(), ref)
    if shell.json:
        show.as_json(found)
        return
    job = found.job
    last = [str(event.said.get("text") or event.said.get("message") or "") for event in found.events]
    show.facts(
        [
            ("command", "etude " + " ".join(job.words)),
            ("state", job.state),
            ("started", show.count(job.attempts, "time")),
            ("why", job.message),
            ("said last", next((text for text in reversed(last) if text), "")),
        ]
    )
    if job.hint:
        shell.say(job.hint)


@verb(
    "add",
    "etude jobs add make first -n 8",
    "etude jobs add learn first --from verse --budget 10m",
    group=jobs,
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, required=True, metavar="COMMAND...")
@click.option("--after", default="", metavar="JOB", help="Start after this job has succeeded.")
def add(shell: Shell, words: tuple[str, ...], after: str) -> None:
    """Add a command to the end of the queue, without waiting for it. A studio or `etude jobs run` starts
    it."""
    from etude import api

    _tell(shell, api.job_add(shell.workspace(), words, after=after), "etude jobs run")


add.context_settings.update(ignore_unknown_options=True, allow_interspersed_args=False)


@verb("run", "etude jobs run", group=jobs)
def run(shell: Shell) -> None:
    """Run the queued jobs one after the other until none is left. After Ctrl-C, a running job continues."""
    from etude import api

    found = api.jobs_run(shell.workspace())
    if shell.json:
        show.as_json(found)
        return
    for job in found.jobs:
        click.echo(f"{job.id}  {job.state:<8} {job.title}" + (f": {job.message}" if job.message else ""))


@verb("stop", "etude jobs stop j-000012", "etude jobs stop j-000012 --pause", group=jobs)
@click.argument("ref", metavar="JOB")
@click.option("--pause", is_flag=True, help="Mark it as paused, to be resumed later.")
def stop(shell: Shell, ref: str, pause: bool) -> None:
    """Stop a job as Ctrl-C would: training still leaves a usable model. A second stop ends it at once."""
    from etude import api

    _tell(shell, api.job_stop(shell.workspace(), ref, pause=pause), f"etude jobs resume {ref}")


@verb("resume", "etude jobs resume j-000012", group=jobs)
@click.argument("ref", metavar="JOB")
def resume(shell: Shell, ref: str) -> None:
    """Put a stopped or failed job back into the queue; training continues where it was."""
    from etude import api

    _tell(shell, api.job_resume(shell.workspace(), ref), "etude jobs run")


@verb("rm", "etude jobs rm j-000012", group=jobs)
@click.argument("ref", metavar="JOB")
def rm(shell: Shell, ref: str) -> None:
    """Remove a finished job and its messages. What it made stays."""
    from etude import api

    _tell(shell, api.job_rm(shell.workspace(), ref), "etude jobs")


def _tell(shell: Shell, job: Any, then: str) -> None:
    if shell.json:
        show.as_json(job)
        return
    click.echo(f"{job.id} {job.state}: {job.title}")
    shell.suggest(then)
