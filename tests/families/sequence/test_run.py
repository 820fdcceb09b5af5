"""Learning from start to end: what is resumed equals what was never stopped, and nothing that happens on the
way is lost."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from etude.errors import BudgetError, ProjectError, WorkError
from etude.families.sequence.learn import loop as network
from etude.families.sequence.learn import run
from etude.families.sequence.learn.batches import Batch, Batches
from etude.families.sequence.learn.dataset import Part
from etude.families.sequence.learn.run import learn, outlook
from etude.families.sequence.learn.time_plan import network_budget
from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.store import checkpoints, files
from etude.training import checkpoint, run_state
from etude.training import schedule as pace
from etude.training.budget import Budget, Meter
from etude.training.learned import Learned
from etude.training.machine import allowed_s
from etude.training.progress import Progress
from tests.families.sequence import small_models as small

STEPS = 14


def net_of(learned: Learned) -> dict[str, bytes]:
    return {k: v.tobytes() for k, v in learned.arrays.items() if k.startswith("net.")}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    return small.learned_in(tmp_path_factory.mktemp("whole"), steps=STEPS)


def test_what_was_learned_and_how_it_ended(uninterrupted: Learned, tmp_path: Path) -> None:
    h = uninterrupted.header
    assert (uninterrupted.ended, h["steps"], uninterrupted.ledger.steps) == ("budget", STEPS, STEPS)
    assert h["figures"]["frozen"]["unit"] == "bits/character" and h["figures"]["frozen"]["n"] > 500
    assert [len(h["works"][r]) for r in ("train", "critic", "held-out")] == [3, 3, 3]
    assert h["ledger"]["wall_s"] > 0 and len(h["curve"]) >= 2
    for word in ("bits/character", "90 % interval", "3 works", "energy", "MB at most"):
        assert word in uninterrupted.card


def test_resumed_after_a_stop_it_is_the_uninterrupted_one_bit_by_bit(
    uninterrupted: Learned, tmp_path: Path
) -> None:
    first = small.learned_in(tmp_path, steps=STEPS, stop_at=5)
    assert first.ended == "interrupted" and first.header["steps"] == 5
    kept = checkpoint.read(tmp_path)
    assert kept is not None
    second = small.learned_in(tmp_path, steps=STEPS)
    assert second.ended == "budget" and second.header["steps"] == STEPS
    assert net_of(second) == net_of(uninterrupted) != net_of(first)
    assert [c[1:] for c in second.header["curve"]][-1] == [c[1:] for c in uninterrupted.header["curve"]][-1]
    assert second.ledger.sessions == 2 and second.ledger.wall_s > kept[1]["ledger"]["wall_s"] > 0.0
    assert checkpoint.read(tmp_path) is not None  # the caller forgets it, once the model is saved


def test_music_resumes_too_and_twice(tmp_path: Path) -> None:
    whole = small.learned_in(tmp_path / "a", "music", steps=9)
    for stop_at in (3, 2, None):
        last = small.learned_in(tmp_path / "b", "music", steps=9, stop_at=stop_at)
    assert net_of(last) == net_of(whole) and last.ledger.sessions == 3


@pytest.mark.parametrize("stop_at", [0, 3])
def test_a_stop_leaves_a_model_that_can_be_used(tmp_path: Path, stop_at: int) -> None:
    """Even before the first step."""
    learned = small.learned_in(tmp_path, steps=STEPS, stop_at=stop_at)
    assert learned.ended == "interrupted" and learned.header["steps"] == stop_at
    model = SequenceModel.from_arrays(learned.header, learned.arrays)
    assert np.isfinite(model.score("The moon and the sea.", growing=True).nats.sum())
    assert make(model, MakeRequest(n=1, units=40))[0].content
    assert checkpoint.read(tmp_path) is not None


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.families.sequence import small_models as small
from etude.families.sequence.learn.run import learn
with small.quick(checkpoint_s=0.0):
    ask = small.request("text", Path(sys.argv[1]), steps=100_000)
    learn(ask, lambda p: print(p.step, flush=True), lambda: False)
"""


