"""A score as sound: rendered with a soundfont found by name, or with the built-in synthesiser where there is
none.

The WAV says in its INFO chunk what it was rendered with. Looks for a soundfont in the environment variable
ETUDE_SOUNDFONT, where Linux distributions and Homebrew put them, and in the package pretty_midi if it is
installed; never on the network.
"""

from __future__ import annotations

import importlib.util
import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from etude.config.media import MUSIC_LIMITS
from etude.media.music.clock import seconds_at
from etude.media.music.score import Score

BUILT_IN = "Etude's built-in synthesiser"
FONT_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
    "/usr/local/share/soundfonts",
)
FONTS_BY_NAME = (
    "FluidR3_GM.sf2",
    "MuseScore_General.sf2",
    "TimGM6mb.sf2",
    "default.sf2",
)  # the better-sounding first


@dataclass(frozen=True)
class Sound:
    """A WAV file and the name of what played it."""

    wav: bytes
    player: str


def wav(score: Score) -> bytes:
    """The score as a WAV file, 16-bit stereo; the player's name is in it."""
    return render(score).wav


def render(score: Score, font: Path | None = None) -> Sound:
    """Play the score: with `font`, else with the soundfont found, else with the built-in synthesiser. At most
    ten minutes."""
    from etude.media.music import midi, synth

    short = _first_seconds(score, MUSIC_LIMITS.sound_s)
    path = font or soundfont()
    if path is not None:
        import midirenderer

        try:
            plain = bytes(midirenderer.render_wave_from(path.read_bytes(), midi.write(short)))
        except RuntimeError as error:  # a compressed or broken font: the fallback still plays
            player = f"{BUILT_IN} ({path.name} could not be used: {type(error).__name__})"
        else:
            return Sound(named(plain, path.stem), path.stem)
    else:
        player = BUILT_IN
    return Sound(named(pack(synth.render(short), MUSIC_LIMITS.sound_rate), player), player)


def soundfont() -> Path | None:
    """The soundfont to play with, or None. A path in ETUDE_SOUNDFONT wins; a bare name is looked for in the
    usual folders."""
    folders = [Path(f) for f in FONT_FOLDERS]
    spec = importlib.util.find_spec("pretty_midi")  # ships TimGM6mb.sf2; found without importing it
    if spec is not None and spec.submodule_search_locations:
        folders.append(Path(next(iter(spec.submodule_search_locations))))
    asked = os.environ.get("ETUDE_SOUNDFONT", "")
    names = (asked, f"{asked}.sf2") if asked else FONTS_BY_NAME
    for name in names:
        for folder in [Path(), *folders] if asked else folders:
            if (folder / name).is_file():
                return folder / name
    if asked:
        return None
    return next((f for folder in folders if folder.is_dir() for f in sorted(folder.glob("*.sf2"))), None)


def _first_seconds(score: Score, limit_s: float) -> Score:
    if seconds_at(score, [score.end])[0] <= limit_s:
        return score
    kept = []
    for track in score.tracks:
        starts = seconds_at(score, [n.onset for n in track.notes])
        kept.append(
            replace(track, notes=tuple(n for n, s in zip(track.notes, starts, strict=True) if s < limit_s))
        )
    return replace(score, tracks=tuple(kept))


def pack(samples: npt.NDArray[np.float32], rate: int) -> bytes:
    """Samples (T, 2) in -1..1 as a WAV file of 16 bits."""
    body = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, rate, rate * 4, 4, 16)
    return _riff(head + struct.pack("<4sI", b"data", len(body)) + body)


def named(wave: bytes, player: str) -> bytes:
    """The same WAV with an INFO chunk that names the player."""
    text = player.encode("ascii", "replace") + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFOISFT" + struct.pack("<I", len(text)) + text
    return _riff(wave[12:] + struct.pack("<4sI", b"LIST", len(info)) + info)


def _riff(body: bytes) -> bytes:
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WAVE") + body
