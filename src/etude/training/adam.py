"""AdamW for small networks, and optimisers that do not load torch's compiler.

torch.optim.AdamW imports torch's compiler before its first step, which takes 2.4 s of processor time: of a
budget of 20 s that is an eighth, and nothing here is compiled by it. The update is that of Loshchilov and
Hutter, arXiv 1711.05101, algorithm 2, in the order of torch's own, so that the bits are the same. Knows no
networks.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class AdamW:
    """Moments with bias correction, and a weight decay that does not pass through them."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        lr: float,
        decay: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        self.lr = lr
        self._parameters = list(parameters)
        self._decay, self._betas, self._eps = decay, betas, eps
        self._moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self._parameters]
        self._steps = 0

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for p in self._parameters:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        self._steps += 1
        b1, b2 = self._betas
        of_mean, of_square = 1 - b1**self._steps, 1 - b2**self._steps
        for p, (mean, square) in zip(self._parameters, self._moments, strict=True):
            if p.grad is None:
                continue
            p.mul_(1 - self.lr * self._decay)
            mean.lerp_(p.grad, 1 - b1)
            square.mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
            p.addcdiv_(mean, (square.sqrt() / of_square**0.5).add_(self._eps), value=-self.lr / of_mean)


def without_compiler() -> None:
    """Let torch.optim.Optimizer do without torch's compiler, which it imports only to be told to stay away.

    What torch leaves open is used as it is: a version without these names loads the compiler, as before.
    """
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        plain = getattr(getattr(torch.optim.Optimizer, name, None), "__wrapped__", None)
        if plain is not None and getattr(plain, "__dynamo_disable", None) is None:
            plain.__dynamo_disable = plain
