"""The network of the sequence generator: a small decoder-only transformer for tokens with side inputs.

Pre-RMSNorm without gains, rotary positions (Su et al. 2021), normalised queries and keys, squared ReLU (So et
al. 2021), output projections that start at zero, capped logits; value embeddings on every other layer and a
hashed table of (token, earlier token) added before every block: capacity that costs almost no arithmetic
(nanochat and modded-nanogpt records, 2025-26). Side inputs tell what is known of the token to be predicted
(voice, place in the bar, given voices). Knows nothing of the memory, of media or of files.

Letters: B batch, T time, S side inputs, D width, H heads, V vocabulary with the condition tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HEAD_WIDTH = 64
LOGIT_CAP = 15.0


@dataclass(frozen=True)
class NetConfig:
    """Shape of the network.

    `hash_back` says which earlier token the hashed table pairs with (the task's period).
    """

    vocab: int
    width: int = 256
    layers: int = 6
    context: int = 256
    side_sizes: tuple[int, ...] = ()
    hash_rows: int = 5120
    hash_back: int = 1
    value_every: int = 2
    dropout: float = 0.1

    def to_json(self) -> dict[str, Any]:
        """As it is stored in headers."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NetConfig:
        """What `to_json` gave; its kind, which may stand beside it, is left out."""
        own = {k: v for k, v in data.items() if k != "kind"}
        return cls(**{**own, "side_sizes": tuple(own["side_sizes"])})


def rms(x: Tensor) -> Tensor:
    """Root-mean-square normalisation over the last axis, no gain."""
    return F.rms_norm(x, (x.shape[-1],), eps=1e-6)


def rotary(context: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """cos and sin (context, HEAD_WIDTH / 2) of the rotary positions, base 10,000."""
    f = 10000.0 ** (-torch.arange(0, HEAD_WIDTH, 2, dtype=torch.float32, device=device) / HEAD_WIDTH)
    a = torch.arange(context, dtype=torch.float32, device=device)[:, None] * f
    return a.cos(), a.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate (B, H, T, HEAD_WIDTH) by position: the first half of the channels pairs with the second."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def hashed(tokens: Tensor, back: int, rows: int) -> Tensor:
    """Row of (token, token `back` earlier) in the hashed table (B, T); the earlier token is -1 before the
    start."""
    earlier = F.pad(tokens, (back, 0), value=-1)[:, : tokens.shape[1]]
    return ((tokens * 36313 + (earlier + 1) * 27191) ^ (earlier + 1)) % rows


class Block(nn.Module):
    """Attention and feed-forward, both pre-normalised and added to the stream."""

    def __init__(self, c: NetConfig, *, values: bool) -> None:
        super().__init__()
        d = c.width
        self.heads = d // HEAD_WIDTH
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, 4 * d, bias=False)
        self.down = nn.Linear(4 * d, d, bias=False)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.down.weight)
        for w in (self.qkv.weight, self.up.weight):
            nn.init.uniform_(w, -((3.0 / d) ** 0.5), (3.0 / d) ** 0.5)
        self.values = nn.Embedding(c.vocab, d) if values else None
        if self.values is not None:
            nn.init.normal_(self.values.weight, std=0.5)
        self.value_scale = nn.Parameter(torch.tensor(0.5)) if values else None
        self.hash_scale = nn.Parameter(torch.tensor(0.1))
        self.dropout = c.dropout

    def forward(self, x: Tensor, pair: Tensor, tokens: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """The stream (B, T, D) after the block; `pair` (B, T, D) are the rows of the hashed table."""
        b, t, d = x.shape
        x = x + self.hash_scale * pair
        # (B, H, T, 64) each
        q, k, v = self.qkv(rms(x)).view(b, t, 3, self.heads, HEAD_WIDTH).permute(2, 0, 3, 1, 4)
        if self.values is not None and self.value_scale is not None:
            own = self.values(tokens).view(b, t, self.heads, HEAD_WIDTH).transpose(1, 2)
            v = v + self.value_scale * own.to(v.dtype)
        q, k = rms(rotate(q, cos, sin)), rms(rotate(k, cos, sin))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.12)
        x = x + F.dropout(self.out(a.transpose(1, 2).reshape(b, t, d)), self.dropout, self.training)
        h = F.relu(self.up(rms(x))).square()
        return x + F.dropout(self.down(h), self.dropout, self.training)


class SequenceNet(nn.Module):
    """Tokens (B, T) and side inputs of the *next* tokens (B, T, S) to logits of the next tokens (B, T, V)."""

    cos: Tensor
    sin: Tensor

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.config = c
        self.tokens = nn.Embedding(c.vocab, c.width)
        nn.init.normal_(self.tokens.weight, std=1.0)
        self.sides = nn.ModuleList(nn.Embedding(n, c.width) for n in c.side_sizes)
        for table in self.sides:
            nn.init.normal_(table.weight, std=0.3)  # type: ignore[arg-type]
            with torch.no_grad():
                table.weight[0].zero_()  # type: ignore[index]  # 0 means "nothing known"
        self.pairs = nn.Embedding(c.hash_rows, c.width)
        nn.init.zeros_(self.pairs.weight)
        self.blocks = nn.ModuleList(
            Block(c, values=c.value_every > 0 and i % c.value_every == 1) for i in range(c.layers)
        )
        self.head = nn.Linear(c.width, c.vocab, bias=False)
        nn.init.zeros_(self.head.weight)
        cos, sin = rotary(c.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens: Tensor, side: Tensor | None = None) -> Tensor:
        """Capped logits (B, T, V)."""
        return self.logits(self.trunk(tokens, side))

    def trunk(self, tokens: Tensor, side: Tensor | None = None) -> Tensor:
        """The stream after the last block (B, T, D)."""
        c = self.config
        t = tokens.shape[1]
        x: Tensor = self.tokens(tokens)
        if side is not None:
            for i, table in enumerate(self.sides):
                x = x + table(side[..., i])
        x = F.dropout(rms(x), c.dropout, self.training)
        pair = self.pairs(hashed(tokens, c.hash_back, c.hash_rows))
        for block in self.blocks:
            x = block(x, pair, tokens, self.cos[:t], self.sin[:t])
        return x

    def logits(self, stream: Tensor, head: Tensor | None = None) -> Tensor:
        """Capped logits (B, T, V) from the stream.

        `head` (V', D): other rows of the output matrix than all in their order, where nothing is learned;
        then one array is worked on in place, since fresh ones of this size cost more than the sums.
        """
        if head is not None:
            return F.linear(rms(stream), head).float().div_(LOGIT_CAP).tanh_().mul_(LOGIT_CAP)
        return LOGIT_CAP * torch.tanh(self.head(rms(stream)).float() / LOGIT_CAP)
