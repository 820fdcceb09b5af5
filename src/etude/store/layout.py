"""Where things lie in a project folder. Knows nothing of what they hold."""

from __future__ import annotations

SETTINGS = "etude.toml"
CACHE = ".etude"  # all of it can be rebuilt
FOLDERS = ("works", "collections", "models", "pieces", "drafts", "log", CACHE)
