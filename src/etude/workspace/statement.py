"""What a credential says of a piece, gathered from the project: its recipe, its trace, the works that were learned from, and what
the person gave, chose and changed.

Each file of a piece is stated for itself: one that was changed by hand is the person's edit, its untouched neighbours are not.
Knows nothing of keys and signatures; what becomes public of the statement is the credentials package's business.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from etude.api.takes import change_between
from etude.errors import EtudeError, ModelError, TakeError
from etude.media import MEDIA, is_pictorial
from etude.store.models import ModelInfo
from etude.store.pieces import Piece
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace.contents import first_made, follow, from_file, made_above, take_data

if TYPE_CHECKING:
    from etude.api.trace import TraceFound
    from etude.credentials import Began, ConsentCount, Contribution, Given, Statement

Use = Literal["allowed", "notAllowed", "constrained"]


def statement(
    project: Project,
    piece: Piece,
    file: str = "",
    *,
    by_hand: bool = False,
    maker: str = "",
    share: bool = False,
    works: bool = True,
    use: Use = "notAllowed",
) -> Statement:
    """All that the credential of one file of a piece says (`file`: its name; else the main one).

    `by_hand`: the file was changed outside Etude, which is the person's edit. `share`: also how much the person gave and changed;
    `works`: also what the piece resembles.
    """
    from etude import credentials

    main = file in ("", piece.file)
    made = first_made(project, Recipe.from_json(dict(piece.record.get("recipe") or {"medium": "text"})))
    model = _model(project, made)
    traced = _traced(project, piece, model, by_hand=by_hand and main)
    home = str(model.header.get("collection", "")) if model else ""
    owed, like = (traced.borrowed, traced.resembles) if traced else (None, None)
    edited = by_hand or bool(piece.record.get("changed"))
    resembled: tuple[Any, ...] = ()
    if traced and like:
        near = [(traced.work(n.work), n) for n in like.nearest]
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
        given=given(project, made),
        borrowed=credentials.Borrowed(
            owed.memory, traced.verbatim.longest, traced.verbatim.unit, len(owed.works)
        )
        if traced and owed and traced.verbatim
        else None,
        resembled=resembled,
        consent=_consent(project, model),
        contribution=_contribution(project, piece, made, by_hand=by_hand, main=main),
        share_contribution=share,
        share_resembled=works,
        training_use=use,
    )


def given(project: Project, recipe: Recipe) -> Given | None:
    """What of a take is not the model's own: what it was told to go on from or to work around. None when the model began it.

    A take that goes on from another is the model's own as far as that one is: a person's edit in between counts as given.
    """
    from etude.credentials import Given

    source, controls = recipe.source, recipe.controls
    if not source:
        return _mixed(project, controls.get("mix") or ())
    what = "text around a gap" if "fill" in controls else "beginning"
    what = "bars" if controls.get("bars") else "voices" if controls.get("keep") else what
    if is_pictorial(MEDIA[recipe.medium]):
        what = "picture around a region" if "region" in controls or "mask" in controls else "picture"
    if "take" in source:
        before = Recipe.from_json(project.take(str(source["take"])).record)
        if before.kind != "edited" and given(project, before) is None:
            return None
        return Given(what, "earlier take")
    by = "work of the project" if "work" in source else "person"
    if (
        is_pictorial(MEDIA[recipe.medium])
        and not {"region", "mask"} & set(controls)
        and controls.get("strength") != 0
    ):
        return Given(
            what, by
        )  # every pixel is moved a little: how much of the picture stays is not a number of pixels
    with suppress(EtudeError):
        kept, total, unit = _amount(project, recipe)
        return Given(what, by, kept, total, unit)
    return Given(what, by)


def _mixed(project: Project, parents: Sequence[Mapping[str, Any]]) -> Given | None:
    """What of the pictures that a take lies between is not the model's own."""
    from etude.credentials import Given

    if any("given" in ref for ref in parents):
        return Given("pictures to mix", "person")
    if any("work" in ref for ref in parents):
        return Given("pictures to mix", "work of the project")
    for ref in parents:
        before = Recipe.from_json(project.take(str(ref["take"])).record)
        if before.kind == "edited" or given(project, before) is not None:
            return Given("pictures to mix", "earlier take")
    return None


def _amount(project: Project, recipe: Recipe) -> tuple[int, int, str]:
    """How many words or notes of the take were given, of how many, and the unit."""
    content, controls = follow(project, recipe.source), recipe.controls
    if "until" in recipe.source:
        content = MEDIA[recipe.medium].cut(content, 0, int(recipe.source["until"]))
    key = _together(recipe)
    take = next(
        t for t in project.takes() if t.record.get("index") == recipe.index and _together(t.record) == key
    )
    made = MEDIA[recipe.medium].load(take_data(project, take.id)[1])
    if is_pictorial(MEDIA[recipe.medium]):
        total = int(np.prod(np.asarray(getattr(made, "frames", made)).shape[:-1]))
        return _pixels_kept(project, controls, total), total, "pixels"
    if isinstance(content, str):
        start, end = controls.get("fill") or (len(content), len(content))
        # A word that the gap cuts is not a given one.
        kept = sum(word.end() <= start or word.start() >= end for word in re.finditer(r"\S+", content))
        total, unit = len(made.split()), "words"
    else:
        kept, total, unit = _notes_kept(content, controls), len(made.flat()), "notes"
    return min(kept, total), total, unit


