"""`add`: files become works, and works enter a collection.

Every file is read through its medium, so that only what can be read becomes a work; a file that cannot is named with its reason
and passed over. Equal bytes are one work; near-duplicates are added, reported, and kept on one side of the split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from etude.api.collections import CollectionInfo, enter
from etude.api.gather import About, Candidate, Skipped, gather
from etude.config import STORE
from etude.errors import EtudeError, WorkError
from etude.media.contract import Medium
from etude.store.project import Project
from etude.store.works import CONSENTS, NewWork, Work

if TYPE_CHECKING:
    from etude.api.measures import Measures

OnFile = Callable[[int, int, str], None]  # done, of how many, the file being read


@dataclass(frozen=True)
class Duplicate:
    """A file that equals a known work (`equal`), shares text or notes with one (`near`, with the share of common shingles), or
    looks like one (`alike`, with the likeness of pictures)."""

    file: str
    work: str
    title: str
    kind: str
    likeness: float


@dataclass(frozen=True)
class Added:
    """What `add` did. `works` are new; `passed_over` counts files of other kinds; `warnings` say what was mended in reading."""

    schema: ClassVar[str] = "etude.add/1"
    works: tuple[Work, ...]
    skipped: tuple[Skipped, ...]
    duplicates: tuple[Duplicate, ...]
    warnings: tuple[Skipped, ...]
    passed_over: int
    collection: CollectionInfo | None


@dataclass(frozen=True)
class _Read:
    """One work read from a file: measured, its content let go. `work`: what it became, once it is in the project; its bytes are
    let go then too, so that a shelf of photographs need not fit the memory."""

    file: str
    medium: Medium
    measures: Measures
    new: NewWork
    weight: float
    work: Work | None = None


def add(
    project: Project,
    paths: Sequence[str | Path],
    *,
    collection: str | None = None,
    maker: str = "",
    licence: str = "",
    consent: str = "unknown",
    attrs: Mapping[str, str] | None = None,
    series: str = "",
    metadata: str | Path | None = None,
    by_maker: bool = False,
    medium: str | None = None,
    on_file: OnFile | None = None,
) -> Added:
    """Add files and folders of works, to a collection if named (made when new). `medium`: only works of that medium.

    A new collection holds the medium that most of the files have, unless `medium` says which. Raises WorkError when nothing could be added, with the first reasons; everything that could be added is added otherwise.
    """
    from etude.media import MEDIA

    about = About(maker=maker, licence=licence, consent=consent, series=series, attrs=dict(attrs or {}))
    check_words(licence, consent)
    if medium is not None and medium not in MEDIA:
        raise WorkError(f"There is no medium '{medium}'.", f"There are: {', '.join(MEDIA)}.")
    wanted = medium or _medium_of(project, collection)
    if wanted is None:
        every = [suffix for known in MEDIA.values() for suffix in known.suffixes]
        candidates, skipped, other = gather(paths, about, metadata, every)
        wanted = _commonest(candidates) if collection else None
    if wanted is not None:  # what else lies in the folders is passed over
        candidates, skipped, other = gather(paths, about, metadata, MEDIA[wanted].suffixes)
    return take_in(
        project, candidates, collection, by_maker=by_maker, medium=wanted, on_file=on_file, skipped=skipped, other=other
    )


def take_in(
    project: Project,
    candidates: Sequence[Candidate],
    collection: str | None,
    *,
    by_maker: bool = False,
    medium: str | None = None,
    on_file: OnFile | None = None,
    skipped: Sequence[Skipped] = (),
    other: int = 0,
) -> Added:
    """Read the candidates and keep what is a work. Raises WorkError when nothing is."""
    before = {work.sha256 for work in project.works()}
    reads, refused, warnings = _read_all(project, candidates, collection, medium, on_file)
    if not reads:
        raise _nothing(candidates, [*skipped, *refused], other)
    return _keep(project, reads, [*skipped, *refused], warnings, other, collection, by_maker, before)


def _read_all(
    project: Project, candidates: Sequence[Candidate], collection: str | None, medium: str | None, on_file: OnFile | None
) -> tuple[list[_Read], list[Skipped], list[Skipped]]:
    """Every work in the files, the files that hold none with the reason, and what was mended in reading."""
    wanted = _medium_of(project, collection)
    if medium is not None and wanted not in (None, medium):
        raise WorkError(f"Collection '{collection}' holds {wanted}, not {medium}.", "Make one collection for each medium.")
    wanted = wanted or medium
    reads: list[_Read] = []
    skipped: list[Skipped] = []
    warnings: list[Skipped] = []
    for number, candidate in enumerate(candidates):
        if on_file:
            on_file(number, len(candidates), str(candidate.path))
        try:
            found, mended = _read(candidate, wanted, collection)
        except EtudeError as error:
            skipped.append(Skipped(str(candidate.path), error.message))
            continue
        warnings += [Skipped(str(candidate.path), text) for text in mended]
        reads += found
        if sum(len(read.new.data) for read in reads if read.work is None) > STORE.batch_bytes:
            with project.lock():
                reads = _written(project, reads)
        wanted = wanted or (found[0].medium.name if collection and found else None)
    return reads, skipped, warnings


def _written(project: Project, reads: Sequence[_Read]) -> list[_Read]:
    """All of them with the works they became; those that were none yet are written. Under the lock."""
    works = iter(project.add_works([read.new for read in reads if read.work is None]))
    return [read if read.work else replace(read, work=next(works), new=replace(read.new, data=b"")) for read in reads]


def check_words(licence: str, consent: str) -> None:
    """Raises ConsentError or WorkError for a licence or consent that we do not know, before anything is read."""
    from etude.curate import consent as rules

    if licence:
        rules.licence(licence)
    if consent and consent not in CONSENTS:
        raise WorkError(f"Consent is '{consent}'; it can be {', '.join(CONSENTS)}.", "Give one of them with --consent.")


def _commonest(candidates: Sequence[Candidate]) -> str | None:
    """The medium that most files can be, by their suffixes; of equally many the first file's."""
    from etude.media import MEDIA

    counts: Counter[str] = Counter()
    for candidate in candidates:
        suffix = candidate.path.suffix.lower()
        counts.update(name for name, medium in reversed([*MEDIA.items()]) if suffix in medium.suffixes)
    return counts.most_common(1)[0][0] if counts else None


