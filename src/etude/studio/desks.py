"""The desks at which a person works on a draft: which template and which module of the page belong to a
medium is said by the name of its desk. Knows no medium and no family.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etude import api
from etude.api.models import ModelRow
from etude.config.studio import STUDIO
from etude.errors import ProjectError
from etude.families import family_of
from etude.media import MEDIA
from etude.studio.forms import fields
from etude.studio.here import Here
from etude.workspace.core import Workspace

WALL = "wall"
DRAFTED = ("words", "roll")  # desks at which something is drafted; at the others takes are chosen from


def drafts(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """Every draft, and the media of which one can be begun."""
    models = [model for model in api.models(here.ws).models if model.newest]
    offered = dict.fromkeys(m.medium for m in models if MEDIA[m.medium].desk in DRAFTED)
    rows = []
    for draft in api.drafts(here.ws).drafts:
        medium = MEDIA[draft.medium]
        content = medium.load(draft.text.encode()) if draft.text or medium.edited_as else None
        rows.append((draft, medium.describe(content) if content else "Empty."))
    empty = [name for name in offered if MEDIA[name].edited_as]
    return {"drafts": rows, "offered": empty, "media": list(offered)}


def draft(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """One draft at its desk, with the models that make takes for it."""
    ws = here.ws
    found = api.draft(ws, asked["draft"])
    medium = MEDIA[found.medium]
    if medium.desk not in DRAFTED:
        raise ProjectError(f"There is no desk for a draft of {medium.name} yet.", "Edit it as a take.")
    models = [model for model in api.models(ws).models if model.medium == found.medium]
    newest = [model for model in models if model.newest]
    wanted = asked.get("model", "")
    model = next((m for m in models if wanted in (m.id, m.name)), newest[-1] if newest else None)
    header = ws.project.model(model.id).header if model else {}
    family = family_of(header) if model else None
    rows = fields(family.controls, medium.name) if family else ()
    turned = {row.name for row in family.changes} if family else set()  # what one turns again and again
    own = {gap.option for gap in medium.gaps}
    settled = {one.option for one in medium.settings}
    plain = [row for row in rows if row.name not in own | settled and row.widget != "line"]
    about = api.model(ws, model.id) if model else None
    return {
        "template": f"draft_{medium.desk}",
        "draft": found,
        "model": model,
        "models": list(reversed(models)),
        "length": next((row for row in plain if row.name == "length"), None),
        "usual": STUDIO.phrase_words if header.get("base") else STUDIO.phrase_chars,
        "sliders": [row for row in plain if row.name in turned],
        "more": [row for row in plain if row.name not in {*turned, "length"}],
        "gaps": [row for row in rows if row.name in own],
        "choices": {key: row for key, row in about.conditions.items() if len(row) > 1} if about else {},
        "version": found.version,
    }


def model_of_wall(ws: Workspace, asked: Mapping[str, str]) -> tuple[ModelRow, list[ModelRow]]:
    """The model of pictures that is asked for, else the newest, and all of them. Raises ProjectError where
    there is none."""
    models = [m for m in api.models(ws).models if MEDIA[m.medium].desk == WALL]
    newest = [model for model in models if model.newest]
    wanted = asked.get("model", "")
    model = next((m for m in models if wanted in (m.id, m.name)), newest[-1] if newest else None)
    if model is None:
        raise ProjectError("There is no model of pictures yet.", "Let one learn.")
    return model, models


def wall(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """The wall of a model whose takes are looked at: its sliders, and what can be asked of it."""
    ws = here.ws
    model, models = model_of_wall(ws, asked)
    header = ws.project.model(model.id).header
    family = family_of(header)
    turned = api.sliders(ws, model.id).sliders if family.directions(header) else ()
    about = api.model(ws, model.id)
    plain = [
        row for row in fields(family.controls, model.medium) if row.widget in ("range", "select", "number")
    ]
    return {
        "model": model,
        "models": list(reversed(models)),
        "sliders": turned,
        "more": [row for row in plain if row.name not in ("vary", "strength", "eta", "choose", "no_copy")],
        "choices": {key: row for key, row in about.conditions.items() if len(row) > 1},
    }
