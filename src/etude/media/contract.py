"""What a medium must be able to do, so that everything else can stay blind to media.

A medium turns files into contents and contents into files, cuts long works at natural places, knows words and
views of a content for people, and gives what similarity and traces need: `Medium`. Contents are opaque to
everybody else. Which family of generators learns a medium is said by `family`, and with it what more it must
have: a `SequenceMedium` has a codec (contents to tokens and back), a `PictureMedium` has contents as frames
of pixels. Nothing here knows torch, the project folder or the models. `media/check.py` is the public
conformance suite for this contract, and `media/base.py` has the members that most media share.

Letters: D feature width; F frames, H W pixels, C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from etude.media.codec import Codec, Cursor, Encoded, Guard, Span, TakeCursor, View, Watch
from etude.media.values import (
    Change,
    Content,
    Costs,
    Drawing,
    Excerpt,
    Float32,
    Gap,
    Int32,
    Kept,
    Look,
    Marked,
    Marks,
    Names,
    Reading,
    ReadOption,
    RunWords,
    Setting,
    SheetStyle,
    Sizes,
    Stream,
    Tool,
    UInt8,
    UInt64,
)
from etude.stats.figure import Figure


class Medium(Protocol):
    """What every medium has: files in and out, natural cuts, features for similarity, previews, words for
    people."""

    # ---- what it is

    @property
    def name(self) -> str:
        """As it stands in records: 'text'."""

    @property
    def family(self) -> str:
        """The stored kind of the family of generators that learns it: 'sequence', 'pictures'."""

    @property
    def names(self) -> Names:
        """Words for its units and works."""

    @property
    def unit(self) -> str:
        """'characters', 'notes', 'pictures', 'frames': `names.many`."""

    # ---- files

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower case, with the dot: what `add` looks at in a folder."""

    @property
    def formats(self) -> tuple[str, ...]:
        """What `write` can make, the default first."""

    @property
    def edited_as(self) -> str:
        """The suffix of a file that a text editor can change ('.md'); empty where another program is
        needed."""

    @property
    def desk(self) -> str:
        """The desk at which a person works on its takes in the studio: 'words' (an editor of text), 'roll' (a
        piano roll of scores as they are stored), 'wall' (many small pictures), or 'cards' where none of these
        fits."""

    @property
    def read_options(self) -> tuple[ReadOption, ...]:
        """What a person may say of how files are read; `read` takes each as a keyword. See
        `media/options.py`."""

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether the bytes (not only the suffix) can be of this medium."""

    def split(self, data: bytes, suffix: str) -> list[bytes]:
        """The works inside one file (the tunes of a book), each readable by itself; most files are one."""

    def read(self, data: bytes, *, suffix: str) -> Reading:
        """Read a file within limits. Raises WorkError with one clear sentence; never executes, fetches or
        follows anything."""

    def write(self, content: Content, fmt: str) -> bytes:
        """A file of the content. Raises WorkError for a format that is not among `formats`."""

    def store(self, content: Content) -> bytes:
        """A lossless form (UTF-8, JSON, pixels as they are) for takes and caches: the same bytes for the same
        content."""

    def load(self, data: bytes) -> Content:
        """What `store` wrote. Raises WorkError for anything else."""

    # ---- units

    def size(self, content: Content) -> int:
        """Units in the content."""

    def weight(self, content: Content) -> int:
        """What the content weighs in a cache: about its bytes."""

    def cut(self, content: Content, start: int, end: int) -> Content:
        """The contiguous part start..end, in units (music: moved to whole bars)."""

    def boundaries(self, content: Content) -> Sequence[int]:
        """Units at which the content may be divided (paragraphs, lines; bars; shots), ascending, without 0
        and size."""

    @property
    def least_part(self) -> int:
        """Units of the smallest part that a long work is divided into."""

    # ---- similarity

    @property
    def marks_kind(self) -> Literal["shingles", "signature"]:
        """How `marks` are compared: as sets, or by their angles."""

    def marks(self, content: Content) -> Marks:
        """What near-duplicates are found by: distinct hashed shingles (n,) uint64, ascending; or a signature
        (K, 2, S) float16."""

    def features(self, content: Content) -> Float32:
        """(D,) features for `resembles`, L2-normalised, computed without any learned network."""

    def descriptors(self, content: Content) -> Mapping[str, float]:
        """What people count in a content, without any model, by its name in words ('words in a sentence');
        what cannot be counted in this one is left out."""

    def likeness(self, before: Content, after: Content) -> tuple[float, int]:
        """How much two versions share, 0..1, and the first character, note or row of pixels in which they
        differ."""

    # ---- for people

    def title(self, content: Content) -> str:
        """What the content itself offers as a title (its first line, its heading); empty where it offers
        none."""

    def text(self, content: Content) -> str | None:
        """The words of the content, to be read, searched and edited; None where it has none."""

    def describe(self, content: Content) -> str:
        """One line for people and screen readers."""

    def place(self, content: Content, offset: int) -> str:
        """Where a unit lies, in words: 'line 12', 'bar 3, soprano', 'frame 8 (0:00.3)'."""

    def previews(self, content: Content) -> dict[str, Callable[[], bytes]]:
        """File suffix -> maker of that file (text: none; music: .png roll, .svg score, .wav, .musicxml;
        image: .png)."""

    def sound(self, content: Content) -> bytes | None:
        """The content as WAV, to be heard; None where it is silent."""

    def look(self, content: Content) -> Look | None:
        """The content as a tile of a sheet; None where it is read instead."""

    @property
    def sheet(self) -> SheetStyle:
        """How contents stand together on a sheet."""

    @property
    def held_out_needed(self) -> tuple[int, str]:
        """So many works held out are needed, and for what, as a sentence goes on; (0, '') where none are."""

    @property
    def scales(self) -> tuple[int, ...]:
        """How many times as large it can be exported; (1,) where that means nothing."""

    def labelled(self, content: Content, words: str) -> Content | None:
        """The content with words that everybody sees; None where a content of this medium shows none."""

    def enlarged(self, content: Content, times: int, upscaler: str) -> Content:
        """The content `times` as large. Raises WorkError for another factor or upscaler."""

    def tools(self) -> tuple[Tool, ...]:
        """What it uses outside of Etude, found or not."""

    # ---- what a person gave and changed

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The ways to say which part of a given content stays."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What can be settled of a content before it is made."""

    def check_options(self, asked: Mapping[str, Any]) -> None:
        """Raises TakeError for an option, of `gaps` or `settings` of any medium, that means nothing here."""

    def stays(self, content: Content, asked: Mapping[str, Any], called: str) -> dict[str, Any]:
        """What a person asked (options of `gaps` -> values) as controls of a recipe.

        `called` names the content in messages. Raises TakeError that says what there is.
        """

    def given_as(self, controls: Mapping[str, Any]) -> str:
        """What a take with these controls was given, in words: 'beginning', 'voices', 'picture around a
        region'."""

    def kept(self, given: Content, made: Content, controls: Mapping[str, Any]) -> Kept | None:
        """How much of what was made is what was given, by the controls (contents in the place of references);
        None where no number says it, because all of it moved a little."""

    def changed(self, before: Content, after: Content) -> Change:
        """What a person kept, added and removed, in words, notes or pixels."""


