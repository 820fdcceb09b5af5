"""The conformance suite of the medium contract: does a medium keep every promise of `contract.py` on some example files?

Public: whoever adds a medium runs `check_medium(MyMedium(), examples)` in a test and reads the complaints. What every medium has is
checked of all; shingles and codecs of sequence media, signatures and frames of picture media. Knows media only through the
contract; a complaint is a sentence, an empty list of complaints is a pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np

from etude.errors import EtudeError, WorkError
from etude.media import codec_from_json, is_pictorial, is_sequence
from etude.media.contract import Codec, Content, Encoded, Medium, PictureMedium, SequenceMedium
from etude.media.pixels.arrays import flattened
from etude.rng import for_


@dataclass(frozen=True)
class Check:
    """One promise: its name, and what spoke against it (nothing: kept)."""

    name: str
    complaints: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the promise is kept."""
        return not self.complaints


@dataclass(frozen=True)
class Subject:
    """What a check looks at: a medium, example files as (bytes, suffix), and their contents."""

    medium: Medium
    files: Sequence[tuple[bytes, str]]
    contents: Sequence[Content]

    @property
    def sequence(self) -> SequenceMedium:
        """The medium, of which `check_medium` knows that it is one of sequences."""
        return cast(SequenceMedium, self.medium)

    @property
    def pictorial(self) -> PictureMedium:
        """The medium, of which `check_medium` knows that it is one of pictures."""
        return cast(PictureMedium, self.medium)

    def codec(self) -> Codec:
        """The codec learned from the examples."""
        return self.sequence.learn_codec(self.contents)


def check_medium(medium: Medium, examples: Sequence[tuple[bytes, str]]) -> list[Check]:
    """Run every check on a medium with example files, each as (bytes, suffix). Raises WorkError where an example cannot be read."""
    subject = Subject(
        medium, examples, [medium.read(data, suffix=suffix).content for data, suffix in examples]
    )
    checks = [
        *CHECKS,
        *(SEQUENCE_CHECKS if is_sequence(medium) else ()),
        *(PICTURE_CHECKS if is_pictorial(medium) else ()),
    ]
    if len(checks) == len(CHECKS):
        raise ValueError(
            f"{medium.name} is neither a sequence medium (learn_codec) nor a picture medium (from_frames)"
        )
    return [Check(check.__name__.replace("_", " "), tuple(check(subject))) for check in checks]


def names_and_suffixes_are_in_order(s: Subject) -> Iterator[str]:
    """A name, a unit, lower-case suffixes with a dot, at least one format to write."""
    if not (s.medium.name and s.medium.unit and s.medium.formats):
        yield "name, unit and formats must not be empty"
    yield from (
        f"suffix '{x}' is not lower case with a dot"
        for x in s.medium.suffixes
        if x != x.lower() or not x.startswith(".")
    )


def examples_are_recognised(s: Subject) -> Iterator[str]:
    """`sniff` says yes to what `read` reads."""
    yield from (
        f"example {i} ({x}) is read, but not sniffed"
        for i, (data, x) in enumerate(s.files)
        if not s.medium.sniff(data, x)
    )


def stored_contents_come_back(s: Subject) -> Iterator[str]:
    """`load(store(content))` is the content; damaged bytes raise WorkError."""
    for i, content in enumerate(s.contents):
        kept = s.medium.store(content)
        if not _same(s.medium.load(kept), content) or s.medium.store(s.medium.load(kept)) != kept:
            yield f"example {i} changes when stored and loaded"
    try:
        s.medium.load(b"\xff\xfe{damaged")
        yield "damaged stored bytes load without an error"
    except WorkError:
        pass


def _same(one: Content, other: Content) -> bool:
    """Equal; arrays in every element."""
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else bool(one == other)


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
                    yield f"example {i} has {s.medium.size(content)} {s.medium.unit}, and {back} after writing and reading {fmt}"


def boundaries_ascend_inside(s: Subject) -> Iterator[str]:
    """Boundaries are strictly ascending, without 0 and size."""
    for i, content in enumerate(s.contents):
        cuts = [0, *s.medium.boundaries(content), s.medium.size(content)]
        if any(b <= a for a, b in pairwise(cuts)):
            yield f"example {i}: the boundaries {cuts[:8]}... do not ascend between 0 and the size"


