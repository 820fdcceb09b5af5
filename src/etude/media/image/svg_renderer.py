"""Drawings drawn by resvg in a child process, within seconds of processor time and bytes of memory.

A drawing has a hundred ways to take minutes: filters, masks, clips and patterns on many elements, paths of a
million dashes, one large picture used a thousand times. What each costs depends on where it lies, so that no
count tells it beforehand; the child is ended instead. It stays open for the next drawing. Knows no styles.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

from etude.config.media import IMAGE
from etude.errors import WorkError
from etude.media.image.svg_child import ANSWER, ASKED

HINT = "Export it as PNG and add that."
_CHILD = Path(__file__).with_name("svg_child.py")


class Allowance:
    """What is left to one file: seconds of drawing, and drawings within drawings."""

    def __init__(self) -> None:
        self.seconds, self.nested = IMAGE.svg_draw_s, IMAGE.max_svg_nested


class _Renderer:
    """The child of this process; a new one after it ended, and in a process that was forked off."""

    def __init__(self) -> None:
        self._lock, self._owner = threading.Lock(), 0
        self._child: subprocess.Popen[bytes] | None = None

    def draw(self, text: bytes, left: Allowance) -> bytes:
        """A PNG. Raises WorkError for what takes too long or too much memory, RuntimeError with what resvg
        says."""
        with self._lock:
            child = self._running()
            assert child.stdin is not None and child.stdout is not None
            try:
                child.stdin.write(ASKED.pack(left.seconds, len(text)) + text)
                child.stdin.flush()
                spent, drawn, size = ANSWER.unpack(child.stdout.read(ANSWER.size))
                answer = child.stdout.read(size)
            except (OSError, ValueError, struct.error) as error:  # it ended
                self._end()
                raise WorkError(_ended(child.returncode), HINT) from error
            except BaseException:  # Ctrl-C: what it answers would be taken for the next drawing's
                self._end()
                raise
        left.seconds = max(0.0, left.seconds - spent)
        if not drawn:
            raise RuntimeError(answer.decode("utf-8", "replace"))
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._owner != os.getpid() or self._child.poll() is not None:
            # -P: nothing that lies in the folder of this file is found by its bare name
            command = [sys.executable, "-P", str(_CHILD), str(IMAGE.max_svg_memory)]
            pipe = subprocess.PIPE
            self._owner = os.getpid()
            self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


def _ended(code: int | None) -> str:
    if code == -getattr(signal, "SIGPROF", 0):
        return f"Drawing this SVG takes more than {IMAGE.svg_draw_s:g} s of processor time."
    return f"Drawing this SVG takes more than {IMAGE.max_svg_memory / 1e9:g} GB of memory."


draw = _Renderer().draw
