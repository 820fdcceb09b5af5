"""What a muse must be able to do: answer one question several times, each answer in a form with named
fields.

What comes back is text and nothing but text: nothing in it is run, opened or obeyed. An answer that
does not fill its form is no answer; how many were none is said."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from etude.errors import clean


@dataclass(frozen=True)
class Field:
    """One field of a form: what it is for, and how many characters it may have."""

    name: str
    what: str
    most: int = 400


@dataclass(frozen=True)
class Question:
    """What is asked: what is known (`about`), what is wanted (`ask`), the form, and how many
    answers. `begins`: words with which a model that runs here is made to begin."""

    task: str
    about: str
    ask: str
    form: tuple[Field, ...]
    n: int
    tokens: int
    temperature: float = 0.9
    seed: int = 0
    begins: str = ""


@dataclass(frozen=True)
class Asked:
    """What came of it: answers that fill the form, why others do not, and what it cost."""

    answers: tuple[Mapping[str, str], ...]
    bad: tuple[str, ...]
    tokens: int
    seconds: float
    model: str


class Muse(Protocol):
    """A language model that is asked."""

    @property
    def name(self) -> str:
        """As the ledger names it."""

    @property
    def leaves(self) -> str:
        """One sentence on what leaves this machine."""

    def letter(self, question: Question) -> str:
        """The whole text that the model is given, for people."""

    def ask(self, question: Question, until: float) -> Asked:
        """Answers by the monotonic time `until`. Raises ModelError where none can be had."""


def filled(said: Any, form: Sequence[Field]) -> Mapping[str, str] | str:
    """An answer by the names of its form, or why it does not fill it."""
    if not isinstance(said, Mapping):
        return "it is no object"
    out = {}
    for field in form:
        value = said.get(field.name)
        if not isinstance(value, str) or not value.strip():
            return f"its '{field.name}' is missing or no text"
        if len(value) > field.most:
            return f"its '{field.name}' has {len(value):,} characters, and may have {field.most}"
        out[field.name] = clean(value)
    return out


def objects(text: str) -> list[Any]:
    """The JSON objects in a text: of a list, or one after another, with prose around them or without."""
    found: list[Any] = []
    decoder, at = json.JSONDecoder(), 0
    for _ in range(400):  # a flood of brackets is no answer
        m = re.compile(r"[\[{]").search(text, at)
        if m is None or len(found) >= 64:
            break
        try:
            value, at = decoder.raw_decode(text, m.start())
        except (ValueError, RecursionError):
            at = m.start() + 1
            continue
        if isinstance(value, Mapping):
            lists = [one for one in value.values() if isinstance(one, list)]
            found += lists[0] if len(lists) == 1 and len(value) == 1 else [value]
        else:
            found += value
    return found
