"""A withdrawn work is nowhere in the project any more, what learned from it says so, and nothing else is
touched."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays

import etude
from etude.api.handle import Studio
from etude.cli.main import cli
from etude.errors import ConsentError, CredentialError, ProjectError, WorkError
from etude.families.sequence import gate
from etude.store import lock
from etude.workspace import withdrawing

WINDOW = 36  # characters in a row that nothing but the work holds
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ne",
    "ru",
    "sta",
    "vel",
    "dor",
    "pin",
    "hul",
    "gra",
    "bes",
    "tor",
    "wy",
    "zan",
)


def text(i: int) -> str:
    """Twenty-six lines of words that no other text has."""
    g = np.random.default_rng(100 + i)
    words = ["".join(g.choice(SYLLABLES, 3)) for _ in range(60)]
    return "\n".join(" ".join(g.choice(words, 7)) + "." for _ in range(26))


@pytest.fixture(scope="module", autouse=True)
def _short_gates() -> Iterator[None]:
    """What the gate is like matters to no test here, and fitting it would take most of their time."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("STEPS", "LEVELS_FEW", "PATIENCE_FEW", "EVALUATE_FEW"):
            patched.setattr(gate, name, 4)
        patched.setattr(gate, "FOLDS", 2)
        yield


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a model, takes that go on from a work and a file, a piece, a trace, and things in every
    cache."""
    root = tmp_path_factory.mktemp("withdraw")
    folder = root / "texts"
    folder.mkdir()
    for i in range(8):
        (folder / f"text {i}.txt").write_text(text(i))
    studio = etude.open(root / "studio", create=True)
    table = folder / "about.jsonl"
    rows = [
        {
            "file": f"text {i}.txt",
            "maker": "Ada" if i == 0 else f"Ben {i % 2}",
            "licence": "own",
            "consent": "yes",
        }
        for i in range(8)
    ]
    table.write_text("\n".join(map(json.dumps, rows)))
    studio.add([], metadata=table, collection="verse")
    home = studio.project.collection("verse")
    gone = work(studio, "text 0")
    if not any(p.role == "train" and p.work_id == gone for p in home.parts):
        raise AssertionError("the test withdraws a work that is trained on")
    model = studio.learn("mine", collection="verse", budget="12steps", size="xs", critic=False)
    begun = studio.make(model.id, n=1, length=30, source=gone)
    quoted = root / "quoted.txt"
    quoted.write_text(text(0)[:700])
    studio.make(model.id, n=1, length=30, source=quoted)
    other = studio.make(model.id, n=1, length=60, source=work(studio, "text 1"))
    studio.accept(other.takes[0].id, title="Mine")
    studio.trace(begun.takes[0].id)
    studio.search("text")
    studio.curate("verse")
    studio.remove([work(studio, "text 7")])  # something else lies in the trash
    return root


def work(studio: Studio, title: str) -> str:
    return next(w.id for w in studio.project.works() if w.title == title)


@pytest.fixture
def studio(learned: Path, tmp_path: Path) -> Studio:
    import shutil

    shutil.copytree(learned / "studio", tmp_path / "studio")
    return etude.open(tmp_path / "studio")


def everything(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the project, and what lies packed in it: arrays, also as tokens back in text, tables,
    members of archives."""
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield str(path.relative_to(root)), data
        if path.suffix == ".safetensors":
            for name, array in load_arrays(data).items():
                if "token" in name or "hist" in name or array.dtype.kind in "iu":
                    # tokens of a codec of bytes, or symbols: as bytes where they fit
                    yield f"{path.name}:{name}", array.reshape(-1).astype(np.uint8).tobytes()
        elif path.suffix in (".npz", ".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for one in archive.namelist():
                    yield f"{path.name}:{one}", archive.read(one)
        elif path.suffix == ".db":
            with sqlite3.connect(path) as table:
                yield f"{path.name}:dump", "\n".join(table.iterdump()).encode()


def found(root: Path, of: str) -> set[str]:
    """The files that hold a run of the text."""
    data = of.encode()
    runs = {data[i : i + WINDOW] for i in range(0, len(data) - WINDOW, 5)}
    runs |= {run.replace(b"\n", b"\\n") for run in runs}
    return {name for name, body in everything(root) if any(run in body for run in runs)}


def of_memory(studio: Studio, model: str, work_id: str) -> bool:
    """Whether a model's memory, decoded by its codec, holds the work."""
    header, _ = studio.project.load_model(model)
    return any(row[0] == work_id for row in header["segments"]) or work_id in header.get("known", {})


def test_no_byte_of_it_is_left_but_the_hash_in_the_log(studio: Studio) -> None:
    gone, stays = work(studio, "text 0"), work(studio, "text 1")
    sha256 = studio.project.work(gone).sha256
    before = found(studio.root, text(0))
    assert {n.split("/")[0] for n in before} >= {"works", "log", ".etude"}, before
    model = studio.models().models[0].id
    assert of_memory(studio, model, gone)
    done = studio.withdraw([gone], test=False)
    assert found(studio.root, text(0)) == set()
    assert found(studio.root, text(1)), "the others are where they were"
    assert not of_memory(studio, model, gone) and of_memory(studio, model, stays)
    assert any(
        sha256 in line for line in (studio.root / "log").glob("*.jsonl").__next__().read_text().splitlines()
    )
    titles = [name for name, body in everything(studio.root) if b'"text 0"' in body]
    assert titles == [], "its title is said nowhere"
    assert done.works[0].only and done.works[0].sha256 == sha256 and len(done.takes) >= 1 and done.lines >= 1
    assert gone not in studio.project.collection("verse").works()
    assert studio.repair().whole
    assert found(studio.root, text(0)) == set()


def test_what_learned_from_it_says_so_everywhere(studio: Studio) -> None:
    gone, model = work(studio, "text 0"), studio.models().models[0]
    assert model.concern.startswith("Of the works it learned from, 1 of ")  # text 7 was removed
    assert "removed from the project" in model.concern
    piece = studio.pieces().pieces[0].id
    done = studio.withdraw([gone])
    (learner,) = done.models
    assert learner.id == model.id and learner.memory and "Learning it took" in learner.cost
    assert learner.before is not None and learner.after is not None and learner.before.passages >= 1
    assert [one.piece for one in done.pieces] == [piece] and done.pieces[0].share is not None
    assert "withdrawn" in studio.models().models[0].concern
    assert "withdrawn" in studio.model(model.id).model.concern
    made = studio.make(model.id, n=1, length=20)
    assert any("withdrawn" in note for note in made.notes)
    assert "withdrawn" in studio.trace(made.takes[0].id).summary
    shown = studio.preview_sign(piece)
    assert "withdrawn since" in json.dumps(shown.manifest) and model.id in json.dumps(shown.manifest)


def test_consent_that_changes_marks_and_comes_back(studio: Studio) -> None:
    studio.works_restore(["text 7"])
    assert studio.models().models[0].concern == ""
    one = work(studio, "text 1")
    studio.edit_works([one], consent="no")
    assert "no longer allowed (its maker did not consent)" in studio.models().models[0].concern
    assert any("no longer allowed" in n for n in studio.make("mine", n=1, length=10).notes)
    studio.edit_works([one], consent="yes", licence="CC-BY-ND-4.0")
    assert "forbids adapted versions" in studio.models().models[0].concern
    studio.edit_works([one], licence="own")
    assert studio.models().models[0].concern == ""


def test_learning_again_is_without_it_and_is_compared(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb: Any = sys.modules["etude.api.learn"]
    real, budgets = verb.learn, []

    def short(*args: Any, **said: Any) -> Any:
        budgets.append(said.pop("budget"))
        return real(*args, **said, budget="12steps", critic=False)

    monkeypatch.setattr(verb, "learn", short)
    gone, old = work(studio, "text 0"), studio.models().models[0].id
    done = studio.withdraw([gone], relearn=True)
    (learner,) = done.models
    took = studio.project.load_model(old)[0]["ledger"]["wall_s"]
    assert budgets == [f"{max(20, round(took))}s"] and learner.relearned and learner.relearned != old
    assert learner.again is not None and learner.compared
    new = studio.project.model("mine")
    assert new.id == learner.relearned, "the name stands for the new one"
    assert gone not in json.dumps(new.header)
    concerns = {row.id: row.concern for row in studio.models().models}
    assert concerns[new.id] == "" and "withdrawn" in concerns[old]


def test_models_can_be_deleted_for_good(studio: Studio) -> None:
    model = studio.models().models[0].id
    done = studio.withdraw([work(studio, "text 0")], delete_models=True, test=False)
    assert done.models[0].deleted and studio.models().models == ()
    assert not list(studio.root.rglob("weights.safetensors"))
    assert model not in [item.what for item in studio.trash().items]


def test_a_dry_run_changes_nothing(studio: Studio) -> None:
    def state() -> dict[str, bytes]:
        return {
            str(p): p.read_bytes()
            for p in sorted(studio.root.rglob("*"))
            if p.is_file() and ".etude" not in p.parts
        }

    before = state()
    told = studio.withdraw(maker="ada", dry_run=True, test=False)
    assert told.dry_run and [w.title for w in told.works] == ["text 0"] and told.models
    assert state() == before


def test_a_second_withdrawal_and_names_that_fit_nothing(studio: Studio) -> None:
    gone = work(studio, "text 0")
    found = withdrawing.look(
        studio.workspace, withdrawing.chosen(studio.project, [gone], None), "", lambda *_: None, test=False
    )
    studio.withdraw([gone], test=False)
    with pytest.raises(WorkError, match="was withdrawn already"):
        studio.withdraw([gone])
    with pytest.raises(
        WorkError, match="is not in the project any more"
    ):  # two at once: the other came first
        withdrawing.withdraw(studio.workspace, found, "", delete_models=False)
    with pytest.raises(WorkError, match="No work is by 'Ada'"):
        studio.withdraw(maker="Ada")
    with pytest.raises(WorkError, match="There is no work 'nowhere'"):
        studio.withdraw(["nowhere"])
    with pytest.raises(WorkError, match="No work is named"):
        studio.withdraw()
    with pytest.raises(WorkError):
        studio.works_restore(["text 0"])


def test_a_crash_before_the_caches_are_gone_is_made_good(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etude.store import purge

    def died(*_: object) -> object:
        raise KeyboardInterrupt

    gone = work(studio, "text 0")
    with monkeypatch.context() as patched:
        patched.setattr(purge, "caches", died)
        with pytest.raises(KeyboardInterrupt):
            studio.withdraw([gone], test=False)
    assert withdrawing.unfinished(studio.project) == {gone}
    again = etude.open(studio.root)
    again.repair()
    assert withdrawing.unfinished(again.project) == set()
    assert not [n for n in found(again.root, text(0)) if not n.startswith((".etude/takes", "takes"))]


def test_an_error_in_the_act_leaves_everything(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from etude.store import purge

    def full(*_: object) -> object:
        raise ProjectError("The disk is full.", "")

    gone, model = work(studio, "text 0"), studio.models().models[0]
    monkeypatch.setattr(purge, "lines", full)
    with pytest.raises(ProjectError, match="disk is full"):
        studio.withdraw([gone], test=False)
    assert studio.project.work(gone).id == gone and gone in studio.project.collection("verse").works()
    assert of_memory(studio, model.id, gone) and studio.project.load_model(model.id)


def test_a_run_that_trains_on_it_keeps_nothing(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from etude.families.sequence.family import SequenceFamily

    gone, real, asked = work(studio, "text 0"), SequenceFamily.learn, []

    def learn(self: SequenceFamily, course: Any, progress: Any, stop: Callable[[], bool]) -> Any:
        def stopped() -> bool:
            asked.append(stop())
            if len(asked) == 2:  # in the middle: the works are read
                etude.open(studio.root).withdraw([gone], test=False)
            return stop()

        return real(self, course, progress, stopped)

    monkeypatch.setattr(SequenceFamily, "learn", learn)
    before = {row.id for row in studio.models().models}
    with pytest.raises(ConsentError, match="withdrawn while it was trained on"):
        studio.learn("second", collection="verse", budget="12steps", size="xs", critic=False)
    assert asked == [False, False], "it stops at once"
    assert {row.id for row in studio.models().models} == before
    assert found(studio.root, text(0)) == set()


def test_a_run_that_is_alive_keeps_its_folder(studio: Studio) -> None:
    folder = studio.project.run_dir("learn-other-1")
    (folder / "state.safetensors").write_bytes(b"x")
    with lock.hold(folder / "lock", wait_s=0.0):
        # the same process would be let in again: another one holds it in life
        import threading

        done: list[int] = []
        other = threading.Thread(
            target=lambda: done.append(
                etude.open(studio.root).withdraw([work(studio, "text 0")], test=False).alive
            )
        )
        other.start()
        other.join()
    assert done == [1] and (folder / "state.safetensors").exists()


def test_the_receipt_is_signed_and_tells_when_it_was_changed(studio: Studio, tmp_path: Path) -> None:
    from etude import credentials

    fingerprint = credentials.open_keyring(name="Ada Example").signer
    assert fingerprint is not None
    path = tmp_path / "receipt.json"
    done = studio.withdraw([work(studio, "text 0")], receipt=path, reason="she asked", test=False)
    assert done.fingerprint == fingerprint.fingerprint == studio.check_receipt(path)
    said = json.loads(path.read_text())["said"]
    assert said["reason"] == "she asked" and said["works"][0]["title"] == "text 0" and said["models"]
    assert text(0)[:WINDOW] not in path.read_text()
    path.write_text(path.read_text().replace("she asked", "we wished"))
    with pytest.raises(CredentialError, match="changed after it was signed"):
        studio.check_receipt(path)
    path.write_text("{}")
    with pytest.raises(CredentialError, match="no signed receipt"):
        studio.check_receipt(path)


def test_the_command_shows_first_and_asks(
    studio: Studio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(SystemExit) as ended:
            cli.main(["-C", str(studio.root), "withdraw", *words])
        out = capsys.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    gone = work(studio, "text 0")
    code, out, _ = run(gone, "--dry-run", "--no-test")
    assert code == 0 and "the only work by Ada" in out and "holds them word for word" in out
    code, _, err = run(gone, "--no-test")
    assert code == 2 and "Nothing was withdrawn" in err and studio.project.work(gone).id == gone
    code, _, err = run(gone, "--relearn", "--delete-models")
    assert code == 2 and "exclude each other" in err
    code, out, _ = run("--maker", "ADA", "--yes", "--no-test", "--json")
    told = json.loads(out)
    assert code == 0 and told["schema"] == "etude.withdrawal/1" and told["works"][0]["id"] == gone
