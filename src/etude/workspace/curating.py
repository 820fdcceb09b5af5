"""A collection looked at before it is learned from: near-duplicates, coverage, the map, licences,
reservations; and what is proposed for it.

Reads the works through their media and keeps what takes long to compute in .etude/; what is said of it is
`curate/`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from shlex import quote

import numpy as np

from etude.curate import consent, coverage, report, reservations
from etude.curate.balance import Balance, balanced, shared
from etude.curate.coverage import Described, Target
from etude.curate.duplicates import Group
from etude.curate.report import Curated, Member, Proposal, Reserved, Twins
from etude.errors import EtudeError, ProjectError
from etude.media import MEDIA
from etude.store.collections import Collection
from etude.store.project import Project
from etude.store.works import Work
from etude.workspace import measures
from etude.workspace.core import OnProgress, Workspace
from etude.workspace.mapping import Points, points_of, regions_of

CLUSTER = "cluster"


@dataclass(frozen=True)
class Looked:
    """A collection with all that was found: the report, its points, its near-duplicates, and the works as
    they are counted."""

    report: Curated
    points: Points
    groups: tuple[Group, ...]
    works: tuple[Described, ...]


def look(
    ws: Workspace,
    name: str,
    *,
    targets: Mapping[str, Target],
    by: str,
    where: Mapping[str, str],
    progress: OnProgress,
) -> Looked:
    """All that `etude curate` says of a collection, or of those of its works that are as `where` says. `by`:
    the attribute (or 'cluster') to propose weights by; empty: none are proposed."""
    project = ws.project
    home = project.collection(name)
    works = _chosen(project, home, where)
    medium = MEDIA[home.medium]
    weights = {entry.work_id: entry.weight for entry in home.entries}
    described = tuple(Described(w.id, w.title, w.maker, w.size, weights[w.id], w.attrs) for w in works)
    attributes = coverage.attributes(described, targets)
    if by not in ("", CLUSTER, coverage.MAKER) and not any(d.value(by) for d in described):
        raise ProjectError(
            f"No work says anything of '{by}'.",
            f"There are: {', '.join(a.key for a in attributes)}, {CLUSTER}",
        )
    groups = measures.alike(measures.of(project, works))
    points = points_of(ws, medium, works, progress)
    regions = regions_of(points, described)
    reserved = _reserved(project, works, progress)
    twins = _twins(groups, works, home)
    refused = consent.refusals(works)
    balance = balance_of(described, by, targets.get(by), points) if by else None
    collect = report.collect_more(
        attributes, regions, medium.names.work, medium.unit, all(w.size == 1 for w in works)
    )
    contradictions = _contradictions(twins, reserved, works)
    proposals = _proposals(home, twins, groups, balance, refused, reserved, [work.id for work in works])
    found = Curated(
        name,
        home.medium,
        dict(where),
        len(works),
        sum(work.size for work in works),
        medium.unit,
        twins,
        attributes,
        coverage.crossings(described, attributes),
        coverage.times(described),
        len(points.works),
        points.passage,
        regions,
        refused,
        reserved,
        contradictions,
        collect,
        proposals,
        balance,
        places=_places(points),
    )
    return Looked(found, points, groups, described)


def _places(points: Points) -> tuple[tuple[str, float, float, int], ...]:
    at = np.round(np.clip(points.land.at, 0, 1), 3).tolist()
    rows = zip(points.works, at, points.land.region.tolist(), strict=True)
    return tuple((work, x, y, region + 1) for work, (x, y), region in rows)


def _chosen(project: Project, home: Collection, where: Mapping[str, str]) -> list[Work]:
    known = {work.id: work for work in project.works()}
    works = [known[work_id] for work_id in home.works() if work_id in known]
    for key, value in where.items():
        kept = [w for w in works if (w.maker if key == coverage.MAKER else w.attrs.get(key, "")) == value]
        if not kept:
            raise ProjectError(f"No work of '{home.name}' has {key} = {value}.", "See: etude works ls")
        works = kept
    if not works:
        raise ProjectError(
            f"Collection '{home.name}' is empty.",
            f"Add works: etude add PATH... --collection {quote(home.name)}",
        )
    return works


# ---- near-duplicates, licences, reservations


def _twins(groups: Sequence[Group], works: Sequence[Work], home: Collection) -> tuple[Twins, ...]:
    known = {work.id: work for work in works}
    roles: dict[str, set[str]] = {}
    for part in home.parts:
        roles.setdefault(part.work_id, set()).add(part.role)
    out = []
    for group in groups:
        like: dict[str, float] = {}
        for pair in group.pairs:
            value = max(pair.jaccard, pair.contained if pair.jaccard < 1 else 1.0)
            for one in (pair.a, pair.b):
                like[one] = max(like.get(one, 0.0), value)
        members = tuple(
            Member(i, known[i].title, known[i].maker, _role(roles.get(i, set())), round(like.get(i, 1.0), 3))
            for i in group.ids
        )
        sides = {role for i in group.ids for role in roles.get(i, ())}
        exact = all(pair.jaccard >= 0.9995 for pair in group.pairs)
        differ = tuple(
            f"{what}: {', '.join(sorted(values))}"
            for what in (("licence", "consent", "maker") if exact else ("licence", "consent"))
            if len(values := {str(getattr(known[i], what)) or "not said" for i in group.ids}) > 1
        )
        out.append(Twins(members, exact, len(sides) > 1, differ))
    out.sort(key=lambda one: (not one.across, not one.differ, -len(one.members)))
    return tuple(out)


def _role(roles: set[str]) -> str:
    return "divided" if len(roles) > 1 else next(iter(roles), "none")


def _reserved(project: Project, works: Sequence[Work], progress: OnProgress) -> tuple[Reserved, ...]:
    found = []
    for i, work in enumerate(works):
        progress(i, len(works), "reading what files say of learning")
        with suppress(EtudeError):
            data = project.work_bytes(work.id)
            said = (*reservations.read(data, work.suffix), *_signed(data, work.suffix))
            strict = reservations.strictest(said)
            if strict is not None:
                found.append(Reserved(work.id, work.title, work.consent, strict.says, said))
    return tuple(found)


def _signed(data: bytes, suffix: str) -> tuple[reservations.Reservation, ...]:
    """What a credential inside the file says; the library is loaded where there may be one."""
    if b"c2pa" not in data:
        return ()
    from pathlib import Path

    from etude.credentials import engine, formats

    kind = formats.kind_of(Path(f"a{suffix}"))
    found = engine.read_bytes(data, kind.mime) if kind.embedded else None
    manifest = getattr(found, "manifest", None)
    return reservations.of_manifest(manifest) if manifest else ()


def _contradictions(
    twins: Sequence[Twins], reserved: Sequence[Reserved], works: Sequence[Work]
) -> tuple[str, ...]:
    said = []
    for one in reserved:
        if one.holds != "allowed" and one.consent == "yes":
            strict = reservations.strictest(one.statements)
            assert strict is not None
            said.append(
                f"“{one.title}” ({one.id}): you wrote consent yes, and {strict.where} says {strict.says} "
                f"({strict.standard}: {strict.raw})."
            )
    for group in twins:
        if group.differ:
            ids = ", ".join(member.id for member in group.members[:4])
            said.append(f"Near-duplicates {ids} are described differently: {'; '.join(group.differ)}.")
    for work in works:
        with suppress(EtudeError):
            if work.consent == "no" and work.licence and consent.licence(work.licence).unowned:
                said.append(
                    f"“{work.title}” ({work.id}): its licence is {work.licence}, its consent no; no holds."
                )
    return tuple(said)


# ---- what is proposed


def balance_of(works: Sequence[Described], by: str, target: Target | None, points: Points | None) -> Balance:
    """Weights by an attribute, or by the regions of the map ('cluster')."""
    if by != CLUSTER or points is None:
        return balanced(works, {work.id: work.value(by) for work in works}, by, target)
    inside: dict[str, Counter[int]] = {}
    for work_id, region in zip(points.works, points.land.region.tolist(), strict=True):
        inside.setdefault(work_id, Counter())[region] += 1
    groups = {work_id: f"region {counts.most_common(1)[0][0] + 1}" for work_id, counts in inside.items()}
    return balanced(works, groups, by)


def _proposals(
    home: Collection,
    twins: Sequence[Twins],
    groups: Sequence[Group],
    balance: Balance | None,
    refused: Sequence[consent.Refusal],
    reserved: Sequence[Reserved],
    known: Sequence[str],
) -> tuple[Proposal, ...]:
    out = []
    name = quote(home.name)
    across = [one for one in twins if one.across and all(m.role != "divided" for m in one.members)]
    if across:
        many = (
            f"{len(across):,} groups of near-duplicates stand"
            if len(across) > 1
            else "A group of near-duplicates stands"
        )
        out.append(
            Proposal("split", f"{many} on both sides of the split: put each on the side of training.", True)
        )
    if any(len(group.ids) > 1 for group in groups):
        n = sum(len(group.ids) for group in groups)
        own = shared([(p.a, p.b) for group in groups for p in group.pairs], dict.fromkeys(known, 1.0))
        out.append(
            Proposal(
                "twins",
                f"{n:,} works have near-duplicates: let each share its weight with them. {len(known):,} "
                f"works then count as about {sum(own.values()):,.0f} different ones.",
                True,
            )
        )
    if balance is not None:
        out.append(Proposal("balance", balance.words, True))
    if refused:
        first = refused[0]
        out.append(
            Proposal(
                "consent",
                f"{len(refused):,} works may not be trained on, the first for: {first.reason}.",
                command=first.fix,
            )
        )
    barred = [one for one in reserved if one.holds == "not allowed" and one.consent != "no"]
    if barred:
        ids = " ".join(one.id for one in barred[:20])
        out.append(
            Proposal(
                "reserved",
                f"{len(barred):,} files reserve training in themselves: unless their makers told you "
                "otherwise, respect it.",
                command=f"etude works edit {ids} --consent no"
                if len(barred) > 1
                else f"etude works edit {ids} --consent no   or   etude collection rm {name} {ids}",
            )
        )
    return tuple(out)
