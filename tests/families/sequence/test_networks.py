"""Networks keep the promises of their contract, a second kind works through learning and making, and planted
faults are found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from etude.errors import ModelError
from etude.families.sequence import networks
from etude.families.sequence.critic import Critic
from etude.families.sequence.learn.run import learn, outlook
from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks.check import check_network
from etude.families.sequence.networks.contract import Kind, Plan, Rows, Task, no_base
from tests.families.sequence import small_models as small
from tests.families.sequence import table_network as tables

TASK = Task(
    vocab=23,
    side_sizes=(4, 3),
    conditions=1,
    period=2,
    window=32,
    tokens=5000,
    seconds=None,
    steps=10,
    speed=1e10,
    speed_bfloat16=1e10,
    size="xs",
)
BARE = replace(TASK, side_sizes=(), conditions=0, period=1, vocab=40)


def complaints(kind: Kind, task: Task = TASK) -> dict[str, tuple[str, ...]]:
    return {c.name: c.complaints for c in check_network(kind, task) if not c.ok}


@pytest.mark.parametrize("task", [TASK, BARE])
@pytest.mark.parametrize("name", ["transformer", "table"])
def test_a_kind_keeps_every_promise(name: str, task: Task) -> None:
    kind = networks.kind(name) if name != "table" else tables.KIND
    assert complaints(kind, task) == {}


def test_an_unknown_kind_and_a_base_that_is_not_there_are_named() -> None:
    with pytest.raises(ModelError, match=r"kind 'oracle'.*knows transformer"):
        networks.kind_of({"kind": "oracle"})
    with pytest.raises(ModelError, match="stands on the base 'smol'") as caught:
        no_base("smol")
    assert "etude base add" in caught.value.hint
    assert networks.kind_of({"width": 64}).name == "transformer"  # headers written before kinds were named


# ---- a second kind, through everything


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> SequenceModel:
    """A text model with tables in the place of a transformer, learned with one stop on the way, stored and
    opened."""
    folder = tmp_path_factory.mktemp("table")
    with networks.registered("table", "tests.families.sequence.table_network"), small.quick():
        ask = small.request("text", folder, steps=40, network="table", size="auto")
        seen: list[int] = []
        stopped = learn(ask, lambda p: seen.append(p.step), lambda: len(seen) > 9)
        assert stopped.ended == "interrupted"
        made = learn(ask, lambda _: None, lambda: False)
        whole = learn(replace(ask, folder=folder / "whole"), lambda _: None, lambda: False)
        assert made.header["steps"] == 40 and made.header["net"]["kind"] == "table"
        assert all(np.array_equal(made.arrays[k], v) for k, v in whole.arrays.items() if k.startswith("net."))
        assert "a table of pairs" in made.card
        return SequenceModel.from_arrays(json.loads(json.dumps(made.header)), made.arrays)


def test_it_is_learned_planned_and_measured(model: SequenceModel, tmp_path: Path) -> None:
    figures = model.header["figures"]
    assert figures["frozen"]["value"] < figures["network"]["value"]  # the memory helps a table
    assert [c[1] for c in model.header["curve"]][-1] == 40
    with networks.registered("table", "tests.families.sequence.table_network"), small.quick():
        ahead = outlook(small.request("text", tmp_path, network="table", size="auto"))
    assert ahead.plan.size == "only" and ahead.parameters > 1000


def test_it_makes_takes_with_a_critic_alone_and_in_company(model: SequenceModel) -> None:
    torch.manual_seed(3)
    model.critic = Critic(model.network.width).eval()
    torch.nn.init.normal_(model.critic.out.weight, std=1.0)
    ask = MakeRequest(n=6, seed=2, units=150, drafts=3, rank=True, no_copy=6)
    takes = make(model, ask)
    assert len({t.tokens for t in takes}) == 6 and all(len(t.content) > 60 for t in takes)
    assert all(len(t.tokens) > model.network.context for t in takes)  # the window slides
    (third,) = make(model, replace(ask, n=1, first_index=3))
    assert third in takes
    scored = model.score(takes[0].content, growing=False, with_places=True)
    np.testing.assert_allclose(
        [sum(p.share for p in places) for places in scored.places] + scored.rest, scored.memory, atol=1e-9
    )


# ---- planted faults


def of_tables(network: type, cache: type, learner: type, **methods: Any) -> Kind:
    """Tables of these classes; `methods` are the kind's own."""

    def with_cache(self: Any, slots: int) -> Any:
        return cache(self, slots)

    def taken_out(self: Any) -> Any:
        return opened(
            {k: v.detach().numpy().copy() for k, v in self._module.state_dict().items()}, self._config
        )

    def opened(arrays: Any, config: Any) -> Any:
        return type("Network", (network,), {"cache": with_cache})(config, arrays)

    overrides = learner is not tables.TableLearner and "network" in vars(learner)
    with_network = {} if overrides else {"network": taken_out}
    own = type("Learner", (learner,), with_network)
    members = {
        "begin": lambda self, plan, find: own(plan),
        "load": lambda self, config, arrays, find: opened(arrays, config),
        **methods,
    }
    kind: Kind = type("Kind", (tables.TableKind,), members)()
    return kind


class DependsOnCompany(tables.TableCache):
    def read(self, rows: Rows, n: int, logits: Any, room: Any) -> None:
        super().read(rows, n, logits, room)
        logits[:n] += np.float32(1e-5 * n)


