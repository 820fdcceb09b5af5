"""docs/cli.md from the commands themselves: `python -m etude.cli.reference [FILE]` prints or writes it, and a
test compares.

Knows nothing of what the verbs do.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etude.cli.main import TABLE, cli
from etude.cli.shell import Verb

SHARED = ("-C", "--json", "--debug", "--help")
HEAD = """\
# The command line

Generated from the commands by `make docs`; a test compares the two.

Results go to stdout, messages to stderr. Every command takes `--json` (one object with a `schema`), `-C DIR`
(use the project in that folder; by default, the nearest folder upwards with an `etude.toml`),
`--debug` (show the traceback of an error) and `--help`.

Exit codes: 0 success; 1 the answer is no (an invalid credential, a remake that differs, a problem left to
fix); 2 a usage error or a failure, explained in one sentence with the next command; 130 stopped by Ctrl-C,
with nothing lost that was saved.
"""


def render() -> str:
    """The whole page as Markdown."""
    out = [HEAD]
    for section in dict.fromkeys(entry.section for entry in TABLE):
        out.append(f"## {section}\n")
        for entry in (entry for entry in TABLE if entry.section == section):
            command = cli.get_command(click.Context(cli), entry.name)
            assert command is not None
            if isinstance(command, click.Group):
                out.append(f"### etude {entry.name}\n\n{entry.summary}\n")
                for name in command.commands:
                    out.append(_verb(command.commands[name], f"etude {entry.name} {name}", "####"))
            else:
                out.append(_verb(command, f"etude {entry.name}", "###"))
    return "\n".join(out).rstrip() + "\n"


def _verb(command: click.Command, path: str, level: str) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join(part for part in command.collect_usage_pieces(context) if part != "[OPTIONS]")
    lines = [
        f"{level} {path}",
        "",
        " ".join((command.help or "").split()),
        "",
        f"`{path} [OPTIONS] {usage}`".replace(" `", "`"),
        "",
    ]
    if isinstance(command, Verb) and command.examples:
        lines += ["```", *command.examples, "```", ""]
    rows = []
    for option in (param for param in command.params if isinstance(param, click.Option)):
        record = option.get_help_record(context)
        if record is not None and not any(record[0].startswith(name) for name in SHARED):
            names, words = (" ".join(text.split()).replace("|", "\\|") for text in record)
            rows.append(f"| `{names}` | {words} |")
    if rows:
        lines += ["| option | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(render(), encoding="utf-8")
    else:
        sys.stdout.write(render())
