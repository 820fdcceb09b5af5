"""Promises of every medium about files, units and similarity."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.promises.subject import Promise, Subject, is_line, same
from etude.rng import for_


def names_and_suffixes_are_in_order(s: Subject) -> Iterator[str]:
    """A name, a family and words for people; lower-case suffixes with a dot; at least one format; sensible
    figures."""
    m = s.medium
    if not (m.name and m.family and m.formats):
        yield "name, family and formats must not be empty"
    words = (m.names.one, m.names.many, m.names.work, m.names.shows)
    if not all(is_line(word) for word in words) or m.unit != m.names.many:
        yield f"the words {words} are not all words, or the unit '{m.unit}' is not the plural among them"
    yield from (
        f"suffix '{x}' is not lower case with a dot"
        for x in (*m.suffixes, *([m.edited_as] if m.edited_as else []))
        if x != x.lower() or not x.startswith(".")
    )
    if m.edited_as and m.edited_as[1:] not in m.formats:
        yield f"it is edited as {m.edited_as}, which is not among its formats"
    if m.least_part < 1 or m.marks_kind not in ("shingles", "signature") or m.scales[0] != 1:
        yield f"least_part {m.least_part}, marks_kind '{m.marks_kind}' or scales {m.scales} make no sense"


def examples_are_recognised(s: Subject) -> Iterator[str]:
    """`sniff` says yes to what `read` reads."""
    yield from (
        f"example {i} ({x}) is read, but not sniffed"
        for i, (data, x) in enumerate(s.files)
        if not s.medium.sniff(data, x)
    )


def files_are_split_into_works(s: Subject) -> Iterator[str]:
    """`split` gives at least one part, and each of them can be read."""
    for i, (data, suffix) in enumerate(s.files):
        parts = s.medium.split(data, suffix)
        if not parts:
            yield f"example {i} is split into nothing"
        for part in parts:
            try:
                s.medium.read(part, suffix=suffix)
            except WorkError as error:
                yield f"a part of example {i} cannot be read: {error.message}"


def options_of_reading_are_taken(s: Subject) -> Iterator[str]:
    """Each option has a name and help, and `read` takes its default, as a keyword, for what it does
    anyway."""
    data, suffix = s.files[0]
    read: Callable[..., Reading] = s.medium.read
    for option in s.medium.read_options:
        if not option.name.isidentifier() or not is_line(option.help):
            yield f"the option '{option.name}' lacks a name or help"
        try:
            again = read(data, suffix=suffix, **{option.name: option.default}).content
        except TypeError as error:
            yield f"{option.flag} is not taken: {error}"
        else:
            if not same(again, s.contents[0]):
                yield f"{option.flag} as usual changes the first example"


def stored_contents_come_back(s: Subject) -> Iterator[str]:
    """`load(store(content))` is the content; damaged bytes raise WorkError."""
    for i, content in enumerate(s.contents):
        kept = s.medium.store(content)
        if not same(s.medium.load(kept), content) or s.medium.store(s.medium.load(kept)) != kept:
            yield f"example {i} changes when stored and loaded"
    try:
        s.medium.load(b"\xff\xfe{damaged")
        yield "damaged stored bytes load without an error"
    except WorkError:
        pass


def written_files_can_be_read(s: Subject) -> Iterator[str]:
    """What is written in a format that can be read keeps every unit."""
    for fmt in s.medium.formats:
        for i, content in enumerate(s.contents):
            data = s.medium.write(content, fmt)
            if not data:
                yield f"example {i} written as {fmt} is empty"
            elif f".{fmt}" in s.medium.suffixes:
                back = s.medium.size(s.medium.read(data, suffix=f".{fmt}").content)
                if back != s.medium.size(content):
                    yield (
                        f"example {i} has {s.medium.size(content)} {s.medium.unit}, "
                        f"and {back} after writing and reading {fmt}"
                    )


def boundaries_ascend_inside(s: Subject) -> Iterator[str]:
    """Boundaries are strictly ascending, without 0 and size."""
    for i, content in enumerate(s.contents):
        cuts = [0, *s.medium.boundaries(content), s.medium.size(content)]
        if any(b <= a for a, b in pairwise(cuts)):
            yield f"example {i}: the boundaries {cuts[:8]}... do not ascend between 0 and the size"


def cuts_cover_the_content(s: Subject) -> Iterator[str]:
    """Cut at its boundaries, a content loses and doubles nothing; the cut from 0 to size is the content's
    size."""
    for i, content in enumerate(s.contents):
        size = s.medium.size(content)
        cuts = [0, *s.medium.boundaries(content), size]
        total = sum(s.medium.size(s.medium.cut(content, a, b)) for a, b in pairwise(cuts))
        if total != size or s.medium.size(s.medium.cut(content, 0, size)) != size:
            yield f"example {i}: the parts have {total} {s.medium.unit}, the whole {size}"


def weights_are_whole_numbers(s: Subject) -> Iterator[str]:
    """`weight` is a whole number above 0, the same each time."""
    for i, content in enumerate(s.contents):
        one, two = s.medium.weight(content), s.medium.weight(content)
        if type(one) is not int or one < 1 or one != two:
            yield f"example {i} weighs {one!r}, then {two!r}"


def marks_repeat_themselves(s: Subject) -> Iterator[str]:
    """Shingles (n,) uint64 distinct and ascending, or a signature (K, 2, S) float16 of rows of length 1 or 0;
    the same after storing."""
    widths = set()
    for i, content in enumerate(s.contents):
        one, two = s.medium.marks(content), s.medium.marks(s.medium.load(s.medium.store(content)))
        if not np.array_equal(one, two):
            yield f"example {i}: marks differ between two calls"
        if s.medium.marks_kind == "shingles":
            if one.dtype != np.uint64 or one.ndim != 1 or (one[1:] <= one[:-1]).any():
                yield f"example {i}: shingles are {one.dtype} {one.shape}, or not distinct and ascending"
            continue
        widths.add(one.shape[2:])
        lengths = np.linalg.norm(one.astype(np.float64), axis=-1)
        if one.dtype != np.float16 or one.ndim != 3 or one.shape[0] < 1 or one.shape[1] != 2:
            yield f"example {i}: a signature is {one.dtype} {one.shape}"
        elif not np.isfinite(lengths).all() or not (np.isclose(lengths, 1, atol=1e-2) | (lengths == 0)).all():
            yield f"example {i}: rows of the signature have lengths {lengths.ravel()[:4]}"
    if len(widths) > 1:
        yield f"signatures have several widths: {sorted(widths)}"


def features_are_unit_vectors(s: Subject) -> Iterator[str]:
    """Finite float32 of one width and length 1, the same each time."""
    widths = set()
    for i, content in enumerate(s.contents):
        f = s.medium.features(content)
        widths.add(f.shape)
        if (
            f.dtype != np.float32
            or f.ndim != 1
            or not np.isfinite(f).all()
            or abs(float(np.linalg.norm(f)) - 1) > 1e-3
        ):
            yield (
                f"example {i}: features are {f.dtype} {f.shape} of length {np.linalg.norm(f):.3f}, "
                "not finite float32 of length 1"
            )
        if not np.array_equal(f, s.medium.features(content)):
            yield f"example {i}: features differ between two calls"
    if len(widths) > 1:
        yield f"features have several widths: {sorted(widths)}"


def descriptors_are_named_numbers(s: Subject) -> Iterator[str]:
    """Finite numbers by names in words, the same each time, whatever the content."""
    for i, content in enumerate(s.contents):
        found = s.medium.descriptors(content)
        for name, value in found.items():
            if not name.strip() or not math.isfinite(value):
                yield f"example {i}: the descriptor '{name}' is {value}, not a finite number with a name"
        if dict(found) != dict(s.medium.descriptors(content)):
            yield f"example {i}: descriptors differ between two calls"


def hostile_bytes_are_refused_politely(s: Subject) -> Iterator[str]:
    """Empty, random, truncated and damaged files are read or raise WorkError; never another exception."""
    for data, suffix in [
        *_hostile(s),
        *((b"", x) for x in s.medium.suffixes),
        *((b"\0" * 999, x) for x in s.medium.suffixes),
    ]:
        try:
            s.medium.read(data, suffix=suffix)
        except WorkError as error:
            if not error.message.strip():
                yield f"the refusal of a damaged {suffix} says nothing"
        except Exception as error:  # noqa: BLE001 - any other exception is what this check looks for
            yield f"{len(data)} bytes as {suffix}: {type(error).__name__}: {error}"


def _hostile(s: Subject) -> Iterator[tuple[bytes, str]]:
    rng = for_(0, "check", s.medium.name)
    for data, suffix in s.files:
        yield from ((data[: int(len(data) * share)], suffix) for share in (0.1, 0.5, 0.9, 0.99))
        yield rng.bytes(2000), suffix
        yield data[:4] + rng.bytes(2000), suffix
        for _ in range(20):
            damaged = np.frombuffer(data, np.uint8).copy()
            damaged[rng.integers(0, len(damaged), max(1, len(damaged) // 100))] = rng.integers(0, 256)
            yield damaged.tobytes(), suffix


FILES: tuple[Promise, ...] = (
    names_and_suffixes_are_in_order,
    examples_are_recognised,
    files_are_split_into_works,
    options_of_reading_are_taken,
    stored_contents_come_back,
    written_files_can_be_read,
    boundaries_ascend_inside,
    cuts_cover_the_content,
    weights_are_whole_numbers,
    marks_repeat_themselves,
    features_are_unit_vectors,
    descriptors_are_named_numbers,
    hostile_bytes_are_refused_politely,
)
