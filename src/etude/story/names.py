"""Names in a draft by their capitals, with what speaks for a person and what for a place.

A word that is written with a capital where no sentence begins, and seldom without one, is a name; runs
of them are one name. A verb of speech beside it, a title, an address in dialogue and a pronoun after it
speak for a person, a preposition of place before it for a place. No language model, and no list of
names: it works for names that nobody has borne. Scripts without capitals give no names, and the reading
says so."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from etude.story.draft import Draft
from etude.story.lexicon import ACTS, NO_NAMES, PLACE_NOUNS, SPEECH, TITLES, WHERE

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_INSIDE = frozenset({"de", "van", "von", "der", "la", "le", "del", "di", "da", "of"})
_OPENS = frozenset('.!?…:;"“”‘«»„(—–-*_[\n')
_NO_END = ("ly", "ish", "ese", "men", "ing")
_GERMAN = ("der", "die", "das", "und", "nicht", "den", "ein", "eine", "ist")  # nouns are written large
_THINGS = frozenset(
    {"ship", "brig", "schooner", "sloop", "boat", "yacht", "steamer", "river", "island", "mountain"}
)
_VOCATIVE_BEFORE, _VOCATIVE_AFTER = frozenset(',"“‘«'), frozenset(',.!?"”’…')


@dataclass(frozen=True)
class Mention:
    """One place of a name: inside quotation marks or not, and whether somebody of this name speaks or acts
    there."""

    start: int
    end: int
    scene: int
    quoted: bool
    speaks: bool
    acts: bool


@dataclass
class Name:
    """A name with its mentions, and what speaks for a person (`person`), a place, and he or she."""

    words: str
    mentions: list[Mention] = field(default_factory=list)
    person: float = 0.0
    place: float = 0.0
    thing: float = 0.0
    titles: Counter[str] = field(default_factory=Counter)
    pronouns: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    word: str
    opens: bool  # stands where a capital says nothing


def names(draft: Draft) -> dict[str, Name]:
    """Every name of a draft by its words, without its title."""
    tokens = _tokens(draft)
    known = _known(tokens)
    found: dict[str, Name] = {}
    i = 0
    while i < len(tokens):
        run = _run(draft, tokens, i, known)
        if run == i:
            i += 1
            continue
        _note(draft, tokens, _first(draft, tokens, i), run, found)
        i = run
    return found


def _tokens(draft: Draft) -> list[_Token]:
    text, out = draft.text, []
    for scene in draft.scenes:
        for m in _WORD.finditer(text, scene.start, scene.end):
            at = m.start() - 1
            while at >= scene.start and text[at] in " \t":
                at -= 1
            opens = at < scene.start or text[at] in _OPENS
            if text[at] == "." and re.search(
                r"\b(?:Mr|Mrs|Ms|Dr|St|Capt|[A-Z])\.$", text[max(0, at - 5) : at + 1]
            ):
                opens = False
            word = m[0] if m[0].isalpha() else re.sub(r"['’]s?$", "", m[0])
            out.append(_Token(m.start(), m.start() + len(word), word, opens))
    return out


def _capital(word: str) -> bool:
    return word[:1].isupper() and (len(word) == 1 or not word.isupper())


def _known(tokens: list[_Token]) -> set[str]:
    """Words that are names: capitals in the middle of sentences, and seldom small. Where a language writes
    every noun large (German), only what stands beside verbs of speech or titles."""
    middle: Counter[str] = Counter()
    first: Counter[str] = Counter()
    small: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for i, token in enumerate(tokens):
        if not _capital(token.word):
            small[token.word.lower()] += 1
            continue
        (first if token.opens else middle)[token.word] += 1
        near = {tokens[j].word.lower() for j in (i - 1, i + 1) if 0 <= j < len(tokens)}
        after = tokens[i + 1].word.lower() if i + 1 < len(tokens) else ""
        if near & SPEECH or (i and tokens[i - 1].word.lower() in TITLES) or after in ACTS:
            said[token.word] += 1
    nouns = sum(small[word] for word in _GERMAN)
    large = nouns > 0.04 * (sum(small.values()) or 1)
    known = set()
    for word in {*middle, *first}:
        low, m, f = word.lower(), middle[word], first[word]
        if (
            low in NO_NAMES
            or len(word) < 2
            or low in SPEECH
            or low in TITLES
            or word.startswith(("I'", "I’"))
        ):
            continue
        if large:
            fits = said[word] >= 2
        elif m:
            fits = (m + 0.5 * f) / (m + 0.5 * f + small[low]) > 0.75
        else:  # only where sentences begin: what acts or speaks, and is no common word
            fits = not small[low] and said[word] >= 1 and not low.endswith(_NO_END) and low not in PLACE_NOUNS
        if fits:
            known.add(word)
    return known


def _run(draft: Draft, tokens: list[_Token], i: int, known: set[str]) -> int:
    """One past the last token of the name that begins at `i`; `i` where none does."""
    if tokens[i].word not in known:
        return i
    j = i + 1
    while j < len(tokens):
        gap = draft.text[tokens[j - 1].end : tokens[j].start]
        if gap not in (" ", ". ") or (gap == ". " and len(tokens[j - 1].word) > 1):
            break
        if tokens[j].word in known:
            j += 1
        elif (
            tokens[j].word in _INSIDE
            and j + 1 < len(tokens)
            and tokens[j + 1].word in known
            and draft.text[tokens[j].end : tokens[j + 1].start] == " "
        ):
            j += 2
        else:
            break
    return j


def _first(draft: Draft, tokens: list[_Token], i: int) -> int:
    """Where a name really begins: "New" of New Bedford is a word like any other, and written large here."""
    before = tokens[i - 1] if i else None
    if before is None or before.opens or not _capital(before.word) or len(before.word) < 2:
        return i
    low = before.word.lower()
    close = draft.text[before.end : tokens[i].start] == " "
    return i - 1 if close and low not in NO_NAMES and low not in TITLES else i


def _note(draft: Draft, tokens: list[_Token], i: int, j: int, found: dict[str, Name]) -> None:
    """One mention more, with its evidence."""
    text, start, end = draft.text, tokens[i].start, tokens[j - 1].end
    words = text[start:end]
    name = found.setdefault(words, Name(words))
    before = tokens[i - 1].word.lower() if i else ""
    after = tokens[j].word.lower() if j < len(tokens) and "\n" not in text[end : tokens[j].start] else ""
    gap = text[end : tokens[j].start] if j < len(tokens) else ""
    quoted = draft.quoted(start)
    title = before in TITLES and text[tokens[i - 1].end : start] in (" ", ". ")
    two = tokens[i - 2].word.lower() if i > 1 else ""
    own = text[end : end + 2] in ("'s", "’s")
    close = bool(i) and text[tokens[i - 1].end : start] in (" ", ". ")
    said_before = close and (before in SPEECH or (title and two in SPEECH))
    said_after = after in SPEECH and gap == " "
    near_quote = any(sign in text[max(0, start - 30) : end + 45] for sign in '"“”»«‘’')
    speaks = not quoted and not own and near_quote and (said_before or said_after)
    acts = (
        not quoted
        and not own
        and gap == " "
        and (after in ACTS or after in SPEECH or (after.endswith("ed") and len(after) > 4))
    )
    name.mentions.append(Mention(start, end, draft.scene_at(start), quoted, speaks, acts or speaks))
    name.person += 3.0 * speaks + (1.0 if acts else 0.0)
    if title:
        name.titles[before] += 1
        name.person += 2.0 if before not in ("old", "young", "little", "poor", "st", "saint") else 0.3
    sign_before = text[max(0, start - 4) : start].rstrip(" ")[-1:]
    sign_after = text[end : end + 1]
    if quoted and sign_before in _VOCATIVE_BEFORE and sign_after in _VOCATIVE_AFTER and sign_after:
        name.person += 1.5
    if own and after not in PLACE_NOUNS:
        name.person += 0.3
    if not title and before in WHERE and not own and after not in SPEECH:
        name.place += 1.0
    if (
        not title
        and before == "to"
        and two in ("went", "came", "returned", "back", "going", "drove", "sailed")
    ):
        name.place += 1.0
    if before == "the" or (two == "the" and before in _THINGS):
        name.thing += 1.0
    if not quoted:
        _pronoun(draft, tokens, j, end, name)


def _pronoun(draft: Draft, tokens: list[_Token], j: int, end: int, name: Name) -> None:
    """He or she: the first pronoun soon after that can be of this name, where no other name and no end of a
    paragraph comes between. What others say is passed over; `him`, and `her` before no noun, are somebody
    else."""
    seen = 0
    for i in range(j, len(tokens)):
        token, low = tokens[i], tokens[i].word.lower()
        if draft.quoted(token.start):
            continue
        seen += 1
        if seen > 24 or "\n" in draft.text[end : token.start]:
            return
        if _capital(token.word) and low not in NO_NAMES and not token.opens:
            return
        if low in ("he", "his", "himself"):
            name.pronouns["he"] += 1
        elif low in ("she", "herself") or (low == "her" and _noun_follows(tokens, i)):
            name.pronouns["she"] += 1
        else:
            continue
        name.person += 0.3
        return


def _noun_follows(tokens: list[_Token], i: int) -> bool:
    after = tokens[i + 1].word.lower() if i + 1 < len(tokens) else ""
    return (
        bool(after)
        and after not in NO_NAMES
        and after not in WHERE
        and after not in ("about", "again", "over")
    )


def kinds(found: dict[str, Name]) -> dict[str, str]:
    """Each name as 'person', 'place' or 'other'."""
    out: dict[str, str] = {}
    for words, name in found.items():
        n = len(name.mentions)
        if name.person >= 2 and name.person >= 1.2 * name.place and name.thing < 0.5 * n:
            out[words] = "person"
        elif name.place >= 1 and name.place >= 0.15 * n and name.thing < 0.5 * n:
            out[words] = "place"
        else:
            out[words] = "other"
    return out


def by_part(words: list[str]) -> dict[str, list[str]]:
    """Which names each single word is a part of."""
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for one in words:
        for part in one.split():
            if one not in parts[part]:
                parts[part].append(one)
    return parts