def test_killed_in_the_middle_it_goes_on_from_its_last_state(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    here = str(Path(small.__file__).parents[3])
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), here], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        for line in child.stdout:
            if int(line) >= 6:
                break
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    loaded = checkpoint.read(folder)
    assert loaded is not None and loaded[1]["step"] >= 5
    step = loaded[1]["step"]
    resumed = small.learned_in(folder, steps=step + 2)
    assert resumed.header["steps"] == step + 2 and resumed.ledger.sessions == 2
    assert resumed.header["ended"] == "budget"


@pytest.mark.parametrize("keep", [0, 7, 1000, -100])
def test_a_truncated_state_begins_anew(tmp_path: Path, keep: int, uninterrupted: Learned) -> None:
    small.learned_in(tmp_path, steps=STEPS, stop_at=2)
    state = tmp_path / checkpoints.NAME
    state.write_bytes(state.read_bytes()[:keep])
    assert checkpoint.read(tmp_path) is None
    if keep == 1000:
        assert net_of(small.learned_in(tmp_path, steps=STEPS)) == net_of(uninterrupted)


def test_states_on_disk_come_back_as_they_were(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3).T, "t": np.array(3.0, np.float32)}
    checkpoint.write(tmp_path, arrays, {"step": 3, "cool_from": None})
    kept = checkpoint.read(tmp_path)
    assert kept is not None
    back, state = kept
    assert state == {"step": 3, "cool_from": None}
    assert all(back[k].shape == v.shape and (back[k] == v).all() for k, v in arrays.items())
    checkpoint.forget(tmp_path)
    checkpoint.forget(tmp_path)
    assert checkpoint.read(tmp_path) is None


def test_a_full_disk_is_said_and_the_last_state_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.learned_in(tmp_path, steps=STEPS, stop_at=2)
    before = (tmp_path / checkpoints.NAME).read_bytes()

    def full(fd: int, data: bytes) -> None:
        os.write(fd, data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "write_all", full)
    with pytest.raises(ProjectError, match="disk is full") as caught:
        small.learned_in(tmp_path, steps=STEPS, checkpoint_s=0.0)
    assert "run the same command again" in caught.value.hint
    assert (tmp_path / checkpoints.NAME).read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_too_little_to_learn_from_says_how_much_is_needed(tmp_path: Path) -> None:
    tiny = [Part("a", 0, "train", "A poem of few words.\n" * 5)]
    with pytest.raises(WorkError, match=r"105 characters in 1 works \(at least 2,000 are needed\)"):
        learn(small.request("text", tmp_path, parts=tiny), print, lambda: False)
    with pytest.raises(WorkError, match=r"0 characters in 0 works"):
        learn(small.request("text", tmp_path, parts=[]), print, lambda: False)
    with pytest.raises(WorkError, match=r"notes in 1 works \(at least 400 are needed\)"):
        learn(
            small.request("music", tmp_path, parts=[replace(small.tune_parts()[0], role="train")]),
            print,
            lambda: False,
        )
    assert not any(tmp_path.iterdir())


def test_a_second_is_too_short_and_an_unknown_size_is_none(tmp_path: Path) -> None:
    short = replace(small.request("text", tmp_path), budget=Budget.parse(["1s"]))
    for ask in (outlook, lambda r: learn(r, print, lambda: False)):
        with pytest.raises(BudgetError, match="a budget of 1 s is too short") as caught:
            ask(short)
        assert "at least 10 s" in caught.value.hint
    with pytest.raises(BudgetError, match="there is no size 'huge'") as caught:
        outlook(small.request("text", tmp_path, size="huge"))
    assert "xs" in caught.value.hint


def test_what_does_not_fit_into_memory_is_refused_with_both_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("M", (), {"available": 100e6})())
    with pytest.raises(BudgetError, match=r"needs about [\d,]+ MB of memory and 100 MB are free"):
        outlook(small.request("text", tmp_path))


