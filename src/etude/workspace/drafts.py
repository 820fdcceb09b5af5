"""Drafts as the workspace sees them: opened with what another program made of them, and kept as a piece.

A draft holds the stored form of a content of any medium. What came into it from takes is on its history, so
that a piece made of it has these takes as its parents, and what the person wrote counts as theirs.
"""

from __future__ import annotations

import hashlib

from etude.errors import TakeError, WorkError
from etude.media import MEDIA
from etude.store import drafts as disk
from etude.store.drafts import Draft, Edit
from etude.store.project import Project
from etude.store.takes import Take
from etude.takes.recipe import Recipe, versions
from etude.takes.source import Source
from etude.workspace.contents import remember, take_data
from etude.workspace.core import Workspace
from etude.workspace.takes import act_name


def opened(project: Project, name: str) -> Draft:
    """A draft as it is now. What another program changed is taken as one more change."""
    draft = disk.read(project.root, name)
    if disk.changed_outside(project.root, draft) is None:
        return draft
    with project.act("draft put"):  # who writes holds the lock: history and file were seen between two writes
        draft = disk.read(project.root, name)
        outside = disk.changed_outside(project.root, draft)
        if outside is None:
            return draft
        return disk.put(project.root, draft, difference(draft.text, outside.replace("\r\n", "\n")))


def difference(before: str, after: str, take: str = "") -> Edit:
    """One change that leads from one text to the other, as short as it can be."""
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return Edit(start, before[start : len(before) - end], after[start : len(after) - end], take)


def takes_in(draft: Draft) -> tuple[str, ...]:
    """The takes of which something came into the draft and was not taken back, each once."""
    return tuple(dict.fromkeys(edit.take for edit in draft.done if edit.take))


def as_take(ws: Workspace, draft: Draft) -> Take:
    """The draft as a take that a person edited, with the takes in it as parents. Under an act. Raises
    TakeError where no take is in it: then it is a work, and no piece."""
    project, medium = ws.project, MEDIA[draft.medium]
    parents = tuple(project.take(one).id for one in takes_in(draft))
    if not parents:
        raise TakeError(
            f"Nothing in the draft '{draft.name}' came from a take, so that it is a work of your own.",
            f"Add it: etude add {disk.file_of(project.root, draft).relative_to(project.root)}",
        )
    try:
        content = medium.load(draft.text.encode())
    except WorkError as error:
        raise TakeError(f"The draft '{draft.name}' is damaged. {error.message}", error.hint) from error
    data = medium.store(content)
    came = "\n".join(edit.here for edit in draft.done if edit.take)
    if medium.text(content) is not None:
        before = medium.load(came.encode())
    else:
        before = medium.load(take_data(ws, parents[-1])[1])
    source = Source(medium.name, content, draft.name, {"given": hashlib.sha256(data).hexdigest()})
    recipe = Recipe(
        medium.name,
        kind="edited",
        source=remember(project, source),
        parents=parents,
        made_with={"etude": versions()["etude"]},
    )
    record = {**recipe.to_json(), "changed": medium.changed(before, content).to_json()}
    child = project.put_take(record, data)
    project.log("edited", act=act_name(), take=parents[0], into=[child.id], note=f"draft {draft.name}")
    return child
