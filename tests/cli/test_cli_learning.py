"""From works to a signed piece with a real, small model, from the command line. The model is learned once for
all tests here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from etude.cli.main import cli
from tests.cli.cli_help import data, poem

TINY = ("--size", "xs", "--budget", "16steps", "--no-critic")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a collection of two makers and a model of it."""
    root = tmp_path_factory.mktemp("learned") / "studio"
    works = root.parent / "works"
    works.mkdir()
    call = caller(root)
    CliRunner().invoke(cli, ["init", str(root)])
    for number, maker in enumerate(["Ada Example", "Bo Example"]):
        for i in range(6):
            (works / f"{number}-{i}.txt").write_text(poem(100 * number + i, 60), encoding="utf-8")
        files = sorted(works.glob(f"{number}-*.txt"))
        call("add", *files, "--collection", "verse", "--maker", maker, "--licence", "own", "--consent", "yes")
    call("learn", "verse", "--from", "verse", *TINY)
    return root


def caller(root: Path) -> Callable[..., Result]:
    def call(*words: Any, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(root), *map(str, words)])
        assert result.exit_code == code, f"{words} -> {result.exit_code}\n{result.output}"
        return result

    return call


@pytest.fixture
def etude(studio: Path, tmp_path: Path) -> Callable[..., Result]:
    """A copy of the project, so that no test sees what another did."""
    root = tmp_path / "studio"
    shutil.copytree(studio, root)
    call = caller(root)
    call.root = root  # type: ignore[attr-defined]
    return call


def test_the_model_and_its_card(etude: Any) -> None:
    models = data(etude("models", "--json"))["models"]
    assert len(models) == 1
    assert models[0]["name"] == "verse"
    assert models[0]["held_out"] > 0
    shown = data(etude("models", "info", "verse", "--json"))
    assert shown["conditions"] == {"maker": ["Ada Example", "Bo Example"]}
    assert "held-out" in shown["card"]
    assert "asked for by maker: Ada Example, Bo Example" in shown["card"]


def test_a_dry_run_learns_nothing(etude: Any) -> None:
    planned = data(
        etude("learn", "other", "--from", "verse", "--size", "xs", "--budget", "10m", "--dry-run", "--json")
    )
    assert planned["size"] == "xs"
    assert planned["memory_mb"] > 0
    assert len(data(etude("models", "--json"))["models"]) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--budget", "1s"), "too short"),
        (("--budget", "soon"), "is not a budget"),
        (("--budget", "99999h"), "at most 60 days"),
        (("--budget", "99999kWh", "--dry-run"), "at most 1,000 kWh"),
        (("--budget", "0.20EUR"), "tariff"),
        (("--budget", "10m", "--size", "huge"), "no size"),
        (("--budget", "10m", "--held-out", "nothing"), "no work"),
    ],
)
def test_what_learn_refuses(etude: Any, words: tuple[str, ...], says: str) -> None:
    assert says in etude("learn", "other", "--from", "verse", *words, code=2).stderr


@pytest.mark.parametrize("name", ["a/b", "", ".x"])
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_names_that_no_model_can_have(etude: Any, name: str, more: tuple[str, ...]) -> None:
    assert (
        "cannot be the name of a model"
        in etude("learn", name, "--from", "verse", "--budget", "10m", *more, code=2).stderr
    )


def test_learn_refuses_works_without_consent_and_says_how_to_mend_it(etude: Any) -> None:
    work = data(etude("works", "--json"))["works"][0]
    etude("works", "edit", work["id"], "--consent", "no")
    error = etude("learn", "other", "--from", "verse", *TINY, code=2).stderr
    assert work["title"] in error
    assert "etude " in error


def test_one_tiny_work_is_too_little_and_says_how_much_is_needed(etude: Any, tmp_path: Path) -> None:
    tiny = tmp_path / "tiny.txt"
    tiny.write_text("One line is all there is.\n", encoding="utf-8")
    etude("add", tiny, "--collection", "tiny", "--licence", "own", "--consent", "yes")
    assert "2,000" in etude("learn", "tiny", "--from", "tiny", *TINY, code=2).stderr


