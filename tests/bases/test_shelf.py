"""The shelf: bases are put there whole or not at all, and found by name and hash."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etude import api
from etude.bases import adding, known, licences, shelf, use
from etude.bases.adding import Said
from etude.bases.record import VOUCH, Base
from etude.errors import EtudeError, ModelError, ProjectError
from tests.bases.base_files import folder, gguf

NOBODY = Said(licence="unknown")


def add(path: Path, **said: Any) -> Base:
    return adding.add(path, Said(**said))[0]


def left() -> list[str]:
    """What lies on the shelf, by name."""
    return sorted(path.name for path in shelf.home().iterdir()) if shelf.home().exists() else []


def test_a_file_is_known_by_its_sha256(tmp_path: Path) -> None:
    path = gguf(tmp_path / "tiny.gguf")
    base = add(path)
    assert base.hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert left() == [base.hash]
    for ref in (base.name, base.hash, base.hash[:8]):
        found = shelf.find(ref)
        assert found.suffix == ".gguf" and found.read_bytes() == path.read_bytes()
    with pytest.raises(ModelError, match="no base"):
        shelf.find(base.hash[:7])


def test_a_folder_is_known_by_the_lines_of_sha256sum(tmp_path: Path) -> None:
    base = add(folder(tmp_path / "tiny"))
    found = shelf.find(base.hash)
    names = ["config.json", "model.safetensors", "tokenizer.json"]
    hashes = {name: hashlib.sha256((found / name).read_bytes()).hexdigest() for name in names}
    lines = "".join(f"{hashes[name]}  {name}\n" for name in names).encode()
    if shutil.which("sha256sum"):
        printed = subprocess.run(["sha256sum", *names], cwd=found, capture_output=True, check=True).stdout
        assert printed == lines
    assert base.hash == hashlib.sha256(lines).hexdigest()
    assert {path.name for path in found.iterdir()} == {*names, "README.md"}
    assert base.hash == adding.fingerprint(tmp_path / "tiny") == adding.fingerprint(found)
    other = folder(tmp_path / "other", README__md="---\nlicense: mit\n---\n")  # its weights are the same
    assert adding.add(other, Said()) == (base, False)


def test_the_record_is_what_was_found(tmp_path: Path) -> None:
    base = add(gguf(tmp_path / "tiny.gguf"), data="open-only", summary="https://example.org/summary")
    assert (base.name, base.title, base.makers, base.licence) == (
        "tiny-test",
        "Tiny Test",
        "The test",
        "Apache-2.0",
    )
    assert base.sources == {"makers": "file", "licence": "file", "data": "person"}
    stated = base.stated()
    assert stated["recognised"] == "not" and stated["data"] == "open-only"
    assert stated["training_summary"] == "https://example.org/summary"
    assert stated["hash"] == base.hash and VOUCH in stated["sentences"]
    assert "This was stated by whoever added it." in " ".join(stated["sentences"])
    assert json.dumps(stated)
    assert str(tmp_path) not in json.dumps(stated)  # it is made to be public
    assert shelf.base("tiny-test") == base


def test_unknown_is_unknown(tmp_path: Path) -> None:
    path = gguf(tmp_path / "tiny.gguf", drop=["general.license", "general.organization"])
    with pytest.raises(ModelError, match="does not say under which licence") as caught:
        adding.add(path, Said())
    assert "--licence unknown" in caught.value.hint and left() == []
    base, _ = adding.add(path, NOBODY)
    assert (base.makers, base.licence, base.data) == ("", "", "unknown")
    stated = base.stated()
    assert (stated["makers"], stated["licence"]) == ("unknown", "unknown")
    with pytest.raises(ModelError, match="not known, so nothing may be learned"):
        use.ready(base.name, learning=True)
    assert use.ready(base.name, learning=False) == base
    told, new = adding.add(Path(base.path), Said(licence="own", makers="Me"))  # by its own place: said later
    assert not new and (told.licence, told.makers) == ("own", "Me")
    assert use.ready(base.name, learning=True) == told


def test_what_a_person_says_stands_above_the_files(tmp_path: Path) -> None:
    path = gguf(tmp_path / "tiny.gguf")
    first = add(path)
    second, new = adding.add(path, Said(name="mine", licence="cc-by-4.0"))
    assert not new and (second.name, second.licence, second.hash) == ("mine", "CC-BY-4.0", first.hash)
    assert shelf.base("mine").sources["licence"] == "person"
    with pytest.raises(ModelError, match="no class of data"):
        add(path, data="stolen")


@pytest.mark.parametrize("licence", ["CC-BY-ND-4.0", "cc-by-nc-nd-4.0", "NoDerivatives 1.0"])
def test_licences_that_forbid_derivatives(licence: str, tmp_path: Path) -> None:
    base = add(gguf(tmp_path / "tiny.gguf", {"general.license": licence}))
    with pytest.raises(ModelError, match="forbids adapted versions") as caught:
        use.ready(base.name, learning=True)
    assert base.licence in caught.value.message
    assert any(base.licence in sentence for sentence in base.sentences)
    assert not api.base(base.name).learnable
    assert use.ready(base.name, learning=False).hash == base.hash


def test_licences_that_do_not() -> None:
    for licence in ("Apache-2.0", "CC-BY-SA-4.0", "gemma", "llama3.2", "Independent-1.0", "own"):
        assert not licences.forbids_derivatives(licence)
    assert licences.tidy("apache-2.0") == "Apache-2.0" and licences.tidy("cc by-nd 4.0") == "CC-BY-ND-4.0"
    assert licences.tidy("Other") == "" and licences.tidy("my\nterms") == "my terms"


def test_names(tmp_path: Path) -> None:
    one = add(gguf(tmp_path / "one.gguf"))
    two = add(gguf(tmp_path / "two.gguf", {"general.author": "x"}))
    assert (one.name, two.name) == ("tiny-test", "tiny-test-2")
    third = gguf(tmp_path / "three.gguf", {"general.author": "y"})
    for name, says in (("tiny-test", "another base called"), ("abcdef0123", "looks like a hash")):
        with pytest.raises(ModelError, match=says):
            add(third, name=name)
    with pytest.raises(ProjectError, match="cannot be the name"):
        add(third, name="../../etc")
    assert len(left()) == 2


def test_open_only_comes_first(tmp_path: Path) -> None:
    for number, data in enumerate(("unknown", "web", "open-only", "opt-outs honoured")):
        add(gguf(tmp_path / f"{number}.gguf", {"x": number}), name=f"base-{number}", data=data)
    assert [base.data for base in api.bases().bases] == list(known.DATA)


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (("Pleias-350m-Preview",), "Pleias 1.0"),
        (("Pleias-1.2b-Preview",), "Pleias 1.0"),
        (("SmolLM2-360M",), "SmolLM2"),
        (("smollm2 135M 8k-lc100k",), "SmolLM2 135M Instruct"),
        (("kl3m-002-170m",), "KL3M"),
        (("OLMo-2-0425-1B",), "OLMo 2"),
        (("Qwen2.5-0.5B",), "Qwen"),
        (("Qwen2.5-Coder-0.5B-Instruct",), "Qwen2.5 Coder Instruct"),
        (("granite-4.0-1b",), "Granite 4.0"),
        (("comma-v0.1-1t",), "Comma v0.1"),
        (("mr_chatterbox_500m",), "Mr. Chatterbox"),
        (("gemma-3-270m-it",), "Gemma 3 270M"),
        (("Gemma-3-1b-pt",), "Gemma 3"),
        (("my-novel", "nomad"), None),
    ],
)
def test_known_names(names: tuple[str, ...], title: str | None) -> None:
    found = known.by_name(names)
    assert (found.title if found else None) == title


def test_the_table_of_known_bases() -> None:
    for one in known.known():
        assert one.data in known.DATA and one.match and one.makers
        assert one.verified or one.unverified  # what was checked is said, or that nothing was
        assert all(len(sha256) == 64 for sha256 in one.sha256)
        assert not one.summary or one.summary.startswith("https://")
    open_only = {one.title for one in known.known() if one.data == "open-only"}
    assert {"Pleias 1.0", "Mr. Chatterbox", "KL3M", "Comma v0.1"} <= open_only
    assert all(known.by_hash(pin.sha256) for pin in known.pins())


def test_a_name_alone_is_not_believed(tmp_path: Path) -> None:
    base = add(gguf(tmp_path / "x.gguf", {"general.name": "Pleias-350m"}, drop=["general.organization"]))
    assert (base.recognised, base.data, base.makers) == ("name", "open-only", "Pleias")
    assert any("by its name only, not verified" in sentence for sentence in base.sentences)
    sure = replace(base, name="zz", hash="0" * 64, recognised="hash")
    assert sorted([base, sure], key=shelf._order) == [sure, base]  # what is sure stands before it


def test_recognised_by_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = gguf(tmp_path / "x.gguf", {"general.license": "mit"})
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    one = known.Known(
        "The One", ("one",), "Its makers", "open-only", "verse", "CC0-1.0", sha256={sha256: "one"}
    )
    monkeypatch.setattr(known, "known", lambda: (one,))
    base = add(path)
    assert (base.name, base.title, base.recognised, base.licence) == ("one", "The One", "hash", "CC0-1.0")
    assert (base.makers, base.learned_from) == ("Its makers", "verse")
    assert base.sources == {"makers": "hash", "licence": "hash", "data": "hash"}


def test_changed_after_it_was_added(tmp_path: Path) -> None:
    base = add(folder(tmp_path / "tiny"))
    inside = Path(base.path)
    good = {path: path.read_bytes() for path in inside.iterdir()}
    for change, says in (
        (lambda: (inside / "config.json").write_text("{}"), "config.json has 2 bytes, and had"),
        (lambda: (inside / "tokenizer.json").unlink(), "tokenizer.json is missing"),
        (lambda: (inside / "adapter_config.json").write_text("{}"), "adapter_config.json was put beside"),
        (
            lambda: (inside / "model.safetensors").write_bytes(
                good[inside / "model.safetensors"][:-1] + b"\2"
            ),
            "the SHA-256 of its model.safetensors",
        ),
        (lambda: shutil.rmtree(inside), "is missing"),
    ):
        (inside / ".DS_Store").write_bytes(b"what a file manager leaves is no change")
        assert shelf.find(base.name) == inside
        change()
        with pytest.raises(ModelError, match="not as it was added") as caught:
            shelf.find(base.name)
        assert says in caught.value.message and base.name in caught.value.message
        assert "takes, pieces and credentials stay" in caught.value.hint
        shutil.rmtree(inside, ignore_errors=True)
        inside.mkdir()
        for path, data in good.items():  # as it was, with other times: hashed, and well
            path.write_bytes(data)
        assert shelf.find(base.name) == inside


def test_only_all_bytes_find_a_change_that_keeps_size_and_time(tmp_path: Path) -> None:
    base = add(gguf(tmp_path / "tiny.gguf"))
    path = Path(base.path)
    state, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-1] + b"\2")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    shelf.check(base)
    assert not api.base(base.name).damage
    assert "SHA-256" in api.base(base.name, check=True).damage
    again, new = adding.add(gguf(tmp_path / "tiny.gguf"), Said())  # added again it is put right
    assert new and again.hash == base.hash and not api.base(base.name, check=True).damage


def test_removed(tmp_path: Path) -> None:
    base = add(gguf(tmp_path / "tiny.gguf"))
    api.base_rm(base.name)
    assert left() == []
    with pytest.raises(ModelError) as caught:
        shelf.find(base.hash, called="tiny-test")
    assert f"'tiny-test' ({base.hash[:12]}…)" in caught.value.message
    assert "takes, pieces and credentials stay" in caught.value.hint
    with pytest.raises(ModelError) as caught:
        shelf.find("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    assert "'smollm2-135m'" in caught.value.message
    assert "etude base get smollm2-135m" in caught.value.hint


def test_a_damaged_record_hides_nothing(tmp_path: Path) -> None:
    good = add(gguf(tmp_path / "good.gguf"), name="good")
    bad = add(gguf(tmp_path / "bad.gguf", {"x": 1}), name="bad")
    record = shelf.home() / bad.hash / "base.json"
    whole = record.read_text(encoding="utf-8")
    for broken, says in (
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        (whole.replace('"format": 1', '"format": 9'), "format 9"),
        (whole.replace('"files": [', '"fils": ['), "damaged"),
        (whole.replace(bad.hash, good.hash), "of another base"),
        (whole.replace('"name": "bad.gguf"', '"name": "../../../bad.gguf"'), "damaged"),
        (whole.replace('"vocab": 8', '"vocab": "8"'), "damaged"),
        (whole.replace('"data": "unknown"', '"data": "fine"'), "damaged"),
        (whole.replace('"title": "Tiny Test"', '"title": 7'), "damaged"),
        (whole.replace('"makers": "file"', '"makers": ["file"]'), "damaged"),
    ):
        record.write_text(broken, encoding="utf-8")
        held = api.bases()
        assert [base.name for base in held.bases] == ["good"]
        assert len(held.damaged) == 1 and says in held.damaged[0]
        with pytest.raises(ModelError, match="no base 'bad'"):
            shelf.find("bad")
    assert adding.add(tmp_path / "bad.gguf", Said())[1]  # added again it is put right
    assert len(api.bases().bases) == 2


def test_larger_than_memory(tmp_path: Path) -> None:
    base = add(gguf(tmp_path / "tiny.gguf"))
    large = replace(base, shape=replace(base.shape, parameters=7_000_000_000))
    use.check_memory(base)
    with pytest.raises(ModelError, match=r"needs 28\.4 GB .* and 8\.0 GB are free"):
        use.check_memory(large, free=8_000_000_000)
    assert use.needed_bytes(large, 2.0) == 14_400_000_000
    with pytest.raises(ModelError, match=r"900\.0 GB"):
        use.ready(base.name, learning=True, needed=900_000_000_000)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = gguf(tmp_path / "tiny.gguf")

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(ProjectError, match="The disk is full"):
            add(path)
    assert left() == []
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
        with pytest.raises(ModelError, match=r"The disk is full: the base needs .* and 0\.0 MB are free"):
            add(path)
    assert left() == []
    assert add(path).hash


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny")

    def stop(done: int, total: int) -> None:
        assert 0 < done <= total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adding.add(path, Said(), stop)
    assert left() == []


def test_a_file_that_changes_while_it_is_copied(tmp_path: Path) -> None:
    path = gguf(tmp_path / "tiny.gguf")
    data = path.read_bytes()
    with path.open("ab") as file:
        file.write(b"\0" * 9_000_000)  # more than one chunk

    def cut(done: int, total: int) -> None:
        os.truncate(path, len(data) - 1)

    with pytest.raises(ModelError, match="changed while it was copied"):
        adding.add(path, Said(), cut)
    assert left() == []


def test_killed_on_the_way(tmp_path: Path) -> None:
    """What a process leaves that was killed is no base, and goes when the next one is added."""
    path = gguf(tmp_path / "tiny.gguf")
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom etude.bases import adding\n"
        "def wait(done, total):\n    print('here', flush=True)\n    time.sleep(60)\n"
        "adding.add(Path(sys.argv[1]), adding.Said(), wait)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"here\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert len(left()) == 1 and left()[0].startswith(".tmp-")
    assert api.bases().bases == ()
    deadline = time.monotonic() + 5
    while len(left()) != 1 or left()[0].startswith("."):
        base = add(path)
        assert time.monotonic() < deadline
    assert left() == [base.hash]


def test_where_the_shelf_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETUDE_BASES", str(tmp_path / "mine"))
    assert shelf.home() == tmp_path / "mine"
    monkeypatch.delenv("ETUDE_BASES")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        assert shelf.home() == tmp_path / "data" / "etude" / "bases"
        monkeypatch.delenv("XDG_DATA_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert shelf.home() == tmp_path / ".local" / "share" / "etude" / "bases"


def test_too_large_is_said_before_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from etude.config.bases import BASES

    monkeypatch.setattr(adding, "BASES", replace(BASES, max_bytes=100))
    with pytest.raises(EtudeError, match="at most 100 are taken"):
        add(gguf(tmp_path / "tiny.gguf"))
    assert left() == []
