"""The memory counts what was there, exactly, however it is told of it; a match keeps within one work."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.families.sequence import counts, memory, symbol_tree
from etude.families.sequence.matches import follow
from etude.media.contract import View
from tests.families.sequence import small_models as small

Context = tuple[int, tuple[int | None, ...], tuple[int, ...], int]  # view, symbols back, sides, depth
Key = tuple[int, tuple[int | None, ...], tuple[int, ...], int, int]  # and the symbol
VIEWS = (View((1,)), View((1, 2)), View((1, 2, 3)), View((2, 4), (0,)), View((1,), (0, 1)))


def truth(
    t: symbol_tree.Tree, views: tuple[View, ...], works: list[tuple[np.ndarray, np.ndarray]]
) -> Counter[Key]:
    """(view, symbols back, sides, depth, symbol) -> how often, counted the slow way."""
    found: Counter[Key] = Counter()
    for tokens, side in works:
        hist: list[int] = []
        for i, token in enumerate(tokens.tolist()):
            r = int(t.rank[token])
            node, depth = 0 if r >= 0 else -1, 0
            while node >= 0:
                e = int(symbol_tree.edge_of.py_func(t, node, r))
                for k, v in enumerate(views):
                    back = tuple(hist[-o] if len(hist) >= o else None for o in v.back)
                    found[
                        k, back, tuple(int(side[i, c]) for c in v.side), min(depth, 15), int(t.symbol[e])
                    ] += 1
                if t.symbol[e] != t.end:
                    hist.append(int(t.symbol[e]))
                node, depth = int(t.child[e]), depth + 1
    return found


def counted(m: memory.Memory, wanted: Counter[Key], views: tuple[View, ...]) -> None:
    """Every context has exactly these symbols, and there are no others."""
    c = m.counts
    contexts: Counter[Context] = Counter()
    for (k, back, sides, depth, _), n in wanted.items():
        contexts[k, back, sides, depth] += n
    assert int(c.meta[0]) == len(contexts) == int((c.slots[:, counts.FP] != 0).sum())
    assert int(c.meta[1]) == len(wanted)
    for (k, back, sides, depth), total in contexts.items():
        hist = np.full(64, counts.GAP, np.uint16)
        side = np.zeros(8, np.int16)
        h, reach = 50, 0
        for o, s in zip(views[k].back, back, strict=True):
            if s is not None:
                hist[h - o] = s
                reach = max(reach, o)
        side[list(views[k].side)] = sides
        key = key_of(m, k, hist, h, h - reach, depth, side)
        slot = int(counts.find(c, key))
        assert slot >= 0
        assert c.slots[slot, counts.TOTAL] == total
        mine = {
            s: n for (k2, b2, s2, d2, s), n in wanted.items() if (k2, b2, s2, d2) == (k, back, sides, depth)
        }
        assert {s: int(counts.count(c, slot, s)) for s in mine} == mine
        assert c.slots[slot, counts.TYPES] == len(mine)
        assert c.slots[slot, counts.BEST] == max(mine.values()) == mine[int(c.slots[slot, counts.BEST_SYM])]


def key_of(
    m: memory.Memory, k: int, hist: np.ndarray, h: int, start: int, depth: int, side: np.ndarray
) -> np.uint64:
    out = np.zeros(len(m.views.back), np.uint64)
    counts.context_keys(hist, h, start, depth, side, m.views, out)
    return np.uint64(out[k])


def works_of(seed: int, n: int, vocab: int = 6) -> list[tuple[np.ndarray, np.ndarray]]:
    g = np.random.default_rng(seed)
    return [
        (g.integers(0, vocab, size).astype(np.int32), g.integers(0, 3, (size, 2)).astype(np.int16))
        for size in g.integers(1, 60, n).tolist()
    ]


@given(st.integers(0, 1000), st.integers(1, 5))
@settings(max_examples=15)
def test_counts_are_what_brute_force_finds_in_every_view(seed: int, n: int) -> None:
    works = works_of(seed, n)
    m = small.music_memory(VIEWS, vocab=6)
    for tokens, side in works:
        m.observe(tokens, side)
    counted(m, truth(m.tree, VIEWS, works), VIEWS)


def test_counts_of_text_are_those_of_its_bytes() -> None:
    codec, t = small.text_tree()
    views = codec.views[:3]
    e = [codec.encode(s) for s in ("the moon, the moon and the sea", "a sea of moons")]
    works = [(x.tokens, np.zeros((len(x.tokens), 1), np.int16)) for x in e]
    m = memory.Memory(t, views, symbols=64)
    for tokens, side in works:
        m.observe(tokens, side)
    counted(m, truth(t, views, works), views)


def test_growing_keeps_every_count() -> None:
    """From room for nothing, through many moves into larger tables."""
    works = works_of(3, 60)
    small_one, large = (
        small.music_memory(VIEWS, vocab=6),
        memory.Memory(small.music_memory(VIEWS, 6).tree, VIEWS, symbols=1 << 16),
    )
    before = len(small_one.counts.slots)
    for tokens, side in works:
        small_one.observe(tokens, side)
        large.observe(tokens, side)
    assert len(small_one.counts.slots) > before
    counted(small_one, truth(small_one.tree, VIEWS, works), VIEWS)
    a, b = small_one.counts, large.counts
    h = int(a.meta[2])
    assert (a.hist[:h] == b.hist[:h]).all() and (a.ends[:h] == b.ends[:h]).all() and (a.meta == b.meta).all()


def test_a_work_in_runs_counts_as_the_work_at_once() -> None:
    tokens, side = np.random.default_rng(5).integers(0, 6, 300).astype(np.int32), np.zeros((300, 2), np.int16)
    whole, runs = small.music_memory(VIEWS, vocab=6), small.music_memory(VIEWS, vocab=6)
    whole.observe(tokens, side)
    for a, b in ((0, 1), (1, 7), (7, 8), (8, 200), (200, 300)):
        runs.observe(tokens[a:b], side[a:b], begin=a == 0)
    counted(runs, truth(whole.tree, VIEWS, [(tokens, side)]), VIEWS)
    h = int(whole.counts.meta[2])
    assert (whole.counts.meta == runs.counts.meta).all()
    assert (whole.counts.hist[:h] == runs.counts.hist[:h]).all()


def test_long_tokens_have_room() -> None:
    """A text of nothing but long tokens takes more decisions a token than usual texts, and must not run over
    its arrays."""
    word = "internationality"
    codec, _ = small.text_tree()
    codec = type(codec)([*merges_for(word)])
    t = symbol_tree.build(codec.paths, codec.n_symbols, drawn=[v != codec.bos for v in range(codec.vocab)])
    e = codec.encode(word * 5000)
    assert len(e.tokens) == 5002
    m = memory.Memory(t, codec.views[:1], symbols=64)
    room: list[tuple[int, int]] = []
    inner = memory.observe

    def watched(c: counts.Counts, run: np.ndarray, *rest: Any) -> None:
        room.append((len(c.hist), int(c.meta[2]) + 1 + sum(len(codec.paths[v]) for v in run.tolist())))

    with pytest.MonkeyPatch.context() as mp:
        mp.setattr(memory, "observe", watched)
        m.observe(e.tokens, e.side)
    assert all(have >= need for have, need in room), room
    m = memory.Memory(t, codec.views[:1], symbols=64)
    m.observe(e.tokens, e.side)
    assert memory.observe is inner and int(m.counts.meta[2]) == 2 + 16 * 5000 + 1


def merges_for(word: str) -> list[tuple[int, int]]:
    """Merges that make one token of the word, letter by letter."""
    data = word.encode()
    out, last = [], data[0]
    for i, b in enumerate(data[1:]):
        out.append((last, b))
        last = 256 + i
    return out


def match_after(m: memory.Memory, symbols: list[int]) -> tuple[int, int]:
    """The match in the collection after a text of these symbols."""
    hist = np.full(len(symbols) + 2, counts.GAP, np.uint16)
    place = length = 0
    for i, s in enumerate(symbols):
        hist[1 + i] = s
        place, length = follow(m.counts, place, length, hist, 2 + i, 1, m.counts.meta[2])
    return int(place), int(length)


def test_a_match_is_where_the_passage_stands_and_as_long_as_it() -> None:
    m = small.music_memory((View((1,)),), vocab=200)
    work = np.arange(1, 101, dtype=np.int32)
    m.observe(work, np.zeros((100, 1), np.int16))
    place, length = match_after(m, [150, 160, *range(20, 45)])
    assert length == 25 and m.counts.hist[place] == 45
    assert match_after(m, [*range(20, 25)]) == (0, 0)  # five symbols are no passage
    assert match_after(m, [*range(20, 45), 180]) == (0, 0)


def test_a_match_never_runs_over_the_edge_of_a_work() -> None:
    """Two works that stand next to each other are no passage together, and what follows a work's end is not
    foretold."""
    m = small.music_memory((View((1,)),), vocab=200)
    side = np.zeros((30, 1), np.int16)
    m.observe(np.arange(1, 31, dtype=np.int32), side)
    m.observe(np.arange(31, 61, dtype=np.int32), side)
    place, length = match_after(m, list(range(1, 31)))
    assert length == 30 and m.counts.hist[place] == counts.GAP  # nothing follows
    place, length = match_after(m, list(range(1, 34)))
    assert (place, length) == (0, 0)  # three symbols of the second work only
    place, length = match_after(m, list(range(11, 51)))
    assert length == 20 and m.counts.hist[place] == 51  # counted from the second work's beginning
