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

TEXT = "The lamp was lit, and the boat went out; nobody said a word. \u201cWait,\u201d he called.\n\n"
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
        vocab_size=500, special_tokens=["<unk>", "<s>", "</s>", *pieces], show_progress=False
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
    (path / "README.md").write_text("---\nlicense: apache-2.0\n---\nA small base.\n")
    made = made or tokenizer()
    made.add_special_tokens([AddedToken(s, special=True) for s in SPECIAL if made.token_to_id(s) is not None])
    made.save(str(path / "tokenizer.json"))
    save_file(weights(c), path / "model.safetensors")
    return path


def _sentencepiece(out: Any, pieces: Sequence[str], merges: Sequence[Sequence[str]]) -> None:
    """A tokenizer of pieces with scores, as Llama 2 and Gemma have in GGUF files: what is merged first scores
    highest."""
    rank = {"".join(pair): -float(i) for i, pair in enumerate(merges)}
    kinds = {"<unk>": 2, "<s>": 3, "</s>": 3}
    out.add_tokenizer_model("llama")
    out.add_token_list(pieces)
    out.add_token_scores([rank.get(piece, -1e6) for piece in pieces])
    bytes_ = [len(p) == 6 and p.startswith("<0x") for p in pieces]
    padding = [p.startswith("[PAD") for p in pieces]
    rest = zip(pieces, bytes_, padding, strict=True)
    out.add_token_types([kinds.get(p, 6 if byte else 5 if pad else 1) for p, byte, pad in rest])


def gguf_file(path: Path, of: Path, *, quantised: bool = False) -> Path:
    """The base of a folder (Llama or Qwen 2) as one GGUF file; returns its path."""
    import gguf
    from safetensors.torch import load_file

    c = json.loads((of / "config.json").read_text("utf-8"))
    table = json.loads((of / "tokenizer.json").read_text("utf-8"))
    heads, kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
    out = gguf.GGUFWriter(path, c["model_type"])
    out.add_name("Small")
    out.add_license("apache-2.0")
    out.add_context_length(c["max_position_embeddings"])
    out.add_embedding_length(c["hidden_size"])
    out.add_block_count(c["num_hidden_layers"])
    out.add_feed_forward_length(c["intermediate_size"])
    out.add_head_count(heads)
    out.add_head_count_kv(kv_heads)
    out.add_layer_norm_rms_eps(c["rms_norm_eps"])
    out.add_rope_freq_base(c["rope_theta"])
    vocab: dict[str, int] = dict(table["model"]["vocab"])
    pieces = [""] * c["vocab_size"]
    for piece, i in vocab.items():
        pieces[i] = piece
    pieces = [piece or f"[PAD{i}]" for i, piece in enumerate(pieces)]
    if table["model"].get("byte_fallback"):
        _sentencepiece(out, pieces, table["model"]["merges"])
    else:
        out.add_tokenizer_model("gpt2")
        out.add_tokenizer_pre("gpt-2")
        out.add_token_list(pieces)
        out.add_token_types([3 if p in SPECIAL else 5 if p.startswith("[PAD") else 1 for p in pieces])
        out.add_token_merges([" ".join(pair) for pair in table["model"]["merges"]])
    out.add_bos_token_id(c["bos_token_id"])
    out.add_eos_token_id(c["eos_token_id"])
    if scaling := c.get("rope_scaling"):
        h = c["hidden_size"] // heads
        f = c["rope_theta"] ** (-np.arange(0, h, 2) / h)
        low, high, old = (
            scaling[k] for k in ("low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
        )
        smooth = np.clip((old * f / (2 * np.pi) - low) / (high - low), 0, 1)
        slow = (1 - smooth) / scaling["factor"] + smooth
        out.add_tensor("rope_freqs.weight", (1 / slow).astype(np.float32))
    names = {"embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    parts = {
        "q_proj": "attn_q",
        "k_proj": "attn_k",
        "v_proj": "attn_v",
        "o_proj": "attn_output",
        "gate_proj": "ffn_gate",
        "up_proj": "ffn_up",
        "down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    for name, x in load_file(of / "model.safetensors").items():
        a = x.numpy()
        key = next((new for old, new in names.items() if old in name), "")
        if not key:
            _, _, layer, *rest = name.split(".")
            key = f"blk.{layer}.{parts[rest[-2]]}"
            n = {"q_proj": heads, "k_proj": kv_heads}.get(rest[-2])
            if n and c["model_type"] == "llama" and a.ndim == 2:
                a = a.reshape(n, 2, a.shape[0] // n // 2, a.shape[1]).swapaxes(1, 2).reshape(a.shape)
        end = "bias" if name.endswith("bias") else "weight"
        kind = gguf.GGMLQuantizationType.Q8_0
        if quantised and a.ndim == 2 and a.shape[1] % 32 == 0:
            out.add_tensor(f"{key}.{end}", gguf.quants.quantize(a, kind), raw_dtype=kind)
        else:
            out.add_tensor(f"{key}.{end}", np.ascontiguousarray(a))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path
