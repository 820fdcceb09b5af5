"""Makers who are perhaps one: names that differ only in capitals, dots, spaces or accents."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from shlex import quote

SHOWN = 3


def perhaps_one(makers: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of spellings of what may be one name, the most frequent spelling first."""
    often = Counter(maker for maker in makers if maker)
    groups: dict[str, list[str]] = {}
    for maker in often:
        groups.setdefault(_folded(maker) or maker, []).append(maker)
    found = (sorted(group, key=lambda maker: (-often[maker], maker)) for group in groups.values())
    return tuple(tuple(group) for group in sorted(found) if len(group) > 1)


def notes(makers: Iterable[str]) -> tuple[str, ...]:
    """What a person is told of them: a condition with two values for one maker learns less of each."""
    groups = perhaps_one(makers)
    out = []
    for group in groups[:SHOWN]:
        if len({unicodedata.normalize("NFC", name) for name in group}) == 1:
            out.append(
                f"'{group[0]}' stands in {len(group)} forms of Unicode that look the same and count as "
                f"{len(group)} makers; find the works with: etude works ls --maker {quote(group[0])}, and "
                f"make them one with: etude works edit WORK... --maker {quote(group[0])}"
            )
            continue
        names = " and ".join(f"'{name}'" for name in group)
        out.append(
            f"{names} are perhaps one maker; find the works with: etude works ls --maker {quote(group[-1])}, "
            f"and name them with: etude works edit WORK... --maker {quote(group[0])}"
        )
    if len(groups) > SHOWN:
        out.append(f"{len(groups) - SHOWN} more groups of makers are written almost alike.")
    return tuple(out)


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum())
