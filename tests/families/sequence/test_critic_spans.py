"""The stretch that gives a text away is found, and its deletion is compared with others."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import etude
from etude.api.handle import Studio
from etude.families.sequence.critic_spans import given_away
from etude.families.sequence.generator import SequenceGenerator
from etude.trace.record import Trace
from etude.workspace.core import silent
from etude.workspace.generators import generator

NOISE = "qzx vkw jjq xxv zqk wvx kqz jxq vzk qqj xwz kvq zjx qvk xzj wqk vjx zkq jwv qxz kjv xqw zvj "


class Dear:
    """A critic to whom what costs much is unlike works."""

    def __call__(self, states: torch.Tensor, cost: torch.Tensor) -> torch.Tensor:
        return -cost.mean(1)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, SequenceGenerator]]:
    folder = tmp_path_factory.mktemp("spans")
    with tarfile.open(Path(__file__).parents[2] / "before" / "text.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    studio = etude.open(folder / "text")
    found = generator(studio.workspace, studio.project.models()[0], silent)
    assert isinstance(found, SequenceGenerator)
    found.model.critic = Dear()  # type: ignore[assignment]
    yield studio, found


def planted(studio: Studio) -> tuple[str, int, int]:
    """A work with noise in its middle."""
    text = str(studio.workspace.contents(studio.project.works()[0].id))[:1600]
    at = text.index("\n", 800) + 1
    return text[:at] + NOISE + text[at:], at, at + len(NOISE)


def test_noise_in_a_work_is_what_gives_it_away(opened: tuple[Studio, SequenceGenerator]) -> None:
    studio, found = opened
    text, start, end = planted(studio)
    away = given_away(found.model, found.model.codec.encode(text))
    assert away is not None and away.start < end and away.end > start
    assert away.holds and away.rise > 2 * abs(away.usual) and away.beaten == away.others >= 4


def test_a_trace_says_it_with_the_words(opened: tuple[Studio, SequenceGenerator], tmp_path: Path) -> None:
    studio, _ = opened
    text, *_ = planted(studio)
    (tmp_path / "noise.md").write_text(text, encoding="utf-8")
    traced = studio.trace(tmp_path / "noise.md")
    assert isinstance(traced, Trace)
    assert traced.given_away is not None and traced.given_away.holds
    line = next(line for line in traced.summary.split("\n") if "gives it away" in line)
    assert any(word in line for word in NOISE.split()) and "rises by" in line


def test_too_short_a_text_is_not_judged(opened: tuple[Studio, SequenceGenerator]) -> None:
    _, found = opened
    assert given_away(found.model, found.model.codec.encode("A line, and no more.\n")) is None
