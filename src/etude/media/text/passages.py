"""A passage of a text, as a person names it: by its words, or by its characters. Knows no files."""

from __future__ import annotations

import re
from typing import Any

from etude.errors import TakeError

_SPAN = re.compile(r"\s*(\d+)\s*:\s*(\d+)\s*")


def span(content: str, said: Any, called: str) -> tuple[int, int]:
    """Where the passage lies (start, end), in characters. Words may be divided otherwise than in the text.
    Raises TakeError for words that `called` does not have, or has more than once."""
    if not isinstance(said, str):
        start, end = said
        return int(start), int(end)
    if numbers := _SPAN.fullmatch(said):
        return int(numbers[1]), int(numbers[2])
    words = said.split()
    found = list(re.finditer(r"\s+".join(map(re.escape, words)), content)) if words else []
    if len(found) == 1:
        return found[0].span()
    shown = " ".join(words)
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    if not found:
        raise TakeError(
            f"{called} does not have “{shown}”.",
            "Give words as they stand there, a mark that you put into it, or START:END in characters.",
        )
    places = ", ".join(str(one.start()) for one in found[:4])
    raise TakeError(
        f"{called} has “{shown}” {len(found)} times, at the characters {places}.",
        f"Give more words, or the characters: --fill {found[0].start()}:{found[0].end()}",
    )
