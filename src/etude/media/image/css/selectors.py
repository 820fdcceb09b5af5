"""Selectors of CSS: read once, then asked whether they fit an element. After Selectors 4, as far as drawings use it.

An element is any lxml element; ids and classes are told apart by case, and names as XML does. Nothing is hovered over, focused or visited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from etude.errors import WorkError
from etude.media.image.css.values import closing, split

Element: TypeAlias = Any  # an lxml element: the package carries no types
HOLDER = "shadow"  # an element of this name only holds a copy: no selector sees it
Specificity = tuple[int, int, int]
Test = Callable[[Element, "Matching"], bool]
_IDENT = r"(?:--|-?(?:[a-zA-Z_]|[^\x00-\x7f]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n0-9a-fA-F]))(?:[\w-]|[^\x00-\x7f]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n0-9a-fA-F])*"
_PART = re.compile(
    rf"(?P<id>\#{_IDENT})|(?P<class>\.{_IDENT})|(?P<attribute>\[)|(?P<pseudo>::?{_IDENT}\(?)|"
    rf"(?P<name>(?:(?:{_IDENT}|\*)?\|(?!=))?(?:{_IDENT}|\*))"
)
_ATTRIBUTE = re.compile(
    rf"\s*(?:(?:{_IDENT}|\*)?\|(?!=))?({_IDENT})\s*(?:([~|^$*]?=)\s*(\"[^\"]*\"|'[^']*'|[^\s\]]+)\s*([iIsS])?)?\s*$"
)
_PREFIXED = re.compile(rf"(?<![\w=|~^$*])(?!\*){_IDENT}\|(?=[\w*])")
_NTH = re.compile(r"\s*(?:(odd)|(even)|([-+]?\d*)n\s*(?:([-+])\s*(\d+))?|([-+]?\d+))\s*$", re.I)
_NEVER = frozenset(("hover", "active", "focus", "focus-within", "focus-visible", "visited", "target", "checked", "disabled",
                    "enabled", "invalid", "fullscreen", "before", "after", "first-line", "first-letter", "selection", "marker",
                    "placeholder", "backdrop", "any-link", "link", "paused", "playing", "autofill", "modal"))  # fmt: skip


class Wrong(ValueError):
    """A selector that CSS does not know; its whole rule is then void."""


class Matching:
    """How much has been looked at; raises WorkError when a sheet asks for more than `most`."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.places: dict[tuple[Element, str | None, bool], dict[Element, int]] = {}

    def count(self, steps: int = 1) -> None:
        """Raises WorkError once too much was asked."""
        self.left -= steps
        if self.left < 0:
            raise WorkError("This drawing has too many style rules.", "Export it as PNG and add that.")

    def place(self, element: Element, of_type: bool, from_end: bool) -> int:
        """Which child of its parent an element is, from 1; of those of its name alone where wanted."""
        parent = element.getparent()
        if parent is None:
            return 1
        key = (parent, str(element.tag) if of_type else None, from_end)
        if key not in self.places:
            kin = [e for e in parent if isinstance(e.tag, str) and (not of_type or e.tag == element.tag)]
            self.count(len(kin))
            self.places[key] = {e: i for i, e in enumerate(reversed(kin) if from_end else kin, 1)}
        return self.places[key].get(element, 1)


@dataclass(frozen=True)
class Selector:
    """`parts` of tests, the first one's element last; `links` say how each stands to the next: ' ', '>', '+' or '~'.

    `key`: an id, a class or a name that the last part must have ("#a", ".b", "rect", or "*").
    """

    parts: tuple[tuple[Test, ...], ...]
    links: tuple[str, ...]
    specificity: Specificity
    key: str

    def fits(self, element: Element, seen: Matching) -> bool:
        """Whether the element is what the selector says."""
        return self._from(len(self.parts) - 1, element, seen)

    def _from(self, at: int, element: Element, seen: Matching) -> bool:
        seen.count()
        if not all(test(element, seen) for test in self.parts[at]):
            return False
        if at == 0:
            return True
        link = self.links[at - 1]
        if link in " >":
            outer = element.getparent()
            while outer is not None and outer.tag != HOLDER:
                if self._from(at - 1, outer, seen):
                    return True
                outer = outer.getparent() if link == " " else None
            return False
        before = _before(element)
        while before is not None:
            if self._from(at - 1, before, seen):
                return True
            before = _before(before) if link == "~" else None
        return False


