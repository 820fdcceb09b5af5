"""Whether a score is made of voices that sing one note at a time, and which they are.

A polyphonic track is split by height where its chords keep one size most of the time (a hymn on one track);
where they do not (piano textures, strummed chords) the answer is None. Does not know counterpoint: crossing
voices within one track are uncrossed.
"""

from __future__ import annotations

from dataclasses import replace

from etude.media.music.score import STEP, Note, Score, Track

MAX_VOICES = 8
SLACK = 4  # ticks that a legato may overlap the next note of its voice
CONSTANT_SHARE = (
    0.75  # of the attacked chords of a track must have all its voices for a split to be called clean
)
GRID_SHARE = 0.98  # of the onsets must lie on 16ths

FAMILIES = (
    *("piano", "chimes", "organ", "guitar", "bass", "strings", "ensemble", "brass"),
    *("reed", "pipe", "lead", "pad", "effects", "plucked", "percussion", "noises"),
)  # General MIDI, eight programs each


def label(score: Score, track: int) -> str:
    """What people call a track: its name, or its family of instruments, numbered where several are the
    same."""
    names = [
        t.name
        or ("drums" if t.drum else "voice" if len(score.tracks) > 1 else FAMILIES[t.program % 128 // 8])
        for t in score.tracks
    ]
    if names.count(names[track]) == 1:
        return names[track]
    return f"{names[track]} {names[: track + 1].count(names[track])}"


def voices(score: Score) -> list[Track] | None:
    """The monophonic voices of a score, in the order of its tracks (highest first within one), or None where
    there are none."""
    out: list[Track] = []
    for track in score.tracks:
        if track.drum:
            return None
        split = _split(track)
        if split is None:
            return None
        out += split
    return out if 1 <= len(out) <= MAX_VOICES and any(v.notes for v in out) else None


def on_grid(score: Score) -> bool:
    """Whether nearly all notes begin on the grid of 16ths."""
    onsets = [n.onset for t in score.tracks for n in t.notes]
    return bool(onsets) and sum(o % STEP == 0 for o in onsets) >= GRID_SHARE * len(onsets)


def is_tune(score: Score) -> bool:
    """Whether the score is one voice alone, written and not played: its notes begin on 32nds or triplets."""
    found = voices(score)
    if found is None or sum(bool(v.notes) for v in found) != 1:
        return False
    onsets = [n.onset for v in found for n in v.notes]
    return sum(not o % 3 or not o % 4 for o in onsets) >= GRID_SHARE * len(onsets)


def monophonic(notes: tuple[Note, ...]) -> tuple[Note, ...] | None:
    """The notes with small overlaps clipped, or None where two really sound together."""
    out: list[Note] = []
    for note in notes:
        if out and (over := out[-1].onset + out[-1].duration - note.onset) > 0:
            if over > SLACK or over >= out[-1].duration:
                return None
            out[-1] = replace(out[-1], duration=out[-1].duration - over)
        out.append(note)
    return tuple(out)


def _split(track: Track) -> list[Track] | None:
    single = monophonic(track.notes)
    if single is not None:
        return [replace(track, notes=single)]
    chords: dict[int, list[Note]] = {}
    for note in track.notes:
        chords.setdefault(note.onset, []).append(note)
    sounding: list[Note] = []
    sizes: list[int] = []
    rows: list[tuple[list[Note], list[Note]]] = []  # what is held, what begins
    for onset in sorted(chords):
        sounding = [n for n in sounding if n.onset + n.duration - onset > min(SLACK, n.duration - 1)]
        rows.append((list(sounding), chords[onset]))
        sounding += chords[onset]
        sizes.append(len(sounding))
    k = max(sizes)
    if k > MAX_VOICES or sum(size == k for size in sizes) < CONSTANT_SHARE * len(sizes):
        return None
    lines: list[list[Note]] = [[] for _ in range(k)]
    for held, new in rows:
        if not _assign(lines, held, new):
            return None
    split = [monophonic(tuple(line)) for line in lines]
    names = [f"{track.name} {i + 1}".strip() for i in range(k)]
    return (
        None
        if None in split
        else [replace(track, notes=s, name=n) for s, n in zip(split, names, strict=True) if s is not None]
    )


def _assign(lines: list[list[Note]], held: list[Note], new: list[Note]) -> bool:
    """Give each new note a free line: by height where the chord is full, else the nearest line by its last
    pitch."""
    taken = {i for i, line in enumerate(lines) if line and line[-1] in held}
    free = [i for i in range(len(lines)) if i not in taken]
    todo = sorted(new, key=lambda n: -n.pitch)
    if len(todo) > len(free):
        return False
    while todo:
        spare = len(free) - len(todo)
        note = todo.pop(0)
        pick = min(
            range(spare + 1),
            key=lambda j: abs(lines[free[j]][-1].pitch - note.pitch) if lines[free[j]] else 0,
        )
        lines[free[pick]].append(note)
        free = free[pick + 1 :]
    return True
