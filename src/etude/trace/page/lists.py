"""The lists of a trace's page: what stands word for word, what was followed, the works and their shares, what
it is like.

Each is a section of its own, and empty where there is nothing to say. Knows the record alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from etude.config.trust import TRACE
from etude.media.contract import Excerpt
from etude.media.html import Markup, fold, join, table, tag, text
from etude.trace.page.piece import content, is_read, medium_of
from etude.trace.page.text import quoted
from etude.trace.record import Borrowed, Passage, Span, Trace, WorkRef
from etude.trace.summary import percent

WORDS = 3  # in a passage of text that is listed
SHOWN = 10  # passages listed before the rest folds away


def verbatim(trace: Trace) -> Markup:
    """The runs, each beside the places where it stands."""
    found, how = trace.verbatim, medium_of(trace).runs.how.capitalize()
    if not found.spans:
        said = (
            f"No run of {found.minimum} or more {found.unit} is found in the works. The longest has "
            f"{found.longest}."
        )
        return tag("section", tag("h2", text(how)), tag("p", text(said)))
    items = [_span(trace, s) for s in found.spans]
    return tag("section", tag("h2", text(how)), tag("ol", *items, cls="runs"), attrs={"id": "verbatim"})


def _span(trace: Trace, span: Span) -> Markup:
    works = f"in {span.works} works" if span.works > 1 else "in one work"
    times = f", {span.times} times" if span.times > span.works else ""
    head = f"{span.length} {trace.verbatim.unit}, {works}{times}"
    number = tag(
        "a",
        text(span.number),
        cls="b",
        attrs={"href": f"#at-v{span.number}", "aria-label": f"run {span.number}: back to the piece"},
    )
    excerpt = medium_of(trace).excerpt(content(trace), span.ranges)
    if is_read(trace):
        a, b = span.ranges[0]
        excerpt = Excerpt((_tail(trace.content[:a]), span.text, _head(trace.content[b:])))
    here = _shown(trace, excerpt, f"run {span.number} in the piece")
    left = tag("div", tag("h4", text(f"In the piece, {span.here}")), here)
    there = [
        tag(
            "div",
            tag("h4", name(trace.work(p.work)), text(", " + short(p.place))),
            _shown(trace, Excerpt(p.quote, p.notes), p.place),
        )
        for p in span.places
    ]
    right = (
        [there[0], fold(f"{len(there) - 1} more place{'s' * (len(there) > 2)}", *there[1:])]
        if len(there) > 1
        else there
    )
    return tag(
        "li",
        tag("h3", number, text(" " + head)),
        tag("div", left, tag("div", *right), cls="pair"),
        attrs={"id": f"v{span.number}"},
    )


def _shown(trace: Trace, excerpt: Excerpt, words: str) -> Markup:
    """A passage as a small drawing, or quoted."""
    small = medium_of(trace).miniature(excerpt, words)
    return tag("blockquote", quoted(excerpt.quote)) if small is None else Markup(small)


def _tail(before: str, reach: int = 60) -> str:
    cut = before[-reach:]
    return cut if len(before) <= reach else "…" + cut[cut.find(" ") + 1 :]


def _head(after: str, reach: int = 60) -> str:
    cut = after[:reach]
    return cut if len(after) <= reach else cut[: cut.rfind(" ") + 1] + "…"


def followed(trace: Trace) -> Markup:
    """Passages that the runs above do not tell already."""
    told = [(p.work, s.ranges[0]) for s in trace.verbatim.spans for p in s.places]
    every = list(enumerate(trace.borrowed.passages, 1)) if trace.borrowed else []
    if is_read(trace):  # a passage of stops and one word is none to a reader
        medium, piece = medium_of(trace), content(trace)
        words = {i: medium.streams(medium.cut(piece, p.start, p.end))[0].symbols for i, p in every}
        every = [(i, p) for i, p in every if len(words[i]) >= WORDS]
    fresh = [
        (i, p)
        for i, p in every
        if not any(w == p.work and a <= p.start and p.end <= b + 1 for w, (a, b) in told)
    ]
    if not fresh:
        return Markup("")
    items = [_passage(trace, i, p) for i, p in fresh]
    more = tag("ol", *items[SHOWN:], cls="followed")
    rest = [fold(f"{len(items) - SHOWN} more", more)] if len(items) > SHOWN else []
    lead = (
        "Passages in which several tokens in a row came from one place of a work: the share that came from "
        "it, and how the work reads there."
    )
    return tag(
        "section",
        tag("h2", text("Followed")),
        tag("p", text(lead), cls="lead"),
        tag("ol", *items[:SHOWN], cls="followed"),
        *rest,
    )


def _passage(trace: Trace, number: int, passage: Passage) -> Markup:
    if is_read(trace):
        said = tag("q", text(" ".join(trace.content[passage.start : passage.end].split())))
    else:
        piece, place = content(trace), medium_of(trace).place
        said = text(f"{place(piece, passage.start)} to {place(piece, passage.end - 1)}")
    where = tag(
        "span",
        name(trace.work(passage.work)),
        text(f", {short(passage.place)}" if passage.place else ""),
        cls="from",
    )
    gave = tag("b", text(percent(passage.share)), cls="n")
    head = join([said, text(" "), where])
    source = (
        tag("details", tag("summary", head), tag("blockquote", quoted(passage.quote)))
        if passage.quote[1]
        else tag("div", head)
    )
    return tag("li", gave, source, attrs={"id": f"p{number}"})


def works(trace: Trace) -> Markup:
    """Every work's share as a table, and every token's."""
    borrowed = trace.borrowed
    if borrowed is None or not borrowed.works:
        return Markup("")
    largest = max(borrowed.works[0].share, borrowed.rest, borrowed.network)
    rows = [
        (name(trace.work(w.work)), text(f"{w.tokens:.1f}"), _meter(w.share, largest)) for w in borrowed.works
    ]
    rows.append(
        (
            text("other places of the memory, not listed"),
            text(f"{borrowed.rest * len(borrowed.tokens):.1f}"),
            _meter(borrowed.rest, largest),
        )
    )
    rows.append(
        (
            text("the network"),
            text(f"{borrowed.network * len(borrowed.tokens):.1f}"),
            _meter(borrowed.network, largest),
        )
    )
    head = ("work", "tokens", "share of the whole")
    body = table(
        f"Shares of {len(borrowed.tokens):,} tokens; they sum to 100 %", head, rows, numeric=frozenset({1})
    )
    return tag("section", tag("h2", text("The works")), body, _tokens(trace, borrowed))


def _meter(share: float, largest: float) -> Markup:
    width = min(100.0, 100 * share / max(largest, 1e-9))
    return join(
        [
            tag("span", cls="meter", attrs={"style": f"width:{width * 0.6:.1f}%", "aria-hidden": "true"}),
            text(percent(share)),
        ]
    )


def _tokens(trace: Trace, borrowed: Borrowed) -> Markup:
    medium, piece = medium_of(trace), content(trace)

    def rows() -> Iterable[tuple[Markup, ...]]:
        for t, token in enumerate(borrowed.tokens[: TRACE.table_rows], 1):
            best = token.places[0] if token.places else None
            place = f", {short(best.place)}" if best and best.place else ""
            source = (
                join([name(trace.work(best.work)), text(f"{place}: {percent(best.share)}")])
                if best
                else text("none")
            )
            said = medium.said(piece, token.start, token.end) or str(token.start)
            yield text(t), tag("code", text(said)), text(percent(token.memory)), source

    shown = (
        f"The first {TRACE.table_rows:,} of {len(borrowed.tokens):,} tokens"
        if len(borrowed.tokens) > TRACE.table_rows
        else f"All {len(borrowed.tokens):,} tokens"
    )
    what = "token" if is_read(trace) else medium.names.one
    body = table(
        "Each token, its share from the memory, and its strongest place",
        ("no.", what, "memory", "strongest place"),
        rows(),
        numeric=frozenset({0, 2}),
    )
    return fold(f"{shown} as a table", body)


def alike(trace: Trace) -> Markup:
    """The nearest works, and whether that is more than ordinary."""
    like = trace.resembles
    if like is None or not like.nearest:
        return Markup("")
    rows = [
        (name(trace.work(n.work)), text(short(n.place)), text(f"{n.similarity:.2f}")) for n in like.nearest
    ]
    works = (
        f"{like.held_out} held-out passages of {like.held_out_works} work{'s' * (like.held_out_works != 1)}"
    )
    if like.p is None:
        said = f"Too few works are held out to say what is usual: {works}; {like.needed} passages are needed."
    else:
        verdict = (
            "Flagged: closer to a work than held-out works usually are."
            if like.flagged
            else "Not flagged: no closer to a work than held-out works usually are."
        )
        said = (
            f"{verdict} p = {like.p:.2g} against {works}; flagged at p ≤ {like.alpha:g}; the smallest "
            f"possible is {1 / (like.held_out + 1):.2g}."
        )
    caption = f"Nearest works, by passages of about {like.per_size:,} {trace.unit}"
    return tag(
        "section",
        tag("h2", text("Resembles")),
        tag("p", text(said)),
        table(caption, ("work", "from", "similarity, at most 1"), rows, numeric=frozenset({2})),
    )


def short(place: str) -> str:
    """A place whose heading is a whole sentence, cut to what is needed to find it."""
    return place if len(place) <= 48 else place[:46].rsplit(" ", 1)[0] + " …"


def name(work: WorkRef) -> Markup:
    """A work in running text: its title, and its maker where the title does not say."""
    title = tag("cite", tag("bdi", text(work.title)))
    return join([title, text(" by "), tag("bdi", text(work.maker))]) if work.says_maker else title


def plain(work: WorkRef) -> str:
    """The same without markup."""
    return f"{work.title} by {work.maker}" if work.says_maker else work.title