def parsed(text: str, forgiving: bool = False) -> list[Selector]:
    """The selectors of a list with commas. Raises Wrong for one that is not known, or leaves it out where `forgiving`."""
    if _PREFIXED.search(text):  # a prefix that nothing has declared
        raise Wrong(text)
    found = []
    for one in split(text):
        try:
            found.append(_selector(one))
        except Wrong:
            if not forgiving:
                raise
    return found


def unescaped(text: str) -> str:
    """A name without the backslashes of CSS."""
    return re.sub(
        r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))",
        lambda m: (
            (
                chr(int(m[1], 16))
                if 0 < int(m[1], 16) < 0x110000 and not 0xD800 <= int(m[1], 16) < 0xE000
                else "\ufffd"
            )
            if m[1]
            else m[2]
        ),
        text,
    )


def _selector(text: str) -> Selector:
    parts: list[tuple[Test, ...]] = []
    links: list[str] = []
    weight = [0, 0, 0]
    key = "*"
    at, link = 0, ""
    text = text.strip()
    while at < len(text):
        gap = re.compile(r"\s*([>+~])\s*|\s+").match(text, at)
        if gap:
            link = gap[1] or " "
            at = gap.end()
            if not parts:
                raise Wrong(text)
            continue
        tests, at, own, key = _compound(text, at)
        if parts:
            links.append(link)
        weight = [a + b for a, b in zip(weight, own)]
        parts.append(tests)
        link = ""
    if not parts or link.strip() or len(parts) > 24:
        raise Wrong(text)
    return Selector(tuple(parts), tuple(links), (weight[0], weight[1], weight[2]), key)


def _compound(text: str, at: int) -> tuple[tuple[Test, ...], int, list[int], str]:
    """The tests of one element, up to the next link; their weight and the best key."""
    tests: list[Test] = []
    weight = [0, 0, 0]
    ids, classes, names = [], [], []
    start = at
    while at < len(text) and (found := _PART.match(text, at)) is not None:
        at = found.end()
        if found["id"]:
            ids.append(unescaped(found["id"][1:]))
            weight[0] += 1
        elif found["class"]:
            classes.append(unescaped(found["class"][1:]))
            weight[1] += 1
        elif found["attribute"]:
            end = text.find("]", at)
            tests.append(_attribute(text[at : end if end >= 0 else len(text)]))
            at = len(text) if end < 0 else end + 1
            weight[1] += 1
        elif found["pseudo"]:
            name = found["pseudo"].lstrip(":").lower()
            inner = ""
            if name.endswith("("):
                end = closing(text, at)
                inner, at = text[at:end], end + 1
            test, own = _pseudo(name, inner)
            tests.append(test)
            weight = [a + b for a, b in zip(weight, own)]
        elif at - len(found[0]) == start:
            name = unescaped(found["name"].rpartition("|")[2])
            if name != "*":
                names.append(name)
                weight[2] += 1
        else:
            raise Wrong(text)
    if at == start:
        raise Wrong(text)
    for one in ids:
        tests.insert(0, _has_id(one))
    for one in classes:
        tests.append(_has_class(one))
    for one in names:
        tests.insert(0, _is_called(one))
    key = f"#{ids[0]}" if ids else f".{classes[0]}" if classes else names[0] if names else "*"
    return tuple(tests), at, weight, key