class KeepsLeftovers(tables.TableCache):
    def read(self, rows: Rows, n: int, logits: Any, room: Any) -> None:
        super().read(rows, n, logits, room)
        kept = self.__dict__.setdefault("kept", np.zeros(self.slots, np.float32))
        for r in range(n):
            logits[rows.want[r]] += np.float32(1e-4) * kept[rows.slot[r]]
            kept[rows.slot[r]] += 1


class ForksNothing(tables.TableCache):
    """Each token is told apart by the one before it, which a fork does not copy."""

    past: np.ndarray  # (slots, 64)

    def read(self, rows: Rows, n: int, logits: Any, room: Any) -> None:
        super().read(rows, n, logits, room)
        past = self.__dict__.setdefault("past", np.full((self.slots, 64), -1, np.int64))
        for r in range(n):
            slot, place = rows.slot[r], rows.place[r]
            past[slot, place] = rows.token[r]
            if rows.want[r] >= 0 and place:
                logits[rows.want[r]] += np.float32(1e-4) * past[slot, place - 1]


class SharesAfterFork(ForksNothing):
    """What should be copied is shared: both write to the same places from then on."""

    def fork(self, source: int, target: int, places: int) -> None:
        shared = self.past[source : source + 1]
        self.past = np.lib.stride_tricks.as_strided(shared, self.past.shape, (0, shared.strides[1]))


class WritesUnwanted(tables.TableCache):
    def read(self, rows: Rows, n: int, logits: Any, room: Any) -> None:
        super().read(rows, n, logits, room)
        logits[:n][rows.want[:n] < 0] = 0.0


class OfAnother(tables.TableCache):
    def read(self, rows: Rows, n: int, logits: Any, room: Any) -> None:
        super().read(rows, n, logits, room)
        logits *= np.float32(1.5)


class LooksAhead(tables.TableNetwork):
    def states(self, tokens: Any, side: Any) -> Any:
        states = super().states(tokens, side)
        return states + states.mean(1, keepdim=True)


class MixesWindows(tables.TableNetwork):
    def states(self, tokens: Any, side: Any) -> Any:
        states = super().states(tokens, side)
        return states + 0.5 * states.mean(0, keepdim=True)


class AnotherWidth(tables.TableNetwork):
    width = tables.WIDTH + 1


class IgnoresOrder(tables.TableNetwork):
    def logits(self, states: Any, order: Any = None) -> Any:
        whole = super().logits(states)
        return whole if order is None else whole[..., : len(order)]


class Infinite(tables.TableNetwork):
    def logits(self, states: Any, order: Any = None) -> Any:
        return super().logits(states, order) / 0.0


class LosesPrecision(tables.TableNetwork):
    def arrays(self) -> Any:
        return {k: np.round(v, 1) for k, v in self.stored.items()}


class OfAnotherKind(tables.TableNetwork):
    def config(self) -> Any:
        return {**super().config(), "kind": "other"}


class ChanceOfItsOwn(tables.TableLearner):
    def nats(self, tokens: Any, targets: Any, side: Any) -> Any:
        nats = super().nats(tokens, targets, side)
        return nats + torch.from_numpy(np.random.default_rng().normal(0, 0.01, nats.shape)).float()


class LearnsNothing(tables.TableLearner):
    def nats(self, tokens: Any, targets: Any, side: Any) -> Any:
        return super().nats(tokens, targets, side).detach().requires_grad_()


class SharesItsTensors(tables.TableLearner):
    def network(self) -> Any:
        live = {k: v.numpy() for k, v in self._module.state_dict().items()}
        network = tables.TableNetwork(self._config, live)
        network.stored = live
        return network


class Forgets(tables.TableLearner):
    def load(self, state: Any) -> None:
        """Begin again instead."""


class LeavesOneOut(tables.TableLearner):
    def groups(self) -> Any:
        return [{"params": list(self._module.parameters())[1:], "lr": 0.05}]


def too_large(self: Any, task: Task, find: Any) -> Plan:
    return replace(tables.TableKind().plan(task, find), size="huge")


FAULTS: list[tuple[type | dict[str, Any], str]] = [
    (DependsOnCompany, "any company"),
    (KeepsLeftovers, "nothing is left"),
    (ForksNothing, "a fork is"),
    (SharesAfterFork, "a fork is"),
    (WritesUnwanted, "unwanted rows"),
    (OfAnother, "what windows say"),
    (LooksAhead, "never looks ahead"),
    (MixesWindows, "do not mix"),
    (AnotherWidth, "sizes are"),
    (IgnoresOrder, "an order"),
    (Infinite, "sizes are"),
    (LosesPrecision, "survive their arrays"),
    (OfAnotherKind, "survive their arrays"),
    (ChanceOfItsOwn, "costs are those"),
    (LearnsNothing, "lowers the cost"),
    (SharesItsTensors, "does not learn on"),
    (Forgets, "goes on where it was"),
    (LeavesOneOut, "named alike"),
    ({"plan": too_large}, "plans survive"),
    ({"parameters": lambda self, config: 7}, "plans survive"),
]


@pytest.mark.parametrize("fault,promise", FAULTS)
def test_a_planted_fault_is_found(fault: type | dict[str, Any], promise: str) -> None:
    parts: list[type] = [tables.TableNetwork, tables.TableCache, tables.TableLearner]
    if not isinstance(fault, dict):
        parts = [fault if issubclass(fault, part) else part for part in parts]
    found = complaints(of_tables(*parts, **(fault if isinstance(fault, dict) else {})))
    assert any(promise in name for name in found), found
