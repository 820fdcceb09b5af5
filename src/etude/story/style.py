"""The style guard: worn phrases, a moral at the end, a theme said aloud, and runs of words that stand
in earlier chapters or in the works. It says where, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from etude.media.text.words import ngram_hashes, word_table
from etude.story.draft import Draft

# Our own list: what is worn in any hand, and what language models write where they know nothing
_WORN = """
a chill ran down|sent shivers down|sent a shiver down|heart skipped a beat|heart pounded in
heart hammered|breath she didn't know|breath he didn't know|let out a breath|took a deep breath
time stood still|blood ran cold|deafening silence|silence was deafening|palpable tension
tension was palpable|could cut the tension|hung in the air|weight of the world|eyes widened
eyes sparkled|eyes twinkled|sparkle in|twinkle in|glint in|a mix of|a mixture of emotions|testament to
tapestry of|symphony of|dance of shadows|bathed in moonlight|bathed in golden|golden hour|velvet night
whispered secrets|secrets of the past|ghost of a smile|smile tugged|smile played|corners of her mouth
corners of his mouth|little did she know|little did he know|little did they know|only time would tell
calm before the storm|storm was brewing|needle in a haystack|at the end of the day|last but not least
tip of the iceberg|light at the end of|crack of dawn|dark and stormy night|once upon a time
happily ever after|white as a sheet|pale as a ghost|quiet as a mouse|cold as ice|light as a feather
strong as an ox|busy as a bee|blind as a bat|like a deer in|like a moth to|like a ton of bricks
like a bolt from|out of the blue|avoid like the plague|better late than never|easier said than done
raining cats and dogs|stuck out like a|sigh of relief|breathed a sigh|tears streamed down|tears welled
single tear|knuckles turned white|knuckles white|jaw clenched|clenched his jaw|clenched her jaw
fire in his|fire in her|steely gaze|piercing blue eyes|emerald eyes|chiseled jaw|chiselled jaw
raven hair|porcelain skin|rosy cheeks|butterflies in|world came crashing|shattered into a million
pieces of her heart|hope flickered|glimmer of hope|ray of hope|new beginning|new chapter
journey was just beginning|nothing would ever be the same|never be the same again|unspoken words
unspoken understanding|shared a glance|exchanged glances|knowing look|in that moment
for the first time in
"""
WORN = tuple(one.strip() for line in _WORN.split("\n") for one in line.split("|") if one.strip())
_WORN_IN = re.compile(
    r"\b(?:" + "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in WORN) + r")\b", re.IGNORECASE
)
_MORAL = re.compile(
    r"\b(?:and so|in the end|at last|finally|from that day|from then on|as (?:she|he|they"
    r"|I) (?:looked|walked|watched))\b[^.]*"
    r"\b(?:learned|realised|realized|understood|knew|discovered|remembered)\b"
    r"|\b(?:learned|realised|realized|understood|discovered|knew(?: now)?)"
    r" that\b[^.]*\b(?:always|never|true|love|life|hope|home|family"
    r"|friendship|courage|forgiveness|matters?|important|is|are)\b"
    r"|\b(?:true|real) (?:love|friendship|strength|courage|happiness|home|treasure|magic)"
    r" (?:is|was|lies|lay|comes|came)\b"
    r"|\b(?:the|a) (?:lesson|moral|reminder|testament)\b|\bit (?:was|is) not (?:about|just)\b[^.]*\bbut\b"
    r"|\bsometimes,? (?:the|all|you|we|life|love)\b[^.]*\b(?:is|are|have to|need)\b",
    re.IGNORECASE,
)
_THEME = re.compile(
    r"\b(?:themes? of|symboli[sz](?:ed|es|ing)|represent(?:ed|s) (?:the|her|his|their)"
    r" (?:struggle|hope|loss|love|fear|grief|journey)"
    r"|a (?:symbol|metaphor) (?:of|for)|this (?:was|is) a story (?:of|about)|the power of"
    r" (?:love|hope|friendship|forgiveness|family))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Styled:
    """One place: `kind` is worn, moral, theme or borrowed; `says` is one sentence."""

    kind: str
    start: int
    end: int
    words: str
    says: str


def styled(draft: Draft, earlier: dict[str, str] | None = None, *, limit: int = 8) -> tuple[Styled, ...]:
    """What a passage has of these. `earlier`: texts by name with which it may share no run of `limit`
    words."""
    found = [*_phrases(draft), *_endings(draft), *_borrowed(draft, earlier or {}, limit)]
    return tuple(sorted(found, key=lambda one: one.start))


def _phrases(draft: Draft) -> Iterator[Styled]:
    for m in _WORN_IN.finditer(draft.text):
        yield Styled("worn", m.start(), m.end(), m[0], "A worn phrase.")
    for m in _THEME.finditer(draft.text):
        if not draft.quoted(m.start()):
            yield Styled("theme", m.start(), m.end(), m[0], "The telling says its theme aloud.")


def _endings(draft: Draft) -> Iterator[Styled]:
    """A moral in the last two sentences of a scene, outside of what is said."""
    for scene in draft.scenes:
        last = [one for one in draft.sentences if one.scene == scene.number][-2:]
        for one in last:
            found = _MORAL.search(draft.text, one.start, one.end)
            if found and not draft.quoted(found.start()):
                yield Styled(
                    "moral", one.start, one.end, draft.shown(one.start, one.end), "A moral at the end."
                )


def _borrowed(draft: Draft, earlier: dict[str, str], limit: int) -> Iterator[Styled]:
    """The longest runs of at least `limit` words that stand in another text."""
    mine = word_table(draft.text)
    grams = ngram_hashes(mine.hash, limit)
    for name, text in earlier.items():
        known = set(ngram_hashes(word_table(text).hash, limit).tolist())
        i = 0
        while i < len(grams):
            if int(grams[i]) not in known:
                i += 1
                continue
            j = i
            while j + 1 < len(grams) and int(grams[j + 1]) in known:
                j += 1
            start, end = int(mine.start[i]), int(mine.end[j + limit - 1])
            n = j + limit - i
            yield Styled(
                "borrowed", start, end, draft.shown(start, end), f"{n} words in a row stand in {name}."
            )
            i = j + limit
