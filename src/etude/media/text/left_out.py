"""What a reader leaves out, named: kinds of things, how many there were, and the first words of some.

Only what is surely no text of the work goes (navigation, pages declared as cover or copyright, note marks,
hidden words). With `keep_all` nothing goes, and the list stays empty. Knows no format."""

from __future__ import annotations

from dataclasses import dataclass, field

from etude.errors import quoted

_SHOWN = 4  # first words that are quoted of one kind: a book may have a thousand page numbers


@dataclass
class LeftOut:
    """Collects while a file is read."""

    keep_all: bool = False
    _kinds: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, words: str, one: str, many: str = "") -> bool:
        """Whether these words go. `one` and `many` call the kind ("note", "notes"). What holds no word goes
        unsaid."""
        if self.keep_all:
            return False
        words = words.strip()
        if words:
            kind = (one, many or f"{one}s")
            self._counts[kind] = self._counts.get(kind, 0) + 1
            shown = self._kinds.setdefault(kind, [])
            if len(shown) < _SHOWN:
                shown.append(quoted(words[:400]))
        return True

    def warnings(self) -> tuple[str, ...]:
        """One sentence a kind: "left out 2 notes: “A small hill.”, “But mice.”"."""
        out = []
        for (one, many), shown in self._kinds.items():
            n = self._counts[one, many]
            more = f" and {n - len(shown):,} more" if n > len(shown) else ""
            out.append(f"left out {n:,} {one if n == 1 else many}: {', '.join(shown)}{more}")
        return tuple(out)
