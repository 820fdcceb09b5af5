"""`marks` and `passage`: which words of a text stand in the works, fast enough for somebody who is typing."""

from etude.workspace.marking import Marks, Passage, marks, passage

__all__ = ["Marks", "Passage", "marks", "passage"]
