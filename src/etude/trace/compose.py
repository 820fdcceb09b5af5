"""One piece, one trace: searches the index, reads the shares, compares with the banks, and puts it all in
words.

The caller brings what needs a project or a model (the index, the banks, the scored tokens, the contents of
works); this file knows neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from etude.errors import WorkError
from etude.families.contract import Shares
from etude.media import sequence
from etude.media.contract import Content, Medium
from etude.trace.borrowed import borrowed
from etude.trace.likeness import Bank, part_size, resembles
from etude.trace.record import Borrowed, Resembles, Trace, Verbatim, WorkRef
from etude.trace.summary import moved_line, notes, summary, voice_note
from etude.trace.verbatim import VerbatimIndex, search
from etude.trace.voice import voice

REMOVED = "no longer in the project"  # where a place would be named


def compose(
    medium: Medium,
    content: Content,
    *,
    id: str,
    title: str,
    works: Iterable[WorkRef],
    index: VerbatimIndex,
    content_of: Callable[[str], Content],
    scored: Shares | None = None,
    base: str = "",
    train: Bank | None = None,
    held_out: Bank | None = None,
    usual: npt.NDArray[np.floating] | None = None,
    model: str = "",
    collection: str = "",
    made: bool = True,
    minimum: int | None = None,
) -> Trace:
    """The trace of `content`. `made`: it is a take of this model. `minimum`: shortest verbatim run listed
    (default of the medium).

    `base`: what the model stands on, where it stands on anything. `train` and `held_out` are banks at
    `part_size(medium.size(content))`, `usual` is what `ordinary` says of them; without banks nothing is said
    of resemblance.
    """
    kept: dict[str, Content] = {}
    kind = sequence(medium.name)

    def fetch(work: str) -> Content:
        if work not in kept:
            kept[work] = content_of(work)
        return kept[work]

    def quoted(work: str, start: int, end: int) -> tuple[str, tuple[str, str, str]]:
        try:
            source = fetch(work)
        except WorkError:  # removed since the model learned from it: its share stands all the same
            return REMOVED, ("", "", "")
        return medium.place(source, start), kind.excerpt(source, [(start, end)]).quote

    owed = borrowed(scored, quote=quoted) if scored is not None else None
    spans = search(index, kind, content, fetch, minimum=minimum)
    like: Resembles | None = None
    if train is not None and held_out is not None:
        like = resembles(
            medium.features(content), part_size(medium.size(content)), train, held_out, usual=usual
        )
        like = replace(
            like, nearest=tuple(replace(n, place=medium.place(fetch(n.work), n.start)) for n in like.nearest)
        )
    text = medium.store(content).decode()
    moved = voice(scored, text, base) if scored is not None else None
    mentioned = _mentioned(owed, spans, like)
    known = {w.id: w for w in works if w.id in mentioned}
    named = tuple(known.get(work, WorkRef(work, work)) for work in sorted(mentioned))
    return Trace(
        id=id,
        title=title,
        medium=medium.name,
        unit=medium.unit,
        content=text,
        model=model,
        collection=collection,
        works=named,
        borrowed=owed,
        verbatim=spans,
        resembles=like,
        summary=summary(
            owed, spans, like, lambda work: known.get(work, WorkRef(work, work)), made=made, runs=kind.runs
        )
        + ("" if moved is None else "\n" + moved_line(moved, text)),
        notes=notes(owed, spans, like, made=made, runs=kind.runs)
        + (() if moved is None else (voice_note(moved),)),
        voice=moved,
    )


def _mentioned(owed: Borrowed | None, spans: Verbatim, like: Resembles | None) -> set[str]:
    found = {p.work for s in spans.spans for p in s.places}
    if owed is not None:
        found |= {w.work for w in owed.works}
    if like is not None:
        found |= {n.work for n in like.nearest}
    return found
