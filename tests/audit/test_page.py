"""The page: whole, escaped, and nothing from outside."""

from __future__ import annotations

import re

from etude.audit.page import Pair, Seen, render
from etude.audit.report import Audit, Plot, Row, Section, percent, shown, worst
from etude.stats.figure import Figure

EVIL = "<script>alert('&\"')</script>"
FIGURE = Figure(0.25, 0.2, 0.3, 64, "share of takes")


def audit() -> Audit:
    rows = (
        Row(
            "Near",
            "concern",
            EVIL,
            FIGURE,
            Figure(0.05, 0.05, 0.05, 100, "share of held-out works"),
            "by chance",
        ),
        Row("Cost", "told", "It took long.", Figure(1.5, 1.0, 2.0, 3, "Wh")),
    )
    plot = Plot("A plot", EVIL, "<svg viewBox='0 0 1 1'></svg>")
    section = Section("Copying", "Does it copy?", "concern", EVIL, rows, (plot,))
    return Audit(EVIL, "text", EVIL, 0, 64, 10, 12.0, (section,))


def test_everything_is_escaped_and_nothing_is_fetched() -> None:
    page = render(audit(), [Seen(EVIL, under=EVIL)], [Pair(Seen(EVIL), Seen("", b"\x89PNG", EVIL))])
    assert "<script>alert" not in page and page.count("&lt;script&gt;") >= 8
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page) and "default-src &#x27;none" in page


def test_every_figure_stands_with_n_interval_and_floor() -> None:
    page = render(audit(), [], [])
    assert "25 % (20 to 30) of 64 takes" in page
    assert "To compare with: 5.0 % of 100 held-out works (by chance)" in page
    assert "1.5 (1 to 2) Wh, n = 3" in page
    assert "Look at this" in page and "For your information" in page


def test_what_a_section_comes_to() -> None:
    def of(*verdicts: str) -> str:
        return worst(tuple(Row("", verdict, "") for verdict in verdicts))  # type: ignore[arg-type]

    assert of("good", "concern", "unknown") == "concern" and of("unknown", "good") == "good"
    assert of("unknown", "told") == "unknown" and of() == "unknown"
    assert percent(0.0) == "0 %" and percent(0.034) == "3.4 %" and percent(0.996) == "100 %"
    assert shown(FIGURE).endswith("of 64 takes")