def _attribute(text: str) -> Test:
    found = _ATTRIBUTE.match(text)
    if found is None:
        raise Wrong(text)
    name, how, value, flag = unescaped(found[1]), found[2], found[3] or "", (found[4] or "").lower()
    value = unescaped(value[1:-1] if value[:1] in "\"'" else value)
    if flag == "i":
        value = value.lower()

    def test(element: Element, _: Matching) -> bool:
        own = element.get(name)
        if own is None:
            own = next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), None)
        if own is None or how is None:
            return own is not None
        own = own.lower() if flag == "i" else own
        if how == "=":
            return bool(own == value)
        if how == "|=":
            return bool(own == value or own.startswith(value + "-"))
        if not value:
            return False
        if how == "~=":
            return value in own.split()
        return own.startswith(value) if how == "^=" else own.endswith(value) if how == "$=" else value in own

    return test


def _pseudo(name: str, inner: str) -> tuple[Test, Sequence[int]]:
    one = (0, 1, 0)
    if name in ("is(", "where(", "matches(", "-webkit-any(", "not("):
        inside = parsed(inner, forgiving=name != "not(")
        weight = max((s.specificity for s in inside), default=(0, 0, 0)) if name != "where(" else (0, 0, 0)
        if name == "not(":
            return lambda e, seen: not any(s.fits(e, seen) for s in inside), weight
        return lambda e, seen: any(s.fits(e, seen) for s in inside), weight
    if name == "has(":
        if not re.match(r"\s*[>+~]", inner):
            inside = parsed(inner, forgiving=True)
            weight = max((s.specificity for s in inside), default=(0, 0, 0))
            return lambda e, seen: any(
                s.fits(d, seen) for d in e.iterdescendants() if isinstance(d.tag, str) for s in inside
            ), weight
        raise Wrong(name)
    if name.rstrip("(") in (
        "nth-child",
        "nth-last-child",
        "nth-of-type",
        "nth-last-of-type",
    ) and name.endswith("("):
        return _nth(inner, "type" in name, "last" in name), one
    if name in ("first-child", "last-child", "first-of-type", "last-of-type"):
        return _nth("1", "type" in name, "last" in name), one
    if name in ("only-child", "only-of-type"):
        first, last = _nth("1", "type" in name, False), _nth("1", "type" in name, True)
        return lambda e, seen: first(e, seen) and last(e, seen), one
    if name in ("root", "scope"):
        return lambda e, _: e.getparent() is None, one
    if name == "empty":
        return lambda e, _: len(e) == 0 and not (e.text or ""), one
    if name == "defined":
        return lambda e, _: True, one
    if name in ("lang(", "dir(", "state(") or name.startswith("-") or name.rstrip("(") in _NEVER:
        return lambda e, _: False, one
    raise Wrong(name)


def _nth(text: str, of_type: bool, from_end: bool) -> Test:
    found = _NTH.match(text)
    if found is None:
        raise Wrong(text)
    if found[1] or found[2]:
        step, first = 2, 1 if found[1] else 0
    elif found[6]:
        step, first = 0, int(found[6][:9])
    else:
        step = int({"": "1", "+": "1", "-": "-1"}.get(found[3], found[3][:9]))
        first = int((found[4] or "+") + (found[5] or "0")[:9])

    def test(element: Element, seen: Matching) -> bool:
        at = seen.place(element, of_type, from_end) - first
        return at == 0 if step == 0 else at % step == 0 and at // step >= 0

    return test


def _before(element: Element) -> Element | None:
    before = element.getprevious()
    while before is not None and not isinstance(before.tag, str):
        before = before.getprevious()
    return before


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _has_id(word: str) -> Test:
    return lambda element, _: bool(element.get("id") == word)


def _has_class(word: str) -> Test:
    return lambda element, _: word in (element.get("class") or "").split()


def _is_called(word: str) -> Test:
    return lambda element, _: bool(_name(element) == word)
