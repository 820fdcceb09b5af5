"""What the styles of a Word document say that changes its text: hidden words, space between paragraphs,
contents, headings.

Office Open XML (ECMA-376 part 1, 17.7): a style is based on another, and the document's defaults lie below
all. Knows only trees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml import etree

from etude.media.text.css import local_name

_CONTENTS = re.compile(
    r"(?:toc|contents|verzeichnis|tm|sommario|tdc|inhopg) ?\d|toc ?heading|table of "
    r"(?:figures|authorities)|index ?(?:\d|heading)",
    re.I,
)
_HEADING = re.compile(r"heading ?\d|title|subtitle", re.I)


@dataclass(frozen=True)
class Style:
    """Of paragraphs and runs; None where nothing is said. Lengths in points."""

    name: str = ""
    before: float | None = None
    after: float | None = None
    indent: float | None = None
    close: bool = False
    hidden: bool = False
    heading: bool = False
    font: str = ""
    raised: str = ""  # "sup" or "sub"

    @property
    def contents(self) -> bool:
        """Whether a paragraph of this style is an entry of a table of contents or an index."""
        return bool(_CONTENTS.fullmatch(self.name))


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child with this local name (in small letters)."""
    if element is not None:
        for inner in element:
            if local_name(inner) == name:
                return inner
    return None


def value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute by its local name, or ''."""
    if element is None:
        return ""
    return next((str(v) for k, v in element.attrib.items() if str(k).rsplit("}", 1)[-1] == name), "")


def on(element: etree._Element | None) -> bool:
    """Whether a switch is there and not turned off."""
    return element is not None and value(element).lower() not in ("0", "false", "off", "none")


def read_styles(root: etree._Element | None) -> dict[str, Style]:
    """Style id -> style, with what it inherits; "" is what holds for a paragraph of no style. {} where there
    is no part of styles.
    """
    if root is None:
        return {}
    raw = {value(e, "styleId"): e for e in root if local_name(e) == "style"}
    defaults = child(root, "docdefaults")
    base = Style(before=0.0, after=0.0, indent=0.0)
    base = changed(
        base, child(child(defaults, "pprdefault"), "ppr"), child(child(defaults, "rprdefault"), "rpr")
    )
    found: dict[str, Style] = {}

    def resolve(key: str, depth: int) -> Style:
        if key in found:
            return found[key]
        element = raw.get(key)
        if element is None or depth > 20:
            return base
        above = (
            resolve(value(child(element, "basedon")), depth + 1)
            if child(element, "basedon") is not None
            else base
        )
        name = value(child(element, "name")) or key
        style = changed(above, child(element, "ppr"), child(element, "rpr"))
        found[key] = replace(style, name=name, heading=style.heading or bool(_HEADING.fullmatch(name)))
        return found[key]

    for key in raw:
        resolve(key, 0)
    normal = next(
        (
            k
            for k, e in raw.items()
            if value(e, "type") == "paragraph" and value(e, "default") in ("1", "true", "on")
        ),
        "",
    )
    return found | {"": found.get(normal, base)}


def style_of(styles: Mapping[str, Style], key: str) -> Style:
    """The style with this id; where the document has no such style, what its id alone says."""
    if key in styles:
        return styles[key]
    base = styles.get("", Style())
    return replace(base, name=key, heading=bool(_HEADING.fullmatch(key))) if key else base


def changed(style: Style, ppr: etree._Element | None, rpr: etree._Element | None) -> Style:
    """A style, or the look of one paragraph, with what these properties say themselves."""
    spacing, indentation = child(ppr, "spacing"), child(ppr, "ind")
    if spacing is not None:
        auto = {
            side: value(spacing, f"{side}Autospacing").lower() in ("1", "true", "on")
            for side in ("before", "after")
        }
        style = replace(
            style,
            before=14.0 if auto["before"] else _points(value(spacing, "before"), style.before),
            after=14.0 if auto["after"] else _points(value(spacing, "after"), style.after),
        )
    if indentation is not None:
        style = replace(style, indent=_points(value(indentation, "firstLine"), style.indent))
        if value(indentation, "hanging"):
            style = replace(style, indent=0.0)
    if (close := child(ppr, "contextualspacing")) is not None:
        style = replace(style, close=on(close))
    if (level := child(ppr, "outlinelvl")) is not None:
        style = replace(style, heading=value(level) in tuple("012345678"))
    if (hidden := child(rpr, "vanish")) is not None:
        style = replace(style, hidden=on(hidden))
    if (fonts := child(rpr, "rfonts")) is not None:
        if (font := value(fonts, "ascii")) and font != style.font:
            style = replace(style, font=font)
    if (align := child(rpr, "vertalign")) is not None:
        style = replace(style, raised={"superscript": "sup", "subscript": "sub"}.get(value(align), ""))
    return style


def _points(twips: str, default: float | None) -> float | None:
    """Twentieths of a point, or a length with its unit (in strict documents)."""
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)(pt|cm|mm|in|pi|pc)?", twips)
    if not found:
        return default
    return float(found[1]) * {"pt": 1.0, "cm": 28.35, "mm": 2.835, "in": 72.0, "pi": 12.0, "pc": 12.0}.get(
        found[2] or "", 0.05
    )
