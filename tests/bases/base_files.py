"""Tiny bases made here: a GGUF file and a folder in the Hugging Face form, whole or broken as a test wants
them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PIECES = ["<s>", "</s>", "a", "b", "c", "d", "e", " "]
WIDTH = 4


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value(item: Any) -> bytes:
    """A value of a GGUF key with its type; bytes stand for themselves."""
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        return struct.pack("<I", 8) + text(item)
    if isinstance(item, bool):
        return struct.pack("<I?", 7, item)
    if isinstance(item, int):
        return struct.pack("<II", 4, item)
    if isinstance(item, float):
        return struct.pack("<If", 6, item)
    return struct.pack("<IIQ", 9, 8, len(item)) + b"".join(map(text, item))


def metadata(architecture: str = "llama") -> dict[str, Any]:
    """The key-values of a tiny base."""
    return {
        "general.architecture": architecture,
        "general.name": "Tiny Test",
        "general.organization": "The test",
        "general.license": "apache-2.0",
        f"{architecture}.block_count": 1,
        f"{architecture}.embedding_length": WIDTH,
        f"{architecture}.context_length": 16,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": PIECES,
    }


def gguf(
    path: Path,
    said: Mapping[str, Any] | None = None,
    *,
    drop: Sequence[str] = (),
    rows: Sequence[tuple[str, Sequence[int], int, int]] | None = None,
    keys: int | None = None,
    version: int = 3,
    fill: bytes | None = None,
) -> Path:
    """Write a GGUF file; `said` replaces key-values, `rows` (name, shape, type, offset) the tensors."""
    pairs = {**metadata(), **(said or {})}
    pairs = {key: item for key, item in pairs.items() if key not in drop}
    rows = [("token_embd.weight", (WIDTH, len(PIECES)), 0, 0)] if rows is None else rows
    data = b"GGUF" + struct.pack("<IQQ", version, len(rows), len(pairs) if keys is None else keys)
    for key, item in pairs.items():
        data += text(key) + value(item)
    for name, shape, kind, offset in rows:
        data += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
    data += b"\0" * (-len(data) % 32)
    path.write_bytes(data + (b"\1" * (4 * WIDTH * len(PIECES)) if fill is None else fill))
    return path


def safetensors(path: Path, header: Any = None, data: bytes | None = None) -> Path:
    """Write a safetensors file; `header` as it is, where it is given."""
    size = 2 * WIDTH * len(PIECES)
    table = {"dtype": "BF16", "shape": [len(PIECES), WIDTH], "data_offsets": [0, size]}
    header = {"model.embed_tokens.weight": table} if header is None else header
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + (b"\1" * size if data is None else data))
    return path


CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": WIDTH,
    "num_hidden_layers": 1,
    "vocab_size": len(PIECES),
    "max_position_embeddings": 16,
}
TOKENIZER: dict[str, Any] = {"model": {"type": "BPE", "vocab": {p: i for i, p in enumerate(PIECES)}}}


def folder(path: Path, config: Mapping[str, Any] | None = None, **files: Any) -> Path:
    """Write a folder; `config` is added to config.json, further files are JSON or text, by name with `__`
    for a dot.
    """
    path.mkdir()
    written: dict[str, Any] = {
        "config.json": {**CONFIG, **(config or {})},
        "tokenizer.json": TOKENIZER,
        "README.md": "---\nlicense: apache-2.0\n---\n# Tiny Folder\n",
        **{name.replace("__", "."): item for name, item in files.items()},
    }
    for name, item in written.items():
        if item is not None:
            (path / name).write_text(item if isinstance(item, str) else json.dumps(item), encoding="utf-8")
    safetensors(path / "model.safetensors")
    return path
