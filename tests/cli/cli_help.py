"""Small works, and the JSON of an answer, for the tests of the command line."""

from __future__ import annotations

import json
import random
from typing import Any

from click.testing import Result

WORDS = [
    "well",
    "moon",
    "river",
    "lantern",
    "garden",
    "winter",
    "orchard",
    "window",
    "harbour",
    "mountain",
    "sparrow",
    "candle",
    "evening",
    "meadow",
    "letter",
    "thunder",
    "silver",
    "kitchen",
    "shadow",
    "summer",
    "garlic",
    "hollow",
    "copper",
    "ribbon",
    "pilgrim",
    "hunger",
    "island",
    "mirror",
    "feather",
    "morning",
    "barrel",
    "cellar",
    "singer",
    "weather",
    "fallow",
    "ember",
]
SMALL = [
    "the",
    "a",
    "of",
    "and",
    "in",
    "to",
    "with",
    "under",
    "my",
    "your",
    "no",
    "one",
    "when",
    "where",
    "that",
    "was",
    "is",
    "were",
    "had",
    "has",
    "comes",
    "goes",
    "fell",
    "rose",
]


def poem(seed: int, lines: int = 60) -> str:
    """Verse that can be learned a little: the same words, in an order of its own."""
    draw = random.Random(seed)
    made = [f"Poem {seed}", ""]
    for number in range(lines):
        words = [draw.choice(SMALL if draw.random() < 0.6 else WORDS) for _ in range(draw.randint(5, 8))]
        made.append(" ".join(words).capitalize() + draw.choice([",", ";", ".", ""]))
        if number % 4 == 3:
            made.append("")
    return "\n".join(made) + "\n"


def data(result: Result) -> Any:
    """The JSON object on stdout."""
    return json.loads(result.stdout)
