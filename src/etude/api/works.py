"""The works of a project: listed, found, described and taken out again. Their bytes are never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from etude.api.adding import check_words
from etude.api.collections import leave
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.store.works import Work


@dataclass(frozen=True)
class WorkList:
    """Works in the order added."""

    schema: ClassVar[str] = "etude.works/1"
    works: tuple[Work, ...]


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


def works(project: Project, *, medium: str | None = None, collection: str | None = None) -> WorkList:
    """Every work, or those of one medium or collection."""
    inside = set(project.collection(collection).works()) if collection else None
    return WorkList(
        tuple(w for w in project.works() if (medium is None or w.medium == medium) and (inside is None or w.id in inside))
    )


def search(project: Project, words: str) -> WorkList:
    """Works whose title, maker or notes hold every word."""
    known = {work.id: work for work in project.works()}
    return WorkList(tuple(known[hit.id] for hit in project.search(words) if hit.kind == "work" and hit.id in known))


def work(project: Project, ref: str) -> WorkInfo:
    """One work by id, title or file name."""
    from etude.media import MEDIA

    found = project.work(ref)
    medium = MEDIA[found.medium]
    content = medium.read(project.work_bytes(found.id), suffix=found.suffix).content
    begins = content[:200] if isinstance(content, str) else medium.describe(content)
    homes = [known for known in project.collections() if found.id in known.works()]
    parts = tuple(
        {"collection": home.name, "start": part.start, "end": part.end, "role": part.role}
        for home in homes
        for part in home.parts
        if part.work_id == found.id
    )
    return WorkInfo(found, tuple(home.name for home in homes), parts, begins, medium.unit)


def edit_works(
    project: Project,
    refs: Sequence[str],
    *,
    title: str | None = None,
    maker: str | None = None,
    licence: str | None = None,
    consent: str | None = None,
    series: str | None = None,
    attrs: Mapping[str, str] | None = None,
) -> WorkList:
    """Change what is written about works: title, maker, licence, consent, series, attributes. The bytes stay as they are."""
    asked = {"title": title, "maker": maker, "licence": licence, "consent": consent, "series": series}
    said = {key: value for key, value in asked.items() if value is not None}
    check_words(said.get("licence", ""), said.get("consent", ""))
    with project.lock():
        found = [project.work(ref) for ref in refs]
        new = [_described(work, said, attrs or {}) for work in found]
        project.update_works(new)
        project.log("described", works=[work.id for work in new], **said, attrs=dict(attrs or {}))
    return WorkList(tuple(project.work(work.id) for work in new))


def _described(work: Work, said: Mapping[str, str], attrs: Mapping[str, str]) -> Work:
    return replace(
        work,
        title=said.get("title", work.title),
        maker=said.get("maker", work.maker),
        licence=said.get("licence", work.licence),
        consent=said.get("consent", work.consent),
        series=said.get("series", work.series),
        attrs={**work.attrs, **attrs},
    )


def remove(project: Project, refs: Sequence[str]) -> Removed:
    """Take works out of the project and its collections; the originals go to the trash. Models that learned from them are named."""
    done = []
    with project.lock():
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
