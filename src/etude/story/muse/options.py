"""Options that differ: each is asked for by a plot move of its own, what is unusable is left out, and
of the rest those are taken that lie farthest apart. Too alike, they are asked for again.

Usable is what can be told by rules: it came to an end, it is a sentence or two, it does not repeat
itself or the question, and it is about somebody of the story. A model of which few answers are usable
is said to be too weak for the task, with the count."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from etude.config.story import STORY
from etude.media.text.words import FUNCTION_WORDS, words
from etude.story.muse.contract import Field, Muse, Question


@dataclass(frozen=True)
class Move:
    """A plot move: what it asks for, why it could help, and how a sentence of it begins ({one}, {two}:
    people of the story)."""

    says: str
    why: str
    begins: str


MOVES: Mapping[str, Move] = {  # our own list
    "arrival": Move(
        "somebody arrives whom nobody expected",
        "A person who arrives brings a want of their own.",
        "That evening a stranger came to {one} and",
    ),
    "discovery": Move(
        "somebody finds out what was hidden from them",
        "What is found out cannot be unknown again.",
        "By chance {two} found out that {one}",
    ),
    "refusal": Move(
        "somebody refuses what everybody counted on",
        "A refusal forces the others to show what they want.",
        "When the time came, {one} refused to",
    ),
    "loss": Move(
        "something that was relied on is lost or breaks",
        "A loss takes away the easy way out.",
        "In the morning {one} saw that the",
    ),
    "reversal": Move(
        "the one who had power now needs help",
        "A reversal lets the two see each other anew.",
        "Now it was {two} who needed",
    ),
    "confession": Move(
        "somebody says aloud what they have kept to themselves",
        "A confession moves a secret from one to two.",
        "At last {one} told {two} that",
    ),
    "bargain": Move(
        "somebody offers a bargain that costs more than it seems",
        "A bargain makes a choice out of a wish.",
        "{two} offered {one} a bargain:",
    ),
    "mistake": Move(
        "somebody acts on what is not true",
        "The reader who knows better reads on.",
        "Believing that {two} had lied, {one}",
    ),
    "return": Move(
        "something from long ago comes back",
        "What comes back asks to be paid for.",
        "Years ago {one} had lost a letter, and now",
    ),
    "departure": Move(
        "somebody leaves, or makes ready to leave", "A leaving sets a clock.", "Before dawn {two} packed"
    ),
}
OPENINGS: Mapping[str, Move] = {  # ten ways to open a scene
    "a sound": Move(
        "it opens with a sound", "A sound is there before anybody has thought.", "Somewhere in the {place}"
    ),
    "speech": Move(
        "it opens in the middle of a talk",
        "Whoever speaks first wants something.",
        "“You never told me,” {one} said,",
    ),
    "a thing": Move(
        "it opens with a thing in somebody's hands",
        "A thing can be followed through a scene.",
        "{one} turned the",
    ),
    "weather": Move("it opens with the weather", "Weather says what nobody says.", "The rain"),
    "an arrival": Move(
        "it opens with somebody coming in", "A door makes a beginning.", "{two} came into the {place} without"
    ),
    "late": Move(
        "it opens after what happened",
        "The reader asks what it was.",
        "By the time {one} reached the {place},",
    ),
    "a refusal": Move("it opens with a refusal", "A no needs a reason.", "“No,” {two} said, and"),
    "silence": Move(
        "it opens with what nobody says", "A silence has two sides.", "Neither {one} nor {two} had"
    ),
    "the body": Move("it opens in the body", "The body knows before the head.", "{one}'s hands"),
    "the place": Move("it opens with the place", "A place can be against somebody.", "The {place} was"),
}
TASKS: Mapping[str, tuple[str, Mapping[str, Move]]] = {
    "next": ("What happens next in the story?", MOVES),
    "wrong": ("What could go wrong for them here?", MOVES),
    "open": ("Write the first sentence of this scene.", OPENINGS),
}
WHAT = Field("event", "one event, in one sentence")


@dataclass(frozen=True)
class Option:
    """One proposal: its plot move, the text, and one sentence of why."""

    move: str
    text: str
    why: str


@dataclass(frozen=True)
class Options:
    """Proposals: the mean pairwise distance (0 alike, 1 no word shared), how many answers were usable
    of how many asked for, why others were not, and what it cost. `verdict` is a sentence where the
    model is weak."""

    options: tuple[Option, ...]
    distance: float
    usable: int
    asked: int
    bad: tuple[str, ...]
    tokens: int
    seconds: float
    verdict: str


def proposed(
    muse: Muse,
    task: str,
    about: str,
    *,
    n: int,
    seed: int,
    seconds: float,
    names: Sequence[str] = (),
    place: str = "house",
    tokens: int = 20_000,
) -> Options:
    """At least `n` options where the model can give them, within so many seconds and tokens."""
    ask, ways = TASKS[task]
    until = time.monotonic() + seconds
    began, pool, bad = time.monotonic(), list[Option](), list[str]()
    asked = spent = 0
    rounds = 0
    while rounds <= STORY.asked_again:
        wanted = [move for move in ways if rounds or sum(o.move == move for o in pool) == 0]
        for i, move in enumerate(wanted):
            if time.monotonic() > until or spent > tokens or len({o.move for o in pool}) >= n + 2:
                break
            says, why = ways[move].says, ways[move].why
            one, two = [*names, "she", "he"][:2] if names else ("she", "he")
            question = Question(
                task, about, f"{ask} In it, {says}. One sentence.", (WHAT,), 3,
                STORY.answer_tokens, seed=seed + 101 * rounds + i,
                begins=ways[move].begins.format(one=one.split()[0], two=two.split()[0], place=place),
            )  # fmt: skip
            got = muse.ask(question, until)
            asked += max(question.n, len(got.answers) + len(got.bad))
            spent += got.tokens
            bad += got.bad
            for answer in got.answers:
                text = answer[WHAT.name]
                problem = unusable(text, f"{about} {ask} {says}", names, [o.text for o in pool])
                if problem:
                    bad.append(problem)
                else:
                    pool.append(Option(move, text, why))
        chosen = spread(pool, n)
        rounds += 1
        if (
            (len(chosen) >= n and apart([o.text for o in chosen]) >= STORY.least_distance)
            or time.monotonic() > until
            or spent > tokens
        ):
            break
    chosen = spread(pool, n)
    told = f"Of {asked} answers of {muse.name} {len(pool)} were usable."
    weak = len(chosen) < n or len(pool) < 0.25 * asked
    return Options(
        tuple(chosen),
        round(apart([o.text for o in chosen]), 3),
        len(pool),
        asked,
        tuple(bad),
        spent,
        round(time.monotonic() - began, 2),
        f"{told} It is weak at this; the moves themselves may serve you better." if weak else "",
    )


def unusable(text: str, given: str, names: Sequence[str], others: Sequence[str] = ()) -> str:
    """Why a proposal is none; empty where it can be used."""
    found = [word for _, _, word in words(text)]
    if not 5 <= len(found) <= 60:
        return f"it has {len(found)} words"
    threes = list(zip(found, found[1:], found[2:], strict=False))
    if len(set(threes)) < 0.85 * len(threes):
        return "it repeats itself"
    asked = [word for _, _, word in words(given)]
    known = set(zip(asked, asked[1:], asked[2:], asked[3:], strict=False))
    fours = list(zip(found, found[1:], found[2:], found[3:], strict=False))
    if fours and sum(one in known for one in fours) > 0.3 * len(fours):
        return "it repeats the question"
    if (
        names
        and not any(part.lower() in found for name in names for part in name.split())
        and not {"she", "he", "they"} & set(found)
    ):
        return "it is about nobody of the story"
    if re.search(
        r"\b(?:as an ai|i cannot|i can't|sorry|the story|the scene|the author|the reader|this"
        r" event|one sentence|sentence|moral)\b",
        text.lower(),
    ):
        return "it speaks of the task"
    if any(distance(text, other) < 0.3 for other in others):
        return "it is like another"
    return ""


def distance(one: str, two: str) -> float:
    """1 less the share of words that two texts have in common (Jaccard), small words aside."""
    a, b = (_content(text) for text in (one, two))
    return 1.0 - len(a & b) / max(1, len(a | b))


def _content(text: str) -> set[str]:
    small = set(FUNCTION_WORDS)
    return {word[:6] for _, _, word in words(text) if word not in small}


def apart(texts: Sequence[str]) -> float:
    """The mean distance of every two."""
    pairs = [distance(a, b) for a, b in combinations(texts, 2)]
    return sum(pairs) / len(pairs) if pairs else 0.0


def spread(pool: Sequence[Option], n: int) -> list[Option]:
    """`n` of them: the first, then always the one that is farthest from those taken, other moves first."""
    if not pool:
        return []
    taken = [pool[0]]
    while len(taken) < n:
        moves = {one.move for one in taken}
        rest = [one for one in pool if one not in taken]
        rest = [one for one in rest if one.move not in moves] or rest
        if not rest:
            break
        taken.append(max(rest, key=lambda one: min(distance(one.text, other.text) for other in taken)))
    return taken
