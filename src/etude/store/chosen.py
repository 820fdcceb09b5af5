"""Which of several models of one name the name stands for, where a person or a comparison chose: a small file
beside the models. Without it, and where the chosen model is gone, a name stands for its newest model.
"""

from __future__ import annotations

from pathlib import Path

from etude.errors import ProjectError
from etude.store.acts import act
from etude.store.lines import read_json, write_json

FILE = "models/.chosen.json"


def chosen(root: Path, name: str) -> str:
    """The id that was chosen for this name; '' where nothing was, or the file cannot be read."""
    try:
        return str(dict(read_json(root / FILE).get("models") or {}).get(name, ""))
    except (OSError, ProjectError, TypeError, ValueError):
        return ""


def choose(root: Path, name: str, model_id: str) -> None:
    """From now on the name stands for this model. The caller holds the lock."""
    try:
        known = dict(read_json(root / FILE).get("models") or {})
    except (OSError, ProjectError, TypeError, ValueError):
        known = {}
    if known.get(name) == model_id:
        return
    with act(root, "models use"):
        write_json(root / FILE, {"format": 1, "models": {**known, name: model_id}})
