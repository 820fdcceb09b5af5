"""Promises of a sequence medium about sizes, copies, and what a trace shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from etude.errors import TakeError
from etude.media.contract import Marked
from etude.media.promises.subject import Promise, Subject, is_line


def sizes_make_sense(s: Subject) -> Iterator[str]:
    """Units to learn from, units of a take and tokens of a window above 0; a beginning is read as far as a
    take is long, at least."""
    z = s.sequence.sizes
    if min(z.least, z.usual, z.window) < 1 or (z.longest_start is not None and z.longest_start < z.usual):
        yield f"{z}"


def parts_are_joined_again(s: Subject) -> Iterator[str]:
    """Cut in two at a boundary and joined, a content has as many units as before."""
    for i, content in enumerate(s.contents):
        cuts, size = s.medium.boundaries(content), s.medium.size(content)
        if not len(cuts):
            continue
        at = cuts[len(cuts) // 2]
        joined = s.sequence.join(s.medium.cut(content, 0, at), s.medium.cut(content, at, size))
        if s.medium.size(joined) != size:
            now = s.medium.size(joined)
            yield f"example {i}: {size} {s.medium.unit} are {now} when cut at {at} and joined"


def guards_find_copies(s: Subject) -> Iterator[str]:
    """A guard of a work finds it copied, but not where all of it was given; cuts copies off or refuses; and a
    run of one is too short."""
    c, n = s.codec(), s.sequence.runs.least
    long = max(s.contents, key=s.medium.size)
    try:
        s.sequence.guard([long], 1, c)
        yield f"a guard against runs of 1 {s.sequence.runs.unit} is made"
    except TakeError:
        pass
    guard = s.sequence.guard([long], n, c)
    if guard.n != n or not guard.copies(long):
        yield f"a whole work is not found as a copy of {n} {s.sequence.runs.unit}"
    if guard.copies(long, long):
        yield "what was given as a whole is called a copy"
    try:
        if guard.copies(guard.without(long)):
            yield "cut off, a copy still holds copies"
    except TakeError:
        pass
    cursor = c.cursor()
    watch = guard.watch([c.bos], cursor)
    for token in c.encode(long).tokens.tolist()[1:200]:
        banned = np.asarray(watch.banned() if watch.banned() is not None else [], dtype=None)
        ids = np.flatnonzero(banned) if banned.dtype == bool else banned
        if (banned.dtype == bool and len(banned) != c.vocab) or (len(ids) and not 0 <= max(ids) < c.vocab):
            yield f"what is banned ({banned[:8]}) is neither tokens nor a mask of {c.vocab}"
            break
        cursor.push(token)
        watch.push(token)


def streams_cover_units(s: Subject) -> Iterator[str]:
    """Symbols are uint64, as many as starts and ends, which lie inside; units ascend; ranges of symbols lie
    inside; twice the same."""
    r = s.sequence.runs
    if not (is_line(r.unit) and is_line(r.how) and is_line(r.ignores)) or r.least < 1:
        yield f"{r}"
    for i, content in enumerate(s.contents):
        size = s.medium.size(content)
        for one, two in zip(s.sequence.streams(content), s.sequence.streams(content), strict=True):
            n = len(one.symbols)
            if one.symbols.dtype != np.uint64 or not np.array_equal(one.symbols, two.symbols):
                yield f"example {i}: symbols are {one.symbols.dtype}, or differ between two calls"
            elif len(one.starts) != n or len(one.ends) != n or len(one.units) != n + one.overlap * (n > 0):
                if n:
                    counts = f"{len(one.starts)} starts, {len(one.ends)} ends, {len(one.units)} units"
                    yield f"example {i}: {n} symbols, {counts}"
            elif n and (one.starts.min() < 0 or one.ends.max() > size or (one.ends <= one.starts).any()):
                yield f"example {i}: a symbol covers units outside of 0 to {size}, or none"
            elif n and ((np.diff(one.units) <= 0).any() or one.ranges(0, n)[-1][1] > size):
                yield f"example {i}: its units do not ascend inside {size}"


def passages_are_shown(s: Subject) -> Iterator[str]:
    """A passage is quoted or has notes, and each unit can be said; drawings and miniatures go together; what
    is read and not drawn is stored as its text, or stands in a table."""
    m = s.sequence
    for i, content in enumerate(s.contents):
        size = m.size(content)
        end = min(size, 40)
        excerpt = m.excerpt(content, [(0, end)])
        if not excerpt.quote[1] and not excerpt.notes:
            yield f"example {i}: the passage 0 to {end} shows nothing"
        if not all(m.said(content, a, a + 1) for a in (0, size // 2, size - 1)):
            yield f"example {i}: a unit cannot be said"
        drawing = m.drawing(content, {0: 0.5}, [Marked(1, ((0, end),))], "an example")
        if (drawing is None) != (m.miniature(excerpt, "a passage") is None):
            yield f"example {i} is drawn as a whole or in parts, but not both"
        elif drawing is not None and ("<svg" not in drawing.markup or not is_line(drawing.name)):
            yield f"example {i}: the drawing '{drawing.name}' is no SVG, or has no name"


SEQUENCES: tuple[Promise, ...] = (
    sizes_make_sense,
    parts_are_joined_again,
    guards_find_copies,
    streams_cover_units,
    passages_are_shown,
)
