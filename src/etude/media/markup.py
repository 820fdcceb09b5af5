"""Markup that cannot go wrong: every text and attribute is escaped. For inline SVG of contents and for the
pages that show it.

Knows no medium.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import NewType

Markup = NewType("Markup", str)
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_VOID = frozenset({"meta", "br", "col"})


def text(value: object) -> Markup:
    """Any value as escaped text. What HTML or UTF-8 forbids (control characters, lone surrogates) becomes the
    replacement character."""
    return Markup(html.escape(_FORBIDDEN.sub("\ufffd", str(value)), quote=True))


def tag(name: str, *inside: Markup, attrs: Mapping[str, object] | None = None, cls: str = "") -> Markup:
    """An element. Attributes are escaped; None and False leave an attribute out, True gives it alone."""
    pairs = {**({"class": cls} if cls else {}), **(attrs or {})}
    words = "".join(
        f" {k}" if v is True else f' {k}="{text(v)}"'
        for k, v in pairs.items()
        if v is not None and v is not False
    )
    return Markup(f"<{name}{words}>" if name in _VOID else f"<{name}{words}>{''.join(inside)}</{name}>")


def join(parts: Iterable[Markup], between: str = "") -> Markup:
    """Several pieces of markup in a row; `between` is escaped."""
    return Markup(text(between).join(parts))
