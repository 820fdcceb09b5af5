"""Which tokens may follow in a text of bytes: every text drawn through the masks is UTF-8 without control
characters."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from etude.media.text.bpe import learn_codec
from etude.media.text.utf8 import CONTROL, Utf8

TEXT = "Straße im Herbst – d’été, ночь, 夜の雨。" * 40
BYTES = [bytes([b]) for b in range(256)]


@given(st.text(max_size=30))
def test_every_text_without_control_characters_can_be_spelled(text: str) -> None:
    utf8, pending = Utf8(BYTES), b""
    for b in text.encode():
        fits = bool(utf8.mask(pending)[b])
        assert fits == (b not in CONTROL)
        pending = utf8.after(pending, bytes([b]))
    assert pending == b""


@given(st.integers(0, 2**32 - 1))
def test_whatever_is_drawn_through_the_cursor_is_a_text(seed: int) -> None:
    codec = learn_codec([TEXT], vocab=300)
    g = np.random.default_rng(seed)
    cursor = codec.cursor(units=12)
    tokens = []
    while not cursor.done:
        allowed = cursor.allowed()
        assert allowed is not None and allowed.any()
        tokens.append(int(g.choice(np.flatnonzero(allowed))))
        cursor.push(tokens[-1])
    made = b"".join(bytes(codec.paths[t]) for t in tokens)
    text = made.decode("utf-8")  # strict: no half characters
    assert not any(c < " " and c not in "\t\n\r" for c in text) and "\x7f" not in text


def test_nothing_goes_on_with_what_is_no_character() -> None:
    utf8 = Utf8(BYTES)
    assert utf8.mask(b"\xe2").sum() == 64  # any continuation byte
    assert utf8.mask(b"\xe0").sum() == 32  # not the overlong ones
    assert not utf8.mask(b"").take([0x80, 0xC0, 0xFF, 0x08]).any()


def test_something_always_goes_on() -> None:
    utf8, seen, todo = Utf8(BYTES), set[bytes](), [b""]
    while todo:
        pending = todo.pop()
        if pending not in seen:
            seen.add(pending)
            fits = utf8.mask(pending)
            assert fits.any(), pending
            todo += {utf8.after(pending, BYTES[b]) for b in np.flatnonzero(fits)} - seen
    assert max(map(len, seen)) == 3
