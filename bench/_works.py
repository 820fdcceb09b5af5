"""Works made up for measuring, the same ones every time: prose of invented words with Zipf's frequencies, and
tunes of two voices.

Copies of one file would be refused as duplicates, and nothing need be shipped or fetched. Knows nothing of
Etude.
"""

from __future__ import annotations

import io
from functools import cache

import mido
import numpy as np

MB = 1_000_000


@cache
def _lexicon() -> list[str]:
    """One language for all the files: 20,000 words of one to four syllables."""
    draw = np.random.Generator(np.random.Philox(0))
    syllables = [
        a + b for a in "bdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "in", "on", "ul")
    ]
    return ["".join(draw.choice(syllables, draw.integers(1, 5))) for _ in range(20_000)]


def prose(size: int, seed: int) -> str:
    """Some `size` characters of made-up words with Zipf's frequencies, in sentences and paragraphs."""
    draw = np.random.Generator(np.random.Philox(seed))
    lexicon = _lexicon()
    weights = 1.0 / np.arange(2, len(lexicon) + 2)
    words = draw.choice(lexicon, size // 5, p=weights / weights.sum()).tolist()
    text, at, length = [], 0, 0
    while length < size:
        n = int(draw.integers(4, 20))
        sentence = " ".join(words[at : at + n]).capitalize() + ("." if draw.random() < 0.85 else ".\n\n")
        at = (at + n) % (len(words) - 20)
        text.append(sentence)
        length += len(sentence) + 1
    return " ".join(text)[:size]


def tune(seed: int) -> bytes:
    """A MIDI file of two voices and some 64 bars."""
    draw = np.random.Generator(np.random.Philox(10_000 + seed))
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    song = mido.MidiFile(type=1, ticks_per_beat=480)
    for low in (64, 43):
        track = mido.MidiTrack()
        degree = 7
        for _ in range(256):
            degree = int(np.clip(degree + draw.integers(-2, 3), 0, 14))
            pitch = int(low + 12 * (degree // 7) + scale[degree % 7] - 7)
            track.append(mido.Message("note_on", note=pitch, velocity=80, time=0))
            track.append(
                mido.Message("note_off", note=pitch, velocity=0, time=int(draw.choice([240, 480, 480, 960])))
            )
        song.tracks.append(track)
    out = io.BytesIO()
    song.save(file=out)
    return out.getvalue()


@cache
def _sentences() -> tuple[list[list[str]], list[str]]:
    """The lines of the shipped poets as lists of words, and all their words in a row."""
    from etude.samples import poets

    texts = [path.read_text(encoding="utf-8") for path, _ in poets()]
    lines = [line.split() for text in texts for line in text.splitlines() if line.strip()]
    return lines, [word for line in lines for word in line]


def verse(size: int, seed: int, changed: float = 0.2) -> str:
    """Some `size` characters of the shipped poets, their lines shuffled and a share of the words changed for
    others of theirs.

    As common in its phrases as real verse, and yet no two of them are near-duplicates.
    """
    draw = np.random.Generator(np.random.Philox(20_000 + seed))
    lines, words = _sentences()
    out, length = [], 0
    while length < size:
        for i in draw.integers(len(lines), size=1000).tolist():
            line = [
                words[int(draw.integers(len(words)))] if draw.random() < changed else word
                for word in lines[i]
            ]
            out.append(" ".join(line))
            length += len(out[-1]) + 1
            if length >= size:
                break
    return "\n".join(out)[:size]
