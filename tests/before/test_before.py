"""Projects that commit 83fe147 made still open, and everything in them comes out with the same bytes.

A safety net under changes of the code: it speaks through `etude.open(...).remake` and the command line alone.
What is to come out is in `expected.json`; `README.md` says how the projects were made. By default one take of
each manner is remade. ETUDE_TEST_BEFORE=full remakes every take, gives every command again, trains again, and
compares pages word by word.

Bytes are promised for one kind of machine. On another, or with other libraries, a remake must be close.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

import etude
from etude.cli.main import cli

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
PROJECTS: dict[str, Any] = EXPECTED["projects"]
FULL = os.environ.get("ETUDE_TEST_BEFORE") == "full"
full = pytest.mark.skipif(not FULL, reason="ETUDE_TEST_BEFORE=full runs it")

# Which files hold a take without loss: what `remake --out` writes is compared.
LOSSLESS = {"text": "md", "music": "mid", "image": "png", "video": "zip"}
PROSE = {"summary", "notes", "details"}  # of a trace: sentences, which may be put in other words
ADDED = {"given_away", "influenced"}  # parts of a trace that did not exist before
NOT_REPEATABLE = (".mp4", ".webm")  # encoders that now and then give other bytes for the same frames


def processor() -> str:
    """Its maker, family and model."""
    with suppress(OSError):
        rows = [
            line.partition(":") for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        ]
        said = {key.strip(): value.strip() for key, _, value in rows}
        return " ".join(said.get(key, "") for key in ("vendor_id", "cpu family", "model")).strip()
    return platform.processor()


def here(names: Iterable[str]) -> dict[str, str]:
    """What decides the last bits of a take: libraries by name, and the machine."""
    capability = torch.backends.cpu.get_cpu_capability()
    found = {"machine": platform.machine(), "system": platform.system(), "capability": capability}
    found["processor"] = processor()
    return {name: found.get(name) or metadata.version(name) for name in names}


def other(name: str) -> str:
    """How this machine differs from the one that made a project; empty when the same bytes are promised.

    What models of text and music compute is rounded alike by every processor with the same instructions.
    """
    was = dict(EXPECTED["machine"])
    if PROJECTS[name]["medium"] in ("text", "music"):
        del was["processor"]
    now = here(was)
    return ", ".join(
        f"{key} is {now[key] or 'unknown'} and was {was[key]}" for key in was if now[key] != was[key]
    )


def same_machine(name: str) -> None:
    """Skip the test where other bytes may come out."""
    if reason := other(name):
        pytest.skip(f"made on another kind of machine: {reason}")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Project:
    """A copy of one of the projects, unpacked and open."""

    def __init__(self, name: str, folder: Path) -> None:
        self.expected: dict[str, Any] = PROJECTS[name]
        with tarfile.open(HERE / f"{name}.tar.xz") as archive:
            archive.extractall(folder, filter="data")
        self.root = folder / name
        self.answers = self.root / "answers"
        self.studio = etude.open(self.root)

    def run(self, *words: str, codes: tuple[int, ...] = (0,)) -> Any:
        """A command of Etude in this project, with --json."""
        before = Path.cwd()
        os.chdir(self.root)  # paths of given files are relative to it
        try:
            result = CliRunner().invoke(cli, ["-C", str(self.root), *words, "--json"])
        finally:
            os.chdir(before)
        assert result.exit_code in codes, (
            f"{words} -> {result.exit_code}\n{result.output}\n{result.exception!r}"
        )
        return json.loads(result.stdout) if result.stdout.strip() else {}

    def bytes_of(self, take: str) -> bytes:
        """The stored bytes of a take."""
        return (self.root / ".etude" / "takes" / take[2:4] / take).read_bytes()

    def again(self, words: list[str]) -> list[str]:
        """The words of a command with the takes and pieces that it was given by label."""
        made = {
            f"@{step['label']}{f'.{i}' * (i > 0)}": one
            for step in self.expected["made_by"]
            for i, one in enumerate(step["ids"])
        }
        return [made.get(word, word) for word in words]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Project]]:
    """`project("text")`: opened once for all tests, none of which changes anything in it."""
    found: dict[str, Project] = {}

    def opened(name: str) -> Project:
        if name not in found:
            found[name] = Project(name, tmp_path_factory.mktemp("before"))
        return found[name]

    yield opened
    for one in found.values():
        shutil.rmtree(one.root.parent, ignore_errors=True)


@pytest.fixture(autouse=True)
def _plain_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Music is played with the synthesiser that comes along, whatever is installed."""
    monkeypatch.setenv("ETUDE_SOUNDFONT", "no such font")


