"""Values of CSS: variables put in, arithmetic worked out, lengths of every unit in px.

Knows no elements and no properties. After CSS Values 4 and CSS Custom Properties 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_MOST = 20_000  # characters that a value may grow to by its variables: paths are long, bombs are longer
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_TOKEN = re.compile(rf"\s*(?:({_NUMBER})(%|[a-z]+)?|([a-z][a-z-]*)(\()?|([-+*/(),]))", re.I)
_LENGTH = re.compile(rf"(?<![\w#.-])({_NUMBER})(%|[a-z]+)(?![\w(-])", re.I)
_MATH = re.compile(r"(?<![\w-])(calc|min|max|clamp|abs|sqrt|pow|hypot|sin|cos|tan)\(", re.I)
_ANGLES = {"deg": 1.0, "grad": 0.9, "rad": 180 / math.pi, "turn": 360.0}
_ABSOLUTE = {
    "px": 1.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "pt": 96 / 72,
    "pc": 16.0,
}
_OF_LETTERS = {"em": 1.0, "ex": 0.5, "ch": 0.5, "ic": 1.0, "cap": 0.7, "lh": 1.2}
_USED = re.compile(r"(?<![\w-])var\(\s*(--[^\s,)]+)", re.I)
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "sqrt": math.sqrt,
    "pow": math.pow,
    "hypot": math.hypot,
    "clamp": lambda low, value, high: max(low, min(value, high)),
    "sin": lambda x: math.sin(math.radians(x)),
    "cos": lambda x: math.cos(math.radians(x)),
    "tan": lambda x: math.tan(math.radians(x)),
}

_OF_OUTSIDE = re.compile(r"%|\d[sld]?v(w|h|i|b|min|max)\b|\dcq", re.I)


@dataclass(frozen=True)
class Lengths:
    """What relative lengths are relative to, in px: the letters here and of the root, the drawing, and 100 %
    (None: stays)."""

    em: float = 16.0
    rem: float = 16.0
    wide: float = 300.0
    high: float = 150.0
    whole: float | None = None

    def px(self, unit: str) -> float | None:
        """How many px one of this unit is; None for what is no length."""
        unit = unit.lower()
        if unit in _ABSOLUTE:
            return _ABSOLUTE[unit]
        if unit in _OF_LETTERS:
            return self.em * _OF_LETTERS[unit]
        if unit[:1] == "r" and unit[1:] in _OF_LETTERS:
            return self.rem * _OF_LETTERS[unit[1:]]
        of_view = {
            "vw": self.wide,
            "vh": self.high,
            "vi": self.wide,
            "vb": self.high,
            "vmin": min(self.wide, self.high),
            "vmax": max(self.wide, self.high),
        }
        if unit.lstrip("sld") in of_view and len(unit) - len(unit.lstrip("sld")) < 2:
            return of_view[unit.lstrip("sld")] / 100
        return None


def of_outside(text: str) -> bool:
    """Whether a length is relative to something around the whole drawing: a page, a window."""
    return _OF_OUTSIDE.search(text) is not None


def closing(text: str, start: int) -> int:
    """The place of the bracket that closes the one before `start`; the end of the text where there is
    none."""
    depth, at = 1, start
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            end = text.find(letter, at + 1)
            at = len(text) if end < 0 else end
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if not depth:
                return at
        at += 1
    return len(text)


def split(text: str, by: str = ",") -> list[str]:
    """The parts between commas (or any other letter) that stand in no brackets and no quotation marks,
    trimmed."""
    parts, start, at = [], 0, 0
    while at < len(text):
        letter = text[at]
        if letter == "(":
            at = closing(text, at + 1)
        elif letter in "\"'":
            end = text.find(letter, at + 1)
            at = len(text) if end < 0 else end
        elif letter == by:
            parts.append(text[start:at].strip())
            start = at + 1
        at += 1
    return [*parts, text[start:].strip()]


def with_variables(text: str, variables: Mapping[str, str]) -> str | None:
    """The value with its `var()` put in; None where one is not defined and has no fallback, or the value
    grows endlessly."""
    for _ in range(64):
        at = _innermost(text)
        if at < 0:
            return text
        end = closing(text, at + 4)
        name, comma, fallback = text[at + 4 : end].partition(",")
        value = variables.get(name.strip())
        if value is None and not comma:
            return None
        text = text[:at] + (fallback if value is None else value).strip() + text[end + 1 :]
        if len(text) > _MOST:
            return None
    return None


def _innermost(text: str) -> int:
    """Where the last `var(` begins that holds no other; -1 for none."""
    places = [found.start() for found in re.finditer(r"(?<![\w-])var\(", text, re.I)]
    return places[-1] if places else -1


def settled(declared: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """The custom properties that hold here: those declared, their own variables put in, over those inherited.

    What stands for itself, directly or through others, is undefined, as CSS has it.
    """
    known = {name: value for name, value in inherited.items() if name not in declared}
    waiting: dict[str, str] = {}
    for name, value in declared.items():
        keyword = value.strip().lower()
        if keyword in ("inherit", "unset", "revert", "revert-layer"):
            known.update({name: inherited[name]} if name in inherited else {})
        elif keyword != "initial":
            waiting[name] = value
    uses = {name: set(_USED.findall(value)) & set(waiting) for name, value in waiting.items()}
    while waiting:
        ready = [name for name in waiting if not uses[name] & set(waiting)]
        for name in ready or [name for name in waiting if _reaches(name, uses)]:
            text = waiting.pop(name)
            said = with_variables(text, known) if ready else None  # else it is in a circle
            if said is not None:
                known[name] = said
    return known


def _reaches(name: str, uses: Mapping[str, set[str]]) -> bool:
    """Whether a property stands for itself, directly or through others."""
    seen: set[str] = set()
    ahead = list(uses[name])
    while ahead:
        one = ahead.pop()
        if one == name:
            return True
        if one not in seen:
            seen.add(one)
            ahead += uses[one]
    return False


def with_lengths(text: str, lengths: Lengths) -> str:
    """The value with what resvg does not know worked out: arithmetic, and units beyond those of SVG, in
    px."""
    for _ in range(40):
        found = next(reversed(list(_MATH.finditer(text))), None)  # the last one holds no other
        if found is None:
            break
        end = closing(text, found.end())
        number = calculated(text[found.start() : end + 1], lengths)
        if number is None:
            break
        text = text[: found.start()] + number + text[end + 1 :]
    return _LENGTH.sub(lambda part: _in_px(part, lengths), text)


def _in_px(part: re.Match[str], lengths: Lengths) -> str:
    unit = part[2].lower()
    if unit in ("px", "pt", "pc", "mm", "cm", "in", "em", "ex", "%"):
        return part[1] + unit
    per = lengths.px(unit)
    return part[0] if per is None else f"{float(part[1]) * per:.6g}"


def length(text: str, lengths: Lengths) -> float | None:
    """A single length in px; None for anything else, and for a percentage of what is not known."""
    found = re.fullmatch(rf"\s*({_NUMBER})([a-z]+|%)?\s*", text, re.I)
    if found is None or found[1].endswith("."):
        worked = calculated(text.strip(), lengths) if _MATH.match(text.strip()) else None
        return None if worked is None or not re.fullmatch(_NUMBER, worked) else float(worked)
    if found[2] == "%":
        return None if lengths.whole is None else float(found[1]) / 100 * lengths.whole
    per = lengths.px(found[2]) if found[2] else 1.0
    return None if per is None else float(found[1]) * per


def angle(text: str) -> float | None:
    """An angle in degrees; a bare number is one already."""
    found = re.fullmatch(rf"({_NUMBER})(deg|grad|rad|turn)?", text.strip(), re.I)
    return float(found[1]) * _ANGLES[(found[2] or "deg").lower()] if found else None


def calculated(text: str, lengths: Lengths, names: Mapping[str, float] | None = None) -> str | None:
    """`calc(...)` and its like as a number (of px or degrees), or a percentage; None where it makes no
    sense."""
    tokens = list(_TOKEN.finditer(text))
    if sum(len(match[0]) for match in tokens) < len(text.rstrip()) or len(tokens) > 400:
        return None
    try:
        value, kind, after = _sum(tokens, 0, lengths, names or {})
    except (ValueError, IndexError, ZeroDivisionError, OverflowError, TypeError, KeyError, RecursionError):
        return None
    if after != len(tokens) or not math.isfinite(value):
        return None
    return f"{value:.6g}{'%' if kind == '%' else ''}"


_Tokens = list[re.Match[str]]
_Value = tuple[
    float, str, int
]  # the number, its kind ("", "px", "%", "deg"), and where the next token stands


def _sum(tokens: _Tokens, at: int, lengths: Lengths, names: Mapping[str, float]) -> _Value:
    value, kind, at = _product(tokens, at, lengths, names)
    while at < len(tokens) and tokens[at][5] in ("+", "-"):
        sign = 1 if tokens[at][5] == "+" else -1
        other, kind_2, at = _product(tokens, at + 1, lengths, names)
        if kind != kind_2 and {kind, kind_2} != {"", "px"}:
            raise ValueError("of two kinds")
        value, kind = value + sign * other, kind or kind_2
    if (
        at < len(tokens) and tokens[at][1] and tokens[at][1][0] in "+-"
    ):  # "2em -1px" without the space after the sign
        raise ValueError("two numbers in a row")
    return value, kind, at


def _product(tokens: _Tokens, at: int, lengths: Lengths, names: Mapping[str, float]) -> _Value:
    value, kind, at = _one(tokens, at, lengths, names)
    while at < len(tokens) and tokens[at][5] in ("*", "/"):
        times = tokens[at][5] == "*"
        other, kind_2, at = _one(tokens, at + 1, lengths, names)
        value, kind = (value * other if times else value / other), kind or kind_2
    return value, kind, at


def _one(tokens: _Tokens, at: int, lengths: Lengths, names: Mapping[str, float]) -> _Value:
    number, unit, word, bracket, sign = tokens[at].groups()
    if number:
        return *_measured(float(number), unit or "", lengths), at + 1
    if word and bracket:
        values = []
        while True:
            value, kind, at = _sum(tokens, at + 1, lengths, names)
            values.append(value)
            if tokens[at][5] != ",":
                break
        if tokens[at][5] != ")":
            raise ValueError("an open bracket")
        name = word.lower()
        return values[0] if name == "calc" else _FUNCTIONS[name](*values), kind, at + 1
    if sign == "(":
        value, kind, at = _sum(tokens, at + 1, lengths, names)
        if tokens[at][5] != ")":
            raise ValueError("an open bracket")
        return value, kind, at + 1
    if not word:
        raise ValueError("a sign where a number is wanted")
    return {"pi": math.pi, "e": math.e, **names}[word.lower()], "", at + 1


def _measured(number: float, unit: str, lengths: Lengths) -> tuple[float, str]:
    if unit == "":
        return number, ""
    if unit == "%":
        return (number, "%") if lengths.whole is None else (number / 100 * lengths.whole, "px")
    if unit.lower() in _ANGLES:
        return number * _ANGLES[unit.lower()], "deg"
    per = lengths.px(unit)
    if per is None:
        raise ValueError("no such unit")
    return number * per, "px"
