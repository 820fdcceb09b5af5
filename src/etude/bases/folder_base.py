"""A folder in the Hugging Face form as a base: config.json, tokenizer.json and safetensors, and nothing
that runs.

Only files of known names are taken; the rest stays where it is. A link may lead within the folder, or to the
`blobs` beside `snapshots` as in the cache of Hugging Face, and nowhere else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from etude.bases import safetensors
from etude.bases.architectures import architecture
from etude.bases.architectures import opened as opens
from etude.bases.found import NEVER_RUN, PICKLES, SAFE, Found, Shape, Source
from etude.bases.licences import in_paper, tidy
from etude.bases.reading import opened, read_json, refuse, whole, words
from etude.bases.tensors import Tensor, main_kind
from etude.config.bases import BASES
from etude.errors import ModelError, clean

CONFIG, TOKENIZER, INDEX = "config.json", "tokenizer.json", "model.safetensors.index.json"
_SETTINGS = (
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
_FOREIGN = ("auto_map", "custom_pipelines")  # what names code of somebody else to be run
_PAPER = re.compile(r"(readme|licen[cs]e|notice|copying|terms|use_policy)([._-].{0,40})?", re.IGNORECASE)


def inspect(folder: Path) -> Found:
    """What lies in the folder. Raises ModelError for one that cannot be a base."""
    here = _Folder(folder)
    if CONFIG not in here:
        if "adapter_config.json" in here:
            raise refuse(here.root, "it is an adapter, which belongs to a base of its own")
        raise refuse(
            here.root, f"it has no {CONFIG}", "Give the folder that the model's config.json lies in."
        )
    config = here.json(CONFIG, BASES.max_config_bytes)
    shards = here.shards()
    if TOKENIZER not in here:
        raise refuse(
            here.root,
            f"it has no {TOKENIZER}",
            "Load its tokenizer with transformers, and save it there with save_pretrained.",
        )
    tensors = [tensor for name in shards for tensor in safetensors.read(here.path(name))]
    settings = [name for name in _SETTINGS if name in here]
    chat = False
    for name in settings:
        said = here.json(name, BASES.max_config_bytes if name != "added_tokens.json" else None)
        chat = chat or "chat_template" in said
    shape = _shape(here, config, tensors)
    here.check_tokenizer(shape.vocab)
    index = [INDEX] if len(shards) > 1 or shards != ["model.safetensors"] else []
    papers = sorted(name for name in here.names if _PAPER.fullmatch(name) and here.small(name))[:16]
    card = _Card(here, papers)
    names = (card.name, words(config.get("_name_or_path")), folder_name(here.root))
    return Found(
        "folder",
        (
            *(
                Source(name, here.path(name))
                for name in sorted([CONFIG, TOKENIZER, *settings, *index, *shards])
            ),
            *(Source(name, here.path(name), counts=False) for name in papers),
        ),
        shape,
        tuple(name for name in names if name),
        card.name or folder_name(here.root),
        "",
        card.licence,
        (NEVER_RUN,) if chat else (),
    )


def folder_name(root: Path) -> str:
    """`SmolLM2-135M`; in the cache of Hugging Face, where the folder is a commit, the model's name."""
    if root.parent.name == "snapshots" and root.parent.parent.name.startswith("models--"):
        return words(root.parent.parent.name.rpartition("--")[2])
    return words(root.name)


