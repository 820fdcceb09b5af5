"""What is an author's own: favourite words, rhythm, punctuation, how speech is tagged, spellings of
their own; measured against a reference, and how much of it a rewriting irons out.

Words by log-odds with the counts of both texts as prior (Monroe, Colaresi and Quinn 2008, eq. 22), a z
each. Habits as rates with the standard error between stretches of the text. Nothing here says that a
quirk is good: it says that it is the author's, so that no rewriting takes it away unasked."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from etude.errors import WorkError
from etude.media.text.words import words
from etude.story.draft import Draft
from etude.story.lexicon import SPEECH

LEAST_WORDS = 300  # fewer say nothing of anybody's habits
STRETCH = 400  # words of one stretch
CLEAR = 2.6  # standard errors: of twenty habits one in five texts would show one by chance
MOST_WORDS = 24


@dataclass(frozen=True)
class Quirk:
    """One habit: the author's rate, the reference's, by how many standard errors they differ, and what the
    rate counts."""

    name: str
    value: float
    reference: float
    z: float
    unit: str


@dataclass(frozen=True)
class Ironed:
    """A habit before and after a rewriting: `kept` is the share of its distance from the reference that is
    left (1: all, 0: like the reference)."""

    name: str
    before: float
    after: float
    reference: float
    kept: float


_TAG = re.compile(rf"\b({'|'.join(sorted(SPEECH))})\b")
_CONTRACTION = re.compile(r"\w['’](?:t|s|re|ve|ll|d|m)\b")
_DIALECT = re.compile(
    r"\b(?:\w+in['’](?!\w)|ain['’]t|['’]em|['’]tis|['’]twas|y['’]all|gonna|wanna|o['’]er"
    r"|ye|thee|thou|thy)\b|\b\w+in['’]\s"
)
Rate = Callable[[str], float]


def _per_thousand(pattern: str) -> Rate:
    compiled = re.compile(pattern)
    return lambda text: 1000.0 * len(compiled.findall(text)) / max(1, len(text.split()))


def _lengths(text: str) -> list[int]:
    draft = Draft(text)
    return [n for n in (len(draft.words_of(one).split()) for one in draft.sentences) if n]


def _mean(text: str) -> float:
    lengths = _lengths(text)
    return sum(lengths) / max(1, len(lengths))


def _spread(text: str) -> float:
    lengths = _lengths(text)
    middle = sum(lengths) / max(1, len(lengths))
    return math.sqrt(sum((n - middle) ** 2 for n in lengths) / max(1, len(lengths)))


def _share(test: Callable[[int], bool]) -> Rate:
    def rate(text: str) -> float:
        lengths = _lengths(text)
        return 100.0 * sum(map(test, lengths)) / max(1, len(lengths))

    return rate


def _spoken(text: str) -> float:
    draft = Draft(text)
    return 100.0 * sum(end - start for start, end in draft.quotes) / max(1, len(text))


def _said(text: str) -> float:
    tags = Counter(m[1] for m in _TAG.finditer(text))
    return 100.0 * (tags["said"] + tags["says"]) / max(1, sum(tags.values()))


HABITS: Mapping[str, tuple[Rate, str]] = {
    "sentence length": (_mean, "words"),
    "spread of sentence lengths": (_spread, "words"),
    "short sentences (up to 5 words)": (_share(lambda n: n <= 5), "in 100"),
    "long sentences (40 words and more)": (_share(lambda n: n >= 40), "in 100"),
    "commas": (_per_thousand(","), "in 1,000 words"),
    "semicolons": (_per_thousand(";"), "in 1,000 words"),
    "colons": (_per_thousand(":"), "in 1,000 words"),
    "dashes": (_per_thousand(r"—|–|\s-\s|--"), "in 1,000 words"),
    "ellipses": (_per_thousand(r"…|\.\.\."), "in 1,000 words"),
    "exclamation marks": (_per_thousand("!"), "in 1,000 words"),
    "question marks": (_per_thousand(r"\?"), "in 1,000 words"),
    "brackets": (_per_thousand(r"\("), "in 1,000 words"),
    "speech": (_spoken, "in 100 characters"),
    "“said” among dialogue tags": (_said, "in 100"),
    "contractions": (_per_thousand(_CONTRACTION.pattern), "in 1,000 words"),
    "dialect and old forms": (_per_thousand(_DIALECT.pattern), "in 1,000 words"),
    "adverbs in -ly": (_per_thousand(r"\b\w{3,}ly\b"), "in 1,000 words"),
    "sentences that open with “And” or “But”": (
        _per_thousand(r"(?:^|[.!?”\"]\s+)(?:And|But)\b"),
        "in 1,000 words",
    ),
}


def quirks(text: str, reference: str) -> tuple[Quirk, ...]:
    """Habits and favourite words that are clearly the author's, the clearest first. Raises WorkError for a
    text too short to say anything."""
    parts, others = _stretches(text), _stretches(reference)
    out = []
    for name, (rate, unit) in HABITS.items():
        mine, theirs = [rate(part) for part in parts], [rate(part) for part in others]
        error = math.sqrt(_error(mine) ** 2 + _error(theirs) ** 2)
        value, usual = sum(mine) / len(mine), sum(theirs) / len(theirs)
        z = (value - usual) / error if error > 0 else 0.0
        if abs(z) >= CLEAR:
            out.append(Quirk(name, round(value, 2), round(usual, 2), round(z, 1), unit))
    out.sort(key=lambda one: -abs(one.z))
    return (*out, *_favourites(text, reference))


def _stretches(text: str) -> list[str]:
    all_words = list(re.finditer(r"\S+", text))
    if len(all_words) < LEAST_WORDS:
        raise WorkError(
            f"{len(all_words)} words are too few to measure habits by: at least {LEAST_WORDS} are needed.",
            "Give more of the author's text, or more of the reference.",
        )
    n = max(2, round(len(all_words) / STRETCH))
    n = min(n, 60)
    cuts = [all_words[round(i * (len(all_words) - 1) / n)].start() for i in range(n)] + [len(text)]
    return [text[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]  # noqa: RUF007


def _error(values: list[float]) -> float:
    """The standard error of a mean; never nothing, since a count of none is not sure to stay none."""
    middle = sum(values) / len(values)
    spread = math.sqrt(sum((v - middle) ** 2 for v in values) / max(1, len(values) - 1))
    return max(spread, 0.25) / math.sqrt(len(values))


def _favourites(text: str, reference: str) -> list[Quirk]:
    """Small words (no names) that the author uses clearly more often."""
    names = {m[0].lower() for m in re.finditer(r"(?<=[a-z,] )[A-Z]\w+", text + " " + reference)}
    mine, theirs = (Counter(word for _, _, word in words(one)) for one in (text, reference))
    n, m = sum(mine.values()), sum(theirs.values())
    out = []
    for word, count in mine.items():
        if count < 4 or word in names or len(word) < 2:
            continue
        prior = (count + theirs[word]) * 500.0 / (n + m)
        a, b = count + prior, theirs[word] + prior
        odds = math.log(a / (n + 500.0 - a)) - math.log(b / (m + 500.0 - b))
        z = odds / math.sqrt(1 / a + 1 / b)
        if z >= CLEAR + 0.6:
            rates = 1000.0 * count / n, 1000.0 * theirs[word] / m
            out.append(
                Quirk(f"“{word}”", round(rates[0], 2), round(rates[1], 2), round(z, 1), "in 1,000 words")
            )
    return sorted(out, key=lambda one: -one.z)[:MOST_WORDS]


def ironed(before: str, after: str, reference: str) -> tuple[tuple[Ironed, ...], float]:
    """Each quirk of `before` in `after`, and the share of all of them that is kept (weighted by how
    clear they were)."""
    out, weight, kept = [], 0.0, 0.0
    spoken = words(after)
    for one in quirks(before, reference):
        if one.name in HABITS:
            rate = HABITS[one.name][0]
            value, now = rate(before), rate(after)
        else:
            word = one.name.strip("“”")
            value = one.value
            now = 1000.0 * sum(w == word for _, _, w in spoken) / max(1, len(spoken))
        distance = value - one.reference
        left = max(0.0, min(1.0, (now - one.reference) / distance)) if distance else 1.0
        out.append(Ironed(one.name, round(value, 2), round(now, 2), one.reference, round(left, 2)))
        weight += abs(one.z)
        kept += abs(one.z) * left
    return tuple(out), round(kept / weight, 3) if weight else 1.0