def _medium_of(project: Project, collection: str | None) -> str | None:
    if collection is None:
        return None
    return next((known.medium or None for known in project.collections() if known.name == collection), None)


def _read(candidate: Candidate, wanted: str | None, collection: str | None) -> tuple[list[_Read], tuple[str, ...]]:
    """The works in one file, and what had to be mended. Raises WorkError with the reason."""
    from etude.api.measures import measure
    from etude.config import TEXT
    from etude.media import for_file

    path, about = candidate.path, candidate.about
    try:
        size = path.stat().st_size if candidate.data is None else len(candidate.data)
        if size > 4 * TEXT.max_bytes:  # not even opened: the media have their own, smaller limits
            raise WorkError(f"has {size / 1e6:,.0f} MB; at most {4 * TEXT.max_bytes / 1e6:,.0f} MB are read", "Divide it.")
        data = path.read_bytes() if candidate.data is None else candidate.data
    except OSError as error:
        raise WorkError(f"cannot be opened: {error.strerror}") from error
    if not data:
        raise WorkError("is empty (0 bytes)")
    medium = for_file(path, data, wanted)
    if medium is None:
        raise WorkError(f"is of no known medium ('{path.suffix or path.name}')")
    if wanted and medium.name != wanted:
        asked = f"collection '{collection}' holds" if collection else "asked for was"
        raise WorkError(f"is {medium.name}, and {asked} {wanted}")
    check_words(about.licence, about.consent)
    divide = getattr(medium, "split", None)
    found: list[_Read] = []
    warnings: list[str] = []
    suffix = path.suffix.lower()
    parts = divide(data, suffix) if divide else [data]
    for number, part in enumerate(parts, 1):
        try:
            reading = medium.read(part, suffix=suffix)
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
        )
        found.append(_Read(str(path), medium, measure(medium, reading.content), new, about.weight))
    if not found:
        raise WorkError(f"none of its {len(parts)} tunes can be read")
    return found, tuple(warnings)


def _nothing(candidates: Sequence[Candidate], skipped: Sequence[Skipped], other: int) -> WorkError:
    if not candidates and not skipped:
        more = f" ({other} files of other kinds)" if other else ""
        return WorkError(
            f"There is nothing to add there{more}.",
            "Etude reads txt, md, epub, docx, html; mid, musicxml, mxl, abc; png, jpg, webp, gif, tiff, svg; mp4, mov, webm.",
        )
    reasons = "; ".join(f"{skip.file}: {skip.reason}" for skip in skipped[:3])
    return WorkError(f"None of {len(skipped)} files could be added: {reasons}", "Mend these files, or add others.")


def _keep(
    project: Project,
    reads: Sequence[_Read],
    skipped: Sequence[Skipped],
    warnings: Sequence[Skipped],
    other: int,
    collection: str | None,
    by_maker: bool,
    before: set[str],
) -> Added:
    """Write the works (what is left of them, in one act), then the collection; equal and near works are found on the way.

    `before`: the hashes of the works that were there already.
    """
    with project.lock():
        seen = set(before)
        reads = _written(project, reads)
        works = [read.work for read in reads if read.work is not None]
        duplicates: list[Duplicate] = []
        fresh: dict[str, tuple[Work, _Read]] = {}
        for read, work in zip(reads, works, strict=True):
            if work.sha256 in seen:
                duplicates.append(Duplicate(read.file, work.id, work.title, "equal", 1.0))
            else:
                fresh[work.id] = (work, read)
            seen.add(work.sha256)
        near = _near(project, {work_id: read for work_id, (_, read) in fresh.items()})
        project.log("added", works=list(fresh), collection=collection)
        entered = None
        if collection is not None:
            weights = {work.id: read.weight for read, work in zip(reads, works, strict=True)}
            entered = enter(project, collection, weights, by_maker=by_maker)
    new = tuple(work for work, _ in fresh.values())
    return Added(new, tuple(skipped), (*duplicates, *near), tuple(warnings), other, entered)


def _near(project: Project, fresh: Mapping[str, _Read]) -> list[Duplicate]:
    """New works that resemble a work of the project, each with its closest."""
    from etude.api import measures
    from etude.media import is_pictorial

    found: list[Duplicate] = []
    measures.keep(project, {work_id: read.measures for work_id, read in fresh.items()})
    for name, medium in {read.medium.name: read.medium for read in fresh.values()}.items():
        known = measures.of(project, [work for work in project.works() if work.medium == name])
        kind = "alike" if is_pictorial(medium) else "near"
        titles = {work.id: work.title for work in project.works()}
        closest: dict[str, tuple[float, str]] = {}
        for pair in (pair for group in measures.alike(known, set(fresh)) for pair in group.pairs):
            a, b = (pair.a, pair.b) if pair.b not in fresh else (pair.b, pair.a)
            closest[a] = max(
                closest.get(a, (0.0, "")), (pair.jaccard if kind == "alike" else max(pair.jaccard, pair.contained), b)
            )
        found += [Duplicate(fresh[a].file, b, titles[b], kind, round(share, 3)) for a, (share, b) in closest.items()]
    return found
