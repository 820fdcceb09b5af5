"""The audit that stands beside a model, read again and taken away. Imports nothing that looks at models."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from etude.audit.report import Audit, restored
from etude.errors import ModelError
from etude.store.models import ModelInfo
from etude.workspace.core import Workspace

FILES = ("audit.html", "audit.json")  # beside a model's card
TESTED = "trace-test.json"  # as well: names groups of works


def last(ws: Workspace, name: str) -> Audit:
    """The audit that stands beside a model. Raises ModelError where there is none that can be read."""
    model = ws.project.model(name)
    path = model.path / FILES[1]
    try:
        return replace(restored(json.loads(path.read_bytes())), page=str(model.path / FILES[0]))
    except FileNotFoundError:
        raise ModelError(f"{model.id} was not audited yet.", f"etude audit {model.id}") from None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(
            f"The audit of {model.id} cannot be read: {type(error).__name__}.",
            f"Make it anew: etude audit {model.id}",
        ) from None


def forget(models: Iterable[ModelInfo]) -> None:
    """Take audits and tests of traces away: they quote works and name makers. Under the project's lock."""
    for model in models:
        for name in (*FILES, TESTED):
            (model.path / name).unlink(missing_ok=True)
