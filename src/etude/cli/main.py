"""The entry point: a static table of the verbs, each loaded only when it is called, and errors shown without
a traceback.

`etude --help` and completion read nothing but the table below, so they import neither torch nor numpy nor any
verb. Knows no verb's options; those live in the module that the table names.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Never

import click

from etude import __version__
from etude.errors import EtudeError


@dataclass(frozen=True)
class Entry:
    """One verb: its name, what it does in a few words, and where its command is defined."""

    name: str
    section: str
    summary: str
    module: str
    attribute: str


TABLE: tuple[Entry, ...] = (
    Entry("init", "Works", "Create a project in a folder.", "project", "init"),
    Entry("add", "Works", "Add files and folders of works.", "works", "add"),
    Entry("samples", "Works", "Add sample works that come with Etude.", "works", "samples"),
    Entry("works", "Works", "List, search, show and remove works.", "works", "works"),
    Entry(
        "collection",
        "Works",
        "List, show and change collections and their split.",
        "collections",
        "collection",
    ),
    Entry("curate", "Works", "Show what a collection contains and what it lacks.", "curate", "curate"),
    Entry("learn", "Learn and make", "Train a model on a collection within a budget.", "learn", "learn"),
    Entry("make", "Learn and make", "Make takes: new, continuing a file, or filling a gap.", "make", "make"),
    Entry("loop", "Learn and make", "Make looping clips with a picture model.", "make", "loop"),
    Entry(
        "sliders", "Learn and make", "Show and name the directions in which pictures vary.", "make", "sliders"
    ),
    Entry("score", "Learn and make", "Show how well a model predicts a file.", "make", "score"),
    Entry("models", "Learn and make", "List, show, choose, remove and restore models.", "make", "models"),
    Entry("base", "Learn and make", "List, show, add, fetch and remove bases.", "bases", "base"),
    Entry("take", "Keep", "Look at takes; accept, reject, edit, branch, undo.", "takes", "take"),
    Entry("history", "Keep", "Search what was done, and see what can be undone.", "history", "history"),
    Entry("lineage", "Keep", "Show what a take came from, and what came of it.", "history", "lineage"),
    Entry("draft", "Keep", "Write your own drafts: begin, change, undo and keep them.", "drafts", "draft"),
    Entry("story", "Keep", "Plan a story, read a draft, find contradictions.", "story_help", "story"),
    Entry("pieces", "Keep", "List, show and zip pieces.", "takes", "pieces"),
    Entry("export", "Keep", "Write takes and pieces as files, enlarged if you like.", "takes", "export"),
    Entry("remake", "Keep", "Make a take again from its recipe and compare.", "takes", "remake"),
    Entry("trace", "Trust", "Show what a take, piece or file owes to the works.", "trust", "trace"),
    Entry("audit", "Trust", "Show what a model is like: copies, variety, bias, cost.", "audit", "audit"),
    Entry("marks", "Trust", "Mark passages of a text that also occur in the works.", "drafts", "marks"),
    Entry("sign", "Trust", "Sign a piece with a credential that travels with it.", "trust", "sign"),
    Entry("verify", "Trust", "Check a file's credential.", "trust", "verify"),
    Entry("detect", "Trust", "Say whether a text was drawn by a model of yours.", "detect", "detect"),
    Entry("withdraw", "Trust", "Withdraw a work, and see what was trained on it.", "withdraw", "withdraw"),
    Entry("signers", "Trust", "List the names you sign under; choose the default.", "trust", "signers"),
    Entry("studio", "Studio", "Open the studio in a browser.", "studio", "studio"),
    Entry("jobs", "Maintenance", "List, show, run, stop and resume queued jobs.", "jobs", "jobs"),
    Entry("trash", "Maintenance", "List what was deleted, and delete it for good.", "project", "trash"),
    Entry("where", "Maintenance", "Show where everything is stored.", "project", "where"),
    Entry("doctor", "Maintenance", "Check this machine and say what to do.", "project", "doctor"),
    Entry("repair", "Maintenance", "Rebuild what can be rebuilt, and report damage.", "project", "repair"),
)


# What people type for what has another name here; difflib would lead some of them astray (undo -> add)
MEANT = {
    "undo": "take undo",
    "log": "history",
    "tree": "lineage TAKE",
    "redo": "take undo --redo",
    "accept": "take accept TAKE",
    "keep": "take accept TAKE",
    "reject": "take reject TAKE",
    "edit": "take edit TAKE",
    "branch": "take branch TAKE",
    "restore": "works restore",
    "remove": "works rm",
    "rm": "works rm",
    "delete": "works rm",
    "list": "works",
    "ls": "works",
    "train": "learn",
    "generate": "make",
    "status": "where",
    "info": "models info MODEL",
    "new": "init",
}


class LazyGroup(click.Group):
    """A group that knows its verbs from TABLE and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [entry.name for entry in TABLE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for entry in TABLE:
            if entry.name == cmd_name:
                found = getattr(import_module(f"etude.cli.{entry.module}"), entry.attribute)
                return found if isinstance(found, click.Command) else None
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] == "help":  # what many a program calls it
            return "help", _helping(args[1:]), []
        if args and (meant := MEANT.get(args[0])):
            hint = f"Did you mean: etude {meant}?"
            raise click.UsageError(f"There is no command '{args[0]}'. {hint}", ctx)
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean: etude {near[0]}?" if near else " See: etude --help"
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(entry.section for entry in TABLE):
            with formatter.section(section):
                formatter.write_dl(
                    [(entry.name, entry.summary) for entry in TABLE if entry.section == section]
                )

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Never:
        """Run and exit: 0 done, 1 the answer is no, 2 usage or tool error, 130 interrupted. Errors are always
        shown here."""
        given = list(sys.argv[1:] if args is None else args)
        try:
            if hasattr(signal, "pthread_sigmask"):  # a worker kept interrupts back until here
                signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))
            result = super().main(given, prog_name or "etude", complete_var, standalone_mode=False, **extra)
        except EtudeError as error:
            if "--debug" in given:
                raise
            _tell(error.message, error.hint, as_json="--json" in given)
            sys.exit(error.exit_code)
        except click.UsageError as error:
            if "--json" in given:
                path = error.ctx.command_path if error.ctx else "etude"
                _object(error.format_message(), f"See: {path} --help")
            error.show()
            sys.exit(2)
        except click.ClickException as error:
            _tell(error.format_message(), "", as_json="--json" in given)
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped. Nothing that was kept is lost.", err=True)
            sys.exit(130)
        except BrokenPipeError:
            # The reader of our output went away (`etude works | head`): nothing to tell, and Python must not
            # try to flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except Exception as error:
            if "--debug" in given:
                raise
            _tell(
                f"Etude failed: {type(error).__name__}: {error}",
                "See where with --debug, and please report it.",
                as_json="--json" in given,
            )
            sys.exit(2)
        sys.exit(result if isinstance(result, int) else 0)


