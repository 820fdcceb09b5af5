"""Places in a text as a browser counts them (UTF-16 code units) and as Python does (characters). They differ
only after signs beyond the basic plane, as most emoji are."""

from __future__ import annotations

from collections.abc import Callable


def _plain(text: str) -> bool:
    return text.isascii() or max(text) <= "\uffff"


def to_character(text: str, unit: int) -> int:
    """The character at a code unit; in the middle of a sign, the next one."""
    if not text or _plain(text):
        return unit
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * unit].decode("utf-16-le", "replace"))


def counter(text: str) -> Callable[[int], int]:
    """Turns characters of this text into code units."""
    if not text or _plain(text):
        return lambda character: character
    units = [0]
    for sign in text:
        units.append(units[-1] + (2 if sign > "\uffff" else 1))
    return lambda character: units[min(character, len(units) - 1)]
