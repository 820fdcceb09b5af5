"""Files become works: read through their medium, compared with the works that are there, written, and entered
into a collection.

Only what can be read becomes a work; a file that cannot is named with its reason and passed over. Equal bytes
are one work: what is said of it now is filled in where nothing was known, and never replaces what was.
Near-duplicates are added, reported, and kept on one side of the split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from etude.config.media import TEXT
from etude.config.store import STORE
from etude.curate import consent as rules
from etude.errors import EtudeError, WorkError
from etude.media import MEDIA, for_file
from etude.media.contract import Medium
from etude.media.foreign import unknown
from etude.media.options import NOTHING, Said, read_as, said_to
from etude.store.project import Project
from etude.store.works import CONSENTS, NewWork, Work, composed
from etude.workspace import measures
from etude.workspace.collecting import CollectionInfo, enter
from etude.workspace.gather import About, Candidate, Skipped
from etude.workspace.measures import Measures, measure
from etude.workspace.passed_over import PassedOver, nothing, passed_over

OnFile = Callable[[int, int, str], None]  # done, of how many, the file being read
_KINDS = {
    "shingles": "near",
    "signature": "alike",
}  # what a near-duplicate is called, by what works are recognised by


@dataclass(frozen=True)
class Duplicate:
    """A file that equals a known work (`equal`), shares text or notes with one (`near`, with the share of
    common shingles), or looks like one (`alike`, with the likeness of pictures)."""

    file: str
    work: str
    title: str
    kind: str
    likeness: float


@dataclass(frozen=True)
class Filled:
    """A known work of which more is known now: the fields that were empty and have a value now."""

    work: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Differs:
    """A known work of which something else was said now: what it has stays."""

    work: str
    title: str
    field: str
    has: str
    said: str


@dataclass(frozen=True)
class Added:
    """What `add` did. Each work read from the files is either new (`works`) or one of the `known`, of which
    `filled` know more now and `differs` keep what they had. `entered` counts works that came into the
    collection, new or known. `passed_over` counts files of other kinds, `others` says what they are;
    `warnings` say what was mended in reading."""

    schema: ClassVar[str] = "etude.add/1"
    works: tuple[Work, ...]
    skipped: tuple[Skipped, ...]
    duplicates: tuple[Duplicate, ...]
    warnings: tuple[Skipped, ...]
    passed_over: int
    collection: CollectionInfo | None
    known: int = 0
    filled: tuple[Filled, ...] = ()
    differs: tuple[Differs, ...] = ()
    entered: int = 0
    others: tuple[PassedOver, ...] = ()


@dataclass(frozen=True)
class _Read:
    """One work read from a file: measured, its content let go."""

    file: str
    medium: Medium
    measures: Measures
    new: NewWork
    said: About


def take_in(
    project: Project,
    candidates: Sequence[Candidate],
    collection: str | None,
    *,
    by_maker: bool = False,
    medium: str | None = None,
    on_file: OnFile | None = None,
    skipped: Sequence[Skipped] = (),
    other: Sequence[Path] = (),
    said: Said = NOTHING,
) -> Added:
    """Read the candidates and keep what is a work. Raises WorkError when nothing is."""
    reads, refused, warnings = _read_all(project, candidates, collection, medium, on_file, said)
    if not reads:
        raise nothing(candidates, [*skipped, *refused], passed_over(other, medium))
    try:
        return _keep(
            project, reads, [*skipped, *refused], warnings, passed_over(other, medium), collection, by_maker
        )
    finally:
        _let_go(reads)


def _let_go(reads: Sequence[_Read]) -> None:
    """Bytes that were laid ready and became no work."""
    for read in reads:
        if read.new.ready is not None:
            read.new.ready.path.unlink(missing_ok=True)


def _read_all(
    project: Project,
    candidates: Sequence[Candidate],
    collection: str | None,
    medium: str | None,
    on_file: OnFile | None,
    said: Said,
) -> tuple[list[_Read], list[Skipped], list[Skipped]]:
    """Every work in the files, the files that hold none with the reason, and what was mended in reading."""
    wanted = medium_of(project, collection)
    if medium is not None and wanted not in (None, medium):
        raise WorkError(
            f"Collection '{collection}' holds {wanted}, not {medium}.", "Make one collection for each medium."
        )
    wanted = wanted or medium
    reads: list[_Read] = []
    skipped: list[Skipped] = []
    warnings: list[Skipped] = []
    held = 0  # bytes of originals in memory
    for number, candidate in enumerate(candidates):
        if on_file:
            on_file(number, len(candidates), str(candidate.path))
        try:
            found, mended = _read(candidate, wanted, collection, said)
        except EtudeError as error:
            reason = f"{error.message.rstrip('.')}. {error.hint}" if error.hint else error.message
            skipped.append(Skipped(str(candidate.path), reason))
            continue
        warnings += [Skipped(str(candidate.path), text) for text in mended]
        reads += found
        held += sum(len(read.new.data) for read in found)
        if held > STORE.batch_bytes:
            try:
                reads, held = [_laid_ready(project, read) for read in reads], 0
            except BaseException:
                _let_go(reads)
                raise
        wanted = wanted or (found[0].medium.name if collection and found else None)
    return reads, skipped, warnings


def _laid_ready(project: Project, read: _Read) -> _Read:
    return read if read.new.ready else replace(read, new=project.lay_ready(read.new))


def _written(project: Project, reads: Sequence[_Read]) -> list[tuple[Work, _Read, bool]]:
    """The works that they became, and whether each was none before. Under the lock."""
    there = {work.id for work in project.works()}
    out: list[tuple[Work, _Read, bool]] = []
    for work, read in zip(project.add_works([read.new for read in reads]), reads, strict=True):
        out.append((work, read, work.id not in there))
        there.add(work.id)  # of equal files in one call the first is the work
    return out


def check_words(licence: str, consent: str) -> None:
    """Raises ConsentError or WorkError for a licence or consent that we do not know, before anything is
    read."""
    if licence:
        rules.licence(licence)
    if consent and consent not in CONSENTS:
        raise WorkError(
            f"Consent is '{consent}'; it can be {', '.join(CONSENTS)}.", "Give one of them with --consent."
        )


def commonest(candidates: Sequence[Candidate]) -> str | None:
    """The medium that most files can be, by their suffixes; of equally many the first file's."""
    counts: Counter[str] = Counter()
    for candidate in candidates:
        suffix = candidate.path.suffix.lower()
        counts.update(name for name, medium in reversed([*MEDIA.items()]) if suffix in medium.suffixes)
    return counts.most_common(1)[0][0] if counts else None


