"""The pages of trust: what takes owe, what a model is like, how models compare, and works taken back, with
what that would touch shown first.

An audit and a withdrawal are jobs. Bytes that an audit holds (its page, its drawings) are served from the
stored report, never by a path that a page names. Knows no medium and no family.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from etude import api
from etude.audit.report import WORDS, Audit, Row, percent
from etude.audit.report import shown as in_words
from etude.config.audit import AUDIT
from etude.config.studio import STUDIO
from etude.errors import EtudeError, ModelError, WorkError
from etude.media import MEDIA
from etude.stats.figure import Figure
from etude.store.takes import some
from etude.studio.acts import CHANGED, queued, read
from etude.studio.content import ALONE
from etude.studio.here import Here
from etude.studio.previews import TYPES
from etude.studio.requests import Said, answered, ids, text, whole
from etude.studio.stream import summary

WIDE = 300  # of the drawing of a figure, in its own units


@dataclass(frozen=True)
class Bar:
    """A figure as a drawing: places along `WIDE`, of the value and its interval, and of what it is compared
    with (None where there is nothing)."""

    at: float
    low: float
    high: float
    floor: float | None
    floor_low: float
    floor_high: float
    words: str
    floor_words: str


def audit(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """The last audit of a model, and the models of its kind beside each other."""
    ws = here.ws
    models = api.models(ws).models
    wanted = asked.get("model", "")
    newest = [model for model in models if model.newest]
    model = next((m for m in models if wanted in (m.id, m.name)), newest[-1] if newest else None)
    found: Audit | None = None
    why = ""
    if model is not None:
        try:
            found = api.audited(ws, model.id)
        except EtudeError as error:
            why = "" if "not audited yet" in error.message else error.message
    known = {work.id for work in ws.project.works()}
    # As the queue is now: by the picture of it, which lags, an audit that is over would be awaited once more
    now = api.jobs(ws).jobs
    live = [job for job in now if job.state in ("queued", "running") and job.words[0] == "audit"]
    mine = [job for job in live if model is not None and job.words[1] == model.id]
    return {
        "models": list(reversed(models)),
        "model": model,
        "found": found,
        "why": why,
        "said": WORDS,
        "bars": {
            (section.name, i): bar(row)
            for section in (found.sections if found else ())
            for i, row in enumerate(section.rows)
        },
        "known": known,
        "looked_at": bool(model and MEDIA[model.medium].sheet.works),
        "rivals": rivals(models, model),
        "job": summary(mine[-1]) if mine else None,
        "takes": AUDIT.takes,
        "seconds": int(AUDIT.seconds),
        "version": here.version("works"),
    }


def traces(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """The newest takes, those that were traced first."""
    ws = here.ws
    kept = {path.stem for path in ws.project.cache_dir("traces").glob("t-*.html")}
    takes = list(api.takes(ws).takes[::-1])
    traced = [take for take in takes if take.id in kept][: STUDIO.page]
    others = [take for take in takes if take.id not in kept][: STUDIO.page - len(traced) // 2]
    read = some(ws.project.root, [take.id for take in (*traced, *others)])

    def rows(those: Sequence[Any]) -> list[Any]:
        return [(take, look(take)) for take in those]

    def look(take: Any) -> tuple[bool, str]:
        medium, data = MEDIA[take.medium], read[take.id].data
        if not medium.edited_as or data is None:
            return data is not None, ""
        return False, medium.load(data)[: STUDIO.text_chars]

    return {"traced": rows(traced), "others": rows(others), "everything": len(takes)}


def named(here: Here, page: Path) -> list[Any]:
    """The works that a trace names, as far as they are here."""
    try:
        words = page.read_text("utf-8")
    except OSError:
        return []
    found = dict.fromkeys(re.findall(r"\bw-[0-9a-f]{12}\b", words))
    known = {work.id: work for work in here.ws.project.works()}
    return [known[one] for one in found if one in known]


def rivals(models: Sequence[Any], model: Any) -> list[dict[str, Any]]:
    """Models whose figures are of one kind with this one's: same medium, same unit, same collection."""
    if model is None or model.held_out is None:
        return []
    return [
        {
            "id": one.id,
            "name": one.name,
            "value": one.held_out,
            "low": one.low,
            "high": one.high,
            "unit": one.unit,
            "seconds": one.seconds,
            "wh": list(one.wh),
            "base": one.base,
            "mine": one.id == model.id,
        }
        for one in models
        if one.held_out is not None
        and len(one.wh) == 3
        and (one.medium, one.unit, one.collection) == (model.medium, model.unit, model.collection)
    ]