def test_named_works_are_kept_out_of_everything(etude: Any) -> None:
    work = data(etude("works", "--json"))["works"][0]["id"]
    done = data(etude("learn", "without", "--from", "verse", *TINY, "--held-out", work, "--json"))
    header = json.loads((Path(done["path"]) / "model.json").read_text())["header"]
    assert all(part[3] == "held-out" for part in header["parts"] if part[0] == work)
    assert {part[0] for part in header["parts"] if part[3] == "held-out"} <= {work}
    assert work not in header["works"]["train"] + header["works"]["critic"]


def test_takes_do_not_depend_on_their_company(etude: Any) -> None:
    many = data(etude("make", "verse", "-n", "3", "--seed", "7", "--length", "120", "--json"))["takes"]
    one = data(etude("make", "verse", "-n", "1", "--seed", "7", "--length", "120", "--json"))["takes"][0]
    assert one["id"] == many[0]["id"]
    assert len({take["id"] for take in many}) == 3
    assert data(etude("remake", many[2]["id"], "--json"))["verdict"] == "bit-equal"


def test_asking_twice_gives_other_takes(etude: Any) -> None:
    first = data(etude("make", "verse", "-n", "1", "--length", "80", "--json"))
    second = data(etude("make", "verse", "-n", "1", "--length", "80", "--json"))
    assert second["seed"] == first["seed"] + 1
    assert second["takes"][0]["text"] != first["takes"][0]["text"]


def test_going_on_from_a_file_and_filling_a_gap(etude: Any, tmp_path: Path) -> None:
    begun = tmp_path / "begun.txt"
    begun.write_text("The river rose under the moon and the", encoding="utf-8")
    take = data(
        etude("make", "verse", "-n", "1", "--from", begun, "--length", "200", "--seed", "3", "--json")
    )["takes"][0]
    assert take["text"].startswith("The river rose under the moon and the")
    text = poem(900, 12)
    gap = tmp_path / "gap.txt"
    gap.write_text(text, encoding="utf-8")
    take = data(
        etude("make", "verse", "-n", "1", "--from", gap, "--fill", "100:140", "--seed", "3", "--json")
    )["takes"][0]
    assert take["text"][:100] == text[:100]
    assert take["text"].strip().endswith(text.strip()[-60:])
    begun.unlink()
    gap.unlink()
    assert data(etude("remake", take["id"], "--json"))["verdict"] == "bit-equal"


def test_a_beginning_longer_than_the_context(etude: Any, tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    long.write_text("".join(poem(s, 200) for s in range(300, 306)), encoding="utf-8")
    take = data(etude("make", "verse", "-n", "1", "--from", long, "--adapt", "--seed", "1", "--json"))[
        "takes"
    ][0]
    assert len(take["text"]) >= len(long.read_text())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--like", "maker=Nobody"), "it knows: Ada Example, Bo Example"),
        (("--like", "mood=blue"), "No training work of this model has an attribute 'mood'"),
        (("--fill", "3:9"), "--fill needs --from"),
        (("--bars", "1:2"), "--bars means nothing for text"),
        (("--fill", "here"), "--fill needs --from"),
        (("--from", "nothing.txt"), "is not a file, nor a take"),
        (("--borrow", "2"), "2"),
    ],
)
def test_what_make_refuses(etude: Any, words: tuple[str, ...], says: str) -> None:
    assert says in etude("make", "verse", "-n", "1", *words, code=2).stderr


def test_like_takes_a_maker_in_any_capitals(etude: Any) -> None:
    take = data(etude("make", "verse", "-n", "1", "--like", "maker=ada example", "--length", "60", "--json"))[
        "takes"
    ][0]
    assert take["controls"]["like"] == {"maker": "Ada Example"}


def test_no_run_of_words_is_copied(etude: Any) -> None:
    made = data(
        etude(
            "make",
            "verse",
            "-n",
            "3",
            "--no-copy",
            "4",
            "--borrow",
            "0.9",
            "--length",
            "300",
            "--seed",
            "2",
            "--json",
        )
    )
    for take in made["takes"]:
        found = data(etude("trace", take["id"], "--json"))
        assert found["verbatim"]["longest"] < 4


def test_takes_can_be_written_as_files(etude: Any, tmp_path: Path) -> None:
    etude("make", "verse", "-n", "2", "--length", "60", "--out", tmp_path / "out")
    assert len(list((tmp_path / "out").glob("t-*.md"))) == 2