def _pixels_kept(project: Project, controls: Mapping[str, Any], total: int) -> int:
    """The pixels of a given picture that stay: those outside a region or mask that was made anew; else none stays as it was."""
    if "mask" in controls:
        return round(total * float((follow(project, controls["mask"])[..., :3].mean(-1) < 128).mean()))
    region = controls.get("region")
    if not region:  # strength 0: the picture as it was given
        return total
    left, top, right, bottom = (float(v) / 100 for v in region)
    kept: int = round(total * (1.0 - (right - left) * (bottom - top)))
    return kept


def _notes_kept(score: Any, controls: Mapping[str, Any]) -> int:
    """The notes of a given score that stay: those of the kept voices, and all outside the bars that were to be filled."""
    from etude.media.music.bars import bars

    keep, gap = controls.get("keep"), controls.get("bars")
    if not keep and not gap:
        return len(score.flat())
    start = end = 0
    if gap:
        grid = bars(score)
        start, end = grid[gap[0]].start, grid[gap[1] - 1].end
    return sum(
        voice in (keep or ()) or (bool(gap) and not start <= note.onset < end) for voice, note in score.flat()
    )


def _model(project: Project, made: Recipe) -> ModelInfo | None:
    """The model that made the take, with these very weights; None when it is gone (then nothing is said of what it learned)."""
    with suppress(ModelError):
        found = project.model(made.model) if made.model else None
        if found and found.weights_sha256 == made.model_sha256:
            return found
    return None


def _began(model: ModelInfo | None) -> Iterator[Began]:
    """The weights that a model went on from, and those that they went on from, the latest first."""
    from etude.credentials import Began

    start = model.header.get("started_from") if model else None
    while start:
        yield Began(*(str(start.get(key, "")) for key in ("model", "weights_sha256", "licence", "credit")))
        start = start.get("started_from")


def _chosen_by(project: Project, take_id: str, model: ModelInfo | None) -> str:
    """The network of others that chose the take among drafts, with the package that it came in; empty where none did."""
    eyes = (model.header.get("eyes") if model else None) or {}
    with suppress(TakeError):
        record = made_above(project, project.take(take_id)).record if eyes else {}
        if "critic" in (
            record.get("measured") or {}
        ):  # whose answer stands there: where there are other eyes, they judge
            return f"{eyes['network']} (package {eyes['package']})"
    return ""


def _traced(project: Project, piece: Piece, model: ModelInfo | None, *, by_hand: bool) -> TraceFound | None:
    """The trace by the model that made it, or None when that is not there any more (then nothing is said of it)."""
    from etude.api.trace import trace

    if model is None:
        return None
    # A file that was changed is traced as it is now; else the take, whatever became of the file.
    for ref in (str(piece.path),) if by_hand else (str(piece.record.get("take", "")), piece.id):
        with suppress(EtudeError):
            return trace(project, ref, model=model.id)
    return None


def _made_at(project: Project, take_id: str) -> str:
    try:
        return project.take(take_id).at
    except TakeError:
        return ""


def _collection_hash(project: Project, name: str) -> str:
    """A hash that stands for the works of a collection and their weights, in any order; none where the collection is gone."""
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
    """The works that the network and the memory learned from, by licence and consent. Works held out are none of them."""
    from etude.credentials import ConsentCount

    roles = dict(model.header.get("works") or {}) if model else {}
    learned = {str(work) for role in ("train", "critic") for work in roles.get(role, ())}
    known = {work.id: (work.licence or "unknown", work.consent) for work in project.works()}
    counts = Counter(known.get(work, ("unknown", "removed since")) for work in learned)
    return tuple(ConsentCount(licence, consent, n) for (licence, consent), n in sorted(counts.items()))


def _together(recipe: Recipe | Mapping[str, Any]) -> str:
    """What takes that were made together have in common: everything that was asked for, but for the index."""
    asked = recipe if isinstance(recipe, Recipe) else Recipe.from_json(recipe)
    return replace(asked, index=0).key


def _contribution(project: Project, piece: Piece, made: Recipe, *, by_hand: bool, main: bool) -> Contribution:
    """The person chose one of the takes that were made together, and kept, wrote and took out so much of it."""
    from etude.credentials import Contribution

    key = _together(made)
    together = [t for t in project.takes() if t.record.get("kind") == "made" and _together(t.record) == key]
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
                changed_by_hand(project, piece, chosen)
                if by_hand
                else _changed(project, chosen, str(piece.record["take"]))
            )
        except EtudeError:
            changed = {} if by_hand else changed
    kept, added, removed = (int(changed.get(name, 0)) for name in ("kept", "added", "removed"))
    return Contribution(count, kept, added, removed, str(changed.get("unit", "")))


def _changed(project: Project, before: str, after: str) -> dict[str, Any]:
    (old, a), (_, b) = take_data(project, before), take_data(project, after)
    kind = MEDIA[Recipe.from_json(old.record).medium]
    return change_between(_as_written(kind, kind.load(a)), kind.load(b))


def changed_by_hand(project: Project, piece: Piece, before: str = "") -> dict[str, Any]:
    """How far the piece's main file, as it is now, is from a take (else from the one that was kept)."""
    take, data = take_data(project, before or str(piece.record.get("take", "")))
    kind = MEDIA[Recipe.from_json(take.record).medium]
    return change_between(_as_written(kind, kind.load(data)), from_file(piece.path).content)


def _as_written(kind: Any, content: Any) -> Any:
    """Through the main file format and back, so that what a format cannot hold does not count as the person's change."""
    main = kind.formats[0]
    return kind.read(kind.write(content, main), suffix=f".{main}").content
