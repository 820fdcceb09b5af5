"""Traces to test pages and records with: a small shelf of texts (and one of scores), real searches, made-up
shares."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np

from etude.media import MEDIA, sequence
from etude.media.music.score import Note, Score, Track
from etude.trace.compose import compose
from etude.trace.likeness import bank, part_size
from etude.trace.record import Trace, WorkRef
from etude.trace.verbatim import build_index, search

HOSTILE = '<img src=x onerror="document.title=\'owned\'"></script><script>document.title="owned"</script>'
SHELF = {
    "w-a": "The night was wide, and furnished scant\nWith but a single star,\nThat often as a cloud it "
    "met\nBlew out itself for fear.\n",
    "w-b": "I stand alive to-day, he said,\nAnd the lamp is burning low\nupon the window sill tonight.\n",
}
TAKE = (
    "The night was wide, and furnished rooms\nI stand alive to-day, <b>& so</b>\nthe lamp is burning low.\n"
)


def shares(take: str, shelf: dict[str, str]) -> Any:
    """Shares as the mixture gives them: high along verbatim runs, low and unplaced elsewhere."""
    text, index = sequence("text"), build_index("text", shelf.items())
    tokens = [m.span() for m in re.finditer(r"\s?\w+|[^\w\s]|\s", take)]
    places: list[list[Any]] = [[] for _ in tokens]
    rest = np.full(len(tokens), 0.05)
    for span in search(index, text, take, shelf.__getitem__, minimum=2).spans:
        a, b = span.ranges[0]
        for k, (x, y) in enumerate(tokens):
            if a <= x and y <= b:
                start = span.places[0].start + x - a
                places[k] = [
                    SimpleNamespace(work_id=span.places[0].work, start=start, end=start + y - x, share=0.7)
                ]
    memory = np.array([sum(p.share for p in ps) for ps in places]) + rest
    offsets = np.array([a for a, _ in tokens] + [len(take)])
    return SimpleNamespace(
        nats=np.ones(len(tokens)),
        scored=np.ones(len(tokens), bool),
        memory=memory,
        rest=rest,
        places=places,
        offsets=offsets,
        voice=None,
    )


def text_trace(
    title: str = "An evening",
    *,
    names: dict[str, str] | None = None,
    take: str = TAKE,
    voice: float | None = None,
    **more: Any,
) -> Trace:
    """`voice`: by how many nats every third token was moved."""
    scored = shares(take, SHELF)
    if voice is not None:
        scored.voice = np.where(np.arange(len(scored.nats)) % 3 == 0, voice, 0.0)
    text, size = MEDIA["text"], part_size(len(take))
    names = names or {"w-a": "Poems", "w-b": "Later Poems"}
    held = bank(
        text, [(f"h-{i}", f"some other line {i} of verse\nand again {i * i}", 0, 30) for i in range(24)], size
    )
    return compose(
        text,
        take,
        id="t-1",
        title=title,
        works=[WorkRef(k, names[k], "E. D.") for k in SHELF],
        index=build_index("text", SHELF.items()),
        content_of=SHELF.__getitem__,
        scored=scored,
        train=bank(text, [(k, t, 0, len(t)) for k, t in SHELF.items()], size),
        held_out=held,
        model="m-1",
        collection="poems",
        minimum=4,
        **more,
    )


def music_trace(title: str = "An air", track: str = "soprano") -> Trace:
    pitches = [60, 62, 64, 65, 67, 65, 64, 62, 60, 67, 72, 71]
    work = Score((Track(tuple(Note(24 * i, p, 24) for i, p in enumerate(pitches)), track),))
    piece = Score(
        (
            Track(tuple(Note(12 * i, p + 3, 12) for i, p in enumerate(pitches)), track),
            Track((Note(0, 40, 96),), "bass"),
        )
    )
    n = 13
    scored = SimpleNamespace(
        nats=np.ones(n),
        scored=np.ones(n, bool),
        memory=np.full(n, 0.5),
        rest=np.full(n, 0.1),
        offsets=np.arange(n + 1),
        voice=None,
        places=[
            [SimpleNamespace(work_id="w-m", start=min(i, 11), end=min(i, 11) + 1, share=0.4)]
            for i in range(n)
        ],
    )
    return compose(
        MEDIA["music"],
        piece,
        id="t-2",
        title=title,
        works=[WorkRef("w-m", "Air", "Anon.")],
        index=build_index("music", [("w-m", work)]),
        content_of={"w-m": work}.__getitem__,
        scored=scored,
    )
