"""Blocks that the critic chooses among drafts: the same in any company, read once, guarded, and in the shares
that it says."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch

from etude import rng
from etude.errors import ModelError, TakeError
from etude.families.sequence.critic import Critic, describe, weigh
from etude.families.sequence.decoder import Decoder, Sequence
from etude.families.sequence.make import block_resampling as blocks
from etude.families.sequence.make.request import Made, MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks.transformer import TransformerCache
from etude.families.sequence.records import BEFORE, STRETCH
from etude.media.text.words import words
from tests.families.sequence import small_models as small

START = "The moon was low above the sea, she said,\nand every bell was still; "


@lru_cache
def model(medium: str) -> SequenceModel:
    """The small model with a critic that has opinions, though nobody taught it any."""
    learned = small.learned(medium)
    made = SequenceModel.from_arrays(learned.header, learned.arrays)
    torch.manual_seed(3)
    made.critic = Critic(made.network.width).eval()
    torch.nn.init.normal_(made.critic.out.weight, std=1.0)
    return made


def takes(medium: str, **ask: Any) -> list[Made]:
    return make(
        model(medium), MakeRequest(**{"n": 1, "units": 150 if medium == "text" else 40, "drafts": 3, **ask})
    )


def line(medium: str = "text", seed: int = 1, units: int = 900, grow: bool = False) -> Sequence:
    return Sequence(
        model(medium).codec.cursor(units=units), rng.for_(seed, "test"), model(medium).condition_row(), grow
    )


# ---- forks


@pytest.mark.parametrize("medium,grow", [("text", False), ("text", True), ("music", False), ("music", True)])
def test_a_twin_with_the_same_chances_makes_the_same_and_disturbs_nobody(medium: str, grow: bool) -> None:
    """At every hundredth token, well beyond the window."""
    whole = line(medium, grow=grow)
    with Decoder(model(medium)) as decoder:
        decoder.open(whole)
        for _ in range(300):
            decoder.step([whole])
    parted = line(medium, grow=grow)
    with Decoder(model(medium)) as decoder:
        decoder.open(parted)
        for t in range(300):
            if t % 100 == 50:
                decoder.settle(parted, 0)
                state = parted.rng.bit_generator.state
                twins = [decoder.fork(parted, rng.for_(9, "other", k)) for k in range(2)]
                twins[0].rng.bit_generator.state = state
                past = [*parted.tokens]
                for _ in range(40):
                    decoder.step(twins)
                assert parted.tokens == past and twins[1].tokens != twins[0].tokens
                assert (
                    twins[0].tokens == whole.tokens[: len(past) + 40]
                    and twins[0].nats == whole.nats[: len(past) + 40]
                )
                for twin in twins:
                    decoder.close(twin)
            decoder.step([parted])
    assert (parted.tokens, parted.nats, parted.memory, parted.sides) == (
        whole.tokens,
        whole.nats,
        whole.memory,
        whole.sides,
    )


@pytest.mark.parametrize("start", [None, START * 2])
def test_what_stands_before_a_block_is_read_once_for_all_drafts(
    start: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    plain = TransformerCache.read

    def noted(*of: Any) -> Any:
        read.append(of[2])
        return plain(*of)

    monkeypatch.setattr(TransformerCache, "read", noted)
    takes("text", start=start, drafts=1)
    once = sum(read)
    read.clear()
    takes("text", start=start, drafts=8)
    given = len(model("text").codec.encode(start or "").tokens) - 1
    assert (
        sum(read) <= 8 * (once - given) + given + 8 * 70
    )  # takes may differ in length, by less than a block


# ---- one recipe, one take


def test_one_draft_is_a_take_as_it_is_made_without_a_critic() -> None:
    by_hand = line(units=150)
    by_hand.rng = rng.for_(5, "take", 2)
    with Decoder(model("text"), temperature=0.9) as decoder:
        decoder.open(by_hand)
        while not by_hand.cursor.done:
            decoder.step([by_hand])
    (plain,) = make(small.model("text"), MakeRequest(n=1, seed=5, first_index=2, units=150))
    assert takes("text", seed=5, first_index=2, drafts=1)[0] == plain and plain.tokens == tuple(
        by_hand.tokens
    )


@pytest.mark.parametrize(
    "medium,more",
    [
        ("text", {}),
        ("text", {"no_copy": 4, "borrow": 0.8, "start": START}),
        ("text", {"units": 600, "adapt": True}),
        ("music", {}),
        ("music", {"no_copy": 6, "units": 60}),
        ("music", {"start": small.tune(91), "stays": {"keep": [0]}, "units": None}),
    ],
)
def test_a_take_is_the_same_alone_and_in_company(medium: str, more: dict[str, Any]) -> None:
    whole = takes(medium, n=7, seed=5, **more)
    assert [t.index for t in whole] == list(range(7)) and len({t.tokens for t in whole}) == 7
    for i in (0, 4, 6):  # five of three drafts each are made together
        assert takes(medium, first_index=i, seed=5, **more) == whole[i : i + 1]
    assert takes(medium, n=2, first_index=5, seed=5, **more) == whole[5:]
    four = takes(medium, n=7, seed=5, drafts=4, **more)
    assert [t.tokens for t in four] != [t.tokens for t in whole], "of one take both may keep the same drafts"
    assert takes(medium, seed=6, **more)[0].tokens != whole[0].tokens


def test_which_draft_is_kept_is_the_critics_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the shares of exp(f); and each draft has chances of its own, by name."""
    seen: list[list[tuple[int, ...]]] = []

    def says(_: object, drafts: list[Sequence], start: int) -> np.ndarray:
        seen.append([tuple(d.tokens) for d in drafts])
        return np.log([0.2, 0.5, 0.3])

    monkeypatch.setattr(blocks, "log_weights", says)
    made = takes("text", n=48, units=60)
    first = [drafts for drafts in seen if len(drafts[0]) <= STRETCH + 1]
    share = [np.mean([any(t.tokens[: len(d[k])] == d[k] for d in first) for t in made]) for k in range(3)]
    assert len(first) == 48 and share == pytest.approx([0.2, 0.5, 0.3], abs=0.2)
    assert all(len(set(drafts)) == 3 for drafts in first)


