"""A reader's own guard: whatever goes wrong inside it is one WorkError of one line, and quoted words are safe to print.

What a file says of itself may hold line breaks, escape sequences and marks that turn the direction of writing; none of them may
reach a terminal or a store. Knows no format.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from etude.errors import EtudeError, WorkError
from etude.media.contract import Reading

P = ParamSpec("P")
JOINERS = "\u200c\u200d"  # print nothing, and yet belong to the spelling of Persian, Hindi and others
LONGEST_NAME = 300  # characters of a title or name that are kept
LONGEST_REASON = 160  # characters of another program's message that are quoted


def clean(text: str | None, longest: int = LONGEST_NAME) -> str:
    """The text on one line, without control characters, direction marks and other characters that print nothing."""
    shown = "".join(
        c if c.isprintable() or c in JOINERS else " " if c.isspace() or ord(c) < 160 else ""
        for c in text or ""
    )
    return " ".join(shown.split())[:longest].strip()


def reason(error: BaseException) -> str:
    """What an exception says, on one line; its kind where it says nothing."""
    said = getattr(error, "msg", None) or error  # of a SyntaxError without the place in our own string
    first = next((line for line in str(said).splitlines() if clean(line)), "")
    return clean(first, LONGEST_REASON).rstrip(" .,;:") or type(error).__name__


def guarded(what: str, hint: str) -> Callable[[Callable[P, Reading]], Callable[P, Reading]]:
    """For a reader: any exception that is not for people becomes a WorkError which says `what` could not be read, and why."""

    def wrap(read: Callable[P, Reading]) -> Callable[P, Reading]:
        @wraps(read)
        def inner(*args: P.args, **kwargs: P.kwargs) -> Reading:
            try:
                return read(*args, **kwargs)
            except EtudeError:
                raise
            except (
                Exception
            ) as error:  # a damaged file may fail a decoder in any way: it is that file's reason
                kind, why = type(error).__name__, reason(error)
                why = why if why == kind else f"{kind}: {why}"
                raise WorkError(f"This {what} cannot be read ({why}).", hint) from error

        return inner

    return wrap
