"""What a person may say about how files are read: the options of a medium as a table, and one way of reading
with them.

A medium that has some lists them as `read_options`, and its `read` takes each as a keyword; a medium without
has no such list. What was said is plain data (a name, and a word or yes) and belongs to the work: read again,
a file must give the same content. Knows no command line; a command `--keep-all` is the option `keep_all`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from etude.errors import WorkError, quoted
from etude.media.contract import Medium, Reading

Said = Mapping[str, str | bool]
NOTHING: Said = {}


@dataclass(frozen=True)
class ReadOption:
    """One option: its name in Python, what it means, its value where nothing is said (a word, or False for a
    switch), and a check that raises WorkError for a word that makes no sense."""

    name: str
    help: str
    default: str | bool = ""
    check: Callable[[str | bool], object] | None = None

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")


def options_of(medium: Medium) -> tuple[ReadOption, ...]:
    """The options of a medium; () for most."""
    options: tuple[ReadOption, ...] = getattr(medium, "read_options", ())
    return options


def said_to(medium: Medium, said: Said) -> dict[str, str | bool]:
    """What of all that was said is an option of this medium and differs from its default. Raises WorkError
    for a value that makes no sense; what is an option of another medium is passed over, since folders hold
    many kinds of files."""
    found: dict[str, str | bool] = {}
    for option in options_of(medium):
        value = said.get(option.name, option.default)
        if value == option.default:
            continue
        if isinstance(value, bool) != isinstance(option.default, bool):
            raise WorkError(f"{option.flag} cannot be {quoted(str(value))}.", option.help)
        if option.check is not None:
            option.check(value)
        found[option.name] = value
    return found


def read_as(medium: Medium, data: bytes, *, suffix: str, said: Said = NOTHING) -> Reading:
    """Read a file as the person said. Raises WorkError, as `Medium.read` does."""
    read: Callable[..., Any] = medium.read
    reading: Reading = read(data, suffix=suffix, **said_to(medium, said))
    return reading
