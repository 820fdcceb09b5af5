"""What a drawing in SVG grows to when it is drawn: copies of copies, patterns in patterns and the like
multiply as entity bombs do.

Counted before drawing, without expanding anything. Counts a little too much where style sheets say which
element refers to what.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from lxml import etree

from etude.config.media import IMAGE
from etude.errors import WorkError

_REF = re.compile(r"url\(\s*['\"]?\s*#([^'\")\s]+)", re.I)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTED = re.compile(r"[.#]?[\w-]+|\*")
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.S)
_ASIDE = re.compile(
    r"\[[^\]]*\]|::?[\w-]+"
)  # conditions that we do not follow: without them more elements count
_BESIDE, _INSIDE = re.compile(r"[+~]"), re.compile(r"[\s>]+")
_Sheet = dict[
    str, list[tuple[list[frozenset[str]], list[str]]]
]  # by one word of the last part: all its parts, what the rule refers to
_CHEAP = ("lineargradient", "radialgradient", "stop")  # drawn once, whoever refers to them


def check(elements: Sequence[etree._Element]) -> None:
    """Raises WorkError for a drawing that grows beyond `IMAGE.max_svg_drawn` elements or contains itself. The
    first is the root."""
    by_id = {str(e.get("id")): e for e in elements if e.get("id")}
    sheet = _sheet(elements)
    known: dict[etree._Element, int] = {}
    open_now: set[etree._Element] = set()

    def grown(element: etree._Element, depth: int) -> int:
        if element in known:
            return known[element]
        if element in open_now or depth > 150:
            raise WorkError(
                "This drawing contains itself, or is nested too deeply.", "Export it as PNG and add that."
            )
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
    for word in _is_a(element) if sheet else ():
        for selected, targets in sheet.get(word, ()):
            if _fits(element, selected):
                yield from targets


def _fits(element: etree._Element, selected: list[frozenset[str]]) -> bool:
    """Whether the element is what the last part says, within elements that are what the parts before it
    say."""
    *around, last = selected
    if not last <= _is_a(element):
        return False
    for outer in element.iterancestors():
        if around and around[-1] <= _is_a(outer):
            around.pop()
    return not around


def _is_a(element: etree._Element) -> set[str]:
    return {
        "*",
        _name(element),
        f"#{element.get('id')}",
        *(f".{c}" for c in str(element.get("class", "")).split()),
    }


def _sheet(elements: Sequence[etree._Element]) -> _Sheet:
    """What an element must be for a rule, and be within, and what the rule refers to."""
    found: _Sheet = defaultdict(list)
    for element in elements:
        if _name(element) == "style" and element.text:
            for selectors, body in _RULE.findall(_COMMENT.sub("", element.text)):
                targets = _REF.findall(body)
                if targets and ("\\" in selectors or "(" in selectors):
                    found["*"].append(([frozenset()], targets))  # what we do not read may be anything
                    continue
                for selector in selectors.split(",") if targets else ():
                    within = _BESIDE.split(_ASIDE.sub("", selector))[
                        -1
                    ]  # what stands beside it is not looked for
                    parts = [
                        frozenset(map(_lowered, _SELECTED.findall(part)))
                        for part in _INSIDE.split(within.strip())
                    ]
                    found[max(parts[-1], key=lambda t: (t[0] in ".#", t), default="*")].append(
                        (parts, targets)
                    )
    if sum(len(found.get(word, ())) for element in elements for word in _is_a(element)) > IMAGE.max_svg_rules:
        raise WorkError("This drawing has too many style rules.", "Export it as PNG and add that.")
    return found


def _lowered(token: str) -> str:
    return token if token[0] in ".#" else token.lower()


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
