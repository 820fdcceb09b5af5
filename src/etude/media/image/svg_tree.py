"""Small questions to an element of a drawing. Knows nothing of styles or sizes."""

from __future__ import annotations

from typing import Any, TypeAlias

Element: TypeAlias = Any  # an lxml element: the package carries no types
_XLINK = "{http://www.w3.org/1999/xlink}href"


def name_of(element: Element) -> str:
    """Its name without the namespace; '' for comments and the like."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def href(element: Element) -> str:
    """What it links to, in either spelling."""
    return str(element.get("href") or element.get(_XLINK) or "").strip()


def set_href(element: Element, value: str) -> None:
    """Link it to something else."""
    element.attrib.pop(_XLINK, None)
    element.set("href", value)
