"""A bill of materials of a model in CycloneDX 1.7 (ECMA-424): the weights with their hash, what they were
learned from, how good they are on works held out, and what they cost.

Written by hand, since libraries have no model cards yet. Knows headers of models as JSON.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

# A name space of our own: the same model gives the same serial number
_SPACE = uuid.UUID("6f0b5a52-6c2e-5f7e-9a3d-6574756465ff")


def bill(
    header: Mapping[str, Any],
    model: Mapping[str, Any],
    works: Sequence[tuple[str, str, str]],
    concern: str,
    version: str,
) -> bytes:
    """The JSON. `model`: id, hash, weights_sha256, created, medium; `works`: licence, consent, how many;
    `concern`: what became of the works since."""
    learned = [
        {
            "type": "dataset",
            "bom-ref": "collection",
            "name": str(header.get("collection", "")),
            "classification": "training",
            "contents": {
                "properties": [
                    {"name": f"etude:works:{licence or 'unknown'}:{consent}", "value": n}
                    for licence, consent, n in works
                ]
            },
        }
    ]
    metrics = [
        {
            "type": f"{name} ({figure.get('unit', '')})",
            "value": str(figure["value"]),
            "confidenceInterval": {"lowerBound": str(figure["low"]), "upperBound": str(figure["high"])},
        }
        for name, figure in dict(header.get("figures") or {}).items()
        if isinstance(figure, Mapping) and {"value", "low", "high"} <= figure.keys()
    ]
    ledger = dict(header.get("ledger") or {})
    facts = {
        "etude:budget": header.get("budget"),
        "etude:ended": header.get("ended"),
        "etude:steps": header.get("steps"),
        "etude:wall_s": ledger.get("wall_s"),
        "etude:kwh_low_middle_high": ledger.get("kwh"),
        "etude:weighting": (header.get("weighting") or {}).get("said"),
        "etude:concern": concern or None,
    }
    component = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": str(model["id"]),
        "version": str(model["hash"])[:16],
        "hashes": [{"alg": "SHA-256", "content": str(model["weights_sha256"])}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "self-supervised"},
                "task": f"generation of {model['medium']}",
                "architectureFamily": str(header.get("family", "")),
                "datasets": learned,
            },
            "quantitativeAnalysis": {"performanceMetrics": metrics},
            "considerations": {
                "technicalLimitations": [
                    "Figures are of works held out of this collection, and of no other.",
                    *([concern] if concern else []),
                ]
            },
        },
        "properties": [
            {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}
            for name, value in facts.items()
            if value is not None
        ],
    }
    began = header.get("base") or header.get("started_from")
    origin = [_origin(began)] if isinstance(began, Mapping) else []
    record = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, str(model['hash']))}",
        "version": 1,
        "metadata": {
            "timestamp": str(model["created"]),
            "tools": {"components": [{"type": "application", "name": "Etude", "version": version}]},
            "component": component,
        },
        "components": origin,
        "dependencies": [{"ref": "model", "dependsOn": [one["bom-ref"] for one in origin]}],
    }
    return json.dumps(record, ensure_ascii=False, indent=2).encode() + b"\n"


def _origin(began: Mapping[str, Any]) -> dict[str, Any]:
    """The base, or the weights that learning began with."""
    name = str(began.get("name") or began.get("model") or "weights")
    sha256 = str(began.get("weights_sha256") or "")
    out: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": "origin", "name": name}
    if len(sha256) == 64:
        out["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    licence = str(began.get("licence") or "")
    if licence:
        out["licenses"] = [{"license": {"name": licence}}]
    return out
