"""Takes that a run shows while it learns: as a page or another program can show them, and what they may cost.

The medium says what a content is to people: words, or a small picture. Nothing of them is kept beside what
the run says, and nothing is learned from them. Knows no medium by name and no family.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etude.config.sequence import LEARN
from etude.media import MEDIA
from etude.media.contract import Content
from etude.media.looks import url


@dataclass(frozen=True)
class Preview:
    """A take on the way: its `words` where it is read, else its `look` as a data URL (a picture or a loop),
    and one `line` on it for people and screen readers."""

    words: str
    look: str
    line: str


def previews(medium: str, contents: Sequence[Content]) -> tuple[Preview, ...]:
    """The contents as their medium shows them."""
    of, out = MEDIA[medium], []
    for content in contents:
        words = of.text(content) if of.edited_as else None
        look = None if words is not None else of.look(content)
        out.append(Preview(words or "", url(look) if look is not None else "", of.describe(content)))
    return tuple(out)


class Allowance:
    """When takes are shown, and that all of them together stay within a share of the time spent: often in
    the beginning, when much changes, then seldom, as a curve of learning flattens."""

    def __init__(self, first_s: float | None = None, *, dear: bool = False) -> None:
        """The first ones come after `first_s` seconds (None: as is usual). `dear`: even these take seconds,
        so that short runs go without and say so."""
        self.share, self.dear = LEARN.preview_share, dear
        first_s = LEARN.preview_first_s if first_s is None else first_s
        self.cost_s = self.share * first_s  # of the next ones; before the first, what they may cost
        self._used_s, self._first_s, self._next_s = 0.0, first_s, first_s

    def due(self, spent_s: float, left_s: float) -> bool:
        """Whether it is time, and they are paid for."""
        paid = self._used_s + self.cost_s <= self.share * spent_s
        return spent_s >= self._next_s and paid and 2.0 * self.cost_s < left_s

    def took(self, seconds: float, spent_s: float) -> None:
        """They were shown when so much time was spent, and took so long."""
        self._used_s, self.cost_s = self._used_s + seconds, seconds
        self._next_s = LEARN.preview_pause * max(spent_s, self._first_s)

    def ever(self, lasts_s: float) -> bool:
        """Whether another one can be paid for by the end of a run that lasts so long."""
        return self._used_s + self.cost_s <= self.share * lasts_s
