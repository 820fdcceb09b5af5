"""The tokenizer of a base, as the table that `tokenizers` writes, with the tokens that begin and end a work.

A folder holds that table; a GGUF file holds its parts, from which it is put together. Knows no text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etude.errors import ModelError

ENDS_OF_TEXT = "<|endoftext|>", "<|end_of_text|>"  # what stood between the texts that a base has read
_CONTROL, _UNKNOWN, _USER, _BYTE = 3, 2, 4, 6  # types of tokens in GGUF files
_BYTES: Mapping[str, Any] = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": False,
}
_BY_REGEX = {**_BYTES, "use_regex": True}
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{digits}"
    r"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _split(digits: str) -> dict[str, Any]:
    """Words as Llama 3 and Qwen 2 divide a text."""
    pattern = {"Regex": _WORDS.format(digits=digits)}
    return {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}


_DIVIDED: Mapping[str, list[Mapping[str, Any]]] = {  # by what GGUF files call the way of dividing a text
    "default": [_BY_REGEX],
    "gpt-2": [_BY_REGEX],
    "smollm": [{"type": "Digits", "individual_digits": True}, _BY_REGEX],
    "llama-bpe": [_split("{1,3}"), _BYTES],
    "llama3": [_split("{1,3}"), _BYTES],
    "llama-v3": [_split("{1,3}"), _BYTES],
    "qwen2": [_split(""), _BYTES],
}


@dataclass(frozen=True)
class Tokenizer:
    """The table of a tokenizer, and the tokens before and after a work."""

    table: Mapping[str, Any]
    bos: int
    eos: int


def from_folder(folder: Path, config: Mapping[str, Any]) -> Tokenizer:
    """Of a folder in the Hugging Face form. Raises ModelError where it has none that can be read."""
    path = folder / "tokenizer.json"
    try:
        table = json.loads(path.read_text("utf-8"))
        vocab = table["model"]["vocab"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the tokenizer.json of {folder.name} cannot be read ({error})", "fetch the base again"
        ) from error
    added = {str(t["content"]): int(t["id"]) for t in table.get("added_tokens") or []}
    special = [int(t["id"]) for t in table.get("added_tokens") or [] if t.get("special")]
    named = {**({} if not isinstance(vocab, Mapping) else vocab), **added}
    return Tokenizer(table, *_ends(named, special, config.get("bos_token_id"), config.get("eos_token_id")))


def from_metadata(m: Mapping[str, Any], called: str) -> Tokenizer:
    """Of a GGUF file. Raises ModelError for a kind that is not read here."""
    merges: list[tuple[str, ...]]
    try:
        kind, tokens = m["tokenizer.ggml.model"], m["tokenizer.ggml.tokens"]
        types = m.get("tokenizer.ggml.token_type") or [1] * len(tokens)
        vocab = {str(piece): i for i, piece in enumerate(tokens)}
        special = [i for i, t in enumerate(types) if t in (_CONTROL, _UNKNOWN)]
        if kind == "gpt2":
            merges = [tuple(str(pair).split(" ", 1)) for pair in m["tokenizer.ggml.merges"]]
            way = str(m.get("tokenizer.ggml.pre", "default"))
            if way not in _DIVIDED:
                raise ModelError(
                    f"{called} divides texts in the way '{way}', which is not known here",
                    "name the same base as a folder with tokenizer.json",
                )
            before: Any = {"type": "Sequence", "pretokenizers": _DIVIDED[way]}
            decoder, fallback = {**_BY_REGEX}, False
        elif kind == "llama":
            merges = _merges_by_score(vocab, m["tokenizer.ggml.scores"])
            before, decoder, fallback = None, {"type": "ByteFallback"}, True
        else:
            raise ModelError(
                f"{called} has a tokenizer of the kind '{kind}'; byte-pair encodings are read",
                "name another base: etude base ls",
            )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the tokenizer of {called} cannot be read ({error})", "fetch the base again"
        ) from error
    added = [
        {
            "id": i,
            "content": str(tokens[i]),
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": t != _USER,
        }
        for i, t in enumerate(types)
        if t in (_CONTROL, _UNKNOWN, _USER)
    ]
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": fallback,
        "ignore_merges": kind == "gpt2" and way.startswith("llama"),
        "vocab": vocab,
        "merges": [list(pair) for pair in merges],
    }
    table = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": before,
        "post_processor": None,
        "decoder": decoder,
        "model": model,
    }
    ends = m.get("tokenizer.ggml.bos_token_id"), m.get("tokenizer.ggml.eos_token_id")
    return Tokenizer(table, *_ends(vocab, special, *ends))


def _merges_by_score(vocab: Mapping[str, int], scores: Sequence[float]) -> list[tuple[str, ...]]:
    """The merges of a SentencePiece model: every way in which a piece is made of two, the likeliest first."""
    found = []
    for piece, token in vocab.items():
        found += [
            (-scores[token], vocab[piece[:i]], vocab[piece[i:]], piece[:i], piece[i:])
            for i in range(1, len(piece))
            if piece[:i] in vocab and piece[i:] in vocab
        ]
    return [(a, b) for *_, a, b in sorted(found)]


def _ends(vocab: Mapping[str, int], special: Sequence[int], bos: Any, eos: Any) -> tuple[int, int]:
    """The tokens before and after a work: what stood between texts, and another special one. Raises
    ModelError where there are none."""
    eos = eos[0] if isinstance(eos, list) and eos else eos
    begins = [vocab[name] for name in ENDS_OF_TEXT if name in vocab]
    begins += [int(x) for x in (bos, eos) if isinstance(x, int)] + list(special)
    if not begins:
        raise ModelError("the base's tokenizer has no token for the beginning of a text", "name another base")
    first = begins[0]
    for last in (eos, bos, *special):
        if isinstance(last, int) and last != first:
            return first, last
    raise ModelError("the base's tokenizer has no token for the end of a text", "name another base")
