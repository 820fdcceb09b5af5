"""`curate` as a person runs it: what is found, what --apply changes, and that works stay."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import etude
from etude.api import to_json
from etude.api.handle import Studio
from etude.cli.main import cli
from etude.errors import ProjectError

POEM = "The {0} went over the hill at dawn\nand nobody saw the {0} in the rain,\n"
POEM += "but the {1} of the valley was there again.\n"
WORDS = ("river", "lantern", "horse", "window", "orchard", "candle", "miller", "sparrow", "harbour", "winter")


def poem(i: int) -> str:
    g = np.random.default_rng(i)
    return "\n".join(POEM.format(*(f"{g.choice(WORDS)}{i}{j}" for _ in range(2))) for j in range(8))


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    texts = tmp_path / "texts"
    texts.mkdir()
    for i in range(12):
        (texts / f"poem {i}.txt").write_text(poem(i))
    (texts / "poem 3 again.txt").write_text(poem(3).replace("nobody", "no one", 1))
    held = etude.open(tmp_path / "studio", create=True)
    rows = [
        {
            "file": path.name,
            "maker": "Ada" if "1" in path.stem else "Ben",
            "licence": "own",
            "consent": "yes",
            "tone": "x" if i % 2 else "y",
        }
        for i, path in enumerate(sorted(texts.iterdir()))
    ]
    table = texts / "about.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)))
    held.add([], metadata=table, collection="verse")
    return held


def files(studio: Studio) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((studio.root / "works").iterdir())} | {
        "works.jsonl": (studio.root / "works.jsonl").read_bytes()
    }


def test_apply_changes_weights_and_never_works_and_undo_takes_it_back(studio: Studio) -> None:
    works, before = files(studio), studio.project.collection("verse")
    found = studio.curate("verse", balance="maker", targets=["maker=parity"])
    assert studio.project.collection("verse") == before, "nothing is changed without being told"
    (twins,) = found.twins
    assert {m.title for m in twins.members} == {"poem 3", "poem 3 again"} and not twins.exact
    assert [p.kind for p in found.proposals] == ["twins", "balance"]
    done = studio.curate("verse", balance="maker", apply=True)
    assert done.done and files(studio) == works
    after = studio.project.collection("verse")
    assert after.parts == before.parts and after.works() == before.works()
    weights = {e.work_id: e.weight for e in after.entries}
    by_title = {w.title: weights[w.id] for w in studio.project.works()}
    assert by_title["poem 3"] == pytest.approx(by_title["poem 2"] / 2, rel=1e-3)
    assert by_title["poem 1"] > by_title["poem 2"]  # Ada has fewer
    studio.curate_undo("verse")
    assert studio.project.collection("verse") == before
    with pytest.raises(ProjectError, match="Nothing of curate is applied"):
        studio.curate_undo("verse")


def test_undo_keeps_works_that_came_since(studio: Studio, tmp_path: Path) -> None:
    before = studio.project.collection("verse")
    studio.curate("verse", balance="maker", apply=True)
    (tmp_path / "new.txt").write_text(poem(99))
    studio.add([tmp_path / "new.txt"], collection="verse", licence="own", consent="yes")
    studio.curate_undo("verse")
    after = studio.project.collection("verse")
    assert (
        after.entries[: len(before.entries)] == before.entries
        and len(after.entries) == len(before.entries) + 1
    )
    assert {p.work_id for p in after.parts} == set(after.works())


def test_twins_on_both_sides_of_the_split_are_put_together(studio: Studio) -> None:
    from dataclasses import replace

    home = studio.project.collection("verse")
    twin = next(w.id for w in studio.project.works() if w.title == "poem 3 again")
    parts = tuple(replace(p, role="held-out" if p.work_id == twin else p.role) for p in home.parts)
    first = next(w.id for w in studio.project.works() if w.title == "poem 3")
    parts = tuple(replace(p, role="train" if p.work_id == first else p.role) for p in parts)
    studio.project.save_collection(replace(home, parts=parts))
    assert any(p.role == "held-out" and p.work_id != twin for p in parts), "the test needs another"
    found = studio.curate("verse", apply=True)
    assert found.twins[0].across and "split" in [p.kind for p in found.proposals]
    now = {p.work_id: p.role for p in studio.project.collection("verse").parts}
    assert now[twin] == now[first] == "train"
    assert not studio.curate("verse").twins[0].across


def test_what_a_file_reserves_and_what_contradicts_it_is_shown(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "closed.md").write_text("---\ncontent-usage: train-ai=n\n---\n" + poem(50))
    (tmp_path / "no.txt").write_text(poem(51))
    studio.add([tmp_path / "closed.md"], collection="verse", licence="own", consent="yes")
    studio.add([tmp_path / "no.txt"], collection="verse")
    found = studio.curate("verse")
    (reserved,) = found.reserved
    assert (reserved.holds, reserved.statements[0].where) == ("not allowed", "its front matter")
    assert any("you wrote consent yes" in line for line in found.contradictions)
    assert [r.title for r in found.refused] == ["no"]
    assert {"consent", "reserved"} <= {p.kind for p in found.proposals}
    assert all(p.command for p in found.proposals if p.kind in ("consent", "reserved"))


def test_the_page_stands_alone_and_shows_pictures(tmp_path: Path) -> None:
    studio = etude.open(tmp_path / "studio", create=True)
    folder = tmp_path / "pictures"
    folder.mkdir()
    g = np.random.default_rng(0)
    for i in range(9):
        pixels = np.kron(g.integers(0, 255, (4, 4, 3)), np.ones((12, 12, 1))).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"p{i}.png")
        if i == 0:
            Image.fromarray(pixels[:, ::-1]).resize((40, 40)).save(folder / "mirrored.png")
    studio.add([folder], collection="shown", maker="A & <script>", licence="own", consent="yes")
    found = studio.curate("shown", html=tmp_path / "page.html")
    assert [len(group.members) for group in found.twins] == [2]
    page = (tmp_path / "page.html").read_text()
    assert page.count("data:image/png;base64,") >= 4 and "<svg" in page
    assert "A & <script>" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "") and "https://" not in page


def test_answers_are_json_and_bad_input_is_one_sentence(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["-C", str(studio.root)]

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([*folder, *words])
        out = capsys.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    code, out, _ = run("curate", "verse", "--target", "maker=parity", "--json")
    told = json.loads(out)
    assert code == 0 and told["schema"] == "etude.curate/1" and told["works"] == 13
    assert told == to_json(studio.curate("verse", targets=["maker=parity"]))
    for words, sentence in (
        (("nowhere",), "There is no collection"),
        (("verse", "--target", "skin=dark"), "is no target"),
        (("verse", "--balance", "skin"), "No work says anything of 'skin'"),
        (("verse", "--where", "tone=z"), "has tone = z"),
        (("verse", "--where", "tone=x", "--apply"), "Leave out --where"),
        (("verse", "--undo"), "Nothing of curate is applied"),
        (("verse", "--undo", "--apply"), "takes no other option"),
    ):
        code, _, err = run("curate", *words)
        assert code == 2 and sentence in err, (words, err)
    code, out, _ = run("curate", "verse", "--balance", "cluster")
    assert code == 0 and "Near-duplicates" in out and "effective sample size" in out


def test_only_takes_one_proposal_and_leaves_the_others(studio: Studio) -> None:
    before = studio.project.collection("verse")
    found = studio.curate("verse", balance="maker", targets=["maker=parity"])
    assert {one.kind for one in found.proposals if one.apply} >= {"twins", "balance"}
    twins = studio.curate("verse", balance="maker", apply=True, only=["twins"])
    now = studio.project.collection("verse")
    changed = [a.work_id for a, b in zip(now.entries, before.entries, strict=True) if a.weight != b.weight]
    assert twins.done and len(changed) == 2 and now.parts == before.parts, "the two that are nearly the same"
    studio.curate_undo("verse")
    assert studio.project.collection("verse") == before
    with pytest.raises(ProjectError, match="no kind of proposal"):
        studio.curate("verse", apply=True, only=["everything"])
    assert {work for work, *_ in found.places} == {work.id for work in studio.works().works}
    assert all(0 <= x <= 1 and 0 <= y <= 1 for _, x, y, _ in found.places)
