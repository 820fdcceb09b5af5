"""The files of a plan and the plan: read with every mistake named by file and line, and changed in one
place.

A file that cannot be read changes nothing: whoever writes reads first. Knows no disk: files are texts by
name."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from etude.errors import ProjectError
from etude.story import shape, toml_text
from etude.story.plan import Row, Story, part

_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_ID = re.compile(r"[\w-]+")
HEADS = {
    "plan.toml": "# A story's plan. Everything here may be edited by hand; what Etude does not"
    " know it leaves "
    "alone.\nformat = 1\n",
    "characters.toml": "# Who is in it: [[character]], and their state at scenes: [[arc]].\n",
    "places.toml": "# Places: [[place]].\n",
    "scenes.toml": "# Scenes: [[scene]].\n",
    "premise.md": "",
    "world.md": "",
}


def version(files: Mapping[str, str]) -> str:
    """Changes with every byte."""
    said = hashlib.sha256()
    for name in shape.FILES:
        said.update(f"{name}\0{files.get(name, '')}\0".encode("utf-8", "surrogatepass"))
    return said.hexdigest()[:12]


def begun(title: str) -> dict[str, str]:
    """The files of an empty plan."""
    files = dict(HEADS)
    files["plan.toml"] += f"title = {toml_text.value(title)}\n"
    return files


def read(name: str, files: Mapping[str, str]) -> Story:
    """The plan of these files. Raises ProjectError that names the file and line of what is no plan."""
    rows: list[Row] = []
    notes: list[str] = []
    top: Mapping[str, Any] = {}
    for file in shape.TOML_FILES:
        text = files.get(file, "")
        data = _parsed(name, file, text)
        where = toml_text.blocks(text)
        if file == "plan.toml":
            top = _top(name, data, where)
        for key, said in data.items():
            if key in shape.KINDS and shape.KINDS[key].file == file:
                rows += _rows(name, file, key, said, [one for one in where if one.name == key], notes)
            elif not (file == "plan.toml" and key in shape.TOP):
                line = _line_of(where, key)
                hint = shape.nearest(key, shape.KINDS)
                notes.append(f"{file}, line {line}: Etude does not know '{key}' and leaves it alone.{hint}")
    locked = top.get("locked", ())
    return Story(
        name,
        str(top.get("title", name)),
        {key: files.get(file, "").strip() for key, file in shape.TEXTS.items()},
        tuple(rows),
        version(files),
        tuple(shape.TEXTS) if locked is True else tuple(locked),
        tuple(top.get("draft", ())),
        (*notes, *_dangling(rows)),
    )


def _parsed(name: str, file: str, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _AT.search(str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        shown = [*text.split("\n"), ""][line - 1].strip()
        why = _AT.sub("", str(error)).strip().rstrip(".")
        raise _wrong(name, file, line, f"{why[:1].lower()}{why[1:]}: {shown[:80]}") from error


def _wrong(name: str, file: str, line: int, what: str) -> ProjectError:
    return ProjectError(
        f"story/{name}/{file}, line {line}: {what}",
        f"Mend that line; nothing was changed. Check again with: etude story check {name}",
    )


def _top(name: str, data: Mapping[str, Any], where: list[toml_text.Block]) -> Mapping[str, Any]:
    for key, kind in shape.TOP.items():
        if key in data and not _is(data[key], kind):
            raise _wrong(name, "plan.toml", _line_of(where, key), f"'{key}' has to be {_a(kind)}")
    newer = data.get("format", shape.FORMAT)
    if newer > shape.FORMAT:
        raise ProjectError(
            f"The story '{name}' is of format {newer}; this version reads up to {shape.FORMAT}.",
            "Update with: pip install -U etude",
        )
    return data


def _rows(
    name: str, file: str, kind: str, said: Any, where: list[toml_text.Block], notes: list[str]
) -> list[Row]:
    """The rows of one kind. Raises ProjectError for what is none."""
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        line = where[0].start + 1 if where else 1
        raise _wrong(name, file, line, f"write every {kind} under a line [[{kind}]], with two brackets")
    known = shape.fields(kind)
    seen: dict[str, int] = {}
    out = []
    for one, block in zip(said, where, strict=False):
        lines = {key: at + 1 for key, (at, _) in block.keys.items()}
        row_id = one.get("id")
        if not isinstance(row_id, str) or not _ID.fullmatch(row_id):
            line = lines.get("id", block.start + 1)
            raise _wrong(name, file, line, f"a {kind} needs an id of letters, digits, '-' and '_'")
        if row_id in seen:
            raise _wrong(
                name, file, lines["id"], f"the id '{row_id}' was used in line {seen[row_id]} already"
            )
        seen[row_id] = lines["id"]
        for key, given in one.items():
            if key not in known:
                notes.append(
                    f"{file}, line {lines.get(key, block.start + 1)}: Etude does not know the field '{key}' "
                    f"of a {kind} and leaves it alone.{shape.nearest(key, known)}"
                )
            elif not _is(given, known[key]):
                raise _wrong(name, file, lines.get(key, 1), f"'{key}' has to be {_a(known[key])}")
        out.append(Row(kind, row_id, one, file, block.start + 1, lines))
    return out


def _is(given: Any, kind: str) -> bool:
    if kind == shape.TEXT:
        return isinstance(given, str)
    if kind == shape.NUMBER:
        return isinstance(given, int | float) and not isinstance(given, bool)
    texts = isinstance(given, list) and all(isinstance(one, str) for one in given)
    return texts or (kind == shape.LOCK and isinstance(given, bool))


def _a(kind: str) -> str:
    return {
        "text": 'a text in quotation marks: "..."',
        "list of texts": 'a list of texts: ["...", "..."]',
    }.get(kind, f"a {kind}" if kind == shape.NUMBER else kind)


def _line_of(where: list[toml_text.Block], key: str) -> int:
    for block in where:
        if block.name == key:
            return block.start + 1
        if not block.name and key in block.keys:
            return block.keys[key][0] + 1
    return 1


def _dangling(rows: list[Row]) -> list[str]:
    """Rows that name rows which are not there."""
    ids = {(row.kind, row.id) for row in rows}
    notes = []
    for row in rows:
        for key, kind in shape.KINDS[row.kind].refs.items():
            said = row.says.get(key, [])
            for one in [said] if isinstance(said, str) else said:
                if one and (kind, one) not in ids:
                    line = row.lines.get(key, row.line)
                    near = shape.nearest(one, tuple(i for k, i in ids if k == kind))
                    notes.append(f"{row.file}, line {line}: there is no {kind} '{one}'.{near}")
    return notes


def changed(story: Story, files: Mapping[str, str], said: str, given: Any) -> dict[str, str]:
    """The files with one part set to a value (None: without it). A locked field is changed by a person only
    after unlocking. Raises ProjectError."""
    kind, row_id, key = part(said)
    out = dict(files)
    if kind == "title" or kind in shape.TEXTS:
        if kind in story.locked:
            raise _locked(story, kind)
        if kind == "title":
            out["plan.toml"] = toml_text.with_values(files["plan.toml"], "", {0: {"title": str(given)}})
        else:
            out[shape.TEXTS[kind]] = f"{given}".strip() + "\n"
        return out
    if not key:
        raise ProjectError(f"'{said}' is a whole {kind}.", f"Name one of its fields: {said}.FIELD")
    row = story.row(kind, row_id)
    if row.locked(key):
        raise _locked(story, said)
    return {**out, row.file: _set(out[row.file], story, row, key, typed(said, kind, key, given))}


def locks(story: Story, files: Mapping[str, str], said: str, locked: bool) -> dict[str, str]:
    """The files with a part locked or unlocked: a field, a row as a whole, or a free text."""
    kind, row_id, key = part(said)
    if kind == "title":
        raise ProjectError("The title is yours anyway: nothing in Etude changes it.", "Lock another part.")
    if kind in shape.TEXTS:
        now = {*story.locked, kind} if locked else {*story.locked} - {kind}
        text = toml_text.with_values(files["plan.toml"], "", {0: {"locked": sorted(now) or None}})
        return {**files, "plan.toml": text}
    row = story.row(kind, row_id)
    before = row.says.get("locked", [])
    after: Any
    if not key:
        after = True if locked else None
    else:
        every = (
            set(shape.fields(kind)) - {"id", "locked", "passages"} if before is True else set(before or ())
        )
        after = before if locked and before is True else sorted(every | {key} if locked else every - {key})
    return {**files, row.file: _set(files[row.file], story, row, "locked", after or None)}


def with_draft(text: str, refs: list[str]) -> str:
    """plan.toml with what the plan was read out of."""
    return toml_text.with_values(text, "", {0: {"draft": list(refs)}})


def with_row(story: Story, files: Mapping[str, str], kind: str, row: Mapping[str, Any]) -> dict[str, str]:
    """The files with one more row. Raises ProjectError for an id that is taken or cannot be one."""
    if kind not in shape.KINDS:
        raise ProjectError(
            f"There is no kind '{kind}'.{shape.nearest(kind, shape.KINDS)}",
            f"Kinds: {', '.join(shape.KINDS)}",
        )
    row_id = str(row.get("id", ""))
    if not _ID.fullmatch(row_id):
        raise ProjectError(f"'{row_id}' cannot be an id.", "Use letters, digits, '-' and '_'.")
    if story.find(kind, row_id):
        raise ProjectError(f"There is a {kind} '{row_id}' already.", "Choose another id.")
    says = {key: typed(f"{kind}/{row_id}.{key}", kind, key, given) for key, given in row.items()}
    file = shape.KINDS[kind].file
    return {**files, file: toml_text.with_blocks(files.get(file, ""), kind, [says])}


def typed(said: str, kind: str, key: str, given: Any) -> Any:
    """What a person typed, as the field's type: lists are divided at semicolons. Raises ProjectError."""
    known = shape.fields(kind)
    if key not in known:
        raise ProjectError(
            f"A {kind} has no field '{key}'.{shape.nearest(key, known)}", f"Its fields: {', '.join(known)}"
        )
    if given is None:
        return None
    wanted = known[key]
    if wanted == shape.LIST and isinstance(given, str):
        return [one.strip() for one in given.split(";") if one.strip()]
    if wanted == shape.NUMBER and isinstance(given, str):
        try:
            return int(given) if re.fullmatch(r"[+-]?\d+", given.strip()) else float(given)
        except ValueError:
            raise ProjectError(f"{said} is a number, not '{given[:40]}'.", "Give a number.") from None
    if not _is(list(given) if isinstance(given, tuple) else given, wanted):
        raise ProjectError(f"{said} has to be {_a(wanted)}.", "Give such a value.")
    return given


def _set(text: str, story: Story, row: Row, key: str, given: Any) -> str:
    number = [one.id for one in story.rows if one.kind == row.kind].index(row.id)
    return toml_text.with_values(text, row.kind, {number: {key: given}})


def _locked(story: Story, said: str) -> ProjectError:
    return ProjectError(
        f"{said} of the story '{story.name}' is locked.",
        f"Unlock it first: etude story unlock {story.name} {said}",
    )