def medium_of(project: Project, collection: str | None) -> str | None:
    if collection is None:
        return None
    return next((known.medium or None for known in project.collections() if known.name == collection), None)


def _read(
    candidate: Candidate, wanted: str | None, collection: str | None, said: Said
) -> tuple[list[_Read], tuple[str, ...]]:
    """The works in one file, and what had to be mended. Raises WorkError with the reason."""
    path, about = candidate.path, candidate.about
    try:
        size = path.stat().st_size if candidate.data is None else len(candidate.data)
        if size > 4 * TEXT.max_bytes:  # not even opened: the media have their own, smaller limits
            raise WorkError(
                f"has {size / 1e6:,.0f} MB; at most {4 * TEXT.max_bytes / 1e6:,.0f} MB are read", "Divide it."
            )
        data = path.read_bytes() if candidate.data is None else candidate.data
    except OSError as error:
        raise WorkError(f"cannot be opened: {error.strerror}") from error
    if not data:
        raise WorkError("is empty (0 bytes)")
    medium = for_file(path, data, wanted)
    if medium is None:
        raise unknown(path, data, wanted)
    if wanted and medium.name != wanted:
        asked = f"collection '{collection}' holds" if collection else "asked for was"
        raise WorkError(f"is {medium.name}, and {asked} {wanted}")
    check_words(about.licence, about.consent)
    found: list[_Read] = []
    warnings: list[str] = []
    suffix = path.suffix.lower()
    parts = medium.split(data, suffix)
    for number, part in enumerate(parts, 1):
        try:
            reading = read_as(medium, part, suffix=suffix, said=said)
        except WorkError as error:
            if len(parts) == 1:
                raise
            warnings.append(f"tune {number} of {len(parts)} left out: {error.message}")
            continue
        warnings += reading.warnings
        title = about.title if about.title and len(parts) == 1 else reading.title
        new = NewWork(
            part,
            suffix,
            medium.name,
            title=title or (path.stem if len(parts) == 1 else f"{path.stem} {number}"),
            maker=about.maker or reading.maker,
            licence=about.licence,
            consent=about.consent or "unknown",
            attrs=about.attrs,
            size=medium.size(reading.content),
            series=about.series,
            reading=said_to(medium, said),
        )
        found.append(_Read(str(path), medium, measure(medium, reading.content), new, about))
    if not found:
        raise WorkError(f"none of its {len(parts)} tunes can be read")
    return found, tuple(warnings)


