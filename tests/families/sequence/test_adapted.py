"""A base with an adapter keeps the promises of a network, whichever family the base is of."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from etude.bases.adding import fingerprint
from etude.errors import ModelError
from etude.families.sequence.networks.adapted import KIND
from etude.families.sequence.networks.adapted_layers import Layers
from etude.families.sequence.networks.base_weights import open_base
from etude.families.sequence.networks.check import check_network
from etude.families.sequence.networks.contract import FindBase, Task
from tests.families.sequence import small_bases

TASK = Task(
    vocab=330,
    side_sizes=(4, 3),
    conditions=2,
    period=1,
    window=32,
    tokens=5000,
    seconds=None,
    steps=10,
    speed=1e10,
    speed_bfloat16=1e10,
    size="s",
    base="small",
)


@pytest.mark.parametrize("kind", small_bases.KINDS)
def test_a_base_with_an_adapter_keeps_every_promise(kind: str, tmp_path: Path) -> None:
    path = small_bases.folder(tmp_path / kind, kind)
    found = check_network(KIND, TASK, lambda name: path)
    assert {c.name: c.complaints for c in found if not c.ok} == {}


def test_products_in_bfloat16_keep_the_promises_too(tmp_path: Path) -> None:
    path = small_bases.folder(tmp_path / "small", "qwen3")
    found = check_network(KIND, replace(TASK, speed_bfloat16=1e11), lambda name: path)
    assert {c.name: c.complaints for c in found if not c.ok} == {}


# ---- beside transformers


@pytest.mark.parametrize("kind", small_bases.KINDS)
def test_a_base_says_what_transformers_says(kind: str, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    path = small_bases.folder(tmp_path / kind, kind)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(path, use_safetensors=True).float().eval()
    tokens = torch.randint(330, (2, 40), generator=torch.Generator().manual_seed(1))
    base = open_base(path)
    ours = Layers(base.shape, base.weights())
    with torch.inference_mode():
        expected = theirs(tokens).logits
        stream = ours.stream(tokens, torch.zeros(2, 40, 0, dtype=torch.int64))
        said = torch.nn.functional.linear(ours.normed(stream), ours.head)
    assert torch.allclose(said, expected, atol=2e-4, rtol=1e-4), float((said - expected).abs().max())


# ---- on disk


def at(path: Path) -> FindBase:
    return lambda name: path


def test_a_gguf_file_is_the_same_base_as_its_folder(tmp_path: Path) -> None:
    path = small_bases.folder(tmp_path / "small", "llama")
    file = small_bases.gguf_file(tmp_path / "small.gguf", path)
    one, two = open_base(path), open_base(file)
    assert two.name == "Small" and two.sha256 == fingerprint(file)
    a, b = one.weights(), two.weights()
    assert a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)
    assert replace(two.shape, rope=(), eps=0.0) == replace(one.shape, rope=(), eps=0.0)
    assert np.allclose(two.shape.frequencies(0), one.shape.frequencies(0))
    codecs = [KIND.codec("", at(place)) for place in (path, file)]
    words = "\u201cWait,\u201d he said 1234 times.\n\n  The boat went out <|im_end|> \u65e5\u672c \U0001f600"
    tokens = [c.encode(words).tokens.tolist() for c in codecs if c is not None]
    assert tokens[0] == tokens[1] and codecs[0] is not None
    assert codecs[0].decode(tokens[0]) == words


def test_a_file_with_pieces_and_scores_spells_every_text(tmp_path: Path) -> None:
    """SentencePiece in a GGUF file: merges are not stored, and follow from the scores."""
    path = small_bases.folder(tmp_path / "small", "llama", vocab=510, made=small_bases.sentencepiece_like())
    file = small_bases.gguf_file(tmp_path / "small.gguf", path)
    codecs = [KIND.codec("", at(place)) for place in (path, file)]
    assert codecs[0] is not None and codecs[1] is not None
    for text in (small_bases.TEXT, "  two blanks, caf\u00e9 \u65e5 \U0001f600\n", "<s>"):
        made = codecs[1].encode(text).tokens
        assert codecs[1].decode(made.tolist()) == text
        if text == small_bases.TEXT:
            assert made.tolist() == codecs[0].encode(text).tokens.tolist()
            assert len(made) < len(text) / 2  # pieces, not bytes
    assert open_base(file).weights().keys() == open_base(path).weights().keys()


def test_a_quantised_file_is_near(tmp_path: Path) -> None:
    path = small_bases.folder(tmp_path / "small", "qwen2")
    file = small_bases.gguf_file(tmp_path / "small.gguf", path, quantised=True)
    a, b = open_base(path).weights(), open_base(file).weights()
    far = (a["layers.0.gate"].float() - b["layers.0.gate"].float()).abs().max()
    assert 0 < far < 0.02


def _spoilt(path: Path, **changes: object) -> Path:
    config = json.loads((path / "config.json").read_text("utf-8")) | changes
    (path / "config.json").write_text(json.dumps(config), "utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "mamba"}, "of the kind 'mamba', and this version opens Llama"),
        ({"auto_map": {"AutoModel": "x.py"}}, "Etude runs no code that comes with a base"),
        ({"attention_bias": True}, "has attention_bias, which is not known here"),
        ({"rope_scaling": {"rope_type": "yarn"}}, "positions of the kind yarn"),
        ({"intermediate_size": 52}, "its sizes say"),
        ({"num_attention_heads": "many"}, "cannot be read"),
    ],
)
def test_folders_that_are_not_opened(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    path = _spoilt(small_bases.folder(tmp_path / "small"), **changes)
    with pytest.raises(ModelError, match=said):
        open_base(path).weights()


def test_pickles_and_damage_are_named(tmp_path: Path) -> None:
    path = small_bases.folder(tmp_path / "small")
    file = small_bases.gguf_file(tmp_path / "small.gguf", path)
    whole = file.read_bytes()
    for cut, said in (
        (20, "is truncated: its number of key-values"),
        (len(whole) // 8, "is truncated"),
        (len(whole) - 9, "is truncated"),
    ):
        file.write_bytes(whole[:cut])
        with pytest.raises(ModelError, match=said):
            open_base(file).weights()
    file.write_bytes(b"GGUF\x03\x00\x00\x00" + b"\xff" * 16)
    with pytest.raises(ModelError, match="as its number of tensors, and at most"):
        open_base(file)
    (path / "model.safetensors").rename(path / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"its weights are a pickle \(pytorch_model\.bin\)"):
        open_base(path)
    with pytest.raises(ModelError, match="There is nothing at"):
        open_base(tmp_path / "nowhere")


def test_a_missing_library_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantised tensors need it, plain ones do not."""
    path = small_bases.folder(tmp_path / "small", "qwen2")
    file = small_bases.gguf_file(tmp_path / "small.gguf", path, quantised=True)
    plain = small_bases.gguf_file(tmp_path / "plain.gguf", path)
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(ModelError) as caught:
        open_base(file).weights()
    assert "not installed" in caught.value.message and "pip install 'etude[base]'" in caught.value.hint
    assert open_base(plain).weights()
