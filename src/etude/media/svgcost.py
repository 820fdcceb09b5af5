"""What a drawing in SVG grows to when it is drawn: copies of copies, patterns in patterns and the like multiply as entity bombs do.

Counted before drawing, without expanding anything. Counts a little too much where style sheets say which element refers to what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from etude.config import IMAGE
from etude.errors import WorkError

_REF = re.compile(r"url\(\s*['\"]?\s*#([^'\")\s]+)", re.I)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTED = re.compile(r"[.#]?[\w-]+|\*")
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.S)
_ASIDE = re.compile(r"\[[^\]]*\]|::?[\w-]+")  # conditions that we do not follow: without them more elements count
_BETWEEN = re.compile(r"[\s>+~]+")
_Sheet = Sequence[tuple[frozenset[str], list[str]]]
_CHEAP = ("lineargradient", "radialgradient", "stop")  # drawn once, whoever refers to them


def check(elements: Sequence[etree._Element]) -> None:
    """Raises WorkError for a drawing that grows beyond `IMAGE.max_svg_drawn` elements or contains itself. The first is the root."""
    by_id = {str(e.get("id")): e for e in elements if e.get("id")}
    sheet = _sheet(elements)
    known: dict[etree._Element, int] = {}
    open_now: set[etree._Element] = set()

    def grown(element: etree._Element, depth: int) -> int:
        if element in known:
            return known[element]
        if element in open_now or depth > 150:
            raise WorkError("This drawing contains itself, or is nested too deeply.", "Export it as PNG and add that.")
        open_now.add(element)
        total = 1 + sum(grown(child, depth + 1) for child in element if isinstance(child.tag, str))
        for target in _refers_to(element, sheet):
            other = by_id.get(target)
            if other is not None and other is not element and _name(other) not in _CHEAP:
                total += grown(other, depth + 1)
        open_now.discard(element)
        known[element] = min(total, IMAGE.max_svg_drawn + 1)
        return known[element]

    if grown(elements[0], 0) > IMAGE.max_svg_drawn:
        raise WorkError(
            f"This drawing grows to more than {IMAGE.max_svg_drawn:,} elements by copying itself.",
            "Export it as PNG and add that.",
        )


def _refers_to(element: etree._Element, sheet: _Sheet) -> Iterator[str]:
    name = _name(element)
    for key, value in element.attrib.items():
        text = str(value)
        yield from _REF.findall(text)
        if etree.QName(key).localname == "href" and text.startswith("#") and name not in ("a", *_CHEAP):
            yield text[1:]
    if sheet:
        is_a = {"*", name, f"#{element.get('id')}", *(f".{c}" for c in str(element.get("class", "")).split())}
        for selected, targets in sheet:
            if selected <= is_a:
                yield from targets


def _sheet(elements: Sequence[etree._Element]) -> _Sheet:
    """What an element must be for a rule (the last part of each selector), and what the rule refers to."""
    found: list[tuple[frozenset[str], list[str]]] = []
    for element in elements:
        if _name(element) == "style" and element.text:
            for selectors, body in _RULE.findall(_COMMENT.sub("", element.text)):
                targets = _REF.findall(body)
                if targets and ("\\" in selectors or "(" in selectors):
                    found.append((frozenset(), targets))  # what we do not read may be anything
                    continue
                for selector in selectors.split(",") if targets else ():
                    last = _BETWEEN.split(_ASIDE.sub("", selector).strip())[-1]
                    found.append((frozenset(t if t[0] in ".#" else t.lower() for t in _SELECTED.findall(last)), targets))
    return found


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
