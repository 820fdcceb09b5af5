"""The codec of tunes, learned from a collection, or taken over from another one. Knows no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from etude.config.media import CODEC
from etude.errors import WorkError
from etude.media.music.score import Score
from etude.media.music.tune_codec import TuneCodec
from etude.media.music.tune_frame import TuneFrame, frame_of
from etude.media.music.tune_line import melody
from etude.media.music.tune_vocabulary import HIGHEST, LOWEST, Fits

ALWAYS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96)  # durations of which any other can be put together
FEW = 200  # works: of more, a duration must stand twice at a place of the bar for takes to use it there
RARE = 0.0005  # of the notes, above and below those that takes use


@dataclass
class _Found:
    """What tunes have: where durations stand in a bar, frames, and steps from the tonic."""

    places: Counter[int] = field(default_factory=Counter)
    stands: Counter[tuple[tuple[int, int], int, int]] = field(default_factory=Counter)
    frames: list[TuneFrame] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def fits(self, meters: Sequence[tuple[int, int]]) -> dict[tuple[int, int], set[int]]:
        """By metre and place the durations that are no slip."""
        least = 1 if len(self.frames) < FEW else 2
        out: dict[tuple[int, int], set[int]] = {}
        for (meter, place, duration), n in self.stands.items():
            if meter in meters and n >= least:
                out.setdefault((meters.index(meter), place), set()).add(duration)
        return out

    def range(self) -> tuple[int, int]:
        """The lowest and the highest step, of many tunes without the rarest."""
        if len(self.frames) < FEW:
            return min(self.steps), max(self.steps)
        low, high = np.quantile(self.steps, (RARE, 1 - RARE))
        return int(low), int(high)


def _found(codec: TuneCodec, scores: Sequence[Score]) -> _Found:
    """What these scores have, by the durations of a codec."""
    out = _Found()
    index = {d: i for i, d in enumerate(codec.durations)}
    for score in scores:
        sounds, notes = codec.line(score)
        if not notes:
            continue
        frame = frame_of(score, notes)
        out.frames.append(frame)
        out.steps += [min(max(n.pitch - frame.tonic, LOWEST), HIGHEST) for n in notes]
        bar = 0
        for sound in sounds:
            while bar + 1 < len(frame.lines) and sound.onset >= frame.lines[bar].end:
                bar += 1
            line = frame.lines[bar]
            place = line.place(sound.onset)
            out.places[place] += 1
            out.stands[line.meter, place, index[sound.duration]] += 1
    return out


def _table(fits: Mapping[tuple[int, int], set[int]]) -> Fits:
    return tuple((m, p, tuple(sorted(found))) for (m, p), found in sorted(fits.items()))


def learn_codec(scores: Sequence[Score]) -> TuneCodec:
    """The codec of a collection: its durations and where they stand in a bar, its metres and its range.

    Raises WorkError where no score has notes.
    """
    usual = Counter(s.duration for score in scores for s in melody(score))
    if not usual:
        raise WorkError("no tune of the collection has notes", "add works with notes")
    durations = tuple(sorted({d for d, _ in usual.most_common(CODEC.durations)} | set(ALWAYS)))
    bare = TuneCodec(durations, (0,), ((4, 4),), LOWEST, HIGHEST, (), {})
    found = _found(bare, scores)
    meters = tuple(m for m, _ in Counter(f.meter for f in found.frames).most_common(CODEC.tracks))
    low, high = found.range()
    levels = [n.velocity for score in scores for track in score.tracks for n in track.notes]
    return replace(
        bare,
        positions=tuple(sorted(p for p, _ in found.places.most_common(CODEC.positions))),
        meters=meters,
        low=low,
        high=high,
        fits=_table(found.fits(meters)),
        usual=_usual(found.frames).to_json(),
        level=int(np.median(levels)),
    )


def adopted(codec: TuneCodec, scores: Sequence[Score]) -> TuneCodec:
    """A codec learned from other tunes for these: their usual frame, and what they have beside what it knows.
    Metres that it does not know stay unknown."""
    found = _found(codec, scores)
    if not found.frames:
        return codec
    fits = found.fits(codec.meters)
    for (meter, place), durations in codec.fitting.items():
        fits.setdefault((meter, place), set()).update(durations)
    low, high = found.range()
    return replace(
        codec,
        low=min(low, codec.low),
        high=max(high, codec.high),
        fits=_table(fits),
        usual=_usual(found.frames).to_json(),
    )


def _usual(frames: Sequence[TuneFrame]) -> TuneFrame:
    """The first of the frames that agree with most others in metre, length and mode."""
    kinds = Counter((f.meter, f.bars, f.mode) for f in frames if f.regular)
    if not kinds:
        return frames[0]
    kind = kinds.most_common(1)[0][0]
    return next(f for f in frames if f.regular and (f.meter, f.bars, f.mode) == kind)
