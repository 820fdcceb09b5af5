"""Names are kept in one form of Unicode, and percentages of a split add up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from etude import api
from etude.cli import show


@dataclass(frozen=True)
class Role:
    role: str
    share: float


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((4 / 6, 1 / 6, 1 / 6), "train 66 %, critic 17 %, held-out 17 %"),
        ((1.0, 0.0, 0.0), "train 100 %, critic 0 %, held-out 0 %"),
        ((1 / 3, 1 / 3, 1 / 3), "train 34 %, critic 33 %, held-out 33 %"),
        ((0.0, 0.0, 0.0), "train 0 %, critic 0 %, held-out 0 %"),
        ((0.8751, 0.0625, 0.0624), "train 88 %, critic 6 %, held-out 6 %"),
    ],
)
def test_percentages_add_up(shares: tuple[float, ...], said: str) -> None:
    roles = [Role(name, share) for name, share in zip(("train", "critic", "held-out"), shares, strict=True)]
    assert show.split(roles) == said


def test_a_maker_whose_name_comes_in_pieces_is_one_maker(tmp_path: Path) -> None:
    api.init(tmp_path / "p")
    ws = api.open_project(tmp_path / "p")
    for number, maker in enumerate(("Ana Pe\u00f1a", "Ana Pen\u0303a")):
        (tmp_path / f"{number}.txt").write_text(f"The well {number} is deep.\n" * (number + 3))
        api.add(ws, [tmp_path / f"{number}.txt"], collection="c", maker=maker, licence="own", consent="yes")
    assert {work.maker for work in ws.project.works()} == {"Ana Pe\u00f1a"}
    assert len(api.works(ws, maker="ANA PEN\u0303A").works) == 2
    api.edit_works(ws, [ws.project.works()[0].id], attrs={"place": "Co\u0301rdoba"})
    assert ws.project.works()[0].attrs["place"] == "C\u00f3rdoba"
