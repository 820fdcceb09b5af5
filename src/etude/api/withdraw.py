"""`withdraw`: a work is taken back by who made it; what learned from it is named, learned again or deleted,
and a receipt says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from etude.api.answers import to_json
from etude.errors import EtudeError
from etude.store.chosen import choose
from etude.store.log import now
from etude.workspace.core import Workspace, silent

if TYPE_CHECKING:
    from etude.training.progress import Progress
    from etude.workspace.withdrawing import Found, Learner, Withdrawal


def withdraw(
    ws: Workspace,
    /,
    refs: Sequence[str] = (),
    *,
    maker: str | None = None,
    reason: str = "",
    dry_run: bool = False,
    relearn: bool = False,
    delete_models: bool = False,
    test: bool = True,
    receipt: str | Path | None = None,
    name: str = "",
    on_progress: Callable[[int, int, str], None] | None = None,
    on_learning: Callable[[Progress], None] | None = None,
) -> Withdrawal:
    """Take works out of everything, for good: those named, or all of a `maker`.

    They leave works, collections, memories of models, caches, the trash and the log, which keeps their hash
    alone. Models that learned from them are marked; `relearn` learns each again without them, for as long as
    it took, and lets its name stand for the new one; `delete_models` deletes them for good. `test`: how much
    each model recites of the works, before and after. `receipt`: a JSON file for the person who asked, signed
    where there is a signer (`name`: as whom). `dry_run`: nothing is changed. Raises WorkError for a work that
    is not here, or was withdrawn already.
    """
    from etude.workspace import withdrawing

    progress, project = on_progress or silent, ws.project
    works = withdrawing.chosen(project, refs, maker)
    found = withdrawing.look(ws, works, now(), progress, test=test)
    found = replace(found, report=replace(found.report, reason=reason))
    if dry_run:
        return found.report
    changed, gone = withdrawing.withdraw(ws, found, reason, delete_models=delete_models)
    learners: list[Learner] = []
    notes: list[str] = []
    for learner in found.learners:
        if delete_models:
            learner = replace(learner, deleted=True)
        elif test:
            model = project.model(learner.id)
            again = withdrawing.recites(ws, model, works, found.contents, progress)
            learner = replace(learner, after=again)
        learners.append(learner)
    if relearn:
        learners = [_again(ws, found, one, test, on_learning, notes) for one in learners]
    done = replace(
        found.report,
        models=tuple(learners),
        lines=changed,
        trash=gone.trash,
        alive=gone.alive,
        dry_run=False,
        notes=tuple(notes),
    )
    if receipt is not None:
        from etude.workspace import receipts

        path, said = Path(receipt).expanduser(), to_json(done)
        done = replace(done, receipt=str(path), fingerprint=receipts.write(ws.project, said, path, name))
    return done


def _again(
    ws: Workspace,
    found: Found,
    learner: Learner,
    test: bool,
    on_learning: Callable[[Progress], None] | None,
    notes: list[str],
) -> Learner:
    """The model learned once more without the works, for as long as it took. What stands in the way is
    noted."""
    from etude.api.learn import learn
    from etude.families import family_of
    from etude.families.manner import stands_on
    from etude.workspace import withdrawing

    old = next(model for model in found.models if model.id == learner.id)
    header = dict(old.header)
    seconds = max(20, round(float((header.get("ledger") or {}).get("wall_s") or 0)))
    options = {k: v for k, v in (family_of(header).kept(header) or {}).items() if v not in (None, "")}
    if base := stands_on(header):
        options = {"on": base}
    try:
        new = learn(
            ws,
            old.name,
            collection=str(header.get("collection", "")),
            budget=f"{seconds}s",
            from_scratch=True,
            weights=str((header.get("weighting") or {}).get("said", "")),
            on_progress=on_learning,
            **options,
        )
    except EtudeError as error:
        notes.append(f"{learner.id} could not be learned again: {error.message} {error.hint}".strip())
        return learner
    with ws.project.lock():
        choose(ws.project.root, old.name, new.id)
    again = None
    if test:
        model = ws.project.model(new.id)
        again = withdrawing.recites(ws, model, found.works, found.contents, silent)
    figure, before = header.get("held_out") or {}, new.figures
    compared = new.compared
    if not compared and figure and "growing" in before:
        now_ = before["growing"]
        compared = f"on held-out works {figure['value']:.3f} before, {now_['value']:.3f} {now_['unit']} now"
    ws.project.log("relearned", before=learner.id, model=new.id)
    return replace(learner, relearned=new.id, again=again, compared=compared)


def check_receipt(file: str | Path) -> str:
    """The fingerprint of who signed a receipt that nobody changed since. Raises CredentialError for any
    other."""
    from etude.workspace.receipts import check

    return check(file)
