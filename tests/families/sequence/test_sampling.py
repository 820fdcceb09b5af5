"""Takes: the same recipe gives the same take in any company; what is given stays; what must not be copied is
not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest

from etude import samples
from etude.config.sequence import MAKE
from etude.errors import ModelError, TakeError
from etude.families.contract import Host, Wish
from etude.families.sequence.family import FAMILY
from etude.families.sequence.make import filling
from etude.families.sequence.make.drawing import lift_of
from etude.families.sequence.make.request import Made, MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.media import MEDIA, sequence
from etude.media.music.grid_codec import GridCodec
from etude.media.music.motifs import ratio_class
from etude.media.music.score import STEP, Score
from etude.media.text.copy_guard import TextWatch
from etude.media.text.words import words
from etude.takes.source import Source
from tests.families.pictures.small_pictures import settings
from tests.families.sequence import small_models as small

START = "The moon was low above the sea — “naïve”, she said,\nand every bell was still; "


def takes(medium: str, **ask: Any) -> list[Made]:
    return make(small.model(medium), MakeRequest(**{"n": 1, "units": 60 if medium == "text" else 30, **ask}))


# ---- one recipe, one take


@pytest.mark.parametrize(
    "medium,more",
    [("text", {}), ("text", {"no_copy": 4, "borrow": 0.8}), ("music", {}), ("music", {"no_copy": 6})],
)
def test_a_take_is_the_same_alone_and_in_company(medium: str, more: dict[str, Any]) -> None:
    whole = takes(medium, n=18, seed=5, **more)
    assert [t.index for t in whole] == list(range(18))
    assert len({t.tokens for t in whole}) == 18
    for i in (0, 7, 15, 16):
        (alone,) = takes(medium, first_index=i, seed=5, **more)
        assert alone == whole[i]
    pair = takes(medium, n=2, first_index=15, seed=5, **more)
    assert pair == whole[15:17]
    assert takes(medium, seed=6, **more)[0].tokens != whole[0].tokens


@pytest.mark.parametrize("medium", ["text", "music"])
def test_at_temperature_nought_chance_has_no_say(medium: str) -> None:
    with settings(MAKE, most_tokens=2_000):  # the likeliest note may be held for ever
        made = takes(medium, n=3, temperature=0.0) + takes(medium, temperature=0.0, seed=99)
    assert len({t.tokens for t in made}) == 1
    assert len({t.tokens for t in takes(medium, n=3, temperature=0.7)}) == 3


def test_each_drawn_token_has_its_cost_and_its_share() -> None:
    for medium in ("text", "music"):
        (t,) = takes(medium)
        assert (
            len(t.nats) == len(t.memory) == len(t.tokens) - (1 if medium == "text" else 2)
        )  # bos is given, and the end of a piece of a wanted length
        assert all(x >= -1e-6 for x in t.nats) and all(-1e-6 <= x <= 1 + 1e-6 for x in t.memory)
        assert 0 < t.memory_share < 1
        assert takes(medium, borrow=0.0)[0].memory_share == pytest.approx(0, abs=1e-6)
        assert takes(medium, borrow=1.0)[0].memory_share > t.memory_share


# ---- going on, filling, adapting


@pytest.mark.parametrize("start", [START, "x", small.poem_parts()[3].content[:1900] + START])
def test_a_take_goes_on_from_exactly_what_is_given(start: str) -> None:
    for t in takes("text", start=start, n=2):
        assert t.content.startswith(start) and len(start) + 40 <= len(t.content) <= len(start) + 100
        assert len(t.nats) < 100  # what is given costs nothing


def test_a_start_longer_than_the_context_and_than_what_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    text = sequence("text")
    monkeypatch.setattr(type(text), "sizes", replace(text.sizes, longest_start=700))
    start = (small.poem_parts()[3].content[:1000] + START) * 2
    model = small.model("text")
    assert len(model.codec.encode(start).tokens) > 2 * model.network.context
    (t,) = takes("text", start=start)
    assert t.content.startswith(start) and len(t.content) > len(start)


def test_a_long_take_goes_on_beyond_the_window() -> None:
    (t,) = takes("text", units=1200)
    assert len(t.tokens) > 2 * small.model("text").network.context and 1000 < len(t.content) < 1500
    (m,) = takes("music", units=200)
    assert len(m.tokens) > 2 * small.model("music").network.context


@pytest.mark.parametrize("gap", [(20, 50), (0, 12), (len(START) - 9, len(START)), (30, 30)])
def test_a_filling_leaves_left_and_right_as_they_are(
    gap: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "MAKE", replace(MAKE, fillings=4))
    for t in takes("text", start=START, stays={"fill": gap}, units=20, n=2):
        left, right = START[: gap[0]], START[gap[1] :]
        assert (
            t.content.startswith(left)
            and t.content.endswith(right)
            and len(t.content) > len(left) + len(right)
        )
    again = takes("text", start=START, stays={"fill": gap}, units=20, first_index=1)
    assert again == [t]


def test_with_adapt_the_memory_grows_with_the_text() -> None:
    strange = "Zquorf blimnik vash trundelgast, ooph ekkem wrozz! " * 6
    own = {w for _, _, w in words(strange)}
    ask = {"start": strange, "units": 60, "n": 12, "temperature": 0.5, "borrow": 1.0}
    grown, plain = (
        sum(
            w in own
            for t in takes("text", adapt=adapt, **ask)
            for _, _, w in words(t.content[len(strange) :])
        )
        for adapt in (True, False)
    )
    assert grown >= 3 > plain


# ---- what is asked for


def test_conditions_are_heard_and_unknown_ones_refused() -> None:
    model = small.model("text")
    makers = model.conditions[0].values
    a, b = (takes("text", conditions={"maker": m})[0].tokens for m in makers[:2])
    assert a != b
    with pytest.raises(ModelError, match="maker='Sappho'") as caught:
        takes("text", conditions={"maker": "Sappho"})
    assert all(m in caught.value.hint for m in makers)
    with pytest.raises(ModelError, match="mood") as caught:
        takes("text", conditions={"mood": "glad"})
    assert "maker" in caught.value.hint


def test_the_memory_holds_to_conditions() -> None:
    """What a take borrows it borrows from works that are what was asked for, exactly; and from any work where
    the model does not know what its works are, as those of before."""
    model = small.model("text")
    maker = model.conditions[0].values[1]
    own = {p.work_id for p in small.poem_parts() if p.maker == maker}
    made = takes("text", n=24, conditions={"maker": maker}, borrow=0.9)
    spelt = [model.codec.encode(t.content).tokens.tolist() for t in made]
    alike = [t for t, tokens in zip(made, spelt) if tuple(tokens[: len(t.tokens)]) == t.tokens]
    assert alike  # most texts could also be written with other tokens, and are traced with the longest
    for take in alike:
        shares = model.score(
            take.content,
            growing=False,
            conditions={"maker": maker},
            borrow_lift=lift_of(0.9),
            with_places=True,
        )
        assert {place.work_id for places in shares.places for place in places} == own
        drawn = shares.memory[1:]  # the first token is given
        assert np.abs(drawn[: len(take.memory)] - take.memory).max() < 0.02
    header, arrays = model.to_arrays()
    old = SequenceModel.from_arrays({k: v for k, v in header.items() if k != "known"}, arrays)
    assert old.narrowed(old.condition_row({"maker": maker})) is old
    anything = old.score(take.content, growing=False, conditions={"maker": maker}, with_places=True)
    assert {place.work_id for places in anything.places for place in places} > own


def test_nothing_given_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third voice, which the model of two voices has no place for, is refused before anything is made,
    where no weights are there that have one."""
    monkeypatch.setattr(samples, "starters", dict)
    header = {**small.model("music").to_arrays()[0], "family": "sequence"}
    two = small.tune(3)
    three = replace(two, tracks=(*two.tracks, replace(two.tracks[1], name="drone")))
    for asked in ({}, {"voices": ["melody"]}, {"bars": (2, 3)}):
        FAMILY.ask(
            header, "m", Wish(1, Source("music", two, "Two", {"given": "x"}), {}, asked), cast(Host, Nobody())
        )
        with pytest.raises(TakeError, match="cannot hold all of Three: drone would be lost"):
            FAMILY.ask(
                header,
                "m",
                Wish(1, Source("music", three, "Three", {"given": "x"}), {}, asked),
                cast(Host, Nobody()),
            )


