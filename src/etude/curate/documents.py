"""What a collection is made of, as documents that others read: Croissant 1.1 with the vocabulary of
responsible AI (mlcommons.org), a datasheet (Gebru et al. 2021, arXiv 1803.09010), and a summary with the
twelve points of California's AB 2013.

Filled in is what the project knows; what only a person can say stands there as a question, never as a guess.
Not legal advice. Knows the report and what is written about works.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etude.curate import report
from etude.curate.report import Curated

ASK = "*To be said by whoever made the collection.*"
COLUMNS = (
    "id",
    "title",
    "maker",
    "licence",
    "consent",
    "file",
    "sha256",
    "medium",
    "size",
    "role",
    "weight",
    "added",
)


@dataclass(frozen=True)
class Row:
    """A work as the documents list it, by COLUMNS, with its attributes."""

    cells: Mapping[str, str]
    attrs: Mapping[str, str]


def table(rows: Sequence[Row]) -> bytes:
    """works.csv: a line a work, a column an attribute."""
    keys = sorted({key for row in rows for key in row.attrs})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *(f"attr_{_plain(key)}" for key in keys)])
    for row in rows:
        writer.writerow([*(row.cells[c] for c in COLUMNS), *(row.attrs.get(key, "") for key in keys)])
    return out.getvalue().encode()


def _plain(key: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in key)


def croissant(found: Curated, rows: Sequence[Row], data: bytes, made: str) -> bytes:
    """The JSON-LD. `data`: works.csv, beside which it lies."""
    header = data.split(b"\n", 1)[0].decode().split(",")
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"works/{name}",
            "name": name,
            "description": _COLUMN_WORDS.get(name, f"The attribute {name.removeprefix('attr_')}."),
            "dataType": "sc:Float" if name == "weight" else "sc:Integer" if name == "size" else "sc:Text",
            "source": {"fileObject": {"@id": "works.csv"}, "extract": {"column": name}},
        }
        for name in header
    ]
    licences = Counter(row.cells["licence"] or "unknown" for row in rows)
    record = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": found.collection,
        "description": f"{found.works:,} works ({found.units:,} {found.unit}) of the medium {found.medium}.",
        "version": "1.0.0",
        "datePublished": made[:10],
        "license": sorted(licences),
        "creator": [{"@type": "sc:Person", "name": name} for name in _makers(rows)[:200]],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "works.csv",
                "name": "works.csv",
                "description": "A line a work, with the hash of its bytes.",
                "contentUrl": "works.csv",
                "encodingFormat": "text/csv",
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "works", "name": "works", "field": fields}],
        "rai:dataCollection": _span(rows),
        "rai:dataCollectionType": ["Manual Human Curation"],
        "rai:dataPreprocessingProtocol": [_processing(found)],
        "rai:dataBiases": [line for row in found.attributes if (line := report.uneven(row))],
        "rai:dataLimitations": [
            line
            for line in (report.hardly(found.works), *(report.too_few(row) for row in found.attributes))
            if line
        ],
        "rai:dataUseCases": ["Training a generative model on a person's own machine, and measuring it."],
        "rai:personalSensitiveInformation": [
            "Names of makers. Contents were not searched for personal information."
        ],
        "rai:dataReleaseMaintenancePlan": "Works can be withdrawn; models that learned from them are marked.",
    }
    return json.dumps(record, ensure_ascii=False, indent=2).encode() + b"\n"


def datasheet(found: Curated, rows: Sequence[Row], made: str) -> str:
    """The datasheet in Markdown."""
    licences = Counter(row.cells["licence"] or "unknown" for row in rows)
    consents = Counter(row.cells["consent"] for row in rows)
    roles = Counter(row.cells["role"] for row in rows)
    lines = [line for row in found.attributes if (line := report.uneven(row))]
    few = [line for row in found.attributes if (line := report.too_few(row))]
    twins = sum(len(group.members) for group in found.twins)
    return "\n".join(
        [
            f"# Datasheet: {found.collection}",
            f"Of {made[:10]}. The questions follow Gebru et al., Datasheets for Datasets (2021).",
            "",
            "## Motivation",
            f"For what purpose, and by whom, was it put together? {ASK}",
            "",
            "## Composition",
            f"- {found.works:,} works, {found.units:,} {found.unit}, of the medium {found.medium}.",
            *(f"- {line}" for line in lines),
            *(f"- {report.dated(one)}" for one in found.times),
            *(f"- {line}" for line in (report.hardly(found.works), *few) if line),
            f"- Near-duplicates: {twins:,} works in {len(found.twins):,} groups.",
            f"- Split: {_counted(roles)}.",
            "- Does it hold personal or sensitive information? Makers are named; contents were not searched. "
            + ASK,
            "",
            "## Collection process",
            f"- {_span(rows)}",
            f"- Consent of the makers, as it was written down: {_counted(consents)}.",
            f"- Licences: {_counted(licences)}.",
            *(f"- {line}" for line in found.contradictions[:20]),
            f"- {_reserved(found)}",
            f"- How were works chosen? {ASK}",
            "",
            "## Preprocessing",
            f"- {_processing(found)}",
            "",
            "## Uses",
            f"- For which uses is it unfit? {ASK}",
            *(f"- More is needed of: {line}" for line in found.collect),
            "",
            "## Distribution and maintenance",
            "- Originals stay where they are; works.csv names them by hash.",
            "- A maker can withdraw a work: it leaves collections, memories, caches; models are marked.",
            f"- Who can be written to? {ASK}",
            "",
        ]
    )


def summary(found: Curated, rows: Sequence[Row], made: str, first_used: str) -> str:
    """The training-data summary with the twelve points of AB 2013 (California Civil Code 3111)."""
    licences = Counter(row.cells["licence"] or "unknown" for row in rows)
    unowned = sum(n for name, n in licences.items() if name in ("public-domain", "CC0-1.0", "PDDL-1.0"))
    makers = _makers(rows)
    some = ", ".join(makers[:40]) + (
        f" and {len(makers) - 40:,} more (works.csv)" if len(makers) > 40 else ""
    )
    attrs = sorted({key for row in rows for key in row.attrs})
    points = [
        ("Sources or owners", some or "Not said."),
        ("How it serves the purpose of the system", ASK),
        ("Number of data points", f"{found.works:,} works, {found.units:,} {found.unit}."),
        (
            "Types of data points",
            f"{found.medium}" + (f", described by {', '.join(attrs)}." if attrs else ", without labels."),
        ),
        (
            "Copyright, trademark, patent, or public domain",
            f"{unowned:,} of {found.works:,} works are in the public domain; licences: {_counted(licences)}.",
        ),
        ("Purchased or licensed", f"By the licences above. {ASK}"),
        ("Personal information", f"Names of makers; contents were not searched. {ASK}"),
        ("Aggregate consumer information", f"None is recorded. {ASK}"),
        ("Cleaning, processing, other modification", _processing(found)),
        ("Time of collection", _span(rows)),
        ("First used", first_used[:10] or "Not used yet."),
        (
            "Synthetic data",
            "Etude does not generate training data; whether works were generated is not recorded. " + ASK,
        ),
    ]
    lines = [f"{i}. **{name}.** {text}" for i, (name, text) in enumerate(points, 1)]
    head = [
        f"# Training data: {found.collection}",
        f"Of {made[:10]}, in the order of AB 2013. Not legal advice.",
        "",
    ]
    return "\n".join([*head, *lines, ""])


def _makers(rows: Sequence[Row]) -> list[str]:
    counts = Counter(row.cells["maker"] for row in rows if row.cells["maker"])
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {n:,}" for name, n in ordered) or "none"


def _span(rows: Sequence[Row]) -> str:
    days = sorted(row.cells["added"][:10] for row in rows)
    return f"Works were added to the project from {days[0]} to {days[-1]}." if days else "No works."


def _processing(found: Curated) -> str:
    weighed = f" {found.balance.words}" if found.balance else ""
    return (
        "Works are kept as they were given. For training they are divided into train, critic and held-out, "
        f"near-duplicates on one side.{weighed}"
    )


def _reserved(found: Curated) -> str:
    if not found.reserved:
        return "No file says anything of training in itself (C2PA, XMP, EPUB, HTML, front matter)."
    counts = Counter(one.holds for one in found.reserved)
    return f"What files say of training in themselves: {_counted(counts)}."


_COLUMN_WORDS = {
    "id": "The work's id, from the hash of its bytes.",
    "title": "Its title.",
    "maker": "Who made it.",
    "licence": "Its licence, an SPDX id where there is one; empty if unknown.",
    "consent": "Whether its maker consents to training: yes, no, unknown.",
    "file": "Its file in the project.",
    "sha256": "The SHA-256 of its bytes.",
    "medium": "text, music, image or video.",
    "size": "In units of its medium.",
    "role": "train, critic, held-out, or divided.",
    "weight": "How often it is trained on, 1 is normal.",
    "added": "When it was added.",
}
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
