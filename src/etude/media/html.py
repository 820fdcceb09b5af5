"""Tables, folds and whole pages of HTML that cannot go wrong: a page carries the hash of its own script.

Knows no medium and no record. The Content-Security-Policy of a page forbids every other script and every
request, so that even a title that slipped through unescaped could neither run nor call home.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from etude.media.markup import Markup, join, tag, text

__all__ = ["Markup", "fold", "join", "page", "table", "tag", "text"]


def table(
    caption: str,
    head: Iterable[str],
    rows: Iterable[Iterable[Markup]],
    *,
    numeric: frozenset[int] = frozenset(),
) -> Markup:
    """A table with a caption and column headings; columns in `numeric` are set flush right."""
    heads = join(
        tag("th", text(h), attrs={"scope": "col"}, cls="n" if i in numeric else "")
        for i, h in enumerate(head)
    )
    body = join(
        tag("tr", *(tag("td", cell, cls="n" if i in numeric else "") for i, cell in enumerate(row)))
        for row in rows
    )
    inner = tag("table", tag("caption", text(caption)), tag("thead", tag("tr", heads)), tag("tbody", body))
    return tag("div", inner, cls="scroll", attrs={"tabindex": 0, "role": "region", "aria-label": caption})


def fold(summary: str, *inside: Markup) -> Markup:
    """A part that is closed until it is asked for."""
    return tag("details", tag("summary", text(summary)), *inside)


def page(title: str, body: Markup, *, style: str, script: str, lang: str = "en") -> str:
    """A whole document without any outside resource. `style` and `script` are ours, never a person's."""
    assert "</" not in style and "</script" not in script.lower()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "media-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    head = "".join(
        [
            tag("meta", attrs={"charset": "utf-8"}),
            tag("meta", attrs={"http-equiv": "Content-Security-Policy", "content": policy}),
            tag("meta", attrs={"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            tag("meta", attrs={"name": "color-scheme", "content": "light dark"}),
            tag("meta", attrs={"name": "referrer", "content": "no-referrer"}),
            tag("title", text(title)),
            f"<style>{style}</style>",
        ]
    )
    return (
        "<!doctype html>\n<html "
        f'lang="{text(lang)}"><head>{head}</head>\n<body>{body}\n<script>{script}</script></body></html>\n'
    )
