"""`python -m etude.studio.companion_process ROOT`: verbs of the API on one open project, asked line by line
on the standard input. Only what is named here can be asked, and only by whoever started it."""

from __future__ import annotations

import json
import logging
import os
import select
import sys
from collections.abc import Callable, Mapping
from typing import Any

from etude import api
from etude.config.studio import STUDIO
from etude.errors import EtudeError

_LOG = logging.getLogger("etude.studio")
VERBS: Mapping[str, Callable[..., Any]] = {
    "make": api.make,
    "draft_make": api.draft_make,
    "draft_new": api.draft_new,
    "draft_put": api.draft_put,
    "glimpse": api.glimpse,
    "glimpse_keep": api.glimpse_keep,
    "marks": api.marks,
    "sliders": api.sliders,
}


def answer(verb: Callable[..., Any], ws: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of one verb, or its error."""
    try:
        return {"answer": api.to_json(verb(ws, **given))}
    except EtudeError as error:
        return {"error": error.message, "hint": error.hint}
    except Exception as error:  # noqa: BLE001  (the edge: it must go on with the next request)
        _LOG.exception("companion")
        return {"error": f"Etude failed: {type(error).__name__}.", "hint": "The terminal says where."}


def main(given: list[str]) -> int:
    """Answer until the input ends, or nothing was asked for a while."""
    ws = api.open_project(given[0])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to the terminal, never between two answers
    rest = b""
    while True:
        while b"\n" not in rest:
            ready, _, _ = select.select([0], [], [], STUDIO.companion_idle_s)
            part = os.read(0, 1 << 16) if ready else b""
            if not part:
                return 0
            rest += part
        line, _, rest = rest.partition(b"\n")
        asked = json.loads(line)
        said = answer(VERBS[asked["verb"]], ws, asked["given"])
        out.write(json.dumps(said).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    sys.exit(main(sys.argv[1:]))