def cuts_cover_the_content(s: Subject) -> Iterator[str]:
    """Cut at its boundaries, a content loses and doubles nothing; the cut from 0 to size is the content's size."""
    for i, content in enumerate(s.contents):
        size = s.medium.size(content)
        cuts = [0, *s.medium.boundaries(content), size]
        total = sum(s.medium.size(s.medium.cut(content, a, b)) for a, b in pairwise(cuts))
        if total != size or s.medium.size(s.medium.cut(content, 0, size)) != size:
            yield f"example {i}: the parts have {total} {s.medium.unit}, the whole {size}"


def shingles_repeat_themselves(s: Subject) -> Iterator[str]:
    """The same content has the same shingles (uint64), also after storing."""
    for i, content in enumerate(s.contents):
        one, two = s.sequence.shingles(content), s.sequence.shingles(s.medium.load(s.medium.store(content)))
        if one.dtype != np.uint64 or not np.array_equal(one, two):
            yield f"example {i}: shingles are {one.dtype}, or differ between two calls"


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
            yield f"example {i}: features are {f.dtype} {f.shape} of length {np.linalg.norm(f):.3f}, not finite float32 of length 1"
        if not np.array_equal(f, s.medium.features(content)):
            yield f"example {i}: features differ between two calls"
    if len(widths) > 1:
        yield f"features have several widths: {sorted(widths)}"


