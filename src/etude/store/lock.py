"""One lock a project: whoever writes holds it, everybody else waits a little and is then told who holds it.

The operating system drops the lock when its holder dies, so a kill -9 leaves nothing to clean up. Within one
process the lock is re-entrant for a thread and excludes other threads. Knows nothing of what it protects.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from etude.config.store import STORE
from etude.errors import ProjectError
from etude.store.files import clear_errors


class _Held:
    """This process's hold on one lock file: how deep it is nested, and the open file that carries it."""

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self.depth = 0
        self.fd = -1


_held: dict[str, _Held] = {}
_registry = threading.Lock()


def _forget() -> None:
    """After a fork the child holds nothing: the lock stays with the parent."""
    global _registry
    for held in _held.values():
        if held.fd >= 0:
            os.close(held.fd)
            held.fd = -1  # the child may leave the block that it was forked in
    _held.clear()
    _registry = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


@contextmanager
def hold(path: Path, wait_s: float | None = None) -> Iterator[None]:
    """Hold the lock file `path`. Raises ProjectError with the holder's pid and command after `wait_s`
    seconds."""
    deadline = time.monotonic() + (STORE.lock_wait_s if wait_s is None else wait_s)
    key = os.path.realpath(path)
    with _registry:
        held = _held.setdefault(key, _Held())
    if not held.threads.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise _busy(path)
    try:
        if held.depth == 0:
            held.fd = _open_locked(path, deadline)
        held.depth += 1
        try:
            yield
        finally:
            held.depth -= 1
            if held.depth == 0 and held.fd >= 0:
                os.close(held.fd)
                held.fd = -1
    finally:
        held.threads.release()


def _open_locked(path: Path, deadline: float) -> int:
    while True:
        with clear_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if _try_lock(fd) and _same_file(fd, path):  # the folder may have been deleted while we waited
                _sign(fd)
                return fd
            if time.monotonic() >= deadline:
                raise _busy(path)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        time.sleep(0.02)


def _same_file(fd: int, path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(fd), path.stat())
    return False


def _sign(fd: int) -> None:
    """Write down who holds the lock, for the message that others get. A full disk must not keep us from
    locking."""
    note = {
        "pid": os.getpid(),
        "command": _command(),
        "since": time.strftime("%H:%M:%S"),
    }
    with suppress(OSError):
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, json.dumps(note).encode())


def _command() -> str:
    """The program and its verb, without what was named: nothing of the person's machine stays in the
    project."""
    words = [Path(sys.argv[0]).name or "python"] + [word for word in sys.argv[1:3] if word.isalpha()]
    return " ".join(words)


def _busy(path: Path) -> ProjectError:
    who = "another process"
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(path.read_bytes())
        who = f"process {note['pid']} ({note['command']}), since {note['since']}"
    return ProjectError(
        f"The project is in use by {who}.", "Wait until it has ended, then run the same command again."
    )


if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> bool:
        try:
            os.lseek(
                fd, 1 << 20, os.SEEK_SET
            )  # a byte beyond the note, so that others can read who holds the lock
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
