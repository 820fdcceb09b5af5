"""Every error a person may see: one clear sentence and the next command.

Errors of this family are raised anywhere and shown at the edge (command line, studio) without a traceback.
They carry `hint`, the command or act that helps. `assert` stays for our own mistakes.

What a message quotes comes from files that nobody has vouched for, and so do titles, makers and attributes
that are stored: `clean` makes one printable line of any of it. Every message and hint passes through it.
"""

from __future__ import annotations

import re

# Terminal sequences (ECMA-48: CSI, then OSC and its kin up to their end) go as a whole, so that no "[31m" is
# left of them.
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)|\x9b[0-?]*[ -/]*[@-~]"
)
_BREAK = re.compile("[ \t]*[\x00-\x1f\x7f-\x9f\u2028\u2029]+[ \t]*")
# Marks that reorder or hide text: bidirectional ones (UAX 9), zero-width ones, interlinear and tag
# characters.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|"
    "[\U000e0000-\U000e007f]"
)
_JOINERS = "\u200c\u200d"  # of Persian and Indic words, and of emoji


def clean(text: str, limit: int = 0) -> str:
    """One printable line: no terminal sequences, control characters, line ends, bidirectional or invisible
    marks, and no half characters (of file names that are not UTF-8). With `limit`, at most so many
    characters, the last an ellipsis if more were there.
    """
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub("", _BREAK.sub(" ", _SEQUENCE.sub("", text)))
        text = "".join(sign if sign.isprintable() or sign in _JOINERS else _shown(sign) for sign in text)
    text = text.strip()
    return text if not limit or len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"


def _shown(sign: str) -> str:
    """A blank for a blank of another width; a replacement character for halves, private and unassigned
    characters.
    """
    return " " if sign.isspace() else "\ufffd"


def quoted(text: str, limit: int = 48) -> str:
    """The first words of a text in quotation marks, for a sentence about it."""
    text = " ".join(clean(text[: 8 * limit]).split())
    if len(text) > limit:
        start = text[:limit].rpartition(" ")[0] or text[:limit]
        text = start.rstrip(" ,;:.\u2013\u2014") + " \u2026"
    return f"\u201c{text}\u201d"


class EtudeError(Exception):
    """A mistake or a limit that a person can act on.

    `message` says what happened, in which file, with both numbers; `hint` says what to do next. `exit_code`
    is what the command line returns: 2 unless a subclass says otherwise.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        message, hint = clean(message), clean(hint)
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class ProjectError(EtudeError):
    """The project folder is missing, locked, damaged or newer than this version."""


class WorkError(EtudeError):
    """A file cannot become a work: unreadable, empty, too large, of no known medium."""


class ConsentError(EtudeError):
    """Works without consent, or under a licence that does not allow learning."""


class BudgetError(EtudeError):
    """A budget that cannot be read, or that is too small for anything useful."""


class ModelError(EtudeError):
    """A model or base that is missing, truncated, newer than this version, or does not fit the request."""


class TakeError(EtudeError):
    """A take or piece that is missing, or an act that its state does not allow."""


class CredentialError(EtudeError):
    """Signing or verifying could not be carried out."""


class Interrupted(EtudeError):
    """The person stopped the work; what was done is saved and the same command resumes it."""

    exit_code = 130
