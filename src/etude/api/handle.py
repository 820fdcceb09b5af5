"""The Python handle on a project: every verb of the API as a method, with its signature and its docstring.

    import etude
    studio = etude.open("my-studio", create=True)
    studio.add(["poems/"], collection="verse", maker="Me", licence="own", consent="yes")

Knows nothing but the verbs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from etude import api
from etude.api.signatures import helped, signature
from etude.store.project import Project
from etude.workspace.core import Workspace

P = ParamSpec("P")
R = TypeVar("R")


def _verb(
    function: Callable[Concatenate[Workspace, P], R], table: str = ""
) -> Callable[Concatenate[Studio, P], R]:
    """The verb as a method: the project comes from the handle. `table`: of the families, from which further
    keywords come."""

    @functools.wraps(function)
    def method(self: Studio, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(self.workspace, *args, **kwargs)

    if table:
        method.__signature__ = signature(function, table)  # type: ignore[attr-defined]  # inspect reads it
        method.__doc__ = helped(function, table)
    return method


class Studio:
    """An open project. `workspace` holds what was opened, `project` is the store below, for what no verb
    says."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @property
    def project(self) -> Project:
        """The store."""
        return self.workspace.project

    def __repr__(self) -> str:
        return f"Studio({str(self.project.root)!r})"

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    add = _verb(api.add)
    add_samples = _verb(api.add_samples)
    works = _verb(api.works)
    work = _verb(api.work)
    search = _verb(api.search)
    edit_works = _verb(api.edit_works)
    remove = _verb(api.remove)
    works_restore = _verb(api.works_restore)
    works_undo = _verb(api.works_undo)
    trash = _verb(api.trash)
    trash_empty = _verb(api.trash_empty)
    collections = _verb(api.collections)
    collection = _verb(api.collection)
    collection_create = _verb(api.collection_create)
    collection_add = _verb(api.collection_add)
    collection_rm = _verb(api.collection_rm)
    collection_sheet = _verb(api.collection_sheet)
    curate = _verb(api.curate)
    curate_undo = _verb(api.curate_undo)
    learn = _verb(api.learn, "options")
    plan = _verb(api.plan, "options")
    make = _verb(api.make, "controls")
    loop = _verb(api.loop)
    glimpse = _verb(api.glimpse, "controls")
    glimpse_keep = _verb(api.glimpse_keep, "controls")
    sliders = _verb(api.sliders)
    branch = _verb(api.branch, "changes")
    remake = _verb(api.remake)
    export = _verb(api.export)
    score = _verb(api.score)
    audit = _verb(api.audit)
    audited = _verb(api.audited)
    models = _verb(api.models)
    model = _verb(api.model)
    model_bill = _verb(api.model_bill)
    model_use = _verb(api.model_use)
    model_rm = _verb(api.model_rm)
    model_restore = _verb(api.model_restore)
    takes = _verb(api.takes)
    take = _verb(api.take)
    take_sheet = _verb(api.take_sheet)
    accept = _verb(api.accept)
    reject = _verb(api.reject)
    edit = _verb(api.edit)
    undo = _verb(api.undo)
    history = _verb(api.history)
    lineage = _verb(api.lineage)
    drafts = _verb(api.drafts)
    draft = _verb(api.draft)
    draft_new = _verb(api.draft_new)
    draft_put = _verb(api.draft_put)
    draft_make = _verb(api.draft_make, "controls")
    draft_undo = _verb(api.draft_undo)
    draft_keep = _verb(api.draft_keep)
    draft_rm = _verb(api.draft_rm)
    stories = _verb(api.stories)
    story = _verb(api.story)
    story_new = _verb(api.story_new)
    story_set = _verb(api.story_set)
    story_add = _verb(api.story_add)
    story_lock = _verb(api.story_lock)
    story_read = _verb(api.story_read)
    story_check = _verb(api.story_check)
    story_facts = _verb(api.story_facts)
    story_intend = _verb(api.story_intend)
    story_draw = _verb(api.story_draw)
    story_export = _verb(api.story_export)
    story_rm = _verb(api.story_rm)
    story_quirks = _verb(api.story_quirks)
    story_guard = _verb(api.story_guard)
    story_propose = _verb(api.story_propose)
    story_ask = _verb(api.story_ask)
    story_muses = _verb(api.story_muses)
    story_continue = _verb(api.story_continue, "controls")
    marks = _verb(api.marks)
    passage = _verb(api.passage)
    pieces = _verb(api.pieces)
    piece = _verb(api.piece)
    pieces_zip = _verb(api.pieces_zip)
    trace = _verb(api.trace)
    detect = _verb(api.detect)
    preview_sign = _verb(api.preview_sign)
    sign = _verb(api.sign)
    withdraw = _verb(api.withdraw)
    jobs = _verb(api.jobs)
    job = _verb(api.job)
    job_add = _verb(api.job_add)
    job_stop = _verb(api.job_stop)
    job_resume = _verb(api.job_resume)
    job_rm = _verb(api.job_rm)
    jobs_run = _verb(api.jobs_run)
    where = _verb(api.where)
    repair = _verb(api.repair)

    trace_html = _verb(api.trace_html)
    trace_test = _verb(api.trace_test)

    # Bases lie outside every project.
    bases = staticmethod(api.bases)
    base = staticmethod(api.base)
    base_add = staticmethod(api.base_add)
    base_offer = staticmethod(api.base_offer)
    base_get = staticmethod(api.base_get)
    base_rm = staticmethod(api.base_rm)
    base_try = _verb(api.base_try)

    check_receipt = staticmethod(api.check_receipt)

    def verify(self, file: str | Path) -> api.Checked:
        """Check a file's credential; where it is gone, look for the marks of this project's models."""
        return api.verify(file, self.workspace)


def open_studio(path: str | Path = ".", *, create: bool = False) -> Studio:
    """The project that `path` is in; with `create` one is made there when there is none. Raises ProjectError
    without it."""
    if create:
        api.init(path)
    return Studio(api.open_project(path))
