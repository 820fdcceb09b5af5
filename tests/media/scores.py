"""Scores for the tests of the music medium: hypothesis strategies and a few fixed ones."""

from __future__ import annotations

from hypothesis import strategies as st

from etude.media.music.bars import bar_ticks
from etude.media.music.score import TPQ, Note, Score, Track

METERS = [(4, 4), (3, 4), (6, 8), (2, 2), (5, 8), (9, 8)]


@st.composite
def monophonic(draw: st.DrawFn, triplets: bool = True) -> tuple[Note, ...]:
    """A voice on the grid of 32nds and triplets of 16ths, with rests; each quarter note keeps to one of the
    two."""
    now, notes = 0, []
    for _ in range(draw(st.integers(1, 12))):
        grid = draw(st.sampled_from([3, 4] if triplets and now % 12 == 0 else [3]))
        if grid == 4:
            for _ in range(6):
                if draw(st.booleans()):
                    notes.append(
                        Note(now, draw(st.integers(36, 96)), 4, draw(st.sampled_from([80, 64, 100])))
                    )
                now += 4
            continue
        now += 3 * draw(st.sampled_from([0, 0, 0, 2, 4, 8, 16]))
        length = 3 * draw(st.sampled_from([1, 2, 3, 4, 4, 5, 7, 8, 8, 12, 16, 20, 24, 32, 40, 64]))
        notes.append(Note(now, draw(st.integers(36, 96)), length, draw(st.sampled_from([80, 64, 100]))))
        now += length
        if now % 12:
            now += 12 - now % 12
    return tuple(notes) or (Note(0, 60, TPQ),)


@st.composite
def scores(draw: st.DrawFn, triplets: bool = True) -> Score:
    """One to four monophonic tracks, changes of metre at bar lines, sometimes a pickup."""
    tracks = tuple(
        Track(draw(monophonic(triplets)), f"voice {chr(65 + i)}", draw(st.integers(0, 127)))
        for i in range(draw(st.integers(1, 4)))
    )
    beats, unit = draw(st.sampled_from(METERS))
    pickup = draw(st.sampled_from([0, 0, 12, 24]))
    meters = [(0, beats, unit)]
    if draw(st.booleans()):
        other = draw(st.sampled_from([m for m in METERS if m != (beats, unit)]))
        meters.append((pickup + 2 * bar_ticks(beats, unit), *other))
    end = max(n.onset + n.duration for t in tracks for n in t.notes)
    last = max(n.onset for t in tracks for n in t.notes)
    kept = tuple(m for m in meters if m[0] <= last)
    key = ((0, draw(st.integers(-7, 7)), draw(st.booleans())),)
    tempo = ((0, float(draw(st.integers(40, 200)))),)
    return Score(
        tracks, kept, tempo, key, pickup if end > pickup else 0, draw(st.sampled_from(["", "Étude in œ"]))
    )


def line(pitches: list[int], length: int = TPQ, start: int = 0) -> tuple[Note, ...]:
    """Notes of one length, one after the other."""
    return tuple(Note(start + i * length, p, length) for i, p in enumerate(pitches))


CHORALE = Score(
    (
        Track(line([67, 69, 71, 72, 74, 72, 71, 69, 67]), "soprano"),
        Track(line([62, 62, 67, 67, 67, 67, 67, 66, 62]), "alto"),
        Track(line([59, 57, 62, 64, 62, 64, 62, 60, 59]), "tenor"),
        Track(line([55, 54, 55, 48, 47, 45, 50, 50, 43]), "bass"),
    ),
    keys=((0, 1, False),),
    pickup=TPQ,
    title="Four voices",
)
