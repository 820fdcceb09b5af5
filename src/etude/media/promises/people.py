"""Promises of every medium about what people see, give and change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from etude.errors import EtudeError, TakeError, WorkError
from etude.media import sheets
from etude.media.contract import Content, Gap
from etude.media.promises.subject import Promise, Subject, is_line, same

_CALLED = "the given one"
_FITS: dict[str, Any] = {
    "span": (1, 1),
    "extent": (1, 1),
    "passage": (1, 1),
    "names": ["all"],
    "region": (25.0, 25.0, 75.0, 75.0),
}
_MISSES: dict[str, Any] = {
    "span": (1, 10**9),
    "extent": (1, 10**9),
    "passage": "no such words",
    "names": ["no such name"],
    "region": (60.0, 0.0, 40.0, 100.0),
}


def descriptions_and_places_are_one_line(s: Subject) -> Iterator[str]:
    """`describe` and `place` say something, in one line."""
    for i, content in enumerate(s.contents):
        last = max(0, s.medium.size(content) - 1)
        for text in (
            s.medium.describe(content),
            *(s.medium.place(content, at) for at in (0, last // 2, last)),
        ):
            if not text.strip() or "\n" in text:
                yield f"example {i}: '{text}' is not one line of words"


def titles_and_texts_are_words(s: Subject) -> Iterator[str]:
    """A title is one line or nothing; there is text exactly where a text editor can change it."""
    for i, content in enumerate(s.contents):
        title, text = s.medium.title(content), s.medium.text(content)
        if title and (not is_line(title) or len(title) > 300):
            yield f"example {i}: the title '{title[:40]}' is not one line"
        if (text is not None) != bool(s.medium.edited_as):
            has = "no" if text is None else "a"
            yield f"example {i} has {has} text, and is edited as '{s.medium.edited_as}'"


def previews_are_made(s: Subject) -> Iterator[str]:
    """Suffixes with a dot, each with a maker; the first preview is not empty."""
    for i, content in enumerate(s.contents):
        made = s.medium.previews(content)
        if any(not suffix.startswith(".") or not callable(make) for suffix, make in made.items()):
            yield f"example {i}: the previews {list(made)} are not suffixes with makers"
        elif made and not next(iter(made.values()))():
            yield f"example {i}: the first preview is empty"


def sounds_are_wav(s: Subject) -> Iterator[str]:
    """What is heard is a WAV."""
    for i, content in enumerate(s.contents[:1]):
        wave = s.medium.sound(content)
        if wave is not None and (wave[:4] != b"RIFF" or wave[8:12] != b"WAVE"):
            yield f"example {i}: the sound is no WAV"


def sheets_can_be_drawn(s: Subject) -> Iterator[str]:
    """A look is uint8 (F, H, W, 3 or 4), or there is none; every format of the sheet can be made of some
    takes."""
    looks = [s.medium.look(content) for content in s.contents]
    for i, look in enumerate(looks):
        if look is None:
            continue
        f = look.frames
        if f.dtype != np.uint8 or f.ndim != 4 or f.shape[3] not in (3, 4) or not f.size or look.rate < 0:
            yield f"example {i} looks like {f.dtype} {f.shape} at {look.rate} a second"
            return
    style = s.medium.sheet
    if not style.kind or not style.formats or (style.works and None in looks):
        yield f"the sheet {style} has no kind, no formats, or shows works that have no look"
        return
    items = [sheets.Item(f"t-{i}", s.medium, content) for i, content in enumerate(s.contents[:2])]
    for fmt in style.formats:
        if fmt != sheets.PAGE and None in looks:
            yield f"it has sheets as {fmt}, and no look"
        elif not sheets.takes(items, fmt).data:
            yield f"the sheet as {fmt} is empty"


def enlarging_keeps_to_its_scales(s: Subject) -> Iterator[str]:
    """Once as large is the content itself; a scale that is not among `scales` is refused with WorkError."""
    content = s.contents[0]
    if not same(s.medium.enlarged(content, 1, "lanczos"), content):
        yield "enlarged by 1 the first example is another content"
    for times in s.medium.scales[1:]:
        s.medium.store(s.medium.enlarged(content, times, "lanczos"))
    try:
        s.medium.enlarged(content, 1 + max(s.medium.scales), "lanczos")
        yield f"enlarging {1 + max(s.medium.scales)} times is not refused"
    except WorkError:
        pass


def a_label_is_seen(s: Subject) -> Iterator[str]:
    """What is labelled is another content of the medium, and differs from the one before by no more than
    that."""
    content = s.contents[0]
    shown = s.medium.labelled(content, "AI GENERATED")
    if shown is None:
        return
    s.medium.store(shown)
    if same(shown, content):
        yield "the first example with a label is the same content"
    if s.medium.size(shown) < s.medium.size(content):
        yield "a label takes something of the first example away"


def tools_say_how_to_get_them(s: Subject) -> Iterator[str]:
    """Each tool has a name, what happens without it, and a hint."""
    for tool in s.medium.tools():
        if not (is_line(tool.name) and is_line(tool.without) and is_line(tool.hint)):
            yield f"the tool {tool} says too little"


def likenesses_are_shares(s: Subject) -> Iterator[str]:
    """A content is wholly like itself; any two are alike by 0..1, and differ first at a unit from 0 on."""
    for i, content in enumerate(s.contents):
        if s.medium.likeness(content, content)[0] != 1.0:
            yield f"example {i} is like itself by {s.medium.likeness(content, content)[0]}"
    for i, (a, b) in enumerate(pairwise(s.contents)):
        share, first = s.medium.likeness(a, b)
        if not 0 <= share <= 1 or first < 0 or (share == 1) != same(a, b):
            yield f"examples {i} and {i + 1} are alike by {share}, and differ first at {first}"


def changes_add_up(s: Subject) -> Iterator[str]:
    """Nothing changed: all kept. Else what is kept and removed is the one version, what is kept and added the
    other."""
    whole = [s.medium.changed(content, content) for content in s.contents]
    for i, change in enumerate(whole):
        if change.added or change.removed or change.kept < 1 or change.share or not is_line(change.unit):
            yield f"example {i} beside itself: {change}"
    for i, (a, b) in enumerate(pairwise(s.contents)):
        change = s.medium.changed(a, b)
        if min(change.kept, change.added, change.removed) < 0:
            yield f"examples {i} and {i + 1}: {change} has negative counts"
        sums = (change.kept + change.removed, change.kept + change.added)
        if sums != (whole[i].kept, whole[i + 1].kept):
            of = f"{whole[i].kept} and {whole[i + 1].kept} {change.unit}"
            yield f"examples {i} and {i + 1}: {change} is of {of}"


def gaps_keep_what_they_say(s: Subject) -> Iterator[str]:
    """Each gap turns what a person wrote into JSON for a recipe, says in words what was given, and refuses
    with TakeError what is not there; so is an option that the medium does not have. How much was kept is
    counted against what was made."""
    m = s.medium
    if len({g.option for g in m.gaps}) < len(m.gaps) or len({g.control for g in m.gaps}) < len(m.gaps):
        yield "two gaps have one option or one control"
    if not is_line(m.given_as({})):
        yield "given_as({}) says nothing"
    for i, content in enumerate(s.contents[:2]):
        if m.stays(content, {}, _CALLED) != {}:
            yield f"example {i}: nothing asked gives {m.stays(content, {}, _CALLED)}"
        try:
            m.stays(content, {"no-such-option": (1, 2)}, _CALLED)
            yield f"example {i}: an option that the medium does not have is taken"
        except TakeError:
            pass
        yield from _counts(s, i, content, {})
        for gap in m.gaps:
            if not (is_line(gap.help) and is_line(gap.what) and is_line(gap.metavar)):
                yield f"gap {gap.option} lacks words"
            if gap.form != "content":
                yield from _gap(s, i, content, gap)


def _gap(s: Subject, i: int, content: Content, gap: Gap) -> Iterator[str]:
    try:
        controls = s.medium.stays(content, {gap.option: _FITS[gap.form]}, _CALLED)
    except EtudeError as error:
        yield f"example {i}: --{gap.option} {_FITS[gap.form]} is refused: {error}"
        return
    if set(controls) != {gap.control} or json.loads(json.dumps(controls)) != controls:
        yield f"example {i}: --{gap.option} gives {controls}, not JSON under '{gap.control}'"
    elif s.medium.given_as(controls) != gap.what:
        yield f"--{gap.option} is given as '{s.medium.given_as(controls)}', not as '{gap.what}'"
    yield from _counts(s, i, content, controls)
    try:
        s.medium.stays(content, {gap.option: _MISSES[gap.form]}, _CALLED)
        yield f"example {i}: --{gap.option} {_MISSES[gap.form]} is taken"
    except TakeError as error:
        if not error.message.strip():
            yield f"the refusal of --{gap.option} says nothing"


def _counts(s: Subject, i: int, content: Content, controls: dict[str, Any]) -> Iterator[str]:
    kept = s.medium.kept(content, content, controls)
    if kept is None:
        return
    total = s.medium.changed(content, content)
    if not 0 <= kept.kept <= kept.total or (kept.total, kept.unit) != (total.kept, total.unit):
        yield f"example {i}: with {controls} {kept} is kept of {total.kept} {total.unit}"
    if not controls and kept.kept != kept.total:
        yield f"example {i}: a beginning keeps {kept.kept} of {kept.total} {kept.unit}"


PEOPLE: tuple[Promise, ...] = (
    descriptions_and_places_are_one_line,
    titles_and_texts_are_words,
    previews_are_made,
    sounds_are_wav,
    sheets_can_be_drawn,
    enlarging_keeps_to_its_scales,
    a_label_is_seen,
    tools_say_how_to_get_them,
    likenesses_are_shares,
    changes_add_up,
    gaps_keep_what_they_say,
)
