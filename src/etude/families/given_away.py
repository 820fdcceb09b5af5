"""What gave a content away to a model's critic, tested by deleting it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GivenAway:
    """The stretch that the critic finds least like the works, units `start` to `end`. Without it the critic's
    logit of the content rises by `rise`; without one of `others` stretches as long, by `usual` on average;
    `beaten`: of how many of them it rises less."""

    start: int
    end: int
    rise: float
    usual: float
    beaten: int
    others: int

    @property
    def holds(self) -> bool:
        """Whether deleting it helps, and more than deleting most others."""
        return self.rise > 0 and self.beaten >= 0.8 * self.others
