"""Text as tokens of a tokenizer that was learned elsewhere: that of a base, as `tokenizers` writes it.

Byte-pair encodings are read, of bytes or with bytes for what is unknown. Whatever changes a text before it is
divided (forms of Unicode, a blank put before it) is left out, so that the tokens of a text are its very
bytes; a text that cannot be spelt so is refused. Special tokens are never text: what looks like one in a text
is spelt letter by letter. Knows no network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from etude.errors import ModelError, WorkError
from etude.media.codec import Encoded
from etude.media.text.bpe import byte_characters
from etude.media.text.byte_codec import ByteCodec
from etude.media.text.prose_cursor import Openings, ProseCursor
from etude.media.values import Int32

KIND = "tokenizer"
_BLANK = "\u2581"  # as which tokenizers of the SentencePiece kind write a blank


class TokenizerCodec(ByteCodec):
    """The codec of a base. Tokens that are never drawn have no bytes, nor have rows of the network beyond
    them."""

    def __init__(
        self, tokenizer: Mapping[str, Any], rows: int, bos: int, eos: int, counts: str = "characters"
    ) -> None:
        """`tokenizer`: the table that `tokenizers` writes; `rows`: tokens that the network knows; `counts`:
        whether lengths of takes are in characters or words. Raises ModelError for a tokenizer that is not
        read here."""
        from tokenizers import Tokenizer

        self._data = plain(tokenizer)
        self._rows, self._counts = rows, counts
        spelt = _spelt(self._data, rows, (bos, eos))
        super().__init__([tuple(data) for data in spelt], bos, eos)
        try:
            self._tokenizer: Any = Tokenizer.from_str(json.dumps(self._data))
        except Exception as error:
            raise ModelError(
                f"the tokenizer of the base cannot be read ({error})", "fetch the base again"
            ) from error
        self._tokenizer.encode_special_tokens = True
        self._lengths = np.array([len(data) for data in spelt], np.int64)
        self._openings = Openings(self._bytes)

    def encode(self, content: str) -> Encoded:
        """bos (not scored), the tokens of the text, eos. Raises WorkError for a text that cannot be spelt."""
        data = content.encode("utf-8", "replace")
        tokens = np.array(self._tokenizer.encode(content, add_special_tokens=False).ids, np.int32)
        if b"".join(self._bytes[t] for t in tokens.tolist()) != data:
            raise WorkError(
                f"the base's tokenizer cannot spell this text: {self._unspelt(tokens, data)}",
                "leave the text out, or learn without a base",
            )
        ends = np.cumsum(self._lengths[tokens])
        first = np.flatnonzero((np.frombuffer(data, np.uint8) & 0xC0) != 0x80)  # where characters begin
        done = np.append(first[1:], len(data))
        return self._encoded([(tokens, np.searchsorted(done, ends, side="right").astype(np.int32))])

    def augment(self, content: str, rng: np.random.Generator) -> Encoded:
        """Plain `encode`: a base has not met other spellings."""
        return self.encode(content)

    def cursor(
        self, *, units: int | None = None, given: str | None = None, stays: Mapping[str, Any] | None = None
    ) -> ProseCursor:
        """As of `ByteCodec`, keeping words and sentences whole. A blank at the end of what is given is made
        anew with the word after it, since tokens begin with their blanks."""
        if given and stays and "fill" in stays:
            given = given[: stays["fill"][0]]
        blank = bool(given) and given is not None and given.endswith(" ") and not given.endswith("  ")
        forced: list[int] = []
        if given:
            forced = self.encode(given[:-1] if blank else given).tokens[1:-1].tolist()
        opened = self._openings.first if units is not None and not given else None
        if blank:
            opened = self._openings.blank
        own = self._bytes, self._spelling, self.eos, self.bos, units, forced
        return ProseCursor(*own, self._openings, opened, by_words=self._counts == "words")

    def to_json(self) -> dict[str, Any]:
        """All that the codec is. A model on a base does not store it, since it lies with the base."""
        return {
            "kind": KIND,
            "version": 1,
            "tokenizer": self._data,
            "rows": self._rows,
            "bos": self.bos,
            "eos": self.eos,
            **({} if self._counts == "characters" else {"counts": self._counts}),
        }

    @property
    def digest(self) -> str:
        """A hash of all that it is."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def _unspelt(self, tokens: Int32, data: bytes) -> str:
        """Where a text and its tokens part."""
        made = b"".join(self._bytes[t] for t in tokens.tolist())
        same = next((i for i, (a, b) in enumerate(zip(made, data)) if a != b), min(len(made), len(data)))
        before = data[:same].decode("utf-8", "ignore")
        after = data[max(0, same - 3) : same + 12].decode("utf-8", "ignore")
        return f"it loses something at character {len(before):,} ({after!r})"


