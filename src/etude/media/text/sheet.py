"""Many texts on one page for a browser: how each begins, side by side. Knows nothing of takes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

SHOWN = 320  # characters of each

_STYLE = """
body { margin: 24px; background: #f3f4f7; color: #22242a; font: 14px/1.4 Georgia, "Times New Roman", serif; }
h1 { font: 600 18px system-ui, sans-serif; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 12px; }
article { background: #fff; border-radius: 6px; padding: 10px 14px; overflow: hidden; }
article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
article small { color: #6a6f7a; font: 11px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  body { background: #17191d; color: #e4e6eb; }
  article { background: #22252b; }
  article small { color: #9aa0ab; }
}
"""


def page(texts: Sequence[tuple[str, str]], title: str) -> str:
    """A self-contained page of (name, text)."""
    cards = "\n".join(
        f"<article><p>{escape(_beginning(text))}</p><small>{escape(name)}</small></article>"
        for name, text in texts
    )
    return (
        '<!doctype html>\n<html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n"
        f"<main>\n{cards}\n</main></body></html>\n"
    )


def _beginning(text: str) -> str:
    """At most SHOWN characters, cut at a word."""
    text = text.strip()
    if len(text) <= SHOWN:
        return text
    cut = text[:SHOWN]
    return (
        cut[: max(cut.rfind(" "), cut.rfind("\n"))] if " " in cut or "\n" in cut else cut
    ).rstrip() + " \u2026"