class Nobody:
    """A host that has no works."""

    def works(self) -> dict[str, dict[str, str]]:
        return {}


def test_takes_have_the_metre_of_the_works_that_were_asked_for() -> None:
    header, arrays = small.model("music").to_arrays()
    known = {
        work: [row, {**frame, "meter": [3, 4] if row[0] == 2 else [4, 4]}]
        for work, (row, frame) in header["known"].items()
    }
    model = SequenceModel.from_arrays({**header, "known": known}, arrays)
    for maker, meter in (("A", (4, 4)), ("B", (3, 4))):
        made = make(model, MakeRequest(n=3, seed=5, units=12, conditions={"maker": maker}))
        assert {take.content.meters for take in made} == {((0, *meter),)}
        alone = make(model, MakeRequest(n=1, seed=5, first_index=2, units=12, conditions={"maker": maker}))
        assert alone[0].content == made[2].content
    given = small.tune(3)
    (onward,) = make(model, MakeRequest(n=1, units=80, start=given, conditions={"maker": "B"}))
    assert onward.content.meters == given.meters  # what is gone on from keeps its own


@pytest.mark.parametrize(
    "ask,word",
    [
        ({"temperature": 7.0}, "7"),
        ({"borrow": 1.5}, "1.5"),
        ({"n": 0}, "0 takes"),
        ({"units": 0}, "length of 0"),
        ({"no_copy": 2}, "2 words"),
    ],
)
def test_what_makes_no_sense_is_refused(ask: dict[str, Any], word: str) -> None:
    with pytest.raises(TakeError, match=word):
        takes("text", **ask)


