"""Whether the tests of an audit are right as often as they say, in a world in which the truth is known.

    python bench/calibration.py
    python bench/calibration.py --quick

False alarms of each test at a nominal level of 5 %, in `runs` simulations, with the interval that chance
alone gives them; what is planted and how often it is found. The simulations are those of the test suite
(tests/audit/simulated.py), which repeats a few of each.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np

from _harness import ROOT, Row, Table, options, say, show

sys.path.insert(0, str(ROOT))
from tests.audit import simulated

LEVEL = 0.05


def chance(level: float, runs: int) -> tuple[float, float]:
    """Between these shares false alarms lie in 99 of 100 benches, if the level holds."""
    logs = [math.lgamma(runs + 1) - math.lgamma(k + 1) - math.lgamma(runs - k + 1) for k in range(runs + 1)]
    p = np.exp([of + k * math.log(level) + (runs - k) * math.log(1 - level) for k, of in enumerate(logs)])
    low, high = (int(np.searchsorted(np.cumsum(p), q)) for q in (0.005, 0.995))
    return low / runs, high / runs


def alarms(name: str, runs: int, of: Callable[[int], bool], level: float = LEVEL) -> Row:
    """How often a test accuses where nothing is amiss."""
    say(f"{name}, {runs} runs")
    share = sum(of(seed) for seed in range(runs)) / runs
    low, high = chance(level, runs)
    verdict = "below" if share < low else "above" if share > high else "within"
    return Row(
        name,
        {"found": f"{100 * share:.1f} %", "said": f"{100 * level:g} %"},
        f"{verdict} {100 * low:.1f} to {100 * high:.1f} %, {runs} runs",
    )


def main() -> None:
    chosen = options(__doc__).parse_args()
    runs = 60 if chosen.quick else 500
    some = 20 if chosen.quick else 100
    rows = [
        alarms(
            "false alarms: distance of takes to works", runs, lambda s: simulated.told_apart(s)[0] <= LEVEL
        ),
        alarms(
            "false alarms: a classifier of takes and works",
            runs,
            lambda s: simulated.told_apart(s)[1] <= LEVEL,
        ),
        alarms("false alarms: near-copies", runs, simulated.accused_of_copies),
        alarms("false alarms: drawn to its own works", runs, simulated.accused_of_blends),
        alarms(
            "false alarms: drawn to its own works, takes of few kinds",
            runs,
            lambda s: simulated.accused_of_blends(s, "few"),
        ),
        alarms(
            "false alarms: counts, passages of 24 works",
            runs,
            lambda s: simulated.counted_differs(s) <= LEVEL,
        ),
    ]
    for share in (1.0, 0.5, 0.2):
        say(f"blends, {share:.0%} of takes")
        found = sum(simulated.accused_of_blends(seed, "blends", share) for seed in range(some)) / some
        rows.append(
            Row(
                f"blends found: {share:.0%} of takes are one",
                {"found": f"{100 * found:.0f} %"},
                f"{some} runs",
            )
        )
    for planted in (0.01, 0.02, 0.05):
        say(f"copies, {planted:.0%} planted")
        shares = [simulated.copied_share(seed, planted) for seed in range(some)]
        rows.append(
            Row(
                f"copied share: {planted:.0%} planted",
                {"found": f"{100 * float(np.mean(shares)):.2f} %", "said": f"{100 * planted:g} %"},
                f"deviation {100 * float(np.std(shares)):.2f} points, {some} runs of 400 takes",
            )
        )
    for truth, sensitivity, specificity in (
        (0.1, 0.95, 0.95),
        (0.1, 0.9, 0.8),
        (0.3, 0.9, 0.8),
        (0.5, 0.9, 0.8),
    ):
        say(f"corrected shares of {truth:.0%}")
        held = sum(simulated.share_held(seed, truth, sensitivity, specificity) for seed in range(runs)) / runs
        rows.append(
            Row(
                f"95 % intervals hold a share of {truth:.0%} ({sensitivity:g}/{specificity:g})",
                {"found": f"{100 * held:.1f} %", "said": "95 %"},
                f"{runs} runs",
            )
        )
    for entropy in (0.3, 0.7, 1.2):
        for n in (100, 200):
            say(f"marks, {entropy} nats, {n} tokens")
            hits = sum(simulated.marked(seed, entropy, n, "5eed") <= 1e-3 for seed in range(some)) / some
            rows.append(
                Row(
                    f"marks found: {n} tokens of {entropy:g} nats",
                    {"found": f"{100 * hits:.0f} %"},
                    f"{some} runs",
                )
            )
    columns = ("found", "said")
    show(Table("calibration", "Tests of an audit where the truth is known", columns, tuple(rows)))


if __name__ == "__main__":
    main()
