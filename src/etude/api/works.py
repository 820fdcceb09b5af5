"""The works of a project: listed, found, described and taken out again. Their bytes are never changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from etude.errors import EtudeError, WorkError
from etude.media import MEDIA, opening
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.store.works import Work, composed, put_back, to_record
from etude.workspace.collecting import enter, leave
from etude.workspace.core import Workspace
from etude.workspace.intake import check_words
from etude.workspace.reading import content_of

# Of works read for their words: about two seconds; a larger shelf is searched by its titles
SEARCHED_BYTES = 20_000_000


@dataclass(frozen=True)
class WorkList:
    """Works in the order added."""

    schema: ClassVar[str] = "etude.works/1"
    works: tuple[Work, ...]


@dataclass(frozen=True)
class Found:
    """Works that were looked for, the best first; `within`: no title, maker or notes fitted, but their texts
    do."""

    schema: ClassVar[str] = "etude.works/1"
    works: tuple[Work, ...]
    within: bool


@dataclass(frozen=True)
class WorkInfo:
    """One work, the collections it is in with its parts there, and how it begins."""

    schema: ClassVar[str] = "etude.work/1"
    work: Work
    collections: tuple[str, ...]
    parts: tuple[Mapping[str, Any], ...]
    begins: str
    unit: str = ""


@dataclass(frozen=True)
class Gone:
    """A work that went to the trash, the collections it left, and the models that learned from it."""

    work: str
    title: str
    collections: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True)
class Removed:
    """Works that are no longer in the project (`dry_run`: that would not be). `takes` counts the takes and
    `pieces` names the pieces that were made by models which learned from them, or began with one of them."""

    schema: ClassVar[str] = "etude.removed/1"
    works: tuple[Gone, ...]
    takes: int = 0
    pieces: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Restored:
    """Works that are back from the trash, and the collections that they are in again."""

    schema: ClassVar[str] = "etude.works-restored/1"
    works: tuple[Work, ...]
    collections: tuple[str, ...]


def works(
    ws: Workspace, /, *, medium: str | None = None, collection: str | None = None, maker: str | None = None
) -> WorkList:
    """Every work, or those of one medium, collection or maker. Raises WorkError for a maker that no work
    has."""
    project = ws.project
    inside = set(project.collection(collection).works()) if collection else None
    by = None if maker is None else {work.id for work in _by(project, maker)}
    return WorkList(
        tuple(
            w
            for w in project.works()
            if (medium is None or w.medium == medium)
            and (inside is None or w.id in inside)
            and (by is None or w.id in by)
        )
    )


def _by(project: Project, maker: str) -> list[Work]:
    """The works of a maker, whatever the capitals, and whichever form of Unicode."""
    name = composed(" ".join(maker.split())).casefold()
    found = [work for work in project.works() if composed(work.maker).casefold() == name]
    if not found:
        known = sorted({work.maker for work in project.works() if work.maker})
        some = ", ".join(known[:8]) + (" ..." if len(known) > 8 else "")
        raise WorkError(
            f"No work is by '{maker}' (makers here: {some or 'none'}).", "See them with: etude works ls"
        )
    return found


def search(ws: Workspace, /, words: str) -> Found:
    """Works whose title, maker or notes hold every word; where none does, texts that hold every word
    themselves."""
    project = ws.project
    known = {work.id: work for work in project.works()}
    titled = tuple(known[hit.id] for hit in project.search(words) if hit.kind == "work" and hit.id in known)
    return Found(titled, False) if titled else Found(tuple(_by_content(project, words)), True)


def _by_content(project: Project, words: str) -> Iterator[Work]:
    """Texts that hold words beginning with each of these, in the order added, as far as SEARCHED_BYTES go."""
    wanted = [re.compile(rf"\b{re.escape(word)}") for word in re.findall(r"\w+", _plain(words))]
    left = SEARCHED_BYTES
    for work in project.works():
        left -= work.bytes
        if not wanted or left < 0:
            return
        medium = MEDIA[work.medium]
        if not medium.edited_as:
            continue  # a medium without words
        with suppress(EtudeError):  # a file that cannot be read is for `repair` to name
            text = _plain(medium.text(content_of(project, work)) or "")
            if all(word.search(text) for word in wanted):
                yield work


def _plain(text: str) -> str:
    """Without capitals and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return (
        "".join(sign for sign in apart if not unicodedata.combining(sign)) if not apart.isascii() else apart
    )


