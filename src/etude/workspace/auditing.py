"""What an audit needs of a project: takes made for it and not kept, how near they and held-out works are to
training works, features of both, what is written about works, and what models cost.

How near a content is to works follows from what its medium's works are recognised by, as in a trace.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.audit import blends, report
from etude.audit import page as page_of
from etude.audit.bias import Described, bias
from etude.audit.copying import Near, Runs, copying
from etude.audit.cost import cost
from etude.audit.diversity import diversity
from etude.audit.marks import recognised
from etude.audit.mitigation import Asked, mitigation
from etude.audit.page import Pair, Seen, render
from etude.audit.quality import quality
from etude.audit.report import Audit, Section
from etude.config.audit import AUDIT
from etude.errors import TakeError
from etude.families import family_of
from etude.families.contract import MadeTake
from etude.media import MEDIA, looks, pictorial, readable, sequence
from etude.media.contract import Content
from etude.media.pixels.framing import frame
from etude.stats.evenly import evenly
from etude.store.collections import Collection
from etude.store.log import now
from etude.store.models import ModelInfo
from etude.trace.likeness import Bank, bank, part_size
from etude.trace.verbatim import VerbatimIndex, build_index, longest
from etude.training.budget import Ledger
from etude.workspace import audit_takes, looked_at, robustness
from etude.workspace.audited_models import predicts, rivals
from etude.workspace.audits import FILES
from etude.workspace.core import OnProgress, Parts, Workspace, with_progress
from etude.workspace.duplicated import duplicates
from etude.workspace.evidence import banks, references
from etude.workspace.nearness import compared, sight, square_of, window_of
from etude.workspace.quotas import Quota, quota_of
from etude.workspace.split import home_of, of_role, present

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Subject:
    """What is audited: the model, its collection and medium, its parts by role, and the takes made for it."""

    ws: Workspace
    model: ModelInfo
    home: Collection
    train: Parts
    critic: Parts
    held_out: Parts
    takes: tuple[MadeTake, ...]
    making: Ledger
    progress: OnProgress

    @property
    def contents(self) -> list[Content]:
        """Of the takes."""
        return [one.content for one in self.takes]


@dataclass(frozen=True)
class Nearest:
    """How near takes and held-out works are to training works, which work (and where) each take is nearest
    to, and the longest runs where a medium has runs."""

    near: Near
    runs: Runs | None
    works: tuple[tuple[str, int, int], ...]


def audit(
    ws: Workspace,
    name: str,
    *,
    takes: int,
    seconds: float,
    share: str = "",
    robust: str = "",
    progress: OnProgress,
) -> tuple[Audit, str]:
    """The audit of a model, and its page. `share`: a quota, whose takes are looked at beside those that come
    by themselves; `robust`: the budget of each model that is learned anew to see how it bears works that are
    wrong, empty for none. Raises TakeError where the model has no work left to compare with,
    ModelError for a quota that it cannot be asked for."""
    began = time.monotonic()
    quota = quota_of(ws, ws.project.model(name), share) if share else None
    subject = _subject(ws, name, takes, seconds, progress)
    model, medium = subject.model, MEDIA[subject.model.medium]
    held_out = len({work for work, *_ in subject.held_out})
    found = _NEAREST[medium.marks_kind](subject)
    size = max(1, int(np.median([medium.size(one) for one in subject.contents])))
    train, unseen = _described(subject, "train", size), _described(subject, "held-out", size)
    critic = _described(subject, "critic", size)
    own = (
        np.stack([medium.features(one) for one in subject.contents]) if subject.takes else train.features[:0]
    )
    own = own.astype(np.float64)
    different = len({medium.store(one) for one in subject.contents})
    passages = "works" if len(unseen.features) <= held_out else "passages"
    progress(0, 1, "counting")
    seed, fit = AUDIT.seed, family_of(model.header).fit(model.header)
    views = looked_at.views(ws, model, subject.train, subject.held_out, subject.contents, size, progress)
    blended = blends.row(views.takes.features, views.pool, seed=seed)
    sections = (
        quality(
            views.takes,
            views.train,
            views.held_out,
            predicts(model, fit),
            seed=seed,
            passages="works" if len(views.held_out) <= held_out else "passages",
        ),
        copying(
            len(subject.takes),
            duplicates(
                ws,
                model.medium,
                (*subject.train, *subject.critic),
                subject.held_out,
                subject.contents,
                size,
                progress,
            ),
            found.near,
            found.runs,
            fit,
            held_out,
            blended=blended,
            seed=seed,
        ),
        diversity(
            own, train.features, unseen.features, different, len(subject.takes), seed=seed, passages=passages
        ),
        bias(own, train, _joined(unseen, critic), _sizes(subject), seed=seed),
        *_mitigated(subject, quota, takes, seconds, views, own, train, _joined(unseen, critic)),
        *((robustness.section(ws, model, subject.train, size, robust, progress),) if robust else ()),
        recognised(model.medium, _marks(subject)),
        cost(
            model.id,
            model.header["ledger"],
            model.header.get("curve") or (),
            len(subject.takes),
            subject.making,
            rivals(ws, model),
        ),
    )
    pairs = _pairs(subject, found)
    audit = Audit(
        model.id,
        model.medium,
        subject.home.name,
        seed,
        len(subject.takes),
        held_out,
        time.monotonic() - began,
        sections,
        nearest=tuple(one for _, one in pairs),
        at=now(),
    )
    return audit, render(audit, _some(subject), [pair for pair, _ in pairs])


def written(
    ws: Workspace,
    name: str,
    *,
    takes: int,
    seconds: float,
    share: str = "",
    robust: str = "",
    progress: OnProgress,
) -> Audit:
    """The audit of a model, kept beside it as `audit.json` and `audit.html`."""
    found, page = audit(ws, name, takes=takes, seconds=seconds, share=share, robust=robust, progress=progress)
    beside = ws.project.write_model_file(found.model, FILES[0], page.encode())
    data = {"schema": found.schema, **asdict(replace(found, page=beside.name))}
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    ws.project.write_model_file(found.model, FILES[1], text.encode())
    return replace(found, page=str(beside))


def _subject(ws: Workspace, name: str, takes: int, seconds: float, progress: OnProgress) -> Subject:
    model = ws.project.model(name)
    home = ws.project.collection(home_of(model))
    there = present(ws.project, home)
    train, critic, held_out = (of_role(home, model, role, there) for role in ("train", "critic", "held-out"))
    if not train:
        raise TakeError(
            f"None of the works that '{model.name}' was trained on is in the project any more.",
            "Restore them (etude works restore), or audit another model: etude models",
        )
    own, making = audit_takes.made(ws, model, takes, seconds, progress)
    return Subject(ws, model, home, train, critic, held_out, own, making, progress)


# ---- how near to works


def _of_passages(subject: Subject) -> Nearest:
    """By features of passages, and by the longest runs."""
    ws, medium = subject.ws, sequence(subject.model.medium)
    size = part_size(int(np.median([medium.size(one) for one in subject.contents] or [1])))
    learned, unseen, usual = banks(ws, medium.name, subject.train, subject.held_out, size, subject.progress)
    close = [learned.features @ medium.features(one) for one in subject.contents]
    at = [int(one.argmax()) for one in close]
    works = tuple((learned.works[i], int(learned.spans[i][0]), int(learned.spans[i][1])) for i in at)
    near = Near(np.array([one.max() for one in close]), usual, len(set(unseen.works)))
    indexed = _index(subject)
    passages = [
        medium.cut(ws.contents(unseen.works[i]), *map(int, unseen.spans[i]))
        for i in evenly(len(unseen.works), AUDIT.features).tolist()
    ]
    runs = Runs(
        np.array([longest(indexed, medium, one) for one in subject.contents]),
        np.array([longest(indexed, medium, one) for one in passages]),
        medium.runs.unit,
    )
    return Nearest(near, runs, works)


def _index(subject: Subject) -> VerbatimIndex:
    """Of what was learned from alone: of a divided work the other parts are held out."""
    ws, medium = subject.ws, MEDIA[subject.model.medium]

    def built() -> Mapping[str, npt.NDArray[Any]]:
        parts = with_progress(subject.train, "indexing", subject.progress)
        every = ((work, medium.cut(ws.contents(work), start, end)) for work, start, end in parts)
        return build_index(medium.name, every).to_arrays()

    arrays = ws.arrays("index", f"parts {list(subject.train)}", built)
    return VerbatimIndex.from_arrays(arrays)


def _of_pictures(subject: Subject) -> Nearest:
    """By features of the frames that the model sees."""
    ws, medium = subject.ws, pictorial(subject.model.medium)
    seen = sight(subject.model)
    square, window = square_of(seen), window_of(seen, medium.name)
    found = references(ws, medium.name, subject.train, subject.held_out, square, window, subject.progress)
    scores, works = [], []
    for one in with_progress(subject.contents, "comparing takes", subject.progress):
        every = medium.frames(one)
        close = np.stack([found.shelf.similar(frame(every[int(i)], square)) for i in compared(every)]).max(0)
        at = int(close.argmax())
        scores.append(float(close[at]))
        works.append((found.works[at], int(found.frame[at]), int(found.frame[at]) + 1))
    return Nearest(Near(np.array(scores), found.usual, found.held_out), None, tuple(works))


_NEAREST: Mapping[str, Callable[[Subject], Nearest]] = {"shingles": _of_passages, "signature": _of_pictures}


# ---- features, and what is written about works


def _described(subject: Subject, role: str, size: int) -> Described:
    """Works of a role, cut into passages of about the takes' size, with features by the medium and what is
    written about each."""
    ws, medium = subject.ws, MEDIA[subject.model.medium]
    parts = {"train": subject.train, "critic": subject.critic, "held-out": subject.held_out}[role]
    some = tuple(parts[int(i)] for i in evenly(len(parts), AUDIT.features))

    def fresh() -> Mapping[str, npt.NDArray[Any]]:
        every = (
            (work, ws.contents.read(work), start, end)
            for work, start, end in with_progress(some, f"measuring {role} works", subject.progress)
        )
        return bank(medium, every, size).to_arrays()

    found = Bank.from_arrays(ws.arrays("bank", f"{role} {size} {list(some)}", fresh))
    about = _written_about(subject)
    return Described(found.features.astype(np.float64), [about.get(work, {}) for work in found.works]).some(
        2 * AUDIT.features
    )


def _sizes(subject: Subject) -> list[tuple[Mapping[str, str], int]]:
    """What is written about every part that was learned from, and its units."""
    about = _written_about(subject)
    return [(about.get(work, {}), end - start) for work, start, end in subject.train]


def _written_about(subject: Subject) -> dict[str, Mapping[str, str]]:
    return {work.id: {**work.attrs, "maker": work.maker} for work in subject.ws.project.works()}


def _mitigated(
    subject: Subject,
    quota: Quota | None,
    takes: int,
    seconds: float,
    views: looked_at.Views,
    own: Floats,
    train: Described,
    unseen: Described,
) -> tuple[Section, ...]:
    """What a quota changes, where one was set."""
    if quota is None:
        return ()
    ws, model, medium = subject.ws, subject.model, MEDIA[subject.model.medium]
    made = audit_takes.made_by_quota(ws, model, quota, takes, seconds, subject.progress)
    contents = [one.content for one in made]
    features = np.stack([medium.features(one) for one in contents]).astype(np.float64)
    asked = Asked(quota.key, quota.shares, features, looked_at.takes(model, contents).features)
    sizes = _sizes(subject)
    return (
        mitigation(
            own,
            views.takes.features,
            asked,
            train,
            unseen,
            views.held_out.features,
            sizes,
            seed=AUDIT.seed,
        ),
    )


def _marks(subject: Subject) -> list[float | None] | None:
    """The p-value of each take's mark, None where it is too short; None where the model gives no mark."""
    header = subject.model.header
    if not header.get("mark"):
        return None
    found = [family_of(header).marked(header, one) for one in subject.contents]
    return [one.p if one is not None else None for one in found]