def from_json(data: Mapping[str, Any]) -> TokenizerCodec:
    """The codec that `to_json` wrote. Raises ModelError where a part is missing or newer."""
    try:
        if data["kind"] != KIND or int(data["version"]) != 1:
            raise ModelError(
                f"This codec is '{data['kind']}' version {data['version']}; this version of Etude reads "
                f"'{KIND}' version 1.",
                "Install a newer version of Etude: pip install -U etude",
            )
        own = data["tokenizer"], int(data["rows"]), int(data["bos"]), int(data["eos"])
        return TokenizerCodec(*own, str(data.get("counts", "characters")))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"the tokenizer of the base cannot be read ({error})", "fetch the base again"
        ) from error


def plain(tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """The same tokenizer without what changes a text. Raises ModelError for one that is no byte-pair
    encoding."""
    model = tokenizer.get("model")
    if not isinstance(model, Mapping) or model.get("type", "BPE") != "BPE" or "merges" not in model:
        found = model.get("type", "none") if isinstance(model, Mapping) else "none"
        raise ModelError(
            f"the base's tokenizer is of the kind {found}; byte-pair encodings are read", "name another base"
        )
    out = {**tokenizer, "truncation": None, "padding": None, "post_processor": None}
    if _of_bytes(tokenizer):
        return {**out, "normalizer": None}
    before = tokenizer.get("pre_tokenizer")
    if isinstance(before, Mapping) and before.get("type") == "Metaspace":
        return {**out, "normalizer": None, "pre_tokenizer": {**before, "prepend_scheme": "never"}}
    blanks = {"type": "Replace", "pattern": {"String": " "}, "content": _BLANK}
    return {**out, "normalizer": blanks}


def _of_bytes(tokenizer: Mapping[str, Any]) -> bool:
    """Whether tokens are written in GPT-2's stand-ins for bytes."""
    return '"ByteLevel"' in json.dumps([tokenizer.get("pre_tokenizer"), tokenizer.get("decoder")])


def _spelt(tokenizer: Mapping[str, Any], rows: int, never: Sequence[int]) -> list[bytes]:
    """The bytes of every token; none for special ones, and for those that another token spells already."""
    model, of_bytes = tokenizer["model"], _of_bytes(tokenizer)
    number = {c: b for b, c in byte_characters().items()}
    out, taken = [b""] * rows, dict[bytes, int]()
    added = {int(t["id"]): t for t in tokenizer.get("added_tokens") or []}

    most = max([*map(int, model["vocab"].values()), *added], default=0)
    if most >= rows:
        raise ModelError(
            f"the base's tokenizer has a token {most:,}, and its network knows {rows:,}",
            "fetch the base again",
        )

    def put(token: int, data: bytes) -> None:
        if 0 <= token < rows and data and data not in taken and token not in never:
            taken[data], out[token] = token, data

    for token, entry in added.items():
        if not entry.get("special"):
            put(token, str(entry["content"]).replace(_BLANK, " " if not of_bytes else _BLANK).encode())
    single = []
    for piece, token in sorted(model["vocab"].items(), key=lambda item: int(item[1])):
        if int(token) in added:
            continue
        if of_bytes:
            if all(c in number for c in piece):
                put(int(token), bytes(number[c] for c in piece))
        elif len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
            single.append((int(token), bytes([int(piece[3:5], 16)])))
        elif piece not in ("<unk>", model.get("unk_token")):
            put(int(token), piece.replace(_BLANK, " ").encode())
    for token, data in single:  # the bytes of what has no piece of its own
        put(token, data)
    if not any(out):
        raise ModelError("the base's tokenizer has no tokens", "fetch the base again")
    return out
