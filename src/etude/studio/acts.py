"""What a person does on the pages: each act is one verb, done at once where it is quick, else queued.

A command in the queue is made of checked parts: ids, names, numbers, and values behind a `=`. No path that a
page names is ever opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from etude import api
from etude.config.studio import STUDIO
from etude.errors import ProjectError
from etude.families import family_for, family_of
from etude.store import incoming
from etude.store.files import check_name
from etude.store.jobs import Job
from etude.studio import uploads
from etude.studio.forms import words
from etude.studio.here import Here
from etude.studio.requests import Said, answered, body, ids, is_id, text, whole
from etude.studio.standing import standings
from etude.studio.stream import summary

CHANGED = "if-match"


async def read(request: Request) -> tuple[Here, Said]:
    """What every act begins with."""
    return request.app.state.here, await body(request)


def queued(here: Here, command: Sequence[str], title: str, after: str = "") -> Job:
    """A verb in the queue."""
    return here.act(api.job_add, command, title=title, after=after)


# ---- works


async def add(request: Request) -> Response:
    """A drop becomes works of a collection."""
    here, said = await read(request)
    return answered(summary(_add(here, said)))


def _add(here: Here, said: Said) -> Job:
    drop = text(said, "drop")
    folder = incoming.folder(here.ws.project.root, drop)
    medium = text(said, "medium") or uploads.commonest(here, drop)
    name = check_name(text(said, "collection"), "collection")
    command = ["add", str(folder), f"--collection={name}", f"--medium={medium}"]
    for field in ("maker", "licence", "consent"):
        if value := text(said, field, STUDIO.title_chars):
            command.append(f"--{field}={value}")
    return queued(here, command, f"Add works to {name}")


async def samples(request: Request) -> Response:
    """Sample works that come along."""
    here, said = await read(request)
    return answered(summary(queued(here, ["samples", _sample(said)], f"Add the samples {_sample(said)}")))


def _sample(said: Said) -> str:
    name = text(said, "sample")
    if name not in {sample.name for sample in api.samples().samples}:
        raise ProjectError("There are no such samples.", "Reload the page.")
    return name


async def describe(request: Request) -> Response:
    """What is written about works, of many at once."""
    here, said = await read(request)
    here.still("works", request.headers.get(CHANGED, ""))
    fields = ("title", "maker", "licence", "consent", "series")
    asked = {name: text(said, name, STUDIO.title_chars) for name in fields}
    new: dict[str, Any] = {name: value for name, value in asked.items() if value}
    key, value = text(said, "attribute", STUDIO.title_chars), text(said, "value", STUDIO.title_chars)
    if bool(key) != bool(value):
        raise ProjectError("An attribute has a name and a value.", "For example: period, early")
    if key:
        new["attrs"] = {key: value}
    if said.get("where_unknown") is True:
        new["where_unknown"] = True
    change = partial(api.edit_works, refs=ids(said, "works", "w"), **new)
    done = await run_in_threadpool(here.act, change)
    return answered({"changed": len(done.works), "version": here.version("works")})


async def undescribe(request: Request) -> Response:
    """The last change of what is written about works is taken back, or with `redo` made again."""
    here, said = await read(request)
    here.still("works", request.headers.get(CHANGED, ""))
    done = await run_in_threadpool(here.act, api.works_undo, redo=said.get("redo") is True)
    found = {"changed": len(done.works), "left": len(done.left), "act": done.act, "redone": done.redone}
    return answered({**found, "version": here.version("works")})


async def remove(request: Request) -> Response:
    """Works to the trash; first what that would touch (`try`)."""
    here, said = await read(request)
    here.still("works", request.headers.get(CHANGED, ""))
    gone = ids(said, "works", "w")
    return answered(await run_in_threadpool(here.act, api.remove, gone, dry_run=bool(said.get("try"))))


async def restore(request: Request) -> Response:
    """Works back from the trash."""
    here, said = await read(request)
    return answered(await run_in_threadpool(here.act, api.works_restore, ids(said, "works", "w")))


# ---- learning


async def learn(request: Request) -> Response:
    """A model, or with `plan` what it would take."""
    here, said = await read(request)
    command = await run_in_threadpool(_learn, here, said)
    if said.get("plan"):
        return answered(summary(queued(here, [*command, "--dry-run"], "Estimate")))
    return answered(summary(queued(here, command, f"Learn {command[1]}")))


def _learn(here: Here, said: Said) -> list[str]:
    name = check_name(text(said, "name"), "model")
    wanted = text(said, "collection")
    home = next((one for one in here.act(api.collections).collections if one.name == wanted), None)
    if home is None:
        raise ProjectError("There is no such collection.", "Reload the page.")
    options = said.get("options", {})
    if not isinstance(options, dict):
        raise ProjectError("'options' must be an object.", "Reload the page.")
    table = family_for(home.medium).options
    stand = text(said, "on")
    chosen = dict(options)
    if stand:
        fits = next((one for one in standings(home.medium) if one.value == stand), None)
        if fits is None or not fits.usable:
            raise ProjectError("There is nothing of that name to stand on.", "Reload the page.")
        chosen[fits.option] = fits.name
    budget = text(said, "budget", 20)
    if not budget:
        raise ProjectError("How long may it learn? No budget was named.", "For example: 10m, 1h, 8h")
    price = [f"--tariff={tariff}"] if (tariff := _tariff(said)) else []
    return ["learn", name, f"--from={home.name}", f"--budget={budget}", *price, *words(table, chosen)]


def _tariff(said: Said) -> str:
    """The price of a kWh; empty where none was said. Raises ProjectError for what is none."""
    written = text(said, "tariff", 20).replace(",", ".")
    try:
        if written and not 0 < float(written) < 1000:
            raise ValueError(written)
    except ValueError:
        raise ProjectError(
            f"'{written}' is not the price of one kWh.", "Write it as on your bill: 0.30"
        ) from None
    return written


async def first(request: Request) -> Response:
    """From nothing to the first takes: works, a model, six takes, one after the other."""
    here, said = await read(request)
    return answered([summary(job) for job in await run_in_threadpool(_first, here, said)])


def _first(here: Here, said: Said) -> list[Job]:
    budget = text(said, "budget", 20) or "2m"
    if text(said, "sample"):
        name, medium = _sample(said), ""
        begun = queued(here, ["samples", name], f"Read the samples {name}")
        medium = next(sample.medium for sample in api.samples().samples if sample.name == name)
    else:
        drop = text(said, "drop")
        medium, name = uploads.commonest(here, drop), text(said, "collection") or "mine"
        begun = _add(here, {**said, "collection": name, "medium": medium})
    start = _starter(medium)
    command = ["learn", "first", f"--from={name}", f"--budget={budget}", *start]
    learned = queued(here, command, "Learn the first model", begun.id)
    made = queued(here, ["make", "first", "-n", "6"], "Make the first takes", learned.id)
    return [begun, learned, made]


def _starter(medium: str) -> list[str]:
    """The weights of our own that a medium can begin with, as an option; none where there are none."""
    return [f"--{one.option}={one.name}" for one in standings(medium) if one.ours][:1]


# ---- takes


async def make(request: Request) -> Response:
    """Takes of a model."""
    here, said = await read(request)
    return answered(summary(await run_in_threadpool(_make, here, said)))


def _make(here: Here, said: Said) -> Job:
    found = here.ws.project.model(text(said, "model"))
    count = whole(said, "n", 6, 1, 64)
    command = ["make", found.id, f"-n{count}"]
    if source := text(said, "source", 40):
        if not is_id(source, "wtp"):
            raise ProjectError("What to begin with must be a work, a take or a piece.", "Choose one.")
        command.append(f"--from={source}")
    elif drop := text(said, "drop"):
        command.append(f"--from={uploads.only(here, drop)}")
    like = said.get("like", {})
    if not isinstance(like, dict) or not all(isinstance(v, str) for v in like.values()):
        raise ProjectError("'like' must name values.", "Reload the page.")
    command += [f"--like={key}={value}" for key, value in like.items() if value]
    return queued(here, command + _controls(said, family_of(found.header).controls), f"Make {count} takes")


def _controls(said: Said, table: Any) -> list[str]:
    return words(table, checked_controls(said, table))


def checked_controls(said: Said, table: Any) -> dict[str, Any]:
    """What a form said of controls; contents are named by their ids alone. Raises ProjectError."""
    asked = said.get("controls", {})
    if not isinstance(asked, dict):
        raise ProjectError("'controls' must be an object.", "Reload the page.")
    for row in table:
        if row.kind in ("content", "contents") and asked.get(row.name):
            named = [part.strip() for part in str(asked[row.name]).split(",") if part.strip()]
            if not all(is_id(one, "wtp") for one in named):
                raise ProjectError(f"{row.flag_name} takes the ids of works, takes or pieces.", "Copy them.")
    return asked


async def words_of(request: Request) -> Response:
    """All the words of a take, to be edited."""
    here: Here = request.app.state.here
    take = ids({"take": [request.path_params["take"]]}, "take", "t")[0]
    found = await run_in_threadpool(api.take, here.ws, take)
    return answered({"text": found.text})


async def branch(request: Request) -> Response:
    """New takes from a take."""
    here, said = await read(request)
    take = here.ws.project.take(ids({"take": [said.get("take")]}, "take", "t")[0])
    count = whole(said, "n", 4, 1, 16)
    command = ["take", "branch", take.id, f"-n{count}"]
    model = here.ws.project.model(str(take.record["model"])) if take.record.get("model") else None
    if model is not None:
        command += _controls(said, family_of(model.header).changes)
    return answered(summary(queued(here, command, f"Branch {take.id}")))


async def accept(request: Request) -> Response:
    """A take becomes a piece."""
    here, said = await read(request)
    take = ids({"take": [said.get("take")]}, "take", "t")[0]
    title = text(said, "title", STUDIO.title_chars)
    note = text(said, "note", 1000)
    return answered(await run_in_threadpool(here.act, api.accept, take, title=title, note=note))


async def reject(request: Request) -> Response:
    """A take is put aside."""
    here, said = await read(request)
    take = ids({"take": [said.get("take")]}, "take", "t")[0]
    return answered(await run_in_threadpool(here.act, api.reject, take, note=text(said, "note", 1000)))


async def edit(request: Request) -> Response:
    """A person's version of a take, from a file that was dropped (what is typed comes as a file too)."""
    here, said = await read(request)
    take = ids({"take": [said.get("take")]}, "take", "t")[0]
    file = uploads.only(here, text(said, "drop"))
    return answered(await run_in_threadpool(here.act, api.edit, take, file))