def takes(*, made: bool) -> list[Any]:
    """Takes that a model made, or that a person edited; without ETUDE_TEST_BEFORE=full one of each manner."""
    return [
        pytest.param(name, take, id=f"{name}-{row['manner']}-{row['number']}")
        for name, expected in PROJECTS.items()
        for take, row in expected["takes"].items()
        if (row["remake"] != "edited") == made and (FULL or row.get("quick", True))
    ]


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_was_in_it_is_there(project: Callable[[str], Project], name: str) -> None:
    found = project(name)
    expected = found.expected
    assert {work["id"]: work["title"] for work in found.run("works")["works"]} == expected["works"]
    for model, hashes in expected["models"].items():
        info = found.run("models", "info", model)
        assert {key: info[key] for key in hashes} == hashes
    listed = {take["id"]: take for take in found.run("take", "ls", "--all")["takes"]}
    assert set(listed) == set(expected["takes"])
    for take, row in expected["takes"].items():
        assert (listed[take]["medium"], listed[take]["parents"]) == (row["medium"], row["parents"])
        assert sha256(found.bytes_of(take)) == row["sha256"]
    assert found.run("take", "ls")["hidden"] == expected["hidden"]
    kept = {piece["id"]: (piece["title"], piece["take"]) for piece in found.run("pieces")["pieces"]}
    assert kept == {piece: (row["title"], row["take"]) for piece, row in expected["pieces"].items()}


@pytest.mark.parametrize(("name", "take"), takes(made=True))
def test_a_take_is_remade(project: Callable[[str], Project], name: str, take: str, tmp_path: Path) -> None:
    found = project(name)
    row = found.expected["takes"][take]
    out = tmp_path / f"again.{LOSSLESS[row['medium']]}"
    answer = found.studio.remake(take, out=out)
    if other(name):
        assert answer.verdict in ("bit-equal", "close"), answer.reasons
    else:
        assert answer.verdict == row["remake"] == "bit-equal", answer.reasons
        assert sha256(out.read_bytes()) == row["file"]


@pytest.mark.parametrize(("name", "take"), takes(made=False))
def test_an_edited_take_is_the_persons_and_not_remade(
    project: Callable[[str], Project], name: str, take: str
) -> None:
    found = project(name)
    assert found.run("take", "show", take)["parents"] == found.expected["takes"][take]["parents"]
    found.run("remake", take, codes=(2,))


@pytest.mark.parametrize("name", PROJECTS)
def test_pieces_are_as_they_were_and_are_written_again(name: str, tmp_path: Path) -> None:
    """Recordings are left out of the archives: `repair` writes them again, and then all other files too."""
    found = Project(name, tmp_path)
    pieces = found.expected["pieces"].values()
    hashes = {file: sha for row in pieces for file, sha in row["files"].items()}
    folder = found.root / "pieces"
    there = {path.name: sha256(path.read_bytes()) for path in folder.iterdir()}
    assert there == {file: sha for file, sha in hashes.items() if not file.endswith(".wav")}
    if other(name):
        return
    for row in pieces:
        for file in row["files"]:
            if "signed" not in row and not file.endswith((".json", ".wav", *NOT_REPEATABLE)):
                (folder / file).unlink()
    assert found.run("repair")["whole"]
    assert {path.name: sha256(path.read_bytes()) for path in folder.iterdir()} == hashes


@pytest.mark.parametrize(
    "name", [name for name, p in PROJECTS.items() if any("signed" in row for row in p["pieces"].values())]
)
def test_a_signed_piece_verifies(project: Callable[[str], Project], name: str) -> None:
    found = project(name)
    for row in found.expected["pieces"].values():
        if "signed" in row:
            main = next(iter(row["files"]))
            answer = found.run("verify", str(found.root / "pieces" / main), codes=(0, 1))
            assert (
                answer["signer"] == row["signed"]["signer"]
                and answer["fingerprint"] == row["signed"]["fingerprint"]
            )
            # Its key was thrown away, so nobody here knows the signer; a certificate has an end.
            assert answer["state"] in (row["signed"]["state"], "expired")


@pytest.mark.parametrize("name", PROJECTS)
def test_takes_come_back_when_all_that_can_be_rebuilt_is_gone(name: str, tmp_path: Path) -> None:
    same_machine(name)
    found = Project(name, tmp_path)
    shutil.rmtree(found.root / ".etude")
    rows = found.expected["takes"]
    made = [take for take, row in rows.items() if row["remake"] != "edited"]
    for take in made if FULL else [take for take in made if rows[take]["parents"]][-1:]:
        found.run("take", "show", take)
        assert sha256(found.bytes_of(take)) == rows[take]["sha256"]


def facts(answer: Any) -> Any:
    """What an answer says, without its prose."""
    if isinstance(answer, Mapping):
        return {key: facts(value) for key, value in answer.items() if key not in PROSE}
    return [facts(value) for value in answer] if isinstance(answer, list) else answer


