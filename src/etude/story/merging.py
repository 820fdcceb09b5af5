"""What was read out of a draft, put into a plan that a person may have worked on: three versions, as a
merge of branches.

A field follows the draft where it still says what was read last. Where a person changed or deleted it,
or locked it, it stays, and is named. Scenes are known again by their words, so that one that moved or
grew keeps what was written about it. Nothing is ever deleted: what the draft no longer has is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from etude.story import shape, toml_text
from etude.story.plan import Row, Story
from etude.story.reading import Found

Said = Mapping[str, Any]
PLACE = ("span", "words", "passages")  # follow the draft unless locked: they say where, not what
LEAST_SHARED = 0.2  # of the hashes: below, two scenes are not one


@dataclass
class Merged:
    """Files after the merge, what to keep for the next one, and what was done, in parts of the plan."""

    files: dict[str, str]
    last: dict[str, Any]
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # a person's, though the draft says otherwise
    gone: list[str] = field(default_factory=list)  # no longer in the draft


def merged(story: Story, files: Mapping[str, str], found: Found, last: Mapping[str, Any]) -> Merged:
    """The plan with what was found."""
    out = Merged(dict(files), {})
    ids: dict[str, str] = {}  # the reading's id of a character -> the plan's
    people = _named(story, "character", found.characters, ids)
    _put(out, story, "character", people, last)
    _put(out, story, "place", _named(story, "place", found.places, {}), last)
    scenes, marks = _scenes(story, found, last, ids)
    _put(out, story, "scene", scenes, last)
    out.last["marks"] = marks
    return out


def _named(story: Story, kind: str, found: Mapping[str, Said], ids: dict[str, str]) -> dict[str, Said]:
    """Rows found by the id that the plan has for this name."""
    by_name = {
        name.lower(): row.id
        for row in story.of(kind)
        for name in (row.text("name"), *row.texts("also"), row.id)
        if name
    }
    out: dict[str, Said] = {}
    for one, says in found.items():
        known = next(
            (by_name[n.lower()] for n in (says["name"], *says.get("also", ())) if n.lower() in by_name), one
        )
        ids[one] = known
        if known not in out:
            out[known] = says
    return out


def _scenes(
    story: Story, found: Found, last: Mapping[str, Any], ids: Mapping[str, str]
) -> tuple[dict[str, Said], dict[str, list[int]]]:
    """Scenes by id: those that the plan knows keep theirs, others get the next number."""
    old: dict[str, set[int]] = {key: set(one) for key, one in dict(last.get("marks", {})).items()}
    rows = {row.id: row for row in story.of("scene")}
    pairs = []
    for number, marks in enumerate(found.marks):
        mine, begins = set(marks), found.scenes[number]["begins"]
        for row_id, row in rows.items():
            theirs = old.get(row_id, set())
            union = sorted(mine | theirs)[: max(len(mine), 1)]  # bottom-k estimate of the Jaccard index
            share = sum(one in mine and one in theirs for one in union) / max(1, len(union))
            if row.text("begins") == begins:
                share += 0.5
            if share >= LEAST_SHARED:
                pairs.append((-share, abs(number - list(rows).index(row_id)), number, row_id))
    taken: dict[int, str] = {}
    for _, _, number, row_id in sorted(pairs):
        if number not in taken and row_id not in taken.values():
            taken[number] = row_id
    free = 1 + max((int(one[1:]) for one in rows if one[:1] == "s" and one[1:].isdigit()), default=0)
    out: dict[str, Said] = {}
    marks_by_id: dict[str, list[int]] = {}
    for number, says in enumerate(found.scenes):
        row_id = taken.get(number, "")
        if not row_id:
            row_id, free = f"s{free}", free + 1
        who = {key: [ids.get(one, one) for one in says[key]] for key in ("present", "mentioned")}
        out[row_id] = {**says, **who}
        marks_by_id[row_id] = list(found.marks[number])
    return out, marks_by_id


def _put(out: Merged, story: Story, kind: str, found: Mapping[str, Said], last: Mapping[str, Any]) -> None:
    before: Mapping[str, Said] = dict(last.get(kind, {}))
    rows = [row for row in story.rows if row.kind == kind]  # as they stand in the file
    file = shape.KINDS[kind].file
    changes: dict[int, dict[str, Any]] = {}
    remembered: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        if row.id in found:
            new, kept = _fields(row, found[row.id], before.get(row.id, {}))
            if new:
                changes[number] = new
                if set(new) - set(PLACE):
                    out.changed.append(row.part)
            out.kept += [f"{row.part}.{key}" for key in kept]
            remembered[row.id] = {k: v for k, v in found[row.id].items() if k not in PLACE}
        elif row.id in before:
            out.gone.append(row.part)
            remembered[row.id] = dict(before[row.id])
    text = (
        toml_text.with_values(out.files.get(file, ""), kind, changes) if changes else out.files.get(file, "")
    )
    there = {row.id for row in rows}
    fresh = []
    for row_id, says in found.items():
        if row_id in there:
            continue
        remembered[row_id] = {k: v for k, v in says.items() if k not in PLACE}
        if row_id in before:
            out.kept.append(f"{kind}/{row_id}")  # a person took it out
            continue
        fresh.append({"id": row_id, **{k: v for k, v in says.items() if v not in ("", [])}})
        out.added.append(f"{kind}/{row_id}")
    out.files[file] = toml_text.with_blocks(text, kind, fresh)
    out.last[kind] = remembered


def _fields(row: Row, says: Said, before: Said) -> tuple[dict[str, Any], list[str]]:
    """Which fields of a row follow the draft, and which stay a person's though they differ."""
    new: dict[str, Any] = {}
    kept: Sequence[str] = []
    for key, given in says.items():
        now = row.says.get(key)
        if now == given or (now is None and given in ("", [])):
            continue
        follows = (
            key in PLACE or now == before.get(key) or (now is None and before.get(key) in ("", [], None))
        )
        if follows and not row.locked(key):
            new[key] = given if given not in ("", []) else None
        else:
            kept = [*kept, key]
    return new, list(kept)
