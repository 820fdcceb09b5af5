"""Takes that hold a long run of a work that was trained on are counted beside passages of works held out."""

from __future__ import annotations

import time

import pytest

from etude.config.sequence import MAKE
from etude.families.sequence.learn.near_copies import lines, near_copies
from etude.media import sequence
from tests.families.pictures.small_pictures import settings
from tests.families.sequence import small_models as small


@pytest.mark.parametrize("medium", ["text", "music"])
def test_copies_are_counted_beside_passages_held_out(medium: str) -> None:
    corpus, kind = small.corpus(medium), sequence(medium)
    size = 200 if medium == "text" else 12
    with settings(MAKE, least_compared=4):
        whole = [p.part.content for p in corpus.train]
        copies = [kind.cut(one, 0, min(size, kind.size(one))) for one in whole for _ in range(4)]
        found = near_copies(corpus, copies, until=None)
        if medium == "music" and found is None:
            return  # two short tunes held out are too few passages
        assert found is not None and found["value"] == 1.0 and found["n"] == len(copies)
        assert found["low"] > found["chance"] and "--no-copy" in " ".join(lines(found, "words"))
        fresh = [kind.cut(p.part.content, 0, size) for p in corpus.held_out for _ in range(4)]
        other = near_copies(corpus, fresh, until=None)
        assert other is not None and other["low"] <= other["chance"] + 0.5 and other["value"] < 0.5
        assert near_copies(corpus, copies, until=time.monotonic() - 1.0) is None  # no time
        assert near_copies(corpus, copies[:2], until=None) is None  # too few takes


def test_a_card_says_why_they_were_not_counted() -> None:
    assert "no time" in " ".join(lines(None, "words"))
