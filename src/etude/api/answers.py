"""Results as JSON: every answer of a verb is a frozen dataclass with a `schema`, and this turns any of them
into plain objects.

Knows none of the answers; it walks dataclasses, mappings and sequences, and NumPy numbers by their `tolist`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def to_json(value: Any) -> Any:
    """A value that `json.dumps` takes. `schema` comes first; numbers that JSON does not know (nan, inf)
    become null."""
    if is_dataclass(value) and not isinstance(value, type):
        schema = getattr(type(value), "schema", None)
        head = {"schema": schema} if isinstance(schema, str) else {}
        return head | {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return to_json(value.tolist())
    return str(value)