def test_branching_goes_on_from_a_place(etude: Any) -> None:
    take = data(etude("make", "verse", "-n", "1", "--length", "200", "--json"))["takes"][0]
    made = data(etude("take", "branch", take["id"], "--at", "50", "-n", "2", "--json"))["takes"]
    assert {new["text"][:50] for new in made} == {take["text"][:50]}
    assert all(new["parents"] == [take["id"]] for new in made)
    others = data(etude("take", "branch", take["id"], "-n", "1", "--temperature", "1.2", "--json"))["takes"]
    assert others[0]["controls"]["temperature"] == 1.2
    assert "cannot be continued from" in etude("take", "branch", take["id"], "--at", "99999", code=2).stderr
    etude("take", "undo", take["id"])
    states = {one["id"]: one["status"] for one in data(etude("take", "ls", "--all", "--json"))["takes"]}
    assert states[others[0]["id"]] == "undone"


def test_scores_are_of_the_right_size_and_in_the_right_unit(etude: Any, tmp_path: Path) -> None:
    strange, known = tmp_path / "strange.txt", tmp_path / "known.txt"
    strange.write_text(
        "Quarks bind via gluon exchange; QCD vacuum energy dominates hadronic mass.\n" * 8, encoding="utf-8"
    )
    known.write_text(poem(100, 60), encoding="utf-8")
    a = data(etude("score", "verse", strange, "--json", "--plot", tmp_path / "where.svg"))
    b = data(etude("score", "verse", known, "--json", "--plot", tmp_path / "where.png"))
    assert a["figure"] == b["figure"] == "bits per character"
    assert b["frozen"] < a["frozen"]
    assert a["growing"] < a["frozen"]  # it repeats itself, and the memory notices
    assert len(a["curve"]["at"]) == len(a["curve"]["frozen"])
    assert (tmp_path / "where.svg").read_bytes().startswith(b"<svg")
    assert (tmp_path / "where.png").read_bytes().startswith(b"\x89PNG")
    assert (
        "cannot be written" in etude("score", "verse", known, "--plot", tmp_path / "where.txt", code=2).stderr
    )


def test_the_way_from_a_take_to_a_signed_piece(etude: Any, tmp_path: Path) -> None:
    take = data(etude("make", "verse", "-n", "2", "--length", "300", "--json"))["takes"][0]
    assert "provisional" in etude("sign", take["id"], "--yes", code=2).stderr
    piece = data(etude("take", "accept", take["id"], "--json"))
    page = tmp_path / "trace.html"
    found = data(etude("trace", piece["id"], "--json", "--html", page))
    assert found["schema"] == "etude.trace/1"
    assert abs(found["borrowed"]["memory"]) <= 1
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    main = Path(piece["files"][0])
    before = main.read_bytes()
    shown = data(etude("sign", piece["id"], "--preview", "--json"))
    assert "Stays private" in shown["text"]
    signed = data(etude("sign", piece["id"], "--as", "Ada Example", "--yes", "--json"))
    assert main.read_bytes() == before  # a text keeps its bytes: the credential lies beside it
    assert Path(signed["credentials"][0]).exists()
    assert data(etude("verify", main, "--json"))["state"] == "intact"
    assert data(etude("repair", "--json"))["whole"]
    main.write_bytes(before + b"one more word")
    assert data(etude("verify", main, "--json", code=1))["state"] == "altered"
    main.write_bytes(before)
    Path(signed["credentials"][0]).unlink()
    stripped = data(etude("verify", main, "--json", code=1))
    assert stripped["state"] == "stripped"
    # the words themselves still say where they came from, to `detect` and to `verify`
    pasted = tmp_path / "pasted.txt"
    pasted.write_text(main.read_text(encoding="utf-8")[20:], encoding="utf-8")
    found = data(etude("detect", pasted, "--json"))
    assert found["schema"] == "etude.detect/1" and found["looked"] >= 1
    assert found["made_by"] and found["p"] <= 1e-3 and f"mark of model {found['made_by']}" in found["text"]
    assert any(f"mark of model {found['made_by']}" in reason for reason in stripped["reasons"])
    own = tmp_path / "own.txt"
    own.write_text(
        "Nobody drew this: I wrote it down on a train, and the train was late. " * 9, encoding="utf-8"
    )
    none = data(etude("detect", own, "--json", code=1))
    assert not none["made_by"] and none["p"] > 1e-3 and "the mark of none of" in none["text"]
    assert etude("verify", tmp_path / "nothing.md", code=2).stdout == ""


