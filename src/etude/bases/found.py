"""What was found at a path that may become a base: a folder in the Hugging Face form, or one GGUF file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from etude.bases.gguf import MAGIC
from etude.bases.reading import opened, refuse
from etude.errors import ModelError, clean

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".nemo", ".mar")


@dataclass(frozen=True)
class Source:
    """A file that is copied: the name that it gets, and where it is read. `counts`: whether the base's hash
    is over it; README and licence files come along and do not count.
    """

    name: str
    path: Path
    counts: bool = True


@dataclass(frozen=True)
class Shape:
    """How large a base is."""

    architecture: str
    layers: int
    width: int
    vocab: int
    context: int  # tokens that it was learned to look back
    parameters: int
    weights: str  # the type that most of its bytes are of


@dataclass(frozen=True)
class Found:
    """A base as its files describe it. `names`: what it may be recognised by, the surest first; `remarks`:
    what a person should know.
    """

    kind: str  # gguf or folder
    sources: tuple[Source, ...]
    shape: Shape
    names: tuple[str, ...]
    title: str = ""
    makers: str = ""
    licence: str = ""
    remarks: tuple[str, ...] = field(default=())


def kind_of(path: Path) -> str:
    """`folder` or `gguf`. Raises ModelError for anything else, and says what would be taken."""
    name = clean(path.name, 80)
    if path.is_dir():
        return "folder"
    if not path.exists():
        raise ModelError(f"There is nothing at {clean(str(path))}.", "Check the path.")
    if path.suffix.lower() in PICKLES:
        raise refuse(path, "it is a pickle, which can run code when it is opened", SAFE)
    if path.suffix.lower() == ".safetensors":
        raise ModelError(
            f"{name} holds weights alone: a base needs config.json and tokenizer.json beside it.",
            f"Give the folder that they lie in: etude base add {clean(str(path.parent))}",
        )
    with opened(path) as file:
        if file.read(4) == MAGIC:
            return "gguf"
    raise refuse(
        path,
        "it is neither a GGUF file nor a folder with config.json, tokenizer.json and safetensors",
        "See what a base is: etude base add --help",
    )


NEVER_RUN = "It carries a chat template, which Etude never runs."
SAFE = "Get the base as safetensors or GGUF: most makers offer one of them."
