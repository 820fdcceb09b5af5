"""What more minutes would buy: the held-out curve continued, with an interval.

A power law with an offset, y(t) = a + b t**-c (the best simple form on LCDB 1.1, TU Delft 2025), fitted to held-out bits on a grid of c; the
interval comes from refitting to resampled residuals and is widened by half, since a nominal 90 % band of this kind covered only 0.76 to 0.83 in
our own trial. Training loss is never continued (it does not see over-fitting), and nothing beyond twice the time seen is said.
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


@dataclass(frozen=True)
class Forecast:
    """At `at_s` seconds of learning: value with a 90 % interval, and how much lower (better) that is than now."""

    at_s: float
    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float

    @property
    def sure(self) -> bool:
        """Whether the interval says that more time helps."""
        return self.gain_low > 0


def forecast(times_s: Sequence[float], values: Sequence[float], at_s: float, *, seed: int = 0) -> Forecast | None:
    """Continue the curve to `at_s`; None with fewer than MIN_POINTS points, a reach of more than twice the time seen, or no figures (nan)."""
    t, y = np.asarray(times_s, float), np.asarray(values, float)
    if np.isnan(y).any():
        return None
    keep = t >= t.max() * 0.15 if len(t) else t > 0  # the first steep seconds say nothing of the tail
    t, y = t[keep], y[keep]
    if len(t) < MIN_POINTS or at_s > REACH * t[-1] or t[0] <= 0:
        return None
    best = _fit(t, y)
    fitted = _value(best, t)
    residual = y - fitted
    g = rng.for_(seed, "forecast", len(t))
    ends, nows = [], []
    for _ in range(DRAWS):
        p = _fit(t, fitted + g.choice(residual, len(t)) * np.sqrt(len(t) / max(1, len(t) - 3)))
        ends.append(float(_value(p, np.array([at_s]))[0]))
        nows.append(float(_value(p, t[-1:])[0]))
    value, now = float(_value(best, np.array([at_s]))[0]), float(_value(best, t[-1:])[0])
    low, high = (value + WIDEN * (float(q) - value) for q in np.quantile(ends, [0.05, 0.95]))
    gains = np.array(nows) - np.array(ends)
    gain = now - value
    g_low, g_high = (gain + WIDEN * (float(q) - gain) for q in np.quantile(gains, [0.05, 0.95]))
    return Forecast(at_s, value, low, high, gain, g_low, g_high)


def _fit(t: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Least squares for (a, b) at each exponent c; b >= 0 unless the curve turned up, which shows as b < 0."""
    best, least = (float(y.mean()), 0.0, 1.0), np.inf
    for c in _EXPONENTS:
        x = (t / t[-1]) ** -c
        b = float(np.cov(x, y, bias=True)[0, 1] / max(float(np.var(x)), 1e-12))
        a = float(y.mean() - b * x.mean())
        err = float(((a + b * x - y) ** 2).sum())
        if err < least:
            best, least = (a, b / float(t[-1]) ** -c, float(c)), err
    return best


def _value(p: tuple[float, float, float], t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    out: npt.NDArray[np.float64] = p[0] + p[1] * t ** -p[2]
    return out
