"""What more minutes would buy: the held-out curve continued, with an interval.

A power law with an offset, y(t) = a + b t**-c (the best simple form on LCDB 1.1, TU Delft 2025), fitted to
held-out bits on a grid of c; the interval comes from refitting to resampled residuals and is widened by half,
since a nominal 90 % band of this kind covered only 0.76 to 0.83 in our own trial. Training loss is never
continued (it does not show overfitting), and there is no forecast beyond twice the time seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng

MIN_POINTS = 5
REACH = 2.0  # times the time seen: beyond, the curve is guesswork
DRAWS = 200
WIDEN = 1.5
_EXPONENTS = np.linspace(0.15, 2.0, 38)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """At `at_s` seconds of learning: value with a 90 % interval, and how much lower (better) that is than
    now."""

    at_s: float
    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float


def forecast(
    times_s: Sequence[float], values: Sequence[float], at_s: float, *, seed: int = 0
) -> Forecast | None:
    """Continue the curve to `at_s`; None with fewer than MIN_POINTS points, a reach of more than twice the
    time seen, or no figures (nan)."""
    t, y = np.asarray(times_s, float), np.asarray(values, float)
    if np.isnan(y).any():
        return None
    keep = t >= t.max() * 0.15 if len(t) else t > 0  # the first steep seconds say nothing of the tail
    t, y = t[keep], y[keep]
    if len(t) < MIN_POINTS or at_s > REACH * t[-1] or t[0] <= 0:
        return None
    best = _fit(t, y[None])
    fitted = _value(best, t)[0]
    residual = y - fitted
    g = rng.for_(seed, "forecast", len(t))
    drawn = np.stack([g.choice(residual, len(t)) for _ in range(DRAWS)]) * np.sqrt(
        len(t) / max(1, len(t) - 3)
    )
    ends, nows = _value(_fit(t, fitted + drawn), np.array([at_s, t[-1]])).T
    value, now = _value(best, np.array([at_s, t[-1]]))[0].tolist()
    low, high = (value + WIDEN * (float(q) - value) for q in np.quantile(ends, [0.05, 0.95]))
    gains = nows - ends
    gain = now - value
    g_low, g_high = (gain + WIDEN * (float(q) - gain) for q in np.quantile(gains, [0.05, 0.95]))
    return Forecast(at_s, value, low, high, gain, g_low, g_high)


def _fit(t: Floats, y: Floats) -> Floats:
    """Least squares for (a, b) of every curve y (R, T) at each exponent c, the best kept: (R, 3). b < 0 where
    the curve turned up."""
    c = _EXPONENTS[:, None]
    x = (t / t[-1]) ** -c
    mean = x.mean(1)
    b = (y - y.mean(1, keepdims=True)) @ (x - mean[:, None]).T / len(t) / np.maximum(x.var(1), 1e-12)
    a = y.mean(1, keepdims=True) - b * mean
    best = ((a[:, :, None] + b[:, :, None] * x - y[:, None, :]) ** 2).sum(2).argmin(1)
    rows = np.arange(len(y))
    out: Floats = np.stack([a[rows, best], b[rows, best] / t[-1] ** -_EXPONENTS[best], _EXPONENTS[best]], 1)
    return out


def _value(p: Floats, t: Floats) -> Floats:
    """Every curve of p (R, 3) at t (T,): (R, T)."""
    out: Floats = p[:, :1] + p[:, 1:2] * t ** -p[:, 2:]
    return out