class SequenceMedium(Medium, Protocol):
    """A medium whose works are learned as tokens: you continue and fill in."""

    @property
    def sizes(self) -> Sizes:
        """How large works and takes usually are."""

    @property
    def codecs(self) -> tuple[str, ...]:
        """The kinds of codec that it stores in models."""

    @property
    def famous(self) -> tuple[tuple[str, Content], ...]:
        """Titles and contents that every corpus holds, and everybody may: whether a model on a base recites
        is tested by them."""

    @property
    def unable(self) -> tuple[str, str]:
        """What a model learned from nothing will be unable to do, and one on a base, as a person reads it
        before learning; empty where nothing was measured."""

    def learn_codec(self, contents: Sequence[Content]) -> Codec:
        """The codec of a collection. Raises WorkError where there is nothing to learn it from."""

    def adopted(self, codec: Codec, contents: Sequence[Content], of: str) -> Codec:
        """A codec that was learned from other works, for these ones. Raises WorkError where it does not read
        them; `of` says whose it is."""

    def elsewhere(self, codec: Codec, content: Content, controls: Mapping[str, Any]) -> str:
        """Which weights that come with Etude make what a codec cannot make around a content, with `controls`
        from `stays`; empty where it can."""

    def codec(self, data: Mapping[str, Any]) -> Codec:
        """What `Codec.to_json` wrote. Raises ModelError where it cannot be read."""

    def traits(self, contents: Sequence[Content]) -> Mapping[str, Figure]:
        """What can be measured of takes and works alike without a model, by its name in words, with
        intervals; {} where nothing is."""

    def join(self, first: Content, second: Content) -> Content:
        """Two parts in a row as one content; the first alone where they do not fit."""

    def guard(self, contents: Sequence[Content], n: int, codec: Codec) -> Guard:
        """The copy guard of these works for takes of this codec. Raises TakeError where n is too small to
        mean anything."""

    @property
    def runs(self) -> RunWords:
        """How verbatim runs are spoken of."""

    def streams(self, content: Content) -> list[Stream]:
        """The content as symbols, in which verbatim runs are searched for."""

    def excerpt(self, content: Content, ranges: Sequence[tuple[int, int]]) -> Excerpt:
        """A passage as a trace shows it."""

    def said(self, content: Content, start: int, end: int) -> str:
        """The units start..end in a word or two: 'the', 'C4'."""

    def drawing(
        self, content: Content, shares: Mapping[int, float], runs: Sequence[Marked], title: str
    ) -> Drawing | None:
        """The content drawn for a page: units filled by their share (0..1), runs underlined and numbered;
        None where it is read.

        What is read and not drawn has a `text` whose characters are its units, and is stored as that text in
        UTF-8; of anything else a page shows a table.
        """

    def miniature(self, excerpt: Excerpt, words: str) -> str | None:
        """A passage as a small inline SVG, `words` for those who do not see it; None where it is quoted."""


