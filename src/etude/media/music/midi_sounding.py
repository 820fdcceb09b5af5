"""How MIDI notes sound: the programme in force where each begins, and how long a pedal holds it on.

Works on the events of a whole file, in its own ticks. A programme holds from its tick on, programme 0 before
the first. A pedal holds a note whose key is let go while it is down, until it comes up or the key is struck
again. Does not know half pedals.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from etude.media.music.midi_events import Change, Events, Line, Played
from etude.media.music.midi_out import DRUM_CHANNEL

Sound = tuple[int, bool]  # programme, whether it is a drum kit
Channel = tuple[int, int]  # port, channel


@dataclass(frozen=True)
class Pedal:
    """What one pedal does: its changes in order, for each when it next comes up, and when it was pressed."""

    places: list[tuple[int, int]]  # (tick, byte) of each change
    down: list[bool]
    lifted: list[int]
    presses: list[tuple[int, int]]  # (tick, when it comes up); one reported down again was pressed once


UNUSED = Pedal([], [], [], [])


def sounding(events: Events) -> list[tuple[Line, Sound, list[Played]]]:
    """The notes of each channel of each chunk by their programme, in the order of the file, lengthened by the
    pedals."""
    by_sound = _by_program(events)
    sustain = _pedals(events.sustain, by_sound, events.end)
    sostenuto = _pedals(events.sostenuto, by_sound, events.end)
    out = []
    for line in sorted(by_sound):
        for sound, notes in by_sound[line].items():
            place = line[1:], sound
            if (place in sustain or place in sostenuto) and not sound[1]:
                notes = _held(notes, sustain.get(place, UNUSED), sostenuto.get(place, UNUSED))
            out.append((line, sound, notes))
    return out


def _by_program(events: Events) -> dict[Line, dict[Sound, list[Played]]]:
    """The notes of each line by their programme, in the order in which the programmes are first heard.

    A chunk keeps to its own programmes and to those of chunks that only set the channel up, since several
    instruments may share one channel. Where neither says anything, what other chunks say of the channel
    counts.
    """
    setting_up: dict[Channel, list[Change]] = defaultdict(list)
    anyone: dict[Channel, list[Change]] = defaultdict(list)
    for line, changes in events.programs.items():
        anyone[line[1:]] += changes
        if line not in events.notes:
            setting_up[line[1:]] += changes
    for pool in (*setting_up.values(), *anyone.values()):
        pool.sort()
    ticks = {channel: [c.tick for c in pool] for channel, pool in setting_up.items()}
    all_ticks = {channel: [c.tick for c in pool] for channel, pool in anyone.items()}
    out: dict[Line, dict[Sound, list[Played]]] = {}
    for line, notes in events.notes.items():
        channel = line[1:]
        own = events.programs.get(line, [])
        own_ticks = [c.tick for c in own]
        found: dict[Sound, list[Played]] = defaultdict(list)
        for note in sorted(notes):
            change = max(
                _in_force(own, own_ticks, note.onset),
                _in_force(setting_up.get(channel, ()), ticks.get(channel, ()), note.onset),
            ) or _in_force(anyone.get(channel, ()), all_ticks.get(channel, ()), note.onset)
            program, drum = change[0][2:] if change else (0, channel[1] == DRUM_CHANNEL)
            found[0 if drum else program, drum].append(note)
        out[line] = found
    return out


def _in_force(changes: Sequence[Change], ticks: Sequence[int], tick: int) -> list[Change]:
    """The last change at or before a tick, or none. One at the tick of a note holds for the note, wherever
    the file has it."""
    i = bisect_right(ticks, tick)
    return [changes[i - 1]] if i else []


def _pedals(
    changes: Mapping[Line, Iterable[Change]], by_sound: Mapping[Line, Mapping[Sound, object]], last: int
) -> dict[tuple[Channel, Sound], Pedal]:
    """For each sound of a channel, what a pedal does: it counts for both hands of a piano, not for two
    instruments. `last`: the tick at which the file ends."""
    sounds: dict[Channel, set[Sound]] = defaultdict(set)
    for line, heard in by_sound.items():
        sounds[line[1:]] |= set(heard)
    found: dict[tuple[Channel, Sound], list[Change]] = defaultdict(list)
    for line, moves in changes.items():
        for sound in by_sound.get(line) or sounds[line[1:]]:
            found[line[1:], sound] += moves
    return {place: _pedal(sorted(moves), last) for place, moves in found.items()}


def _pedal(changes: list[Change], last: int) -> Pedal:
    lifted, up = [], last
    for change in reversed(changes):
        up = change.tick if not change.value else up
        lifted.append(up)
    lifted.reverse()
    down = [bool(c.value) for c in changes]
    presses = [(c.tick, lifted[i]) for i, c in enumerate(changes) if down[i] and not (i and down[i - 1])]
    return Pedal([(c.tick, c.at) for c in changes], down, lifted, presses)


def _held(notes: list[Played], sustain: Pedal, sostenuto: Pedal) -> list[Played]:
    """The notes with the ends that the pedals give them."""
    struck: dict[int, list[int]] = defaultdict(list)
    for note in notes:
        struck[note.pitch].append(note.onset)  # ascending, as the notes are
    out = []
    for note in notes:
        end = note.end
        if end >= 0:
            i = bisect_left(sustain.places, (end, note.at)) - 1
            if i >= 0 and sustain.down[i]:
                end = max(end, sustain.lifted[i])
            j = bisect_left(sostenuto.presses, (note.end,)) - 1
            if j >= 0 and sostenuto.presses[j][0] >= note.onset:  # its key was down when the pedal went down
                end = max(end, sostenuto.presses[j][1])
            again = struck[note.pitch]
            k = max(bisect_left(again, note.end), bisect_right(again, note.onset))
            if end > note.end and k < len(again):
                end = max(note.end, min(end, again[k]))
        out.append(note._replace(end=end))
    return out
