"""The medium of text: a content is a `str` with `\\n` line ends; a unit is a character.

Reading files is `files.py`, what a word is `words.py`, tokens are `bpe.py`, what a trace shows `runs.py`.
Knows nothing of models or of the project folder.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.media import TEXT
from etude.config.sequence import LEARN, MAKE
from etude.errors import WorkError
from etude.media import change as versions
from etude.media.base import BaseSequence
from etude.media.codec import Codec
from etude.media.encoding.decode import named
from etude.media.text import bpe, docx_out, epub_out, passages, rtf_out, runs, tokenizer_codec, words
from etude.media.text import files as textfiles
from etude.media.text.byte_codec import ByteCodec
from etude.media.text.copy_guard import TextGuard
from etude.media.text.famous import FAMOUS
from etude.media.values import (
    Change,
    Excerpt,
    Float32,
    Gap,
    Kept,
    Names,
    Reading,
    ReadOption,
    Sizes,
    Stream,
    UInt64,
)

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[.!?\u2026][\"'\u2019\u201d)]*\s+|[\u3002\uff01\uff1f]")
_SPACE = re.compile(r"\s+")
_HEADING = re.compile(
    r"^(?:#{1,6}\s+(?P<marked>\S.*)"
    r"|(?P<plain>(?:chapter|canto|book|part|act|scene|letter|stave|section)"
    r"\s+(?:[ivxlcdm]+|\d+|[a-z]+)\b.{0,80}))$",
    re.I | re.M,
)
_WORD = re.compile(r"\S+")


class Text(BaseSequence):
    """The `SequenceMedium` contract for text; has no state."""

    name = "text"
    names = Names("character", "characters", "text")
    suffixes: tuple[str, ...] = textfiles.SUFFIXES
    read_options: tuple[ReadOption, ...] = (
        ReadOption(
            "encoding",
            "the encoding of text files that do not declare one: windows-1250, macintosh, cp850, "
            "koi8-r, shift_jis",
            check=lambda name: named(str(name)),
        ),
        ReadOption(
            "keep_all",
            "keep everything as text: contents, covers, notes, hidden words and page numbers",
            default=False,
        ),
    )
    formats: tuple[str, ...] = ("md", "txt", "docx", "epub", "rtf")
    edited_as = ".md"
    desk = "words"
    gaps: tuple[Gap, ...] = (
        Gap(
            "fill",
            "fill",
            "passage",
            "WORDS",
            "Rewrite these words of the source (or START:END), or fill a placeholder such as [...].",
            "text around a gap",
        ),
    )
    sizes = Sizes(LEARN.least_text, MAKE.units_text, LEARN.window_text, MAKE.longest_start)
    codecs: tuple[str, ...] = ("bpe", tokenizer_codec.KIND)
    runs = runs.RUNS
    famous = FAMOUS
    # From the bench and takes that were read (docs/benchmarks.md, docs/decisions/048)
    unable = (
        "From nothing it will hardly write a sentence that holds: 1.2 million characters of prose reached "
        "1.97 bits a character in ten minutes. On a base it was 1.18: etude base try COLLECTION",
        "On a base it will write sentences and scenes that hold for a paragraph, and no plot: 1.2 million "
        "characters of prose brought a base of 135 M parameters from 1.24 to 1.18 bits a character in ten "
        "minutes, verse of twelve poets from 1.67 to 1.61 in four.",
    )

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether the bytes can be a text (or an e-book, a document, a page) with that suffix."""
        return textfiles.sniff(data, suffix.lower())

    def read(self, data: bytes, *, suffix: str, encoding: str = "", keep_all: bool = False) -> Reading:
        """The text of a file, without what is surely none of it, line ends normalised. Raises WorkError.

        `encoding` is that of the bytes, where the person knows it; with `keep_all` nothing is left out.
        """
        return textfiles.read(data, suffix.lower(), encoding, keep_all)

    def labelled(self, content: str, words: str) -> str:
        """With the words as its last line."""
        return f"{content.rstrip()}\n\n[{words}]\n"

    def write(self, content: str, fmt: str) -> bytes:
        """The text in a format, with a final line end. In `md` the lines of verse end in two spaces, so that
        viewers keep them."""
        if fmt not in self.formats:
            raise WorkError(
                f"Text is written as {', '.join(self.formats[:-1])} or {self.formats[-1]}, not as '{fmt}'.",
                "Choose one of these formats.",
            )
        if fmt == "docx":
            return docx_out.write(content)
        if fmt == "epub":
            return epub_out.write(content)
        if fmt == "rtf":
            return rtf_out.write(content)
        text = content.rstrip("\n")
        if fmt == "md" and _is_verse(text):
            text = re.sub(r"(?<=\S)\n(?=[^\n])", "  \n", text)
        return (text + "\n").encode("utf-8", "replace")

    def store(self, content: str) -> bytes:
        """The text as UTF-8, exactly."""
        return content.encode("utf-8")

    def load(self, data: bytes) -> str:
        """What `store` wrote."""
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise WorkError(f"A stored text is damaged at byte {error.start:,}.", "etude repair") from error

    def cut(self, content: str, start: int, end: int) -> str:
        """Exactly the characters start..end."""
        return content[max(0, start) : max(0, end)]

    def boundaries(self, content: str) -> Sequence[int]:
        """Starts of paragraphs; inside long ones also of lines, then of sentences, then of words."""
        return _boundaries(content)

    def marks(self, content: str) -> UInt64:
        """Hashed runs of five normalised words, distinct and ascending."""
        return words.shingles(content)

    def features(self, content: str) -> Float32:
        """(D,) character n-grams and function words; see `words.features`."""
        return words.features(content)

    def descriptors(self, content: str) -> Mapping[str, float]:
        """Lengths of words, sentences and lines, and repetition."""
        from etude.media.text import descriptors

        return descriptors.described(content)

    def title(self, content: str) -> str:
        """The first line, without marks of headings and stress, cut at a word."""
        first = next((line.strip(" #*_\t") for line in content.splitlines() if line.strip()), "")
        return first[:60].rsplit(" ", 1)[0] if len(first) > 60 else first

    def text(self, content: str) -> str:
        """The text itself."""
        return content

    def describe(self, content: str) -> str:
        """One line: how many words and lines, and how it begins."""
        n_words = len(words.word_table(content).hash)
        n_lines = content.rstrip("\n").count("\n") + 1
        start = " ".join(content[:200].split())
        shown = start if len(start) <= 60 else start[:60].rsplit(" ", 1)[0] + " \u2026"
        return (
            f"Text of {n_words:,} word{'s' * (n_words != 1)} in {n_lines:,} line{'s' * (n_lines != 1)}, "
            f"beginning \u201c{shown}\u201d"
        )

    def place(self, content: str, offset: int) -> str:
        """'line 12', and where headings divide the text also the last heading: 'line 12, Chapter II'."""
        line = int(np.searchsorted(_line_ends(content), offset)) + 1
        starts, names = _headings(content)
        last = bisect_right(starts, offset) - 1
        return f"line {line:,}, {names[last]}" if last >= 0 else f"line {line:,}"

    def parts(self, content: str) -> str:
        """Characters."""
        return content

    def changed(self, before: str, after: str) -> Change:
        """In words, as they stand between white space."""
        return versions.change(before.split(), after.split(), "words")

    def part(self, content: str, gap: Gap, value: Any, called: str) -> Any:
        """The characters to fill: as a span, or where the words that were said stand in the text. Raises
        TakeError where they are not there, or more than once."""
        return super().part(content, gap, passages.span(content, value, called), called)

    def kept(self, given: str, made: str, controls: Mapping[str, Any]) -> Kept:
        """The given words that stay; a word that the gap cuts is none."""
        start, end = controls.get("fill") or (len(given), len(given))
        stay = sum(word.end() <= start or word.start() >= end for word in _WORD.finditer(given))
        total = len(made.split())
        return Kept(min(stay, total), total, "words")

    def learn_codec(self, contents: Sequence[str]) -> bpe.BpeCodec:
        """The codec of a collection of texts."""
        return bpe.learn_codec(contents)

    def codec(self, data: Mapping[str, Any]) -> ByteCodec:
        """The codec that a model's header holds, or a base's. Raises ModelError."""
        kinds = {tokenizer_codec.KIND: tokenizer_codec.from_json}
        return kinds.get(str(data.get("kind")), bpe.from_json)(data)

    def join(self, first: str, second: str) -> str:
        """One after the other."""
        return first + second

    def guard(self, contents: Sequence[str], n: int, codec: Codec) -> TextGuard:
        """No run of n words of these texts. Raises TakeError for n below 3."""
        return TextGuard(contents, n, codec)

    def streams(self, content: str) -> list[Stream]:
        """Its words."""
        return [runs.stream(content)]

    def excerpt(self, content: str, ranges: Sequence[tuple[int, int]]) -> Excerpt:
        """The passage from the first of the ranges to the last, with what stands around it."""
        return Excerpt(runs.quote(content, ranges[0][0], ranges[-1][1]))

    def said(self, content: str, start: int, end: int) -> str:
        """The characters themselves, line ends and the like written out."""
        return repr(content[start:end])[1:-1]


