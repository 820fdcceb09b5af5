"""Making takes of pictures and clips: from noise to contents, from a picture on, around what is kept, between
takes, along a closed path.

A take is all that its own noise, by (seed, index), and its controls give, whoever else is made beside it:
networks run in batches of one fixed size, since kernels round differently for different sizes. Starting from
a picture: noise it part of the way and follow the field from there (Meng et al. 2022, arXiv 2108.01073);
filling: what is kept is put back after every step at that step's noise (Lugmayr et al. 2022, arXiv
2201.09865, without its resampling); mixing: follow the field backwards to each picture's noise and go round
the sphere between them. Steps make their noise anew unless a take hangs on the noise of another picture.
Loops: noise on a closed path of whole-number frequencies, of variance 1 at every point. Knows no project.

Letters: N takes, F frames, C channels, H W pixels, K conditions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.config.pictures import EXPLORE, PICTURES
from etude.config.trust import TRACE
from etude.errors import ModelError, TakeError
from etude.families.pictures.make.enlarging import check_size, finished
from etude.families.pictures.make.latents import _along, _turned
from etude.families.pictures.make.loops import _loop
from etude.families.pictures.make.noise_of_takes import (
    _eta,
    _fresh,
    _push,
    _rows,
    _to_noise,
    latent,
    one_pass,
)
from etude.families.pictures.make.ranking import _judged, chosen
from etude.families.pictures.make.request import Loop, MadePicture, PictureRequest, UInt8
from etude.families.pictures.model import PictureModel, to_float


def make(model: PictureModel, r: PictureRequest) -> list[MadePicture]:
    """Make the takes of a request, the ones that were chosen among drafts in the order of their index.

    Raises TakeError or ModelError where request and model do not fit.
    """
    _check(model, r)
    if r.loop is not None:
        return [_loop(model, r, i) for i in range(r.first_index, r.first_index + r.n)]
    drafts = list(range(r.first_index, r.first_index + r.n * r.choose))
    return _chosen(model, r, drafts, *_drafts(model, r, drafts))


def make_apart(
    model: PictureModel, r: PictureRequest, near: Callable[[UInt8], float]
) -> tuple[list[MadePicture], int]:
    """As `make`, but drafts whose p-value `near` of frames (F, H, W, C) is at most that of a trace's flag are
    left out before any is chosen, and others with the next indexes are made, up to EXPLORE.most_drafts times
    as many; so that there may be fewer than asked for, or none. Also how many were left out."""
    _check(model, r)
    wanted, ps, made = r.n * r.choose, dict[int, float](), dict[int, UInt8]()
    xs, rows, index = list[Tensor](), list[Tensor](), r.first_index
    last = r.first_index + EXPLORE.most_drafts * wanted
    while len(xs) < wanted and index < last:
        some = list(range(index, min(last, index + wanted - len(xs))))
        index = some[-1] + 1
        for draft, x, row in zip(some, *_drafts(model, r, some), strict=True):
            pixels = finished(model, r, x)  # a trace will see what leaves, too
            p = near(pixels)
            if p > TRACE.alpha:
                ps[draft], made[draft] = p, pixels
                xs.append(x)
                rows.append(row)
    left_out = index - r.first_index - len(xs)
    if not xs:
        return [], left_out
    kept = _chosen(model, r, list(ps), torch.stack(xs), torch.stack(rows), made)
    return [replace(one, near=round(ps[one.index], 6)) for one in kept], left_out


def _drafts(model: PictureModel, r: PictureRequest, drafts: Sequence[int]) -> tuple[Tensor, Tensor]:
    """The drafts with these indexes (M, F, C, H, W), and the rows of their conditions (M, K)."""
    size = _together(model, len(drafts))
    made, asked = list[Tensor](), list[Tensor]()
    for a in range(0, len(drafts), size):
        some = list(drafts[a : a + size])
        padded = some + [some[-1]] * (size - len(some))  # always one shape: same recipe, same bytes
        rows = _rows(model, r, some)
        asked += list(rows)
        made += list(
            _batch(model, r, padded, torch.cat([rows, rows[-1:].expand(size - len(some), -1)]))[: len(some)]
        )
    return torch.stack(made), torch.stack(asked)


def _chosen(
    model: PictureModel,
    r: PictureRequest,
    drafts: Sequence[int],
    x: Tensor,
    rows: Tensor,
    made: Mapping[int, UInt8] | None = None,
) -> list[MadePicture]:
    """Those of the drafts that are kept. `made`: the pixels of those that are finished."""
    critic = (
        _judged(model, x, rows, _together(model, len(drafts))) if r.choose > 1 else None
    )  # it costs as much as a few passes
    kept = chosen(x, critic, r.n)
    return [
        MadePicture(
            drafts[i],
            finished(model, r, x[i]) if made is None else made[drafts[i]],
            model.rate,
            None if critic is None else round(float(critic[i]), 4),
            model.asked(rows[i].tolist()),
        )
        for i in kept
    ]


def _together(model: PictureModel, n: int) -> int:
    """How many contents go through the network at once: always EXPLORE.batch frames, but for a few pictures
    two by two where that gives the same bits, which is tried once."""
    usual = max(1, EXPLORE.batch // model.config.frames)
    return (
        EXPLORE.few if model.config.frames == 1 and n <= EXPLORE.few_until and rounds_alike(model) else usual
    )


def rounds_alike(model: PictureModel) -> bool:
    """Whether a few pictures come out of this model's network on this machine with the bits that a whole
    batch gives; tried once."""
    if model.few_round_alike is None:
        z = torch.from_numpy(
            rng.for_(0, "rounding").standard_normal((EXPLORE.batch, *model.config.shape), dtype=np.float32)
        )
        rows = torch.zeros(len(z), len(model.conditions), dtype=torch.long)
        n = EXPLORE.few
        model.few_round_alike = torch.equal(
            model.velocity(z, 0.5, rows)[:n], model.velocity(z[:n], 0.5, rows[:n])
        )
    return model.few_round_alike


def _check(model: PictureModel, r: PictureRequest) -> None:
    check_size(model, r)
    if r.n < 1:
        raise TakeError(f"{r.n} takes cannot be made", "ask for one or more: -n 8")
    if r.series is not None and not (
        r.series >= 2 and len(r.parents) >= 2 and r.first_index + r.n * r.choose <= r.series
    ):
        raise TakeError(
            "a series goes past two or more pictures, and has two or more takes",
            "--mix A --mix B --series -n 9",
        )
    if r.steps is not None and not 1 <= r.steps <= 200:
        raise TakeError(
            f"{r.steps} steps are not possible", "give 1 to 200: 1 is one pass, 12 are usual, 50 are many"
        )
    if r.steps == 1 and model.one_pass is None:
        raise ModelError(
            "this model has no one-pass generator", "leave --steps out, or train it with a larger budget"
        )
    if r.slide and (model.sliders is None or max(r.slide) >= len(model.sliders) or min(r.slide) < 0):
        has = 0 if model.sliders is None else len(model.sliders)
        raise TakeError(
            f"this model has {has} sliders, numbered from 1", "see them with: etude sliders MODEL"
        )


def _batch(model: PictureModel, r: PictureRequest, indexes: Sequence[int], rows: Tensor) -> Tensor:
    """(B, F, C, H, W) in -1..1 of these indexes, asked to be what `rows` (B, K) say."""
    z = torch.stack([latent(model, r.seed, i) for i in indexes])
    push = _push(model, r.slide)
    eta = _eta(r)
    steps = (
        r.steps
        if r.steps is not None and r.steps > 1
        else _usual_steps(model, r)
        if eta > 0
        else PICTURES.steps
    )
    since = None if r.eta is None else 0.0  # said, it holds all the way
    if r.parents:
        z = _between(model, r, rows, z, indexes)
    elif r.start is not None and r.vary is not None:
        z = _turned(_to_noise(model, r.start, rows), z, r.vary * math.pi / 2)
    elif r.start is not None:
        return _from_start(model, r, rows, z, _fresh(model, r, indexes), steps, push)
    if one_pass(model, r):
        return model.in_one_pass(z, rows, push=push).clamp(-1, 1)
    if eta > 0:
        fresh = _fresh(model, r, indexes)
        x = model.renew(
            z,
            rows,
            fresh=fresh,
            eta=eta,
            steps=steps,
            guidance=r.guidance,
            push=push,
            one_pass_start=_led(model, r),
            since=since,
        )
        return x.clamp(-1, 1)
    return model.follow(z, rows, steps=steps, guidance=r.guidance, push=push).clamp(-1, 1)


def _led(model: PictureModel, r: PictureRequest) -> bool:
    """Whether the refined generator draws the first half: what it was measured with, and --eta 1 is the flow
    alone."""
    return model.begins_in_one_pass and r.eta is None and r.guidance == 1.0


def _usual_steps(model: PictureModel, r: PictureRequest) -> int:
    return EXPLORE.renew_steps if r.start is None and _led(model, r) else model.renew_steps


def _from_start(
    model: PictureModel,
    r: PictureRequest,
    rows: Tensor,
    z: Tensor,
    fresh: Callable[[int], Tensor],
    steps: int,
    push: Tensor | None,
) -> Tensor:
    """From the start noised part of the way; where something is kept, all the way, and it is put back after
    every step."""
    assert r.start is not None
    x0 = to_float(r.start)[None].expand_as(z)
    strength = 1.0 if r.keep is not None else r.strength
    begin = 1.0 - strength
    if strength <= 0.0:
        return x0.clone()
    keep = None if r.keep is None else torch.from_numpy(r.keep)[None, None, None].float()

    def hold(x: Tensor, t: float) -> Tensor:
        assert keep is not None
        return keep * ((1 - t) * z + t * x0) + (1 - keep) * x

    x = (1 - begin) * z + begin * x0
    many = max(4, round(steps * max(0.34, strength)))
    eta, put_back = _eta(r), None if keep is None else hold
    if eta > 0:
        out = model.renew(
            x,
            rows,
            fresh=fresh,
            eta=eta,
            start=begin,
            steps=many,
            guidance=r.guidance,
            push=push,
            hold=put_back,
            since=None if r.eta is None else 0.0,
        )
    else:
        out = model.follow(x, rows, start=begin, steps=many, guidance=r.guidance, push=push, hold=put_back)
    return out.clamp(-1, 1)


def _between(
    model: PictureModel, r: PictureRequest, rows: Tensor, z: Tensor, indexes: Sequence[int]
) -> Tensor:
    """The noise between the parents': by shares, in even steps past all of them, or bred (each region from
    one, with a little that is new)."""
    origins = [_to_noise(model, frames, rows) for frames in r.parents]
    if r.breed:
        out = []
        for j, i in enumerate(indexes):
            g = rng.for_(r.seed, "breed", i)
            shape = model.config.shape
            field_ = torch.from_numpy(g.standard_normal((len(origins), 1, 4, 4)).astype(np.float32))
            whose = F.interpolate(field_, size=shape[-2:], mode="bicubic", align_corners=False).argmax(0)[
                0
            ]  # (H, W)
            child = torch.zeros(shape)
            for k, origin in enumerate(origins):
                child = torch.where((whose == k)[None, None], origin[j], child)
            out.append(_turned(child, z[j], EXPLORE.mutation * math.pi / 2))
        return torch.stack(out)
    if r.series is not None:
        far = len(origins) - 1
        return torch.stack(
            [_along([o[j] for o in origins], far * i / (r.series - 1)) for j, i in enumerate(indexes)]
        )
    shares = np.asarray(r.shares or [1.0] * len(origins), np.float64)
    weights = np.sqrt(np.maximum(shares, 0) / max(1e-9, shares.sum()))  # on the sphere: squares sum to 1
    mixed = sum((float(w) * o for w, o in zip(weights, origins, strict=True)), torch.zeros_like(z))
    # parents are alike in part, so their sum is longer than either: back to the parents' length
    lengths = torch.stack([o.flatten(1).norm(dim=1) for o in origins])
    length = (lengths * torch.from_numpy(shares / shares.sum()).float()[:, None]).sum(0)
    mixed = mixed * (length / mixed.flatten(1).norm(dim=1).clamp_min(1e-6))[:, None, None, None, None]
    new = torch.tensor([0.0 if i == 0 else EXPLORE.mutation * math.pi / 2 for i in indexes])[
        :, None, None, None, None
    ]
    mixture: Tensor = (
        torch.cos(new) * mixed + torch.sin(new) * z
    )  # the first is the mixture itself, the others vary a little
    return mixture


def strip(
    model: PictureModel,
    number: int,
    *,
    seed: int,
    amounts: Sequence[float],
    rows: int,
    conditions: Mapping[str, str],
) -> list[UInt8]:
    """Pictures for a preview of a slider, row by row: one take each, with the slider at these standard
    deviations."""
    out: list[UInt8] = []
    by_amount = []
    for amount in amounts:
        request = PictureRequest(
            n=rows, seed=seed, conditions=conditions, slide={number: amount} if amount else {}
        )
        by_amount.append([one.frames[len(one.frames) // 2] for one in make(model, request)])
    for i in range(rows):
        out += [column[i] for column in by_amount]
    return out


def as_controls(r: Mapping[str, Any]) -> dict[str, Any]:
    """The controls of a recipe as fields of a request: numbers of sliders as integers, loops as such."""
    out = dict(r)
    if "slide" in out:
        out["slide"] = {int(k): float(v) for k, v in out["slide"].items()}
    if "loop" in out:
        out["loop"] = Loop(**out["loop"])
    return out
