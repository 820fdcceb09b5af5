"""A muse in this process: a base of the shelf that follows instructions. Nothing leaves the machine.

A small model cannot keep to a form: asked for JSON, one of 135 M parameters gave 11 usable answers of
60. So it is only ever asked for one sentence, which may be begun for it, and the form is filled
here."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path

from etude.families import Keep, Talker, talker
from etude.story.muse.contract import Asked, Question, filled

_END = re.compile(r"[.!?][”\"’]?(?=\s|$)")


class LocalMuse:
    """A base that is asked."""

    leaves = "Nothing leaves this machine: the model runs in this process."

    def __init__(self, name: str, path: Path, keep: Keep) -> None:
        self.name = name
        self._path, self._keep = path, keep
        self._talk: Talker | None = None

    def letter(self, question: Question) -> str:
        """The question as the model reads it."""
        return f"{question.about}\n\n{question.ask}".strip()

    def ask(self, question: Question, until: float) -> Asked:
        """Answers side by side, the first field of all at once."""
        began, tokens = time.monotonic(), 0
        talk = self._talk = self._talk or talker(self._path, self._keep)
        messages = [("user", self.letter(question))]
        kept, bad = [], []
        drawn = talk.ask(
            messages,
            n=question.n,
            tokens=question.tokens,
            temperature=question.temperature,
            seed=question.seed,
            begins=question.begins,
            until=until,
        )
        for one in drawn:
            tokens += one.tokens
            whole = f"{question.begins}{one.text}".strip()
            end = _END.search(whole, len(question.begins))
            if not (one.ended or end):
                bad.append("it did not come to an end")
                continue
            answer = filled({question.form[0].name: whole[: end.end()] if end else whole}, question.form)
            if isinstance(answer, Mapping):
                kept.append(answer)
            else:
                bad.append(answer)
        return Asked(tuple(kept), tuple(bad), tokens, time.monotonic() - began, self.name)
