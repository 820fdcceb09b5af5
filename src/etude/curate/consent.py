"""Which works may be learned from: licence and consent as data, every refusal with its reason and its remedy.

A licence says what may be done with copies and adapted versions; consent is what the maker said to learning.
Unknown is unknown: it is never taken for a yes, except where nobody holds rights any more. Not legal advice,
and blind to law that allows more (text and data mining exceptions). Licence ids are those of the SPDX list
(https://spdx.org/licenses/), with `public-domain` and `own` beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Protocol

from etude.errors import ConsentError


class Licensed(Protocol):
    """What is looked at in a work."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def consent(self) -> str: ...


@dataclass(frozen=True)
class Licence:
    """A licence we know. `learn`: with the maker's consent, a model may be learned from the work. `unowned`:
    nobody holds rights in it, so that nobody need be asked. `duties`: what it asks of whoever passes on a
    piece that resembles the work."""

    id: str
    learn: bool
    unowned: bool = False
    duties: str = ""


_BY = "name the maker"
_SAME = "pass on what resembles the work under the same licence"
_NC = "no commercial use of what resembles the work"
_VERSIONS = ("2.0", "2.5", "3.0", "4.0")
_TABLE = (
    *(
        Licence(name, learn=True, unowned=True)
        for name in ("public-domain", "CC0-1.0", "PDDL-1.0", "Unlicense")
    ),
    Licence("own", learn=True),
    Licence("all-rights-reserved", learn=True),
    *(Licence(f"CC-BY-{version}", learn=True, duties=_BY) for version in _VERSIONS),
    *(Licence(f"CC-BY-SA-{version}", learn=True, duties=f"{_BY}; {_SAME}") for version in _VERSIONS),
    *(Licence(f"CC-BY-NC-{version}", learn=True, duties=f"{_BY}; {_NC}") for version in _VERSIONS),
    *(
        Licence(f"CC-BY-NC-SA-{version}", learn=True, duties=f"{_BY}; {_NC}; {_SAME}")
        for version in _VERSIONS
    ),
    *(
        Licence(f"CC-BY-{kind}-{version}", learn=False, duties=_BY)
        for kind in ("ND", "NC-ND")
        for version in _VERSIONS
    ),
    *(
        Licence(name, learn=True, duties="keep the licence text with what resembles the work")
        for name in ("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Artistic-2.0")
    ),
    *(
        Licence(name, learn=True, duties=_SAME)
        for name in (
            "GPL-2.0-only",
            "GPL-2.0-or-later",
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "GFDL-1.3-or-later",
            "LAL-1.3",
            "OFL-1.1",
            "ODbL-1.0",
        )
    ),
)

LICENCES = {licence.id.lower(): licence for licence in _TABLE}
_ALIASES = {
    "pd": "public-domain",
    "public domain": "public-domain",
    "publicdomain": "public-domain",
    "cc-pdm-1.0": "public-domain",
    "cc0": "cc0-1.0",
    "mine": "own",
    "copyright": "all-rights-reserved",
    "cc-by": "cc-by-4.0",
    "cc-by-sa": "cc-by-sa-4.0",
    "cc-by-nc": "cc-by-nc-4.0",
    "cc-by-nc-sa": "cc-by-nc-sa-4.0",
    "cc-by-nd": "cc-by-nd-4.0",
    "cc-by-nc-nd": "cc-by-nc-nd-4.0",
    "gpl-3.0": "gpl-3.0-only",
    "gpl-2.0": "gpl-2.0-only",
    "apache 2.0": "apache-2.0",
}


@dataclass(frozen=True)
class Refusal:
    """A work that may not be learned from, and why."""

    work_id: str
    title: str
    reason: str
    fix: str


def licence(text: str) -> Licence:
    """The licence of this name, in any capitals and with the usual short forms. Raises ConsentError for one
    we do not know."""
    key = " ".join(text.lower().split())
    key = _ALIASES.get(key, key)
    key = _ALIASES.get(key.replace(" ", "-"), key.replace(" ", "-"))
    if key not in LICENCES:
        raise ConsentError(
            f"{text!r} is not a licence that Etude knows.",
            "Give an SPDX id such as CC-BY-4.0 or CC0-1.0, or public-domain, own, all-rights-reserved; leave "
            "it out if unknown.",
        )
    return LICENCES[key]


def refusal(work: Licensed) -> Refusal | None:
    """Why this work may not be learned from, or None when it may."""
    if work.consent == "no":
        return _refuse(
            work, "its maker did not consent", f"Take it out: etude collection rm COLLECTION {work.id}"
        )
    if not work.licence:
        return _refuse(
            work, "its licence is unknown", f"Set it: etude works edit {work.id} --licence LICENCE"
        )
    try:
        known = licence(work.licence)
    except ConsentError as error:
        return _refuse(
            work, error.message.removesuffix("."), f"Correct it: etude works edit {work.id} --licence LICENCE"
        )
    if not known.learn:
        reason = f"{known.id} forbids adapted versions, and what a model makes may be one"
        fix = (
            f"If the maker allows it anyway: etude works edit {work.id} --licence all-rights-reserved "
            "--consent yes"
        )
        return _refuse(work, reason, fix)
    if work.consent != "yes" and not known.unowned:
        reason = f"its licence is {known.id}, and its maker's consent is unknown"
        return _refuse(work, reason, f"If the maker consents: etude works edit {work.id} --consent yes")
    return None


def refusals(works: Iterable[Licensed]) -> tuple[Refusal, ...]:
    """All works that may not be learned from."""
    return tuple(found for work in works if (found := refusal(work)) is not None)


def check(works: Sequence[Licensed], collection: str = "") -> None:
    """Raises ConsentError that names the works that may not be learned from (the first five), the reasons and
    the remedy: for the whole `collection` where several wait for the same."""
    found = refusals(works)
    if not found:
        return
    named = "; ".join(f"{item.title!r} ({item.work_id}): {item.reason}" for item in found[:5])
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    raise ConsentError(
        f"{len(found)} of {len(works)} works may not be trained on: {named}{more}.",
        _remedy(works, found, collection),
    )


def _remedy(works: Sequence[Licensed], found: Sequence[Refusal], collection: str) -> str:
    """One command for all where something is not known of several; else what helps with the first."""
    refused = {item.work_id for item in found}
    waiting = [
        work
        for work in works
        if work.id in refused and work.consent != "no" and (not work.licence or work.consent == "unknown")
    ]
    if not collection or len(waiting) < 2:
        return found[0].fix
    command = f"etude works edit --collection {quote(collection)} --where-unknown"
    if all(work.licence for work in waiting):
        return f"If their makers consent, set it for all at once: {command} --consent yes"
    return f"If they are your own, set it for all at once: {command} --licence own --consent yes"


def duties(works: Iterable[Licensed]) -> dict[str, tuple[str, ...]]:
    """What the licences ask of whoever passes on what resembles these works: duty -> ids of the works."""
    found: dict[str, list[str]] = {}
    for work in works:
        if work.licence.strip():
            try:
                duty = licence(work.licence).duties
            except ConsentError:
                continue
            if duty:
                found.setdefault(duty, []).append(work.id)
    return {duty: tuple(ids) for duty, ids in found.items()}


def _refuse(work: Licensed, reason: str, fix: str) -> Refusal:
    return Refusal(work.id, work.title, reason, fix)
