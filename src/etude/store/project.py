"""The project folder, opened: everything that reads or writes it goes through here.

One method an act, each whole or not at all, each under the project's lock where it writes. Knows nothing of
media, learning or making; the files beside this one hold the work.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etude.config.store import STORE
from etude.errors import ProjectError, WorkError
from etude.store import acts, collections, lines, lock, log, models, pieces, settings, takes, trash, works
from etude.store.acts import CutOff
from etude.store.collections import Collection
from etude.store.files import check_name, slug, write_atomic
from etude.store.layout import CACHE, FOLDERS, SETTINGS
from etude.store.models import ModelInfo
from etude.store.pieces import Piece
from etude.store.takes import Take
from etude.store.works import NewWork, Work

if (
    TYPE_CHECKING
):  # `etude works` need not wait for NumPy, psutil and SQLite: what uses them imports them when it is called
    import numpy.typing as npt

    from etude.store.index import Hit
    from etude.store.models import Arrays
    from etude.store.repair import Finding, Report


class Project:
    """An open project. Two may be open on one folder, in one process or several: the lock keeps their writes
    apart."""

    def __init__(self, root: Path, settings: Mapping[str, Any]) -> None:
        self.root = root
        self.settings = settings
        self._works: tuple[tuple[int, int, int], dict[str, Work]] | None = None
        self.cut_off: tuple[CutOff, ...] = ()  # acts of processes that died, undone by this one

    # --- the folder

    @classmethod
    def init(cls, path: str | Path) -> Project:
        """Make a project at `path` (the folder may exist and hold other things). Raises ProjectError when it
        is one already."""
        root = Path(path).expanduser().resolve()
        if (root / SETTINGS).exists():
            raise ProjectError(f"{root} is an Etude project already.", "Add works with: etude add PATH...")
        if root.exists() and not root.is_dir():
            raise ProjectError(f"{root} is a file, not a folder.", "Give the name of a new folder.")
        try:
            (root / CACHE).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise ProjectError(
                f"No project can be made in {root}: it cannot be written to ({why}).",
                "Name a folder that you may write to: etude init PATH",
            ) from error
        with lock.hold(root / CACHE / "lock"):
            for folder in FOLDERS:
                (root / folder).mkdir(exist_ok=True)
            text = (
                "# An Etude project. Everything here may be edited; what Etude may rebuild is in .etude/.\n"
                f'format = {STORE.project_format}\nid = "{secrets.token_hex(8)}"\ncreated = "{log.now()}"\n'
            )
            write_atomic(root / SETTINGS, text.encode())
        return cls.open(root)

    @classmethod
    def open(cls, path: str | Path | None = None) -> Project:
        """Open the project that `path` (or the current folder) is in. Raises ProjectError when there is none
        or it is newer."""
        start = Path(path).expanduser().resolve() if path is not None else Path.cwd()
        root = next((folder for folder in (start, *start.parents) if (folder / SETTINGS).is_file()), None)
        if root is None:
            raise ProjectError(
                f"There is no Etude project in {start} or above it.", "Make one with: etude init PATH"
            )
        project = cls(root, settings.read(root / SETTINGS))
        if acts.left(root):  # of somebody who is still at it, or of a process that died
            with suppress(ProjectError), project.lock(wait_s=0.0):
                pass
        if models.unfinished(root):  # a crash came between a finished model and its place
            with project.lock():
                models.finish(root)
        return project

    @contextmanager
    def lock(self, wait_s: float | None = None) -> Iterator[None]:
        """Hold the project's one lock over several calls; re-entrant. What a process left in the middle of an
        act is undone first. Raises ProjectError naming who holds the lock."""
        with lock.hold(self.root / CACHE / "lock", wait_s):
            if acts.left(self.root) and (found := acts.undo_left(self.root)) is not None:
                self.cut_off += (found,)
            yield

    @contextmanager
    def act(self, verb: str) -> Iterator[None]:
        """All that is written inside, or nothing: an exception undoes it, after a crash the next start."""
        with self.lock(), acts.act(self.root, verb):
            yield

    def repair(self) -> Report:
        """Check all files, mend what can be mended, rebuild the index; returns what was found."""
        from etude.store.repair import repair

        with self.lock():
            return repair(self.root)

    def glance(self) -> tuple[Finding, ...]:
        """What repair would report of works, collections and pieces, quickly and without changing
        anything."""
        from etude.store.repair import glance

        return glance(self.root)

    def trash(self, path: Path) -> Path:
        """Move a file or folder of the project to the trash; returns its folder there, for `restore`."""
        with self.lock():
            return trash.put(self.root, path)

    def slot_name(self, slot: Path) -> str:
        """What the log says of a folder in the trash: its place in the project, wherever that lies now."""
        return (trash.FOLDER / slot.name).as_posix()

    def slot(self, name: str) -> Path:
        """The folder in the trash that the log names; older logs hold whole paths."""
        return self.root / trash.FOLDER / Path(name).name

    def restore(self, slot: Path) -> Path:
        """Move something back from the trash; returns where it is now."""
        with self.lock():
            return trash.restore(self.root, self.slot(slot.name))

    def search(self, words: str, limit: int = 50) -> tuple[Hit, ...]:
        """Works, pieces and takes whose title, maker or notes hold every word."""
        from etude.store import index

        with self.lock():
            return index.search(self.root, words, limit)

    # --- works

    def works(self) -> tuple[Work, ...]:
        """Every work in the order added."""
        return tuple(self._by_id().values())

    def work(self, ref: str) -> Work:
        """By id or its beginning, exact title, or file name. Raises WorkError when none or several fit."""
        known = self._by_id()
        if ref in known:
            return known[ref]
        named = [work for work in known.values() if ref in (work.file, work.title)]
        begins = [
            work
            for work in known.values()
            if len(ref) > 1 and (work.id.startswith(ref) or work.id[2:].startswith(ref))
        ]
        fits = named or begins
        if len(fits) == 1:
            return fits[0]
        if fits:
            several = ", ".join(f"{work.id} ({work.title})" for work in fits[:5])
            raise WorkError(f"{len(fits)} works fit {ref!r}: {several}.", "Give the id.")
        raise WorkError(
            f"There is no work {ref!r} among the {len(known)} of this project.", "List them with: etude works"
        )

    def add_work(
        self,
        data: bytes,
        *,
        suffix: str,
        medium: str,
        title: str = "",
        maker: str = "",
        licence: str = "",
        consent: str = "unknown",
        attrs: Mapping[str, str] | None = None,
        size: int = 0,
        series: str = "",
    ) -> Work:
        """Add one work. If these bytes are a work already, that work is returned unchanged."""
        new = NewWork(data, suffix, medium, title, maker, licence, consent, attrs or {}, size, series)
        return self.add_works([new])[0]

    def add_works(self, new: Sequence[NewWork]) -> tuple[Work, ...]:
        """Add many at once, with one append to works.jsonl: all of them or, on an error, none."""
        with self.act("add"):
            return works.add(self.root, new, {work.sha256: work for work in self.works()})

    def work_bytes(self, work_id: str) -> bytes:
        """The original bytes of a work. Raises WorkError when the file is gone."""
        work = self.work(work_id)
        try:
            return (self.root / works.FOLDER / work.file).read_bytes()
        except OSError as error:
            raise WorkError(
                f"The file works/{work.file} of {work.title!r} cannot be read: {error.strerror}.",
                "Run: etude repair",
            ) from error

    def update_works(self, changed: Iterable[Work]) -> None:
        """Change what is written about works (title, maker, licence, consent, attributes); bytes and ids
        stay."""
        with self.lock():
            known = self._by_id()
            for work in changed:
                old = known[self.work(work.id).id]
                known[work.id] = replace(
                    works.cleaned(work),
                    sha256=old.sha256,
                    file=old.file,
                    suffix=old.suffix,
                    bytes=old.bytes,
                    added=old.added,
                )
            works.save(self.root, known.values())

    def lay_ready(self, item: NewWork) -> NewWork:
        """The same work with its bytes on disk instead of in memory: no work yet, but ready to become one.
        Left over, `repair` names it."""
        return works.lay_ready(self.root, item)

    def remove_work(self, work_id: str) -> Path:
        """Take a work out of the project; its original goes to the trash, whose folder is returned."""
        with self.act("works rm"):
            work = self.work(work_id)
            works.save(self.root, [other for other in self.works() if other.id != work.id])
            return trash.put(self.root, self.root / works.FOLDER / work.file)

    def _by_id(self) -> dict[str, Work]:
        """The works, read again only when works.jsonl changed."""
        try:
            status = (self.root / works.INDEX).stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._works is None or self._works[0] != stamp:
            self._works = (stamp, {work.id: work for work in works.read(self.root)})
        return dict(self._works[1])

    # --- collections

    def collections(self) -> tuple[Collection, ...]:
        """Every collection, by name."""
        return tuple(collections.read(self.root, name) for name in collections.names(self.root))

    def collection(self, name: str) -> Collection:
        """The collection of this name. Raises ProjectError when there is none."""
        return collections.read(self.root, name)

    def save_collection(self, collection: Collection) -> None:
        """Write or replace a collection."""
        with self.lock():
            collections.write(self.root, collection)

    # --- the log

    def log(self, event: str, **fields: Any) -> lines.Record:
        """Append one event; returns it as logged, with "at" and "event"."""
        with self.lock():
            return log.write(self.root, [(event, fields)])[0]

    def events(self) -> tuple[lines.Record, ...]:
        """Every event in order: mappings with "at", "event" and the event's fields."""
        return log.read(self.root)

    def torn(self) -> tuple[lines.TornLine, ...]:
        """Lines of the log and of works.jsonl that a crash tore; `repair` takes them out."""
        return (*lines.read_lines(self.root / works.INDEX).torn, *log.torn(self.root))

    # --- models

    def models(self) -> tuple[ModelInfo, ...]:
        """Every readable model, oldest first."""
        return models.infos(self.root)

    def model(self, ref: str) -> ModelInfo:
        """By id, name (the newest of it) or the beginning of an id. Raises ModelError."""
        return models.find(self.root, ref)

    def model_dir(self, ref: str) -> Path:
        """The folder of a model."""
        return self.model(ref).path

    def save_model(
        self,
        model_id: str,
        header: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        card: str,
        files: Mapping[str, bytes] | None = None,
        event: tuple[str, Mapping[str, Any]] | None = None,
    ) -> ModelInfo:
        """Save a model whole or not at all, with further `files` in its folder; an older one of this id goes
        to the trash. `event` is logged with the model's id and hash when it is in its place: should a crash
        come between, the next start does what is left."""
        folder = models.prepare(self.root, model_id, header, arrays, card, files or {}, event)
        with self.lock():
            models.publish(self.root, folder, model_id)
        return models.info(self.root / models.FOLDER / model_id)

    def load_model(self, ref: str) -> tuple[dict[str, Any], Arrays]:
        """Header and arrays. Raises ModelError when they are missing, cut short, changed, or of a newer
        version."""
        model = self.model(ref)
        return dict(model.header), models.load(model)

    def write_model_file(self, ref: str, name: str, data: bytes) -> Path:
        """Put a further file (audit.html) into a model's folder."""
        path = self.model_dir(ref) / check_name(name, "file")
        with self.lock():
            write_atomic(path, data)
        return path

    # --- what may be rebuilt: jobs and caches

    def run_dir(self, key: str) -> Path:
        """A folder for the checkpoints of the run `key`, made if need be. It may vanish with .etude/."""
        return self.cache_dir(f"jobs/{slug(key, 80)}")

    def cache_dir(self, name: str) -> Path:
        """A folder inside .etude/ for what can be computed again; write into it with
        store.files.write_atomic."""
        path = self.root / CACHE / trash.inside(self.root / CACHE, Path(name))
        path.mkdir(parents=True, exist_ok=True)
        return path

    # --- takes and pieces

    def put_take(self, record: Mapping[str, Any], data: bytes) -> Take:
        """Store one take and log it as proposed. The same record and data give the same take."""
        return self.put_takes([(record, data)])[0]

    def put_takes(self, new: Sequence[tuple[Mapping[str, Any], bytes]]) -> tuple[Take, ...]:
        """Store many takes with one append to the log."""
        with self.lock():
            return takes.put(self.root, new)

    def restore_take(self, take_id: str, data: bytes) -> None:
        """Put back the bytes of a take that was remade after .etude/ was cleared."""
        with self.lock():
            write_atomic(takes.path_of(self.root, takes.find(self.root, take_id).id), data)

    def take(self, ref: str) -> Take:
        """By id or its beginning. Raises TakeError."""
        return takes.find(self.root, ref)

    def takes(self) -> tuple[Take, ...]:
        """All takes in the order proposed, without their bytes (`take` reads them)."""
        return takes.every(self.root)

    def put_piece(
        self,
        data: bytes,
        *,
        suffix: str,
        title: str,
        record: Mapping[str, Any],
        extras: Mapping[str, bytes] | None = None,
    ) -> Piece:
        """Write a piece as readable files and a .json sidecar. `record` should hold "take", the id of the
        take it came from.

        The caller logs the act (with "take" and "piece") inside the same `act()`, so that both are there or
        neither is.
        """
        with self.act("put-piece"):
            return pieces.put(self.root, data, suffix=suffix, title=title, record=record, extras=extras or {})

    def add_piece_file(self, ref: str, suffix: str, data: bytes) -> Path:
        """Put a file beside a piece (".c2pa"), or replace one of its files (an embedded credential)."""
        with self.act("add-piece-file"):
            return pieces.add_file(self.root, self.piece(ref), suffix, data)

    def changed_piece_files(self, ref: str) -> tuple[str, ...]:
        """The names of a piece's files that were changed outside Etude."""
        return pieces.changed_files(self.root, self.piece(ref))

    def take_piece_as_changed(self, ref: str, changes: Mapping[str, Mapping[str, Any]]) -> Piece:
        """Put such files on record as they are now: name -> what is known of the change."""
        with self.lock():
            return pieces.take_as_changed(self.root, self.piece(ref), changes)

    def piece(self, ref: str) -> Piece:
        """By id or its beginning, file name or exact title. Raises TakeError."""
        return pieces.find(self.root, ref)

    def pieces(self) -> tuple[Piece, ...]:
        """All pieces by the time they were kept."""
        return pieces.every(self.root)