class Clock:
    """A clock that goes on by a fiftieth of a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 0.02
        return self.now


def test_a_budget_of_time_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Progress] = []
    ask = replace(small.request("text", tmp_path), budget=Budget.parse(["10s"]))
    clock = Clock()
    for module in (pace, run_state):
        monkeypatch.setattr(module, "time", clock)
    learned = learn(ask, seen.append, lambda: False)
    assert learned.ended in ("budget", "no further gain")
    learning = [p for p in seen if p.stage == "learning"]
    shares = [p.share for p in learning]
    assert shares == sorted(shares) and shares[-1] >= 0.9
    assert learning[-1].spent_s < 10.0  # the network's part leaves time for what follows it


def test_the_rate_warms_up_stays_and_falls_to_nothing() -> None:
    rate = pace.rate
    assert rate(0, 0.0, None) < 0.1 and rate(100, 0.3, None) == 1.0 and rate(100, 1.0, None) == 0.0
    falling = [rate(1000, s, None) for s in np.linspace(0.6, 1.0, 20)]
    assert falling == sorted(falling, reverse=True)


def test_over_fitting_cools_learning_down_early() -> None:
    rate = pace.rate
    assert rate(1000, 0.4, 0.4) == 1.0
    assert 0.4 < rate(1000, 0.5, 0.4) < 0.6  # half of the half of what came before
    assert rate(1000, 0.6, 0.4) == pytest.approx(0.0) and rate(1000, 0.7, 0.4) == 0.0

    def worse(*values: float) -> bool:
        return pace.worse([(float(i), i, v) for i, v in enumerate(values)])

    assert worse(2.0, 1.8, 1.85, 1.9)
    assert not worse(2.0, 1.9, 1.8, 1.85)  # once is chance
    assert not worse(2.0, 1.8, 1.801, 1.802)  # and so is next to nothing
    assert not worse(1.8, 1.9)
    assert not worse(*[float("nan")] * 5)


def test_over_fitting_ends_a_run_before_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = iter([3.0, 2.5, 2.6, 2.7, 2.8] + [2.9] * 50)
    monkeypatch.setattr(network, "evaluate", lambda *_: next(figures))
    said: list[str] = []
    with small.quick(evaluations=12):
        ask = small.request("text", tmp_path, steps=48)
        learned = learn(ask, lambda p: said.append(p.message), lambda: False)
    assert learned.ended == "no further gain" and 16 < learned.header["steps"] < 40
    assert any("held-out loss began to rise" in m for m in said)


def test_by_steps_looks_are_taken_at_the_same_steps_however_slow_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a slow machine would see overfitting elsewhere, and a resumed run would not be the uninterrupted
    one."""

    def slow(*_: object) -> float:
        time.sleep(0.2)
        return 1.0

    monkeypatch.setattr(network, "evaluate", slow)
    learned = small.learned_in(tmp_path, "music", steps=8, evaluations=4)
    assert [c[1] for c in learned.header["curve"]] == [2, 4, 6, 8]


# ---- energy alone


def worth(seconds: float) -> Budget:
    """So much energy that this machine may work for so many seconds."""
    return Budget(kwh=1e-3 * seconds / (allowed_s(Budget(kwh=1e-3)) or 1.0))


def test_of_energy_too_a_part_is_kept_for_what_follows_the_network(tmp_path: Path) -> None:
    allowed = worth(14.0)
    own = network_budget(allowed, 5.0)
    assert allowed.kwh is not None and own.kwh is not None
    assert 0.1 * allowed.kwh < own.kwh < 0.9 * allowed.kwh
    paid = network_budget(Budget(money=0.01, currency="EUR", tariff=20.0), 5.0)
    assert paid.money is None and paid.kwh is not None and paid.kwh < 0.01 / 20.0
    timed = Budget(seconds=60, kwh=0.25e-3)
    assert network_budget(timed, 5.0) == timed  # the time keeps its own part
    with small.quick():
        made = learn(replace(small.request("text", tmp_path), budget=allowed), lambda _: None, lambda: False)
    assert made.ended == "budget" and made.header["steps"] >= 1
    assert made.ledger.kwh[1] < allowed.kwh