@pytest.mark.parametrize("words", [(), ("--fill", "40:60")])
def test_a_take_from_a_persons_text_is_not_stated_as_the_models_alone(
    etude: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    begun = tmp_path / "begun.md"
    begun.write_text(
        "The kettle hums a tune of its own, and nobody in this house has ever listened to it.\n",
        encoding="utf-8",
    )
    take = data(etude("make", "verse", "-n", "1", "--from", begun, "--length", "60", *words, "--json"))[
        "takes"
    ][0]
    piece = data(etude("take", "accept", take["id"], "--title", "Begun", "--json"))
    shown = etude("sign", piece["id"], "--preview").stdout
    assert "compositeWithTrainedAlgorithmicMedia" in shown
    assert "kettle" not in shown  # what was given stays private but for what it is
    shared = data(etude("sign", piece["id"], "--preview", "--share-changes", "--json"))["manifest"][
        "assertions"
    ]
    given = next(a["data"] for a in shared if a["label"] == "etude.given")
    assert given["what"] == ("text around a gap" if words else "beginning")
    assert (given["by"], given["unit"]) == ("person", "words")
    assert given["kept"] == (14 if words else 18) <= given["total"]
    onward = data(etude("make", "verse", "-n", "1", "--from", take["id"], "--length", "60", "--json"))[
        "takes"
    ][0]
    later = data(etude("take", "accept", onward["id"], "--json"))
    assert "in an earlier take" in etude("sign", later["id"], "--preview").stdout


def test_a_take_from_the_models_own_take_is_the_models(etude: Any) -> None:
    header = json.loads(
        (Path(data(etude("models", "info", "verse", "--json"))["path"]) / "model.json").read_text()
    )["header"]
    trained = set(header["works"]["train"])
    aside = set(header["works"]["critic"]) - trained
    take = data(etude("make", "verse", "-n", "1", "--length", "60", "--json"))["takes"][0]
    onward = data(etude("make", "verse", "-n", "1", "--from", take["id"], "--length", "60", "--json"))[
        "takes"
    ][0]
    piece = data(etude("take", "accept", onward["id"], "--json"))
    shown = etude("sign", piece["id"], "--preview").stdout
    assert "made with a model (IPTC trainedAlgorithmicMedia)" in shown
    assert f"Trained on      {len(trained)} works, licence own, consent yes\n" in shown
    said = f" {len(aside)} works, licence own, consent yes; in the memory, not trained on"
    assert (said in shown) == bool(aside)  # works that were divided are trained on in part
    card = etude("models", "info", "verse").stdout
    assert f"- trained on: {len(trained)} work" in card
    assert f"- in the memory, not trained on: {len(aside)} work" in card


def test_a_model_that_was_cut_short_or_is_newer_is_named(etude: Any) -> None:
    folder = Path(data(etude("models", "info", "verse", "--json"))["path"])
    weights = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(weights[:-100])
    assert "bytes of" in etude("make", "verse", "-n", "1", code=2).stderr
    (folder / "weights.safetensors").write_bytes(weights)
    record = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(record | {"format": 99}))
    error = etude("make", "verse", "-n", "1", code=2).stderr
    assert "format 99" in error
    assert "pip install -U etude" in error


def test_a_model_goes_to_the_trash_and_its_takes_say_so(etude: Any) -> None:
    take = data(etude("make", "verse", "-n", "1", "--length", "60", "--json"))["takes"][0]
    gone = data(etude("models", "rm", "verse", "--json"))
    assert gone["takes"] == 1
    assert "no model" in etude("remake", take["id"], code=2).stderr
    assert "No models in the trash fit 'other'" in etude("models", "restore", "other", code=2).stderr
    assert data(etude("models", "restore", "verse", "--json"))["id"] == gone["id"]
    assert data(etude("remake", take["id"], "--json"))["verdict"] == "bit-equal"
    assert "No models" in etude("models", "restore", "verse", code=2).stderr
    assert f"etude models restore {gone['id']}" in etude("models", "rm", "verse").stderr


def test_takes_are_made_again_when_the_cache_is_lost(etude: Any) -> None:
    take = data(etude("make", "verse", "-n", "1", "--length", "90", "--json"))["takes"][0]
    shutil.rmtree(etude.root / ".etude")
    assert data(etude("repair", "--json"))["whole"]
    assert data(etude("take", "show", take["id"], "--json"))["text"] == take["text"]


