"""Files in a folder that belong to no medium, or to another one than is added: one line for each type, with
what it is and what converts it. Nobody should wonder where a drawing or a chapter has gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etude.errors import WorkError, clean
from etude.media import MEDIA
from etude.media.foreign import unknown
from etude.workspace.gather import Candidate, Skipped

NAMED = 12  # files that could not be added, where none could
_NAMED, _BYTES = 3, 4096  # files named of one type; bytes that are looked at to know it
_SYSTEM = {"thumbs.db", "desktop.ini", "icon\r"}  # of no person's making


@dataclass(frozen=True)
class PassedOver:
    """The files of one type (`suffix`, '' for none): how many, the names of some, what they are ('' where
    nobody knows), and what to do."""

    suffix: str
    files: int
    names: tuple[str, ...]
    what: str
    hint: str


def passed_over(files: Sequence[Path], wanted: str | None) -> tuple[PassedOver, ...]:
    """Those of each type, in the order of their names."""
    types: dict[str, list[Path]] = {}
    for path in files:
        if path.name.lower() not in _SYSTEM:
            types.setdefault(path.suffix.lower(), []).append(path)
    return tuple(_of_type(suffix, types[suffix], wanted) for suffix in sorted(types))


def _of_type(suffix: str, files: Sequence[Path], wanted: str | None) -> PassedOver:
    names = tuple(clean(path.name, 80) for path in files[:_NAMED])
    others = [medium for medium in MEDIA.values() if suffix in medium.suffixes and medium.name != wanted]
    if others:
        found = others[0].name
        return PassedOver(suffix, len(files), names, f"of another medium ({found})", f"--medium {found}")
    try:
        with files[0].open("rb") as file:
            start = file.read(_BYTES)
    except OSError:
        start = b""
    known = unknown(files[0], start, wanted)
    what = known.message.removeprefix("is ").removesuffix(", which is not read") if known.hint else ""
    return PassedOver(suffix, len(files), names, what, known.hint)


def nothing(
    candidates: Sequence[Candidate], skipped: Sequence[Skipped], other: Sequence[PassedOver]
) -> WorkError:
    """The error where no file became a work."""
    if not candidates and not skipped:
        names = ", ".join(f"{one.names[0]} is {one.what}" for one in other[:NAMED] if one.what)
        count = sum(one.files for one in other)
        kinds = f"{count:,} file{'s' if count != 1 else ''} of other kinds{': ' if names else ''}{names}"
        more = f" ({kinds})" if count else ""
        hint = next((one.hint for one in other if one.what), "")
        return WorkError(
            f"There is nothing to add there{more}.",
            hint
            or "Etude reads txt, md, epub, docx, odt, rtf, html; mid, musicxml, mxl, abc; png, jpg, webp, "
            "gif, tiff, psd, svg; mp4, mov, webm.",
        )
    reasons = "; ".join(f"{skip.file}: {skip.reason}" for skip in skipped[:NAMED])
    more = f"; and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    return WorkError(
        f"None of {len(skipped)} files could be added: {reasons}{more}",
        "Follow the advice for each, or add other files.",
    )
