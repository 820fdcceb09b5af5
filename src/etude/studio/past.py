"""The history of a project, to be searched and undone from, and the lineage of a take as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from etude import api
from etude.config.studio import STUDIO
from etude.media import MEDIA
from etude.studio.acts import CHANGED, read
from etude.studio.here import Here
from etude.studio.requests import answered, ids

KINDS = {
    "": "Everything",
    "made": "Made",
    "decided": "Decided",
    "works": "Works",
    "models": "Models",
    "signed": "Signed",
}
_PLACES = {"t": "/desk/", "w": "/collection/", "p": "/deliver#"}
DEEP = 30  # generations below each other on one page
NAMED = 6  # takes and works of one line that are linked


def history(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """What was done, the newest first, one page at a time."""
    words, kind = asked.get("q", "").strip()[:200], asked.get("kind", "")
    kind = kind if kind in KINDS else ""
    at = max(1, int(asked["page"][:6])) if asked.get("page", "").isdigit() else 1
    found = api.history(
        here.ws, words, kinds=(kind,) if kind else (), last=STUDIO.page, skip=(at - 1) * STUDIO.page
    )
    around = {"q": words, "kind": kind}
    return {
        "lines": [(line, _links(line.refs)) for line in found.lines],
        "sought": words,
        "kind": kind,
        "kinds": KINDS,
        "at": at,
        "older": "?" + urlencode({**around, "page": at + 1}) if found.more else "",
        "newer": "?" + urlencode({**around, "page": at - 1}) if at > 1 else "",
        "more": found.more,
        "version": here.version("desk"),
        "works_version": here.version("works"),
    }


def _links(refs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Addresses of what a line names."""
    places = [(ref, _PLACES[ref[0]] + ref) for ref in refs if ref[1:2] == "-" and ref[0] in _PLACES]
    return places[:NAMED]


async def undo(request: Request) -> Response:
    """Undo the last act on a take, or do it again."""
    here, said = await read(request)
    here.still("desk", request.headers.get(CHANGED, ""))
    take = ids({"take": [said.get("take")]}, "take", "t")[0]
    again = bool(said.get("redo"))
    done = await run_in_threadpool(here.act, lambda ws: api.undo(ws, take, redo=again))
    return answered({"act": done.act, "take": done.take, "redone": done.redone})


@dataclass(frozen=True)
class Branch:
    """One of a lineage with those that came of it; `also`: its other parents; `cut`: more came of it, which
    its own page shows."""

    kin: Any
    href: str
    look: bool
    also: tuple[str, ...]
    below: tuple[Any, ...]
    cut: bool


def tree(here: Here, take: str) -> tuple[Branch, ...]:
    """The lineage of a take; each of it stands below the first of its parents."""
    kin = api.lineage(here.ws, take).kin
    if len(kin) < 2:
        return ()
    below: dict[str, list[Any]] = {}
    for one in kin:
        below.setdefault(one.parents[0] if one.parents else "", []).append(one)

    def branch(one: Any, depth: int) -> Branch:
        look = one.kind != "piece" and not MEDIA[one.medium].edited_as
        children = below.get(one.id, ())
        inside = tuple(branch(child, depth + 1) for child in children) if depth < DEEP else ()
        return Branch(
            one, _PLACES[one.id[0]] + one.id, look, one.parents[1:], inside, len(inside) < len(children)
        )

    return tuple(branch(one, 1) for one in below.get("", ()))