def _started(root: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "etude", "-C", str(root), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


def _until_learning(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("learning"):
            return
    raise AssertionError(f"it never began to learn: {process.wait()}")


def test_ctrl_c_leaves_a_usable_model_and_the_same_command_goes_on(etude: Any) -> None:
    words = ("learn", "long", "--from", "verse", "--size", "xs", "--budget", "400steps", "--no-critic")
    process = _started(etude.root, *words, "--json")
    _until_learning(process)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 130, err
    first = json.loads(out)
    assert first["ended"] == "interrupted"
    assert 0 < first["steps"] < 400
    assert data(etude("make", "long", "-n", "1", "--length", "60", "--json"))["takes"]
    assert data(etude(*words, "--dry-run", "--json"))["resumes"]
    again = data(
        etude(
            "learn",
            "long",
            "--from",
            "verse",
            "--size",
            "xs",
            "--budget",
            f"{first['steps'] + 5}steps",
            "--no-critic",
            "--json",
        )
    )
    assert again["steps"] == first["steps"] + 5


def test_kill_9_while_learning_leaves_a_project_that_opens(etude: Any) -> None:
    process = _started(
        etude.root,
        "learn",
        "killed",
        "--from",
        "verse",
        "--size",
        "xs",
        "--budget",
        "400steps",
        "--no-critic",
    )
    _until_learning(process)
    process.kill()
    process.wait()
    assert data(etude("repair", "--json"))["whole"]
    assert [model["name"] for model in data(etude("models", "--json"))["models"]] == ["verse"]
    assert data(etude("learn", "killed", "--from", "verse", *TINY, "--json"))["steps"] == 16


def test_a_full_disk_while_learning_leaves_nothing_half_written(etude: Any) -> None:
    limit = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); "
        "runpy.run_module('etude')"
    )
    words = ("-C", str(etude.root), "learn", "full", "--from", "verse", *TINY)
    done = subprocess.run(
        [sys.executable, "-c", limit, *words], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "Etude failed" not in done.stderr
    assert data(etude("repair", "--json"))["whole"]
    assert [model["name"] for model in data(etude("models", "--json"))["models"]] == ["verse"]


@pytest.mark.parametrize("after_s", [0.2, 1.0, 2.0])
@pytest.mark.parametrize("verb", ["make", "sign"])
def test_kill_9_while_making_and_signing_loses_nothing_that_was_accepted(
    etude: Any, verb: str, after_s: float
) -> None:
    take = data(etude("make", "verse", "-n", "1", "--length", "90", "--json"))["takes"][0]
    piece = data(etude("take", "accept", take["id"], "--json"))
    words = (
        ("make", "verse", "-n", "8")
        if verb == "make"
        else ("sign", piece["id"], "--yes", "--as", "Ada Example")
    )
    process = _started(etude.root, *words)
    time.sleep(after_s)
    process.kill()
    process.wait()
    assert data(etude("repair", "--json"))["whole"]
    assert data(etude("pieces", "show", piece["id"], "--json"))["take"] == take["id"]
    etude("sign", piece["id"], "--yes", "--as", "Ada Example")
    assert data(etude("verify", piece["files"][0], "--json"))["state"] == "intact"


def test_what_others_may_learn_is_said_in_either_words(etude: Any) -> None:
    take = data(etude("make", "verse", "-n", "1", "--length", "60", "--json"))["takes"][0]
    piece = data(etude("take", "accept", take["id"], "--json"))["id"]

    def use(*words: str) -> str:
        shown = data(etude("sign", piece, "--preview", *words, "--json"))["manifest"]["assertions"]
        said = next(a["data"] for a in shown if a["label"] == "cawg.training-mining")["entries"]
        return str(said["cawg.ai_training"]["use"])

    assert use() == use("--train-ai", "n") == use("--learning", "not-allowed") == "notAllowed"
    assert use("--train-ai", "y") == "allowed"
    refused = etude("sign", piece, "--preview", "--train-ai", "n", "--learning", "allowed", code=2)
    assert "contradict each other" in refused.stderr
    shares = data(etude("sign", piece, "--preview", "--share-borrowed", "--json"))["manifest"]["assertions"]
    owed = next(a["data"] for a in shares if a["label"] == "etude.shares")["works"]
    assert owed and all(0 < one["share"] <= 1 for one in owed)
