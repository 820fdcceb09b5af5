"""What a trace opens is kept, and rebuilt where it is missing, stale or damaged; the copy guard of a project
takes held-out works too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import etude
from etude import api
from etude.api.handle import Studio
from etude.media import MEDIA, sequence
from etude.trace.verbatim import build_index, search
from etude.workspace.opening import workspace
from tests.api.test_handle import verse


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    folder = tmp_path_factory.mktemp("opened")
    for seed in range(6):
        (folder / f"verse-{seed}.txt").write_text(verse(seed), encoding="utf-8")
    studio = etude.open(folder / "studio", create=True)
    studio.add(sorted(folder.glob("*.txt")), collection="verse", maker="Me", licence="own", consent="yes")
    studio.learn("first", collection="verse", budget="10steps", size="xs", critic=False)
    return studio


def forget(studio: Studio) -> None:
    """As a new process begins."""
    studio.workspace = workspace(studio.project)


def test_the_first_trace_says_how_far_it_is(studio: Studio, tmp_path: Path) -> None:
    forget(studio)
    (tmp_path / "new.txt").write_text(verse(77), encoding="utf-8")
    told: list[tuple[int, int, str]] = []
    for cache in (studio.project.root / ".etude" / "trace").glob("*"):
        cache.unlink()
    studio.trace(tmp_path / "new.txt", on_progress=lambda *now: told.append(now))
    assert told and all(0 <= done < total and what for done, total, what in told)
    told.clear()
    studio.trace(tmp_path / "new.txt", on_progress=lambda *now: told.append(now))
    assert not told  # everything is open now


def traced(studio: Studio, path: Path) -> str:
    found = api.to_json(studio.trace(path))
    return json.dumps({k: v for k, v in found.items() if k not in ("id", "title")}, sort_keys=True)


def test_what_was_kept_is_used_and_what_is_damaged_or_gone_is_made_again(
    studio: Studio, tmp_path: Path
) -> None:
    path = tmp_path / "piece.txt"
    path.write_text(verse(2)[300:900] + "Something else that nobody wrote.\n", encoding="utf-8")
    first = traced(studio, path)
    cache = studio.project.root / ".etude"
    files = sorted([*(cache / "trace").iterdir(), *(cache / "memory").iterdir()])
    assert any(f.name.endswith(".places.safetensors") for f in files) and any(
        f.name.startswith("ordinary") for f in files
    )
    stamps = [f.stat().st_mtime_ns for f in files]
    forget(studio)
    assert traced(studio, path) == first
    assert [f.stat().st_mtime_ns for f in files] == stamps  # nothing was built twice
    for spoil in (
        Path.unlink,
        lambda f: f.write_bytes(b"not arrays"),
        lambda f: f.write_bytes(f.read_bytes()[:-9]),
    ):
        for file in files:
            spoil(file)
        forget(studio)
        assert traced(studio, path) == first
    (places,) = [f for f in files if f.name.endswith(".places.safetensors")]
    stale = places.read_bytes().replace(etude.__version__.encode(), b"x" * len(etude.__version__))
    places.write_bytes(stale)
    forget(studio)
    assert traced(studio, path) == first and places.read_bytes() != stale


def test_a_take_of_a_project_has_no_span_of_a_held_out_work(studio: Studio) -> None:
    model = studio.project.model("first")
    ids = set(studio.project.collection("verse").works())
    held_out = {work for work, _, _, role in model.header["parts"] if role == "held-out"}
    assert held_out <= ids == set(model.header["shelf"])
    works = {work: studio.workspace.contents(work) for work in ids}
    made = studio.make("first", n=4, length=300, no_copy=6, temperature=0.5, borrow=1.0)
    for take in made.takes:
        text = MEDIA["text"].load(studio.project.take(take.id).data or b"")
        assert (
            search(
                build_index("text", works.items()), sequence("text"), text, works.__getitem__, minimum=3
            ).longest
            < 6
        )
    assert studio.remake(made.takes[0].id).verdict == "bit-equal"