def _is_verse(text: str) -> bool:
    """Whether line ends carry meaning: several lines in a paragraph, and few of them fill a page's width."""
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) > 1 and sum(len(line) > 70 for line in lines) < len(lines) / 4


@lru_cache(maxsize=16)
def _boundaries(text: str) -> tuple[int, ...]:
    cuts = [0, *(m.end() for m in _PARAGRAPH.finditer(text)), len(text)]
    for pattern in (_LINE, _SENTENCE, _SPACE):
        finer = []
        for start, end in pairwise(cuts):
            finer.append(start)
            if end - start > TEXT.longest_paragraph:
                finer += (m.end() for m in pattern.finditer(text, start, end))
        cuts = [*finer, len(text)]
    return tuple(sorted({c for c in cuts if 0 < c < len(text)}))


@lru_cache(maxsize=256)  # a trace names places in every work of a shelf
def _line_ends(text: str) -> npt.NDArray[np.int32]:
    """Where the line ends stand."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.flatnonzero(codes == ord("\n")).astype(np.int32)


@lru_cache(maxsize=256)
def _headings(text: str) -> tuple[list[int], list[str]]:
    found = [(m.start(), (m["marked"] or m["plain"]).strip().rstrip(".:")) for m in _HEADING.finditer(text)]
    return [at for at, _ in found], [name for _, name in found]


MEDIUM = Text()
