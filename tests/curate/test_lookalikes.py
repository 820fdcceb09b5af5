"""Lookalikes: from signatures alone, in blocks of any size, and clips by the moments that they share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from etude.config.curate import LOOKALIKE
from etude.curate import lookalikes
from etude.curate.lookalikes import find
from etude.media.pixels.signature import GRID, mirrored

Rows = npt.NDArray[np.float32]
WIDTH = 6 * GRID * (GRID - 1)


def rows(seed: int, moments: int = 1) -> Rows:
    """(K, 2, S): unit vectors that resemble nothing else."""
    made = np.random.Generator(np.random.Philox(seed)).normal(size=(moments, 2, WIDTH)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=-1, keepdims=True), np.float32)


def at(place: int, row: Rows) -> Rows:
    """A picture whose whole (0) or trimmed (1) signature is `row`."""
    made = rows(99)
    made[:, place] = row
    return made


@pytest.mark.parametrize("turned", [lambda row: row, mirrored])
@pytest.mark.parametrize(("here", "there"), [(0, 0), (0, 1), (1, 0)])
def test_whole_trimmed_and_mirrored_pictures_are_found(
    turned: Callable[[Rows], Rows], here: int, there: int
) -> None:
    one = rows(1)
    for names in (("one", "two"), ("two", "one")):
        works = {"one": one, "two": at(there, turned(one[:, here])), "other": rows(2)}
        (group,) = find({name: works[name] for name in (*names, "other")})
        assert group.ids == names
        assert group.pairs[0].jaccard == pytest.approx(1) and group.pairs[0].contained == 1


def test_two_trimmed_middles_alike_prove_nothing_and_neither_does_one_picture() -> None:
    one = rows(1)
    assert find({"one": one, "two": at(1, one[:, 1])}) == ()
    assert find({"one": one}) == find({}) == find({"one": one, "none": one[:0]}) == ()


def test_the_likeness_must_reach_the_limit() -> None:
    one, other = rows(1)[0, 0], rows(2)[0, 0]
    other = other - (other @ one) * one
    other /= np.linalg.norm(other)
    for likeness, found in ((LOOKALIKE.likeness + 0.001, 1), (LOOKALIKE.likeness - 0.001, 0)):
        near = likeness * one + np.sqrt(1 - likeness**2) * other
        groups = find({"one": at(0, one), "near": rows(7) * 0 + near})
        assert len(groups) == found
        assert all(group.pairs[0].jaccard == pytest.approx(likeness, abs=1e-3) for group in groups)


@pytest.mark.parametrize(("shared", "found"), [(4, True), (3, False)])
def test_clips_share_most_moments_of_the_shorter_one(shared: int, found: bool) -> None:
    long = rows(1, 20)
    short = np.concatenate([long[9 : 9 + shared], rows(2, 5 - shared)])
    for works in ({"long": long, "short": short}, {"short": short, "long": long}):
        groups = find(works)
        assert [(group.ids, group.pairs[0].contained) for group in groups] == (
            [(tuple(works), shared / 5)] if found else []
        )


@pytest.mark.parametrize("new", [None, {"w-3"}, {"w-0", "copy-5"}, set()])
def test_blocks_of_any_size_find_the_same(new: set[str] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    works = {f"w-{n}": rows(n, 1 + n % 3) for n in range(8)}
    works |= {f"copy-{n}": works[f"w-{n}"][::-1] for n in (0, 3, 5)}
    wanted = {f"w-{n}" for n in (0, 3, 5) if new is None or {f"w-{n}", f"copy-{n}"} & new}
    for block in (1024, 5, 2, 1):
        monkeypatch.setattr(lookalikes, "_BLOCK", block)
        groups = find(works, new)
        assert {group.ids for group in groups} == {(name, name.replace("w", "copy")) for name in wanted}
