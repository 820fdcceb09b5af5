"""The peers for text: each learns from scratch from the same bytes, in the same seconds on the same machine,
and is scored on the same held-out part in bits per character.

- PPMd, order 6 (variant H, Shkarin 2002, through pyppmd), and zpaq level 5 (context mixing, Mahoney, through
zpaq). They have no
  budget to use up: a pass takes seconds. They adapt to the held-out part while reading it, so they stand
  beside our growing memory.
- nanoGPT's recipe for a CPU, written anew from its published settings: 4 layers, 4 heads, 128 wide, block 64,
batch 12,
  characters, no dropout, AdamW (betas 0.9, 0.99; weight decay 0.1), 1e-3 to 1e-4 by a cosine after 100 steps,
  clipped at 1. Published: 2,000 steps, 1.88 nats = 2.71 bits. Here it learns for the given seconds instead,
  so it usually sees more.
- A small GPT-2 of transformers, as one would set it up for a file of this size: byte-level BPE of 1,024, 6
layers of 256, context 256,
  AdamW with a cosine; the best of its checkpoints on the last 5 % of the learning part is kept, since it
  overfits in 20 minutes.

Networks are scored with frozen weights in sliding windows, moved by half a window: every character has at
least half a window before it.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LN2 = math.log(2.0)

# The method that level 5 of libzpaq picks for text, said in full, in one block and with tables for 16 MB.
# Plain `level=5` sizes its tables by the input, so that the learning part alone (just under 1 MiB) gets
# smaller ones than both parts together: the difference of the two then says 1.77 bits where the same tables
# say 1.86. Two threads split the input, and say 1.94.
ZPAQ_LEVEL_5 = "x4,0w2c0,1010,255i1c256ci1,1,1,1,1,1,2ac0,2,0,255i1c0,3,0,0,255i1c0,4,0,0,0,255i1mm16ts19t0"


@dataclass(frozen=True)
class Peer:
    """What a peer reached. `frozen` and `growing` are bits per character; None where the peer has no such
    figure."""

    name: str
    frozen: float | None
    growing: float | None
    learn_s: float
    note: str


# ---- compressors


def ppmd(train: bytes, test: bytes, order: int = 6) -> Peer:
    import pyppmd

    def size(data: bytes) -> int:
        encoder = pyppmd.Ppmd7Encoder(max_order=order, mem_size=256 << 20)
        return len(encoder.encode(data)) + len(encoder.flush())

    return _compressor(f"PPMd order {order}", size, train, test)


def zpaq5(train: bytes, test: bytes) -> Peer:
    import zpaq

    return _compressor(
        "zpaq level 5", lambda data: len(zpaq.compress(data, method=ZPAQ_LEVEL_5, threads=1)), train, test
    )


def _compressor(name: str, size: Callable[[bytes], int], train: bytes, test: bytes) -> Peer:
    start = time.perf_counter()
    alone = size(train)
    learn_s = time.perf_counter() - start
    bits = 8 * (size(train + test) - alone) / len(test.decode("utf-8"))
    return Peer(name, None, bits, learn_s, f"adaptive; one pass over the learning part takes {learn_s:.1f} s")


# ---- nanoGPT's CPU recipe


class _Block(nn.Module):
    """Pre-norm attention and a GELU layer four times as wide, without biases."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, D)
        B, T, D = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(
            F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, T, D)
        )
        y: Tensor = x + self.down(F.gelu(self.up(self.norm2(x))))
        return y


class NanoGPT(nn.Module):
    def __init__(
        self, vocab: int, layers: int = 4, heads: int = 4, width: int = 128, block: int = 64
    ) -> None:
        super().__init__()
        self.block = block
        self.tokens, self.places = nn.Embedding(vocab, width), nn.Embedding(block, width)
        self.layers = nn.ModuleList(_Block(width, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width, bias=False), nn.Linear(width, vocab, bias=False)
        self.tokens.weight = self.head.weight  # tied, as published
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_residual = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * layers) if into_residual else 0.02)

    def forward(self, ids: Tensor) -> Tensor:  # (B, T) -> (B, T, V)
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        for layer in self.layers:
            x = layer(x)
        logits: Tensor = self.head(self.norm(x))
        return logits


def nanogpt_cpu(train: bytes, test: bytes, budget_s: float, seed: int = 1337) -> Peer:
    start = time.perf_counter()
    torch.manual_seed(seed)
    text, held_out = train.decode("utf-8"), test.decode("utf-8")
    code = {c: i for i, c in enumerate(sorted(set(text + held_out)))}
    ids = torch.tensor([code[c] for c in text])
    model = NanoGPT(len(code))
    optimiser = _adamw(model, lr=1e-3, betas=(0.9, 0.99))
    steps = 0
    for share in _until(start, budget_s):
        rate = (
            1e-3 * (steps + 1) / 100 if steps < 100 else 1e-4 + 0.5 * 9e-4 * (1 + math.cos(math.pi * share))
        )
        _step(model, optimiser, _windows(ids, 12, model.block), rate)
        steps += 1
    learn_s = time.perf_counter() - start
    nats = _sliding(model, torch.tensor([code[c] for c in held_out]), model.block)
    return Peer(
        "nanoGPT, CPU recipe",
        nats / LN2 / len(held_out),
        None,
        learn_s,
        f"{steps:,} steps of 12 x 64 characters, {_millions(model)}",
    )


# ---- a small GPT-2 of transformers


