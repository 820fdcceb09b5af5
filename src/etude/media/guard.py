"""One guard around every decoder: whatever it raises becomes the reason why that one file was not read.

A library that opens other people's files may raise anything on a damaged one (lzma's own error, a
RecursionError). Without a guard, one such file ends a whole `add`. Knows no format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from etude.errors import EtudeError, WorkError, clean


@contextmanager
def guarded(what: str, hint: str = "Export or download it again.") -> Iterator[None]:
    """Errors of our own pass; any other exception inside becomes a WorkError of one line about this `what`
    ("e-book")."""
    try:
        yield
    except EtudeError:
        raise
    except Exception as error:
        raise WorkError(f"This {what} cannot be read: {reason(error)}.", hint) from error


def reason(error: BaseException) -> str:
    """What an exception says in one clean line without a full stop; its kind, where it says nothing."""
    if isinstance(error, MemoryError):
        return "it needs more memory than is available"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    text = clean(str(error), 160).rstrip(". ")
    return (
        text if any(sign.isalnum() for sign in text) else f"its decoder stopped with {type(error).__name__}"
    )
