"""What a person allows (time, energy, money or steps), and what was spent, as a range with the method named.

Energy is not measured on most laptops (no counter that a plain user may read), so it is estimated from
processor seconds: a core under load draws 3 to 15 W, 7 W in the middle of published laptop and server
figures, and memory 0.4 W a GB; independent comparisons find such estimates off by up to 40 % (Fischer 2025,
arXiv 2509.22092). Where the RAPL counter can be read, it is used instead. Knows nothing of models.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from etude.config.sequence import LEARN
from etude.errors import BudgetError

CORE_W = (3.0, 7.0, 15.0)  # low, middle, high for one busy core
RAM_W_PER_GB = 0.4
_UNITS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|min|m|h|d)", re.I)
_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP"}
_LONGEST = 1_000  # characters of one limit
_RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


@dataclass(frozen=True)
class Budget:
    """The limits of a run, of which the first that is reached ends it.

    `tariff` is the price of one kWh, needed where money is the budget.
    """

    seconds: float | None = None
    kwh: float | None = None
    money: float | None = None
    currency: str = ""
    tariff: float | None = None
    steps: int | None = None

    @classmethod
    def parse(cls, texts: Sequence[str], tariff: float | None = None) -> Budget:
        """From '10m', '1h30m', '0.05kWh', '0.20EUR', '200steps' (several: whichever ends first).

        Raises BudgetError.
        """
        limits: dict[str, Any] = {"tariff": tariff}
        for text in texts:
            limits |= _limit(text)
        budget = cls(**limits)
        budget._check()
        return budget

    def _check(self) -> None:
        """Raises BudgetError for limits that are missing, not more than 0, or beyond all sense."""
        example = "give for example --budget 10m"
        if self.money is not None and self.tariff is None:
            raise BudgetError(
                f"a budget of {self.money:g} {self.currency} needs the price of energy",
                "add --tariff 0.30 (money for one kWh)",
            )
        if self.tariff is not None and self.tariff <= 0:
            raise BudgetError(
                f"a tariff of {self.tariff:g} for one kWh is not possible",
                "give what one kWh costs: --tariff 0.30",
            )
        limits = {"time": self.seconds, "energy": self.kwh, "money": self.money, "steps": self.steps}
        for name, value in limits.items():
            if value is not None and value <= 0:
                raise BudgetError(f"the budget of {name} is {value:g}; it must be more than 0", example)
        days, kwh, steps = (self.seconds or 0) / 86400, self.energy_kwh or 0, self.steps or 0
        for value, most, unit in (
            (days, LEARN.longest_s / 86400, "days"),
            (kwh, LEARN.most_kwh, "kWh"),
            (steps, LEARN.most_steps, "steps"),
        ):
            if value > most:
                asked = f"{value:,}" if isinstance(value, int) else f"{value:,.0f}"
                raise BudgetError(
                    f"a budget of {asked} {unit} is more than any run can use; at most {most:,.0f} {unit}",
                    example,
                )
        if all(value is None for value in limits.values()):
            raise BudgetError("no budget was given", example)

    @property
    def energy_kwh(self) -> float | None:
        """The energy allowed, from energy or money (the middle estimate counts)."""
        by_money = self.money / self.tariff if self.money is not None and self.tariff else None
        limits = [x for x in (self.kwh, by_money) if x is not None]
        return min(limits) if limits else None

    def describe(self) -> str:
        """In words: '10 min or 0.05 kWh'."""
        parts = []
        if self.seconds is not None:
            parts.append(duration(self.seconds))
        if self.kwh is not None:
            parts.append(f"{self.kwh:g} kWh")
        if self.money is not None:
            parts.append(f"{self.money:g} {self.currency}")
        if self.steps is not None:
            parts.append(f"{self.steps} steps")
        return " or ".join(parts)


@dataclass(frozen=True)
class Ledger:
    """What a run has spent.

    Energy is (low, middle, high) in kWh; `method` says how it was measured or estimated.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    kwh: tuple[float, float, float]
    method: str
    steps: int = 0
    sessions: int = 1

    def plus(self, other: Ledger) -> Ledger:
        """Two sessions of one run together."""
        return Ledger(
            self.wall_s + other.wall_s,
            self.cpu_s + other.cpu_s,
            max(self.peak_mb, other.peak_mb),
            (self.kwh[0] + other.kwh[0], self.kwh[1] + other.kwh[1], self.kwh[2] + other.kwh[2]),
            other.method,
            max(self.steps, other.steps),
            self.sessions + other.sessions,
        )

    def to_json(self) -> dict[str, Any]:
        """For headers and checkpoints."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ledger:
        """What `to_json` gave."""
        return cls(**{**data, "kwh": tuple(data["kwh"])})


class Meter:
    """Measures this process and its children that have ended, from the moment it is made; the clock from
    `began` (monotonic), where that is said."""

    def __init__(self, before: Ledger | None = None, began: float | None = None) -> None:
        self._process = psutil.Process()
        self._before = before
        self._t0 = time.monotonic() if began is None else began
        self._cpu0, self._rapl0 = self._cpu(), _rapl()

    def _cpu(self) -> float:
        t = self._process.cpu_times()
        return float(t.user + t.system + t.children_user + t.children_system)

    def read(self, steps: int = 0) -> Ledger:
        """What was spent until now, with earlier sessions of the run."""
        wall, cpu = time.monotonic() - self._t0, self._cpu() - self._cpu0
        info = self._process.memory_info()
        peak = getattr(info, "peak_wset", info.rss) / 1e6
        with contextlib.suppress(ImportError):
            import resource

            peak = max(
                peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e3 if psutil.LINUX else 1e6)
            )
        rapl = _rapl()
        if rapl is not None and self._rapl0 is not None and rapl >= self._rapl0:
            e = (rapl - self._rapl0) / 3.6e12
            kwh, method = (e, e, e * 1.1), "RAPL counter of the processor (all that ran on it)"
        else:
            ram = info.rss / 1e9 * RAM_W_PER_GB * wall
            low, mid, high = ((cpu * w + ram) / 3.6e6 for w in CORE_W)
            kwh, method = (
                (low, mid, high),
                "estimated from processor seconds at 3 / 7 / 15 W a core and 0.4 W a GB",
            )
        now = Ledger(wall, cpu, peak, kwh, method, steps)
        return self._before.plus(now) if self._before else now


def expected(seconds: float, cores: int, memory_mb: float) -> tuple[float, float, float]:
    """The energy (low, middle, high, in kWh) of so many seconds of so many busy cores, estimated as a run's
    is where no counter can be read."""
    ram = memory_mb / 1e3 * RAM_W_PER_GB
    low, middle, high = ((cores * w + ram) * seconds / 3.6e6 for w in CORE_W)
    return low, middle, high


def watt_hours(kwh: tuple[float, float, float]) -> str:
    """Energy (low, middle, high) in words, in a unit in which the middle is not 0: '1.2 Wh (0.5 to 2.5)'."""
    scale, unit = (1e3, "Wh") if kwh[1] >= 1e-3 else (1e6, "mWh")
    low, mid, high = (scale * x for x in kwh)
    digits = 0 if mid >= 100 else 1 if mid >= 1 else 3
    return f"{mid:,.{digits}f} {unit} ({low:,.{digits}f} to {high:,.{digits}f})"


def duration(seconds: float) -> str:
    """Seconds in words a person reads: '45 s', '12 min 30 s', '2 h 5 min'."""
    s = round(seconds)
    if s < 60:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == s else f"{seconds:.1f} s"
    if s < 3600:
        return f"{s // 60} min" + (f" {s % 60} s" if s % 60 else "")
    return f"{s // 3600} h" + (f" {s % 3600 // 60} min" if s % 3600 // 60 else "")


def _limit(text: str) -> dict[str, Any]:
    """One limit as fields of a budget. Raises BudgetError for what is none."""
    if len(text) > _LONGEST:  # Python refuses numbers of over 4,300 digits in words of its own
        raise BudgetError(
            f"a budget is written in at most {_LONGEST:,} characters, and this one has {len(text):,}",
            "write a time (10m, 1h30m), an energy (0.05kWh) or money (0.20EUR)",
        )
    t = text.strip().replace(",", ".")
    if m := re.fullmatch(r"(\d+)\s*steps?", t, re.I):
        return {"steps": int(m[1])}
    if m := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(k?)Wh", t, re.I):
        return {"kwh": float(m[1]) * (1.0 if m[2] else 1e-3)}
    if re.fullmatch(rf"(?:{_TIME.pattern}\s*)+", t, re.I):
        return {"seconds": sum(float(a) * _UNITS[b.lower()] for a, b in _TIME.findall(t))}
    if m := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Z]{3}|€|\$|£)", t, re.I):
        return {"money": float(m[1]), "currency": _CURRENCIES.get(m[2], m[2].upper())}
    raise BudgetError(
        f"'{text}' is not a budget", "write a time (10m, 1h30m), an energy (0.05kWh) or money (0.20EUR)"
    )


def _rapl() -> float | None:
    """The processor's energy counter in microjoules; None where it cannot be read."""
    try:
        return float(_RAPL.read_text())
    except (OSError, ValueError):
        return None
