"""A base that follows instructions, asked in its own words: several answers to one question, drawn side by
side by the compiled loops.

Only the form of dialogue that its vocabulary holds is used (ChatML: `<|im_start|>role`); a template
that lies in a file is a program, and is never run. What people write can hold no such sign: it is taken
apart first, so that a draft cannot speak in another's place. An answer may be made to begin with given
words, which is how a form with gaps (JSON) is filled. Knows no stories.

Letters: V vocabulary.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.errors import ModelError
from etude.families.sequence.networks.adapted import AdaptedNetwork
from etude.families.sequence.networks.base_weights import Base, open_base
from etude.families.sequence.networks.contract import Rows
from etude.families.sequence.networks.open_bases import OpenBases

OPENS, CLOSES = "<|im_start|>", "<|im_end|>"
CONTEXT = 2048  # tokens: a question with a scene of 800 words, and its answer
MOST = 8  # answers side by side
Arrays = Mapping[str, npt.NDArray[Any]]
Keep = Callable[[str, Callable[[], Arrays]], Arrays]


@dataclass(frozen=True)
class Said:
    """One answer: its text, how many tokens it took, and whether it ended by itself."""

    text: str
    tokens: int
    ended: bool


class Talk:
    """A base that is open to be asked. Raises ModelError where it knows no form of dialogue."""

    def __init__(self, path: Path, keep: Keep) -> None:
        from tokenizers import Tokenizer  # laziness: only where a base is asked

        base: Base = open_base(path)
        vocab = {str(t["content"]) for t in base.tokenizer.table.get("added_tokens") or []}
        if not {OPENS, CLOSES} <= vocab:
            raise ModelError(
                f"The base {base.name} was not made to follow instructions: it has no form of"
                " dialogue that is known here (ChatML).",
                "Take one whose name says Instruct; see: etude base ls",
            )
        self.name = base.name
        self._tokenizer = Tokenizer.from_str(json.dumps(base.tokenizer.table))
        self._context = min(CONTEXT, base.shape.context)
        config = {"kind": "adapted", "side_sizes": [], "context": self._context, "making": {}}
        opened = OpenBases(lambda name: path, keep)
        self._network = AdaptedNetwork(base, config, None, bases=opened)
        self._cache = self._network.cache(MOST)
        self._room = self._cache.room()
        self._read: list[int] = []  # what slot 0 holds
        self._stops = {self._tokenizer.token_to_id(CLOSES), base.tokenizer.eos}

    def ask(
        self,
        messages: Sequence[tuple[str, str]],
        *,
        n: int = 1,
        tokens: int = 60,
        temperature: float = 0.8,
        seed: int = 0,
        begins: str = "",
        stop: str = "",
        until: float | None = None,
    ) -> list[Said]:
        """`n` answers (at most 8) to the messages (role, text). Each begins with the words `begins`,
        and ends where the model ends it, before the sign `stop`, after so many tokens, or at the
        monotonic time `until`."""
        given = self._given(messages, begins, tokens)
        n = min(n, MOST)
        logits = self._prompt(given, n)
        streams = [rng.for_(seed, "talk", i) for i in range(n)]
        out: list[list[int]] = [[] for _ in range(n)]
        texts, ended = [""] * n, [False] * n
        for step in range(tokens):
            alive = [i for i in range(n) if not ended[i]]
            if not alive or (until is not None and time.monotonic() > until):
                break
            for i in alive:
                token = _drawn(logits[i], out[i], temperature, streams[i])
                if token in self._stops:
                    ended[i] = True
                    continue
                out[i].append(token)
                texts[i] = self._tokenizer.decode(out[i], skip_special_tokens=True)
                if stop and stop in texts[i]:
                    texts[i], ended[i] = texts[i].partition(stop)[0], True
            alive = [i for i in alive if not ended[i]]
            if alive and step + 1 < tokens:
                self._step([out[i][-1] for i in alive], alive, len(given) + step, logits)
        return [Said(texts[i], len(out[i]), ended[i]) for i in range(n)]

    def _given(self, messages: Sequence[tuple[str, str]], begins: str, tokens: int) -> list[int]:
        parts = [f"{OPENS}{role}\n{plain(text)}{CLOSES}\n" for role, text in messages]
        text = "".join(parts) + f"{OPENS}assistant\n" + plain(begins)
        given = [int(t) for t in self._tokenizer.encode(text, add_special_tokens=False).ids]
        room = self._context - tokens
        if len(given) > room:
            raise ModelError(
                f"The question has {len(given):,} tokens; {self.name} has room for {room:,} beside"
                f" an answer of "
                f"{tokens}.",
                "Ask about a shorter passage.",
            )
        return given

    def _prompt(self, given: list[int], n: int) -> npt.NDArray[np.float32]:
        """Read what is given once, and fork it; the logits (n, V) of the first token."""
        same = 0
        while same < min(len(given) - 1, len(self._read)) and given[same] == self._read[same]:
            same += 1
        rows, of = Rows.empty(self._cache.rows, 0), self._cache.rows
        logits = np.zeros((max(of, n), self._network.vocab), np.float32)
        for start in range(same, len(given), of):
            part = given[start : start + of]
            k = len(part)
            rows.token[:k], rows.slot[:k] = part, 0
            rows.place[:k], rows.want[:k] = np.arange(start, start + k), -1
            if start + k == len(given):
                rows.want[k - 1] = 0
            self._cache.read(rows, k, logits, self._room)
        self._read = list(given)
        for i in range(1, n):
            self._cache.fork(0, i, len(given))
            logits[i] = logits[0]
        return logits

    def _step(self, tokens: list[int], slots: list[int], place: int, logits: npt.NDArray[np.float32]) -> None:
        """One token more of each of these answers."""
        rows, k = Rows.empty(self._cache.rows, 0), len(tokens)
        rows.token[:k], rows.slot[:k], rows.place[:k] = tokens, slots, place
        rows.want[:k] = np.arange(k)
        fresh = np.zeros((self._cache.rows, self._network.vocab), np.float32)
        self._cache.read(rows, k, fresh, self._room)
        for at, slot in enumerate(slots):
            logits[slot] = fresh[at]


def plain(text: str) -> str:
    """What a person or a draft wrote, without signs of dialogue."""
    return text.replace("<|", "< |")


def _drawn(
    logits: npt.NDArray[np.float32], before: list[int], temperature: float, stream: np.random.Generator
) -> int:
    """A token: what came before is a little less likely, what is 20 times less likely than the likeliest is
    left out."""
    x = logits.astype(np.float64)
    for token in set(before[-64:]):
        x[token] -= 0.25
    if temperature <= 0:
        return int(x.argmax())
    x = (x - x.max()) / temperature
    x[x < np.log(0.05)] = -np.inf
    p = np.exp(x)
    total = np.cumsum(p)
    return int(np.searchsorted(total, stream.random() * total[-1]))
