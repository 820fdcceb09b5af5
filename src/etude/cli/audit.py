"""`etude audit`."""

from __future__ import annotations

import click

from etude.cli import show
from etude.cli.progress import Counter
from etude.cli.shell import Shell, verb
from etude.config.audit import AUDIT


@verb(
    "audit",
    "etude audit verse",
    "etude audit verse --seconds 30 --json",
    "etude audit verse --share maker=parity",
    "etude audit verse --robustness 1m",
    "etude audit verse --last",
)
@click.argument("model")
@click.option(
    "--takes",
    type=click.IntRange(1, 2000),
    default=AUDIT.takes,
    show_default=True,
    help="Maximum number of takes to make and audit; they are not kept.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=AUDIT.seconds,
    show_default=True,
    help="Time limit for making them.",
)
@click.option(
    "--share",
    default="",
    metavar="KEY=SHARE",
    help="Also make takes by this quota and show what it changes: 'maker=parity', 'gender=female:0.5'.",
)
@click.option(
    "--robustness",
    "robust",
    is_flag=False,
    flag_value=AUDIT.robust,
    default="",
    metavar="[TIME]",
    help="Also train ten models, each within this budget (default 30s), to measure the effect of works under "
    "another's name, of one that floods the rest, and of other seeds.",
)
@click.option("--last", is_flag=True, help="Show the audit that was made last, and make none.")
def audit(shell: Shell, model: str, takes: int, seconds: float, share: str, robust: str, last: bool) -> None:
    """Show what a model is like: whether it copies, how varied its takes are, whom it shows more or less
    often than your works do, and what it cost. Writes audit.html and audit.json beside the model's card."""
    from etude import api
    from etude.audit.report import WORDS

    ws = shell.workspace()
    if last:
        found = api.audited(ws, model)
    else:
        with Counter(shell, "takes", "auditing") as counter:
            found = api.audit(
                ws, model, takes=takes, seconds=seconds, share=share, robust=robust, on_progress=counter.told
            )
    if shell.json:
        show.as_json(found)
        return
    shell.say(f"{found.model}: {found.takes} takes, {found.held_out} works held out")
    for section in found.sections:
        shell.say(f"{section.question} [{WORDS[section.verdict]}] {section.answer}")
    for one in found.nearest:
        shell.say(f"Take {one.take} is nearest to {one.title} ({one.work}), {one.place}: {one.like:.2f}")
    shell.say(f"Read {found.page}" if last else f"Wrote {found.page}")