def _joined(a: Described, b: Described) -> Described:
    if not len(b.about):
        return a
    return Described(np.concatenate([a.features, b.features]), [*a.about, *b.about]) if len(a.about) else b


# ---- what a page shows


def _some(subject: Subject) -> list[Seen]:
    """The first takes."""
    medium = subject.model.medium
    return [_seen(medium, one.content, f"take {one.index + 1}") for one in subject.takes[: 2 * AUDIT.shown]]


def _pairs(subject: Subject, found: Nearest) -> list[tuple[Pair, report.Nearest]]:
    """The takes nearest to a work, each beside it, for the page and as data."""
    medium, out = MEDIA[subject.model.medium], []
    known = {work.id: work for work in subject.ws.project.works()}
    for i in np.argsort(-found.near.takes, kind="stable")[: AUDIT.shown].tolist():
        name, start, end = found.works[i]
        content, work, take = subject.ws.contents.read(name), known[name], subject.takes[i]
        part = medium.cut(content, start, end) if medium.size(content) > end - start else content
        title = f"“{work.title}”" + (f" by {work.maker}" if work.maker else "")
        like = float(found.near.takes[i])
        mine = _seen(medium.name, take.content, f"take {take.index + 1}, likeness {like:.2f}")
        theirs = _seen(medium.name, part, f"{title}, trained on")
        place = medium.place(content, start)
        number, picture = take.index + 1, page_of.data_uri(mine)
        pair = (number, like, work.id, work.title, work.maker, start, end, place)
        out.append((Pair(mine, theirs), report.Nearest(*pair, mine.words, theirs.words, picture)))
    return out


def _seen(name: str, content: Content, under: str) -> Seen:
    """A content as a page shows it: as a picture where it has a look, else its first words."""
    medium = MEDIA[name]
    look = medium.look(content)
    if look is None:
        words = readable(medium, content)
        return Seen(words[: AUDIT.words] + (" …" if len(words) > AUDIT.words else ""), under=under)
    still = replace(look, frames=look.frames[len(look.frames) // 2 :][:1])
    return Seen(medium.describe(content), looks.encoded(still)[0], under)
