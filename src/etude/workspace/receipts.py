"""The receipt of a withdrawal: a JSON file outside of what the project keeps, signed where the person has a
key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etude.errors import CredentialError
from etude.store.files import write_atomic
from etude.store.project import Project


def write(project: Project, told: Mapping[str, Any], path: Path, name: str) -> str:
    """Write what was told of a withdrawal; returns the signer's fingerprint, empty where nobody signed."""
    from etude import credentials
    from etude.credentials import receipts

    said = {**told, "project": project.settings.get("id", "")}
    for key in ("dry_run", "receipt", "fingerprint"):
        said.pop(key, None)
    signed = receipts.sign(json.loads(json.dumps(said)), credentials.read_keyring(name=name))
    write_atomic(path, json.dumps(signed, ensure_ascii=False, indent=1).encode() + b"\n")
    return str(signed["signed"]["fingerprint"]) if signed["signed"] else ""


def check(file: str | Path) -> str:
    """The fingerprint of who signed a receipt that nobody changed since. Raises CredentialError for any
    other."""
    from etude.credentials import receipts

    try:
        record = json.loads(Path(file).expanduser().read_bytes())
    except (OSError, ValueError) as error:
        raise CredentialError(f"{file} cannot be read as a receipt.", "Name the JSON file.") from error
    return receipts.check(record if isinstance(record, dict) else {})
