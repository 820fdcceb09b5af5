"""One step of refinement after the other: the one-pass generator against its critic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.config.pictures import REFINE
from etude.families.pictures.critic import TIMES, PictureCritic
from etude.families.pictures.learn.dataset import Dataset
from etude.families.pictures.learn.flow_loss import SAMPLES
from etude.families.pictures.learn.refined import Instrument, _alike, _shifted, _spread
from etude.families.pictures.learn.teacher_pairs import _batch, _Pairs
from etude.families.pictures.model import PictureModel, to_float, to_pixels
from etude.families.pictures.noise import noise
from etude.families.pictures.velocity_net import FlowNet
from etude.rng import seed_for
from etude.training.run_state import Arrays, optimizer_arrays, restore_optimizer, tensors, with_prefix


@dataclass(frozen=True)
class _Step:
    lead: float
    distance: float
    generator_gradient: float
    critic_gradient: float


class _Duel:
    """Generator and critic with their optimisers."""

    def __init__(self, model: PictureModel, data: Dataset, pairs: _Pairs, seed: int) -> None:
        torch.manual_seed(seed_for(seed, "critic-init"))
        self.batch = _batch(model.config)
        self.config, self.room, self.validation, self.pairs, self.seed = (
            model.config,
            data.train,
            data.validation,
            pairs,
            seed,
        )
        start = model.flow.state_dict()
        last = {"memory_format": torch.channels_last}
        self.generator = FlowNet(model.config).to(**last)  # type: ignore[call-overload]
        self.generator.load_state_dict(start)
        self.critic = PictureCritic(model.config, start)
        self.average = {k: v.detach().clone() for k, v in start.items()}
        self.of_generator = torch.optim.Adam(self.generator.parameters(), lr=REFINE.lr, betas=REFINE.betas)
        self.of_critic = torch.optim.Adam(self.critic.parameters(), lr=REFINE.critic_lr, betas=REFINE.betas)
        self.slower, self.penalty = 1.0, REFINE.penalty
        self.alike = _alike(data.train)
        self.often = self.room.weights / self.room.weights.sum()
        g = rng.for_(seed, "fixed")
        n = min(REFINE.fixed_takes, 64)
        self.fixed_z = noise(g, (n, *model.config.shape))
        self.fixed_row = torch.from_numpy(self.room.rows[g.integers(0, len(self.room), n)])
        some = to_float(self.room.pixels[g.permutation(len(self.room))[:256]])
        self.works_spread = _spread(some)

    def one_pass(self, x: Tensor, row: Tensor, t: Tensor | None = None) -> Tensor:
        """G (B, F, C, H, W): the picture predicted from x at times t (B,); None: from noise."""
        flat = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        at = torch.zeros(len(x)) if t is None else t
        out: Tensor = x + (1 - at)[:, None, None, None, None] * self.generator(flat, at, row).view_as(x)
        return out

    def _fresh(self, g: np.random.Generator) -> tuple[Tensor, Tensor, npt.NDArray[np.int64]]:
        """Noise, and works with noise at the times where a take of a few passes is mended (B', F, C, H, W);
        the times (B',), and the works."""
        works = g.choice(len(self.room), self.batch - self.batch // 2, p=self.often)
        late = np.where(g.random(len(works)) < REFINE.late, g.choice(REFINE.late_times, len(works)), 0.0)
        t = torch.from_numpy(late.astype(np.float32))
        at = t[:, None, None, None, None]
        z = noise(g, (len(works), *self.config.shape))
        return (1 - at) * z + at * to_float(self.room.pixels[works]), t, works

    def step(self, step: int, share: float) -> _Step:
        """One step of both."""
        g = rng.for_(self.seed, "duel", step)
        fall = max(0.05, min(1.0, (1.0 - share) / 0.3))
        for optimizer, rate in ((self.of_generator, REFINE.lr), (self.of_critic, REFINE.critic_lr)):
            for group in optimizer.param_groups:
                group["lr"] = rate * self.slower * fall * min(1.0, (step + 1) / 20)
        half = self.batch // 2
        alone = share < REFINE.pairs_alone
        picked = g.integers(0, len(self.pairs.work), self.batch if alone else half)
        work, target = self.pairs.work[picked], to_float(self.pairs.pixels[picked])
        z = self.pairs.z(picked, self.config.shape)
        began_at = torch.zeros(len(z))
        if not alone:
            more, late, fresh = self._fresh(g)
            z, began_at, work = (
                torch.cat([z, more]),
                torch.cat([began_at, late]),
                np.concatenate([work, fresh]),
            )
        row = torch.from_numpy(self.room.rows[work])
        made = self.one_pass(z, row, began_at)
        distance = (made[: len(target)] - target).abs().mean()
        if alone:
            norm = self._update(self.of_generator, self.generator, distance)
            self._average(step)
            return _Step(0.0, float(distance.detach()), norm, 0.0)
        real = to_float(
            self.room.pixels[np.array([g.choice(self.alike[tuple(self.room.rows[w])]) for w in work])]
        )
        across, down = (int(v) for v in g.integers(-REFINE.shift_px, REFINE.shift_px + 1, 2))
        x, y = _shifted(real, across, down), _shifted(made, across, down)
        t = torch.from_numpy(g.choice(TIMES, len(work)).astype(np.float32))
        z_seen = noise(g, tuple(x.shape))
        with torch.no_grad():
            of_works = self.critic.seen(x, row, t, z_seen)
        of_takes = self.critic.seen(
            y, row, t, z_seen
        )  # seen once: the critic learns from it, then the generator
        critic_norm, lead = self._teach_critic(of_works, [v.detach() for v in of_takes], g)
        self.critic.requires_grad_(False)
        with torch.no_grad():
            d_x = self._whole(of_works)
        fooled = F.softplus(-(self._whole(of_takes) - d_x)).mean()
        norm = self._update(
            self.of_generator, self.generator, REFINE.pairs_weight * distance + REFINE.weight * fooled
        )
        self.critic.requires_grad_(True)
        self._average(step)
        return _Step(lead, float(distance.detach()), norm, critic_norm)

    def _whole(self, seen: Sequence[Tensor]) -> Tensor:
        """(stages, B): each stage's word of each content."""
        return torch.stack(
            [m.mean((1, 2)).view(-1, self.config.frames).mean(1) for m in self.critic.evaluated(seen)]
        )

    def _teach_critic(
        self, works: Sequence[Tensor], takes: Sequence[Tensor], g: np.random.Generator
    ) -> tuple[float, float]:
        """A step of the critic on what its stages see; the norm of its gradient, and its lead."""
        d_x, d_y = self._whole(works), self._whole(takes)
        loss = F.softplus(-(d_x - d_y)).mean() + REFINE.centring * (d_x + d_y).square().mean()
        loss = loss + self.penalty * (self._steep(works, d_x, g) + self._steep(takes, d_y, g))
        return self._update(self.of_critic, self.critic, loss), float((d_x - d_y).detach().mean())

    def _steep(self, seen: Sequence[Tensor], d: Tensor, g: np.random.Generator) -> Tensor:
        """The zero-centred penalty on the first quarter, by a step in a random direction, in units of what
        each stage sees."""
        few = max(1, d.shape[1] // 4)
        some = [v[: few * self.config.frames] for v in seen]
        moved = [v + REFINE.epsilon * v.std() * noise(g, tuple(v.shape)) for v in some]
        return ((self._whole(moved) - d[:, :few]) / REFINE.epsilon).square().mean()

    def _update(self, optimizer: torch.optim.Optimizer, net: torch.nn.Module, loss: Tensor) -> float:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = float(torch.nn.utils.clip_grad_norm_(net.parameters(), REFINE.gradient_norm))
        if math.isfinite(norm):
            optimizer.step()
        return norm

    def _average(self, step: int) -> None:
        keep = min(REFINE.average, (1 + step) / (10 + step))
        mine = self.generator.state_dict()
        torch._foreach_lerp_(list(self.average.values()), [mine[k] for k in self.average], 1.0 - keep)

    @torch.no_grad()
    def look(self, seconds: float, step: int, found: _Step) -> Instrument:
        """What the instruments show."""
        made = self.one_pass(self.fixed_z, self.fixed_row)
        gap = math.nan
        if len(self.validation):
            sets = []
            for room in (self.room, self.validation):
                n = min(32, len(room))
                sets.append(
                    float(self.critic(to_float(room.pixels[:n]), torch.from_numpy(room.rows[:n])).mean())
                )
            gap = sets[0] - sets[1]
        return Instrument(
            seconds,
            step,
            _spread(made) / max(1e-6, self.works_spread),
            found.lead,
            gap,
            found.generator_gradient,
            found.critic_gradient,
            found.distance,
        )

    @torch.no_grad()
    def sample(self) -> npt.NDArray[np.uint8]:
        """(S, F, side, side, C): takes from the fixed noise."""
        made = self.one_pass(self.fixed_z[:SAMPLES], self.fixed_row[:SAMPLES])
        return to_pixels(made.flatten(0, 1)).reshape(len(made), -1, *made.shape[3:], made.shape[2])

    def critic_state(self) -> dict[str, Tensor]:
        """The critic's weights."""
        return {k: v.detach().clone() for k, v in self.critic.state_dict().items()}

    def dump(self) -> Arrays:
        """Everything as arrays, copied."""
        out = tensors("average", self.average)
        for name, net, optimizer in self._parts():
            out |= tensors(name, net.state_dict())
            out |= optimizer_arrays(optimizer, net.named_parameters(), f"opt-{name}")
        return {name: array.copy() for name, array in out.items()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """What `dump` gave."""
        self.average = with_prefix("average", arrays)
        for name, net, optimizer in self._parts():
            net.load_state_dict(with_prefix(name, arrays))
            restore_optimizer(optimizer, net.named_parameters(), arrays, f"opt-{name}")

    def _parts(self) -> tuple[tuple[str, torch.nn.Module, torch.optim.Optimizer], ...]:
        return ("generator", self.generator, self.of_generator), ("critic", self.critic, self.of_critic)
