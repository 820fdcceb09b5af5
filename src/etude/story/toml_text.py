"""A TOML text changed in one place, so that comments, order and whatever else a person wrote stay as they
are.

The lines of a file are divided into blocks, one a header, with the lines that each key takes. A change
replaces the lines of one key, or adds a key or block; the new text is parsed again, and must say what
the old one said but for that change. Reading is the standard library's `tomllib`. Knows no plans."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=(.*)$", re.DOTALL)
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r"}
Changes = Mapping[int, Mapping[str, Any]]  # number of the block -> key -> value
WIDE = 100  # characters: a longer list stands on several lines


@dataclass(frozen=True)
class Block:
    """A header and what stands below it: `name` is empty above the first header; lines count from 0,
    `end` is one past the last; `keys` gives the lines of each key."""

    name: str
    start: int
    end: int
    keys: Mapping[str, tuple[int, int]]


def blocks(text: str) -> list[Block]:
    """The blocks of a text that `tomllib` can read, in order."""
    lines = text.split("\n")
    found: list[Block] = []
    name, start = "", 0
    keys: dict[str, tuple[int, int]] = {}
    i = 0
    while i < len(lines):
        if header := _HEADER.match(lines[i]):
            found.append(Block(name, start, i, keys))
            name, start, keys = header[2], i, {}
            i += 1
        elif key := _KEY.match(lines[i]):
            end = i + 1
            while end < len(lines) and not _whole("\n".join(lines[i:end])):
                end += 1
            keys[key[1].strip('"')] = (i, end)
            i = end
        else:
            i += 1
    found.append(Block(name, start, len(lines), keys))
    return found


def _whole(assignment: str) -> bool:
    """Whether a value is complete: several lines may belong to it."""
    said = assignment.partition("=")[2].strip()
    if said[:1] not in "[\"'{" or (said[:1] in "\"'" and said[:3] not in ('"""', "'''")):
        return True
    try:
        tomllib.loads(assignment)
    except tomllib.TOMLDecodeError:
        return False
    return True


def value(given: Any) -> str:
    """A value as TOML. Raises TypeError for what plans do not hold."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return repr(given)
    if isinstance(given, str):
        if "\n" in given:
            body = "".join(_ESCAPED.get(sign, _plain(sign)) for sign in given)
            return f'"""\n{body}"""'
        return '"' + "".join(_ESCAPED.get(sign, _plain(sign)) for sign in given) + '"'
    if isinstance(given, Sequence):
        parts = [value(one) for one in given]
        short = f"[{', '.join(parts)}]"
        return short if len(short) <= WIDE else "[\n" + "".join(f"  {part},\n" for part in parts) + "]"
    raise TypeError(f"a plan holds no {type(given).__name__}")


def _plain(sign: str) -> str:
    if sign != "\n" and (ord(sign) < 0x20 or ord(sign) == 0x7F):
        return f"\\u{ord(sign):04x}"
    return sign if not 0xD800 <= ord(sign) < 0xE000 else "\ufffd"


def with_values(text: str, name: str, changes: Changes) -> str:
    """The text with keys of the blocks `name` set, by the number of the block; None takes a key out."""
    found = [one for one in blocks(text) if one.name == name]
    lines = text.split("\n")
    cuts: list[tuple[int, int, list[str]]] = []
    for number, keys in changes.items():
        block, fresh = found[number], list[str]()
        for key, given in keys.items():
            new = [] if given is None else f"{key} = {value(given)}".split("\n")
            if key in block.keys:
                cuts.append((*block.keys[key], new))
            else:
                fresh += new
        last = max([end for _, end in block.keys.values()], default=block.start + bool(name))
        cuts.append((last, last, fresh))
    for start, end, new in sorted(cuts, key=lambda cut: cut[:2], reverse=True):
        lines[start:end] = new
    after = "\n".join(lines)
    _same_but(text, after, name, changes)
    return after


def with_blocks(text: str, name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The text with one more block `[[name]]` a row at its end."""
    added = [f"[[{name}]]\n" + "".join(f"{key} = {value(one)}\n" for key, one in row.items()) for row in rows]
    head = text.rstrip("\n") + ("\n\n" if text.strip() else "")
    return head + "\n".join(added) if added else text


def _same_but(before: str, after: str, name: str, changes: Changes) -> None:
    """Our own mistake if a change did more than it should."""
    old, new = tomllib.loads(before), tomllib.loads(after)
    for number, keys in changes.items():
        table = old[name][number] if name else old
        for key, given in keys.items():
            if given is None:
                table.pop(key, None)
            else:
                table[key] = list(given) if isinstance(given, tuple) else given
    assert old == new, f"changing {name} changed something else"
