"""Small files of every format, and a statement that says all it can."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
from PIL import Image

from etude.credentials import Borrowed, ConsentCount, Contribution, Resembled, Statement
from etude.media.video.clip import Clip
from etude.media.video.medium import MEDIUM as VIDEO_MEDIUM

STATEMENT = Statement(
    title="Étude in the evening",
    medium="music",
    maker="Ann Example",
    model_name="chorales-1a2b3c4d",
    model_sha256="ab" * 32,
    collection_name="chorales",
    collection_sha256="cd" * 32,
    made_at="2026-11-24T10:00:00Z",
    edited=True,
    edited_at="2026-11-24T11:00:00Z",
    borrowed=Borrowed(share=0.25, longest=7, unit="notes", works=3),
    resembled=tuple(Resembled(f"Work {i}", "Bach", similarity=i / 100, p=0.5) for i in range(25)),
    consent=(ConsentCount("public-domain", "yes", 371), ConsentCount("own", "yes", 2)),
    contribution=Contribution(chosen_from=8, kept=228, added=12, removed=20, unit="notes"),
    share_contribution=True,
)


def _image(fmt: str) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((24, 24), 50).save(buffer, fmt)
    return buffer.getvalue()


def _saved(mode: str, fmt: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.merge(mode, [Image.effect_noise((31, 18), 50 + i) for i in range(len(mode))]).save(
        buffer, fmt, **options
    )
    return buffer.getvalue()


def _wav() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i / 5))) for i in range(800)))
    return buffer.getvalue()


def _mid() -> bytes:
    track = mido.MidiTrack(
        [mido.Message("note_on", note=60, time=0), mido.Message("note_off", note=60, time=480)]
    )
    buffer = io.BytesIO()
    mido.MidiFile(tracks=[track]).save(file=buffer)
    return buffer.getvalue()


def _zip(*entries: tuple[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return buffer.getvalue()


def _clip(fmt: str) -> bytes:
    ramp = np.arange(16 * 24 * 5 * 3, dtype=np.uint32).reshape(5, 16, 24, 3) * 7 % 256
    return VIDEO_MEDIUM.write(Clip(ramp.astype(np.uint8), 10.0), fmt)


_XML = '<?xml version="1.0"?>\n'
FILES: dict[str, Callable[[], bytes]] = {
    ".png": lambda: _image("PNG"),
    ".jpg": lambda: _image("JPEG"),
    ".webp": lambda: _image("WEBP"),
    ".gif": lambda: _image("GIF"),
    ".tif": lambda: _image("TIFF"),
    ".pdf": lambda: _image("PDF"),
    ".svg": lambda: (
        _XML
        + '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'
    ).encode(),
    ".wav": _wav,
    ".mp4": lambda: _clip("mp4"),
    ".epub": lambda: _zip(("mimetype", "application/epub+zip"), ("a.xhtml", "<p>tea</p>")),
    ".docx": lambda: _zip(("[Content_Types].xml", _XML + "<Types/>"), ("word/document.xml", "<w>tea</w>")),
    ".txt": lambda: "A line.\nAnother — with a dash.\n".encode(),
    ".md": lambda: b"# Title\n\nA line.\n",
    ".mid": _mid,
    ".musicxml": lambda: (_XML + '<score-partwise version="4.0"><part-list/></score-partwise>').encode(),
    ".mxl": lambda: _zip(("META-INF/container.xml", "<container/>"), ("score.xml", "<score-partwise/>")),
    ".abc": lambda: b"X:1\nT:Tune\nK:C\nCDEF|\n",
    ".unheard-of": lambda: bytes(range(256)),
}
STILL_AND_MOVING: dict[str, Callable[[], bytes]] = {
    "a WebP without loss": lambda: _saved("RGB", "WEBP", lossless=True),
    "one with transparency": lambda: _saved("RGBA", "WEBP", lossless=True),
    "one with loss": lambda: _saved("RGB", "WEBP"),
    "one that moves": lambda: _clip("webp"),
    "an old GIF": FILES[".gif"],
    "a GIF that moves": lambda: _clip("gif"),
    "an MP4": FILES[".mp4"],
}  # fmt: skip
EMBEDDED = (".png", ".jpg", ".webp", ".gif", ".tif", ".svg", ".wav", ".mp4", ".pdf", ".epub", ".docx")


def write(folder: Path, suffix: str, name: str = "piece") -> Path:
    path = folder / (name + suffix)
    path.write_bytes(FILES[suffix]())
    return path
