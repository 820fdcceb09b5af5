"""Defaults of the studio in the browser, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StudioDefaults:
    """The server and its pages."""

    port: int = 8737  # any free one if it is taken
    page: int = 60  # works or takes on one page: as many as the eye goes over
    tile_px: int = 320  # the longer side of a preview: sharp at 160 px on a fine screen
    cards: int = 4000  # kept in memory, half a kilobyte each
    text_chars: int = 420  # of a text on a card
    body_bytes: int = 1_000_000  # of a request that is no file
    file_bytes: int = 512_000_000  # of a file that is dropped
    drop_bytes: int = 8_000_000_000  # of all files of one drop
    drop_files: int = 20_000
    token_s: float = 600.0  # a link that was not opened by then is dead
    stream_s: float = 0.25  # between two looks for news
    heartbeat_s: float = 15.0  # so that a stream that nobody reads is noticed
    streams: int = 256  # open at once
    title_chars: int = 120
    companion_s: float = 300.0  # for an answer of the process that holds the model; then it is started anew
    companion_idle_s: float = 1200.0  # without a request it ends, and its memory is free
    phrase_chars: int = 200  # of a take at the cursor, unless somebody says otherwise: a sentence or two
    phrase_words: int = 40  # the same of a model on a base, whose length is counted in words
    before_chars: int = 4000  # of a draft that a take goes on from: more than any model looks back
    after_chars: int = 1500  # of a draft that a filled part leads to
    window_chars: int = 60_000  # of a text whose marks are asked for at once


STUDIO = StudioDefaults()
