"""A base that lies on disk, opened for reading: its shape, its tokenizer, and its weights in bfloat16.

A folder in the Hugging Face form (`config.json`, `tokenizer.json`, safetensors) or one GGUF file. Nothing of
it is ever run: no code that lies beside the weights, no pickles, no chat template. Weights are rounded to
bfloat16 once, so that whoever learns, reads or makes stands on the same numbers.

Letters: D width, H query heads, K key heads, h width of a head, I inner width, V vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from etude.bases.adding import fingerprint
from etude.errors import ModelError
from etude.families.sequence.networks import base_tokenizer
from etude.families.sequence.networks.base_shape import Shape, from_config, from_metadata
from etude.families.sequence.networks.gguf_file import GgufFile

if TYPE_CHECKING:
    from torch import Tensor

PARTS = ("q", "k", "v", "o", "gate", "up", "down")  # the matrices of a layer
_OF_FOLDER = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
    "q_norm": "self_attn.q_norm",
    "k_norm": "self_attn.k_norm",
    "norm_1": "input_layernorm",
    "norm_2": "post_attention_layernorm",
}
_OF_GGUF = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
    "q_norm": "attn_q_norm",
    "k_norm": "attn_k_norm",
    "norm_1": "attn_norm",
    "norm_2": "ffn_norm",
    "after_1": "post_attention_norm",
    "after_2": "post_ffw_norm",
}
# Gemma 3 normalises after attention and feed-forward too, and its folders name the norms otherwise
_OF_GEMMA = {
    **_OF_FOLDER,
    "after_1": "post_attention_layernorm",
    "norm_2": "pre_feedforward_layernorm",
    "after_2": "post_feedforward_layernorm",
}


@dataclass(frozen=True)
class Base:
    """A base on disk: `name` as people know it, `sha256` of what it is made of."""

    name: str
    path: Path
    sha256: str
    shape: Shape
    tokenizer: base_tokenizer.Tokenizer

    def weights(self) -> dict[str, Tensor]:
        """By name: `embed` (V, D), `head` where it has one of its own, `norm` (D,), and of each layer
        `layers.0.q` and so on (out, in), `.norm_1`, biases `.q_bias`. Matrices bfloat16, vectors float32."""
        return dict(self._read)

    @cached_property
    def _read(self) -> dict[str, Tensor]:
        """The weights, read at first use: several networks stand on them."""
        return _weights(self)


def stamp(path: Path) -> Hashable:
    """Changes when a file of the base does."""
    files = [path] if path.is_file() else sorted(path.glob("*.safetensors")) + sorted(path.glob("*.json"))
    return path, tuple((p.stat().st_mtime_ns, p.stat().st_size) for p in files)


def open_base(path: Path) -> Base:
    """Open a base for reading. Raises ModelError where it is none, is damaged or of another kind."""
    sha256 = fingerprint(path)  # first: it refuses what brings code, pickles, or tables that lie
    if path.is_file():
        file = GgufFile(path)
        factors = file.tensor("rope_freqs.weight") if "rope_freqs.weight" in file.tensors else None
        shape = from_metadata(file.metadata, factors, path.name)
        tokenizer = base_tokenizer.from_metadata(file.metadata, path.name)
        name = str(file.metadata.get("general.name") or path.stem)
    else:
        config = _json(path / "config.json")
        shape = from_config(config, path.name)
        tokenizer = base_tokenizer.from_folder(path, config)
        name = path.name
    return Base(name, path, sha256, shape, tokenizer)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path.name} of the base cannot be read ({error})", "fetch the base again"
        ) from error
    if not isinstance(found, dict):
        raise ModelError(f"{path.name} of the base is no table", "fetch the base again")
    return found


# ---- weights


def _weights(base: Base) -> dict[str, Tensor]:
    import torch  # laziness: making takes needs no PyTorch

    shape = base.shape
    read = _from_gguf(base.path, shape) if base.path.is_file() else _from_folder(base.path, shape)
    out: dict[str, Tensor] = {}
    for name, expected in _expected(shape).items():
        found = read(name)
        if found is None:
            if name == "head" or name.endswith("_bias"):
                continue
            raise ModelError(f"{base.name} lacks the weights '{name}'", "it is incomplete: fetch it again")
        if tuple(found.shape) != expected:
            raise ModelError(
                f"the weights '{name}' of {base.name} are {tuple(found.shape)}, and its sizes say {expected}",
                "it is damaged: fetch it again",
            )
        if found.ndim == 2:
            out[name] = found.to(torch.bfloat16)
        else:
            out[name] = found.to(torch.float32) + (shape.gain if "norm" in name or "after" in name else 0.0)
    return out


def _expected(s: Shape) -> dict[str, tuple[int, ...]]:
    """The names of all weights with their sizes; those of heads and biases may be missing."""
    q, k = s.heads_width, s.kv_width
    layer: dict[str, tuple[int, ...]] = {**s.matrices, "norm_1": (s.width,), "norm_2": (s.width,)}
    if s.family == "qwen2":
        layer |= {"q_bias": (q,), "k_bias": (k,), "v_bias": (k,)}
    if s.family in ("qwen3", "gemma3"):
        layer |= {"q_norm": (s.head,), "k_norm": (s.head,)}
    if s.family == "gemma3":
        layer |= {"after_1": (s.width,), "after_2": (s.width,)}
    out: dict[str, tuple[int, ...]] = {"embed": (s.vocab, s.width), "norm": (s.width,)}
    out["head"] = (s.vocab, s.width)
    for i in range(s.layers):
        out |= {f"layers.{i}.{name}": size for name, size in layer.items()}
    return out


def _split(name: str) -> tuple[str, str, str]:
    """'layers.3.q_bias' as ('3', 'q', 'bias')."""
    _, layer, part = name.split(".")
    if part.endswith("_bias"):
        return layer, part[: -len("_bias")], "bias"
    return layer, part, "weight"


def _from_folder(path: Path, shape: Shape) -> Any:
    from safetensors import SafetensorError, safe_open

    table = _OF_GEMMA if shape.family == "gemma3" else _OF_FOLDER
    where: dict[str, Any] = {}
    for file in sorted(path.glob("*.safetensors")):
        try:
            opened = safe_open(file, framework="pt")
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{file.name} cannot be read ({error})", "fetch the base again") from error
        where |= dict.fromkeys(cast(Any, opened).keys(), opened)
    ends = {"embed": "model.embed_tokens.weight", "norm": "model.norm.weight", "head": "lm_head.weight"}

    def read(name: str) -> Tensor | None:
        if name in ends:
            key = ends[name]
        else:
            layer, part, what = _split(name)
            key = f"model.layers.{layer}.{table[part]}.{what}"
        if key not in where:
            return None
        found: Tensor = where[key].get_tensor(key)
        return found

    return read


def _from_gguf(path: Path, shape: Shape) -> Any:
    import torch  # laziness, as above

    file = GgufFile(path)
    ends = {"embed": "token_embd.weight", "norm": "output_norm.weight", "head": "output.weight"}

    def read(name: str) -> Tensor | None:
        part, what = "", "weight"
        if name in ends:
            key = ends[name]
        else:
            layer, part, what = _split(name)
            key = f"blk.{layer}.{_OF_GGUF[part]}.{what}"
        if key not in file.tensors:
            return None
        found = file.tensor(key)
        if shape.family == "llama" and part in ("q", "k") and what == "weight":
            found = _halves(found, shape.heads if part == "q" else shape.kv_heads)
        return torch.from_numpy(np.array(found))

    return read


def _halves(w: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """GGUF files of the Llama kind pair neighbouring channels; here the halves of a head are paired."""
    return w.reshape(heads, w.shape[0] // heads // 2, 2, w.shape[1]).swapaxes(1, 2).reshape(w.shape)


def same_base(base: Base, config: Mapping[str, Any]) -> None:
    """Raises ModelError where a base is another than the one that a model's config names."""
    wanted = str(config["sha256"])
    if base.sha256 != wanted:
        raise ModelError(
            f"the base '{config['base']}' has changed since this model was learned: its hash is "
            f"{base.sha256[:12]}, and the model stands on {wanted[:12]}",
            "put the old one back: etude base add PATH; traces and what was kept stay readable",
        )