def test_ranking_needs_a_critic() -> None:
    with pytest.raises(ModelError, match="no critic"):
        takes("text", rank=True)


# ---- no copies


def word_runs(text: str, n: int) -> set[tuple[str, ...]]:
    w = [x for _, _, x in words(text)]
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


def shelf(n: int) -> set[tuple[str, ...]]:
    """What the memory holds, the parts of each poet in a row."""
    poets: dict[str, str] = {}
    for p in small.poem_parts():
        if p.role != "held-out":
            poets[p.work_id] = poets.get(p.work_id, "") + p.content
    return set().union(*(word_runs(text, n) for text in poets.values()))


@pytest.mark.parametrize("n,usual", [(3, 9), (4, 1)])
def test_no_run_of_words_of_the_collection_in_any_take(n: int, usual: int) -> None:
    ask = {"n": 16, "units": 250, "temperature": 0.6, "borrow": 1.0}
    copied = [t for t in takes("text", **ask) if word_runs(t.content, n) & shelf(n)]
    assert len(copied) >= usual  # so that the guard has something to do
    for t in takes("text", no_copy=n, **ask):
        assert not word_runs(t.content, n) & shelf(n)
        assert len(t.content) > 30


def test_what_is_given_is_not_judged_but_what_goes_on_from_it_is() -> None:
    given = " ".join(small.poem_parts()[0].content[2000:2200].split(" ")[1:-1]) + " "
    assert word_runs(given, 4) & shelf(4)
    for t in takes("text", n=4, start=given, no_copy=4, temperature=0.5, borrow=1.0):
        assert t.content.startswith(given)
        tail = [w for _, _, w in words(given)][-3:]
        made = " ".join(tail) + " " + t.content[len(given) :]
        assert not word_runs(made, 4) & shelf(4)


def test_a_filling_copies_nothing_across_its_right_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words after the gap, together with the last of the filling, must not be a run of the collection
    either."""
    monkeypatch.setattr(filling, "MAKE", replace(MAKE, fillings=12))
    text = small.poem_parts()[0].content[3000:3300]
    known = shelf(3)
    for at in (100, 130, 160):
        a = text.index(" ", at)
        b = text.index(" ", a + 8)
        for t in takes(
            "text",
            start=text,
            stays={"fill": [a, b]},
            n=4,
            units=b - a,
            no_copy=3,
            temperature=0.6,
            borrow=0.9,
        ):
            found = words(t.content)
            edge = len(t.content) - len(text[b:])
            for i in range(len(found) - 2):
                if found[i][0] < edge and found[i + 2][1] > a:  # has at least a part of the filling
                    assert tuple(w for _, _, w in found[i : i + 3]) not in known, t.content[
                        a - 20 : edge + 20
                    ]


def test_a_copy_that_cannot_be_kept_out_is_cut_off_but_never_what_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a guard that forbids nothing while drawing, only the look at the whole take is left."""
    monkeypatch.setattr(TextWatch, "banned", lambda _: [])
    given = "And "
    for t in takes("text", n=12, units=250, start=given, no_copy=3, temperature=0.6, borrow=1.0):
        assert t.content.startswith(given) and not word_runs(t.content, 3) & shelf(3)


