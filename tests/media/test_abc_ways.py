"""ABC, any way of writing: whatever form the notation gives to a music, the same notes are read."""

from __future__ import annotations

from hypothesis import given, settings

from etude.media.music import abc
from tests.media.abc_tunes import Tune, tunes


@settings(deadline=None, max_examples=150)
@given(tunes())
def test_one_music_reads_the_same_in_every_way_of_writing_it(tune: Tune) -> None:
    reading = abc.read(tune.data)
    score = reading.content
    read = [[(n.onset, n.pitch, n.duration) for n in t.notes] for t in score.tracks]
    assert read == [sorted(voice) for voice in tune.voices if voice]
    assert reading.title == tune.title
    assert score.meters == ((0, *tune.metre),)
    assert score.pickup == 0
    assert score.tempos == ((0, 90.0),)
    assert reading.warnings == ()
