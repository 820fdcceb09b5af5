"""Damaged files, the same each time: a few sound ones cut, flipped, doubled and spliced; and what a reader
must make of them.

Either it reads the file, or it refuses it with one plain sentence and a hint; in either case soon, and within
little memory. No other exception may come out. `ETUDE_FUZZ=2000` asks for so many mutations of each format
instead of the few that fit into the suite.
"""

from __future__ import annotations

import io
import os
import random
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence

from etude.errors import EtudeError
from tests.fuzz.spent import Spent

MOST_S, MOST_BYTES = 5.0, 1 << 30
SHARE_INSIDE = 0.8  # of packed files, mutations of a part: damage of the container itself is soon found out


def how_many(usual: int) -> int:
    """Mutations of one format: the usual number, or what ETUDE_FUZZ says."""
    return int(os.environ.get("ETUDE_FUZZ", usual))


def mutations(seeds: Sequence[bytes], words: Sequence[bytes], n: int, number: int = 0) -> Iterator[bytes]:
    """`n` damaged files made of `seeds`. `words`: pieces with a meaning in the format, put in here and there;
    `number`: of the draw.
    """
    for i in range(n):
        draw = random.Random(f"{number}:{i}")
        data = draw.choice(seeds)
        if data.startswith(b"PK\x03\x04") and draw.random() < SHARE_INSIDE:
            yield _inside(data, words, draw)
        else:
            yield _mutated(data, draw.choice(seeds), words, draw)


def _mutated(data: bytes, other: bytes, words: Sequence[bytes], draw: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8, 30))):
        at = draw.randrange(len(out) + 1)
        end = min(len(out), at + draw.choice((1, 1, 2, 4, 16, 100, 1000)))
        kind = draw.randrange(10)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << draw.randrange(8)
        elif kind == 1 and at < len(out):
            out[at] = draw.choice(
                (0, 1, 10, 27, 34, 38, 60, 92, 123, 125, 127, 128, 255, draw.randrange(256))
            )
        elif kind == 2:
            del out[at:end]
        elif kind == 3:
            out[at:at] = out[at:end] * draw.choice((1, 2, 10, 200))
        elif kind == 4:
            start = draw.randrange(len(other) + 1)
            out[at:end] = other[start : start + draw.choice((1, 8, 64, 1000))]
        elif kind == 5 and draw.random() < 0.3:
            del out[at:]
        elif kind == 6:
            out[at:at] = bytes(draw.randrange(256) for _ in range(draw.choice((1, 4, 40))))
        elif words:
            out[at:at] = draw.choice(words) * draw.choice((1, 1, 1, 3, 300))
    return bytes(out[: 2 * len(data) + 1_000_000])


def _inside(data: bytes, words: Sequence[bytes], draw: random.Random) -> bytes:
    """A packed file with one of its parts damaged, renamed or left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    hit = draw.randrange(len(parts))
    name, part = parts[hit]
    kind = draw.randrange(12)
    if kind == 0:
        del parts[hit]
    elif kind == 1:
        parts[hit] = (
            _mutated(name.encode(), name.encode(), words, draw).decode("utf-8", "replace")[:200],
            part,
        )
    else:
        parts[hit] = name, _mutated(part, draw.choice(parts)[1], words, draw)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts:
            archive.writestr(name.replace("\0", "") or "x", part)
    return out.getvalue()


def faults(read: Callable[[bytes], object], data: bytes) -> str:
    """What a reader did wrong with these bytes, or ''."""
    spent = Spent()
    fault = ""
    try:
        read(data)
    except EtudeError as error:
        fault = _bad_message(error)
    except BaseException as error:  # noqa: BLE001 - any other exception is what is looked for
        fault = f"{type(error).__name__}: {error}"
    seconds, grown = spent.seconds, spent.room_bytes
    if seconds > MOST_S:
        fault = fault or f"took {seconds:.1f} s"
    if grown > MOST_BYTES:
        fault = fault or f"took {grown / 2**20:.0f} MB"
    return fault


def _bad_message(error: EtudeError) -> str:
    """Why a refusal is no plain sentence, or ''."""
    for text in (error.message, error.hint):
        odd = {
            sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        }
        if odd - {"\u200c", "\u200d"}:
            return f"the message holds {sorted(odd)!r}: {text!r}"
    if sum(word.isalpha() for word in error.message.split()) < 3 or len(error.message) > 600:
        return f"the message is no sentence: {error.message!r}"
    if not error.hint.strip():
        return f"there is no hint: {error.message!r}"
    return ""
