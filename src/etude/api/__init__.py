"""The verbs: one function each, taking a project and answering with a frozen dataclass that `to_json` turns into JSON.

The command line and the studio call only this. Modules here import torch, engravers and the like inside the functions that need
them, so that `etude works` does not wait for what `etude learn` uses.
"""

from __future__ import annotations

from etude.api.collections import add_to as collection_add
from etude.api.collections import collection, collections
from etude.api.collections import create as collection_create
from etude.api.collections import take_out as collection_rm
from etude.api.project import doctor, init, open_project, repair, where
from etude.api.takes import accept, edit, piece, pieces, reject, take, takes, undo
from etude.api.values import to_json
from etude.api.works import add, edit_works, remove, search, work, works

__all__ = [
    "accept",
    "add",
    "collection",
    "collection_add",
    "collection_create",
    "collection_rm",
    "collections",
    "doctor",
    "edit",
    "edit_works",
    "init",
    "open_project",
    "piece",
    "pieces",
    "reject",
    "remove",
    "repair",
    "search",
    "take",
    "takes",
    "to_json",
    "undo",
    "where",
    "work",
    "works",
]
