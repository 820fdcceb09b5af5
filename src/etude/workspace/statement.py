"""What a credential says of a piece, gathered from the project: its recipe, its trace, the works that were
learned from, and what the person gave, chose and changed.

Each file of a piece is stated for itself: one that was changed by hand is the person's edit, its untouched
neighbours are not. Knows nothing of keys and signatures; what becomes public of the statement is the
credentials package's business.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from etude import credentials
from etude.credentials import Began, ConsentCount, Contribution, Given, Statement
from etude.errors import EtudeError, ModelError, TakeError
from etude.families import family_of, roles
from etude.media import MEDIA, as_written
from etude.media.values import Kept
from etude.store.models import ModelInfo
from etude.store.pieces import Piece
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace.contents import first_made, follow, from_file, made_above, take_data
from etude.workspace.core import Workspace, silent
from etude.workspace.standing import withdrawn

if TYPE_CHECKING:
    from etude.workspace.tracing import AnyTrace

Use = Literal["allowed", "notAllowed", "constrained"]


def statement(
    ws: Workspace,
    piece: Piece,
    file: str = "",
    *,
    by_hand: bool = False,
    maker: str = "",
    share: bool = False,
    works: bool = True,
    unflagged: bool = False,
    use: Use = "notAllowed",
    shares: bool = False,
) -> Statement:
    """All that the credential of one file of a piece says (`file`: its name; else the main one).

    `by_hand`: the file was changed outside Etude, which is the person's edit. `share`: also how much the
    person gave and changed; `works`: also the works that the piece is flagged as resembling; `unflagged`:
    also those that it is nearest to without being flagged; `shares`: also which works the memory's share came
    from, and how much from each.
    """
    project = ws.project
    main = file in ("", piece.file)
    made = first_made(project, Recipe.from_json(dict(piece.record.get("recipe") or {"medium": "text"})))
    model = _model(project, made)
    traced = _traced(ws, piece, model, by_hand=by_hand and main)
    home = str(model.header.get("collection", "")) if model else ""
    owed, like = (traced.borrowed, traced.resembles) if traced else (None, None)
    edited = by_hand or bool(piece.record.get("changed"))
    resembled: tuple[Any, ...] = ()
    if traced and like:
        near = [(traced.work(n.work), n) for n in like.nearest if unflagged or like.flagged]
        resembled = tuple(
            credentials.Resembled(w.title, w.maker, max(0.0, n.similarity), like.p) for w, n in near
        )
    return credentials.Statement(
        title=piece.title,
        medium=made.medium,
        maker=maker,
        model_name=made.model,
        model_sha256=made.model_sha256,
        began=tuple(_began(model)),
        chosen_by=_chosen_by(project, str(piece.record.get("take", "")), model),
        collection_name=home,
        collection_sha256=_collection_hash(project, home),
        made_at=_made_at(project, str(piece.record.get("take", ""))),
        edited=edited,
        edited_at=piece.kept if edited and not by_hand else "",
        given=given(ws, made),
        borrowed=credentials.Borrowed(
            owed.memory, traced.verbatim.longest, traced.verbatim.unit, len(owed.works)
        )
        if traced and owed and traced.verbatim
        else None,
        owed=tuple(
            credentials.Owed(traced.work(w.work).title, traced.work(w.work).maker, w.share)
            for w in owed.works
        )
        if shares and traced and owed
        else (),
        resembled=resembled,
        unnamed=0 if like is None or resembled else len(like.nearest),
        consent=_consent(project, model),
        contribution=_contribution(ws, piece, made, by_hand=by_hand, main=main),
        share_contribution=share,
        share_resembled=works,
        training_use=use,
    )


def given(ws: Workspace, recipe: Recipe) -> Given | None:
    """What of a take is not the model's own: what it was told to go on from or to work around. None when the
    model began it.

    A take that goes on from another is the model's own as far as that one is: a person's edit in between
    counts as given.
    """
    source, controls = recipe.source, recipe.controls
    if not source:
        return _mixed(ws, controls.get("mix") or ())
    what = MEDIA[recipe.medium].given_as(controls)
    if "take" in source:
        before = Recipe.from_json(ws.project.take(str(source["take"])).record)
        if before.kind != "edited" and given(ws, before) is None:
            return None
        return Given(what, "earlier take")
    by = "work of the project" if "work" in source else "person"
    with suppress(EtudeError):
        kept = _amount(ws, recipe)
        if kept is not None:
            return Given(what, by, kept.kept, kept.total, kept.unit)
    return Given(what, by)


def _mixed(ws: Workspace, parents: Sequence[Mapping[str, Any]]) -> Given | None:
    """What of the pictures that a take lies between is not the model's own."""
    if any("given" in ref for ref in parents):
        return Given("pictures to mix", "person")
    if any("work" in ref for ref in parents):
        return Given("pictures to mix", "work of the project")
    for ref in parents:
        before = Recipe.from_json(ws.project.take(str(ref["take"])).record)
        if before.kind == "edited" or given(ws, before) is not None:
            return Given("pictures to mix", "earlier take")
    return None


def _amount(ws: Workspace, recipe: Recipe) -> Kept | None:
    """How much of the take was given, of how much; None where no number says it."""
    medium, content = MEDIA[recipe.medium], follow(ws, recipe.source)
    if "until" in recipe.source:
        content = medium.cut(content, 0, int(recipe.source["until"]))
    controls = dict(recipe.controls)
    if "mask" in controls:
        controls["mask"] = follow(ws, controls["mask"])
    key = _together(recipe)
    take = next(
        t for t in ws.project.takes() if t.record.get("index") == recipe.index and _together(t.record) == key
    )
    return medium.kept(content, medium.load(take_data(ws, take.id)[1]), controls)