def test_the_critic_prefers_what_it_says_it_prefers() -> None:
    def mean(drafts: int) -> float:
        found = takes("text", n=40, units=120, drafts=drafts, rank=True)
        said = [t.critic for t in found if t.critic is not None]
        assert [t.critic for t in found] == sorted(said, reverse=True)
        return float(np.mean(said))

    assert mean(4) > mean(1)


# ---- what the critic is shown


def test_drafts_are_judged_on_what_they_added_and_a_short_one_counts_for_less() -> None:
    m = model("text")
    assert m.critic is not None
    with Decoder(m) as decoder:
        whole = line()
        decoder.open(whole)
        for _ in range(150):
            decoder.step([whole])
        decoder.settle(whole, STRETCH)
        twins = [whole, *(decoder.fork(whole, rng.for_(7, "twin", k)) for k in range(3))]
        for k, twin in enumerate(twins):
            for _ in range((STRETCH, STRETCH, 20, 0)[k]):
                decoder.step([twin])
    twins[0].tokens.append(m.codec.eos)  # an end is not judged
    log = blocks.log_weights(m, twins, 151)
    for k, n in enumerate((STRETCH, STRETCH, 20)):
        t = np.array([twins[k].tokens[151 - BEFORE : 151 + n]], np.int64)
        s = np.array([twins[k].sides[151 - BEFORE : 151 + n]], np.int64)
        assert log[k] == pytest.approx(weigh(m.critic, m.network, t, s, BEFORE)[0], abs=1e-3)
        with torch.inference_mode():
            f = float(m.critic(*describe(m.network, t, s, BEFORE)))
        assert log[k] == pytest.approx(f * n / STRETCH, abs=1e-3)
    assert log[3] == 0.0 and len(set(log.tolist())) == 4


# ---- endings, guards, refusals


def test_lengths_and_ends_are_as_without_drafts() -> None:
    for t in takes("text", n=6, units=200):
        assert 160 <= len(t.content) <= 245
    for t in takes("text", n=2, units=1200, drafts=2):
        assert 1000 < len(t.content) < 1500 and len(t.tokens) > 2 * model("text").network.context
    for t in takes("text", n=2, start=START):
        assert t.content.startswith(START) and len(t.nats) < 150
    tune = small.tune(91)
    for t in takes("music", n=3, units=None, start=tune, stays={"keep": [0]}):
        assert t.content.tracks[0].notes == tune.tracks[0].notes and t.content.end <= tune.end


def test_the_guard_stays_in_force() -> None:
    n = 3

    def runs(text: str) -> set[tuple[str, ...]]:
        w = [x for _, _, x in words(text)]
        return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}

    shelf = set().union(*(runs(p.content) for p in small.poem_parts() if p.role != "held-out"))
    ask = {"n": 8, "units": 250, "temperature": 0.6, "borrow": 1.0}
    assert any(runs(t.content) & shelf for t in takes("text", **ask))
    found = takes("text", no_copy=n, **ask)
    assert not any(runs(t.content) & shelf for t in found)
    assert np.mean([len(t.content) for t in found]) > 180  # kept out while drawing, not cut off afterwards


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ModelError, match="no critic"):
        make(small.model("text"), MakeRequest(n=1, drafts=4))
    with pytest.raises(TakeError, match="17 drafts"):
        takes("text", drafts=17)
    with pytest.raises(TakeError, match="--no-rank"):
        takes("text", rank=False)
    with pytest.raises(TakeError, match="means nothing for --fill"):
        takes("text", start=START, stays={"fill": [3, 9]})
