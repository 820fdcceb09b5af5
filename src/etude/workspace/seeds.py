"""Seeds for takes: each process that makes takes of a model at the same time gets its own, so that none gives
again what another makes."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from etude.store.files import write_atomic

if TYPE_CHECKING:
    from etude.store.project import Project


def next_seed(project: Project, weights: str) -> int:
    """One more than the highest seed used with this model (its weights' SHA-256), so that asking twice gives
    other takes; other processes that are making now count as well."""
    import psutil

    with project.lock():
        used = [
            int(t.record.get("seed", 0)) for t in project.takes() if t.record.get("model_sha256") == weights
        ]
        path = project.cache_dir("making") / "seeds.json"
        busy: dict[str, dict[str, int]] = {}  # process -> weights -> seed, as long as the process lives
        with suppress(OSError, ValueError, AttributeError, TypeError):
            found = json.loads(path.read_text(encoding="utf-8"))
            busy = {
                pid: {str(k): int(v) for k, v in own.items()}
                for pid, own in found.items()
                if psutil.pid_exists(int(pid))
            }
        me = str(os.getpid())
        used += [own[weights] for pid, own in busy.items() if pid != me and weights in own]
        fresh = max(used, default=0) + 1
        busy.setdefault(me, {})[weights] = fresh
        write_atomic(path, json.dumps(busy).encode())
    return fresh
