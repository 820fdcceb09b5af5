"""GGUF files that nobody has vouched for: whole ones are described, broken and hostile ones refused in one
sentence."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.bases import adding, gguf, shelf
from etude.config.bases import BASES
from etude.errors import ModelError
from tests.bases.base_files import PIECES, WIDTH, metadata, text, value
from tests.bases.base_files import gguf as write


def refused(path: Path, *says: str) -> str:
    """The sentence with which it is refused, all on one line."""
    with pytest.raises(ModelError) as caught:
        adding.look(path)
    message = str(caught.value.message)
    assert "\n" not in message
    for part in (path.name, *says):
        assert part in message
    assert caught.value.hint
    return message


def test_a_whole_file_is_described(tmp_path: Path) -> None:
    found = adding.look(write(tmp_path / "tiny.gguf"))
    shape = found.shape
    assert (found.kind, found.title, found.makers, found.licence) == (
        "gguf",
        "Tiny Test",
        "The test",
        "Apache-2.0",
    )
    assert (shape.architecture, shape.layers, shape.width, shape.vocab) == ("llama", 1, WIDTH, len(PIECES))
    assert (shape.context, shape.parameters, shape.weights) == (16, WIDTH * len(PIECES), "F32")
    assert not found.remarks


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
def test_the_four_architectures(architecture: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.gguf", metadata(architecture))
    assert adding.look(path).shape.architecture == architecture


def test_other_architectures_are_refused(tmp_path: Path) -> None:
    refused(write(tmp_path / "new.gguf", metadata("yeti")), "'yeti'", "Llama, Qwen 2, Qwen 3 and Gemma 3")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.999])
def test_truncated_anywhere(share: float, tmp_path: Path) -> None:
    data = write(tmp_path / "whole.gguf").read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(data[: max(4, int(share * len(data)))])
    message = refused(path, "truncated")
    assert f"{path.stat().st_size:,}" in message  # both figures are said


def test_a_gigabyte_of_metadata_is_not_read(tmp_path: Path) -> None:
    gigabyte = 1 << 30
    declared = struct.pack("<IQ", 8, gigabyte)
    refused(write(tmp_path / "text.gguf", {"x": declared}), "1,073,741,824", f"{BASES.max_text_bytes:,}")
    array = struct.pack("<IIQ", 9, 4, gigabyte)
    refused(write(tmp_path / "array.gguf", {"x": array}), "1,073,741,824", f"{BASES.max_array:,}")
    refused(write(tmp_path / "keys.gguf", keys=gigabyte), "1,073,741,824", f"{BASES.max_metadata_keys:,}")
    path = tmp_path / "real.gguf"  # a file that really has it: it is left after the first 64 MB
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, 0, 100))
        for number in range(100):
            file.write(text(f"k{number}") + struct.pack("<IIQ", 9, 12, BASES.max_array // 2))
            file.seek(8 * (BASES.max_array // 2), 1)
        file.truncate(gigabyte)
    start = time.perf_counter()
    refused(path, "metadata goes on beyond", f"{BASES.max_metadata_bytes:,}")
    assert time.perf_counter() - start < 2.0


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"x": struct.pack("<IIQ", 9, 9, 3)}, "array of type 9"),
        ({"x": struct.pack("<I", 77)}, "type 77"),
        ({"x": struct.pack("<IIQQ", 9, 8, 1, 1 << 60)}, "1,152,921,504,606,846,976"),
        ({"x" * 600: 1}, "600"),
        ({"general.alignment": 48}, "alignment"),
        ({"general.alignment": 0}, "alignment"),
        ({"general.alignment": float("nan")}, "alignment"),
        ({"general.type": "adapter"}, "'adapter'"),
        ({"split.count": 3}, "one of 3 parts"),
        ({"llama.embedding_length": 5}, "5 wide"),
        ({"llama.context_length": "many"}, "how large"),
        ({"tokenizer.ggml.tokens": [*PIECES, "f"]}, "9 pieces"),
    ],
)
def test_values_that_lie(said: dict[str, Any], says: str, tmp_path: Path) -> None:
    refused(write(tmp_path / "lies.gguf", said), says)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("token_embd.weight", (WIDTH, 1 << 40), 0, 0)], "truncated"),
        ([("token_embd.weight", (1 << 63, 1 << 63), 0, 0)], "truncated"),
        ([("token_embd.weight", (WIDTH, 4), 0, 0), ("token_embd.weight", (WIDTH, 1), 0, 64)], "overlaps"),
        ([("token_embd.weight", (WIDTH, 8), 0, 0), ("b", (WIDTH, 1), 0, 8)], "overlaps"),
        ([("token_embd.weight", (WIDTH, 8), 99, 0)], "type 99"),
        ([("token_embd.weight", (WIDTH, 8), 2, 0)], "rows of 4"),
        ([("token_embd.weight", (1, 1, 1, 1, 1), 0, 0)], "dimensions"),
        ([("other", (WIDTH, 8), 0, 0)], "no table of tokens"),
    ],
)
def test_tables_that_lie(rows: Any, says: str, tmp_path: Path) -> None:
    refused(write(tmp_path / "lies.gguf", rows=rows), says)


def test_other_versions_and_machines(tmp_path: Path) -> None:
    refused(write(tmp_path / "old.gguf", version=1), "version 1")
    refused(write(tmp_path / "big.gguf", version=0x03000000), "big-endian")


def test_no_tokenizer_and_no_size(tmp_path: Path) -> None:
    refused(write(tmp_path / "a.gguf", drop=["tokenizer.ggml.tokens"]), "no tokenizer")
    refused(write(tmp_path / "b.gguf", drop=["llama.block_count"]), "how large")
    refused(write(tmp_path / "c.gguf", drop=["general.architecture"]), "architecture")


def test_a_chat_template_that_runs_code_is_never_run(tmp_path: Path) -> None:
    target = tmp_path / "run"
    attack = (
        "{% for x in ().__class__.__base__.__subclasses__() %}{% if x.__name__ == 'Popen' %}"
        f"{{{{ x(['touch', '{target}']) }}}}{{% endif %}}{{% endfor %}}"
    )
    said = {"tokenizer.chat_template": attack * 20, "general.name": "\x1b[31m{{7*7}}"}
    path = write(tmp_path / "chat.gguf", said)
    code = (
        "import sys\nfrom pathlib import Path\nfrom etude.bases import adding, shelf\n"
        f"added, new = adding.add(Path({str(path)!r}), adding.Said())\nassert shelf.find(added.hash)\n"
        "print(added.title, [name for name in ('jinja2', 'torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{{7*7}} []"  # nothing that could run it was imported
    assert not target.exists()
    (held,) = shelf.shelf().bases
    assert any("never runs" in remark for remark in held.remarks)
    assert b"__subclasses__" not in held.dumps()  # nor is it kept in the record


def test_a_key_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "twice.gguf", keys=len(metadata()) + 1)
    data = path.read_bytes()
    key = text("general.name") + value("Other")
    path.write_bytes(data[:24] + key + data[24:])
    refused(path, "general.name", "twice")


@settings(max_examples=60)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_any_bytes_are_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    data = write(folder / "x.gguf").read_bytes()
    at = 4 + at % (len(data) - 4)
    path = folder / "y.gguf"
    path.write_bytes(data[:at] + junk + data[at + len(junk) :])
    try:
        gguf.read(path)
        adding.look(path)
    except ModelError as error:
        assert "\n" not in error.message
