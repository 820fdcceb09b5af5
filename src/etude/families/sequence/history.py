"""One text being read or made, as the mixture sees it: the symbols so far, the memory that grows with them,
and the matches."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from etude.families.sequence.components import Gate, Scratch, scratch
from etude.families.sequence.counts import GAP, Counts
from etude.families.sequence.memory import Memory, push
from etude.families.sequence.symbol_tree import Tree
from etude.media.contract import View


class History:
    """What stands before the next token. `grow`: the text's own memory counts what comes."""

    def __init__(
        self, tree: Tree, views: Sequence[View], gate: Gate, *, grow: bool, symbols: int = 4096
    ) -> None:
        """With room for about so many symbols to begin with."""
        self.grow = grow
        self.doc = Memory(tree, views, symbols=symbols if grow else 64)
        self.doc.reserve(symbols)
        push(self.doc.counts, GAP, True)
        self.doc.counts.meta[3] = self.doc.counts.meta[2]
        self.scratch = scratch(tree, len(views), gate)

    def fork(self) -> History:
        """A twin with the same past, memory and matches, which goes its own way from here."""
        twin = copy(self)
        twin.doc = copy(self.doc)
        twin.doc.counts = Counts._make(a.copy() for a in self.doc.counts)
        twin.scratch = Scratch._make(a.copy() for a in self.scratch)
        return twin
