"""The families that come with Etude pass the public suite, each on a medium of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from etude.config.pictures import EXPLORE
from etude.families import FAMILIES
from etude.families.check import check
from tests.families.pictures.small_pictures import drawing, settings
from tests.families.test_toy import POEM, WORDS


def test_sequences(tmp_path: Path) -> None:
    texts = [POEM.format(word, other) * 6 for word in WORDS for other in WORDS[:4]]
    check(
        FAMILIES["sequence"],
        "text",
        texts,
        tmp_path,
        budget="8steps",
        options={"size": "xs", "critic": False},
    )


def test_pictures(tmp_path: Path) -> None:
    pictures = [np.asarray(drawing(48, seed)[0]) for seed in range(40)]
    with settings(EXPLORE, slider_rounds=1):
        check(
            FAMILIES["pictures"],
            "image",
            pictures,
            tmp_path,
            budget="4steps",
            options={"size": "xs", "critic": False, "side": 32},
        )
