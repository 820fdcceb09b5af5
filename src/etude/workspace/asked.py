"""What a person asks of a model, checked against what it knows: likeness, gaps, voices, drafts. Knows nothing of sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

from etude.config.sequence import MAKE
from etude.errors import ModelError, TakeError
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.workspace.contents import Source


def conditions(header: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a model can be asked for: key -> the values that its works have."""
    return {
        str(row["key"]): [str(value) for value in row["values"]] for row in header.get("conditions") or []
    }


def spelt(project: Project, model: ModelInfo, like: Mapping[str, str]) -> dict[str, str]:
    """`like` with the spelling that the model knows. Raises ModelError naming what it does know.

    What all of its works have in common is nothing to choose, and falls away.
    """
    known = conditions(model.header)
    see = f"See: etude models info {quote(model.id)}"
    found = {}
    for key, value in like.items():
        if key not in known:
            _common(project, model, key, value, see)
            continue
        fits = [name for name in known[key] if name.casefold() == value.casefold()]
        if not fits:
            some = ", ".join(known[key][:8]) + (" ..." if len(known[key]) > 8 else "")
            raise ModelError(f"No work of this model has {key}={value} (it knows: {some}).", see)
        found[key] = fits[0]
    return found


def drafts_of(
    header: Mapping[str, Any], rank: bool | None, drafts: int | None, fill: object
) -> dict[str, int]:
    """Into how many drafts of a block a recipe goes; a recipe without the word has one, as those from before there were drafts."""
    if drafts is None:
        chosen = rank if rank is not None else bool((header.get("critic") or {}).get("used"))
        drafts = MAKE.drafts if chosen and not fill else 1
    return {"drafts": drafts} if drafts != 1 else {}


def _common(project: Project, model: ModelInfo, key: str, value: str, see: str) -> None:
    """Returns when every work learned from has this value of a key that the model cannot be asked for; else raises ModelError, saying why."""
    learned = set((model.header.get("works") or {}).get("train", ()))
    values = [
        work.maker if key == "maker" else work.attrs.get(key, "")
        for work in project.works()
        if work.id in learned
    ]
    differ = sorted({one for one in values if one})
    if len(differ) == 1 and all(values):
        if differ[0].casefold() == value.casefold():
            return
        what = f"by {differ[0]}" if key == "maker" else f"{key}={differ[0]}"
        raise ModelError(
            f"All works of this model are {what}, so there is nothing to choose.", "Leave --like out."
        )
    if not differ:
        has = ", ".join(conditions(model.header)) or "none"
        raise ModelError(f"No work of this model has an attribute '{key}' (it knows: {has}).", see)
    some = ", ".join(differ[:8]) + (" ..." if len(differ) > 8 else "")
    raise ModelError(
        f"This model did not learn to tell works by '{key}' (of {len(values)} works {sum(map(bool, values))} have it: {some}).",
        see,
    )


def check(medium: str, given: Source | None, fill: object, voices: Sequence[str], bars: object) -> None:
    """Raises TakeError where the gap and the medium do not go together."""
    if given is not None and given.medium != medium:
        raise TakeError(
            f"{given.title} is {given.medium}, and this model makes {medium}.",
            "Name a model of that medium: etude models",
        )
    if given is None and (fill or voices or bars):
        raise TakeError("There is nothing to fill.", "Name the file with --from FILE.")
    if fill and medium != "text":
        raise TakeError(
            "--fill counts characters of a text.", "In music say --bars FIRST:LAST or --voices NAME."
        )
    if (voices or bars) and medium != "music":
        raise TakeError("--voices and --bars are for music.", "In a text say --fill START:END.")


def gap_of(
    given: Source, fill: tuple[int, int] | None, voices: Sequence[str], bars: tuple[int, int] | None
) -> dict[str, Any]:
    """Which part of the source stays, as controls of a recipe. Raises TakeError with what there is."""
    gap: dict[str, Any] = {}
    if fill is not None:
        size = len(given.content)
        if not 0 <= fill[0] <= fill[1] <= size:
            raise TakeError(
                f"--fill {fill[0]}:{fill[1]} does not lie in {given.title}, which has {size} characters.",
                f"Give 0:{size} or less.",
            )
        gap["fill"] = list(fill)
    if voices:
        gap["keep"] = _voices(given, voices)
    if bars is not None:
        from etude.media.music.bars import layout

        pickup = 1 if given.content.pickup else 0
        count = len(layout(given.content).bars) - pickup
        if not 1 <= bars[0] <= bars[1] <= count:
            raise TakeError(
                f"--bars {bars[0]}:{bars[1]} does not lie in {given.title}, which has {count} bars.",
                f"Give 1:{count} or less.",
            )
        gap["bars"] = [
            bars[0] - 1 + pickup,
            bars[1] + pickup,
        ]  # counted from 0 with the pickup as a bar, end excluded
    return gap


def _voices(given: Source, voices: Sequence[str]) -> list[int]:
    """Track indexes by name, or by number from 1; 'all' is every one."""
    tracks = given.content.tracks
    if [name.casefold() for name in voices] == ["all"]:
        return list(range(len(tracks)))
    keep = []
    for name in voices:
        fits = [i for i, track in enumerate(tracks) if track.name.casefold() == name.casefold()]
        if not fits and name.isdigit() and 1 <= int(name) <= len(tracks):
            fits = [int(name) - 1]
        if not fits:
            has = ", ".join(f"{i} {track.name}".strip() for i, track in enumerate(tracks, 1))
            raise TakeError(
                f"{given.title} has no voice '{name}' (it has: {has}).", "Name a voice, its number, or all."
            )
        keep += fits
    return sorted(set(keep))


def only(found: ModelInfo, said: Sequence[str]) -> None:
    """Raises TakeError where something was asked that this model's family does not know."""
    if said:
        option = "--" + said[0].replace("_", "-")
        raise TakeError(
            f"{option} means nothing to a model of {found.medium}.", "Leave it out; see: etude make --help"
        )