class PictureMedium(Medium, Protocol):
    """A medium whose works are learned as pixels: you explore and morph. Pixels are uint8 sRGB, C = 3, or 4
    with opacity."""

    @property
    def moves(self) -> bool:
        """Whether contents have several frames."""

    @property
    def still(self) -> str:
        """The name of the medium that single frames of it belong to."""

    @property
    def moving(self) -> str:
        """The name of the medium that several frames of it belong to."""

    def frames(self, content: Content) -> UInt8:
        """(F, H, W, C): every frame; a picture is one."""

    def rate(self, content: Content) -> float:
        """Frames a second; 0 for a picture."""

    def from_frames(self, frames: UInt8, rate: float) -> Content:
        """A content of frames (F, H, W, C); `rate` in frames a second, which a picture does not mind."""


__all__ = [
    "Change",
    "Codec",
    "Content",
    "Costs",
    "Cursor",
    "Drawing",
    "Encoded",
    "Excerpt",
    "Float32",
    "Gap",
    "Guard",
    "Int32",
    "Kept",
    "Look",
    "Marked",
    "Marks",
    "Medium",
    "Names",
    "PictureMedium",
    "ReadOption",
    "Reading",
    "RunWords",
    "SequenceMedium",
    "Setting",
    "SheetStyle",
    "Sizes",
    "Span",
    "Stream",
    "TakeCursor",
    "Tool",
    "UInt8",
    "UInt64",
    "View",
    "Watch",
]
