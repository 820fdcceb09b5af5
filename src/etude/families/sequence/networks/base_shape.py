"""The shape of a base: what Llama, Qwen 2, Qwen 3 and Gemma 3 have in common, and in what they differ.

All of them are decoders with RMSNorm, rotary positions, grouped queries and a gated feed-forward. Read from
the `config.json` of a folder or the metadata of a GGUF file; whatever is not known here is refused, since
ignoring it would give another network. Knows no weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from etude.bases.architectures import architecture, opened
from etude.errors import ModelError

GLOBAL_EVERY = 6  # Gemma 3: every sixth layer sees everything, the others a window


@dataclass(frozen=True)
class Shape:
    """Sizes, and what differs between the families.

    `windows` (layers,) is how many tokens each layer sees, 0: all; layers with a window have positions by
    `local_theta`. `rope` is how positions are stretched for long contexts. `gain` is added to the norms'
    weights as they are stored.
    """

    family: str
    vocab: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head: int
    inner: int
    context: int
    eps: float = 1e-5
    theta: float = 10_000.0
    local_theta: float = 10_000.0
    windows: tuple[int, ...] = ()
    rope: tuple[tuple[str, Any], ...] = ()
    attention_scale: float = 0.0  # 0: one over the square root of the head's width
    embed_scale: float = 1.0
    gelu: bool = False
    gain: float = 0.0

    @property
    def scale(self) -> float:
        """What the products of queries and keys are multiplied by."""
        return self.attention_scale or self.head**-0.5

    @property
    def heads_width(self) -> int:
        """All query heads side by side."""
        return self.heads * self.head

    @property
    def kv_width(self) -> int:
        """All key heads side by side."""
        return self.kv_heads * self.head

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """(out, in) of the matrices of a layer."""
        return {
            "q": (self.heads_width, self.width),
            "k": (self.kv_width, self.width),
            "v": (self.kv_width, self.width),
            "o": (self.width, self.heads_width),
            "gate": (self.inner, self.width),
            "up": (self.inner, self.width),
            "down": (self.width, self.inner),
        }

    @property
    def in_matrices(self) -> int:
        """Numbers in the matrices that every token is multiplied by, the head's among them."""
        of_layer = sum(n_out * n_in for n_out, n_in in self.matrices.values())
        return self.layers * of_layer + self.vocab * self.width

    def to_json(self) -> dict[str, Any]:
        """For headers."""
        return {**asdict(self), "windows": list(self.windows), "rope": dict(self.rope)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        own = {**data, "windows": tuple(data["windows"]), "rope": tuple(dict(data["rope"]).items())}
        return cls(**own)

    def frequencies(self, layer: int) -> npt.NDArray[np.float64]:
        """(head / 2,) radians a token of each pair of channels in this layer."""
        local = bool(self.windows) and self.windows[layer] > 0
        theta = self.local_theta if local else self.theta
        f = theta ** (-np.arange(0, self.head, 2, dtype=np.float64) / self.head)
        return f if local else _stretched(f, dict(self.rope))

    def rotary(self, layer: int, places: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """cos and sin (places, head / 2) of the positions in this layer."""
        a = np.arange(places, dtype=np.float64)[:, None] * self.frequencies(layer)
        return np.cos(a).astype(np.float32), np.sin(a).astype(np.float32)


def _stretched(f: npt.NDArray[np.float64], rope: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Frequencies for contexts longer than those learned first."""
    kind = rope.get("kind", "default")
    if kind == "linear":
        return f / float(rope["factor"])
    if kind == "llama3":
        low, high, old = (float(rope[k]) for k in ("low", "high", "old"))
        wave = 2 * math.pi / f
        smooth = np.clip((old / wave - low) / (high - low), 0.0, 1.0)
        return (1 - smooth) * f / float(rope["factor"]) + smooth * f
    if kind == "factors":
        return f / np.asarray(rope["factors"], np.float64)
    return f


def from_config(config: Mapping[str, Any], called: str) -> Shape:
    """From a `config.json`. Raises ModelError for what is not known here."""
    family = _family(str(config.get("model_type", "")), called)
    if family == "gemma3" and "vision_config" in config:
        raise ModelError(
            f"{called} also reads pictures, and only language models are opened here",
            f"name a base of the kinds {opened()} for text alone",
        )
    for key, usual in (("attention_bias", False), ("mlp_bias", False), ("attn_logit_softcapping", None)):
        if config.get(key) not in (None, usual):
            raise ModelError(f"{called} has {key}, which is not known here", "name another base")
    if config.get("use_sliding_window"):
        raise ModelError(f"{called} has sliding windows, which are not known here", "name another base")
    act = str(config.get("hidden_activation") or config.get("hidden_act", "silu"))
    if act != ("gelu_pytorch_tanh" if family == "gemma3" else "silu"):
        raise ModelError(f"{called} has the activation {act}, which is not known here", "name another base")
    try:
        heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
        layers = int(config["num_hidden_layers"])
        theta, local, rope = _rope(config, called)
        shape = Shape(
            family,
            int(config["vocab_size"]),
            width,
            layers,
            heads,
            int(config.get("num_key_value_heads") or heads),
            int(config.get("head_dim") or width // heads),
            int(config["intermediate_size"]),
            int(config.get("max_position_embeddings", 2048)),
            float(config.get("rms_norm_eps", 1e-6)),
            theta,
            local,
            rope=rope,
        )
        return _completed(
            shape,
            int(config.get("sliding_window") or 0),
            config.get("layer_types"),
            int(config.get("sliding_window_pattern") or GLOBAL_EVERY),
            float(config.get("query_pre_attn_scalar") or shape.head),
            gain=1.0,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the config.json of {called} cannot be read ({error})", "fetch the base again"
        ) from error


def from_metadata(m: Mapping[str, Any], factors: npt.NDArray[np.float32] | None, called: str) -> Shape:
    """From the metadata of a GGUF file; `factors`: its tensor of stretched positions, where it has one.
    Raises ModelError."""
    arch = str(m.get("general.architecture", ""))
    family = _family(arch, called)

    def at(key: str, *otherwise: Any) -> Any:
        return m.get(f"{arch}.{key}", *otherwise) if otherwise else m[f"{arch}.{key}"]

    try:
        heads, width = int(at("attention.head_count")), int(at("embedding_length"))
        rope: tuple[tuple[str, Any], ...] = ()
        if factors is not None:
            rope = (("kind", "factors"), ("factors", tuple(float(x) for x in factors)))
        elif (kind := at("rope.scaling.type", "none")) not in ("none", ""):
            if kind != "linear":
                raise ModelError(f"{called} has positions of the kind {kind}, which are not known here", "")
            rope = (("kind", "linear"), ("factor", float(at("rope.scaling.factor"))))
        shape = Shape(
            family,
            len(m["tokenizer.ggml.tokens"]),
            width,
            int(at("block_count")),
            heads,
            int(at("attention.head_count_kv", heads)),
            int(at("attention.key_length", width // heads)),
            int(at("feed_forward_length")),
            int(at("context_length")),
            float(at("attention.layer_norm_rms_epsilon")),
            float(at("rope.freq_base", 1_000_000.0 if family == "gemma3" else 10_000.0)),
            rope=rope,
        )
        return _completed(shape, int(at("attention.sliding_window", 0)), None, GLOBAL_EVERY, shape.head)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the metadata of {called} lack {error}", "fetch the base again") from error


def _family(kind: str, called: str) -> str:
    known = architecture(kind)
    if not known:
        raise ModelError(
            f"{called} is of the kind '{kind or 'unknown'}'; bases of the kinds {opened()} are opened",
            "name another base: etude base ls",
        )
    return known


def _rope(config: Mapping[str, Any], called: str) -> tuple[float, float, tuple[tuple[str, Any], ...]]:
    """The base of the positions, that of layers with a window, and how the first are stretched."""
    given = config.get("rope_parameters") or {}
    full = given.get("full_attention", given)
    theta = float(full.get("rope_theta") or config.get("rope_theta") or 10_000.0)
    near = given.get("sliding_attention", {})
    local = float(near.get("rope_theta") or config.get("rope_local_base_freq") or 10_000.0)
    scaling = config.get("rope_scaling") or full
    kind = str(scaling.get("rope_type") or scaling.get("type") or "default")
    if kind == "default":
        return theta, local, ()
    if kind == "linear":
        return theta, local, (("kind", kind), ("factor", float(scaling["factor"])))
    if kind == "llama3":
        names = {
            "factor": "factor",
            "low": "low_freq_factor",
            "high": "high_freq_factor",
            "old": "original_max_position_embeddings",
        }
        own = tuple((k, float(scaling[v])) for k, v in names.items())
        return theta, local, (("kind", kind), *own)
    raise ModelError(
        f"{called} has positions of the kind {kind}, which are not known here", "name another base"
    )


def _completed(shape: Shape, window: int, kinds: Any, every: int, scalar: float, gain: float = 0.0) -> Shape:
    """With what only Gemma 3 has. Raises ValueError for sizes that fit nothing."""
    sizes = (shape.vocab, shape.width, shape.layers, shape.heads, shape.kv_heads, shape.head, shape.inner)
    if min(sizes) < 1 or shape.heads % shape.kv_heads or shape.head % 4 or shape.width % 4:
        raise ValueError(f"sizes {sizes} fit no network")
    if shape.family != "gemma3":
        return shape
    layers = range(shape.layers)
    if kinds:
        windows = tuple(window if k == "sliding_attention" else 0 for k in kinds)
    else:
        windows = tuple(0 if (i + 1) % every == 0 else window for i in layers)
    if len(windows) != shape.layers:
        raise ValueError(f"{len(windows)} kinds of layers for {shape.layers}")
    own = {"windows": windows, "attention_scale": scalar**-0.5, "embed_scale": shape.width**0.5}
    return Shape(**{**asdict(shape), "rope": shape.rope, **own, "gelu": True, "gain": gain})