# ---- music


def note_runs(score: Score, n: int) -> set[tuple[int, ...]]:
    """Spans of n notes of each voice, blind to key and tempo, by brute force."""
    out = set()
    for track in score.tracks:
        notes = sorted(track.notes)
        for i in range(len(notes) - n + 1):
            p = [x.pitch for x in notes[i : i + n]]
            t = [x.onset for x in notes[i : i + n]]
            steps = [b - a for a, b in pairwise(p)]
            ratios = [ratio_class(t[j + 2] - t[j + 1], t[j + 1] - t[j]) for j in range(n - 2)]
            out.add((*steps, *ratios))
    return out


def music_shelf(n: int) -> set[tuple[int, ...]]:
    return set().union(*(note_runs(p.content, n) for p in small.tune_parts() if p.role != "held-out"))


def test_takes_of_music_are_scores_of_the_collections_kind() -> None:
    codec = small.model("music").codec
    assert isinstance(codec, GridCodec)
    for t in takes("music", n=6, units=40):
        assert [x.name for x in t.content.tracks] == ["melody", "bass"]
        count = 0
        for track, (low, high) in zip(t.content.tracks, codec.ranges, strict=True):
            notes = sorted(track.notes)
            count += len(notes)
            assert all(low <= n.pitch <= high and n.onset % STEP == n.duration % STEP == 0 for n in notes)
            assert all(a.onset + a.duration <= b.onset for a, b in pairwise(notes))
        assert 20 <= count <= 80
        assert MEDIA["music"].write(t.content, "mid")[:4] == b"MThd"


def test_a_given_voice_stays_as_given() -> None:
    tune = small.tune(91)
    for t in takes("music", n=3, units=None, start=tune, stays={"keep": [0]}):
        assert t.content.tracks[0].notes == tune.tracks[0].notes
        assert t.content.tracks[1].notes and t.content.tracks[1].notes != tune.tracks[1].notes
        assert t.content.end <= tune.end and t.content.title == tune.title


def test_bars_outside_the_gap_stay_as_they_are() -> None:
    tune = small.tune(92)
    a, b = 2 * 96, 5 * 96
    changed = 0
    for t in takes("music", n=3, units=None, start=tune, stays={"bars": [2, 5]}):
        for before, after in zip(tune.tracks, t.content.tracks, strict=True):
            assert [n for n in after.notes if n.onset + n.duration <= a] == [
                n for n in before.notes if n.onset + n.duration <= a
            ]
            assert [n for n in after.notes if n.onset >= b] == [n for n in before.notes if n.onset >= b]
        changed += t.content.tracks != tune.tracks
    assert changed == 3


def test_music_goes_on_from_a_beginning() -> None:
    tune = small.tune(93, bars=3)
    for t in takes("music", n=3, start=tune, units=20):
        for before, after in zip(tune.tracks, t.content.tracks, strict=True):
            assert after.notes[: len(before.notes) - 1] == before.notes[:-1]  # the last may be held on
        assert t.content.end > tune.end


def test_no_span_of_notes_of_the_collection_in_any_take() -> None:
    n = 5
    ask = {"n": 12, "units": 60, "temperature": 0.3, "borrow": 1.0}
    copied = [t for t in takes("music", **ask) if note_runs(t.content, n) & music_shelf(n)]
    assert len(copied) > 6
    for t in takes("music", no_copy=n, **ask):
        assert not note_runs(t.content, n) & music_shelf(n)
        assert sum(len(x.notes) for x in t.content.tracks) >= 20


def test_no_copy_under_a_given_melody_judges_what_was_made_only() -> None:
    tune = small.tune_parts()[0].content
    for t in takes(
        "music", n=4, units=None, start=tune, stays={"keep": [0]}, no_copy=5, borrow=1.0, temperature=0.5
    ):
        assert t.content.tracks[0].notes == tune.tracks[0].notes
        assert not note_runs(replace(t.content, tracks=t.content.tracks[1:]), 5) & music_shelf(5)
