"""The version of this program, as its package says it."""

from __future__ import annotations

VERSION = "0.1.0"
