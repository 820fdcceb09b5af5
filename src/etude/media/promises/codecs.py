"""Promises of a sequence medium about its codec and cursors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from etude.errors import EtudeError, ModelError
from etude.media import codec_from_json
from etude.media.codec import Codec, Cursor, Encoded
from etude.media.contract import Content
from etude.media.promises.subject import Promise, Subject, is_line, same
from etude.rng import for_


def vocabulary_is_in_order(s: Subject) -> Iterator[str]:
    """`bos` and `eos` inside V and apart; one path a token, with symbols below n_symbols, no two alike."""
    c = s.codec()
    if (
        c.medium != s.medium.name
        or len({c.bos, c.eos}) != 2
        or not all(0 <= t < c.vocab for t in (c.bos, c.eos))
    ):
        yield f"medium '{c.medium}', bos {c.bos} and eos {c.eos} do not fit a vocabulary of {c.vocab}"
    drawn = [p for p in c.paths if p]
    if (
        len(c.paths) != c.vocab
        or len(set(drawn)) != len(drawn)
        or any(not 0 <= x < c.n_symbols for p in drawn for x in p)
    ):
        yield f"{len(c.paths)} paths for {c.vocab} tokens, of which {len(set(drawn))} differ"
    if not c.views or any(v.back and max(v.side, default=0) > len(c.side_sizes) for v in c.views):
        yield "views are missing, or name side columns that do not exist"


def encoding_fits_its_arrays(s: Subject) -> Iterator[str]:
    """Types, shapes and ranges of `Encoded`; offsets rise from 0 to the size."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        yield from (
            f"example {i}: {complaint}" for complaint in _faults(c, c.encode(content), s.medium.size(content))
        )


def _faults(c: Codec, e: Encoded, size: int) -> Iterator[str]:
    n = len(e.tokens)
    if (
        e.tokens.dtype != np.int32
        or e.side.dtype != np.int16
        or e.scored.dtype != np.bool_
        or e.offsets.dtype != np.int32
    ):
        yield "tokens, side, scored and offsets must be int32, int16, bool and int32"
    if e.side.shape != (n, len(c.side_sizes)) or e.scored.shape != (n,) or e.offsets.shape != (n + 1,):
        yield f"side {e.side.shape}, scored {e.scored.shape}, offsets {e.offsets.shape} do not fit {n} tokens"
    elif n and (
        e.tokens.min() < 0
        or e.tokens.max() >= c.vocab
        or (e.side < 0).any()
        or (e.side >= np.array(c.side_sizes, int)).any()
    ):
        yield "a token or side input is out of range"
    if n < 2 or e.tokens[0] != c.bos or e.tokens[-1] != c.eos or e.scored[0]:
        yield "an encoding begins with bos, which is not scored, and ends with eos"
    if e.offsets[0] != 0 or e.offsets[-1] != size or (np.diff(e.offsets) < 0).any():
        yield f"offsets run from {e.offsets[0]} to {e.offsets[-1]} and not evenly from 0 to {size}"


def decoding_undoes_encoding(s: Subject) -> Iterator[str]:
    """Tokens -> content -> tokens gives the same tokens."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        tokens = c.encode(content).tokens
        again = c.encode(c.decode(tokens.tolist())).tokens
        if not np.array_equal(tokens, again):
            yield f"example {i}: {len(tokens)} tokens become {len(again)}, or differ"


def a_codec_survives_json(s: Subject) -> Iterator[str]:
    """`codec_from_json(json(codec))` encodes alike."""
    c = s.codec()
    d = codec_from_json(json.loads(json.dumps(c.to_json())))
    if (d.vocab, d.bos, d.eos, d.n_symbols, d.side_sizes) != (
        c.vocab,
        c.bos,
        c.eos,
        c.n_symbols,
        c.side_sizes,
    ):
        yield "the codec read back has other sizes"
    if c.to_json().get("kind") not in s.sequence.codecs:
        yield f"its kind '{c.to_json().get('kind')}' is not among the medium's codecs {s.sequence.codecs}"
    try:
        s.sequence.codec({"kind": "no such kind"})
        yield "the medium reads a codec of an unknown kind"
    except ModelError:
        pass
    for i, content in enumerate(s.contents):
        if not np.array_equal(c.encode(content).tokens, d.encode(content).tokens):
            yield f"example {i} is encoded otherwise by the codec read back"


def copies_and_variations_are_sound(s: Subject) -> Iterator[str]:
    """The first copy is the plain one; a variation with the same randomness is the same."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        if not np.array_equal(c.copies(content)[0].tokens, c.encode(content).tokens):
            yield f"example {i}: the first copy is not the plain encoding"
        one, two = (c.augment(content, for_(1, "check augment", i)).tokens for _ in range(2))
        if not np.array_equal(one, two):
            yield f"example {i}: the same randomness varies it in two ways"


