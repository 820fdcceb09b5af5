"""The shelf of bases: one folder a person, outside every project.

    <shelf>/<hash>/base.json     the record
    <shelf>/<hash>/files/        one GGUF file, or config.json, tokenizer.json, *.safetensors, README, licence

<shelf> is $ETUDE_BASES, else `etude/bases` in the folder where the platform keeps a person's data. A base
is known by its hash: of one GGUF file its SHA-256; of a folder the SHA-256 of the lines that `sha256sum`
prints of its files in the order of their names, README and licence files aside. It is put there whole or
not at all: copied into a temporary folder, checked there, and renamed. Nothing is ever fetched or used from
here unasked.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from etude.bases.known import DATA, by_hash, pins
from etude.bases.reading import opened, sha256, size_of
from etude.bases.record import RECORD, Base, Kept, loads
from etude.config.bases import BASES
from etude.errors import ModelError, clean
from etude.store.files import TEMP, clear_errors

WORKS_STILL = (
    "Until then models that stand on it can neither learn nor make; their cards, takes, pieces and "
    "credentials stay as they are."
)


def home() -> Path:
    """Where the shelf is, whether it exists or not."""
    if given := os.environ.get("ETUDE_BASES"):
        return Path(given).expanduser().absolute()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(local) / "Etude" / "bases"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Etude" / "bases"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "etude" / "bases"


@dataclass(frozen=True)
class Shelf:
    """What lies there: open-only first, surely recognised before others. `damaged`: sentences on what
    cannot be read.
    """

    home: Path
    bases: tuple[Base, ...]
    damaged: tuple[str, ...]


def shelf() -> Shelf:
    """Everything on the shelf. A damaged record never hides the others."""
    place, found, damaged = home(), [], []
    folders = sorted(place.iterdir()) if place.is_dir() else []
    for folder in folders:
        if re.fullmatch(r"[0-9a-f]{64}", folder.name) and folder.is_dir():
            try:
                found.append(_read(folder))
            except ModelError as error:
                damaged.append(f"{error.message} {error.hint}")
    return Shelf(place, tuple(sorted(found, key=_order)), tuple(damaged))


def _order(base: Base) -> tuple[int, bool, str]:
    return DATA.index(base.data), base.recognised != "hash", base.name


def _read(folder: Path) -> Base:
    """The base in this place. Raises ModelError for a damaged record."""
    with opened(folder / RECORD) as file:
        base = loads(file.read(min(size_of(file), BASES.max_record_bytes)), folder)
    if base.hash != folder.name:
        raise ModelError(
            f"The record in {folder} is of another base ({base.hash[:12]}).",
            "Add the base again: etude base add PATH",
        )
    return base


def base(ref: str, *, called: str = "") -> Base:
    """The base of this name, this hash, or the beginning of it (8 digits and more); its files are not
    looked at.

    `called`: its name, where the caller has it beside the hash. Raises ModelError that says what is there,
    and how to get what is not.
    """
    held = shelf()
    plain = ref.strip()
    named = [one for one in held.bases if one.name == plain]
    is_hash = re.fullmatch(r"[0-9a-f]{8,64}", plain) is not None
    if not named and is_hash:
        named = [one for one in held.bases if one.hash.startswith(plain)]
    if len(named) == 1:
        return named[0]
    if named:
        raise ModelError(f"Several bases fit '{plain}'.", "Give more of the hash: etude base ls")
    known = by_hash(plain)
    called = called or (known[1] if known else "")
    pin = next((pin for pin in pins() if plain in (pin.name, pin.sha256)), None)
    how = (
        f"Fetch it: etude base get {pin.name}" if pin else "Add it from a folder or file: etude base add PATH"
    )
    there = (
        f"There are: {', '.join(one.name for one in held.bases)}." if held.bases else "There are none yet."
    )
    shown = f"'{clean(called or plain, 80)}'" + (f" ({plain[:12]}…)" if is_hash else "")
    raise ModelError(
        f"There is no base {shown if called or not is_hash else f'{plain[:12]}…'} on the shelf. {there} "
        f"{' '.join(held.damaged[:1])}",
        f"{how}. {WORKS_STILL if is_hash else ''}",
    )


def find(ref: str, *, called: str = "") -> Path:
    """Where the base of this name or hash lies: a folder in the Hugging Face form, or one GGUF file.

    `called` as in `base`. Raises ModelError where there is none, and where it was changed since it was added.
    """
    found = base(ref, called=called)
    check(found)
    return Path(found.path)


def check(base: Base, *, all_bytes: bool = False) -> None:
    """Raises ModelError where a file of the base was changed, removed or added, named with both figures.

    Sizes and times are looked at, and what differs in time is hashed; with `all_bytes` everything is.
    """
    inside = Path(base.path) if base.kind == "folder" else Path(base.path).parent
    there = {entry.name for entry in inside.iterdir()} if inside.is_dir() else set()
    there = {name for name in there if not name.startswith(".")}  # what file managers leave
    for file in base.files:
        if file.name not in there or (inside / file.name).is_symlink():
            raise _changed(base, f"its {file.name} is missing")
        if file.counts:
            _unchanged(base, file, inside / file.name, all_bytes=all_bytes)
    if more := sorted(there - {file.name for file in base.files}):
        raise _changed(base, f"{clean(more[0], 80)} was put beside its files")


def _unchanged(base: Base, file: Kept, path: Path, *, all_bytes: bool) -> None:
    """Raises ModelError where a file is not as it was."""
    with opened(path) as held:
        now = os.fstat(held.fileno())
    if now.st_size != file.bytes:
        raise _changed(base, f"its {file.name} has {now.st_size:,} bytes, and had {file.bytes:,}")
    if all_bytes or now.st_mtime_ns != file.changed_ns:
        digest = sha256(path)
        if digest != file.sha256:
            raise _changed(
                base, f"the SHA-256 of its {file.name} is {digest[:12]}…, and was {file.sha256[:12]}…"
            )


def _changed(base: Base, how: str) -> ModelError:
    pinned = any(pin.sha256 == base.hash for pin in pins())
    again = f"etude base get {base.name}" if pinned else "etude base add PATH"
    return ModelError(
        f"The base '{base.name}' is not as it was added: {how}.",
        f"Put it back: {again}. {WORKS_STILL}",
    )


def remove(ref: str) -> Base:
    """Take a base off the shelf, for good. Raises ModelError where there is none of it."""
    found = base(ref)
    place = home() / found.hash
    gone = place.with_name(f"{TEMP}{os.getpid()}-{found.hash[:16]}")
    with clear_errors(place):
        place.rename(gone)  # from here on it is not on the shelf, whatever happens
    shutil.rmtree(gone, ignore_errors=True)
    return found


def sweep() -> None:
    """Remove what processes that have ended left half-done."""
    import psutil

    place = home()
    for folder in place.glob(f"{TEMP}*") if place.is_dir() else ():
        pid = folder.name.removeprefix(TEMP).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            with suppress(OSError):
                shutil.rmtree(folder)
