"""What a plan is made of: the kinds of rows, the file that holds each, and their fields. Files, checks, the
command line and pages read this table, and nothing else says what a field is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

TEXT, LIST, NUMBER, LOCK = "text", "list of texts", "number", "true or a list of field names"


@dataclass(frozen=True)
class Kind:
    """One kind of row: the file that it stands in, its fields with their types, and which fields name
    rows of which other kind."""

    name: str
    file: str
    what: str
    fields: Mapping[str, str]
    refs: Mapping[str, str]


# Every row may have these
COMMON = {"id": TEXT, "note": TEXT, "locked": LOCK, "passages": LIST}

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "character",
            "characters.toml",
            "somebody in the story",
            {"name": TEXT, "also": LIST, "wants": TEXT, "wounds": TEXT, "voice": TEXT, "gender": TEXT},
            {},
        ),
        Kind(
            "arc",
            "characters.toml",
            "the state of a character at a scene; level is -5 (lost) to 5 (whole)",
            {"who": TEXT, "scene": TEXT, "state": TEXT, "level": NUMBER},
            {"who": "character", "scene": "scene"},
        ),
        Kind("place", "places.toml", "a place", {"name": TEXT, "also": LIST, "looks": TEXT}, {}),
        Kind(
            "scene",
            "scenes.toml",
            "one scene",
            {
                "title": TEXT,
                "chapter": TEXT,
                "span": TEXT,
                "words": NUMBER,
                "begins": TEXT,
                "summary": TEXT,
                "place": TEXT,
                "when": TEXT,
                "present": LIST,
                "mentioned": LIST,
                "goal": TEXT,
                "turn": TEXT,
            },
            {"present": "character", "mentioned": "character"},
        ),
        Kind(
            "line",
            "plan.toml",
            "a plot line",
            {"name": TEXT, "summary": TEXT, "scenes": LIST},
            {"scenes": "scene"},
        ),
        Kind(
            "beat",
            "plan.toml",
            "something that happens",
            {"what": TEXT, "line": TEXT, "scene": TEXT},
            {"line": "line", "scene": "scene"},
        ),
        Kind(
            "thread",
            "plan.toml",
            "something planted that has to be paid off; words are how the draft calls it",
            {"name": TEXT, "words": LIST, "plant": TEXT, "payoff": TEXT},
            {"plant": "scene", "payoff": "scene"},
        ),
        Kind("question", "plan.toml", "an open question", {"ask": TEXT, "answer": TEXT}, {}),
        Kind(
            "link", "plan.toml", "how two rows belong together", {"one": TEXT, "other": TEXT, "how": TEXT}, {}
        ),
    )
}
TOP = {"format": NUMBER, "title": TEXT, "locked": LOCK, "draft": LIST}  # of plan.toml itself
TEXTS = {"premise": "premise.md", "world": "world.md"}  # Markdown, free
TOML_FILES = tuple(dict.fromkeys(["plan.toml", *(kind.file for kind in KINDS.values())]))
FILES = (*TOML_FILES, *TEXTS.values())
FORMAT = 1


def fields(kind: str) -> Mapping[str, str]:
    """Every field that a row of this kind may have, with its type."""
    return {**COMMON, **KINDS[kind].fields}


def nearest(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """What was meant, as an end of a sentence; empty where nothing is near."""
    near = get_close_matches(word, list(known), 1)
    return f" Did you mean '{near[0]}'?" if near else ""