class _Folder:
    """The plain files of a folder, by name; links are followed only where they may lead."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.absolute()
        real = self.root.resolve()
        self.allowed = [real]
        if real.parent.name == "snapshots":
            self.allowed.append(real.parent.parent / "blobs")
        try:
            found = [entry for entry, _ in zip(self.root.iterdir(), range(BASES.max_entries + 1))]
        except OSError as error:
            raise ModelError(
                f"{clean(str(folder))} cannot be read: {(error.strerror or str(error)).lower()}.",
                "Check the path and who may read it.",
            ) from error
        if len(found) > BASES.max_entries:
            raise refuse(self.root, f"it holds more than {BASES.max_entries:,} files")
        self.names = {entry.name for entry in found if not entry.name.startswith(".")}

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def path(self, name: str) -> Path:
        """The path of a file. Raises ModelError for a link that leads out of the folder."""
        path = self.root / name
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise refuse(self.root, f"its {clean(name, 80)} leads nowhere") from error
        if not any(real.is_relative_to(place) for place in self.allowed):
            raise refuse(
                self.root,
                f"its {clean(name, 80)} is a link that leads out of the folder, to {clean(str(real), 120)}",
                "Put the file itself into the folder.",
            )
        return path

    def json(self, name: str, limit: int | None = None) -> dict[str, Any]:
        """A JSON file. Raises ModelError where it names code of somebody else."""
        said = read_json(self.path(name), limit or BASES.max_tokenizer_bytes)
        for key in _FOREIGN:
            if said.get(key):
                named = said[key] if isinstance(said[key], dict) else {"": said[key]}
                raise refuse(
                    self.root,
                    f"its {name} names code to run ({key}: {clean(str(next(iter(named.values()))), 80)}), "
                    "and Etude runs no code that comes with a base",
                    "Choose a base without auto_map.",
                )
        return said

    def small(self, name: str) -> bool:
        """Whether a paper is a plain file of a reasonable size."""
        path = self.path(name)
        return path.is_file() and path.stat().st_size <= BASES.max_paper_bytes

    def shards(self) -> list[str]:
        """The files of weights. Raises ModelError for pickles, and where it is not clear which belong
        together.
        """
        held = sorted(name for name in self.names if re.fullmatch(r"[\w.-]{1,100}\.safetensors", name))
        if not held:
            pickles = sorted(name for name in self.names if name.lower().endswith(PICKLES))
            if pickles:
                raise refuse(
                    self.root,
                    f"its weights are a pickle ({clean(pickles[0], 60)}), which can run code when opened",
                    SAFE,
                )
            raise refuse(self.root, "it has no weights (*.safetensors)", SAFE)
        if "model.safetensors" in self.names:
            return ["model.safetensors"]
        if INDEX not in self.names:
            raise refuse(self.root, f"it has neither model.safetensors nor {INDEX}, but {clean(held[0], 60)}")
        placed = self.json(INDEX, BASES.max_header_bytes).get("weight_map")
        if not isinstance(placed, dict) or not all(isinstance(name, str) for name in placed.values()):
            raise refuse(self.root, f"its {INDEX} does not say which tensor lies where")
        wanted = sorted(set(placed.values()))
        if len(wanted) > BASES.max_shards:
            raise refuse(
                self.root, f"it has {len(wanted):,} weight files, and at most {BASES.max_shards} are read"
            )
        missing = [name for name in wanted if name not in held]  # a path is no name of a file here
        if missing or not wanted:
            raise refuse(
                self.root,
                f"its {INDEX} names {clean(missing[0], 60) if missing else 'no file'}, which is not there",
                "Fetch or copy what is missing.",
            )
        for name in wanted:
            there = {tensor.name for tensor in safetensors.read(self.path(name))}
            lost = next((one for one, file in placed.items() if file == name and one not in there), None)
            if lost is not None:
                raise refuse(
                    self.root, f"its {INDEX} puts {clean(lost, 80)} into {name}, which has no such tensor"
                )
        return wanted

    def check_tokenizer(self, rows: int) -> None:
        """Raises ModelError unless tokenizer.json is a tokenizer for at most so many pieces."""
        model = self.json(TOKENIZER).get("model")
        vocab = model.get("vocab") if isinstance(model, dict) else None
        if isinstance(vocab, dict):
            most = max((whole(number) for number in vocab.values()), default=0) + 1
        else:
            most = len(vocab) if isinstance(vocab, list) else 0
        if most < 2:
            raise refuse(self.root, f"its {TOKENIZER} holds no vocabulary")
        if most > rows:
            raise refuse(self.root, f"its tokenizer has {most:,} pieces, and its table {rows:,} rows")


def _shape(here: _Folder, config: dict[str, Any], tensors: list[Tensor]) -> Shape:
    """How large it is, by config.json and by its tensors. Raises ModelError where the two do not agree."""
    name = words(config.get("model_type"))
    known = architecture(name)
    if isinstance(config.get("text_config"), dict) or not known:
        raise refuse(
            here.root,
            f"it is of the kind '{name or 'unknown'}', and this version opens {opens()}",
            "Choose a base of one of these.",
        )
    classes = config.get("architectures")
    if isinstance(classes, list) and classes:
        named = words(classes[0])
        if not named.endswith(("ForCausalLM", "LMHeadModel")):
            raise refuse(here.root, f"it is a {named}, which does not continue text")
    if config.get("quantization_config"):
        raise refuse(
            here.root,
            "its weights are quantised in a form that needs other packages",
            "Take its unquantised safetensors, or a GGUF file.",
        )
    width = whole(config.get("hidden_size")) or whole(config.get("n_embd"))
    layers = whole(config.get("num_hidden_layers")) or whole(config.get("n_layer"))
    vocab, context = (whole(config.get(key)) for key in ("vocab_size", "max_position_embeddings"))
    if not (width and layers and vocab):
        raise refuse(here.root, f"its {CONFIG} does not say how large it is")
    if len({tensor.name for tensor in tensors}) != len(tensors):
        raise refuse(here.root, "a tensor stands in two of its weight files")
    table = next(
        (t for t in tensors if t.name.endswith(("embed_tokens.weight", "embed_in.weight", "wte.weight"))),
        None,
    )
    if table is not None and table.shape != (vocab, width):
        raise refuse(
            here.root,
            f"its {CONFIG} says {vocab:,} pieces, {width:,} wide, and its table of them is "
            f"{' x '.join(f'{n:,}' for n in table.shape)}",
        )
    numbers = sum(tensor.numbers for tensor in tensors if tensor.kind in safetensors.FLOATS)
    context = context or whole(config.get("n_positions"))
    return Shape(known, layers, width, vocab, context, numbers, main_kind(tensors))


class _Card:
    """What README and licence files say: a name and a licence."""

    def __init__(self, here: _Folder, papers: list[str]) -> None:
        said: dict[str, str] = {}
        heading = ""
        for name in papers:
            if name.lower() == "readme.md":
                said, heading = _front_matter(_start(here.path(name)))
        stated = tidy(said.get("license_name", "")) or tidy(said.get("license", ""))
        texts = (
            in_paper(_start(here.path(name))) for name in papers if not name.lower().startswith("readme")
        )
        self.licence = stated or next((found for found in texts if found), "")
        self.name = words(said.get("model_name", "") or heading)


def _start(path: Path) -> str:
    with opened(path) as file:
        return file.read(64_000).decode(errors="replace").replace("\r\n", "\n")


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The plain `key: value` lines between the first two lines of dashes, and the first heading."""
    said: dict[str, str] = {}
    if text.startswith("---\n"):
        inside, _, text = text[4:].partition("\n---")
        for line in inside.splitlines():
            if found := re.fullmatch(r"(\w+):\s+(\S.{0,200})", line):
                said.setdefault(found[1], found[2].strip().strip("\"'"))
    heading = re.search(r"^#\s+(.{1,120})$", text, flags=re.MULTILINE)
    return said, heading[1].strip() if heading else ""
