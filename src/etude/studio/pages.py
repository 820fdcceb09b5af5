"""The pages, in the order of the work: the first run, Collection, Learn, Desk, Trace, Audit, Deliver.

A page shows what verbs answer; what changes something is in acts.py. Titles and texts are a stranger's: the
templates escape all of it. Knows no medium and no family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from etude import __version__, api
from etude.config.studio import STUDIO
from etude.curate.consent import LICENCES
from etude.errors import EtudeError, ProjectError, clean
from etude.families import family_for, family_of
from etude.media import MEDIA
from etude.store.jobs import Job
from etude.store.takes import Take, some
from etude.store.works import Work
from etude.studio import clips, curating, desks, early, past, trusting, words
from etude.studio.forms import fields
from etude.studio.here import Here
from etude.studio.previews import Shown, card, shown
from etude.studio.standing import standings
from etude.studio.stream import summary
from etude.takes.source import Source

ORDER = (
    ("collection", "Collection"),
    ("learn", "Learn"),
    ("desk", "Desk"),
    ("trace", "Trace"),
    ("audit", "Audit"),
    ("deliver", "Deliver"),
)
UNDER = {
    "work": "collection",
    "curate": "collection",
    "take": "desk",
    "draft": "desk",
    "wall": "desk",
    "history": "desk",
    "timeline": "desk",
}  # pages that belong to one
_HOME = Path(__file__).parent
_ENV = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HOME / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENV.filters |= {"size": words.size, "duration": words.duration}
_ENV.globals |= {"plural": words.plural, "etude_version": __version__}
Page = Callable[[Here, Mapping[str, str]], dict[str, Any]]


def page(name: str, gather: Page) -> Callable[[Request], Any]:
    """A route that renders a template with what `gather` finds. What a person can act on is a page too, with
    the status of an error."""

    async def show(request: Request) -> Response:
        here: Here = request.app.state.here
        asked = {**request.query_params, **{k: str(v) for k, v in request.path_params.items()}}
        try:
            found = await run_in_threadpool(gather, here, asked)
        except EtudeError as error:
            return render(here, "error", {"message": error.message, "hint": error.hint}, 404)
        return render(here, found.get("template", name), found)

    return show


def render(here: Here, name: str, found: Mapping[str, Any], status: int = 200) -> Response:
    """A template with what every page has."""
    live = [job for job in here.jobs if job.state in ("queued", "running")]
    at = name if name in dict(ORDER) else UNDER.get(name.partition("_")[0].removesuffix("s"), "")
    about = {
        "project": here.ws.project.root.name,
        "order": ORDER,
        "here": name,
        "under": at,
        "live": len(live),
    }
    html = _ENV.get_template(f"{name}.html").render(**about, **found)
    return HTMLResponse(html, status)


async def home(request: Request) -> Response:
    """Where a person goes on: the first run, or the collection, or the desk."""
    here: Here = request.app.state.here
    project = here.ws.project
    if not project.works() and not project.models():
        return RedirectResponse("/first", 303)
    return RedirectResponse("/desk" if project.models() else "/collection", 303)


async def enter(request: Request) -> Response:
    """The page that exchanges the token in its own address for the cookie."""
    return HTMLResponse(_ENV.get_template("enter.html").render())


# ---- the first run


def first(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """One sample of each medium, and the jobs of a first run that is under way."""
    seen: dict[str, Any] = {}
    for sample in api.samples().samples:
        seen.setdefault(sample.medium, sample)
    wanted = asked.get("jobs", "").split(",")
    steps = [summary(job) for job in api.jobs(here.ws).jobs if job.id in wanted]
    return {"samples": list(seen.values()), "steps": steps, "budgets": words.BUDGETS[:2]}


# ---- the works


def collection(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """Works of a collection, or all, with what they look like; of many one page at a time."""
    ws, name = here.ws, asked.get("name", "")
    homes = api.collections(ws).collections
    if name and name not in {home.name for home in homes}:
        raise ProjectError(f"There is no collection '{clean(name, 40)}'.", "Choose one on the left.")
    sought = asked.get("q", "").strip()
    works = api.search(ws, sought).works if sought else api.works(ws, collection=name or None).works
    waiting = tuple(work for work in works if not work.licence or work.consent == "unknown")
    only_open = asked.get("show") == "open"
    works = waiting if only_open else works
    at = max(1, int(asked["page"])) if asked.get("page", "").isdigit() else 1
    part = works[(at - 1) * STUDIO.page : at * STUDIO.page]
    return {
        "homes": homes,
        "name": name,
        "sought": sought,
        "works": [(work, _work_card(here, work)) for work in part],
        "total": len(works),
        "at": at,
        "pages": -(-len(works) // STUDIO.page),
        "version": here.version("works"),
        "licences": sorted({licence.id for licence in LICENCES.values()}, key=str.lower),
        "samples": api.samples().samples,
        "unknown": len(waiting),
        "only_open": only_open,
        "attributes": sorted({key for work in part for key in work.attrs}),
    }


def work(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """One work in full: what is written about it, where it is, and what learned from it."""
    ws = here.ws
    found = api.work(ws, asked["work"])
    learned = [
        model.id
        for model in ws.project.models()
        if found.work.id in {str(row[0]) for row in model.header.get("parts") or ()}
    ]
    card = None
    with suppress(EtudeError):
        card = shown(ws, found.work.id, chars=200_000)
    return {
        "work": found.work,
        "homes": found.collections,
        "parts": found.parts,
        "unit": found.unit,
        "card": card,
        "learned": learned,
        "version": here.version("works"),
    }


def _work_card(here: Here, work: Work) -> Shown | None:
    """A work for a card. A shelf of pictures is not decoded for a page that only names them, and what a work
    holds never changes, so that its card is made once."""
    medium = MEDIA[work.medium]
    if medium.sheet.works and not medium.edited_as:
        return Shown(work.medium, "", "", "", False, True, False)
    if work.id not in here.cards:
        try:
            found = Source(work.medium, here.ws.contents.read(work.id), work.title, {"work": work.id})
            here.cards.put(work.id, card(found))
        except EtudeError:
            return None
    known: Shown = here.cards[work.id]
    return known


def _shown(here: Here, ref: str, medium: str) -> Shown | None:
    """A content for a card. A shelf of pictures is not decoded for a page that only names them."""
    try:
        if MEDIA[medium].sheet.works and not MEDIA[medium].edited_as:
            return Shown(medium, "", "", "", False, True, False)
        return shown(here.ws, ref)
    except EtudeError:
        return None


def _card(here: Here, medium: str, take: Take) -> Shown | None:
    """A take for a card; one whose bytes were cleared is made again, as everywhere."""
    if take.id in here.cards:
        known: Shown = here.cards[take.id]
        return known
    if take.data is None:
        return _shown(here, take.id, medium)
    try:
        found = Source(medium, MEDIA[medium].load(take.data), take.id, {"take": take.id})
        return here.cards.put(take.id, card(found))
    except EtudeError:
        return None


# ---- learning


def learn(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """What to learn from and on what to stand, the runs there were, and the models there are."""
    ws = here.ws
    homes = api.collections(ws).collections
    chosen = next((home for home in homes if home.name == asked.get("from")), homes[0] if homes else None)
    runs = [job for job in api.jobs(ws).jobs if job.words[0] == "learn" and "--dry-run" not in job.words]
    stands = standings(chosen.medium) if chosen else []
    table = family_for(chosen.medium).options if chosen else ()
    covered = {one.option for one in stands} | {row.name for row in table if row.kind == "model"} | {"on"}
    return {
        "homes": homes,
        "chosen": chosen,
        "stands": stands,
        "fields": fields([row for row in table if row.name not in covered], chosen.medium) if chosen else (),
        "budgets": words.BUDGETS,
        "run": _run(here, runs[-1]) if runs else None,
        "runs": [summary(job) for job in reversed(runs[:-1])][:8],
        "models": list(reversed(api.models(ws).models)),
    }


def _run(here: Here, job: Job) -> dict[str, Any]:
    """The newest run with its curve so far, so that a page that is loaded again shows all of it."""
    found = api.job(here.ws, job.id)
    said = [event.said for event in found.events if event.said.get("event") == "progress"]
    takes = [early.shown(job.id, event) for event in found.events]
    points: list[list[float]] = []
    for one in said:  # the figure stands in every event until the next evaluation
        at, value = one.get("spent_s"), one.get("unseen")
        if isinstance(value, int | float) and isinstance(at, int | float):
            if not points or points[-1][1] != value:
                points.append([float(at), float(value)])
    last = said[-1] if said else {}
    return {
        **summary(found.job),
        "last": found.place.number,
        "points": points,
        "shown": [one for one in takes if one is not None],
        "notes": list(dict.fromkeys(words.sentence(one["message"]) for one in said if one.get("message"))),
        "unit": str(last.get("unit", "")),
        "share": float(last.get("share") or 0.0),
        "now": "" if job.state == "done" or not last else words.learning_line(last),
    }


# ---- the desk


def desk(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """Takes as cards, the newest first, and the form of the model that makes them."""
    ws = here.ws
    models = api.models(ws).models
    wanted = asked.get("model", "")
    newest = [model for model in models if model.newest]
    model = next((m for m in models if wanted in (m.id, m.name)), newest[-1] if newest else None)
    view = asked.get("show", "proposed")
    listed = [
        take
        for take in api.takes(ws, everything=True).takes
        if view in (take.status, "all") and (model is None or take.medium == model.medium)
    ]
    part = listed[::-1][: STUDIO.page]
    read = some(ws.project.root, [take.id for take in part])
    cards = [(take, _card(here, take.medium, read[take.id])) for take in part]
    about = api.model(ws, model.id) if model else None
    header = ws.project.model(model.id).header if model else {}
    family = family_of(header) if model else None
    medium = MEDIA[model.medium] if model else None
    return {
        "models": list(reversed(models)),
        "model": model,
        "fields": fields(family.controls, model.medium) if family and model else (),
        "changes": fields(family.changes, model.medium) if family and model else (),
        "choices": {key: row for key, row in about.conditions.items() if len(row) > 1} if about else {},
        "typed": medium.edited_as if medium else "",
        "desk": medium.desk if medium else "",
        "drafted": medium is not None and medium.desk in desks.DRAFTED,
        "walled": medium is not None and medium.desk == desks.WALL,
        "accepts": ",".join(medium.suffixes) if medium else "",
        "takes": cards,
        "wall": all(one is None or (one.tile and not one.sound) for _, one in cards),
        "view": view,
        "version": here.version("desk"),
    }


def take(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """One take in full: what it is, where it came from, and its trace where there is one."""
    ws = here.ws
    found = api.take(ws, asked["take"])
    kept = ws.project.cache_dir("traces") / f"{found.id}.html"
    medium = MEDIA[found.medium]
    models = [model for model in api.models(ws).models if model.medium == found.medium]
    own = next((m.id for m in models if m.id == found.model), "")
    return {
        "marked": own or next((m.id for m in reversed(models) if m.newest), ""),
        "take": found,
        "card": shown(ws, found.id, chars=200_000),
        "typed": medium.edited_as,
        "drafted": medium.desk in desks.DRAFTED,
        "accepts": ",".join(medium.suffixes),
        "traced": kept.exists(),
        "owed": trusting.named(here, kept),
        "works_version": here.version("works"),
        "formats": medium.formats,
        "version": here.version("desk"),
        "tree": past.tree(here, found.id),
        "controls": {k: v for k, v in found.controls.items() if isinstance(v, str | int | float)},
    }


# ---- what leaves


def deliver(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """The pieces with their files, and who signs."""
    ws = here.ws
    rows = []
    signings = {event.get("piece") for event in ws.project.events() if event["event"] == "signed"}
    for piece in reversed(api.pieces(ws).pieces):
        names = [Path(name).name for name in piece.files]
        seen = None
        with suppress(EtudeError):
            seen = shown(ws, piece.id)
        signed = piece.id in signings
        rows.append((piece, names, seen, signed))
    return {"pieces": rows, "signers": api.signers().signers}


PAGES: tuple[tuple[str, str, Page], ...] = (
    ("/first", "first", first),
    ("/collection", "collection", collection),
    ("/collection/{work}", "work", work),
    ("/curate", "curate", curating.proposals),
    ("/learn", "learn", learn),
    ("/desk", "desk", desk),
    ("/desk/{take}", "take", take),
    ("/draft", "drafts", desks.drafts),
    ("/wall", "wall", desks.wall),
    ("/timeline", "timeline", clips.timeline),
    ("/draft/{draft}", "draft", desks.draft),
    ("/history", "history", past.history),
    ("/trace", "trace", trusting.traces),
    ("/audit", "audit", trusting.audit),
    ("/deliver", "deliver", deliver),
)
routes = [(path, page(name, gather)) for path, name, gather in PAGES]
