"""The trace as one HTML page that can be read anywhere: no outside resource, nothing that needs a script to
be read.

The piece stands first, set like a page of a book (or as a piano roll), then what stands word for word, what
was followed, the works, what it resembles and what all that means. The script only shows, beside a token, the
places it came from. Knows the record alone.
"""

from __future__ import annotations

import json
from pathlib import Path

from etude.media.html import Markup, join, page, tag, text
from etude.trace.page.lists import alike, followed, plain, short, verbatim, works
from etude.trace.page.piece import drawn, is_read, sound
from etude.trace.page.text import set_text
from etude.trace.record import Borrowed, Trace, Voice
from etude.trace.summary import percent


def render(trace: Trace, *, audio_wav: bytes | None = None) -> str:
    """The whole page. `audio_wav` is embedded and can be played beside the roll."""
    name = trace.title or "Untitled"
    body = join(
        [
            _header(trace, name),
            tag(
                "main",
                _piece(trace, audio_wav),
                verbatim(trace),
                followed(trace),
                works(trace),
                alike(trace),
                _meaning(trace),
            ),
            tag(
                "footer",
                text(
                    f"Trace of {trace.id}. Made with Etude; the same record as data: etude trace {trace.id} "
                    "--json"
                ),
            ),
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
            f"trained on “{trace.collection}”" if trace.collection else "",
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
    """Who gave the tokens, as one bar: the largest works, the other works, and the network, each with its
    number."""
    large = [w for w in borrowed.works[:4] if w.share >= 0.01]
    other = borrowed.memory - sum(w.share for w in large)
    rows = [(plain(trace.work(w.work)), w.share, f"w{i}") for i, w in enumerate(large)]
    rows += [("other places of the memory", other, "wo")] if other > 0.0005 else []
    rows.append(("the network", borrowed.network, "wn"))
    strips = [
        tag("span", text(i), cls=cls, attrs={"style": f"flex-grow:{max(share, 0.004):.4f}"})
        for i, (_, share, cls) in enumerate(rows, 1)
    ]
    keys = [
        tag(
            "li",
            tag("i", text(i), cls=cls),
            tag("bdi", text(label)),
            text(" "),
            tag("b", text(percent(share))),
        )
        for i, (label, share, cls) in enumerate(rows, 1)
    ]
    return tag(
        "div",
        tag("div", *strips, cls="bar", attrs={"aria-hidden": "true"}),
        tag("ol", *keys, cls="key"),
        cls="shares",
    )


def _piece(trace: Trace, audio_wav: bytes | None) -> Markup:
    head = tag("h2", text("The piece"))
    if not is_read(trace):
        return tag("section", head, sound(audio_wav), drawn(trace), cls="piece")
    shown = [_switch("nums", "shares as numbers"), _switch("bare", "plain text")]
    voiced = []
    if trace.voice is not None:
        shown.insert(1, _switch("voice", "voice as numbers"))
        voiced.append(_voice_legend(trace.voice))
    switches = tag("div", *shown, cls="switches")
    legend = tag(
        "p",
        text("From the memory: "),
        *(tag("span", text(t), cls=f"m{i}") for i, t in enumerate(_STEPS, 1)),
        cls="legend",
    )
    under = tag(
        "p",
        tag("span", text("underlined"), cls="v"),
        text(": word for word in a work; the number leads to it."),
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
        "section",
        head,
        tag("article", set_text(trace)),
        loupe,
        tag("div", legend, under, *voiced, switches, cls="keys"),
        cls="piece",
    )


def _voice_legend(voice: Voice) -> Markup:
    return tag(
        "p",
        text("Moved by the works away from the base: "),
        tag("span", text("likelier"), cls="o1"),
        text(" by 1 nat, "),
        tag("span", text("far likelier"), cls="o2"),
        text(" by 3, "),
        tag("span", text("less likely"), cls="om"),
        text(f" by 1. What {voice.base} itself owes to whom is not known."),
        cls="legend",
    )


_STEPS = ("10 %", "30 %", "55 %", "80 % and more")
_HINT = "Point at a shaded word, or move to one with Tab, to see where it came from."


def _switch(name: str, label: str) -> Markup:
    return tag("label", tag("input", attrs={"type": "checkbox", "id": name}), text(label))


def _meaning(trace: Trace) -> Markup:
    return tag(
        "section",
        tag("h2", text("How to read this")),
        tag("ul", *(tag("li", text(n)) for n in trace.notes)),
        cls="meaning",
    )


def _data(trace: Trace) -> Markup:
    """What the script shows beside a token, as JSON in which no markup can begin."""
    if trace.borrowed is None or not is_read(trace):
        return Markup("{}")
    number = {w.id: i for i, w in enumerate(trace.works)}
    tokens = [
        [
            round(t.memory, 4),
            round(t.rest, 4),
            [[number[p.work], round(p.share, 4), short(p.place)] for p in t.places[:5]],
        ]
        for t in trace.borrowed.tokens
    ]
    passages = [
        [number[p.work], round(p.share, 4), short(p.place), *p.quote] for p in trace.borrowed.passages
    ]
    value = {"works": [plain(w) for w in trace.works], "tokens": tokens, "passages": passages}
    return Markup(json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c"))
