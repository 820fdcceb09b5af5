"""A score as a take is stored: compact JSON, one flat list of numbers a track. Knows no project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from etude.errors import WorkError
from etude.media.music.score import Form, Note, Score, Track

VERSION = 1


def to_bytes(score: Score) -> bytes:
    """Lossless, and the same bytes for the same score."""
    tracks = [
        [t.name, t.program, t.drum, [v for n in t.notes for v in (n.onset, n.pitch, n.duration, n.velocity)]]
        for t in score.tracks
    ]
    fields: dict[str, Any] = {
        "meters": score.meters,
        "tempos": score.tempos,
        "keys": score.keys,
        "pickup": score.pickup,
    }
    if (form := score.form) is not None:
        fields["form"] = [form.tonic, form.mode, form.plan]
    text = json.dumps(
        {"score": VERSION, "title": score.title, **fields, "tracks": tracks},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return text.encode()


def from_bytes(data: bytes) -> Score:
    """The inverse of `to_bytes`. Raises WorkError for anything else."""
    try:
        raw = json.loads(data)
        if raw["score"] > VERSION:
            raise WorkError(
                f"The stored score has version {raw['score']}, newer than {VERSION}.", "Update Etude."
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
            _form(raw.get("form")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WorkError(f"The stored score cannot be read ({error}).", "Run `etude repair`.") from error


def _form(raw: Sequence[Any] | None) -> Form | None:
    if raw is None:
        return None
    tonic, mode, plan = raw
    return Form(int(tonic), int(mode), None if plan is None else tuple(map(int, plan)))


def _notes(flat: list[Any]) -> tuple[Note, ...]:
    if len(flat) % 4:
        raise ValueError(f"{len(flat)} numbers do not make whole notes")
    values = [int(v) for v in flat]
    return tuple(Note(*values[i : i + 4]) for i in range(0, len(values), 4))
