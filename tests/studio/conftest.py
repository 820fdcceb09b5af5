"""A project with works, a model and takes that nothing had to be learned for, and its studio in this
process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from etude import api
from etude.studio.app import build
from etude.studio.here import Here
from etude.workspace.core import Workspace
from tests.studio.asgi import Client

HOSTILE = '<img src=x onerror="document.title=1">'


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A project with three texts, one of them with a title that is an attack."""
    made = tmp_path / "works"
    made.mkdir()
    for name, text in (("tide", "The tide came in.\n" * 30), ("moor", "The moor lay still.\n" * 30)):
        (made / f"{name}.md").write_text(text)
    (made / "third.md").write_text("# third\n\nA third, of another kind.\n" * 9)
    api.init(tmp_path / "studio")
    opened = api.open_project(tmp_path / "studio")
    api.add(opened, [made], collection="verse", maker="Me", licence="own", consent="yes")
    api.edit_works(opened, ["third"], title=HOSTILE, maker="</script><script>alert(1)</script>")
    return opened


@pytest.fixture
def here(ws: Workspace) -> Here:
    return Here(ws, 8737)


@pytest.fixture
def client(here: Here) -> Iterator[Client]:
    """Requests as our own pages make them, with the cookie."""
    with Client(build(here), here.door) as made:
        yield made
