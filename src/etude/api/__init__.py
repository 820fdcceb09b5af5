"""The verbs: one function each, taking a project and answering with a frozen dataclass that `to_json` turns
into JSON.

The command line and the studio call only this. Modules here import torch, engravers and the like inside the
functions that need them, so that `etude works` does not wait for what `etude learn` uses.
"""

from __future__ import annotations

from etude.api.add import add
from etude.api.answers import to_json
from etude.api.audit import audit, audited
from etude.api.base_try import base_try
from etude.api.bases import base, base_add, base_get, base_look, base_offer, base_rm, bases
from etude.api.collections import add_to as collection_add
from etude.api.collections import collection, collections
from etude.api.collections import create as collection_create
from etude.api.collections import take_out as collection_rm
from etude.api.curate import curate, curate_undo
from etude.api.detect import detect
from etude.api.drafts import (
    DraftInfo,
    draft,
    draft_keep,
    draft_make,
    draft_new,
    draft_put,
    draft_rm,
    draft_undo,
    drafts,
)
from etude.api.export import export, pieces_zip
from etude.api.glimpses import glimpse, glimpse_keep
from etude.api.history import history, lineage
from etude.api.jobs import job, job_add, job_resume, job_rm, job_stop, jobs, jobs_run
from etude.api.learn import learn, plan
from etude.api.make import branch, loop, make, remake
from etude.api.marks import marks, passage
from etude.api.models import Score, model, model_bill, model_restore, model_rm, model_use, models, score
from etude.api.project import doctor, init, open_project, repair, where
from etude.api.samples import add_samples, samples
from etude.api.sheets import made_sheet, take_sheet
from etude.api.sheets import sheet as collection_sheet
from etude.api.sign import Checked, preview_sign, sign, signer_default, signers, trust, verify
from etude.api.sliders import sliders
from etude.api.story import (
    StoryInfo,
    stories,
    story,
    story_add,
    story_ask,
    story_check,
    story_continue,
    story_draw,
    story_export,
    story_facts,
    story_guard,
    story_intend,
    story_lock,
    story_muses,
    story_new,
    story_propose,
    story_quirks,
    story_read,
    story_rm,
    story_set,
)
from etude.api.takes import accept, edit, piece, pieces, reject, take, takes, undo
from etude.api.trace import trace, trace_html, trace_test
from etude.api.trash import trash, trash_empty
from etude.api.withdraw import check_receipt, withdraw
from etude.api.works import edit_works, remove, search, work, works, works_undo
from etude.api.works import restore as works_restore
from etude.workspace.exporting import Exported
from etude.workspace.launcher import launcher
from etude.workspace.signing import own_name, unasked

__all__ = [
    "audit",
    "audited",
    "Score",
    "learn",
    "plan",
    "Checked",
    "DraftInfo",
    "Exported",
    "accept",
    "add",
    "add_samples",
    "base",
    "base_add",
    "base_get",
    "base_look",
    "base_offer",
    "base_rm",
    "base_try",
    "bases",
    "branch",
    "check_receipt",
    "collection",
    "collection_add",
    "collection_create",
    "collection_rm",
    "collection_sheet",
    "collections",
    "curate",
    "curate_undo",
    "detect",
    "doctor",
    "draft",
    "draft_keep",
    "draft_make",
    "draft_new",
    "draft_put",
    "draft_rm",
    "draft_undo",
    "drafts",
    "edit",
    "edit_works",
    "export",
    "glimpse",
    "glimpse_keep",
    "history",
    "init",
    "job",
    "job_add",
    "job_resume",
    "job_rm",
    "job_stop",
    "jobs",
    "jobs_run",
    "launcher",
    "lineage",
    "loop",
    "made_sheet",
    "marks",
    "make",
    "model",
    "model_bill",
    "model_restore",
    "model_rm",
    "model_use",
    "models",
    "open_project",
    "passage",
    "piece",
    "pieces",
    "pieces_zip",
    "own_name",
    "preview_sign",
    "reject",
    "remake",
    "remove",
    "repair",
    "samples",
    "score",
    "search",
    "sign",
    "signer_default",
    "signers",
    "sliders",
    "StoryInfo",
    "stories",
    "story",
    "story_ask",
    "story_continue",
    "story_guard",
    "story_muses",
    "story_propose",
    "story_quirks",
    "story_add",
    "story_check",
    "story_draw",
    "story_export",
    "story_facts",
    "story_intend",
    "story_lock",
    "story_new",
    "story_read",
    "story_rm",
    "story_set",
    "take",
    "take_sheet",
    "takes",
    "to_json",
    "trace",
    "trace_html",
    "trace_test",
    "trash",
    "trash_empty",
    "trust",
    "unasked",
    "undo",
    "verify",
    "where",
    "withdraw",
    "work",
    "works",
    "works_restore",
    "works_undo",
]
