"""Whether a model recites a work: openings of its passages are given, and it is counted how much of what
follows it would continue word for word (or note for note).

A unit counts as recited while the model gives the true one more than half of the probability: then it is the
likeliest, whatever the others are, so that the count is a lower bound of what always taking the likeliest
gives, and it needs no sampling. (Extraction from an opening: Carlini et al. 2023, arXiv 2202.07646.) Knows no
medium and no family; models that predict nothing unit by unit are not tested so.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.errors import EtudeError
from etude.families.contract import Generator, Lines
from etude.media import MEDIA
from etude.media.contract import Content, Medium, SequenceMedium
from etude.stats.evenly import evenly

PASSAGES, UNITS, GIVEN = 12, 480, 0.25  # of a work; units of each; the share that is given


@dataclass(frozen=True)
class Extraction:
    """Of a work under a model: `passages` whose opening was given, the words or notes that followed word for
    word (median, most), and how many there were to follow."""

    passages: int
    median: float
    most: int
    of: int
    unit: str

    @property
    def words(self) -> str:
        """For people: 'median 2, most 31 of 60 words'."""
        return f"median {self.median:g}, most {self.most} of {self.of} {self.unit}"


def extracted(model: Generator, medium: Medium, content: Content) -> Extraction | None:
    """How much of a work the model recites; None where it predicts nothing, or the work is too short."""
    runs, of, unit = [], 0, ""
    for passage in _passages(medium, content):
        with suppress(EtudeError):
            lines = model.score(passage)
            if lines.measure not in ("bits", "nats") or not len(lines.frozen):
                return None
            bits = lines.frozen / (1.0 if lines.measure == "bits" else np.log(2))
            run, total, unit = _follows(medium, passage, lines, bits)
            runs.append(run)
            of = max(of, total)
    if not runs:
        return None
    return Extraction(len(runs), float(np.median(runs)), max(runs), of, unit)


def _passages(medium: Medium, content: Content) -> Sequence[Content]:
    size = medium.size(content)
    if size < 64:
        return ()
    length = min(size, UNITS)
    starts = sorted({int(s) for s in evenly(max(1, size - length + 1), PASSAGES)})
    edges = np.array([0, *(b for b in medium.boundaries(content) if b <= size - length)])
    near = sorted({int(edges[np.argmin(np.abs(edges - start))]) for start in starts})
    return [medium.cut(content, start, min(size, start + length)) for start in near]


def _follows(
    medium: Medium, passage: Content, lines: Lines, bits: npt.NDArray[np.float64]
) -> tuple[int, int, str]:
    """Units that follow the opening word for word, of how many, and what they are."""
    n = len(bits)
    starts = _word_starts(medium, passage) if n == medium.size(passage) else None
    if starts is None or len(starts) < 4:
        first = int(GIVEN * n)
        right = bits[first:] < 1.0
        return (int(np.argmin(right)) if not right.all() else len(right)), n - first, lines.counted
    first = max(1, int(GIVEN * len(starts)))
    ends = [*starts[1:].tolist(), n]
    whole = [float(bits[start:end].sum()) < 1.0 for start, end in zip(starts.tolist(), ends, strict=True)]
    rest = whole[first:]
    run = rest.index(False) if False in rest else len(rest)
    return run, len(rest), "words"


def _word_starts(medium: Medium, passage: Content) -> npt.NDArray[np.int64] | None:
    """Where words begin, in a medium that is read."""
    if medium.text(passage) is None:
        return None
    kind: SequenceMedium = MEDIA[medium.name]  # type: ignore[assignment]  # what has words is a sequence
    streams = kind.streams(passage)
    return np.asarray(streams[0].units, np.int64) if streams else None
