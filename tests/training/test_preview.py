"""Takes that a run shows on its way: what they may cost, how media show them, that they change nothing."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from etude.config.sequence import LEARN
from etude.families.pictures.learn import run as pictures
from etude.families.sequence.learn.run import learn
from etude.training.preview import Allowance, previews
from etude.training.progress import Progress
from tests.families.pictures import small_pictures
from tests.families.pictures.small_pictures import settings
from tests.families.sequence import small_models as small

OFTEN = {"preview_first_s": 0.001, "preview_share": 1000.0, "preview_pause": 1.0}


def test_together_they_cost_no_more_than_their_share() -> None:
    allowed, used, count = Allowance(), 0.0, 0
    spent = 0.0
    while spent < 3600.0:
        spent += 0.5
        if allowed.due(spent, 3600.0 - spent):
            cost = 0.2 + 0.001 * count
            allowed.took(cost, spent)
            used, count = used + cost, count + 1
            assert used <= 1.5 * LEARN.preview_share * spent
    assert used <= LEARN.preview_share * 3600.0 and count >= 12


def test_what_is_too_dear_is_left_out() -> None:
    allowed = Allowance()
    allowed.took(400.0, 30.0)
    assert not allowed.ever(3600.0) and not allowed.due(3000.0, 600.0)
    assert Allowance().ever(120.0)
    assert not Allowance(LEARN.preview_base_s, dear=True).ever(60.0)


def test_each_medium_shows_them_its_own_way() -> None:
    (text,) = previews("text", ["The tide came in."])
    assert (text.words, text.look) == ("The tide came in.", "")
    (tune,) = previews("music", [small.tune(1)])
    (picture,) = previews("image", [np.zeros((8, 8, 3), np.uint8)])
    for one, size in ((tune, None), (picture, (8, 8))):
        assert not one.words and one.line
        data = base64.b64decode(one.look.removeprefix("data:image/png;base64,"))
        assert size in (None, Image.open(io.BytesIO(data)).size)


@pytest.mark.parametrize("medium", ["text", "music"])
def test_a_sequence_shows_takes_and_learns_the_same_weights(tmp_path: Path, medium: str) -> None:
    said: list[Progress] = []
    nets = []
    for often in (False, True):
        with small.brief(), small.quick(), settings(LEARN, **(OFTEN if often else {})):
            done = learn(small.request(medium, tmp_path / str(often), 5), said.append, lambda: False)
        nets.append({k: v.tobytes() for k, v in done.arrays.items() if k.startswith("net.")})
    shown = [one for one in said if one.takes]
    assert nets[0] == nets[1], "what is shown on the way changes nothing"
    assert len(shown) >= 3 and all(one.spent_s > 0 for one in shown)
    assert len({one.step for one in shown}) == len(shown)
    assert len({one.takes for one in shown}) > 1, "they change as it learns"
    for one in shown:
        assert len(one.takes) == LEARN.preview_takes
        assert all(bool(take.words) == (medium == "text") for take in one.takes)


def test_pictures_show_those_of_each_evaluation(tmp_path: Path) -> None:
    said: list[Progress] = []
    with small_pictures.brief():
        pictures.learn(small_pictures.request(tmp_path, steps=4), said.append, lambda: False)
    shown = [one for one in said if one.takes]
    assert shown and {one.stage for one in shown} >= {"learning"}
    assert all(len(one.takes) == 8 and one.takes[0].look.startswith("data:image/") for one in shown)
