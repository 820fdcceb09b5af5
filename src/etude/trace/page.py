"""The trace as one HTML page that can be read anywhere: no outside resource, nothing that needs a script to be read.

The piece stands first, set like a page of a book (or as a piano roll), then what stands word for word, what was followed, the works,
what it resembles and what all that means. The script only shows, beside a token, the places it came from. Knows the record alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from etude.media import MEDIA
from etude.media.score import Score
from etude.trace.html import Markup, join, page, table, tag, text
from etude.trace.record import Borrowed, Passage, Span, Trace, WorkRef
from etude.trace.roll import mini_roll, pitch_name, roll
from etude.trace.setting import quoted, set_text
from etude.trace.summary import percent
from etude.trace.verbatim import notes_of

SHOWN = 10  # passages and works listed before the rest folds away
TABLE_ROWS = 2000  # tokens in the table: more makes a page that browsers are slow to open


def render(trace: Trace, *, audio_wav: bytes | None = None) -> str:
    """The whole page. `audio_wav` is embedded and can be played beside the roll."""
    name = trace.title or "Untitled"
    body = join(
        [
            _header(trace, name),
            tag(
                "main",
                _piece(trace, audio_wav),
                _verbatim(trace),
                _followed(trace),
                _works(trace),
                _alike(trace),
                _meaning(trace),
            ),
            tag("footer", text(f"Trace of {trace.id}. Made with Etude; the same record as data: etude trace {trace.id} --json")),
            tag("script", _data(trace), attrs={"type": "application/json", "id": "data"}),
        ]
    )
    return page(f"{name}: trace", body, style=_asset("page.css"), script=_asset("page.js"))


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _header(trace: Trace, name: str) -> Markup:
    source = " · ".join(
        part
        for part in (
            trace.medium,
            f"learned from “{trace.collection}”" if trace.collection else "",
            f"model {trace.model}" if trace.model else "",
        )
        if part
    )
    parts = [
        tag("p", text("What this piece owes"), cls="kicker"),
        tag("h1", tag("bdi", text(name))),
        tag("p", text(source), cls="meta"),
    ]
    parts.append(tag("div", *(tag("p", text(line)) for line in trace.summary.split("\n")), cls="summary"))
    if trace.borrowed and trace.borrowed.tokens:
        parts.append(_bar(trace, trace.borrowed))
    return tag("header", *parts)


def _bar(trace: Trace, borrowed: Borrowed) -> Markup:
    """Who gave the tokens, as one bar: the largest works, the other works, and the network, each with its number."""
    large = [w for w in borrowed.works[:4] if w.share >= 0.01]
    other = borrowed.memory - sum(w.share for w in large)
    rows = [(_plain(trace.work(w.work)), w.share, f"w{i}") for i, w in enumerate(large)]
    rows += [("other places of the memory", other, "wo")] if other > 0.0005 else []
    rows.append(("the network", borrowed.network, "wn"))
    strips = [
        tag("span", text(i), cls=cls, attrs={"style": f"flex-grow:{max(share, 0.004):.4f}"})
        for i, (_, share, cls) in enumerate(rows, 1)
    ]
    keys = [
        tag("li", tag("i", text(i), cls=cls), tag("bdi", text(label)), text(" "), tag("b", text(percent(share))))
        for i, (label, share, cls) in enumerate(rows, 1)
    ]
    return tag("div", tag("div", *strips, cls="bar", attrs={"aria-hidden": "true"}), tag("ol", *keys, cls="key"), cls="shares")


def _piece(trace: Trace, audio_wav: bytes | None) -> Markup:
    head = tag("h2", text("The piece"))
    if trace.medium == "music":
        return tag("section", head, _sound(audio_wav), _music(trace), cls="piece")
    switches = tag("div", _switch("nums", "shares as numbers"), _switch("bare", "plain text"), cls="switches")
    legend = tag(
        "p", text("From the memory: "), *(tag("span", text(t), cls=f"m{i}") for i, t in enumerate(_STEPS, 1)), cls="legend"
    )
    under = tag(
        "p",
        tag("span", text("underlined"), cls="v"),
        text(" stands word for word in a work; the number leads to it."),
        cls="legend",
    )
    loupe = tag(
        "aside",
        tag("p", text(_HINT), cls="dim"),
        cls="loupe",
        attrs={"id": "loupe", "aria-live": "polite", "aria-label": "Where it came from"},
    )
    if trace.borrowed is None:
        return tag("section", head, tag("article", set_text(trace)), under, cls="piece alone")
    return tag(
        "section", head, tag("article", set_text(trace)), loupe, tag("div", legend, under, switches, cls="keys"), cls="piece"
    )


_STEPS = ("10 %", "30 %", "55 %", "80 % and more")
_HINT = "Point at a shaded word, or move to one with Tab, to see where it came from."


def _switch(name: str, label: str) -> Markup:
    return tag("label", tag("input", attrs={"type": "checkbox", "id": name}), text(label))


def _sound(audio_wav: bytes | None) -> Markup:
    if not audio_wav:
        return Markup("")
    source = "data:audio/wav;base64," + base64.b64encode(audio_wav).decode()
    return tag("audio", attrs={"controls": True, "src": source, "preload": "metadata"})


def _music(trace: Trace) -> Markup:
    score = _score(trace)
    shares = note_shares(trace.borrowed) if trace.borrowed else {}
    drawing = roll(score, shares, trace.verbatim.spans, title=f"Piano roll: {MEDIA['music'].describe(score)}")
    tracks = [
        tag("li", tag("i", cls=f"k{i % 6}"), tag("bdi", text(t.name or f"voice {i + 1}"))) for i, t in enumerate(score.tracks)
    ]
    filled = "A full note came from the memory, a hollow one from the network. " if shares else ""
    key = tag(
        "p", text(f"{filled}Underlined notes stand in a work, in any key and at any tempo; the number leads to it."), cls="legend"
    )
    wide = tag("div", drawing, cls="scroll", attrs={"tabindex": 0, "role": "region", "aria-label": "Piano roll"})
    return join(
        [
            wide,
            tag("ul", *tracks, cls="voices"),
            key,
            tag("p", text(MEDIA["music"].describe(score)), cls="meta"),
            _notes_table(score, shares),
        ]
    )


def _score(trace: Trace) -> Score:
    score: Score = MEDIA["music"].load(trace.content.encode())
    return score


def note_shares(borrowed: Borrowed) -> dict[int, float]:
    """Index of each note -> share of the memory in the token that names it (the mean, where several do)."""
    given: dict[int, list[float]] = {}
    for token in borrowed.tokens:
        for unit in range(token.start, token.end):
            given.setdefault(unit, []).append(token.memory)
    return {unit: sum(values) / len(values) for unit, values in given.items()}


def _notes_table(score: Score, shares: dict[int, float]) -> Markup:
    medium = MEDIA["music"]
    rows = [
        (text(medium.place(score, i)), text(pitch_name(n.pitch)), text(percent(shares[i]) if i in shares else "not known"))
        for i, (_, n) in enumerate(score.flat()[:TABLE_ROWS])
    ]
    return _fold(
        f"All {medium.size(score):,} notes as a table",
        table("Notes and their share from the memory", ("where", "note", "memory"), rows, numeric=frozenset({2})),
    )


def _verbatim(trace: Trace) -> Markup:
    found, music = trace.verbatim, trace.medium == "music"
    how = "Note for note" if music else "Word for word"
    if not found.spans:
        said = f"No run of {found.minimum} or more {found.unit} stands in the works. The longest has {found.longest}."
        return tag("section", tag("h2", text(how)), tag("p", text(said)))
    items = [_span(trace, s, music) for s in found.spans]
    return tag("section", tag("h2", text(how)), tag("ol", *items, cls="runs"), attrs={"id": "verbatim"})


def _span(trace: Trace, span: Span, music: bool) -> Markup:
    works = f"in {span.works} works" if span.works > 1 else "in one work"
    times = f", {span.times} times" if span.times > span.works else ""
    head = f"{span.length} {trace.verbatim.unit}, {works}{times}"
    number = tag(
        "a",
        text(span.number),
        cls="b",
        attrs={"href": f"#at-v{span.number}", "aria-label": f"run {span.number}: back to the piece"},
    )
    if music:
        here = mini_roll(notes_of(_score(trace), span.ranges), f"run {span.number} in the piece")
    else:
        a, b = span.ranges[0]
        here = tag("blockquote", quoted((_tail(trace.content[:a]), span.text, _head(trace.content[b:]))))
    left = tag("div", tag("h4", text(f"In the piece, {span.here}")), here)
    there = [
        tag("div", tag("h4", _name(trace.work(p.work)), text(", " + _short(p.place))), mini_roll(p.notes, p.place) if music else tag("blockquote", quoted(p.quote)))
        for p in span.places
    ]  # fmt: skip
    right = [there[0], _fold(f"{len(there) - 1} more place{'s' * (len(there) > 2)}", *there[1:])] if len(there) > 1 else there
    return tag(
        "li",
        tag("h3", number, text(" " + head)),
        tag("div", left, tag("div", *right), cls="pair"),
        attrs={"id": f"v{span.number}"},
    )


def _tail(before: str, reach: int = 60) -> str:
    cut = before[-reach:]
    return cut if len(before) <= reach else "…" + cut[cut.find(" ") + 1 :]


def _head(after: str, reach: int = 60) -> str:
    cut = after[:reach]
    return cut if len(after) <= reach else cut[: cut.rfind(" ") + 1] + "…"


def _short(place: str) -> str:
    """A place whose heading is a whole sentence, cut to what is needed to find it."""
    return place if len(place) <= 48 else place[:46].rsplit(" ", 1)[0] + " …"


def _followed(trace: Trace) -> Markup:
    """Passages that the runs above do not tell already."""
    told = [(p.work, s.ranges[0]) for s in trace.verbatim.spans for p in s.places]
    every = list(enumerate(trace.borrowed.passages, 1)) if trace.borrowed else []
    fresh = [(i, p) for i, p in every if not any(w == p.work and a <= p.start and p.end <= b + 1 for w, (a, b) in told)]
    if not fresh:
        return Markup("")
    items = [_passage(trace, i, p) for i, p in fresh]
    more = tag("ol", *items[SHOWN:], cls="followed")
    rest = [_fold(f"{len(items) - SHOWN} more", more)] if len(items) > SHOWN else []
    lead = "Where several tokens in a row followed one place of a work: how much of them it gave, and how it goes there."
    return tag(
        "section", tag("h2", text("Followed")), tag("p", text(lead), cls="lead"), tag("ol", *items[:SHOWN], cls="followed"), *rest
    )


def _passage(trace: Trace, number: int, passage: Passage) -> Markup:
    if trace.medium == "text":
        words = tag("q", text(" ".join(trace.content[passage.start : passage.end].split())))
    else:
        words = text(MEDIA["music"].place(_score(trace), passage.start))
    where = tag("span", _name(trace.work(passage.work)), text(f", {_short(passage.place)}" if passage.place else ""), cls="from")
    gave = tag("b", text(percent(passage.share)), cls="n")
    head = join([words, text(" "), where])
    source = (
        tag("details", tag("summary", head), tag("blockquote", quoted(passage.quote))) if passage.quote[1] else tag("div", head)
    )
    return tag("li", gave, source, attrs={"id": f"p{number}"})


def _works(trace: Trace) -> Markup:
    borrowed = trace.borrowed
    if borrowed is None or not borrowed.works:
        return Markup("")
    rows = [
        (_name(trace.work(w.work)), text(f"{w.tokens:.1f}"), _meter(w.share, borrowed.works[0].share)) for w in borrowed.works
    ]
    rows.append(
        (
            text("further places of the memory, not told apart"),
            text(f"{borrowed.rest * len(borrowed.tokens):.1f}"),
            _meter(borrowed.rest, borrowed.works[0].share),
        )
    )
    rows.append(
        (
            text("the network"),
            text(f"{borrowed.network * len(borrowed.tokens):.1f}"),
            _meter(borrowed.network, borrowed.works[0].share),
        )
    )
    head = ("work", "tokens", "share of the whole")
    body = table(f"Shares of {len(borrowed.tokens):,} tokens; they sum to 100 %", head, rows, numeric=frozenset({1}))
    return tag("section", tag("h2", text("The works")), body, _tokens(trace, borrowed))


def _meter(share: float, largest: float) -> Markup:
    width = min(100.0, 100 * share / max(largest, 1e-9))
    return join(
        [tag("span", cls="meter", attrs={"style": f"width:{width * 0.6:.1f}%", "aria-hidden": "true"}), text(percent(share))]
    )


def _tokens(trace: Trace, borrowed: Borrowed) -> Markup:
    def rows() -> Iterable[tuple[Markup, ...]]:
        for t, token in enumerate(borrowed.tokens[:TABLE_ROWS], 1):
            best = token.places[0] if token.places else None
            place = f", {_short(best.place)}" if best and best.place else ""
            source = join([_name(trace.work(best.work)), text(f"{place}: {percent(best.share)}")]) if best else text("none")
            words = repr(trace.content[token.start : token.end])[1:-1] if trace.medium == "text" else str(token.start)
            yield text(t), tag("code", text(words)), text(percent(token.memory)), source

    shown = (
        f"The first {TABLE_ROWS:,} of {len(borrowed.tokens):,} tokens"
        if len(borrowed.tokens) > TABLE_ROWS
        else f"All {len(borrowed.tokens):,} tokens"
    )
    what = "token" if trace.medium == "text" else "note"
    body = table(
        "Each token, its share from the memory, and its strongest place",
        ("no.", what, "memory", "strongest place"),
        rows(),
        numeric=frozenset({0, 2}),
    )
    return _fold(f"{shown} as a table", body)


def _alike(trace: Trace) -> Markup:
    like = trace.resembles
    if like is None or not like.nearest:
        return Markup("")
    rows = [(_name(trace.work(n.work)), text(_short(n.place)), text(f"{n.similarity:.2f}")) for n in like.nearest]
    works = f"{like.held_out} held-out passages of {like.held_out_works} work{'s' * (like.held_out_works != 1)}"
    if like.p is None:
        said = f"Not enough works to say what is ordinary: {works}; at least {like.needed} passages are needed."
    else:
        verdict = (
            "Flagged: nearer than held-out works usually are."
            if like.flagged
            else "Not flagged: as near as held-out works usually are."
        )
        said = f"{verdict} p = {like.p:.2g} against {works}; flagged at p ≤ {like.alpha:g}; the smallest possible is {1 / (like.held_out + 1):.2g}."
    caption = f"Nearest works, by passages of about {like.per_size:,} {trace.unit}"
    return tag(
        "section",
        tag("h2", text("Resembles")),
        tag("p", text(said)),
        table(caption, ("work", "from", "likeness, at most 1"), rows, numeric=frozenset({2})),
    )


def _meaning(trace: Trace) -> Markup:
    return tag(
        "section", tag("h2", text("How to read this")), tag("ul", *(tag("li", text(n)) for n in trace.notes)), cls="meaning"
    )


def _fold(summary: str, *inside: Markup) -> Markup:
    return tag("details", tag("summary", text(summary)), *inside)


def _name(work: WorkRef) -> Markup:
    title = tag("cite", tag("bdi", text(work.title)))
    return join([title, text(" by "), tag("bdi", text(work.maker))]) if _says_maker(work) else title


def _plain(work: WorkRef) -> str:
    return f"{work.title} by {work.maker}" if _says_maker(work) else work.title


def _says_maker(work: WorkRef) -> bool:
    return bool(work.maker) and work.maker.lower() not in work.title.lower()


def _data(trace: Trace) -> Markup:
    """What the script shows beside a token, as JSON in which no markup can begin."""
    if trace.borrowed is None or trace.medium != "text":
        return Markup("{}")
    number = {w.id: i for i, w in enumerate(trace.works)}
    tokens = [
        [round(t.memory, 4), round(t.rest, 4), [[number[p.work], round(p.share, 4), _short(p.place)] for p in t.places[:5]]]
        for t in trace.borrowed.tokens
    ]
    passages = [[number[p.work], round(p.share, 4), _short(p.place), *p.quote] for p in trace.borrowed.passages]
    value = {"works": [_plain(w) for w in trace.works], "tokens": tokens, "passages": passages}
    return Markup(json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c"))
