"""Licences of bases: as they are stated, read from the files that come along, and whether they forbid what
learning on a base makes.

A licence of a base is a line of text, since many have terms of their own (`gemma`, `llama3.2`); SPDX ids
get the capitals that SPDX gives them. Unknown is unknown. Not legal advice.
"""

from __future__ import annotations

import re

from etude.errors import ModelError, clean

UNKNOWN = "unknown"
_PAPERS = (  # the first that fits; read from the start of a licence file
    (r"attribution-noncommercial-noderivatives 4\.0", "CC-BY-NC-ND-4.0"),
    (r"attribution-noderivatives 4\.0", "CC-BY-ND-4.0"),
    (r"attribution-noncommercial-sharealike 4\.0", "CC-BY-NC-SA-4.0"),
    (r"attribution-noncommercial 4\.0", "CC-BY-NC-4.0"),
    (r"attribution-sharealike 4\.0", "CC-BY-SA-4.0"),
    (r"attribution 4\.0 international", "CC-BY-4.0"),
    (r"apache license\s+version 2\.0", "Apache-2.0"),
    (r"\bmit license\b", "MIT"),
    (r"gemma terms of use", "gemma"),
    (r"llama (\d(?:\.\d)?) community license", "llama{0}"),
)
_SPDX = {
    name.lower(): name
    for name in (
        "Apache-2.0",
        "MIT",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "GPL-3.0-only",
        "AGPL-3.0-only",
        *(
            f"CC-BY{more}-{version}"
            for more in ("", "-SA", "-NC", "-NC-SA", "-ND", "-NC-ND")
            for version in ("2.0", "3.0", "4.0")
        ),
    )
}
_SAYS_NOTHING = ("", "other", "unknown", "none", "null")


def tidy(text: str) -> str:
    """One printable line, SPDX ids in their capitals; '' where nothing is said."""
    line = " ".join(clean(text, 100).split()).strip("\"'[]")
    return "" if line.lower() in _SAYS_NOTHING else _SPDX.get(line.lower().replace(" ", "-"), line)


def in_paper(text: str) -> str:
    """The licence whose text this is, as far as we know it; else ''."""
    start = " ".join(text[:2000].lower().split())
    for pattern, name in _PAPERS:
        if found := re.search(pattern, start):
            return name.format(*found.groups())
    return ""


def forbids_derivatives(licence: str) -> bool:
    """Whether a licence lets its work be passed on only as it is: an adapter is learned from it, and what
    is made with both is adapted.
    """
    parts = re.split(r"[^a-z0-9]+", licence.lower())
    return "nd" in parts or re.search(r"no-?\s?deriv", licence.lower()) is not None


def check(base: str, licence: str, path: str) -> None:
    """Raises ModelError where nothing may be learned on a base of this name under this licence."""
    if forbids_derivatives(licence):
        raise ModelError(
            f"The base '{base}' is under {licence}, which forbids adapted versions, and a model learned on "
            "it is one.",
            "Choose another base: etude base ls",
        )
    if not licence:
        raise ModelError(
            f"The licence of the base '{base}' is not known, so nothing may be learned on it.",
            f"Say what it is: etude base add {path} --licence LICENCE",
        )
