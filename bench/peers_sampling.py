"""The peers for sampling speed: 6 layers of 256, 8 heads, vocabulary 1,024, fresh weights (speed does not
depend on what was learned).

- transformers `generate` with its cache, and the same without one, which computes the whole context anew for
every token.
- A decoder in plain PyTorch with a hand-written cache, allocated once: what a careful person writes in an
afternoon.

Each makes `length` tokens for `batch` takes, by sampling at temperature 1, after 8 tokens of start.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from peers_text import gpt2_model

VOCAB, LAYERS, WIDTH, HEADS, CONTEXT, START = 1024, 6, 256, 8, 256, 8


def transformers_generate(batch: int, length: int, cache: bool) -> Callable[[], object]:
    model = gpt2_model(VOCAB, LAYERS, WIDTH, HEADS, CONTEXT).eval()
    ids = torch.ones(batch, START, dtype=torch.long)
    fixed = {"min_new_tokens": length, "max_new_tokens": length, "pad_token_id": 0}

    def work() -> object:
        with torch.inference_mode():
            mask = torch.ones_like(ids)
            ways = {"attention_mask": mask, "do_sample": True, "top_k": 0, "use_cache": cache, **fixed}
            return model.generate(ids, **ways)  # type: ignore[operator]

    return work


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, at: int
    ) -> Tensor:  # x (B, 1, D); keys, values (B, H, T, D / H)
        B = x.shape[0]
        q, k, v = self.qkv(self.norm1(x)).view(B, 1, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        keys[:, :, at : at + 1], values[:, :, at : at + 1] = k, v
        y = F.scaled_dot_product_attention(q, keys[:, :, : at + 1], values[:, :, : at + 1])
        x = x + self.out(y.transpose(1, 2).reshape(B, 1, WIDTH))
        made: Tensor = x + self.down(F.gelu(self.up(self.norm2(x))))
        return made


class Plain(nn.Module):
    """A GPT with one token in and one row of logits out."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(VOCAB, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCAB, bias=False)

    def forward(self, ids: Tensor, keys: Tensor, values: Tensor, at: int) -> Tensor:  # (B,) -> (B, V)
        x = self.tokens(ids)[:, None] + self.places.weight[at]
        for i, layer in enumerate(self.layers):
            x = layer(x, keys[i], values[i], at)
        logits: Tensor = self.head(self.norm(x[:, 0]))
        return logits


def plain_with_cache(batch: int, length: int) -> Callable[[], object]:
    model = Plain().eval()

    def work() -> object:
        with torch.inference_mode():
            shape = (LAYERS, batch, HEADS, CONTEXT, WIDTH // HEADS)
            keys, values = torch.zeros(shape), torch.zeros(shape)
            ids, made = torch.ones(batch, dtype=torch.long), []
            for at in range(START + length - 1):
                logits = model(ids, keys, values, at)
                if at >= START - 1:
                    ids = torch.multinomial(logits.softmax(-1), 1)[:, 0]
                    made.append(ids)
            return torch.stack(made, 1)

    return work
