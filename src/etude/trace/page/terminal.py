"""The trace for a terminal: a list of (text, style) that whoever prints it turns into colours, or leaves
plain.

Styles are names, `STYLES` says what they look like in the words of rich; a printer without colours may leave
them out, since numbers and marks say the same: verbatim runs carry their number in brackets. Control
characters never reach the terminal: a title may hold escape sequences. Knows the record alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from etude.trace.page.piece import is_read, medium_of
from etude.trace.page.text import shade
from etude.trace.record import Trace
from etude.trace.summary import percent
from etude.trace.voice import level, strongest

Styled = tuple[str, str]
STYLES: Mapping[str, str] = {
    "": "",
    "title": "bold",
    "head": "bold",
    "dim": "dim",
    "m1": "on #2e2616",
    "m2": "on #4a3a18",
    "m3": "on #6e531c",
    "m4": "bold on #946b1c",
    "v": "underline",
    "o": "italic",
    "number": "bold cyan",
}
BAR = 24  # characters of the longest bar
RUNS, WORKS = 10, 10  # lines of each list; the page has them all
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean(text: object) -> str:
    """The text without what a terminal would obey: control characters, escapes, changes of direction."""
    return _CONTROL.sub("\ufffd", str(text))


def lines(trace: Trace) -> list[Styled]:
    """The whole trace; a style may be several names parted by spaces ('m3 v'). Text holds its own line
    ends."""
    out: list[Styled] = [
        (clean(trace.title or "Untitled"), "title"),
        (f"  {trace.medium}, {clean(trace.id)}\n\n", "dim"),
    ]
    if is_read(trace):
        out += [*_text(trace), ("\n\n", "")]
    out.append((clean(trace.summary) + "\n", ""))
    out += [*_works(trace), *_runs(trace), *_alike(trace), *_moved(trace)]
    return [item for item in out if item[0]]


def plain(trace: Trace) -> str:
    """The same without styles."""
    return "".join(text for text, _ in lines(trace))


def _text(trace: Trace) -> list[Styled]:
    """The piece, cut wherever a token or a run begins or ends."""
    tokens = trace.borrowed.tokens if trace.borrowed else ()
    spans = trace.verbatim.spans
    cuts = (
        {0, len(trace.content)}
        | {u for t in tokens for u in (t.start, t.end)}
        | {u for s in spans for r in s.ranges for u in r}
    )
    words = [w for w in trace.voice.words if level(w.nats) > 0] if trace.voice else []
    edges = sorted(cuts | {u for w in words for u in (w.start, w.end)})
    out: list[Styled] = []
    at = 0
    for a, b in pairwise(edges):
        while at < len(tokens) and tokens[at].end <= a:
            at += 1
        deep = shade(tokens[at].memory) if at < len(tokens) and tokens[at].start <= a else 0
        run = any(x <= a and b <= y for s in spans for x, y in s.ranges)
        own = any(w.start <= a and b <= w.end for w in words)
        styles = [f"m{deep}"] * bool(deep) + ["v"] * run + ["o"] * own
        out.append((clean(trace.content[a:b]), " ".join(styles)))
        out += [(f"[{s.number}]", "number") for s in spans if s.ranges[-1][1] == b]
    return out


def _works(trace: Trace) -> list[Styled]:
    borrowed = trace.borrowed
    if borrowed is None or not borrowed.works:
        return []
    rows = [(_name(trace, w.work), w.share) for w in borrowed.works[:WORKS]]
    others = borrowed.memory - sum(share for _, share in rows)
    rows += [("other places of the memory", others), ("the network", borrowed.network)]
    most, wide = max(share for _, share in rows), max(len(name) for name, _ in rows)
    out: list[Styled] = [("\nShares of the whole take\n", "head")]
    for name, share in rows:
        out += [
            (f"  {name:<{wide}}  ", ""),
            ("█" * round(BAR * share / max(most, 1e-9)), "dim"),
            (f" {percent(share)}\n", ""),
        ]
    return out


def _runs(trace: Trace) -> list[Styled]:
    found = trace.verbatim
    if not found.spans:
        return []
    out: list[Styled] = [(f"\n{medium_of(trace).runs.how.capitalize()}\n", "head")]
    for span in found.spans[:RUNS]:
        quote = f" “{clean(' '.join(span.text.split()))[:72]}”" if span.text else ""
        out += [(f"  [{span.number}]", "number"), (f" {span.length} {found.unit}, {span.here}{quote}\n", "")]
        out += [(f"      {_name(trace, p.work)}, {clean(p.place)}\n", "dim") for p in span.places[:2]]
    if len(found.spans) > RUNS:
        out.append((f"  and {len(found.spans) - RUNS} more\n", "dim"))
    return out


def _alike(trace: Trace) -> list[Styled]:
    if trace.resembles is None or not trace.resembles.nearest:
        return []
    rows = [
        f"  {n.similarity:.2f}  {_name(trace, n.work)}, {clean(n.place)}\n"
        for n in trace.resembles.nearest[:5]
    ]
    return [("\nMost like (similarity, at most 1)\n", "head"), *((row, "") for row in rows)]


def _moved(trace: Trace) -> list[Styled]:
    if trace.voice is None:
        return []
    rows = [f"  {nats:+5.1f}  {clean(word)}\n" for word, nats in strongest(trace.voice, trace.content)]
    if not rows:
        return []
    return [("\nWords that the works moved farthest (nats)\n", "head"), *((row, "") for row in rows)]


def _name(trace: Trace, work_id: str) -> str:
    work = trace.work(work_id)
    return clean(f"{work.title}, {work.maker}" if work.says_maker else work.title)
