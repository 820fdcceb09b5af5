"""What a person may say about how files are read: the options of a medium as a table, and one way of reading
with them.

A medium that has some lists them as `read_options`, and its `read` takes each as a keyword. What was said is
plain data (a name, and a word or yes) and belongs to the work: read again, a file must give the same content.
Knows no command line; a command `--keep-all` is the option `keep_all`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from etude.errors import WorkError, quoted
from etude.media.contract import Medium, Reading, ReadOption

__all__ = ["NOTHING", "ReadOption", "Said", "read_as", "said_to"]

Said = Mapping[str, str | bool]
NOTHING: Said = {}


def said_to(medium: Medium, said: Said) -> dict[str, str | bool]:
    """What of all that was said is an option of this medium and differs from its default. Raises WorkError
    for a value that makes no sense; what is an option of another medium is passed over, since folders hold
    many kinds of files."""
    found: dict[str, str | bool] = {}
    for option in medium.read_options:
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
