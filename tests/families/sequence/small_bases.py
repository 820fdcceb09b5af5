"""Small bases with random weights, written as people find them on disk: a folder, or one GGUF file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from etude.rng import for_

TEXT = "The lamp was lit, and the boat went out; nobody said a word. \u201cWait,\u201d he called, \u201cwait!\u201d\n\n"
KINDS = "llama", "qwen2", "qwen3", "gemma3_text"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def tokenizer(vocab: int = 320, texts: Sequence[str] = (TEXT,)) -> Tokenizer:
    """A byte-pair encoding of bytes, learned from a few words."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    return made


def sentencepiece_like(texts: Sequence[str] = (TEXT,)) -> Tokenizer:
    """A byte-pair encoding of characters that falls back to bytes, as Llama 2 and Gemma have."""
    made = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    )
    made.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    pieces = [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<unk>", "<s>", "</s>", *pieces], show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    found = json.loads(made.to_str())
    found["added_tokens"] = [t for t in found["added_tokens"] if t["content"] not in pieces]
    return Tokenizer.from_str(json.dumps(found))


def config(kind: str = "llama", vocab: int = 330) -> dict[str, Any]:
    """The sizes of a small base, as `config.json` says them. Fewer key heads than query heads."""
    out: dict[str, Any] = {
        "model_type": kind,
        "vocab_size": vocab,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 48,
        "max_position_embeddings": 128,
        "rms_norm_eps": 1e-5,
        "hidden_act": "silu",
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    if kind == "llama":
        out |= {
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            },
            "tie_word_embeddings": False,
        }
    if kind in ("qwen3", "gemma3_text"):
        out["head_dim"] = 12
    if kind == "gemma3_text":
        out |= {
            "hidden_activation": "gelu_pytorch_tanh",
            "sliding_window": 8,
            "layer_types": ["sliding_attention", "full_attention"],
            "query_pre_attn_scalar": 16,
            "rope_local_base_freq": 1000.0,
        }
    return out


def weights(c: dict[str, Any], seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights by the names of the Hugging Face form."""
    g = for_(seed, "small base")
    d, inner = c["hidden_size"], c["intermediate_size"]
    h = c.get("head_dim") or d // c["num_attention_heads"]
    q, k = h * c["num_attention_heads"], h * c["num_key_value_heads"]
    kind = c["model_type"]
    offset = 0.0 if kind == "gemma3_text" else 1.0

    def matrix(a: int, b: int) -> torch.Tensor:
        x = torch.from_numpy((g.standard_normal((a, b)) / b**0.5).astype(np.float32))
        return x.to(torch.bfloat16).float()

    def norm(n: int) -> torch.Tensor:
        return torch.from_numpy((offset + 0.1 * g.standard_normal(n)).astype(np.float32))

    out = {"model.embed_tokens.weight": matrix(c["vocab_size"], d) * 2, "model.norm.weight": norm(d)}
    if not c["tie_word_embeddings"]:
        out["lm_head.weight"] = matrix(c["vocab_size"], d) * 2
    for i in range(c["num_hidden_layers"]):
        at = f"model.layers.{i}."
        sizes = {"self_attn.q": (q, d), "self_attn.k": (k, d), "self_attn.v": (k, d), "self_attn.o": (d, q)}
        sizes |= {"mlp.gate": (inner, d), "mlp.up": (inner, d), "mlp.down": (d, inner)}
        out |= {f"{at}{name}_proj.weight": matrix(*size) for name, size in sizes.items()}
        norms = ["input_layernorm", "post_attention_layernorm"]
        if kind == "gemma3_text":
            norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        out |= {f"{at}{name}.weight": norm(d) for name in norms}
        if kind == "qwen2":
            for name, n in (("q", q), ("k", k), ("v", k)):
                out[f"{at}self_attn.{name}_proj.bias"] = norm(n) - offset
        if kind in ("qwen3", "gemma3_text"):
            out |= {f"{at}self_attn.{name}_norm.weight": norm(h) for name in "qk"}
    return out


def folder(path: Path, kind: str = "llama", *, vocab: int = 330, made: Tokenizer | None = None) -> Path:
    """A base as a folder; returns its path."""
    path.mkdir(parents=True, exist_ok=True)
    c = config(kind, vocab)
    (path / "config.json").write_text(json.dumps(c))
    made = made or tokenizer()
    made.add_special_tokens([AddedToken(s, special=True) for s in SPECIAL if made.token_to_id(s) is not None])
    made.save(str(path / "tokenizer.json"))
    save_file(weights(c), path / "model.safetensors")
    return path
