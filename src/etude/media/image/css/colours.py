"""Every way in which CSS names a colour, as sRGB: names, rgb, hsl, hwb, lab, lch, oklab, oklch, color(),
color-mix(), relative ones.

What lies outside sRGB is clipped, as browsers show it on a usual screen. After CSS Color 4 and 5. Knows no
elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from PIL import ImageColor

from etude.media.image.css import spaces
from etude.media.image.css.values import Lengths, angle, calculated, closing, split

Colour = tuple[float, float, float, float]  # red, green, blue and opacity, 0..1
_SYSTEM = {
    "canvas": "#fff",
    "canvastext": "#000",
    "linktext": "#00e",
    "visitedtext": "#551a8b",
    "buttonface": "#efefef",
    "buttontext": "#000",
    "field": "#fff",
    "fieldtext": "#000",
    "graytext": "#808080",
    "highlight": "#0078d7",
    "highlighttext": "#fff",
    "window": "#fff",
    "windowtext": "#000",
}
# Pillow's table itself changes while a program runs: asked for a name once, it keeps numbers for "#...".
_NAMED = {name: ImageColor.getrgb(name)[:3] for name in ImageColor.colormap}
_FUNCTION = re.compile(r"(?<![\w-])(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)\(", re.I)
# For each function: its space, the names of its parts, and what 100 % of each is.
_PARTS: Mapping[str, tuple[str, str, tuple[float, float, float]]] = {
    "rgb": ("rgb", "rgb", (255, 255, 255)),
    "hsl": ("hsl", "hsl", (360, 100, 100)),
    "hwb": ("hwb", "hwb", (360, 100, 100)),
    "lab": ("lab", "lab", (100, 125, 125)),
    "lch": ("lch", "lch", (100, 150, 360)),
    "oklab": ("oklab", "lab", (1, 0.4, 0.4)),
    "oklch": ("oklch", "lch", (1, 0.4, 360)),
}
_NO_LENGTHS = Lengths()


def parsed(text: str, current: Colour = (0, 0, 0, 1)) -> Colour | None:
    """The colour that a value names; None for what names none. `current` is what currentColor means here."""
    text = text.strip().lower()
    if text == "currentcolor":
        return current
    return _parsed(text, current)


def as_hex(colour: Colour) -> str:
    """#rrggbb, or #rrggbbaa where something shines through."""
    channels = [min(255, max(0, int(value * 255 + 0.5))) for value in colour]
    return "#" + "".join(f"{value:02x}" for value in (channels if channels[3] < 255 else channels[:3]))


def replaced(text: str, current: Colour = (0, 0, 0, 1)) -> str:
    """A value with every colour function in it written as #rrggbb(aa)."""
    at = 0
    while (found := _FUNCTION.search(text, at)) is not None:
        end = closing(text, found.end())
        colour = parsed(text[found.start() : end + 1], current)
        word = text[found.start() : end + 1] if colour is None else as_hex(colour)
        text = text[: found.start()] + word + text[end + 1 :]
        at = found.start() + len(word)
    return text


@lru_cache(4096)
def _parsed(text: str, current: Colour) -> Colour | None:
    if text == "transparent":
        return (0, 0, 0, 0)
    if text.startswith("#"):
        return _hex(text[1:])
    if text in _NAMED:
        red, green, blue = (level / 255 for level in _NAMED[text])
        return (red, green, blue, 1.0)
    if text in _SYSTEM:
        return _hex(_SYSTEM[text][1:])
    found = _FUNCTION.match(text)
    if found is None or closing(text, found.end()) != len(text) - 1 or len(text) > 2000:
        return None
    name, body = found[1].rstrip("a") if found[1] in ("rgba", "hsla") else found[1], text[found.end() : -1]
    if name == "light-dark":
        parts = split(body)
        return parsed(parts[0], current) if len(parts) == 2 else None
    point = _mixed(body, current) if name == "color-mix" else _function(name, body, current)
    if point is None:
        return None
    red, green, blue = spaces.to_srgb(point.space, point.parts)
    if name in ("rgb", "hsl", "hwb") and "from" not in body:
        red, green, blue = (round(min(1.0, max(0.0, v)) * 255) / 255 for v in (red, green, blue))
    return (*(min(1.0, max(0.0, v)) for v in (red, green, blue)), point.opacity)  # type: ignore[return-value]