@pytest.mark.parametrize("text", ["0.001Wh", "0.00002kWh"])
def test_too_little_energy_is_refused_in_words(text: str, tmp_path: Path) -> None:
    asked = replace(small.request("text", tmp_path), budget=Budget.parse([text]))
    # on a busy machine even reading is foreseen to take longer
    said = "before the network's first step|too short for these works"
    with small.quick(), pytest.raises(BudgetError, match=said) as caught:
        learn(asked, lambda _: None, lambda: False)
    assert "give " in caught.value.hint and "--budget " in caught.value.hint
    with small.quick(), pytest.raises(BudgetError):
        outlook(asked)


def test_a_network_without_a_step_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "network_budget", lambda budget, _: replace(budget, kwh=1e-12))
    with small.quick(), pytest.raises(BudgetError, match="before the network's first step"):
        learn(
            replace(small.request("text", tmp_path), budget=Budget(kwh=0.1e-3)), lambda _: None, lambda: False
        )


# ---- going on from weights that know other works


@pytest.mark.parametrize(("figures", "best"), [((3.0, 1.0, 2.0, 2.5), 1), ((1.0, 2.0, 2.0, 2.5), 0)])
def test_a_started_run_gives_the_network_of_its_best_evaluation(
    figures: tuple[float, ...], best: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few works are soon memorised: what came after the best evaluation is not kept."""
    asked = small.request("text", tmp_path, steps=3)
    with small.quick(evaluations=3, early_evaluations=()):
        corpus = run._corpus(asked)
        plan = run._plan(asked, corpus)
        learner = run._begin(asked, plan, corpus)
        seen: list[dict[str, np.ndarray]] = []

        def scripted(*_: object) -> float:
            seen.append({name: x.detach().numpy().copy() for name, x in learner.state().items()})
            return figures[len(seen) - 1]

        monkeypatch.setattr(network, "evaluate", scripted)
        learned = network.learn_network(
            corpus,
            plan,
            learner,
            asked.budget,
            seconds=None,
            folder=tmp_path,
            meter=Meter(None),
            on_progress=lambda _: None,
            stop=lambda: False,
            started=True,
        )
    assert len(seen) == 4 and [value for _, _, value in learned.curve] == list(figures)
    assert all(np.array_equal(x.detach().numpy(), seen[best][name]) for name, x in learner.state().items())


class NeverThrough(Batches):
    """Works of which a pass is never finished."""

    def next(self) -> Batch:
        found = super().next()
        self.epoch, self.index = 0, 0
        return found


def test_before_a_whole_pass_a_rising_loss_is_no_overfitting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights of many works start at a low rate's loss: at a higher one it rises before it falls."""
    asked = small.request("text", tmp_path, steps=12)
    said: list[str] = []
    monkeypatch.setattr(network, "evaluate", lambda *_: 1.0 + 0.1 * len(said))
    monkeypatch.setattr(network, "Batches", NeverThrough)
    with small.quick(evaluations=6, early_evaluations=()):
        corpus = run._corpus(asked)
        plan = run._plan(asked, corpus)
        for started, ended in ((True, "budget"), (False, "no further gain")):
            said.clear()
            learned = network.learn_network(
                corpus,
                plan,
                run._begin(asked, plan, corpus),
                asked.budget,
                seconds=None,
                folder=tmp_path / str(started),
                meter=Meter(None),
                on_progress=lambda p: said.append(p.message),
                stop=lambda: False,
                started=started,
            )
            assert (learned.ended, learned.epochs < 0.1) == (ended, True)


def test_a_step_in_several_passes_teaches_what_one_pass_teaches() -> None:
    """In which passes a step is taken is a question of memory."""
    targets = torch.arange(12).view(4, 3)
    counts = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 1], [1, 0, 0]], dtype=torch.bool)
    slopes = {}
    for at_once in (0, 1, 3):
        weight = torch.linspace(-1, 1, 12, requires_grad=True)
        learner: Any = SimpleNamespace(
            at_once=at_once, nats=lambda x, y, side, w=weight: (w[y] - 0.1 * x.float()).square()
        )
        value = network._slopes(learner, targets, targets, targets, counts)
        assert weight.grad is not None
        slopes[at_once] = (value, weight.grad)
    for value, grad in slopes.values():
        assert value == pytest.approx(slopes[0][0]) and torch.allclose(grad, slopes[0][1])
    assert slopes[0][1][1] == 0.0 and slopes[0][1][2] != 0.0