def _model(project: Project, made: Recipe) -> ModelInfo | None:
    """The model that made the take, with these very weights; None when it is gone (then nothing is said of
    what it learned)."""
    with suppress(ModelError):
        found = project.model(made.model) if made.model else None
        if found and made.model_sha256 in (found.weights_sha256, *found.header.get("weights_before", ())):
            return found  # the same weights, or those before a withdrawn work was cut out of its memory
    return None


def _began(model: ModelInfo | None) -> Iterator[Began]:
    """The weights that a model went on from, and those that they went on from, the latest first."""
    start = model.header.get("started_from") if model else None
    while start:
        yield Began(*(str(start.get(key, "")) for key in ("model", "weights_sha256", "licence", "credit")))
        start = start.get("started_from")


def _chosen_by(project: Project, take_id: str, model: ModelInfo | None) -> str:
    """The network of others that chose the take among drafts, with the package that it came in; empty where
    none did."""
    if model is None:
        return ""
    with suppress(TakeError):
        record = made_above(project, project.take(take_id)).record
        return family_of(model.header).chosen_by(model.header, record.get("measured") or {})
    return ""


def _traced(ws: Workspace, piece: Piece, model: ModelInfo | None, *, by_hand: bool) -> AnyTrace | None:
    """The trace by the model that made it, or None when that is not there any more (then nothing is said of
    it)."""
    from etude.workspace.tracing import trace  # torch: only where something is traced

    if model is None:
        return None
    # A file that was changed is traced as it is now; else the take, whatever became of the file.
    for ref in (str(piece.path),) if by_hand else (str(piece.record.get("take", "")), piece.id):
        with suppress(EtudeError):
            return trace(ws, ref, model.id, None, None, silent)
    return None


def _made_at(project: Project, take_id: str) -> str:
    try:
        return project.take(take_id).at
    except TakeError:
        return ""


def _collection_hash(project: Project, name: str) -> str:
    """A hash that stands for the works of a collection and their weights, in any order; none where the
    collection is gone."""
    shas = {work.id: work.sha256 for work in project.works()}
    with suppress(EtudeError):
        found = project.collection(name) if name else None
        rows = (
            sorted([shas.get(entry.work_id, entry.work_id), entry.weight] for entry in found.entries)
            if found
            else []
        )
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest() if found else ""
    return ""


def _consent(project: Project, model: ModelInfo | None) -> tuple[ConsentCount, ...]:
    """The works that the model was trained on and those that it set aside, by licence and consent. Works held
    out are none of them."""
    if model is None:
        return ()
    known = {work.id: (work.licence or "unknown", work.consent) for work in project.works()}
    gone = withdrawn(project)
    out: list[ConsentCount] = []
    for done, ids in roles.of(model.header.get("works") or {}, family_of(model.header).aside).items():
        if done == roles.HELD_OUT:
            continue
        counts = Counter(
            known.get(work, ("unknown", "withdrawn since" if work in gone else "removed since"))
            for work in ids
        )
        use = "" if done == roles.TRAINED else done
        out += [ConsentCount(licence, consent, n, use) for (licence, consent), n in sorted(counts.items())]
    return tuple(out)


def _together(recipe: Recipe | Mapping[str, Any]) -> str:
    """What takes that were made together have in common: everything that was asked for, but for the index."""
    asked = recipe if isinstance(recipe, Recipe) else Recipe.from_json(recipe)
    return replace(asked, index=0).key


def _contribution(ws: Workspace, piece: Piece, made: Recipe, *, by_hand: bool, main: bool) -> Contribution:
    """The person chose one of the takes that were made together, and kept, wrote and took out so much of
    it."""
    key = _together(made)
    together = [
        t for t in ws.project.takes() if t.record.get("kind") == "made" and _together(t.record) == key
    ]
    count = max(1, len(together))
    changed = dict(piece.record.get("changed") or {})
    if by_hand and not main:
        return Contribution(
            count
        )  # how far a picture or a recording was retouched cannot be counted in words or notes
    if by_hand or changed:
        chosen = next((t.id for t in together if t.record.get("index") == made.index), "")
        try:
            changed = (
                changed_by_hand(ws, piece, chosen)
                if by_hand
                else _changed(ws, chosen, str(piece.record["take"]))
            )
        except EtudeError:
            changed = {} if by_hand else changed
    kept, added, removed = (int(changed.get(name, 0)) for name in ("kept", "added", "removed"))
    return Contribution(count, kept, added, removed, str(changed.get("unit", "")))


def _changed(ws: Workspace, before: str, after: str) -> dict[str, Any]:
    (old, a), (_, b) = take_data(ws, before), take_data(ws, after)
    medium = MEDIA[Recipe.from_json(old.record).medium]
    return medium.changed(as_written(medium, medium.load(a)), medium.load(b)).to_json()


def changed_by_hand(ws: Workspace, piece: Piece, before: str = "") -> dict[str, Any]:
    """How far the piece's main file, as it is now, is from a take (else from the one that was kept)."""
    take, data = take_data(ws, before or str(piece.record.get("take", "")))
    medium = MEDIA[Recipe.from_json(take.record).medium]
    return medium.changed(as_written(medium, medium.load(data)), from_file(piece.path).content).to_json()
