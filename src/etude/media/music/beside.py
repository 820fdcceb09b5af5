"""New voices beside given ones: which voice of a codec each given line is, at which octave it is heard, and
the score of both.

What was given comes back note for note, at its own rhythm and on its own tracks; only the codec sees it on
the grid. Knows no tokens and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from etude.errors import TakeError
from etude.media.music.given_score import Given
from etude.media.music.grid import Line, assign, lines
from etude.media.music.grid_vocabulary import GridVocabulary
from etude.media.music.score import Note, Score, Track

LOWEST_MELODY = 57  # a single line whose mean pitch is higher is the melody, and goes to the highest voice
OCTAVES = 3  # tried each way


def wanted_of(codec: GridVocabulary, given: Given) -> tuple[int, ...]:
    """The voices that are asked for by name; none where all others are to be made. Raises TakeError for a
    name that the codec does not know."""
    names = [name.casefold() for name in codec.names]
    for name in given.wanted:
        if name.casefold() not in names:
            raise TakeError(
                f"The model has no voice '{name}' (it has: {', '.join(codec.names)}).", "Name one of these."
            )
    return tuple(sorted(names.index(name.casefold()) for name in given.wanted))


def placed(codec: GridVocabulary, given: Given) -> list[Line | None]:
    """The given line of each voice. Raises TakeError where there are more given lines than places."""
    wanted = wanted_of(codec, given)
    found = sorted(lines(given.score), key=lambda line: -line.mean)
    free = [v for v in range(codec.voices) if v not in wanted]
    if len(found) > len(free):
        raise TakeError(
            f"{len(found)} voices are given, and beside those that are asked for the model has places for "
            f"{len(free)}.",
            "Give fewer voices, or ask for fewer.",
        )
    out: list[Line | None] = [None] * codec.voices
    if (wanted and free[: len(found)] == list(range(len(found)))) or _melody(found):
        for v, melody in zip(free, found, strict=False):
            out[v] = melody
        return out
    if not wanted:
        return assign(given.score, codec.names, codec.means)
    for v, line in zip(free, assign(given.score, (), [codec.means[v] for v in free]), strict=True):
        out[v] = line
    return out


def _melody(found: Sequence[Line]) -> bool:
    return len(found) == 1 and found[0].mean >= LOWEST_MELODY


def octave(codec: GridVocabulary, voices: Sequence[Line | None]) -> int:
    """By how many semitones (whole octaves) the given lines are moved to lie in the range of their voices."""

    def outside(shift: int) -> int:
        return sum(
            max(0, codec.ranges[v][0] - n.pitch - shift, n.pitch + shift - codec.ranges[v][1])
            for v, line in enumerate(voices)
            for n in (line.notes if line else ())
        )

    return min((12 * k for k in range(-OCTAVES, OCTAVES + 1)), key=lambda shift: (outside(shift), abs(shift)))


def moved(score: Score, shift: int) -> Score:
    """The score, transposed."""
    if not shift:
        return score
    return replace(score, tracks=tuple(replace(t, notes=_moved(t.notes, shift)) for t in score.tracks))


def together(
    codec: GridVocabulary, given: Given, voices: Sequence[Line | None], shift: int, made: Score
) -> Score:
    """The given score with what was made: tracks that stay as they are, those made anew in their places, and
    further voices between them by height. `made` has a track a voice, and the given lines `shift` semitones
    away."""
    score, wanted = given.score, wanted_of(codec, given)
    of_track = {line.track: v for v, line in enumerate(voices) if line is not None}
    stay = [i for i in range(len(score.tracks)) if i in given.keep_tracks or i not in of_track]
    anew = {i: v for i, v in of_track.items() if i not in stay}
    others = [v for v in range(codec.voices) if v not in of_track.values()]
    added = list(wanted) if wanted else ([] if anew else others)
    back = _back(of_track, [*anew.values(), *added], shift)
    program = next((score.tracks[i].program for i in stay), 0)
    tracks = [
        replace(t, notes=_moved(made.tracks[anew[i]].notes, back)) if i in anew else t
        for i, t in enumerate(score.tracks)
    ]
    voice: list[int | None] = [of_track.get(i) for i in range(len(tracks))]
    for v in sorted(added):
        # below the last given voice that is higher, above all where none is
        at = max((i + 1 for i, u in enumerate(voice) if u is not None and u < v), default=0)
        tracks.insert(at, Track(_moved(made.tracks[v].notes, back), codec.names[v], program))
        voice.insert(at, v)
    return replace(score, tracks=tuple(tracks))


def _back(given: dict[int, int], made: Sequence[int], shift: int) -> int:
    """The shift of what was made: with the given lines, but where those were too high and all that was made
    lies below it may stay in its own range."""
    below = all(v > max(given.values(), default=-1) for v in made)
    return 0 if shift < 0 and below else -shift


def _moved(notes: tuple[Note, ...], shift: int) -> tuple[Note, ...]:
    return tuple(replace(n, pitch=min(127, max(0, n.pitch + shift))) for n in notes) if shift else notes
