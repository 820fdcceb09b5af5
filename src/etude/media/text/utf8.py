"""Which tokens may follow, so that a text made of bytes is UTF-8 and holds no control characters.

A token of a byte-level codec may begin or end inside a character; drawn freely, one take in some dozens would
hold half a character, which readers show as a black diamond. Knows tokens only by their bytes.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CONTROL = bytes(b for b in (*range(32), 127) if b not in b"\t\n\r")


class Utf8:
    """Asked with the bytes of a character that has begun (`pending`, 0 to 3 bytes)."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        self._bytes = token_bytes
        # within a character only its further bytes may come
        self._going_on = [t for t, data in enumerate(token_bytes) if data and data[0] & 0xC0 == 0x80]
        self._masks: dict[bytes, npt.NDArray[np.bool_]] = {}

    def mask(self, pending: bytes) -> npt.NDArray[np.bool_]:
        """(V,) the tokens that may come next; tokens without bytes are let through only where no character is
        open."""
        found = self._masks.get(pending)
        if found is None:
            found = np.zeros(len(self._bytes), np.bool_)
            for token in self._going_on if pending else range(len(self._bytes)):
                found[token] = self._fits(pending, self._bytes[token])
            self._masks[pending] = found
            found.flags.writeable = False
        return found

    def after(self, pending: bytes, data: bytes) -> bytes:
        """The bytes of the character that is open after `data`; nothing where `data` does not fit."""
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        decoder.decode(pending + data)
        return bytes(decoder.getstate()[0])

    @staticmethod
    def _fits(pending: bytes, data: bytes) -> bool:
        if not data:
            return not pending
        if any(b in CONTROL for b in data):
            return False
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            decoder.decode(pending + data)
        except UnicodeDecodeError:
            return False
        begun = bytes(decoder.getstate()[0])
        return not (
            begun[:1] == b"\xed" and begun[1:2] >= b"\xa0"
        )  # a surrogate, which Python refuses at its third byte only