def _keep(
    project: Project,
    reads: Sequence[_Read],
    skipped: Sequence[Skipped],
    warnings: Sequence[Skipped],
    other: Sequence[PassedOver],
    collection: str | None,
    by_maker: bool,
) -> Added:
    """Write the works, then the collection, as one act; equal and near works are found on the way."""
    with project.act("add"):
        met = _written(project, reads)
        duplicates = [
            Duplicate(read.file, work.id, work.title, "equal", 1.0) for work, read, fresh in met if not fresh
        ]
        fresh = {work.id: (work, read) for work, read, new in met if new}
        filled, differs = _fill(project, [(work, read) for work, read, _ in met if work.id not in fresh])
        near = _near(project, {work_id: read for work_id, (_, read) in fresh.items()})
        project.log("added", works=list(fresh), collection=collection)
        entered, before = None, 0
        if collection is not None:
            before = next((len(home.entries) for home in project.collections() if home.name == collection), 0)
            weights = {work.id: read.said.weight for work, read, _ in met}
            entered = enter(project, collection, weights, by_maker=by_maker)
    new = tuple(work for work, _ in fresh.values())
    return Added(
        new,
        tuple(skipped),
        (*duplicates, *near),
        tuple(warnings),
        sum(one.files for one in other),
        entered,
        known=len(met) - len(new),
        filled=filled,
        differs=differs,
        entered=entered.works - before if entered else 0,
        others=tuple(other),
    )


def _fill(
    project: Project, met: Sequence[tuple[Work, _Read]]
) -> tuple[tuple[Filled, ...], tuple[Differs, ...]]:
    """Write what was said of known works where nothing was known of them; what is known otherwise stays, and
    is named. Under the lock."""
    filled: dict[str, list[str]] = {}
    differs: list[Differs] = []
    changed: dict[str, Work] = {}
    for known, read in met:
        work = changed.get(known.id, known)
        said = read.said
        spoken = {
            "maker": said.maker,
            "licence": said.licence,
            "consent": said.consent,
            "series": said.series,
        }
        told = {key: value for key, value in spoken.items() if value and value != "unknown"}
        has = {"maker": work.maker, "licence": work.licence, "consent": work.consent, "series": work.series}
        blank = {key: value for key, value in told.items() if has[key] in ("", "unknown")}
        attrs = {key: value for key, value in said.attrs.items() if key not in work.attrs}
        pairs = [(key, has[key], value) for key, value in told.items() if key not in blank]
        pairs += [(key, work.attrs[key], value) for key, value in said.attrs.items() if key not in attrs]
        differs += [
            Differs(work.id, work.title, key, old, value)
            for key, old, value in pairs
            if not _same(key, old, value)
        ]
        if blank or attrs:
            changed[work.id] = replace(
                work,
                maker=blank.get("maker", work.maker),
                licence=blank.get("licence", work.licence),
                consent=blank.get("consent", work.consent),
                series=blank.get("series", work.series),
                attrs={**work.attrs, **attrs},
            )
            filled.setdefault(work.id, []).extend([*blank, *attrs])
    if changed:
        project.update_works(changed.values())
        project.log(
            "described",
            works=list(changed),
            filled={work_id: list(fields) for work_id, fields in filled.items()},
        )
    return tuple(Filled(work_id, tuple(dict.fromkeys(fields))) for work_id, fields in filled.items()), tuple(
        differs
    )


def _same(field: str, old: str, new: str) -> bool:
    """Whether two values say the same: licences go by several names, and spaces do not count."""
    if field == "licence":
        with suppress(EtudeError):  # one written into works.jsonl by hand may be none that we know
            return rules.licence(old).id == rules.licence(new).id
    return composed(" ".join(old.split())) == composed(" ".join(new.split()))


def _near(project: Project, fresh: Mapping[str, _Read]) -> list[Duplicate]:
    """New works that resemble a work of the project, each with its closest."""
    found: list[Duplicate] = []
    measures.keep(project, {work_id: read.measures for work_id, read in fresh.items()})
    for name, medium in {read.medium.name: read.medium for read in fresh.values()}.items():
        known = measures.of(project, [work for work in project.works() if work.medium == name])
        kind = _KINDS[medium.marks_kind]
        titles = {work.id: work.title for work in project.works()}
        closest: dict[str, tuple[float, str]] = {}
        for pair in (pair for group in measures.alike(known, set(fresh)) for pair in group.pairs):
            a, b = (pair.a, pair.b) if pair.b not in fresh else (pair.b, pair.a)
            closest[a] = max(
                closest.get(a, (0.0, "")),
                (pair.jaccard if kind == "alike" else max(pair.jaccard, pair.contained), b),
            )
        found += [
            Duplicate(fresh[a].file, b, titles[b], kind, round(share, 3)) for a, (share, b) in closest.items()
        ]
    return found