def _helping(words: Sequence[str]) -> click.Command:
    """`etude help take undo` is `etude take undo --help`, with the usual errors for what is no command."""

    def run() -> None:
        cli.main([*words, "--help"])

    return click.Command("help", callback=run)


def _tell(message: str, hint: str, *, as_json: bool) -> None:
    """One sentence and the next command on stderr; with --json also an object on stdout, so that a caller
    need not parse prose."""
    message, hint = _sentence(message), _sentence(hint)
    if message[-1:].isalnum() or message[-1:] in ("'", ")"):
        message += "."
    if as_json:
        _object(message, hint)
    click.echo(
        click.style("Error: ", fg="red", bold=True) + message if _colour() else f"Error: {message}", err=True
    )
    if hint:
        click.echo(f"  {hint}", err=True)


def _object(message: str, hint: str) -> None:
    click.echo(json.dumps({"schema": "etude.error/1", "error": message, "hint": hint}, ensure_ascii=False))


def _sentence(text: str) -> str:
    """With a capital, where it begins with a plain word: file names, options and commands stay as they
    are."""
    first = re.match(r"[a-z]+(?=[ ,])", text)
    return (
        text[:1].upper() + text[1:] if first and first[0] not in ("etude", "pip", "python", "apt") else text
    )


def _colour() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


EPILOG = """\b
First steps:
  etude init my-studio && cd my-studio
  etude add ~/poems --collection verse --maker "Me" --licence own --consent yes
  etude learn first --from verse --budget 10m
  etude make first -n 8
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="etude")
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Use the project in this folder.",
)
@click.pass_context
def cli(ctx: click.Context, folder: str | None) -> None:
    """Etude trains on your own works, makes new takes with you, and shows what each take owes to them."""
    ctx.obj = {**(ctx.obj or {}), "folder": folder}


def main() -> None:
    """Console script."""
    cli.main(obj={"program": True})


if __name__ == "__main__":
    main()
