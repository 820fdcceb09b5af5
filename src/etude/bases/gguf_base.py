"""One GGUF file as a base: is it a whole language model with its tokenizer, and what does it say of
itself?"""

from __future__ import annotations

from pathlib import Path

from etude.bases import gguf
from etude.bases.architectures import architecture, opened
from etude.bases.found import NEVER_RUN, Found, Shape, Source
from etude.bases.licences import tidy
from etude.bases.reading import refuse, whole, words
from etude.bases.tensors import main_kind
from etude.errors import clean


def inspect(path: Path) -> Found:
    """What the file is. Raises ModelError for one that cannot be a base."""
    front = gguf.read(path)
    texts, numbers = front.texts, front.numbers
    name = texts.get("general.architecture", "")
    kind = texts.get("general.type", "model")
    if kind != "model":
        raise refuse(path, f"it is of the kind '{clean(kind, 40)}', and no whole model")
    parts = whole(numbers.get("split.count", 1))
    if parts > 1:
        raise refuse(
            path,
            f"it is one of {parts} parts",
            "Join them first, with llama.cpp's `llama-gguf-split --merge`.",
        )
    known = architecture(name)
    if not known:
        raise refuse(
            path,
            f"its architecture is '{clean(name, 40)}', and this version opens {opened()}",
            "Choose a base of one of these.",
        )
    layers, width, context = (
        whole(numbers.get(f"{name}.{key}")) for key in ("block_count", "embedding_length", "context_length")
    )
    table = next((tensor for tensor in front.tensors if tensor.name == "token_embd.weight"), None)
    if not (layers and width and context) or table is None or len(table.shape) != 2:
        raise refuse(path, "it does not say how large it is, or has no table of tokens")
    if table.shape[0] != width:
        raise refuse(
            path, f"it says that it is {width:,} wide, and its table of tokens is {table.shape[0]:,}"
        )
    pieces = front.lengths.get("tokenizer.ggml.tokens", 0)
    if not pieces or "tokenizer.ggml.model" not in texts:
        raise refuse(path, "it has no tokenizer")
    if pieces > table.shape[1]:
        raise refuse(path, f"its tokenizer has {pieces:,} pieces, and its table {table.shape[1]:,} rows")
    title = words(texts.get("general.name"))
    size = [texts.get(f"general.{key}", "") for key in ("basename", "size_label", "finetune")]
    names = (" ".join(size), " ".join(size[:2]), title, path.stem)
    return Found(
        "gguf",
        (Source(_name(path), path),),
        Shape(
            known,
            layers,
            width,
            table.shape[1],
            context,
            sum(tensor.numbers for tensor in front.tensors),
            main_kind(front.tensors),
        ),
        tuple(one for one in map(words, names) if one),
        title or clean(path.stem, 80),
        words(texts.get("general.organization")) or words(texts.get("general.author")),
        tidy(texts.get("general.license.name", "") or texts.get("general.license", "")),
        _remarks(front),
    )


def _remarks(front: gguf.Front) -> tuple[str, ...]:
    key = "tokenizer.chat_template"
    return (NEVER_RUN,) if key in front.texts or key in front.lengths else ()


def _name(path: Path) -> str:
    """A plain name that ends in .gguf, whatever it is called where it comes from."""
    stem = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in clean(path.name, 80))
    stem = stem.strip("-.") or "base"
    return stem if stem.lower().endswith(".gguf") else f"{stem}.gguf"