def differences(a: Any, b: Any, at: str = "") -> list[str]:
    """Where two answers differ: numbers by more than the last of their six digits."""
    if isinstance(a, dict) and isinstance(b, dict):
        if alone := (a.keys() ^ b.keys()) - ADDED:
            return [f"{at}: {sorted(alone)} is in one alone"]
        return [line for key in a if key in b for line in differences(a[key], b[key], f"{at}.{key}")]
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return [f"{at}: {len(a)} and {len(b)} rows"]
        return [
            line
            for i, (x, y) in enumerate(zip(a, b, strict=True))
            for line in differences(x, y, f"{at}[{i}]")
        ]
    close = (
        a == pytest.approx(b, rel=1e-6, abs=2e-6)
        if isinstance(a, float) and isinstance(b, int | float)
        else a == b
    )
    return [] if close else [f"{at}: {a!r} was and {b!r} is"]


@pytest.mark.parametrize("name", PROJECTS)
def test_a_trace_says_the_same(project: Callable[[str], Project], name: str) -> None:
    same_machine(name)
    found = project(name)
    before = json.loads((found.answers / "trace.json").read_text(encoding="utf-8"))
    after = found.run("trace", found.expected["traced"]["take"])
    assert after.pop("voice", None) is None  # said since then, of models that stand on a base
    assert differences(facts(before), facts(after))[:20] == []


@pytest.mark.parametrize("name", [name for name, p in PROJECTS.items() if "scored" in p])
def test_a_score_says_the_same(project: Callable[[str], Project], name: str) -> None:
    """Its figures have other names since: one for all media, and words beside it that say what it is."""
    same_machine(name)
    found = project(name)
    before = json.loads((found.answers / "score.json").read_text(encoding="utf-8"))
    after = found.run("score", next(iter(found.expected["models"])), found.expected["scored"])
    (measure,) = {key.removesuffix("_frozen") for key in before if "_per_" in key and key.endswith("_frozen")}
    assert after["figure"].replace(" ", "_") == measure
    for kind in ("frozen", "growing"):
        assert after[kind] == pytest.approx(before[f"{measure}_{kind}"], rel=1e-6)
    assert after["size"] == before.get("characters", before.get("notes"))
    same = ("model", "medium", "tokens", "memory_share_frozen", "memory_share_growing", "curve")
    assert differences({key: before[key] for key in same}, {key: after[key] for key in same}) == []


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name, p in PROJECTS.items() for form in p["exports"]]
)
def test_an_export_has_the_same_bytes(
    project: Callable[[str], Project], name: str, form: str, tmp_path: Path
) -> None:
    same_machine(name)
    found = project(name)
    take = next(iter(found.expected["takes"]))
    scale = ["--scale", "2"] if found.expected["medium"] in ("image", "video") else []
    found.run("export", take, "--format", form, "--out", str(tmp_path), *scale)
    (file,) = tmp_path.iterdir()
    assert sha256(file.read_bytes()) == found.expected["exports"][form]


@full
@pytest.mark.parametrize("name", PROJECTS)
def test_a_page_has_the_same_bytes(project: Callable[[str], Project], name: str, tmp_path: Path) -> None:
    """Fails, too, when only the words of a page were changed: compare answers/trace.html in the archive."""
    same_machine(name)
    found = project(name)
    found.run("trace", found.expected["traced"]["take"], "--html", str(tmp_path / "trace.html"))
    page = (tmp_path / "trace.html").read_text(encoding="utf-8")
    before = found.answers / "trace.html"
    if before.exists():  # pages with sound in them are too large to be kept
        assert page.splitlines() == before.read_text(encoding="utf-8").splitlines()
    assert sha256(page.encode()) == found.expected["traced"]["page"]


@full
@pytest.mark.parametrize("name", PROJECTS)
def test_the_same_commands_give_the_same_takes(name: str, tmp_path: Path) -> None:
    same_machine(name)
    found = Project(name, tmp_path)
    rows = found.expected["takes"]
    for step in found.expected["made_by"]:
        if step["words"][:2] in (["take", "accept"], ["take", "edit"]):
            continue  # acts on takes that were accepted and edited once
        made = [take["id"] for take in found.run(*found.again(step["words"]))["takes"]]
        assert [sha256(found.bytes_of(take)) for take in made] == [
            rows[take]["sha256"] for take in step["ids"]
        ], step["words"]


@full
@pytest.mark.parametrize("name", [name for name, p in PROJECTS.items() if "learned" in p])
def test_learning_gives_the_same_weights(name: str, tmp_path: Path) -> None:
    """In a process of its own on one thread: sums over a batch hang on the number of threads."""
    same_machine(name)
    found = Project(name, tmp_path)
    expected = found.expected["learned"]
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
    )
    call = [sys.executable, "-m", "etude", "-C", str(found.root), *expected["words"], "--json"]
    done = subprocess.run(call, env=os.environ | threads, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    model = json.loads(done.stdout)["id"]
    header = json.loads((found.root / "models" / model / "model.json").read_text(encoding="utf-8"))["header"]
    if header["plan"]["bfloat16"] != expected["bfloat16"]:
        pytest.skip("the machine was too busy to choose the same arithmetic")
    assert found.run("models", "info", model)["weights_sha256"] == expected["weights_sha256"]
