"""Every error a person may see: one clear sentence and the next command.

Errors of this family are raised anywhere and shown at the edge (command line, studio) without a traceback. They carry `hint`,
the command or act that helps. `assert` stays for our own mistakes.
"""

from __future__ import annotations


class EtudeError(Exception):
    """A mistake or a limit that a person can act on.

    `message` says what happened, in which file, with both numbers; `hint` says what to do next. `exit_code` is what the
    command line returns: 2 unless a subclass says otherwise.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
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
    """A model that is missing, truncated, newer than this version, or that does not fit the request."""


class TakeError(EtudeError):
    """A take or piece that is missing, or an act that its state does not allow."""


class CredentialError(EtudeError):
    """Signing or verifying could not be carried out."""


class Interrupted(EtudeError):
    """The person stopped the work; what was done is saved and the same command resumes it."""

    exit_code = 130
