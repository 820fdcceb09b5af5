"""What a person changed in a take."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Change:
    """How far a person's version is from the take, in units (words, notes): kept from the take, put in, taken
    out."""

    kept: int
    added: int
    removed: int
    unit: str

    @property
    def share(self) -> float:
        """The part of the person's version that is not in the take, 0..1."""
        return self.added / max(1, self.kept + self.added)


def change(before: Sequence[Hashable], after: Sequence[Hashable], unit: str) -> Change:
    """What the person kept, added and removed, by the longest matching blocks (Ratcliff and Obershelp,
    1988)."""
    matcher = SequenceMatcher(None, list(before), list(after), autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return Change(kept, len(after) - kept, len(before) - kept, unit)