class _Logits(nn.Module):
    """A causal model of transformers, seen as ids -> logits."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, ids: Tensor) -> Tensor:
        logits: Tensor = self.inner(input_ids=ids, use_cache=False).logits
        return logits


def gpt2_model(
    vocab: int = 1024,
    layers: int = 6,
    width: int = 256,
    heads: int = 8,
    context: int = 256,
    dropout: float = 0.1,
) -> nn.Module:
    """A GPT-2 of transformers of this shape with fresh weights (also the peer of bench/sampling.py).

    Without dropout inside attention and with the fused GELU, which make a step on a CPU about twice as fast
    and change nothing else.
    """
    from transformers import GPT2Config, GPT2LMHeadModel

    shape = {"n_layer": layers, "n_embd": width, "n_head": heads, "n_positions": context}
    drop = {
        "resid_pdrop": dropout,
        "embd_pdrop": dropout,
        "attn_pdrop": 0.0,
        "activation_function": "gelu_pytorch_tanh",
    }
    model: nn.Module = GPT2LMHeadModel(
        GPT2Config(vocab_size=vocab, bos_token_id=0, eos_token_id=0, **shape, **drop)
    )
    return model


def gpt2_small(
    train: bytes, test: bytes, budget_s: float, seed: int = 1337, batch: int = 16, context: int = 256
) -> Peer:
    from tokenizers import ByteLevelBPETokenizer

    gpt2_model(
        layers=1, width=8, heads=1
    )  # importing transformers takes seconds: it is not learning, and not on the clock
    start = time.perf_counter()
    torch.manual_seed(seed)
    text, held_out = train.decode("utf-8"), test.decode("utf-8")
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator([text], vocab_size=1024, show_progress=False)
    ids = torch.tensor(bpe.encode(text).ids)
    cut = int(0.95 * len(ids))
    ids, watched = (
        ids[:cut],
        ids[cut : cut + 4096],
    )  # enough to tell checkpoints apart; an evaluation costs about one step
    model = _Logits(gpt2_model(context=context))
    optimiser = _adamw(model, lr=1e-3, betas=(0.9, 0.95))
    steps, best, best_step, kept, looked = 0, math.inf, 0, copy.deepcopy(model.state_dict()), start
    for share in _until(start, budget_s, spare_s=0.02 * budget_s):
        rate = 1e-3 * min(1.0, (steps + 1) / 50) * (0.1 + 0.45 * (1 + math.cos(math.pi * share)))
        _step(model, optimiser, _windows(ids, batch, context), rate)
        steps += 1
        if time.perf_counter() - looked > budget_s / 10:
            looked = time.perf_counter()
            if (now := _sliding(model, watched, context)) < best:
                best, best_step, kept = now, steps, copy.deepcopy(model.state_dict())
    if _sliding(model, watched, context) > best:
        model.load_state_dict(kept)
    else:
        best_step = steps
    learn_s = time.perf_counter() - start
    nats = _sliding(model, torch.tensor(bpe.encode(held_out).ids), context)
    note = f"{steps:,} steps of {batch} x {context} tokens, kept step {best_step:,}, {_millions(model)}"
    return Peer("GPT-2 of transformers, small", nats / LN2 / len(held_out), None, learn_s, note)


# ---- what both networks share


def _adamw(model: nn.Module, lr: float, betas: tuple[float, float]) -> torch.optim.Optimizer:
    """Weight decay 0.1 on matrices only, as GPT recipes have it."""
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    rest = [p for p in model.parameters() if p.dim() < 2]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=lr, betas=betas
    )


def _until(start: float, budget_s: float, spare_s: float = 0.0) -> Iterator[float]:
    """The share of the budget that is spent, until it is spent."""
    while (share := (time.perf_counter() - start) / (budget_s - spare_s)) < 1.0:
        yield share


def _windows(ids: Tensor, batch: int, block: int) -> tuple[Tensor, Tensor]:
    starts = torch.randint(len(ids) - block - 1, (batch,))
    rows = starts[:, None] + torch.arange(block + 1)
    return ids[rows[:, :-1]], ids[rows[:, 1:]]  # (B, T), (B, T)


def _step(
    model: nn.Module, optimiser: torch.optim.Optimizer, batch: tuple[Tensor, Tensor], rate: float
) -> None:
    model.train()
    for group in optimiser.param_groups:
        group["lr"] = rate
    loss = F.cross_entropy(model(batch[0]).flatten(0, 1), batch[1].flatten())
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()


@torch.inference_mode()
def _sliding(model: nn.Module, ids: Tensor, block: int) -> float:
    """Nats of all of `ids`, each predicted from at least half a window of what stands before it (the first
    from a uniform guess)."""
    model.eval()
    half = block // 2
    starts = list(range(0, max(1, len(ids) - half - 1), half))
    total = math.log(model(ids[:1][None]).shape[-1])
    for i in range(0, len(starts), 32):
        some = starts[i : i + 32]
        full = [a for a in some if a + block + 1 <= len(ids)]
        if full:
            rows = torch.tensor(full)[:, None] + torch.arange(block + 1)
            total += _nats(model, ids[rows], first=half, opening=full[0] == 0)
        for a in some[len(full) :]:
            total += _nats(model, ids[a : a + block + 1][None], first=half, opening=a == 0)
    return total


def _nats(model: nn.Module, rows: Tensor, first: int, opening: bool) -> float:
    """Nats of the later half of each row; of the whole of the very first row as well."""
    logits = model(rows[:, :-1])
    nats = F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten(), reduction="none").view(
        rows.shape[0], -1
    )
    return float(nats[:, first:].sum()) + (float(nats[0, :first].sum()) if opening else 0.0)


def _millions(model: nn.Module) -> str:
    return f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters"
