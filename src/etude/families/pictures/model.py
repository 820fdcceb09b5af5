"""The picture model: a flow network, where it was learned also a one-pass generator and its critic, and what
it was learned for.

Contents are float32 (F, C, H, W) in -1..1 here, uint8 (F, H, W, C) outside. Everything that follows the
velocity field is in this file: midpoint steps from noise to picture and back, steps that make their noise
anew, classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598). A picture is always computed in a
batch of one fixed size, so that a take does not depend on its neighbours. Knows no files.

Letters: N takes, F frames, C channels, H W pixels, K conditions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude.config.pictures import EXPLORE
from etude.errors import ModelError
from etude.families.conditions import Condition
from etude.families.pictures.enlargement import Enlargement, opened
from etude.families.pictures.velocity_net import FlowConfig, FlowNet

Arrays = Mapping[str, npt.NDArray[Any]]
UInt8 = npt.NDArray[np.uint8]
VERSION = 1


def late(config: FlowConfig) -> dict[str, Any]:
    """How a model that is trained now renews the noise of its takes, for its header. Clips as before: it was
    not measured for them."""
    if config.frames > 1:
        return {}
    return {"renewal": {"from": EXPLORE.late_from, "steps": EXPLORE.late_steps}}


LED_UNTIL = 0.5  # figures in docs/decisions/


class PictureModel:
    """Loaded once, then read-only. `row`s are condition indexes, 0 where nothing is asked; `framing` says how
    works were brought into the square (`media/pixels/framing.py` as JSON)."""

    def __init__(
        self,
        medium: str,
        config: FlowConfig,
        framing: Mapping[str, Any],
        conditions: Sequence[Condition],
        flow: Mapping[str, Tensor],
        *,
        rate: float = 0.0,
        one_pass: Mapping[str, Tensor] | None = None,
        critic: Mapping[str, Tensor] | None = None,
        sliders: Tensor | None = None,
        manners: npt.NDArray[Any] | None = None,
        onlooker: Arrays | None = None,
        enlargement: Enlargement | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> None:
        self.medium, self.config, self.framing, self.rate = medium, config, dict(framing), rate
        self.conditions = tuple(conditions)
        self.flow = _net(config, flow)
        self.one_pass = None if one_pass is None else _net(config, one_pass)
        self.critic_state = None if critic is None else dict(critic)
        # (S, C, h, w): directions of the picture from afar, as long as one standard deviation needs.
        self.sliders = sliders
        self.manners = manners  # (R, K + 1): the rows that works have, and how often
        self.onlooker = onlooker  # how a network of others score a picture (`learn/imagenet_ranking.py`)
        self.enlargement = enlargement  # from the picture to its full size, where it was learned
        self.header = dict(header or {})
        self._agreed: tuple[Any, tuple[int, ...], npt.NDArray[Any], npt.NDArray[np.float64]] | None = None
        self.few_round_alike: bool | None = None  # found by `make/sampling.py` when it first matters

    @property
    def begins_in_one_pass(self) -> bool:
        """Whether the refined generator draws the first half of the passes of a take, which the flow then
        mends."""
        return self.one_pass is not None and bool((self.header.get("one_pass") or {}).get("leads"))

    @property
    def renews_from(self) -> float:
        """From which part of the way on the noise of takes is made anew; a model of an earlier version does
        it all the way."""
        return float((self.header.get("renewal") or {}).get("from", 0.0))

    @property
    def renew_steps(self) -> int:
        """The steps of a take, of two passes each, where the flow draws all of it."""
        return int((self.header.get("renewal") or {}).get("steps", EXPLORE.renew_steps))

    def row(self, asked: Mapping[str, str]) -> tuple[int, ...]:
        """Condition indexes of what is asked for, 0 elsewhere. Raises ModelError for what the model does not
        know."""
        row = []
        for c in self.conditions:
            value = asked.get(c.key)
            if value is not None and value not in c.values:
                raise ModelError(
                    f"no work of this model has {c.key}={value}", f"it knows: {', '.join(c.values[:8])}"
                )
            row.append(0 if value is None else 1 + c.values.index(value))
        if unknown := [key for key in asked if key not in {c.key for c in self.conditions}]:
            raise ModelError(f"this model was not trained with {unknown[0]}", "see: etude models info")
        return tuple(row)

    def asked(self, row: Sequence[int]) -> dict[str, str]:
        """What a row asks for, by key: `row` backwards."""
        return {c.key: c.values[i - 1] for c, i in zip(self.conditions, row, strict=True) if i}

    def manner(self, row: Sequence[int], g: np.random.Generator) -> tuple[int, ...]:
        """A row (K,) of the works that agrees with what is asked for, drawn as often as works have it; `row`
        itself where none agrees.

        A take of nobody in particular is asked for as some work would be: what all works have in common is
        learned from the tenth of them whose conditions were left out, what each kind has from the rest.
        """
        if self.manners is None or not len(row):
            return tuple(row)
        rows, odds = self._agreeing(tuple(row), self.manners)
        if not len(rows):
            return tuple(row)
        return tuple(int(v) for v in rows[odds.searchsorted(g.random(), side="right")])

    def _agreeing(
        self, row: tuple[int, ...], manners: npt.NDArray[np.integer[Any]]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
        """The rows (M, K) of works that agree with `row`, and their odds summed up (M,). Those of the last
        row are kept."""
        agreed = self._agreed  # read once: models are shared
        if agreed is None or agreed[0] is not manners or agreed[1] != row:
            rows, often = manners[:, :-1], manners[:, -1].astype(np.float64)
            asked = np.asarray(row, np.int64)
            fits = np.flatnonzero(((rows == asked) | (asked == 0)).all(1) & (often > 0))
            sums = (often[fits] / often[fits].sum()).cumsum() if len(fits) else often[:0]
            agreed = (manners, row, rows[fits], sums / sums[-1] if len(fits) else sums)
            self._agreed = agreed
        return agreed[2:]

    @torch.inference_mode()
    def velocity(
        self, x: Tensor, t: float, row: Tensor, *, guidance: float = 1.0, push: Tensor | None = None
    ) -> Tensor:
        """v (N, F, C, H, W) at time t. `guidance` 1: as learned; above, further from what is not asked for.
        `push` (C, H, W) is added: what sliders do."""
        n = len(x)
        flat = x.flatten(0, 1)
        times = torch.full((n,), t)
        v = self.flow(flat, times, row)
        if guidance != 1.0 and bool(row.any()):
            free = self.flow(flat, times, torch.zeros_like(row))
            v = free + guidance * (v - free)
        out: Tensor = v.view_as(x)
        return out if push is None else out + push

    @torch.inference_mode()
    def follow(
        self,
        x: Tensor,
        row: Tensor,
        *,
        start: float = 0.0,
        end: float = 1.0,
        steps: int = 12,
        guidance: float = 1.0,
        push: Tensor | None = None,
        hold: Callable[[Tensor, float], Tensor] | None = None,
    ) -> Tensor:
        """Along the field from time `start` to `end` by `steps` midpoint steps, each two passes. `hold(x, t)`
        may put back what is kept."""
        for i in range(steps):
            t, u = (start + (end - start) * j / steps for j in (i, i + 1))
            middle = x + 0.5 * (u - t) * self.velocity(x, t, row, guidance=guidance, push=push)
            x = x + (u - t) * self.velocity(middle, 0.5 * (t + u), row, guidance=guidance, push=push)
            if hold is not None:
                x = hold(x, u)
        return x

    @torch.inference_mode()
    def renew(
        self,
        x: Tensor,
        row: Tensor,
        *,
        fresh: Callable[[int], Tensor],
        eta: float = 1.0,
        start: float = 0.0,
        steps: int | None = None,
        guidance: float = 1.0,
        push: Tensor | None = None,
        hold: Callable[[Tensor, float], Tensor] | None = None,
        one_pass_start: bool = False,
        since: float | None = None,
    ) -> Tensor:
        """From time `start` to the picture by as many passes as `follow` needs for `steps` (None: as
        many as a take from nothing has): each keeps the picture that it predicts and makes a part
        `eta` of the noise anew, `fresh(i)` (N, F, C, H, W) in pass i (Song et al. 2021, arXiv
        2010.02502, eq. 12, for straight paths; all of it: Song et al. 2023, arXiv 2303.01469,
        algorithm 1). What a small network did wrong in one pass the next ones then mend, where
        `follow` carries it to the end as grain. Takes are calmer than works: some of their variance
        is lost, most of it early, where what is predicted is a mean of many pictures. So noise is
        made anew only from time `since` on (None: as the model has it). `one_pass_start`: up to
        LED_UNTIL the refined network predicts the picture, sharply where the flow sees a mean of
        many, and the flow mends what it got wrong."""
        if steps is None:
            steps = EXPLORE.renew_steps if one_pass_start else self.renew_steps
        passes = 2 * steps
        if since is None:
            since = 0.0 if one_pass_start else self.renews_from
        for i in range(passes):
            t, u = (start + (1.0 - start) * j / passes for j in (i, i + 1))
            if one_pass_start and t < LED_UNTIL:
                v = self.refined(x, t, row, push=push)
            else:
                v = self.velocity(x, t, row, guidance=guidance, push=push)
            picture, z = x + (1.0 - t) * v, x - t * v
            if i + 1 < passes:
                if t >= since:
                    z = math.sqrt(1.0 - eta * eta) * z + eta * fresh(i)
                x = u * picture + (1.0 - u) * z
            else:
                x = picture
            if hold is not None:
                x = hold(x, u)
        return x

    @torch.inference_mode()
    def refined(self, x: Tensor, t: float, row: Tensor, *, push: Tensor | None = None) -> Tensor:
        """The velocity (N, F, C, H, W) at time t by the refined network. Raises ModelError where there is
        none."""
        if self.one_pass is None:
            raise ModelError(
                "this model has no one-pass generator",
                "leave --steps 1 out, or learn it longer: etude models info",
            )
        out: Tensor = self.one_pass(x.flatten(0, 1), torch.full((len(x),), t), row).view_as(x)
        return out if push is None else out + push

    def in_one_pass(self, z: Tensor, row: Tensor, *, push: Tensor | None = None) -> Tensor:
        """G(z) = z + v(z, 0) by the refined network (N, F, C, H, W). Raises ModelError where there is
        none."""
        return z + self.refined(z, 0.0, row, push=push)

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Header and arrays for the store; weights as they are, in float32."""
        arrays: dict[str, npt.NDArray[Any]] = {
            f"flow.{k}": v.numpy() for k, v in self.flow.state_dict().items()
        }
        if self.one_pass is not None:
            arrays |= {f"one_pass.{k}": v.numpy() for k, v in self.one_pass.state_dict().items()}
        if self.critic_state is not None:
            arrays |= {f"critic.{k}": v.numpy() for k, v in self.critic_state.items()}
        if self.sliders is not None:
            arrays["sliders"] = self.sliders.numpy()
        if self.manners is not None:
            arrays["manners"] = self.manners
        if self.enlargement is not None:
            arrays |= {f"enlarge.{k}": v.numpy() for k, v in self.enlargement.state.items()}
        arrays |= {f"onlooker.{k}": v for k, v in (self.onlooker or {}).items()}
        header = {
            **self.header,
            "family": "pictures",
            "version": VERSION,
            "medium": self.medium,
            "net": self.config.to_json(),
            "framing": self.framing,
            "rate": self.rate,
            "conditions": [{"key": c.key, "values": list(c.values)} for c in self.conditions],
        }
        return header, arrays

    @classmethod
    def from_arrays(cls, header: Mapping[str, Any], arrays: Arrays) -> PictureModel:
        """What `to_arrays` gave. Raises ModelError for another version or weights of another shape."""
        if header.get("family") != "pictures" or header.get("version") != VERSION:
            raise ModelError(
                f"This model is of version {header.get('family', '?')} {header.get('version', '?')}; this "
                f"program reads pictures {VERSION}.",
                "Update with: pip install -U etude",
            )

        def part(name: str) -> dict[str, Tensor] | None:
            found = {
                k[len(name) + 1 :]: torch.from_numpy(np.array(v))
                for k, v in arrays.items()
                if k.startswith(f"{name}.")
            }
            return found or None

        try:
            return cls(
                str(header["medium"]),
                FlowConfig.from_json(header["net"]),
                dict(header["framing"]),
                [Condition(str(c["key"]), tuple(map(str, c["values"]))) for c in header["conditions"]],
                part("flow") or {},
                rate=float(header["rate"]),
                one_pass=part("one_pass"),
                critic=part("critic"),
                sliders=_directions(arrays),
                manners=np.array(arrays["manners"]) if "manners" in arrays else None,
                onlooker={k[9:]: np.array(v) for k, v in arrays.items() if k.startswith("onlooker.")} or None,
                enlargement=opened(header.get("enlarge"), arrays),
                header=header,
            )
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"The model is damaged: {str(error)[:200]}", "Learn it again with: etude learn"
            ) from error