def work(ws: Workspace, /, ref: str) -> WorkInfo:
    """One work by id, title or file name."""
    project = ws.project
    found = project.work(ref)
    medium = MEDIA[found.medium]
    begins = opening(medium, ws.contents.read(found.id))
    homes = [known for known in project.collections() if found.id in known.works()]
    parts = tuple(
        {"collection": home.name, "start": part.start, "end": part.end, "role": part.role}
        for home in homes
        for part in home.parts
        if part.work_id == found.id
    )
    return WorkInfo(found, tuple(home.name for home in homes), parts, begins, medium.unit)


def edit_works(
    ws: Workspace,
    /,
    refs: Sequence[str] = (),
    *,
    collection: str | None = None,
    where_unknown: bool = False,
    title: str | None = None,
    maker: str | None = None,
    licence: str | None = None,
    consent: str | None = None,
    series: str | None = None,
    attrs: Mapping[str, str] | None = None,
) -> WorkList:
    """Change what is written about works: title, maker, licence, consent, series, attributes. The bytes stay
    as they are.

    `collection`: all of its works too; `where_unknown`: only what is not known of a work yet. Answers with
    the works that changed.
    """
    project = ws.project
    asked = {"title": title, "maker": maker, "licence": licence, "consent": consent, "series": series}
    said = {key: value for key, value in asked.items() if value is not None}
    check_words(said.get("licence", ""), said.get("consent", ""))
    with project.act("works edit"):
        ids = [project.work(ref).id for ref in refs] + list(
            project.collection(collection).works() if collection else ()
        )
        known = {work.id: work for work in project.works()}
        found = [known[work_id] for work_id in dict.fromkeys(ids) if work_id in known]
        if title is not None and len(found) > 1:
            raise WorkError(
                f"One title for {len(found)} works?", "Name one work: etude works edit WORK --title TITLE"
            )
        new = [_described(work, said, attrs or {}, where_unknown) for work in found]
        if where_unknown:
            new = [changed for changed, work in zip(new, found, strict=True) if changed != work]
        project.update_works(new)
        project.log(
            "described",
            works=[work.id for work in new],
            **said,
            attrs=dict(attrs or {}),
            where_unknown=where_unknown,
        )
    return WorkList(tuple(project.work(work.id) for work in new))


def _described(work: Work, said: Mapping[str, str], attrs: Mapping[str, str], where_unknown: bool) -> Work:
    if where_unknown:
        said = {key: value for key, value in said.items() if getattr(work, key) in ("", "unknown")}
        attrs = {key: value for key, value in attrs.items() if key not in work.attrs}
    return replace(
        work,
        title=said.get("title", work.title),
        maker=said.get("maker", work.maker),
        licence=said.get("licence", work.licence),
        consent=said.get("consent", work.consent),
        series=said.get("series", work.series),
        attrs={**work.attrs, **attrs},
    )


