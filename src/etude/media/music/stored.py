"""Scores as compact JSON, for takes and caches. Knows no file format."""

from __future__ import annotations

import json
from typing import Any

from etude.errors import WorkError
from etude.media.music.score import Note, Score, Track

STORE_VERSION = 1


def pack(content: Score) -> bytes:
    """Compact JSON, one flat list of numbers a track: lossless, and the same bytes for the same score."""
    tracks = [
        [
            t.name,
            t.program,
            t.drum,
            [v for n in t.notes for v in (n.onset, n.pitch, n.duration, n.velocity)],
        ]
        for t in content.tracks
    ]
    fields = {
        "meters": content.meters,
        "tempos": content.tempos,
        "keys": content.keys,
        "pickup": content.pickup,
    }
    text = json.dumps(
        {"score": STORE_VERSION, "title": content.title, **fields, "tracks": tracks},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return text.encode()


def unpack(data: bytes) -> Score:
    """What `pack` wrote. Raises WorkError for anything else."""
    try:
        raw = json.loads(data)
        if raw["score"] > STORE_VERSION:
            raise WorkError(
                f"The stored score has version {raw['score']}, newer than {STORE_VERSION}.",
                "Update Etude.",
            )
        tracks = tuple(
            Track(_notes(flat), str(name), int(program), bool(drum))
            for name, program, drum, flat in raw["tracks"]
        )
        return Score(
            tracks,
            tuple((int(a), int(b), int(c)) for a, b, c in raw["meters"]),
            tuple((int(a), float(b)) for a, b in raw["tempos"]),
            tuple((int(a), int(b), bool(c)) for a, b, c in raw["keys"]),
            int(raw["pickup"]),
            str(raw["title"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WorkError(f"The stored score cannot be read ({error}).", "Run `etude repair`.") from error


def _notes(flat: list[Any]) -> tuple[Note, ...]:
    if len(flat) % 4:
        raise ValueError(f"{len(flat)} numbers do not make whole notes")
    values = [int(v) for v in flat]
    return tuple(Note(*values[i : i + 4]) for i in range(0, len(values), 4))