def _hex(digits: str) -> Colour | None:
    if not re.fullmatch(r"[0-9a-f]+", digits) or len(digits) not in (3, 4, 6, 8):
        return None
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    values = [int(digits[i : i + 2], 16) / 255 for i in range(0, len(digits), 2)]
    return (values[0], values[1], values[2], values[3] if len(values) > 3 else 1.0)


def _function(name: str, body: str, current: Colour) -> spaces.Point | None:
    """What `rgb(...)` and its like name, in their own space."""
    body, slash, opacity = body.partition("/") if "calc" not in body else _slashed(body)
    words = split(body) if "," in body else split(" ".join(body.split()), " ")
    if "," in body and not slash and len(words) == 4:
        opacity, words = words[3], words[:3]
    names: dict[str, float] = {}
    origin: Colour | None = None
    if words and words[0] == "from" and len(words) > 2:
        origin = parsed(words[1], current)
        if origin is None:
            return None
        words = words[2:]
    if name == "color":
        space, letters, whole = (
            words[0] if words else "",
            "xyz" if "xyz" in (words or [""])[0] else "rgb",
            (1.0, 1.0, 1.0),
        )
        words = [*words[1:], "0", "0", "0"][:3] if words[1:] else words[1:]
        if space not in spaces.NAMED:
            return None
    else:
        space, letters, whole = _PARTS[name]
    if len(words) != 3:
        return None
    if origin is not None:
        own = spaces.from_srgb(space, origin[:3])
        names = {**dict(zip(letters, own)), "alpha": origin[3]}
    parts = [_part(word, letter, full, names) for word, letter, full in zip(words, letters, whole)]
    alpha = _part(opacity.strip(), "alpha", 1.0, names) if opacity.strip() else names.get("alpha", 1.0)
    if any(part is _WRONG for part in (*parts, alpha)):
        return None
    return spaces.Point(space, _clamped(name, parts), min(1.0, max(0.0, alpha or 0.0)))


def _slashed(body: str) -> tuple[str, str, str]:
    """At the slash that stands in no brackets."""
    first, *rest = split(body, "/")
    return first, "/" if rest else "", rest[0] if rest else ""


_WRONG = float("nan")


def _part(word: str, letter: str, whole: float, names: Mapping[str, float]) -> float | None:
    """One number of a colour; None for `none`, _WRONG for what is no number."""
    if word == "none":
        return None
    if word in names:
        return names[word]
    if letter == "h":
        degrees = angle(word)
        if degrees is not None:
            return degrees
    if word.endswith("%") and letter != "h":
        try:
            return float(word[:-1]) / 100 * whole
        except ValueError:
            return _WRONG
    number = (
        word
        if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", word)
        else calculated(word, _NO_LENGTHS, names)
    )
    if number is None:
        return _WRONG
    return float(number[:-1]) / 100 * whole if number.endswith("%") else float(number)


def _clamped(name: str, parts: list[float | None]) -> tuple[float | None, float | None, float | None]:
    first, second, third = parts
    if name in ("lab", "lch", "oklab", "oklch") and first is not None:
        first = min(max(first, 0.0), 100.0 if name in ("lab", "lch") else 1.0)
    if name in ("lch", "oklch", "hsl") and second is not None:
        second = max(second, 0.0)
    return first, second, third


def _mixed(body: str, current: Colour) -> spaces.Point | None:
    """`in space, colour share, colour share`."""
    parts = split(body)
    how = parts[0].split()
    if len(parts) != 3 or len(how) < 2 or how[0] != "in" or how[1] not in spaces.NAMED:
        return None
    shares: list[float | None] = []
    colours = []
    for part in parts[1:]:
        share = re.search(r"(?:^|\s)([\d.]+)%(?:\s|$)", part)
        shares.append(float(share[1]) if share else None)
        colour = parsed((part[: share.start()] + " " + part[share.end() :]) if share else part, current)
        if colour is None:
            return None
        colours.append(colour)
    one, two = shares
    one, two = (
        (50.0, 50.0) if one is None and two is None else (one if one is not None else 100 - (two or 0), two)
    )
    two = 100 - one if two is None else two
    if one + two <= 0:
        return None
    opacity = min(1.0, (one + two) / 100)
    return spaces.between(
        how[1], how[2] if len(how) > 2 else "shorter", colours[0], colours[1], two / (one + two), opacity
    )