async def undo(request: Request) -> Response:
    """Take back the last act, or take it up again, of the desk as the page shows it."""
    here, said = await read(request)
    here.still("desk", request.headers.get(CHANGED, ""))
    done = await run_in_threadpool(here.act, api.undo, redo=bool(said.get("redo")))
    return answered({"act": done.act, "take": done.take, "redone": done.redone})


async def trace(request: Request) -> Response:
    """The trace of a take or piece, as a page that is kept in .etude/."""
    here, said = await read(request)
    ref = ids({"ref": [said.get("ref")]}, "ref", "tpw")[0]
    page = here.ws.project.cache_dir("traces") / f"{ref}.html"
    return answered(summary(queued(here, ["trace", ref, f"--html={page}"], f"Trace {ref}")))


# ---- what leaves the studio


async def sign(request: Request) -> Response:
    """What a credential will say, or with `yes` the credential."""
    here, said = await read(request)
    piece = here.ws.project.piece(ids({"piece": [said.get("piece")]}, "piece", "p")[0])
    agreed = bool(said.get("yes"))
    command = ["sign", piece.id, "--yes" if agreed else "--preview"]
    if name := text(said, "name", STUDIO.title_chars):
        command.append(f"--as={name}")
    if maker := text(said, "maker", STUDIO.title_chars):
        command.append(f"--maker={maker}")
    title = f"Sign {piece.title}" if agreed else f"What signing {piece.title} would say"
    return answered(summary(queued(here, command, title[: STUDIO.title_chars])))


async def verify(request: Request) -> Response:
    """Check a file that was dropped, in a worker."""
    here, said = await read(request)
    file = uploads.with_credential(here, text(said, "drop"))
    return answered(summary(queued(here, ["verify", str(file)], f"Verify {file.name}"[: STUDIO.title_chars])))


# ---- the queue


async def job(request: Request) -> Response:
    """Stop, pause, resume or remove a job."""
    here: Here = request.app.state.here
    name, act = request.path_params["job"], request.path_params["act"]
    if act == "stop":
        return answered(summary(here.act(api.job_stop, name)))
    if act == "pause":
        return answered(summary(here.act(api.job_stop, name, pause=True)))
    if act == "resume":
        return answered(summary(here.act(api.job_resume, name)))
    if act == "remove":
        return answered(summary(here.act(api.job_rm, name)))
    raise ProjectError("There is no such act.", "Reload the page.")
