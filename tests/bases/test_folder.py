"""Folders that nobody has vouched for: no code of anybody else, no pickles, no link that leads out, no
header that lies."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from etude.bases import adding
from etude.bases.adding import Said
from etude.errors import ModelError
from tests.bases.base_files import CONFIG, PIECES, WIDTH, folder, safetensors


def refused(path: Path, *says: str) -> None:
    """One sentence that names the folder or file, and a hint."""
    with pytest.raises(ModelError) as caught:
        adding.look(path)
    for part in says:
        assert part in caught.value.message, caught.value.message
    assert "\n" not in caught.value.message and caught.value.hint


def test_a_whole_folder_is_described(tmp_path: Path) -> None:
    found = adding.look(folder(tmp_path / "tiny", junk__py="import os", optimizer__pt="x"))
    assert (found.kind, found.title, found.licence) == ("folder", "Tiny Folder", "Apache-2.0")
    assert (found.shape.vocab, found.shape.parameters, found.shape.weights) == (
        8,
        WIDTH * len(PIECES),
        "BF16",
    )
    assert [source.name for source in found.sources if source.counts] == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    assert "junk.py" not in {source.name for source in found.sources}


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "consolidated.00.pth"])
def test_pickles_only(name: str, tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny")
    (path / "model.safetensors").rename(path / name)
    refused(path, "tiny", "pickle", name)
    refused(path / name, name, "pickle")


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_foreign_code(file: str, tmp_path: Path) -> None:
    code = {"auto_map": {"AutoModelForCausalLM": "modeling_evil.Evil"}}
    path = folder(tmp_path / "tiny", modeling_evil__py="import os")
    said = CONFIG if file == "config.json" else {}
    (path / file).write_text(json.dumps({**said, **code}), encoding="utf-8")
    refused(path, "tiny", file, "modeling_evil.Evil")


def test_links_out_of_the_folder(tmp_path: Path) -> None:
    outside = safetensors(tmp_path / "secret.safetensors")
    for name in ("model.safetensors", "tokenizer.json", "README.md"):
        path = folder(tmp_path / name.partition(".")[0])
        (path / name).unlink()
        (path / name).symlink_to(outside)
        refused(path, name, "leads out of the folder", "secret.safetensors")
    path = folder(tmp_path / "loop", config__json=None)
    (path / "config.json").symlink_to(path / "config.json")
    refused(path, "config.json", "leads nowhere")


def test_the_cache_of_hugging_face_is_taken(tmp_path: Path) -> None:
    """There, the files are links to `blobs` beside `snapshots`."""
    model = tmp_path / "models--Somebody--SmolLM2-360M"
    (model / "snapshots").mkdir(parents=True)
    path = folder(model / "snapshots" / "a1b2", README__md="---\nlicense: apache-2.0\n---\n")
    (model / "blobs").mkdir()
    for number, file in enumerate(sorted(path.iterdir())):
        blob = model / "blobs" / str(number)
        file.rename(blob)
        file.symlink_to(Path("../../blobs") / str(number))
    added, new = adding.add(path, Said())
    assert new and added.title == "SmolLM2-360M"
    assert (added.recognised, added.makers, added.data) == ("name", "Hugging Face (HuggingFaceTB)", "web")
    assert not any(file.is_symlink() for file in Path(added.path).iterdir())


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny")
    (path / "config.json").unlink()
    os.mkfifo(path / "config.json")
    refused(path, "no plain file")


@pytest.mark.parametrize(
    ("header", "data", "says"),
    [
        ({"a": {"dtype": "BF16", "shape": [8, 4], "data_offsets": [0, 6400]}}, None, "lies"),
        ({"a": {"dtype": "BF16", "shape": [800, 4], "data_offsets": [0, 6400]}}, None, "truncated"),
        ({"a": {"dtype": "BF16", "shape": [4, 4], "data_offsets": [0, 32]}}, None, "its tensors end at"),
        ({"a": {"dtype": "BF16", "shape": [4, 4], "data_offsets": [32, 64]}}, None, "begins at byte"),
        (
            {
                "a": {"dtype": "BF16", "shape": [8, 4], "data_offsets": [0, 64]},
                "b": {"dtype": "BF16", "shape": [4, 4], "data_offsets": [32, 64]},
            },
            None,
            "lies",
        ),
        ({"a": {"dtype": "BF16", "shape": [-8, -4], "data_offsets": [0, 64]}}, None, "no shape"),
        ({"a": {"dtype": ["BF16"], "shape": [8, 4], "data_offsets": [0, 64]}}, None, "type"),
        ({"a": {"dtype": "F4", "shape": [8, 4], "data_offsets": [0, 64]}}, None, "F4"),
        ({"a": 7}, None, "no shape"),
        (b"[" * 100_000, None, "no JSON"),
        (b"[]", b"", "no JSON object"),
        (b'{"a": 1, "a": 2}', b"", "twice"),
        (b"{", None, "no JSON"),
    ],
)
def test_headers_that_lie(header: Any, data: bytes | None, says: str, tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny")
    safetensors(path / "model.safetensors", header, data)
    refused(path, "model.safetensors", says)


def test_a_header_of_absurd_length(tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny")
    for data, says in (
        ((1 << 62).to_bytes(8, "little") + b"{}", "4,611,686,018,427,387,904"),
        ((1000).to_bytes(8, "little") + b"{}", "truncated"),
        (b"123", "3 bytes"),
    ):
        (path / "model.safetensors").write_bytes(data)
        refused(path, "model.safetensors", says)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"tokenizer__json": None}, "no tokenizer.json"),
        ({"tokenizer__json": {"model": {"type": "BPE", "vocab": {}}}}, "no vocabulary"),
        ({"tokenizer__json": {"model": {"vocab": {f"p{i}": i for i in range(9)}}}}, "9 pieces"),
        ({"config__json": None}, "no config.json"),
        ({"config__json": None, "adapter_config__json": {}}, "adapter"),
        ({"config__json": "["}, "no JSON"),
        ({"config__json": '{"x":' * 50_000}, "no JSON"),
        ({"config__json": " " * 4_000_001}, "4,000,001"),
        ({"config": {"vocab_size": 9}}, "9 pieces"),
        ({"config": {"model_type": "yeti"}}, "'yeti'"),
        ({"config": {"model_type": ["llama"]}}, "'unknown'"),
        ({"config": {"architectures": ["LlamaForSequenceClassification"]}}, "does not continue text"),
        ({"config": {"text_config": {}}}, "of the kind"),
        ({"config": {"quantization_config": {"quant_method": "gptq"}}}, "quantised"),
        ({"config": {"hidden_size": "4"}}, "how large"),
    ],
)
def test_what_is_missing_or_does_not_fit(files: dict[str, Any], says: str, tmp_path: Path) -> None:
    refused(folder(tmp_path / "tiny", **files), "tiny cannot be a base", says)


def test_weights_in_several_files(tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny")
    (path / "model.safetensors").rename(path / "model-00001-of-00002.safetensors")
    refused(path, "neither model.safetensors nor")
    two = {"b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    safetensors(path / "model-00002-of-00002.safetensors", two, b"\1" * 8)
    first, second = sorted(file.name for file in path.glob("*.safetensors"))
    index = path / "model.safetensors.index.json"
    table = {"model.embed_tokens.weight": first, "b": second}
    for placed, says in (
        ({**table, "c": "../secret.safetensors"}, "../secret.safetensors"),
        ({**table, "c": second}, "no such tensor"),
        ({**table, "c": 7}, "which tensor lies where"),
        ({}, "no file"),
    ):
        index.write_text(json.dumps({"weight_map": placed}), encoding="utf-8")
        refused(path, says)
    index.write_text(json.dumps({"weight_map": table}), encoding="utf-8")
    added, _ = adding.add(path, Said())
    assert added.shape.parameters == WIDTH * len(PIECES) + 2
    assert {file.name for file in added.files} >= {first, second, index.name}


def test_a_folder_that_the_libraries_wrote(tmp_path: Path) -> None:
    """The writers of safetensors and tokenizers themselves, with what else lies in such folders."""
    import numpy as np
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models

    path = folder(tmp_path / "written", generation_config__json={"eos_token_id": 1}, LICENSE="MIT License")
    tensors: dict[str, np.ndarray[Any, np.dtype[Any]]] = {
        "model.embed_tokens.weight": np.ones((len(PIECES), WIDTH), np.float16),
        "model.norm.weight": np.ones(WIDTH, np.float32),
        "model.layers.0.mask": np.ones(3, np.bool_),
    }
    save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})
    vocab = {piece: number for number, piece in enumerate(PIECES)}
    Tokenizer(models.BPE(vocab, [])).save(str(path / "tokenizer.json"))
    added, _ = adding.add(path, Said())
    assert (added.shape.weights, added.shape.parameters) == ("F16", (len(PIECES) + 1) * WIDTH)
    assert {"LICENSE", "generation_config.json"} <= {file.name for file in added.files}


def test_licences_in_files(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"README__md": None}, ""),
        ({"README__md": "---\nlicense: other\nlicense_name: my-terms\n---\n"}, "my-terms"),
        ({"README__md": "---\nlicense: other\n---\n", "LICENSE__txt": "MIT License\n\nCopyright"}, "MIT"),
        ({"README__md": None, "LICENSE__txt": "  Apache License\n    Version 2.0, January"}, "Apache-2.0"),
        ({"README__md": "---\nlicense: cc-by-nd-4.0\n---\n"}, "CC-BY-ND-4.0"),
        ({"README__md": None, "LICENSE__md": "LLAMA 3.2 COMMUNITY LICENSE AGREEMENT"}, "llama3.2"),
    ]
    for number, (files, licence) in enumerate(cases):
        assert adding.look(folder(tmp_path / f"f{number}", **files)).licence == licence


def test_a_vocabulary_as_a_list(tmp_path: Path) -> None:
    unigram = {"model": {"type": "Unigram", "vocab": [[piece, 0.0] for piece in PIECES]}}
    assert adding.look(folder(tmp_path / "tiny", tokenizer__json=unigram)).shape.vocab == len(PIECES)


def test_other_things_at_a_path(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is nothing at"):
        adding.look(tmp_path / "nothing")
    (tmp_path / "text.txt").write_text("Once", encoding="utf-8")
    refused(tmp_path / "text.txt", "neither a GGUF file nor a folder")
    with pytest.raises(ModelError, match="holds weights alone"):
        adding.look(safetensors(tmp_path / "a.safetensors"))
    path = folder(tmp_path / "tiny")
    shutil.rmtree(path)
    path.mkdir()
    refused(path, "no config.json")
