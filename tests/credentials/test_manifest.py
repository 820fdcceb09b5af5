"""What becomes public: all that was previewed, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from etude.credentials import (
    Began,
    Contribution,
    Given,
    Keyring,
    Owed,
    Statement,
    build_manifest,
    preview,
    sign,
    verify,
)
from etude.credentials.manifest import own_assertions
from tests.credentials.credential_files import STATEMENT, write

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def test_says_what_was_asked_for() -> None:
    own = own_assertions(build_manifest(STATEMENT))
    assert own["etude.piece"]["source_type"] == _IPTC + "compositeWithTrainedAlgorithmicMedia"
    assert own["etude.origin"]["model"] == {"name": "chorales-1a2b3c4d", "sha256": "ab" * 32}
    assert own["etude.consent"]["total"] == 373
    did = {"accepted": True, "chosen_from": 8, "kept": 228, "added": 12, "removed": 20, "unit": "notes"}
    assert own["etude.contribution"] == did
    assert own["etude.trace"]["borrowed"] == {"memory_share": 0.25, "longest": 7, "unit": "notes", "works": 3}
    assert set(own["cawg.training-mining"]["entries"]) == {
        "cawg.ai_generative_training",
        "cawg.ai_training",
        "cawg.ai_inference",
        "cawg.data_mining",
    }
    assert all(assertion["created"] is True for assertion in build_manifest(STATEMENT)["assertions"])


def test_at_most_ten_works_the_nearest_first() -> None:
    named = own_assertions(build_manifest(STATEMENT))["etude.trace"]["resembles"]
    assert [work["title"] for work in named] == [f"Work {i}" for i in range(24, 14, -1)]


def test_actions() -> None:
    def actions(statement: Statement, *, continues: bool = False) -> list[str]:
        found = build_manifest(statement, continues=continues)["assertions"][0]["data"]["actions"]
        return [action["action"] for action in found]

    assert actions(STATEMENT) == ["c2pa.created", "c2pa.edited"]
    assert actions(replace(STATEMENT, edited=False)) == ["c2pa.created"]
    assert actions(STATEMENT, continues=True) == ["c2pa.edited"]
    untouched = build_manifest(replace(STATEMENT, edited=False))["assertions"][0]["data"]["actions"][0]
    assert untouched["digitalSourceType"] == _IPTC + "trainedAlgorithmicMedia"
    assert untouched["softwareAgent"]["name"] == "Etude"


def test_weights_that_a_model_began_with_are_named_with_their_terms(tmp_path: Path, keyring: Keyring) -> None:
    came = Began("pictures-32", "cd" * 32, "CC-BY-SA-4.0", "Pictures by Somebody.")
    said = replace(STATEMENT, began=(came, Began("older", "ef" * 32)))
    found = build_manifest(said)
    assert [one["instance_id"] for one in found["ingredients"][1:3]] == [
        "sha256:" + "cd" * 32,
        "sha256:" + "ef" * 32,
    ]
    assert len({one["label"] for one in found["ingredients"]}) == len(found["ingredients"])
    own = own_assertions(found)["etude.origin"]["began_from"]
    assert own[0] == {
        "name": "pictures-32",
        "sha256": "cd" * 32,
        "licence": "CC-BY-SA-4.0",
        "credit": "Pictures by Somebody.",
    }
    assert own[1] == {"name": "older", "sha256": "ef" * 32}
    assert (
        "Began from      pictures-32 (SHA-256 cdcdcdcdcdcd…) CC-BY-SA-4.0. Pictures by Somebody"
        in preview(said).text
    )
    path = write(tmp_path, ".png")
    sign(path, path, said, keyring)
    assert verify(path, keyring).state == "intact"
    assert "began_from" not in own_assertions(build_manifest(STATEMENT))["etude.origin"]


def test_other_eyes_that_chose_a_take_are_named() -> None:
    said = replace(STATEMENT, chosen_by="Some network (package some-weights 1.0)")
    assert own_assertions(build_manifest(said))["etude.origin"]["chosen_by"] == said.chosen_by
    assert "Chosen by       Some network (package some-weights 1.0), among drafts" in preview(said).text
    assert "chosen_by" not in own_assertions(build_manifest(STATEMENT))["etude.origin"]
    assert "Chosen by" not in preview(STATEMENT).text


@pytest.mark.parametrize("what", ["picture", "picture around a region", "pictures to mix"])
def test_what_was_given_of_a_picture_is_called_by_its_name(what: str) -> None:
    line = next(
        one
        for one in preview(replace(STATEMENT, given=Given(what))).text.splitlines()
        if one.startswith("Given")
    )
    assert "picture" in line and "bars" not in line


def test_what_was_given_is_not_the_models_alone() -> None:
    given = replace(STATEMENT, edited=False, given=Given("voices", "person", 40, 96, "notes"))
    own = own_assertions(build_manifest(given))
    assert own["etude.piece"]["source_type"] == _IPTC + "compositeWithTrainedAlgorithmicMedia"
    assert own["etude.given"] == {"what": "voices", "by": "person", "kept": 40, "total": 96, "unit": "notes"}
    created = build_manifest(given)["assertions"][0]["data"]["actions"][0]
    assert created["digitalSourceType"] == _IPTC + "compositeWithTrainedAlgorithmicMedia"
    shown = preview(given).text
    assert (
        "made with a model from material that a person gave (IPTC compositeWithTrainedAlgorithmicMedia)"
        in shown
    )
    assert "some of its voices, by you: 40 of the 96 notes of the take" in shown
    private = replace(given, share_contribution=False)
    assert own_assertions(build_manifest(private))["etude.given"] == {"what": "voices", "by": "person"}
    assert "given in part; how much stays private" in preview(private).text


def test_what_the_person_did_in_words() -> None:
    def share(**what: Any) -> str:
        done = replace(
            STATEMENT, edited="unit" in what or what.pop("edited", False), contribution=Contribution(**what)
        )
        return next(line[16:] for line in preview(done).text.splitlines() if line.startswith("Your share"))

    edited = share(chosen_from=3, kept=7, added=6, removed=80, unit="words")
    assert edited == "chose 1 of 3 takes; kept 7 of its 87 words, wrote 6"
    assert share(chosen_from=3) == "chose 1 of 3 takes, and did not change it"
    assert (
        share(chosen_from=1, edited=True) == "kept the one take that was made, and changed it (not counted)"
    )


def test_what_the_person_keeps_private() -> None:
    private = replace(STATEMENT, share_contribution=False, share_resembled=False)
    own = own_assertions(build_manifest(private))
    assert "etude.contribution" not in own
    assert "resembles" not in own["etude.trace"]
    assert own["etude.piece"]["source_type"].endswith(
        "compositeWithTrainedAlgorithmicMedia"
    )  # that it was edited stays true
    assert "how much stays private" in preview(private).text


def test_no_field_for_private_text() -> None:
    assert not {field.name for field in fields(Statement)} & {
        "prompt",
        "prompts",
        "note",
        "notes",
        "path",
        "recipe",
        "seed",
    }


@pytest.mark.parametrize("suffix", [".png", ".txt"])
def test_nothing_of_the_machine_gets_out(suffix: str, tmp_path: Path, keyring: Keyring) -> None:
    folder = tmp_path / "secret-folder"
    folder.mkdir()
    path = write(folder, suffix, "secret-name")
    signed = sign(path, path, STATEMENT, keyring)
    public = (signed.manifest_path or path).read_bytes()
    assert b"secret" not in public
    assert str(keyring.home).encode() not in public
    assert b"PRIVATE KEY" not in public


def test_published_as_previewed(tmp_path: Path, keyring: Keyring) -> None:
    shown = preview(STATEMENT)
    path = write(tmp_path, ".txt")
    sign(path, path, STATEMENT, keyring)
    published = verify(path, keyring).statement
    for label, data in own_assertions(shown.manifest).items():
        said = dict(published[label])
        if label == "etude.piece":
            assert said.pop("signed_at")
        assert said == data
    assert {key for key in published if key.startswith(("etude.", "cawg."))} == set(
        own_assertions(shown.manifest)
    )
    assert json.loads(shown.json) == shown.manifest
    for word in (
        "Étude in the evening",
        "Ann Example",
        "Work 24",
        "371 works",
        "chose 1 of 8 takes; kept 228 of its 248 notes, wrote 12",
        "not allowed",
        "Stays private",
    ):
        assert word in shown.text
    assert "Work 3," not in shown.text


def test_huge_and_strange_titles(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".txt")
    for title in ("x" * 1_000_000, "a\x1b[31mb\nc\u202ed\ud800", "", "\x00"):
        sign(path, path, replace(STATEMENT, title=title), keyring)
        answer = verify(path, keyring)
        assert answer.state == "intact"
        assert len(answer.statement["title"]) <= 200
        assert "\x1b" not in answer.statement["title"]


def test_smallest_statement(tmp_path: Path, keyring: Keyring) -> None:
    path = write(tmp_path, ".txt")
    sign(path, path, Statement(title="", medium="text"), keyring)
    assert verify(path, keyring).state == "intact"
    assert preview(Statement(title="", medium="text")).text


def test_importing_is_cheap() -> None:
    code = (
        "import sys, etude.credentials; print([m for m in ('c2pa', 'cryptography', 'torch') if m in "
        "sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_what_works_were_borrowed_from_is_named_only_when_wanted() -> None:
    assert "etude.shares" not in own_assertions(build_manifest(STATEMENT))
    one = replace(STATEMENT, owed=(Owed("Dawn", "Ada", 0.12345), Owed("Dusk", "", 0.2)))
    told = own_assertions(build_manifest(one))["etude.shares"]
    assert told["works"][0] == {"title": "Dusk", "maker": "", "share": 0.2}
    shown = preview(one).text
    assert "Owes            20.0 % to Dusk, maker unknown" in shown and "12.3 % to Dawn, Ada" in shown
