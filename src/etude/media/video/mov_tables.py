"""How much the tables of an MP4 or MOV make FFmpeg keep, told before it opens the file.

A table of samples of one size, and a run of samples in a fragment, are one number, for each of which FFmpeg
makes room: 2 kB asked for 5 GB. Sound is left out anyway, so its tables are taken out of sight (one of plain
sound has millions of samples by right). After ISO/IEC 14496-12, 8.7.3.2, 8.6.6 and 8.8.8. Knows no
codecs.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from etude.config.media import VIDEO
from etude.errors import WorkError

_SHORTER = "Cut it into shorter clips and add those."
_AGAIN = "Export it again, for instance as MP4 (H.264)."
_TABLES = re.compile(rb"stsz|trun|elst|cmvd")
_SOUND = re.compile(rb"hdlr.{8}soun", re.DOTALL)
_MOST_BYTES = 64 * 2**20  # of all tables in one place: those of ten minutes have 1 MB


def bounded(data: bytes) -> bytes:
    """The file without its tables of sound. Raises WorkError where the others ask for more than is read."""
    silent: bytearray | None = None
    samples = edits = 0
    for name, _, body, end in _boxes(data, 0, len(data)):
        if name == b"mdat":  # pictures and sounds, no tables
            continue
        if name in (b"moov", b"moof") and end - body > _MOST_BYTES:
            raise WorkError(
                f"The tables of this clip have {(end - body) / 2**20:,.0f} MB; at most "
                f"{_MOST_BYTES / 2**20:,.0f} MB are read.",
                _SHORTER,
            )
        sound = _sound(data, body, end) if name == b"moov" else []
        for track, _ in sound:
            silent = silent or bytearray(data)
            silent[track + 4 : track + 8] = b"free"
        for found in _TABLES.finditer(data, body, end):
            if not any(a <= found.start() < b for a, b in sound):
                more, cuts = _asked(data, found)
                samples, edits = samples + more, edits + cuts
    if samples > VIDEO.max_samples:
        raise WorkError(
            f"The tables of this clip list {samples:,} samples; at most {VIDEO.max_samples:,} are read.",
            _SHORTER,
        )
    if samples * edits > VIDEO.max_edited:
        raise WorkError(
            f"This clip lists {samples:,} samples and was put together in {edits:,} edits; at most "
            f"{VIDEO.max_edited:,} are read, counted once an edit.",
            _AGAIN,
        )
    return data if silent is None else bytes(silent)


def _sound(data: bytes, body: int, end: int) -> list[tuple[int, int]]:
    """Where each track of sound starts and ends."""
    tracks = [(at, stop) for name, at, _, stop in _boxes(data, body, end) if name == b"trak"]
    return [(at, stop) for at, stop in tracks if _SOUND.search(data, at, stop)]


def _asked(data: bytes, found: re.Match[bytes]) -> tuple[int, int]:
    """How many samples and how many edits a table is for."""
    first, second = struct.unpack(">II", data[found.end() + 4 : found.end() + 12].ljust(8, b"\0"))
    if found[0] == b"cmvd":
        raise WorkError("The tables of this clip are compressed, as old QuickTime did it.", _AGAIN)
    if found[0] == b"elst":
        return 0, first
    return (first if found[0] == b"trun" else second), 0


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Name of each box between two places, where it starts, where its body starts, where it ends."""
    while start + 8 <= end:
        size, name = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        body = start + 8
        if size == 1:
            size, body = int.from_bytes(data[body : body + 8], "big"), body + 8
        stop = end if size == 0 else min(end, start + size)
        if stop < body:
            return
        yield name, start, body, stop
        start = stop
