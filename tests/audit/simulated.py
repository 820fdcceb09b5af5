"""A world in which the truth is known: works of forty kinds, a generator that is honest or cheats in a way
that is planted, and what each test of an audit says of it. For tests (few runs) and
`bench/calibration.py` (many).

Letters: N works, D features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.audit.blends import Pool, row
from etude.config.trust import TRACE
from etude.rng import for_
from etude.stats import two_samples, watermark
from etude.stats.conformal import as_many, by_chance, p_values
from etude.stats.groups_differ import differ
from etude.stats.prevalence import Counted, share

Floats = npt.NDArray[np.float64]
KINDS, WIDTH = 40, 24


@dataclass(frozen=True)
class World:
    """Works learned from and held out, and takes (N, D each)."""

    train: Floats
    held_out: Floats
    takes: Floats


def unit(x: Floats) -> Floats:
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def works(g: np.random.Generator, n: int, middles: Floats) -> Floats:
    return np.asarray(
        middles[g.integers(0, len(middles), n)] + 0.6 * g.standard_normal((n, middles.shape[1]))
    )


def world(
    seed: int, cheat: str = "", share: float = 1.0, *, train: int = 400, held: int = 120, n: int = 96
) -> World:
    """Takes are fresh works, or a share of them `copies` of training works, `blends` of two of them, or from
    `few` of the kinds."""
    g = for_(seed, "simulated", cheat or "fresh")
    middles = g.standard_normal((KINDS, WIDTH))
    learned, unseen, takes = (works(g, k, middles) for k in (train, held, n))
    some = g.random(n) < share if share < 1.0 else np.ones(n, np.bool_)
    k = int(some.sum())
    if cheat == "copies":
        takes[some] = learned[g.integers(0, train, k)] + 0.02 * g.standard_normal((k, WIDTH))
    elif cheat == "blends":
        a, b = g.integers(0, train, (2, k))
        takes[some] = 0.5 * (learned[a] + learned[b])
    elif cheat == "few":
        takes[some] = works(g, k, middles[: KINDS // 8])
    return World(unit(learned), unit(unseen), unit(takes))


def told_apart(seed: int, cheat: str = "", draws: int = 200) -> tuple[float, float]:
    """The p-values of distance and classifier, takes against held-out works."""
    one, g = world(seed, cheat), for_(seed, "simulated labels")
    kernel = two_samples.gram(one.takes, one.held_out)
    return tuple(  # type: ignore[return-value]
        of(kernel, len(one.takes), g, draws).p for of in (two_samples.distance, two_samples.told_apart)
    )


def accused_of_blends(seed: int, cheat: str = "", share: float = 1.0) -> bool:
    """Whether takes are said to be drawn to the works learned from."""
    one = world(seed, cheat, share)
    pool = Pool(
        np.concatenate([one.train, one.held_out]),
        np.arange(len(one.train) + len(one.held_out)) < len(one.train),
        [str(i) for i in range(len(one.train) + len(one.held_out))],
    )
    return row(one.takes, pool, seed=seed).verdict == "concern"


def nearest(one: World) -> tuple[Floats, Floats]:
    """How near each take, and each held-out work, is to the training work nearest to it."""
    return (one.takes @ one.train.T).max(1), (one.held_out @ one.train.T).max(1)


def accused_of_copies(seed: int) -> bool:
    """Whether fresh takes are said to be near-copies."""
    takes, usual = nearest(world(seed))
    flagged = int((p_values(takes, usual) <= TRACE.alpha).sum())
    return as_many(flagged, len(takes), len(usual), TRACE.alpha) <= 0.05


def copied_share(seed: int, planted: float) -> float:
    """The estimate of the copied share: what is flagged over chance."""
    takes, usual = nearest(world(seed, "copies", planted, n=400, held=200))
    return float((p_values(takes, usual) <= 0.01).mean()) - by_chance(0.01, len(usual))


def counted_differs(seed: int, more: float = 0.0) -> float:
    """The p-value of a count that 96 takes and 240 passages of 24 works have alike, but for `more`."""
    g = for_(seed, "simulated counts")
    of_works = np.repeat(g.standard_normal(24), 10) * 0.7 + g.standard_normal(240)
    takes = 0.7 * g.standard_normal(96) + g.standard_normal(96) + more
    return differ(takes, of_works, np.repeat(np.arange(24), 10).tolist(), "").p


def share_held(seed: int, truth: float, sensitivity: float, specificity: float, n: int = 500) -> bool:
    """Whether the corrected share's 95 % interval holds the truth."""
    g = for_(seed, "simulated shares", int(100 * truth), int(100 * sensitivity))
    so = g.random(n) < truth
    positive = np.where(so, g.random(n) < sensitivity, g.random(n) >= specificity)
    one = Counted(
        int(positive.sum()), n, int(g.binomial(100, sensitivity)), 100, int(g.binomial(100, specificity)), 100
    )
    _, low, high = share(one, seed=seed, draws=2000, tail=0.025)
    return low <= truth <= high


def marked(seed: int, entropy: float, n: int, key: str = "") -> float:
    """The p-value of the mark in n tokens of about so many nats each, drawn with a key or without."""
    g = for_(seed, "simulated marks")
    size, width = 256, watermark.TOKENS
    p = peaked(entropy, size)
    key_of = np.array(watermark.keyed(key, int(g.integers(watermark.NONCES))), np.uint64)
    out = g.integers(0, size, width).tolist()
    known: set[int] = set()
    for _ in range(n):
        order = g.permutation(size)
        context = watermark.contexts(np.array([*out[-width:], 0]), width)
        if key and int(context[0]) not in known:
            numbers = watermark.numbers(context, np.arange(size), key_of)
            out.append(int(np.argmax(np.log(numbers) / p[order])))
        else:
            out.append(int(g.choice(size, p=p[order])))
        known.add(int(context[0]))
    found = watermark.detect(out, width, key or "00")
    return found.p if found is not None else 1.0


def peaked(entropy: float, size: int) -> Floats:
    """(V,) geometric probabilities of about so many nats."""
    low, high = 1e-3, 20.0
    for _ in range(60):
        rate = (low + high) / 2
        p = np.exp(-rate * np.arange(size))
        p /= p.sum()
        h = float(-(p * np.log(np.maximum(p, 1e-300))).sum())
        low, high = (rate, high) if h > entropy else (low, rate)
    return np.asarray(p)
