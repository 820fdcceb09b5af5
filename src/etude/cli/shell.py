"""What every verb shares: `-C`, `--json`, `--debug`, examples first in the help, and nouns whose plain form
is a list.

A verb is written as a function of a `Shell` and its own options; it calls one function of `etude.api` and
shows the result. Knows neither what the verbs do nor how results look (`show.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from etude.workspace.core import Workspace


@dataclass(frozen=True)
class Shell:
    """How this call was made: in which folder, whether the answer is wanted as JSON."""

    folder: str | None
    json: bool
    debug: bool
    program: bool = False  # the process is this one command

    def began(self) -> float | None:
        """The monotonic time at which this command began; None where it is called from a program."""
        from etude.training.since import process_start

        return process_start() if self.program else None

    def workspace(self) -> Workspace:
        """The project of -C, or the nearest one upwards. Raises ProjectError when there is none."""
        from etude.api import open_project

        opened = open_project(self.folder)
        for done in opened.project.cut_off:
            self.say(f"Note: {done.what}. Do it again.")
        return opened

    def say(self, text: str = "") -> None:
        """Talk to the person: stderr, so that stdout holds data only."""
        click.echo(text, err=True)

    def suggest(self, command: str) -> None:
        """The next command, where a person is reading."""
        if not self.json:
            click.echo(f"Next: {command}", err=True)


class Verb(click.Command):
    """A command whose help opens with examples (clig.dev: people copy the first thing they see)."""

    examples: tuple[str, ...] = ()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_usage(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)
        self.format_epilog(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options, then those of each family under a heading."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(param, "section", "") or "Options", []).append(record)
        for heading, records in sorted(sections.items(), key=lambda item: item[0] != "Options"):
            with formatter.section(heading):
                formatter.write_dl(records)


class Noun(click.Group):
    """A group of verbs on one kind of thing; without a verb it lists."""

    default = "ls"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        helps = set(ctx.help_option_names)
        if not args or (args[0].startswith("-") and args[0] not in helps):
            args = [self.default, *args]
        elif args[0] == "list" and "list" not in self.commands:  # what many a program calls it
            args = [self.default, *args[1:]]
        return super().parse_args(ctx, args)


def verb(
    name: str, *examples: str, group: click.Group | None = None
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command of a function `(shell, **options)`; its docstring is the help text."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @click.option(
            "-C",
            "folder",
            metavar="DIR",
            type=click.Path(file_okay=False),
            help="Use the project in this folder.",
        )
        @click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object on stdout.")
        @click.option("--debug", is_flag=True, help="Show the traceback of an error.")
        @functools.wraps(function)
        def run(folder: str | None, as_json: bool, debug: bool, **options: Any) -> Any:
            above = click.get_current_context().find_root().obj or {}
            program = bool(above.get("program"))
            return function(Shell(folder or above.get("folder"), as_json, debug, program), **options)

        command = click.command(name, cls=Verb)(run)
        assert isinstance(command, Verb)
        command.examples = examples
        if group is not None:
            group.add_command(command)
        return command

    return decorate


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """`key=value` options as a mapping. Raises UsageError naming the one that has no `=` or no key."""
    result: dict[str, str] = {}
    for value in values:
        key, equals, rest = value.partition("=")
        if not equals or not key.strip() or not rest.strip():
            raise click.UsageError(f"{option} takes key=value, got '{value}'. Example: {option} form=sonnet")
        result[key.strip()] = rest.strip()
    return result
