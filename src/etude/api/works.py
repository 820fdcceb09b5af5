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
from etude.store.works import Work
from etude.workspace.collecting import leave
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
    """Works that are no longer in the project."""

    schema: ClassVar[str] = "etude.removed/1"
    works: tuple[Gone, ...]


def works(ws: Workspace, /, *, medium: str | None = None, collection: str | None = None) -> WorkList:
    """Every work, or those of one medium or collection."""
    project = ws.project
    inside = set(project.collection(collection).works()) if collection else None
    return WorkList(
        tuple(
            w
            for w in project.works()
            if (medium is None or w.medium == medium) and (inside is None or w.id in inside)
        )
    )


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


def remove(ws: Workspace, /, refs: Sequence[str]) -> Removed:
    """Take works out of the project and its collections; the originals go to the trash. Models that learned
    from them are named."""
    project = ws.project
    done = []
    with project.act("works rm"):
        for found in [project.work(ref) for ref in refs]:
            homes = [known.name for known in project.collections() if found.id in known.works()]
            for home in homes:
                leave(project, home, [found.id])
            project.remove_work(found.id)
            project.log("removed", work=found.id, title=found.title, collections=homes)
            models = [model.id for model in project.models() if found.id in _learned_from(model)]
            done.append(Gone(found.id, found.title, tuple(homes), tuple(models)))
    return Removed(tuple(done))


def _learned_from(model: ModelInfo) -> set[str]:
    """The works that a model has seen; those held out it was only measured on."""
    works = dict(model.header.get("works") or {})
    return {work_id for role in ("train", "critic") for work_id in works.get(role, ())}