def _directions(arrays: Arrays) -> Tensor | None:
    """The sliders; None of models that have those of the bottleneck, which moved nothing."""
    found = arrays.get("sliders")
    return None if found is None or found.ndim != 4 else torch.from_numpy(np.array(found))


def spread(push: Tensor, side: int) -> Tensor:
    """(C, side, side) of a direction (C, h, w) as seen from afar."""
    return torch.nn.functional.interpolate(
        push[None], size=(side, side), mode="bilinear", align_corners=False
    )[0]


def _net(config: FlowConfig, state: Mapping[str, Tensor]) -> FlowNet:
    net = FlowNet(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    net.load_state_dict(dict(state))
    out: FlowNet = net.eval().requires_grad_(False)
    return out


def to_float(frames: UInt8) -> Tensor:
    """(..., C, H, W) in -1..1 of pixels (..., H, W, C)."""
    return torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, -3).float().div_(127.5).sub_(1.0)


def to_pixels(x: Tensor) -> UInt8:
    """(..., H, W, C) of (..., C, H, W) in -1..1. Under full transparency nothing is kept, as everywhere."""
    pixels = x.clamp(-1, 1).add(1.0).mul(127.5).round().to(torch.uint8).movedim(-3, -1).contiguous().numpy()
    if pixels.shape[-1] == 4:
        pixels[pixels[..., 3] == 0] = 0
    return pixels
