"""A MIDI file inside a RIFF container (RP-029, RIFF MIDI: chunks in any order, with names and rights in a LIST of INFO)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etude.errors import WorkError
from etude.media.music.midi_events import text_of


def unwrap(data: bytes) -> tuple[bytes, dict[str, str]]:
    """The MIDI file in a container, and what its INFO says: `title`, `maker`, `copyright`. Other data comes back as it is.

    Raises WorkError for a container without a MIDI file.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data, {}
    body, info = b"", dict[str, str]()
    for kind, part in _chunks(data, 12):
        if kind == b"data" and not body:
            body = part
        elif kind == b"LIST" and part[:4] == b"INFO":
            for name, text in _chunks(part, 4):
                word = {b"INAM": "title", b"IART": "maker", b"ICOP": "copyright"}.get(name)
                if word and (said := text_of(text.split(b"\0")[0])):
                    info.setdefault(word, said)
    if not body.startswith(b"MThd"):  # lengths that are wrong lead past it
        found = data.find(b"MThd")
        if found < 0:
            raise WorkError(
                "This RIFF container holds no MIDI file.", "Export it again as a Standard MIDI File."
            )
        body = data[found:]
    return body, info


def _chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
