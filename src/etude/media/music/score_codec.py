"""What the codecs of scores have in common: how a take begins around what a person gave, and how it is read
again as it was met. Knows no vocabulary."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from etude.media.codec import Cursor, Encoded
from etude.media.music.given_score import Given, given_of
from etude.media.music.score import Score
from etude.media.reread import along

Walk = TypeVar("Walk", bound=Cursor)


class ScoreCodec(ABC, Generic[Walk]):
    """A codec of scores whose takes can be given voices, bars or a beginning; every token is one symbol."""

    exact: ClassVar[bool] = False
    sees_ahead: ClassVar[bool] = True
    eos: int

    @property
    @abstractmethod
    def vocab(self) -> int:
        """V."""

    @property
    def paths(self) -> Sequence[tuple[int, ...]]:
        """Each token by itself."""
        return [(t,) for t in range(self.vocab)]

    @property
    def n_symbols(self) -> int:
        """As many as there are tokens."""
        return self.vocab

    @abstractmethod
    def encode(self, content: Score) -> Encoded:
        """Tokens, side inputs and places of a score."""

    @abstractmethod
    def begin(self, units: int | None, given: Given | None) -> Walk:
        """A cursor after bos, for a piece of about `units` notes, around what is kept of a score."""

    def cursor(
        self,
        *,
        units: int | None = None,
        given: Score | None = None,
        stays: Mapping[str, Any] | None = None,
    ) -> Walk:
        """A cursor after bos: for a new piece of about `units` notes, to go on from a score, or around the
        voices and bars of it that stay. Raises WorkError where a given pitch lies outside the codec's
        range."""
        return self.begin(units, given_of(given, stays))

    def reread(
        self, content: Score, given: Score | None = None, stays: Mapping[str, Any] | None = None
    ) -> Encoded | None:
        """The score as its cursor met it, given notes not scored; None where it does not hold what was
        given."""
        e = self.encode(content)
        return e if given is None else along(e, self.cursor(given=given, stays=stays), self.eos)
