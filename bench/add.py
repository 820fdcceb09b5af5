"""Adding works: 1,000 MIDI files and 20 MB of text, in files and megabytes a second, near-duplicates looked for.

    python bench/add.py
    python bench/add.py --quick       a tenth of it

The works are made here, so that nothing need be there: tunes and prose drawn by chance from a fixed seed (word lists with the frequencies
of a language, melodies that walk through a scale), since copies of one file would be refused as duplicates.
"""

from __future__ import annotations

import io

import mido
import numpy as np
from _etude import OWN, Studio
from _harness import Row, Table, options, say, show

MB = 1_000_000


def prose(size: int, seed: int) -> str:
    """Some `size` characters of made-up words with Zipf's frequencies, in sentences and paragraphs."""
    draw = np.random.Generator(np.random.Philox(seed))
    shared = np.random.Generator(np.random.Philox(0))  # one language for all the files
    syllables = [a + b for a in "bdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "in", "on", "ul")]
    lexicon = np.array(["".join(shared.choice(syllables, shared.integers(1, 5))) for _ in range(20_000)])
    weights = 1.0 / np.arange(2, len(lexicon) + 2)
    words = draw.choice(lexicon, size // 5, p=weights / weights.sum())
    text, at = [], 0
    length = 0
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
            track.append(mido.Message("note_off", note=pitch, velocity=0, time=int(draw.choice([240, 480, 480, 960]))))
        song.tracks.append(track)
    out = io.BytesIO()
    song.save(file=out)
    return out.getvalue()


def main() -> None:
    chosen = options(__doc__).parse_args()
    files, texts = (100, 4) if chosen.quick else (1000, 40)
    rows = []
    with Studio() as studio:
        say(f"writing {files} tunes and {texts * 0.5:g} MB of prose")
        for i in range(files):
            studio.write(f"tunes/tune-{i:04d}.mid", tune(i))
        for i in range(texts):
            studio.write(f"prose/prose-{i:03d}.txt", prose(MB // 2, i))
        for name, medium, count in (("tunes", "MIDI", files), ("prose", "text", texts)):
            say(f"adding {name}")
            added = studio("add", str(studio.folder / name), "--collection", name, "--maker", "Nobody", *OWN)
            seconds = studio.seconds["add"]
            size = sum(path.stat().st_size for path in (studio.folder / name).iterdir()) / MB
            figures = {"files/s": f"{count / seconds:,.0f}", "MB/s": f"{size / seconds:.2f}", "seconds": f"{seconds:.1f}"}
            rows.append(Row(f"etude add, {medium}", figures, f"{count} files, {size:.1f} MB, {len(added['works'])} works added"))
    note = ("the whole command: start, reading, duplicates, split, and writing the project safely (fsync)",)
    show(Table("add", "Adding works, higher is better", ("files/s", "MB/s", "seconds"), tuple(rows), note))


if __name__ == "__main__":
    main()