def bar(row: Row) -> Bar | None:
    """A row's figure beside what it is compared with, on one scale that begins at 0."""
    figure, floor = row.figure, row.floor
    if figure is None or figure.low < 0:
        return None
    most = max(figure.high, floor.high if floor else 0.0, 1e-12)
    most = 1.0 if figure.unit.startswith("share of ") and most > 0.6 else 1.1 * most
    beside = (floor.value, floor.low, floor.high) if floor else (None, 0.0, 0.0)

    def at(value: float) -> float:
        return round(WIDE * min(1.0, max(0.0, value / most)), 1)

    return Bar(
        at(figure.value),
        at(figure.low),
        at(figure.high),
        None if beside[0] is None else at(beside[0]),
        at(beside[1]),
        at(beside[2]),
        in_words(figure),
        _floor(floor) + (f" ({row.floor_is})" if row.floor_is else "") if floor else "",
    )


def _floor(floor: Figure) -> str:
    if floor.low == floor.high and floor.unit.startswith("share of "):  # counted: it has no interval
        return f"{percent(floor.value)} of {floor.n:,} {floor.unit.removeprefix('share of ')}"
    return in_words(floor)


# ---- acts


async def look(request: Request) -> Response:
    """An audit of a model, as a job."""
    here, said = await read(request)
    return answered(summary(await run_in_threadpool(_look, here, said)))


def _look(here: Here, said: Said) -> Any:
    found = here.ws.project.model(text(said, "model"))
    takes = whole(said, "takes", AUDIT.takes, 1, 2000)
    seconds = whole(said, "seconds", int(AUDIT.seconds), 1, 3600)
    command = ["audit", found.id, f"--takes={takes}", f"--seconds={seconds}"]
    return queued(here, command, f"Audit {found.id}"[: STUDIO.title_chars])


async def withdraw(request: Request) -> Response:
    """Works taken back for good; first what that would touch (`try`). A receipt lies in .etude/ until the
    next withdrawal."""
    here, said = await read(request)
    return answered(summary(await run_in_threadpool(_withdraw, here, said, request.headers.get(CHANGED, ""))))


def _withdraw(here: Here, said: Said, seen: str) -> Any:
    gone = ids(said, "works", "w")
    known = {work.id: work for work in here.ws.project.works()}
    missing = [one for one in gone if one not in known]
    if missing or not gone:
        raise WorkError("A work that is not here cannot be withdrawn.", "Reload the page.")
    many = f"{len(gone)} works" if len(gone) > 1 else known[gone[0]].title
    test = [] if said.get("test", True) else ["--no-test"]
    if said.get("try"):
        return queued(
            here, ["withdraw", *gone, "--dry-run", *test], f"What withdrawing {many} would touch"[:120]
        )
    here.still("works", seen)
    then = text(said, "then")
    ways = {"": [], "mark": [], "relearn": ["--relearn"], "delete": ["--delete-models"]}
    if then not in ways:
        raise WorkError("'then' must be mark, relearn or delete.", "Reload the page.")
    receipt = here.ws.project.cache_dir("receipts") / f"{gone[0]}.json"
    reason = [f"--reason={why}"] if (why := text(said, "reason", 1000)) else []
    command = ["withdraw", *gone, "--yes", f"--receipt={receipt}", *ways[then], *reason, *test]
    return queued(here, command, f"Withdraw {many}"[: STUDIO.title_chars])


# ---- bytes


async def report(request: Request) -> Response:
    """The page of an audit, to be sent on."""
    here: Here = request.app.state.here
    found = await run_in_threadpool(api.audited, here.ws, request.path_params["model"])
    name = f"{found.model}-audit.html"
    return FileResponse(
        found.page, media_type="text/html", filename=name, headers={"content-security-policy": ALONE}
    )


async def plot(request: Request) -> Response:
    """A drawing of an audit."""
    here: Here = request.app.state.here
    found = await run_in_threadpool(api.audited, here.ws, request.path_params["model"])
    section, _, number = request.path_params["plot"].removesuffix(".svg").rpartition("-")
    plots = [p for s in found.sections if s.name.lower() == section.lower() for p in s.plots]
    if not number.isdecimal() or int(number) >= len(plots):
        raise ModelError("The audit has no such drawing.", "Reload the page.")
    svg = re.sub(r"<rect [^>]*fill=\"#fff\"/>", "", plots[int(number)].svg)
    headers = {"content-security-policy": ALONE, "content-disposition": 'attachment; filename="drawing.svg"'}
    return Response(svg, media_type=TYPES[".svg"], headers=headers)


async def receipt(request: Request) -> Response:
    """The receipt of the last withdrawal."""
    here: Here = request.app.state.here
    name = ids({"work": [request.path_params["work"]]}, "work", "w")[0]
    path = here.ws.project.cache_dir("receipts") / f"{name}.json"
    if not path.exists():
        raise WorkError("There is no such receipt here any more.", "etude withdraw WORK --receipt FILE")
    headers = {"content-security-policy": ALONE}
    return FileResponse(path, media_type=TYPES[".json"], filename=f"receipt-{name}.json", headers=headers)
