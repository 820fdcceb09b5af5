"""What a child process runs to draw: SVG in, PNG out, each within the seconds of processor time it is given.

Run as a file, so that it starts with resvg alone. Linux and macOS end it themselves when the time is up
(ITIMER_PROF counts the processor time of all threads, so that a busy machine changes nothing). Knows nothing
of Etude.
"""

from __future__ import annotations

import signal
import struct
import sys
import time

ASKED = struct.Struct("<dQ")  # seconds, bytes of SVG
ANSWER = struct.Struct("<d?Q")  # seconds spent, whether it was drawn, bytes of PNG or of what was said


def main(most_bytes: int) -> None:
    """Draw until the pipe is closed."""
    import resvg_py

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; then the pipe is closed
    timer = getattr(signal, "setitimer", None)
    if timer is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked, answer = sys.stdin.buffer, sys.stdout.buffer
    while head := asked.read(ASKED.size):
        seconds, size = ASKED.unpack(head)
        text = asked.read(size).decode()
        begun = time.process_time()
        if timer is not None:
            timer(signal.ITIMER_PROF, max(0.001, seconds))
        try:
            made = bytes(
                resvg_py.svg_to_bytes(svg_string=text, skip_system_fonts=True, dpi=96, languages=["en"])
            )
            drawn = True
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is no Exception
            made, drawn = str(error).encode("utf-8", "replace"), False
        if timer is not None:
            timer(signal.ITIMER_PROF, 0)
        answer.write(ANSWER.pack(time.process_time() - begun, drawn, len(made)) + made)
        answer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
