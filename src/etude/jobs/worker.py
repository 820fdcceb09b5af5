"""The first breath of a worker: it writes down its process, then becomes the verb.

`python -m etude.jobs.worker FD NICE WORD...`: FD is the lock that it inherited and keeps. Knows no verb.
"""

from __future__ import annotations

import os
import signal
import sys


def main(given: list[str]) -> None:
    """Become `python -m etude WORD...`."""
    alive, nice, *words = given
    if hasattr(signal, "pthread_sigmask"):
        # An interrupt that comes while the verb is being loaded can be lost; so it is kept back until then.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    os.write(int(alive), str(os.getpid()).encode())
    if int(nice):
        os.nice(int(nice))
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell may have had it ignored; the verb stops by it
    verbs = os.environ.get("ETUDE_VERBS", "etude")  # a test names others
    os.execv(sys.executable, [sys.executable, "-m", verbs, *words])


if __name__ == "__main__":
    main(sys.argv[1:])
