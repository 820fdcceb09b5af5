"""Promises about the cache: what is read token by token has the same bits in any company, and is what windows
say.

Letters: V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from etude.families.sequence.networks.contract import Cache
from etude.families.sequence.networks.promises.subject import (
    NEAR,
    WINDOWS,
    Promise,
    Subject,
    log_probabilities,
)


def the_cache_says_what_windows_say(s: Subject) -> Iterator[str]:
    """Token by token the distributions are those of the window."""
    whole = log_probabilities(s.logits(s.network))
    for (slot, place), x in s.decoded(s.network, s.one_by_one()).items():
        mine = log_probabilities(np.frombuffer(x, np.float32))
        if (far := float(np.abs(mine - whole[slot, place]).max())) > NEAR:
            yield f"at token {place} of window {slot} the cache is {far:.3f} nats away from the window"
            return


def rows_have_the_same_bits_in_any_company(s: Subject) -> Iterator[str]:
    """Alone, with other sequences in any order, and with the tokens before and after it."""
    alone = s.decoded(s.network, s.one_by_one())
    n, most = s.windows.side.shape[1], s.network.cache(WINDOWS).rows
    slots = list(range(min(WINDOWS, most)))
    together = [[(slot, place) for slot in slots] for place in range(n)]
    blocks = [
        [(slot, place) for place in range(a, min(a + most, n))] for slot in slots for a in range(0, n, most)
    ]
    for name, groups in (
        ("with other sequences", together),
        ("with other sequences in another order", [group[::-1] for group in together]),
        ("with the tokens beside it", blocks),
    ):
        mine = s.decoded(s.network, groups)
        if any(mine[at] != alone[at] for at in mine):
            yield f"a row has other bits {name} than alone"


def nothing_is_left_of_an_earlier_sequence(s: Subject) -> Iterator[str]:
    """The same bytes twice: in a new cache, in one that was used for others, and in a second one."""
    cache = s.network.cache(WINDOWS)
    fresh = _read_on(s, cache, slot=0, window=0)
    for slot in range(WINDOWS):
        _read_on(s, cache, slot=slot, window=slot + 1)
    if _read_on(s, cache, slot=0, window=0) != fresh:
        yield "in a cache that was used a sequence has other bits than in a new one"
    if _read_on(s, s.network.cache(WINDOWS), slot=0, window=0) != fresh:
        yield "a second cache gives other bits"


def a_fork_is_what_was_read(s: Subject) -> Iterator[str]:
    """A twin goes on as if it had read everything itself, and neither disturbs the other, step by step."""
    n, twin = s.windows.side.shape[1], WINDOWS - 1
    half = n // 2
    cache, apart = s.network.cache(WINDOWS), s.network.cache(WINDOWS)
    for slot, of in ((0, cache), (0, apart), (twin, apart)):
        _read_on(s, of, slot=slot, window=0, end=half)
    cache.fork(0, twin, half)
    for place in range(half, n):
        for slot, window in ((0, 0), (twin, 1)):  # the twin goes another way
            one, other = (
                _read_on(s, of, slot=slot, window=window, start=place, end=place + 1) for of in (cache, apart)
            )
            if one != other:
                whose = "a twin" if slot else "after a fork a sequence"
                yield f"{whose} goes on otherwise than one that has read everything itself"
                return


def a_window_can_begin_anew(s: Subject) -> Iterator[str]:
    """When a window is full, its second half is read again from place 0 on: as in a new cache."""
    n = s.windows.side.shape[1]
    cache = s.network.cache(WINDOWS)
    s.decoded(s.network, [[(0, place)] for place in range(n)], cache)
    again, fresh = (
        _read_on(s, c, slot=0, window=0, start=n // 2, shift=n // 2)
        for c in (cache, s.network.cache(WINDOWS))
    )
    if again != fresh:
        yield "read again from place 0 on, the second half of a window has other bits than in a new cache"


def unwanted_rows_are_read_all_the_same(s: Subject) -> Iterator[str]:
    """A row whose logits nobody wants is read, and nothing is written for it."""
    n = s.windows.side.shape[1]
    alone = s.decoded(s.network, s.one_by_one(range(1)))
    cache = s.network.cache(WINDOWS)
    most, room = cache.rows, cache.room()
    logits = np.full((most, s.network.vocab), 7.0, np.float32)
    for a in range(0, n - 1, most):
        group = [(0, place) for place in range(a, min(a + most, n - 1))]
        rows = s.rows(cache, group)
        rows.want[:] = -1
        cache.read(rows, len(group), logits, room)
    if (logits != 7.0).any():
        yield "logits are written that nobody wanted"
    if s.decoded(s.network, [[(0, n - 1)]], cache)[0, n - 1] != alone[0, n - 1]:
        yield "after rows whose logits nobody wanted the next token has other bits"


def threads_do_not_disturb_each_other(s: Subject) -> Iterator[str]:
    """Two threads with rooms of their own read different slots of one cache at the same time."""
    alone = s.decoded(s.network, s.one_by_one(range(2)))
    cache = s.network.cache(WINDOWS)
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(lambda k: s.decoded(s.network, s.one_by_one(range(k, k + 1)), cache), range(2))
        mine = {at: x for found in both for at, x in found.items()}
    if mine != alone:
        yield "two threads give other bits than one"


def _read_on(
    s: Subject,
    cache: Cache,
    *,
    slot: int,
    window: int,
    start: int = 0,
    end: int | None = None,
    shift: int = 0,
) -> dict[int, bytes]:
    """Logits (V,) as bytes of a window's tokens start..end, read in a slot at places `shift` lower."""
    room, out = cache.room(), {}
    for i in range(start, s.windows.side.shape[1] if end is None else end):
        rows, logits = s.rows(cache, [(window, i)]), np.zeros((cache.rows, s.network.vocab), np.float32)
        rows.slot[0], rows.place[0] = slot, i - shift
        cache.read(rows, 1, logits, room)
        out[i] = logits[0].tobytes()
    return out


DECODING: tuple[Promise, ...] = (
    the_cache_says_what_windows_say,
    rows_have_the_same_bits_in_any_company,
    nothing_is_left_of_an_earlier_sequence,
    a_fork_is_what_was_read,
    a_window_can_begin_anew,
    unwanted_rows_are_read_all_the_same,
    threads_do_not_disturb_each_other,
)
