"""Style sheets of CSS into rules: comments, blocks in blocks, `@media` and its like. Errors are passed over
as CSS says.

A rule is its selectors and its declarations, in the order in which they weigh. Knows no properties; fetches
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from etude.errors import WorkError
from etude.media.image.css import selectors
from etude.media.image.css.selectors import Selector
from etude.media.image.css.values import Lengths, calculated, closing, length, split

_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.S)
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.S)
_RANGE = re.compile(r"(?:(.+?)\s*(<=|<|>=|>|=)\s*)?(width|height|aspect-ratio)\s*(?:(<=|<|>=|>|=)\s*(.+))?$")
_GROUPS = ("media", "supports", "layer", "container", "scope", "starting-style")
_MOST_RULES = 20_000


@dataclass(frozen=True)
class Declaration:
    """`name: value`, the name in lower case unless it is a custom one."""

    name: str
    value: str
    important: bool


@dataclass(frozen=True)
class Rule:
    """What holds for the elements that fit a selector. `layer`: rules of an earlier layer weigh less; those
    of none most."""

    selectors: tuple[Selector, ...]
    declarations: tuple[Declaration, ...]
    layer: int


@dataclass(frozen=True)
class View:
    """What `@media` asks about: a screen of this size in px, light, with colours."""

    width: float
    height: float


@dataclass(frozen=True)
class _Within:
    selector: str  # of the rules around, for nested ones
    layer: int


def rules(text: str, view: View) -> list[Rule]:
    """The rules of a sheet that hold for this view, in their order. Raises WorkError for too many."""
    found: list[Rule] = []
    layers: dict[str, int] = {}
    text = _COMMENT.sub(" ", text).replace("<!--", " ").replace("-->", " ")
    for prefix in re.findall(r"@namespace\s+([\w-]+)\s", text):  # all that is styled here is SVG
        text = re.sub(rf"(?<![\w-]){re.escape(prefix)}\|(?!=)", "*|", text)
    for rule in _rules(text, view, _Within("", 10_000), layers, 0):
        found.append(rule)
        if len(found) > _MOST_RULES:
            raise WorkError("This drawing has too many style rules.", "Export it as PNG and add that.")
    return found


def registered(text: str) -> dict[str, str]:
    """The initial values of custom properties that `@property` names."""
    found = {}
    for prelude, block in re.findall(r"@property\s+(--[\w-]+)\s*\{([^{}]*)\}", _COMMENT.sub(" ", text)):
        value = next((d.value for d in declarations(block) if d.name == "initial-value"), None)
        if value:
            found[prelude] = value
    return found


def declarations(text: str) -> list[Declaration]:
    """What stands in a style attribute or in the block of a rule."""
    found = []
    for item in _items(_COMMENT.sub(" ", text)):
        name, colon, value = item.partition(":")
        name, value = name.strip(), value.strip()
        name = name if name.startswith("--") else name.lower()
        weight = re.search(r"\s*!\s*important\s*$", value, re.I)
        value = value[: weight.start()] if weight else value
        if colon and re.fullmatch(r"-{0,2}[a-zA-Z_][\w-]*", name) and (value or name.startswith("--")):
            found.append(Declaration(name, value, weight is not None))
    return found


def _items(text: str) -> Iterator[str]:
    start = at = 0
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            at = _past_string(text, at)
            continue
        if letter == "(":
            at = closing(text, at + 1)
        elif letter == "{":
            at = _block_end(text, at + 1)
        elif letter == ";":
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _past_string(text: str, at: int) -> int:
    """The place behind the string that begins at `at`; behind its mark alone where it does not end."""
    string = _STRING.match(text, at)
    return string.end() if string else at + 1


def _block_end(text: str, at: int) -> int:
    """Where the block that begins before `at` ends."""
    depth = 1
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            at = _past_string(text, at)
            continue
        depth += (letter == "{") - (letter == "}")
        if not depth:
            return at
        at += 1
    return len(text)


def _statements(text: str) -> Iterator[tuple[str, str | None]]:
    """What stands before each block, and the block; None where a statement ends without one."""
    start = at = 0
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            at = _past_string(text, at)
            continue
        if letter == "(":
            at = closing(text, at + 1)
        elif letter == ";":
            yield text[start:at].strip(), None
            start = at + 1
        elif letter == "{":
            end = _block_end(text, at + 1)
            if re.match(r"\s*--[\w-]+\s*:", text[start:at]):  # a custom property may hold a block
                at = end
            else:
                yield text[start:at].strip(), text[at + 1 : end]
                start, at = end + 1, end
        elif letter == "}":
            start = at + 1
        at += 1
    yield text[start:].strip(), None


def _rules(text: str, view: View, within: _Within, layers: dict[str, int], depth: int) -> Iterator[Rule]:
    """The rules of a sheet or of a block; declarations of a block itself are its own rule, where they
    stand."""
    if depth > 20:
        return
    loose: list[str] = []
    for prelude, block in _statements(text):
        if block is None:
            name, _, rest = prelude.partition(" ")
            if name.lower() == "@layer":
                for layer in split(rest):
                    layers.setdefault(layer, len(layers))
            elif prelude and not prelude.startswith("@"):
                loose.append(prelude)
            continue
        yield from _own(loose, within)
        loose = []
        if prelude.startswith("@"):
            name, _, rest = prelude[1:].replace("(", " (", 1).partition(" ")
            name = name.lower()
            if name in _GROUPS and _holds(name, rest.strip(), view):
                inner = within
                if name == "layer":
                    inner = replace(
                        within, layer=layers.setdefault(rest.strip() or f"({len(layers)})", len(layers))
                    )
                yield from _rules(block, view, inner, layers, depth + 1)
            continue
        selector = _nested(prelude, within.selector)
        if len(selector) < 4000:
            yield from _rules(block, view, replace(within, selector=selector), layers, depth + 1)
    yield from _own(loose, within)


def _own(loose: list[str], within: _Within) -> Iterator[Rule]:
    if not loose or not within.selector:
        return
    found = declarations(";".join(loose))
    try:
        chosen = selectors.parsed(within.selector)
    except selectors.Wrong:
        return
    if found:
        yield Rule(tuple(chosen), tuple(found), within.layer)


def _nested(prelude: str, outer: str) -> str:
    """The selector of a rule in a rule: with & for the outer one, or within it."""
    if not outer:
        return prelude
    parts = []
    for one in split(prelude):
        if "&" in one:
            parts.append(one.replace("&", f":is({outer})"))
        else:
            parts.append(f":is({outer}) {one}")
    return ", ".join(parts)


def _holds(name: str, condition: str, view: View) -> bool:
    if name == "media":
        return media_holds(condition, view)
    if name == "supports":
        return not re.match(r"not\b", condition, re.I)
    return name in ("layer", "scope") and (name == "layer" or not condition)


def media_holds(text: str, view: View) -> bool:
    """Whether one of the media that are named, with commas between, is this view."""
    return not text.strip() or any(_query(one.lower(), view) for one in split(text))


def _query(text: str, view: View) -> bool:
    text = re.sub(r"^only\s+", "", text.strip())
    if text.startswith("not ") and not text.startswith("not ("):
        return not _query(text[4:], view)
    found = re.match(r"([a-z]+)(?:\s+and\s+(.*))?$", text, re.S)
    if found and found[1] not in ("not", "and", "or"):
        return found[1] in ("all", "screen") and (not found[2] or _condition(found[2], view))
    return _condition(text, view)


def _condition(text: str, view: View) -> bool:
    """Conditions in brackets, with `and`, `or` or `not`."""
    text = text.strip()
    if text.startswith("not"):
        return not _condition(text[3:], view)
    outcomes, words, at = [], [], 0
    while at < len(text):
        if text[at] == "(":
            end = closing(text, at + 1)
            inner = text[at + 1 : end].strip()
            outcomes.append(
                _condition(inner, view)
                if inner[:1] == "(" or inner.startswith("not")
                else _feature(inner, view)
            )
            at = end + 1
        else:
            word = re.compile(r"\s*([a-z]*)\s*").match(text, at)
            assert word is not None
            if not word[0] or word[1] not in ("", "and", "or", "not"):
                return False
            words.append(word[1])
            at = word.end()
    return bool(outcomes) and (any(outcomes) if "or" in words else all(outcomes))


def _feature(text: str, view: View) -> bool:
    name, colon, value = (part.strip() for part in text.partition(":"))
    own = {"width": view.width, "height": view.height, "aspect-ratio": view.width / view.height}
    if colon and name.removeprefix("min-").removeprefix("max-") in own:
        size, wanted = own[name.removeprefix("min-").removeprefix("max-")], _size(value)
        if wanted is None:
            return False
        return (
            size >= wanted
            if name.startswith("min-")
            else size <= wanted
            if name.startswith("max-")
            else size == wanted
        )
    ranged = _RANGE.match(text)
    if ranged and not colon and (ranged[1] or ranged[5]):
        size = own[ranged[3]]
        low, high = _size(ranged[1] or ""), _size(ranged[5] or "")
        return (not ranged[1] or (low is not None and _compared(low, ranged[2], size))) and (
            not ranged[5] or (high is not None and _compared(size, ranged[4], high))
        )
    known = {
        "orientation": "landscape" if view.width > view.height else "portrait",
        "prefers-color-scheme": "light",
        "prefers-reduced-motion": "no-preference",
        "prefers-contrast": "no-preference",
        "hover": "hover",
        "any-hover": "hover",
        "pointer": "fine",
        "any-pointer": "fine",
        "forced-colors": "none",
        "inverted-colors": "none",
        "scripting": "none",
        "prefers-reduced-transparency": "no-preference",
        "display-mode": "browser",
        "color-gamut": "srgb",
        "update": "fast",
        "dynamic-range": "standard",
        "grid": "0",
        "monochrome": "0",
        "overflow-block": "scroll",
    }
    if colon:
        return known.get(name) == value or (
            name in ("min-resolution", "max-resolution", "min-color") and _resolution(name, value)
        )
    return name in (
        "width",
        "height",
        "aspect-ratio",
        "color",
        "hover",
        "any-hover",
        "pointer",
        "any-pointer",
        "update",
        "orientation",
        "prefers-color-scheme",
        "color-gamut",
    )


def _size(text: str) -> float | None:
    ratio = re.fullmatch(r"\s*([\d.]+)\s*/\s*([\d.]+)\s*", text)
    if ratio:
        return float(ratio[1]) / float(ratio[2]) if float(ratio[2]) else None
    return length(text, Lengths())


def _compared(a: float, how: str, b: float) -> bool:
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b}[how]


def _resolution(name: str, value: str) -> bool:
    number = calculated(re.sub(r"(dppx|x|dpi|dpcm)\s*$", "", value), Lengths())
    if number is None:
        return False
    per = 96.0 if value.endswith("dpi") else 96 / 2.54 if value.endswith("dpcm") else 1.0
    if name == "min-color":
        return float(number) <= 8
    return float(number) / per <= 1.0 if name == "min-resolution" else float(number) / per >= 1.0
