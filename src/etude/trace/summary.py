"""What a trace says in plain words: the sentences at the top, and the notes on what its figures mean and do
not mean.

Every figure has its unit and what it was counted over. No sentence says "caused by", and none gives a share
of authorship.
"""

from __future__ import annotations

from collections.abc import Callable

from etude.media.contract import RunWords
from etude.trace.record import Borrowed, Resembles, Verbatim, Voice, WorkRef
from etude.trace.voice import strongest

Names = Callable[[str], WorkRef]


def name(work: WorkRef) -> str:
    """'“Title” by Maker', without the maker where nobody is named or the title names them already."""
    return f"“{work.title}”" + (f" by {work.maker}" if work.says_maker else "")


def percent(share: float) -> str:
    """'41 %', '3.4 %', 'under 0.1 %': no more digits than can be read off."""
    value = 100 * share
    if value == 0:
        return "0 %"
    return "under 0.1 %" if value < 0.1 else f"{value:.1f} %" if value < 9.95 else f"{value:.0f} %"


def summary(
    borrowed: Borrowed | None,
    verbatim: Verbatim,
    resembles: Resembles | None,
    names: Names,
    *,
    made: bool,
    runs: RunWords,
) -> str:
    """A line for each layer, one or two sentences long.

    `made`: the piece is a take of this model, not a file from elsewhere; `runs`: how its medium speaks of
    verbatim runs.
    """
    parts = [_borrowed(borrowed, names, made)] if borrowed is not None and borrowed.tokens else []
    parts.append(_verbatim(verbatim, names, runs))
    if resembles is not None:
        parts.append(_resembles(resembles, names))
    return "\n".join(parts)


def _borrowed(borrowed: Borrowed, names: Names, made: bool) -> str:
    what = (
        "of this take was drawn from the memory of the works"
        if made
        else "of this piece would be drawn from the memory of the works"
    )
    text = f"{percent(borrowed.memory)} {what}, counted over {len(borrowed.tokens):,} tokens"
    if borrowed.works and borrowed.memory >= 0.005:
        first = borrowed.works[0]
        part = "most of it" if first.share > borrowed.memory / 2 else "the largest part"
        text += f", {part} from {name(names(first.work))} ({percent(first.share)} of the whole)"
    return f"{text}; the network gave the other {percent(borrowed.network)}."


def _verbatim(verbatim: Verbatim, names: Names, runs: RunWords) -> str:
    how, unit = runs.how, runs.unit
    if not verbatim.total:
        return f"There are no {unit} to search for."
    if not verbatim.spans:
        if not verbatim.longest:
            return f"No run of {unit} is found in the works {how}."
        return (
            f"The longest run copied {how} from the works has {verbatim.longest} {unit}; runs under "
            f"{verbatim.minimum} are not listed."
        )
    longest = max(verbatim.spans, key=lambda s: s.length)
    where = (
        f"in {name(names(longest.places[0].work))}, {longest.places[0].place}"
        if longest.places
        else "in the works"
    )
    more = f", and in {longest.works - 1} more work{'s' * (longest.works > 2)}" if longest.works > 1 else ""
    share = percent(verbatim.covered / verbatim.total)
    return (
        f"The longest run {how} has {longest.length} {unit} ({where}{more}); "
        f"{verbatim.covered:,} of {verbatim.total:,} {unit} ({share}) are in runs of {verbatim.minimum} or "
        "more."
    )


def _resembles(resembles: Resembles, names: Names) -> str:
    if not resembles.nearest:
        return "There are no works to compare with."
    near = f"The nearest work is {name(names(resembles.nearest[0].work))}"
    if resembles.p is None:
        return f"{near}. Whether it is closer than expected by chance is unknown: {_too_few(resembles)}"
    against = f"p = {resembles.p:.2g} against {_held_out(resembles)}"
    if resembles.flagged:
        return f"{near}, closer than held-out works usually are ({against}): flagged."
    return f"{near}, no closer than held-out works usually are ({against}): not flagged."


def moved_line(found: Voice, content: str) -> str:
    """How far the works moved the words, and what cannot be known."""
    if not found.words:
        return "Nothing here was generated, so there is no voice to measure."
    count, likelier = len(found.words), sum(word.nats > 0 for word in found.words)
    most = strongest(found, content)
    example = f", “{most[0][0]}” most ({most[0][1]:+.1f} nats)" if most else ""
    return (
        f"The works changed a word's log-probability by {found.nats / count:+.2f} nats on average (over "
        f"{count:,} words, {percent(likelier / count)} of them made likelier{example}), compared with "
        f"{found.base} alone. What {found.base} itself owes to whom is not known."
    )


def voice_note(found: Voice) -> str:
    """What voice means, and what it does not."""
    return (
        f"Voice is exact: log p of each word by the model's network less log p by {found.base} alone, both "
        "given the same words before it; 0.7 nats are twice as likely. It says how far the works moved the "
        "base, not how good a word is. Whose texts the base itself was trained on, and which of them a word "
        "comes from, is not known."
    )


def _held_out(resembles: Resembles) -> str:
    works = resembles.held_out_works
    return (
        f"{resembles.held_out} held-out passage{'s' * (resembles.held_out != 1)} of {works} "
        f"work{'s' * (works != 1)}"
    )


def _too_few(resembles: Resembles) -> str:
    return f"too few works are held out ({_held_out(resembles)}; {resembles.needed} passages are needed)."


def notes(
    borrowed: Borrowed | None,
    verbatim: Verbatim,
    resembles: Resembles | None,
    *,
    made: bool,
    runs: RunWords,
) -> tuple[str, ...]:
    """What each layer means, and what it does not."""
    out = []
    if borrowed is None:
        out.append("Borrowed: not known, because no model with a memory was given for this piece.")
    else:
        used = (
            "the generator itself used when it drew the token"
            if made
            else "the generator would use if it drew these tokens"
        )
        out.append(
            f"Borrowed is exact: for every token it is the share that {used}. It counts common phrases as "
            "well as rare ones, so a high share does not mean a copy; a copy is a long verbatim run."
        )
    out.append(
        "Verbatim is counted: every run found in the collection that is not part of a longer one. "
        f"{runs.ignores}. "
        f"Runs under {verbatim.minimum} {verbatim.unit} are left out, because they are common by chance."
    )
    if resembles is not None:
        out.append(
            f"Resembles is calibrated on held-out passages of about {resembles.per_size:,} units: a piece no "
            "closer to the works than they are is flagged with a probability of at most "
            f"{percent(resembles.alpha)}. Similarity does not prove origin."
        )
    out.append("Nothing here says that a work caused the piece, and no figure is a share of authorship.")
    return tuple(out)
