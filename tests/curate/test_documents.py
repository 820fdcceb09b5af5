"""Documents of collections and models: what others read of them is there, and nothing is made up."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

import etude
from etude.curate.bom import bill
from etude.curate.documents import COLUMNS

WORDS = "a river of words that nobody has said before in this order "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = tmp_path / "texts"
    texts.mkdir()
    for i in range(5):
        (texts / f"t{i}.txt").write_text("\n".join(f"{WORDS}{i} {j * i}" for j in range(30)))
    studio = etude.open(tmp_path / "studio", create=True)
    maker = 'Ada, "the first"'
    studio.add(
        [texts],
        collection="verse",
        maker=maker,
        licence="CC-BY-4.0",
        consent="yes",
        attrs={"born in": "1815"},
    )
    studio.curate("verse", documents=tmp_path / "documents")
    return tmp_path / "documents"


def test_croissant_names_the_table_and_every_column(folder: Path) -> None:
    said, data = json.loads((folder / "croissant.json").read_text()), (folder / "works.csv").read_bytes()
    assert said["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    assert said["distribution"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    columns = [field["source"]["extract"]["column"] for field in said["recordSet"][0]["field"]]
    assert columns == list(rows[0]) == [*COLUMNS, "attr_born_in"]
    assert len(rows) == 5 and rows[0]["maker"] == 'Ada, "the first"' and len(rows[0]["sha256"]) == 64
    assert said["license"] == ["CC-BY-4.0"] and said["rai:dataCollection"].startswith("Works were added")


def test_croissant_is_read_by_its_own_library(folder: Path) -> None:
    library = pytest.importorskip("mlcroissant", reason="pip install mlcroissant: it is no part of the house")
    found = library.Dataset(jsonld=str(folder / "croissant.json"))
    assert not found.metadata.ctx.issues.errors
    assert len(list(found.records("works"))) == 5


def test_what_only_a_person_knows_is_asked_and_not_guessed(folder: Path) -> None:
    sheet, summary = (folder / "datasheet.md").read_text(), (folder / "training-data.md").read_text()
    assert sheet.count("To be said by") >= 4 and "licence" in sheet.lower() and "yes 5" in sheet
    points = [line for line in summary.splitlines() if line[:1].isdigit()]
    assert len(points) == 12 and points[0].startswith("1. **Sources or owners.** Ada")
    assert "Not used yet" in summary and "0 of 5 works are in the public domain" in summary


HEADER = {
    "collection": "verse",
    "family": "sequence",
    "figures": {"network": {"value": 2.1, "low": 2.0, "high": 2.2, "unit": "bits/character", "n": 3}},
    "ledger": {"wall_s": 60.1, "kwh": [1e-5, 2e-5, 3e-5]},
    "started_from": {"model": "tunes-pd", "weights_sha256": "a" * 64, "licence": "CC0-1.0"},
}
MODEL = {
    "id": "m-1",
    "hash": "b" * 64,
    "weights_sha256": "c" * 64,
    "created": "2026-11-30T18:14:22.254Z",
    "medium": "text",
}


def test_a_bill_of_materials_says_what_the_header_says() -> None:
    data = bill(HEADER, MODEL, [("own", "yes", "3")], "One is withdrawn.", "0.2.0")
    assert data == bill(HEADER, MODEL, [("own", "yes", "3")], "One is withdrawn.", "0.2.0")
    said = json.loads(data)
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.7")
    model = said["metadata"]["component"]
    assert model["hashes"] == [{"alg": "SHA-256", "content": "c" * 64}]
    card = model["modelCard"]
    assert card["quantitativeAnalysis"]["performanceMetrics"][0]["confidenceInterval"]["upperBound"] == "2.2"
    assert "One is withdrawn." in card["considerations"]["technicalLimitations"]
    assert said["components"][0]["name"] == "tunes-pd" and said["dependencies"][0]["dependsOn"] == ["origin"]
    json.dumps(said, allow_nan=False)


def test_a_bill_is_valid_by_the_schema_of_cyclonedx() -> None:
    why = "pip install 'cyclonedx-python-lib[json-validation]'"
    validation = pytest.importorskip("cyclonedx.validation.json", reason=why)
    schema = pytest.importorskip("cyclonedx.schema", reason=why).SchemaVersion.V1_7
    data = bill(HEADER, MODEL, [("own", "yes", "3")], "", "0.2.0").decode()
    assert validation.JsonStrictValidator(schema).validate_str(data) is None
