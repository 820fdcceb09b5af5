"""Rules on the telling: a scene told as "I" in a book told of others, a scene in the present in a book told
in the past, and two spellings of one word or name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from etude.story.draft import Scene
from etude.story.facts import Reading, Warned
from etude.story.said import Sentence

_I = re.compile(r"\b(?:I|me|my|myself)\b")
_PRESENT = re.compile(
    r"\b(?:is|are|says|goes|comes|looks|takes|walks|runs|sits|stands|knows|thinks|asks"
    r"|opens|waits|turns|sees|hears|has|does|falls"
    r"|nods|eats|stirs|makes|gives|gets|feels|holds|puts|wants|lies|leaves|begins)\b"
)
_PAST = re.compile(
    r"\b(?:was|were|said|went|came|looked|took|walked|ran|sat|stood|knew|thought|asked"
    r"|opened|waited|turned|saw|heard|had|did|fell"
    r"|nodded|ate|made|gave|got|felt|held|put|wanted|lay|left|began|could|\w{3,}ed)\b"
)
_SPELLINGS = tuple(
    (re.compile(rf"\b(?:{british})\b", re.IGNORECASE), re.compile(rf"\b(?:{american})\b", re.IGNORECASE))
    for british, american in (
        (
            r"(?:col|harb|neighb|lab|fav|hon|rum|vap|behavi)our\w*",
            r"(?:col|harb|neighb|lab|fav|hon|rum|vap|behavi)or(?!i)\w*",
        ),
        (r"grey\w*", r"gray\w*"),
        (
            r"(?:real|recogn|apolog|organ|critic|sympath)is(?:e|ed|es|ing)",
            r"(?:real|recogn|apolog|organ|critic|sympath)iz(?:e|ed|es|ing)",
        ),
        (r"(?:cent|theat|lit|met)re", r"(?:cent|theat|lit|met)er"),
        (r"(?:travel|cancel|label|model)l(?:ed|ing)", r"(?:travel|cancel|label|model)(?:ed|ing)"),
        (r"plough\w*", r"plow\w*"),
        (r"towards", r"toward"),
    )
)
LEAST_WORDS = 20  # of a scene whose tense is judged


def rules(reading: Reading) -> Iterator[Warned]:
    """Every slip of these kinds."""
    yield from _persons(reading)
    yield from _tenses(reading)
    yield from _spellings(reading)
    yield from _names(reading)


def _told(reading: Reading, scene: Scene) -> list[Sentence]:
    return [one for one in reading.sentences if one.scene == scene.number]


def _outside(reading: Reading, sentence: Sentence) -> str:
    """What of a sentence stands outside of quotation marks, as it is written."""
    text, at, out = reading.draft.text, sentence.span.start, []
    for start, end in reading.draft.quotes_in(sentence.span):
        out.append(text[at : max(at, start)])
        at = max(at, end)
    return "".join([*out, text[at : sentence.span.end]])


def _persons(reading: Reading) -> Iterator[Warned]:
    """Scenes told as "I", where most are not."""
    if reading.cast.narrator or len(reading.draft.scenes) < 3:
        return
    first: dict[int, Sentence] = {}
    counts: Counter[int] = Counter()
    for sentence in reading.sentences:
        n = len(_I.findall(_outside(reading, sentence)))
        counts[sentence.scene] += n
        if n:
            first.setdefault(sentence.scene, sentence)
    slips = [scene for scene, n in counts.items() if n >= 2]
    others = next((one for one in reading.sentences if one.who and not counts[one.scene]), None)
    if others is not None and 3 * len(slips) <= len(reading.draft.scenes) + 1:
        for scene in slips:
            yield reading.warned(
                "telling", "perspective", "This scene is told as “I”, others are not.", others, first[scene]
            )


def _tenses(reading: Reading) -> Iterator[Warned]:
    """Scenes in the present, where most are in the past."""
    present: dict[int, tuple[int, int]] = {}
    shown: dict[int, Sentence] = {}
    past: Sentence | None = None
    for scene in reading.draft.scenes:
        here = _told(reading, scene)
        texts = [_outside(reading, one) for one in here]
        if sum(len(text.split()) for text in texts) < LEAST_WORDS:
            continue
        now = sum(len(_PRESENT.findall(text)) for text in texts)
        then = sum(len(_PAST.findall(text)) for text in texts)
        present[scene.number] = (now, then)
        for one, text in zip(here, texts, strict=True):
            if _PRESENT.search(text) and not _PAST.search(text):
                shown.setdefault(scene.number, one)
            elif past is None and len(_PAST.findall(text)) > 1 and not _PRESENT.search(text):
                past = one
    slips = [n for n, (now, then) in present.items() if now >= 4 and now >= 2 * then]
    if past is not None and 0 < 3 * len(slips) <= len(present):
        for n in slips:
            if n in shown:
                yield reading.warned(
                    "telling",
                    "tense",
                    "This scene is told in the present, others in the past.",
                    past,
                    shown[n],
                )


def _spellings(reading: Reading) -> Iterator[Warned]:
    """One word in two spellings: the first place of the rarer one is named."""

    def word(pattern: re.Pattern[str], at: int) -> str:
        found = pattern.match(reading.draft.text, at)
        return found[0].lower() if found else ""

    for one, other in _SPELLINGS:
        a = [m.start() for m in one.finditer(reading.draft.text)]
        b = [m.start() for m in other.finditer(reading.draft.text)]
        if not a or not b or min(len(a), len(b)) > 0.2 * max(len(a), len(b)) + 1:
            continue
        usual, rare = (a, b) if len(a) >= len(b) else (b, a)
        first = reading.sentences[reading.draft.sentence_at(usual[0])]
        second = next(
            (
                one
                for one in (reading.sentences[reading.draft.sentence_at(at)] for at in rare)
                if one is not first
            ),
            None,
        )
        if second is not None:
            shown = " and ".join(
                sorted(
                    {word(one, usual[0]), word(other, usual[0]), word(one, rare[0]), word(other, rare[0])}
                    - {""}
                )
            )
            says = f"Two ways of spelling: {shown} ({len(usual):,} and {len(rare):,} times)."
            yield reading.warned("telling", "style", says, first, second)


def _names(reading: Reading) -> Iterator[Warned]:
    """Two spellings of what may be one name: a letter or two apart, one of them rare beside the other."""
    found, kind = reading.cast.names, reading.cast.kinds
    words: dict[str, tuple[int, int, bool]] = {}
    for name, held in found.items():
        n, at = len(held.mentions), held.mentions[0].start
        for part in name.split():
            before = words.get(part, (0, at, False))
            words[part] = (before[0] + n, min(at, before[1]), before[2] or kind[name] == "person")
    parts = sorted(words)
    by_first: dict[str, list[str]] = {}
    for part in parts:
        by_first.setdefault(part[:1].lower(), []).append(part)
        if part[:1] in "CK":
            by_first.setdefault("ck", []).append(part)
    seen = set[tuple[str, str]]()
    for group in by_first.values():
        for one, two in combinations(group, 2):
            if (one, two) in seen or not (words[one][2] or words[two][2]) or not _near(one, two):
                continue
            seen.add((one, two))
            a, b = sorted((one, two), key=lambda part: words[part][1])
            if min(words[a][0], words[b][0]) > max(3, 0.05 * max(words[a][0], words[b][0])):
                continue
            first, second = (reading.sentences[reading.draft.sentence_at(words[p][1])] for p in (a, b))
            if first is not second:
                says = f"One name may be spelt in two ways: {a}, {b}."
                yield reading.warned("detail", "nomenclature", says, first, second)


def _near(one: str, two: str) -> bool:
    """Whether two names are one letter apart, and long enough for that to be a slip."""
    a, b = one.lower(), two.lower()
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or a + "s" == b or b + "s" == a:
        return False
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return len(a) <= 1 and len(b) <= 1
