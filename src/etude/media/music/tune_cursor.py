"""Where a tune being made stands: grammar, metre, form, what is given, and the side inputs of the next token.

A take has exactly the bars of its frame: a note is only begun where the rest of the tune can still be filled,
with durations that works have at those places of the bar. Knows the vocabulary; knows no codec and no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from etude.media.music import key
from etude.media.music.form import code
from etude.media.music.score import Score
from etude.media.music.tune_frame import TuneFrame
from etude.media.music.tune_vocabulary import (
    END,
    FREE,
    HIGHEST,
    LOWEST,
    NOTHING,
    OPEN,
    PHRASE,
    PITCH,
    REMAIN,
    REST,
    SOUND,
    TuneVocabulary,
)

Event = tuple[int, int]  # token of a note or rest, index of its duration


class TuneCursor:
    """A cursor over a tune, standing after bos.

    `given` are events by tick, which are kept; between the ticks of `gap` (all of the tune where nothing is
    given) events are made.
    """

    def __init__(
        self,
        codec: TuneVocabulary,
        frame: TuneFrame,
        given: Mapping[int, Event] | None = None,
        gap: tuple[int, int] | None = None,
        like: Score | None = None,
    ) -> None:
        self.codec, self.frame, self.given, self.like = codec, frame, given, like
        self._gap = gap or (0, frame.end)
        self._state, self._done = OPEN, False
        self._tick, self._now = 0, -1
        self._events: dict[int, Event] = {}
        self._line: tuple[list[int], list[int]] = ([], [])  # onsets and pitches so far, for the copy guard
        self._can: list[bool] = []  # by tick of the gap: whether the rest of it can be filled from there
        self._upbeat = frame.pickup > 0
        self._enter(0)

    @property
    def now(self) -> int:
        """The index of the duration in force, -1 before the first."""
        return self._now

    def side(self) -> tuple[int, ...]:
        """The columns of `tune_vocabulary`."""
        state, events = self._state, self._events
        step, back, zero, meter, mode, left, bar, plan = self._of_bar
        final = self.frame.final
        pitch = duration = 0
        if step and state != END:
            found = events.get(self._tick - back)
            pitch, duration = (found[0], found[1] + 1) if found else (NOTHING, 0)
        place = self.codec.place(self._tick - zero)
        return (state, self._now + 1, place, meter, mode, left, bar, pitch, duration, plan, final)

    def _enter(self, bar: int) -> None:
        """What is the same for all tokens of a bar: its step of the plan, how many ticks back the bar that
        comes back lies, the tick at which a full bar would begin, and side inputs."""
        codec, frame = self.codec, self.frame
        line = frame.lines[bar]
        step = frame.plan[bar] if bar < len(frame.plan) else 0
        zero = line.start - line.place(line.start)
        there = frame.lines[bar - abs(step)]
        self._bar = bar
        self._of_bar = (
            step,
            zero - (there.start - there.place(there.start)),
            zero,
            codec.meter(line.meter),
            frame.mode + 1,
            min(REMAIN, len(frame.lines) - bar),
            0 if self._upbeat and not bar else 1 + (bar - self._upbeat) % PHRASE,
            code(step),
        )

    def allowed(self) -> npt.NDArray[np.bool_]:
        """(V,) what grammar, metre and length admit; never empty."""
        codec, first = self.codec, self.codec.first_duration
        mask = np.zeros(codec.vocab, bool)
        if self._state == END:
            mask[codec.eos] = True
            return mask
        if (token := self._kept()) is not None:
            mask[token] = True
            return mask
        if self._state == SOUND:
            self._sounds(mask)
            return mask
        fits = self._fits()
        mask[[first + d for d in fits if d != self._now]] = True
        if self._now in fits:
            self._sounds(mask)
        return mask

    def _sounds(self, mask: npt.NDArray[np.bool_]) -> None:
        """Notes, and a rest where the tune does not end with it; the last note is the one that it ends on."""
        final = self.frame.final
        low, high = max(self.codec.low, -self.frame.tonic), min(self.codec.high, 127 - self.frame.tonic)
        mask[PITCH + low - LOWEST : PITCH + high - LOWEST + 1] = True
        if self._tick + self.codec.durations[self._now] < self.frame.end:
            mask[REST] = True
            return
        ends = [t for t in range(PITCH, self.codec.first_duration) if not (t - PITCH + LOWEST - final) % 12]
        if self._line[1]:  # within an octave of the note before: no leap only to get there
            before = self._line[1][-1] - self.frame.tonic - LOWEST + PITCH
            ends = [t for t in ends if abs(t - before) <= 12] or ends
        last = np.zeros_like(mask)
        last[ends] = mask[ends]
        if last.any():
            mask[:] = last

    def _fits(self) -> list[int]:
        """The durations that may begin here."""
        if not self._can:
            self._look_ahead()
        begin, end = self._gap
        durations, left = self.codec.durations, end - self._tick
        ahead = self._can[self._tick - begin :]
        usual = self.codec.options(self.frame.lines[self._bar], self._tick)
        fits = [d for d in usual if durations[d] <= left and ahead[durations[d]]]
        fits = fits or [d for d, ticks in enumerate(durations) if ticks <= left and ahead[ticks]]
        return fits or [max(d for d, ticks in enumerate(durations) if ticks <= left)]

    def _look_ahead(self) -> None:
        """From which ticks of the gap its end can be reached by durations that works have there."""
        begin, end = self._gap
        can = [False] * (end - begin) + [True]
        bar = len(self.frame.lines) - 1
        for tick in range(end - 1, begin - 1, -1):
            while self.frame.lines[bar].start > tick:
                bar -= 1
            for d in self.codec.options(self.frame.lines[bar], tick):
                after = tick + self.codec.durations[d]
                if after <= end and can[after - begin]:
                    can[tick - begin] = True
                    break
        self._can = can

    def _kept(self) -> int | None:
        """The token that is given here."""
        if self.given is None or self._gap[0] <= self._tick < self._gap[1]:
            return None
        event = self.given.get(self._tick)
        if event is None:
            return None
        token, duration = event
        return token if duration == self._now else self.codec.first_duration + duration

    def forced(self) -> int | None:
        """What is given, and the end of what is given."""
        if self.given is None:
            return None
        return self.codec.eos if self._state == END else self._kept()

    def push(self, token: int) -> None:
        """Take a token; a bos at the start is passed over."""
        codec = self.codec
        if token == codec.eos:
            self._done = True
        elif self._state == END:
            return  # whoever goes on after the end adds nothing
        elif token >= codec.first_duration:
            self._now, self._state = token - codec.first_duration, SOUND
        elif token >= REST and self._now >= 0:
            self._events[self._tick] = token, self._now
            if token >= PITCH:
                self._line[0].append(self._tick)
                self._line[1].append(self.frame.tonic + LOWEST + token - PITCH)
            self._tick += codec.durations[self._now]
            lines = self.frame.lines
            bar = self._bar
            while bar + 1 < len(lines) and self._tick >= lines[bar].end:
                bar += 1
            if bar != self._bar:
                self._enter(bar)
            self._state = END if self._tick >= self.frame.end else FREE

    def fork(self) -> TuneCursor:
        """A twin at the same place."""
        twin = copy(self)
        twin._events = dict(self._events)
        twin._line = (list(self._line[0]), list(self._line[1]))
        return twin

    def lines(self) -> list[tuple[list[int], list[int], int]]:
        """For the copy guard: the line so far and the onset of the next note; none where it is given."""
        if self._state not in (FREE, SOUND) or self._kept() is not None:
            return []
        return [(*self._line, self._tick)]

    def note_token(self, pitch: int) -> int | None:
        """The token of a note of this pitch, None where there is none."""
        step = pitch - self.frame.tonic
        return PITCH + step - LOWEST if LOWEST <= step <= HIGHEST else None

    def content(self, tokens: Sequence[int]) -> Score:
        """The score of the tokens that were made, in the frame of the take, with title and key of what was
        given."""
        made = self.frame.score(self.codec.notes(tokens, self.frame.tonic))
        like = self.like
        if like is None:
            return made
        name = next((t.name for t in like.tracks if t.notes), "")
        tempos = like.tempos if like.tempos and like.tempos[0] == made.tempos[0] else made.tempos
        tracks = (replace(made.tracks[0], name=name),)
        return replace(made, tracks=tracks, title=like.title, keys=like.keys or made.keys, tempos=tempos)

    def obeys(self, content: Score) -> bool:
        """Whether the notes have the tonic that was asked for, where one was."""
        if not self.codec.held:
            return True
        found = key.estimated(content)
        return found is not None and found.tonic == self.frame.tonic % 12

    @property
    def done(self) -> bool:
        """True after the end."""
        return self._done
