"""Stories: in story/<name>/ the files of a plan, as a person edits them. Here they are read and written; what
they say, `story/` knows.

A write names the version that it was made from, and is refused where another came between (compare and
swap), so that two people, or a person's editor and a command, lose nothing. The caller holds the lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from etude.config.story import STORY
from etude.errors import ProjectError
from etude.store.files import check_name, write_atomic
from etude.store.lines import append, read_json, read_lines, write_json

FOLDER = "story"
READ = "read.json"  # what was read out of the draft last: what differs from it is a person's
INTENDED = "intended.jsonl"  # warnings that the author means, each with a reason


def names(root: Path) -> list[str]:
    """Every story, by name."""
    found = (root / FOLDER).glob("*/plan.toml")
    return sorted(path.parent.name for path in found)


def folder(root: Path, name: str) -> Path:
    """Where a story lies. Raises ProjectError where there is none."""
    place = root / FOLDER / check_name(name, "story")
    if not (place / "plan.toml").is_file():
        raise ProjectError(f"There is no story '{name}'.", "List them with: etude story")
    return place


def read(root: Path, name: str, files: Sequence[str]) -> dict[str, str]:
    """The texts of a story's files; of one that is not there, an empty text. Raises ProjectError for what is
    no text or too large."""
    place = folder(root, name)
    out = {}
    for file in files:
        path = place / file
        try:
            size = path.stat().st_size
            if size > STORY.max_plan_bytes:
                raise ProjectError(
                    f"story/{name}/{file} has {size / 1e6:,.1f} MB; a plan's file has up to "
                    f"{STORY.max_plan_bytes / 1e6:,.0f} MB.",
                    "Is it the draft? Keep that outside the plan: etude story read NAME FILE",
                )
            out[file] = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            out[file] = ""
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            raise ProjectError(
                f"story/{name}/{file}, line {line}: the bytes there are no UTF-8 text.",
                "Save the file as UTF-8; nothing was changed.",
            ) from error
        except OSError as error:
            raise ProjectError(
                f"story/{name}/{file} cannot be read: {error.strerror}.", "Check who may read it."
            ) from error
    return out


def begin(root: Path, name: str, files: Mapping[str, str]) -> None:
    """A new story. Raises ProjectError for a name that is taken or cannot be one."""
    name = check_name(name, "story")
    if (root / FOLDER / name / "plan.toml").exists():
        raise ProjectError(f"There is a story '{name}' already.", "Choose another name.")
    for file, text in files.items():
        write_atomic(root / FOLDER / name / file, text.encode())


def write(root: Path, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Write the files that differ; names them. Raises ProjectError where a file is no longer as it was
    `before`, and writes none."""
    place = folder(root, name)
    there = read(root, name, list(before))
    if other := [file for file, text in before.items() if there[file] != text]:
        raise ProjectError(
            f"story/{name}/{other[0]} was changed in the meantime, by another person or program.",
            "Look at it and do it again; nothing was overwritten.",
        )
    changed = [file for file, text in after.items() if text != before.get(file, "")]
    for file in changed:
        write_atomic(place / file, after[file].encode("utf-8", "replace"))
    return changed


def last_read(root: Path, name: str) -> dict[str, object]:
    """What was read out of the draft last; empty where nothing was, or the record is damaged."""
    path = folder(root, name) / READ
    try:
        return dict(read_json(path)) if path.exists() else {}
    except (ProjectError, ValueError, OSError):
        return {}


def keep_read(root: Path, name: str, what: Mapping[str, object]) -> None:
    """Keep what was read."""
    write_json(folder(root, name) / READ, what)


def intended(root: Path, name: str) -> dict[str, str]:
    """Warnings that the author means: what each is known by, and why. A later line takes an earlier one
    back."""
    out: dict[str, str] = {}
    for line in read_lines(folder(root, name) / INTENDED).records:
        key = str(line.get("warning", ""))
        if line.get("intended", True):
            out[key] = str(line.get("because", ""))
        else:
            out.pop(key, None)
    return out


def intend(root: Path, name: str, line: Mapping[str, object]) -> None:
    """One more line on what the author means."""
    append(folder(root, name) / INTENDED, [dict(line)])
