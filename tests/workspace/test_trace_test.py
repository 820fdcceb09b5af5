"""A trace speaks of influence only once the model has passed its own test; the test goes on where it was
stopped, and leaves with a work that is withdrawn."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import etude
from etude.api.handle import Studio
from etude.config.trust import INFLUENCE
from etude.errors import TakeError
from etude.media.contract import Content
from etude.store.models import ModelInfo
from etude.trace import influence
from etude.workspace import audit_takes, influences, trace_test
from etude.workspace.audits import TESTED
from etude.workspace.influences import groups_of
from tests.families.pictures.small_pictures import settings

BEFORE = Path(__file__).parents[1] / "before" / "text.tar.xz"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, ModelInfo]]:
    folder = tmp_path_factory.mktemp("influence")
    with tarfile.open(BEFORE) as archive:
        archive.extractall(folder, filter="data")
    opened = etude.open(folder / "text")
    with settings(INFLUENCE, contents=8, passages=60):
        yield opened, opened.project.models()[0]


class Half:
    """In the place of a model learned from a half: what each content costs it follows from which works it
    learned from, as the real model's own gradients say, or from nothing."""

    learned = 0

    def __init__(self, costs: npt.NDArray[np.float64]) -> None:
        self._costs, self._at = costs, 0

    def costs(self, contents: Sequence[Content]) -> npt.NDArray[np.float64]:
        self._at += 1
        return self._costs[self._at - 1 : self._at]

    def gradients(self, contents: Sequence[Content]) -> npt.NDArray[np.float64]:
        raise AssertionError("halves are asked what contents cost, and no more")


def planted(monkeypatch: pytest.MonkeyPatch, told: float) -> None:
    """Halves whose costs follow what gradients foretell, with chance of size 1 - `told`."""
    foretold: dict[str, npt.NDArray[np.float64]] = {}
    real = influences.passages_of

    def passages(ws, model, groups, like, learned, progress):  # type: ignore[no-untyped-def]
        of = real(ws, model, groups, like, learned, progress)
        takes, _ = audit_takes.made(ws, model, INFLUENCE.contents, 60.0, progress)
        rows = learned.gradients([one.content for one in takes])
        each = influence.by_passage("gradients", rows, rows, of)
        scores = influence.by_group(each, of, len(groups.names))
        scores = scores - scores.mean(0)
        foretold["scores"] = scores / scores.std()
        foretold["of"] = groups
        return of

    monkeypatch.setattr(trace_test, "passages_of", passages)

    def half(ws, model, works, budget, seed=0):  # type: ignore[no-untyped-def]
        Half.learned += 1
        g = np.random.default_rng(sum(map(ord, "".join(sorted(works)))))
        learned = sorted({foretold["of"].of[work] for work in works})  # type: ignore[attr-defined]
        own = foretold["scores"][:, learned].sum(1)
        return Half(-told * own + (1 - told) * 3 * g.standard_normal(len(own)))

    monkeypatch.setattr(trace_test, "learned_from", half)


def test_a_model_that_passed_is_traced_to_groups(
    studio: tuple[Studio, ModelInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, model = studio
    take = opened.make(model.id, n=1).takes[0]
    assert opened.trace(take.id).influenced is None
    planted(monkeypatch, 1.0)
    found = opened.trace_test(model.id)
    assert found.way == "gradients" and found.by == "maker" and len(found.groups) == 12
    assert found.rows[0].value > 0.9 and found.path.endswith(TESTED)
    traced = opened.trace(take.id)
    assert traced.influenced is not None and traced.influenced.lds == found.rows[0].value
    assert all(one.share.low > 0 for one in traced.influenced.groups)
    assert "\nInfluenced" in traced.summary
    learned = Half.learned
    opened.trace_test(model.id)
    assert Half.learned == learned  # every half is kept: the test goes on where it was stopped


def test_a_model_that_fails_is_said_to_establish_nothing(
    studio: tuple[Studio, ModelInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, model = studio
    planted(monkeypatch, 0.0)
    found = opened.trace_test(model.id, budget="21s")
    assert found.way == "" and "not established" in found.sentence
    traced = opened.trace(opened.make(model.id, n=1).takes[0].id)
    assert traced.influenced is None and "Influenced: not established" in traced.summary


def test_a_half_that_does_not_know_a_content_is_the_worst(studio: tuple[Studio, ModelInfo]) -> None:
    class Deaf:
        def costs(self, contents: Sequence[Content]) -> npt.NDArray[np.float64]:
            raise TakeError("The piece has pitches that the model does not know.", "")

    assert trace_test._cost(Deaf(), "x") == float("inf")  # type: ignore[arg-type]


def test_too_few_groups_give_a_sentence(studio: tuple[Studio, ModelInfo]) -> None:
    opened, model = studio
    with pytest.raises(TakeError, match="fewer than 6 groups"):
        groups_of(opened.workspace, model, "colour")


def test_the_halves_are_halves_and_no_two_alike() -> None:
    found = trace_test._halves(6, 16)
    assert len(found) == 16 == len({tuple(row) for row in found.tolist()})
    assert set(found.sum(1).tolist()) == {3}
    assert len(trace_test._halves(4, 16)) == 6  # there are no more


def test_it_leaves_with_a_work_that_is_withdrawn(studio: tuple[Studio, ModelInfo]) -> None:
    opened, model = studio
    assert (model.path / TESTED).exists()
    opened.withdraw(maker="Amy Lowell", test=False)
    assert not (model.path / TESTED).exists()