def descriptions_and_places_are_one_line(s: Subject) -> Iterator[str]:
    """`describe` and `place` say something, in one line."""
    for i, content in enumerate(s.contents):
        last = max(0, s.medium.size(content) - 1)
        for text in (
            s.medium.describe(content),
            *(s.medium.place(content, at) for at in (0, last // 2, last)),
        ):
            if not text.strip() or "\n" in text:
                yield f"example {i}: '{text}' is not one line of words"


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


def vocabulary_is_in_order(s: Subject) -> Iterator[str]:
    """`bos` and `eos` inside V and apart; one path a token, with symbols below n_symbols, no two alike."""
    c = s.codec()
    if (
        c.medium != s.medium.name
        or len({c.bos, c.eos}) != 2
        or not all(0 <= t < c.vocab for t in (c.bos, c.eos))
    ):
        yield f"medium '{c.medium}', bos {c.bos} and eos {c.eos} do not fit a vocabulary of {c.vocab}"
    drawn = [p for p in c.paths if p]
    if (
        len(c.paths) != c.vocab
        or len(set(drawn)) != len(drawn)
        or any(not 0 <= x < c.n_symbols for p in drawn for x in p)
    ):
        yield f"{len(c.paths)} paths for {c.vocab} tokens, of which {len(set(drawn))} differ"
    if not c.views or any(v.back and max(v.side, default=0) > len(c.side_sizes) for v in c.views):
        yield "views are missing, or name side columns that do not exist"


def encoding_fits_its_arrays(s: Subject) -> Iterator[str]:
    """Types, shapes and ranges of `Encoded`; offsets rise from 0 to the size."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        yield from (
            f"example {i}: {complaint}" for complaint in _faults(c, c.encode(content), s.medium.size(content))
        )


def _faults(c: Codec, e: Encoded, size: int) -> Iterator[str]:
    n = len(e.tokens)
    if (
        e.tokens.dtype != np.int32
        or e.side.dtype != np.int16
        or e.scored.dtype != np.bool_
        or e.offsets.dtype != np.int32
    ):
        yield "tokens, side, scored and offsets must be int32, int16, bool and int32"
    if e.side.shape != (n, len(c.side_sizes)) or e.scored.shape != (n,) or e.offsets.shape != (n + 1,):
        yield f"side {e.side.shape}, scored {e.scored.shape}, offsets {e.offsets.shape} do not fit {n} tokens"
    elif n and (
        e.tokens.min() < 0
        or e.tokens.max() >= c.vocab
        or (e.side < 0).any()
        or (e.side >= np.array(c.side_sizes, int)).any()
    ):
        yield "a token or side input is out of range"
    if n < 2 or e.tokens[0] != c.bos or e.tokens[-1] != c.eos or e.scored[0]:
        yield "an encoding begins with bos, which is not scored, and ends with eos"
    if e.offsets[0] != 0 or e.offsets[-1] != size or (np.diff(e.offsets) < 0).any():
        yield f"offsets run from {e.offsets[0]} to {e.offsets[-1]} and not evenly from 0 to {size}"


def decoding_undoes_encoding(s: Subject) -> Iterator[str]:
    """Tokens -> content -> tokens gives the same tokens."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        tokens = c.encode(content).tokens
        again = c.encode(c.decode(tokens.tolist())).tokens
        if not np.array_equal(tokens, again):
            yield f"example {i}: {len(tokens)} tokens become {len(again)}, or differ"


def a_codec_survives_json(s: Subject) -> Iterator[str]:
    """`codec_from_json(json(codec))` encodes alike."""
    c = s.codec()
    d = codec_from_json(json.loads(json.dumps(c.to_json())))
    if (d.vocab, d.bos, d.eos, d.n_symbols, d.side_sizes) != (
        c.vocab,
        c.bos,
        c.eos,
        c.n_symbols,
        c.side_sizes,
    ):
        yield "the codec read back has other sizes"
    for i, content in enumerate(s.contents):
        if not np.array_equal(c.encode(content).tokens, d.encode(content).tokens):
            yield f"example {i} is encoded otherwise by the codec read back"


def copies_and_variations_are_sound(s: Subject) -> Iterator[str]:
    """The first copy is the plain one; a variation with the same randomness is the same."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        if not np.array_equal(c.copies(content)[0].tokens, c.encode(content).tokens):
            yield f"example {i}: the first copy is not the plain encoding"
        one, two = (c.augment(content, for_(1, "check augment", i)).tokens for _ in range(2))
        if not np.array_equal(one, two):
            yield f"example {i}: the same randomness varies it in two ways"


def cursors_follow_an_encoding(s: Subject) -> Iterator[str]:
    """Pushed the tokens of a content, a cursor allows each and knows its side inputs before it (examples: of the usual metre)."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        e, cursor = c.encode(content), c.cursor()
        for t, token in enumerate(e.tokens.tolist()[1:2000], 1):  # a cursor stands after bos
            mask = cursor.allowed()
            if mask is not None and not mask[token]:
                yield f"example {i}: the cursor does not allow token {t} ({token})"
                break
            if cursor.side() != tuple(e.side[t].tolist()):
                yield f"example {i}: at token {t} the cursor says side {cursor.side()}, the encoding {tuple(e.side[t].tolist())}"
                break
            cursor.push(token)


def cursors_come_to_an_end(s: Subject) -> Iterator[str]:
    """With a wanted length, allowed tokens at random lead to `done`, and what was made decodes and can be stored."""
    c = s.codec()
    rng = for_(2, "check cursor")
    units = 200
    cursor = c.cursor(units=units)
    made: list[int] = []
    while not cursor.done and len(made) < 100 * units:
        mask, given = cursor.allowed(), cursor.forced()
        choices = np.arange(c.vocab) if mask is None else np.flatnonzero(mask)
        made.append(int(given if given is not None else rng.choice(choices[choices != c.bos])))
        cursor.push(made[-1])
    if not cursor.done:
        yield f"no end after {len(made)} tokens for {units} {s.medium.unit}"
    else:
        try:
            s.medium.store(c.decode(made))
        except EtudeError as error:
            yield f"what was made cannot be decoded: {error}"


def cursors_keep_what_is_given(s: Subject) -> Iterator[str]:
    """A content that is given comes first, token by token."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        cuts = [*s.medium.boundaries(content), s.medium.size(content)]
        start = s.medium.cut(content, 0, cuts[len(cuts) // 2])
        cursor, kept = c.cursor(units=s.medium.size(content), given=start), []
        while (token := cursor.forced()) is not None and not cursor.done:
            kept.append(token)
            cursor.push(token)
        expected = c.encode(start).tokens.tolist()[1:]
        if not kept or kept != expected[: len(kept)]:
            yield f"example {i}: of {len(expected)} given tokens, {sum(a == b for a, b in zip(kept, expected, strict=False))} were forced"


def a_forked_cursor_goes_its_own_way(s: Subject) -> Iterator[str]:
    """Forked in the middle of a content and left alone while the other goes on, a cursor stands where it stood."""
    c = s.codec()
    for i, content in enumerate(s.contents):
        e, cursor = c.encode(content), c.cursor()
        rest = e.tokens.tolist()[1:2000]
        half = len(rest) // 2
        for token in rest[:half]:
            cursor.push(token)
        twin = cursor.fork()
        for walker in (cursor, twin):
            for t, token in enumerate(rest[half:], half + 1):
                mask = walker.allowed()
                if walker.side() != tuple(e.side[t].tolist()) or (mask is not None and not mask[token]):
                    yield f"example {i}: {'a twin' if walker is twin else 'a forked cursor'} lost its way at token {t}"
                    break
                walker.push(token)


def signatures_tell_copies(s: Subject) -> Iterator[str]:
    """(K, 2, S) finite, each row of length 1 or 0; the same after storing; one width for all."""
    widths = set()
    for i, content in enumerate(s.contents):
        rows, again = (
            s.pictorial.signature(content),
            s.pictorial.signature(s.medium.load(s.medium.store(content))),
        )
        widths.add(rows.shape[2:])
        lengths = np.linalg.norm(rows, axis=-1)
        if rows.ndim != 3 or rows.shape[0] < 1 or rows.shape[1] != 2 or not np.array_equal(rows, again):
            yield f"example {i}: a signature has the shape {rows.shape}, or differs between two calls"
        elif not np.isfinite(rows).all() or not (np.isclose(lengths, 1, atol=1e-3) | (lengths == 0)).all():
            yield f"example {i}: rows of the signature have lengths {lengths.ravel()[:4]}"
    if len(widths) > 1:
        yield f"signatures have several widths: {sorted(widths)}"


def frames_go_out_and_in(s: Subject) -> Iterator[str]:
    """`frames` are uint8 (F, H, W, 3 or 4), as many as the size in frames; `from_frames` makes an equal content of them."""
    for i, content in enumerate(s.contents):
        frames, rate = s.pictorial.frames(content), s.pictorial.rate(content)
        if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] not in (3, 4):
            yield f"example {i}: frames are {frames.dtype} {frames.shape}"
        if (
            s.medium.unit == "frames" and (len(frames) != s.medium.size(content) or rate <= 0)
        ) or not np.isfinite(rate):
            yield f"example {i}: {len(frames)} frames at {rate} a second, of {s.medium.size(content)} {s.medium.unit}"
        if not _same(s.pictorial.from_frames(frames, rate), content):
            yield f"example {i}: its frames do not make an equal content"


def the_first_format_is_clean(s: Subject) -> Iterator[str]:
    """Written in the default format and read, a content has its pixels, but for compression: a mean error below 3 %."""
    fmt = s.medium.formats[0]
    for i, content in enumerate(s.contents):
        there = s.pictorial.frames(content)
        back = s.pictorial.frames(s.medium.read(s.medium.write(content, fmt), suffix=f".{fmt}").content)
        if len(there) != len(back):
            yield f"example {i} has {len(back)} frames after {fmt}, not {len(there)}"
            continue
        height, width = min(there.shape[1], back.shape[1]), min(there.shape[2], back.shape[2])
        one, two = (flattened(x[:, :height, :width]).astype(np.float32) for x in (there, back))
        if (error := float(np.abs(one - two).mean())) > 0.03 * 255:
            yield f"example {i}: {fmt} changes its pixels by {error:.1f} of 255 on average"


CHECKS: tuple[Callable[[Subject], Iterator[str]], ...] = (
    names_and_suffixes_are_in_order,
    examples_are_recognised,
    stored_contents_come_back,
    written_files_can_be_read,
    boundaries_ascend_inside,
    cuts_cover_the_content,
    features_are_unit_vectors,
    descriptions_and_places_are_one_line,
    hostile_bytes_are_refused_politely,
)
SEQUENCE_CHECKS: tuple[Callable[[Subject], Iterator[str]], ...] = (
    shingles_repeat_themselves,
    vocabulary_is_in_order,
    encoding_fits_its_arrays,
    decoding_undoes_encoding,
    a_codec_survives_json,
    copies_and_variations_are_sound,
    cursors_follow_an_encoding,
    cursors_come_to_an_end,
    cursors_keep_what_is_given,
    a_forked_cursor_goes_its_own_way,
)
PICTURE_CHECKS: tuple[Callable[[Subject], Iterator[str]], ...] = (
    signatures_tell_copies,
    frames_go_out_and_in,
    the_first_format_is_clean,
)