def cursors_follow_an_encoding(s: Subject) -> Iterator[str]:
    """Pushed the tokens of a content, a cursor in its frame allows each and knows its side inputs before
    it."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        e, cursor = c.encode(content), c.framed(c.frame(content)).cursor()
        for t, token in enumerate(e.tokens.tolist()[1:2000], 1):  # a cursor stands after bos
            mask = cursor.allowed()
            if mask is not None and not mask[token]:
                yield f"example {i}: the cursor does not allow token {t} ({token})"
                break
            if cursor.side() != tuple(e.side[t].tolist()):
                yield (
                    f"example {i}: at token {t} the cursor says side {cursor.side()}, "
                    f"the encoding {tuple(e.side[t].tolist())}"
                )
                break
            cursor.push(token)


def _drawn(c: Codec, cursor: Cursor, most: int, purpose: str) -> list[int]:
    """Allowed tokens at random, given ones as they are, until the cursor is done or there are too many."""
    rng = for_(2, purpose)
    made: list[int] = []
    while not cursor.done and len(made) < most:
        mask, given = cursor.allowed(), cursor.forced()
        choices = np.arange(c.vocab) if mask is None else np.flatnonzero(mask)
        made.append(int(given if given is not None else rng.choice(choices[choices != c.bos])))
        cursor.push(made[-1])
    return made


def cursors_come_to_an_end(s: Subject) -> Iterator[str]:
    """With a wanted length, allowed tokens at random lead to `done`, and what was made decodes and can be
    stored."""
    c, units = s.codec(), 200
    cursor = c.cursor(units=units)
    made = _drawn(c, cursor, 100 * units, "check cursor")
    if not cursor.done:
        yield f"no end after {len(made)} tokens for {units} {s.medium.unit}"
        return
    try:
        if not same(cursor.content([c.bos, *made]), c.decode(made)):
            yield "the cursor's content is not what its tokens decode to"
        s.medium.store(c.decode(made))
    except EtudeError as error:
        yield f"what was made cannot be decoded: {error}"


def cursors_keep_what_is_given(s: Subject) -> Iterator[str]:
    """A content that is given comes first, token by token."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        cuts = [*s.medium.boundaries(content), s.medium.size(content)]
        start = s.medium.cut(content, 0, cuts[len(cuts) // 2])
        cursor, kept = c.cursor(units=s.medium.size(content), given=start), []
        while (token := cursor.forced()) is not None and not cursor.done:
            kept.append(token)
            cursor.push(token)
        expected = c.encode(start).tokens.tolist()[1:]
        if not kept or kept != expected[: len(kept)]:
            right = sum(a == b for a, b in zip(kept, expected, strict=False))
            yield f"example {i}: of {len(expected)} given tokens, {right} were forced"


def gaps_are_filled_around_what_stays(s: Subject) -> Iterator[str]:
    """Where the codec sees ahead, a cursor around a gap comes to an end, and the take read again knows what
    was given; else it goes on from what stands before the gap."""
    c = s.codec()
    content = s.contents[0]
    for gap in s.medium.gaps:
        value: Any = {"span": (1, 1), "passage": (1, 1), "extent": (1, 1), "names": ["1"]}.get(gap.form)
        if value is None:
            continue
        stays = s.medium.stays(content, {gap.option: value}, "the example")
        cursor = c.cursor(units=None if c.sees_ahead else 60, given=content, stays=stays)
        made = _drawn(c, cursor, 100_000, f"check gap {gap.option}")
        if not cursor.done:
            yield f"--{gap.option}: no end after {len(made)} tokens"
        elif c.sees_ahead:
            take = cursor.content([c.bos, *made])
            again = c.reread(take, content, stays)
            if again is None:
                yield f"--{gap.option}: read again, the take does not hold what was given"
            elif again.scored.all() or again.tokens.tolist()[1:] != made:
                yield f"--{gap.option}: read again, the take has other tokens, or none that was given"


def a_forked_cursor_goes_its_own_way(s: Subject) -> Iterator[str]:
    """Forked in the middle of a content and left alone while the other goes on, a cursor stands where it
    stood."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        e, cursor = c.encode(content), c.framed(c.frame(content)).cursor()
        rest = e.tokens.tolist()[1:2000]
        half = len(rest) // 2
        for token in rest[:half]:
            cursor.push(token)
        twin = cursor.fork()
        for walker in (cursor, twin):
            for t, token in enumerate(rest[half:], half + 1):
                mask = walker.allowed()
                if walker.side() != tuple(e.side[t].tolist()) or (mask is not None and not mask[token]):
                    who = "a twin" if walker is twin else "a forked cursor"
                    yield f"example {i}: {who} lost its way at token {t}"
                    break
                walker.push(token)


def costs_are_stated(s: Subject) -> Iterator[str]:
    """A figure like 'bits/character' with its scale, what is counted and what tokens are; a stride of one
    token or more."""
    c = s.codec()
    k = c.costs
    if (
        k.unit.count("/") != 1
        or not k.scale > 0
        or not is_line(k.counted)
        or not is_line(k.tokens)
        or c.stride < 1
    ):
        yield f"costs {k} with a stride of {c.stride}"


def memories_are_recalled(s: Subject) -> Iterator[str]:
    """Tokens with their side inputs give a content that is encoded alike; an exact codec gives the content
    itself."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        e = c.encode(content)
        back = c.recall(e.tokens, e.side)
        if not np.array_equal(c.encode(back).tokens, e.tokens):
            yield f"example {i}: what is recalled has other tokens"
        if c.exact and not same(c.decode(e.tokens.tolist()), content):
            yield f"example {i}: the codec is called exact, and decodes to another content"


def walkers_know_the_side_inputs(s: Subject) -> Iterator[str]:
    """A walker that takes a content's tokens says their side inputs before each; a codec without side inputs
    needs none."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        walker, e = c.walker(content), c.encode(content)
        if walker is None:
            continue
        for t, token in enumerate(e.tokens.tolist()[1:2000], 1):
            if walker.side() != tuple(e.side[t].tolist()):
                yield f"example {i}: at token {t} the walker says side {walker.side()}"
                break
            walker.push(token)


def takes_are_read_again(s: Subject) -> Iterator[str]:
    """Read again without anything given a take is encoded; of a beginning that was given no token counts;
    another content is refused."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        e, plain = c.encode(content), c.reread(content)
        if plain is None or not _alike(plain, e):
            yield f"example {i}: read again it is not as it was encoded"
        whole = c.reread(content, content)
        if whole is None or (whole.scored & (np.diff(whole.offsets) > 0)).any():
            what = "it is refused" if whole is None else "tokens of it count"
            yield f"example {i}: given as a whole, {what}"
    if len(s.contents) > 1 and not _begins(s, s.contents[1], s.contents[0]):
        if c.reread(s.contents[1], s.contents[0]) is not None:
            yield "the second example is taken for a take that goes on from the first"


def _alike(a: Encoded, b: Encoded) -> bool:
    pairs = ((a.tokens, b.tokens), (a.side, b.side), (a.scored, b.scored), (a.offsets, b.offsets))
    return all(np.array_equal(x, y) for x, y in pairs)


def _begins(s: Subject, content: Content, start: Content) -> bool:
    c = s.codec()
    first = c.encode(start).tokens[:-1]
    return np.array_equal(c.encode(content).tokens[: len(first)], first)


def windows_begin_inside(s: Subject) -> Iterator[str]:
    """Where windows best begin is ascending and inside, or nothing is said."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        side = c.encode(content).side
        at = c.window_starts(side)
        if at is not None and ((np.diff(at) <= 0).any() or (len(at) and (at[0] < 0 or at[-1] >= len(side)))):
            yield f"example {i}: windows begin at {at[:8]}, which does not ascend inside {len(side)} tokens"


CODECS: tuple[Promise, ...] = (
    vocabulary_is_in_order,
    encoding_fits_its_arrays,
    decoding_undoes_encoding,
    a_codec_survives_json,
    copies_and_variations_are_sound,
    cursors_follow_an_encoding,
    cursors_come_to_an_end,
    cursors_keep_what_is_given,
    gaps_are_filled_around_what_stays,
    a_forked_cursor_goes_its_own_way,
    costs_are_stated,
    memories_are_recalled,
    walkers_know_the_side_inputs,
    takes_are_read_again,
    windows_begin_inside,
)
