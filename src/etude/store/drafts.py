"""Drafts: what a person is writing or scoring, and how it came to be. In drafts/: <name><suffix> holds it as
it is now, readable by any program, and <name>.jsonl every change of it, appended and never rewritten.

A change names the place, what went and what came, in characters of the stored form. Undo moves a pointer over
the changes, so that it works after a restart as before. A whole copy stands in between now and then, so that
a long history is read quickly. A file that another program changed is taken as it is, as one more change. The
caller holds the lock. Knows no media; every stored form that is UTF-8 can be a draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etude.errors import ProjectError
from etude.store.files import check_name, write_atomic
from etude.store.lines import append, read_lines
from etude.store.log import now

FOLDER = "drafts"
WHOLE_EVERY = 200  # changes after which a whole copy stands in the history
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Edit:
    """One change: `gone` went at character `at` and `here` came; `take`: the take it was, if it was one."""

    at: int
    gone: str
    here: str
    take: str = ""

    def on(self, text: str) -> str:
        """The text after it."""
        return text[: self.at] + self.here + text[self.at + len(self.gone) :]

    def off(self, text: str) -> str:
        """The text before it."""
        return text[: self.at] + self.gone + text[self.at + len(self.here) :]


@dataclass(frozen=True)
class Draft:
    """A draft as it is now. `version` counts the lines of its history; `done` and `undone` are the changes
    that undo and redo go to next, the nearest last."""

    name: str
    medium: str
    suffix: str
    text: str
    version: int
    at: str
    done: tuple[Edit, ...]
    undone: tuple[Edit, ...]


def names(root: Path) -> list[str]:
    """Every draft, the one changed last first."""
    found = (root / FOLDER).glob("*.jsonl")
    return [path.stem for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


def begin(root: Path, name: str, medium: str, suffix: str, text: str) -> Draft:
    """A new draft. Raises ProjectError for a name that is taken or cannot be one."""
    name = check_name(name, "draft")
    if _history(root, name).exists():
        raise ProjectError(f"There is a draft '{name}' already.", "Choose another name.")
    _write(root, name, suffix, text, [{"event": "begun", "medium": medium, "suffix": suffix, "whole": text}])
    return read(root, name)


def read(root: Path, name: str) -> Draft:
    """A draft as it is now. Raises ProjectError where there is none."""
    lines = read_lines(_history(root, check_name(name, "draft"))).records
    if not lines or lines[0].get("event") != "begun":
        raise ProjectError(f"There is no draft '{name}'.", "List them with: etude draft")
    return _fold(name, lines)


def file_of(root: Path, draft: Draft) -> Path:
    """Where it lies as it is now."""
    return root / FOLDER / f"{draft.name}{draft.suffix}"


def changed_outside(root: Path, draft: Draft) -> str | None:
    """What another program made of the file; None where it is as the history has it, or gone."""
    try:
        now_there = file_of(root, draft).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    return now_there if now_there != draft.text else None


def put(root: Path, draft: Draft, edit: Edit) -> Draft:
    """One more change. What takes the last change back is written as an undo, so that undo and redo stay one
    chain whoever did it. Raises ProjectError for a change of something that is not there."""
    if draft.text[edit.at : edit.at + len(edit.gone)] != edit.gone or edit.at > len(draft.text):
        raise ProjectError("This change is of a text that is not there.", "Load the draft again.")
    after = edit.on(draft.text)
    if after == draft.text:
        return draft
    for event, known, text in (
        ("undone", draft.done, _or_none(draft, draft.done, Edit.off)),
        ("redone", draft.undone, _or_none(draft, draft.undone, Edit.on)),
    ):
        if known and text == after:
            return _move(root, draft, event, text)
    line: dict[str, Any] = {"event": "put", "edit": [edit.at, edit.gone, edit.here]}
    line |= {"take": edit.take} if edit.take else {}
    line |= {"whole": after} if draft.version % WHOLE_EVERY == 0 else {}
    _write(root, draft.name, draft.suffix, after, [line])
    return read(root, draft.name)


def undo(root: Path, draft: Draft, *, redo: bool = False) -> Draft:
    """One change back, or forward again. Raises ProjectError where there is none."""
    known, event, way = (draft.undone, "redone", Edit.on) if redo else (draft.done, "undone", Edit.off)
    if not known:
        raise ProjectError(f"There is nothing to {'redo' if redo else 'undo'} in '{draft.name}'.", "Go on.")
    return _move(root, draft, event, way(known[-1], draft.text))


def paths(root: Path, draft: Draft) -> Sequence[Path]:
    """All that belongs to it, the history last."""
    return [path for path in (file_of(root, draft), _history(root, draft.name)) if path.exists()]


def _or_none(draft: Draft, known: Sequence[Edit], way: Any) -> str | None:
    return str(way(known[-1], draft.text)) if known else None


def _move(root: Path, draft: Draft, event: str, text: str) -> Draft:
    _write(root, draft.name, draft.suffix, text, [{"event": event}])
    return read(root, draft.name)


def _write(root: Path, name: str, suffix: str, text: str, lines: Sequence[Line]) -> None:
    append(_history(root, name), [{"at": now(), **line} for line in lines])
    write_atomic(root / FOLDER / f"{name}{suffix}", text.encode())


def _history(root: Path, name: str) -> Path:
    return root / FOLDER / f"{name}.jsonl"


def _fold(name: str, lines: Sequence[Line]) -> Draft:
    done: list[Edit] = []
    undone: list[Edit] = []
    steps: list[tuple[bool, Edit]] = []  # since the last whole copy: forwards or back, and what
    text = ""
    for line in lines:
        event = line["event"]
        if event == "put":
            at, gone, here = line["edit"]
            edit = Edit(int(at), str(gone), str(here), str(line.get("take", "")))
            done.append(edit)
            undone.clear()
            steps.append((True, edit))
        elif event == "undone" and done:
            undone.append(done.pop())
            steps.append((False, undone[-1]))
        elif event == "redone" and undone:
            done.append(undone.pop())
            steps.append((True, done[-1]))
        if "whole" in line:
            text = str(line["whole"])
            steps.clear()
    for forwards, edit in steps:
        text = edit.on(text) if forwards else edit.off(text)
    first, last = lines[0], lines[-1]
    return Draft(
        name,
        str(first["medium"]),
        str(first["suffix"]),
        text,
        len(lines),
        str(last.get("at", "")),
        tuple(done),
        tuple(undone),
    )