def remove(
    ws: Workspace,
    /,
    refs: Sequence[str] = (),
    *,
    collection: str | None = None,
    maker: str | None = None,
    dry_run: bool = False,
) -> Removed:
    """Take works out of the project and its collections: those named, and all of a `collection` or a `maker`
    (of both where both are given). The originals go to the trash; `restore` brings them back.

    The models that learned from them are named, with the takes and pieces that hold something of them.
    `dry_run`: nothing is changed. Raises WorkError where nothing is named.
    """
    project = ws.project
    done = []
    with project.act("works rm"):
        found = [project.work(ref) for ref in refs]
        if collection is not None or maker is not None:
            found += works(ws, collection=collection, maker=maker).works
        if not found:
            raise WorkError("No work is named.", "Name works, or say --maker NAME or --collection NAME.")
        found = list({work.id: work for work in found}.values())
        homes = {home.name: set(home.works()) for home in project.collections()}
        learned = {model.id: _learned_from(model) for model in project.models()}
        for gone_work in found:
            own = tuple(name for name, ids in homes.items() if gone_work.id in ids)
            models = tuple(model for model, ids in learned.items() if gone_work.id in ids)
            done.append(Gone(gone_work.id, gone_work.title, own, models))
        if not dry_run:
            for name in {name for gone in done for name in gone.collections}:
                leave(project, name, [one.id for one in found])
            for one, gone in zip(found, done, strict=True):
                said = {"work": one.id, "title": one.title, "collections": list(gone.collections)}
                slot = project.slot_name(project.remove_work(one.id))
                project.log("removed", **said, slot=slot, record=to_record(one))
    holding = {model for gone in done for model in gone.models}
    takes, pieces = _held(project, {one.id for one in found}, holding)
    return Removed(tuple(done), takes, pieces, dry_run)


def _held(project: Project, works: set[str], models: set[str]) -> tuple[int, tuple[str, ...]]:
    """How many takes were made by these models or began with one of these works, and the pieces among
    them."""

    def holds(recipe: Mapping[str, Any]) -> bool:
        return recipe.get("model") in models or (recipe.get("source") or {}).get("work") in works

    takes = [take.id for take in project.takes() if holds(take.record)]
    kept = [piece for piece in project.pieces() if holds(piece.record.get("recipe") or {})]
    return len(takes), tuple(piece.id for piece in kept)


def restore(ws: Workspace, /, refs: Sequence[str] = (), *, maker: str | None = None) -> Restored:
    """Bring works back from the trash: by id or title, or all of a `maker`, into the collections that they
    were in and that are there still. Raises WorkError naming what is there."""
    project = ws.project
    with project.act("works restore"):
        there: dict[str, Mapping[str, Any]] = {}
        known = {one.id for one in project.works()}
        for event in project.events():
            if event["event"] == "removed" and event.get("slot") and event.get("record"):
                there[str(event["work"])] = event
        there = {
            work_id: event
            for work_id, event in there.items()
            if work_id not in known
            and (project.slot(str(event["slot"])) / str(event["record"]["file"])).exists()
        }
        wanted: dict[str, Mapping[str, Any]] = {}
        for ref in refs:
            fits = [i for i, e in there.items() if ref == e["title"] or (len(ref) > 2 and i.startswith(ref))]
            if len(fits) != 1:
                raise _not_there(f"{len(fits) or 'No'} works in the trash fit '{ref}'", there)
            wanted[fits[0]] = there[fits[0]]
        if maker is not None:
            name = composed(maker).casefold()
            wanted |= {
                i: e
                for i, e in there.items()
                if composed(str(e["record"].get("maker", ""))).casefold() == name
            }
        if not wanted:
            raise _not_there("No work in the trash is named", there)
        back: list[Work] = []
        homes: dict[str, list[str]] = {}
        for work_id, gone in wanted.items():
            project.restore(project.slot(str(gone["slot"])))
            back.append(put_back(project.root, gone["record"]))
            for name in gone.get("collections") or ():
                homes.setdefault(str(name), []).append(work_id)
        names = {home.name for home in project.collections()}
        homes = {name: ids for name, ids in homes.items() if name in names}
        for name, ids in homes.items():
            enter(project, name, dict.fromkeys(ids, 1.0))
        project.log("restored", works=list(wanted), collections=list(homes))
    return Restored(tuple(back), tuple(homes))


def _not_there(what: str, there: Mapping[str, Mapping[str, Any]]) -> WorkError:
    some = ", ".join(f"{i} ({e['title']})" for i, e in list(there.items())[:6]) or "none"
    return WorkError(
        f"{what} (there: {some}{' ...' if len(there) > 6 else ''}).", "Give the id: etude works restore ID"
    )


def _learned_from(model: ModelInfo) -> set[str]:
    """The works that a model has seen; those held out it was only measured on."""
    works = dict(model.header.get("works") or {})
    return {work_id for role in ("train", "critic") for work_id in works.get(role, ())}
