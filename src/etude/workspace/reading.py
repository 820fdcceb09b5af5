"""A work of the project as a content: its file read by its medium, as the person said when it was added."""

from __future__ import annotations

from etude.media import MEDIA
from etude.media.contract import Content
from etude.media.options import read_as
from etude.store.project import Project
from etude.store.works import Work


def content_of(project: Project, work: Work) -> Content:
    """The content of a work. Raises WorkError where its file cannot be read."""
    return read_as(
        MEDIA[work.medium], project.work_bytes(work.id), suffix=work.suffix, said=work.reading
    ).content
