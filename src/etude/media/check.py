"""The conformance suite of the medium contract: does a medium keep every promise of `contract.py` on some
example files?

Public: whoever adds a medium runs `check_medium(MyMedium(), examples)` in a test and reads the complaints.
What every medium has is checked of all; codecs, copies and traces of sequence media, frames of picture media.
Knows media only through the contract; a complaint is a sentence, an empty list of complaints is a pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from etude.media.contract import Medium
from etude.media.promises.codecs import CODECS
from etude.media.promises.files import FILES
from etude.media.promises.people import PEOPLE
from etude.media.promises.pictures import PICTURES
from etude.media.promises.sequences import SEQUENCES
from etude.media.promises.subject import Check, Promise, Subject

CHECKS: tuple[Promise, ...] = (*FILES, *PEOPLE)
SEQUENCE_CHECKS: tuple[Promise, ...] = (*CODECS, *SEQUENCES)
PICTURE_CHECKS: tuple[Promise, ...] = PICTURES
BY_FAMILY = {"sequence": SEQUENCE_CHECKS, "pictures": PICTURE_CHECKS}

__all__ = ["CHECKS", "PICTURE_CHECKS", "SEQUENCE_CHECKS", "Check", "Subject", "check_medium", "complaints"]


def check_medium(medium: Medium, examples: Sequence[tuple[bytes, str]]) -> list[Check]:
    """Run every check on a medium with example files, each as (bytes, suffix): at least two, of which none
    begins with another.

    Raises WorkError where an example cannot be read.
    """
    contents = [medium.read(data, suffix=suffix).content for data, suffix in examples]
    subject = Subject(medium, examples, contents)
    checks = (*CHECKS, *BY_FAMILY.get(medium.family, ()))
    return [Check(check.__name__.replace("_", " "), complaints(check, subject)) for check in checks]


def complaints(check: Promise, subject: Subject) -> tuple[str, ...]:
    """What speaks against one promise; an exception on the way speaks against it too."""
    found: list[str] = []
    try:
        found.extend(check(subject))
    except Exception as error:  # noqa: BLE001 - a medium that is being checked may raise anything
        found.append(f"{type(error).__name__}: {error}")
    return tuple(found)
