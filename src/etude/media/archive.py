"""Zip containers opened with limits: how many parts, how large unpacked, how strongly packed, how large each
part really is.

So that a zip bomb, an encrypted or a broken file is one clear sentence. Names are found as books and
documents spell them: with backslashes, in another case, percent-encoded. Nothing is ever written to disk.
Knows no format inside.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from contextlib import suppress
from urllib.parse import unquote

from lxml import etree

from etude.config.media import TEXT
from etude.errors import WorkError, clean
from etude.media.guard import reason

_AGAIN = "Export or download it again."


class Archive:
    """A zip held in memory whose parts can be read by name."""

    def __init__(self, data: bytes, what: str) -> None:
        """`what`: how errors call the file ("e-book"). Raises WorkError before anything is unpacked."""
        self._what = what
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except Exception as error:
            raise WorkError(
                f"This {what} is damaged: it cannot be opened as a zip archive ({reason(error)}).", _AGAIN
            ) from error
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._spelt: dict[str, str] = {}  # plain spelling -> name
        for info in entries:
            if not info.is_dir():
                self._parts[info.filename] = info
                for spelling in (info.filename, _as_utf8(info)):
                    self._spelt.setdefault(_plain(spelling), info.filename)
        total = sum(info.file_size for info in self._parts.values())
        if len(entries) > TEXT.max_entries:
            raise WorkError(
                f"This {what} holds {len(entries):,} parts; at most {TEXT.max_entries:,} are opened.",
                "Save it as text first.",
            )
        if total > TEXT.max_unpacked_bytes or total > TEXT.max_ratio * max(len(data), 10_000):
            raise WorkError(
                f"This {what} would unpack from {len(data) / 2**20:,.1f} MB to "
                f"{total / 2**20:,.1f} MB (at most "
                f"{TEXT.max_unpacked_bytes / 2**20:,.0f} MB and {TEXT.max_ratio:.0f} times its "
                f"size are unpacked): it may be a zip bomb.",
                "Leave it out, or save its text as .txt.",
            )

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._parts)

    def find(self, name: str) -> str | None:
        """The part with this name, however the file spells it; None where there is none."""
        return name if name in self._parts else self._spelt.get(_plain(name))

    def read(self, name: str) -> bytes:
        """One part. Raises WorkError where it is missing, encrypted, damaged, or larger than it says."""
        shown = clean(name, 80)
        found = self.find(name)
        if found is None:
            raise WorkError(f"This {self._what} is damaged: its part '{shown}' is missing.", _AGAIN)
        info = self._parts[found]
        if info.flag_bits & 1:
            raise WorkError(f"This {self._what} is protected by a password.", "Save it without the password.")
        if info.file_size > TEXT.max_bytes:
            raise WorkError(
                f"A part of this {self._what} holds {info.file_size / 2**20:,.1f} MB; at most "
                f"{TEXT.max_bytes / 2**20:,.0f} MB are read.",
                "Divide it, for instance into one file a book.",
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Documents are never packed otherwise, and these decoders unpack without a limit.
            raise WorkError(
                f"The part '{shown}' of this {self._what} is packed by method "
                f"{info.compress_type}; only plain and deflated parts are read.",
                _AGAIN,
            )
        try:
            with self._zip.open(info) as part:
                return part.read(info.file_size + 1)  # never more, whatever the stream unpacks to
        except Exception as error:
            raise WorkError(
                f"This {self._what} is damaged at its part '{shown}' ({reason(error)}).", _AGAIN
            ) from error

    def xml(self, name: str, mend: bool = False) -> etree._Element:
        """One part as XML, see `xml`. Raises WorkError."""
        return xml(self.read(name), f"{self._what} is damaged: its part '{clean(name, 80)}'", mend)


def xml(data: bytes, what: str, mend: bool = False) -> etree._Element:
    """XML bytes as a tree within limits, without entities, external files or the network.

    `what` begins the refusal ("file"); `mend`: read over faults of the markup. Raises WorkError.
    """
    check_markup(data)
    try:
        root = etree.fromstring(data, xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        root = None
        if mend:
            with suppress(etree.XMLSyntaxError, ValueError):
                root = etree.fromstring(data, xml_parser(mend=True))
        if root is None:
            raise WorkError(f"This {what} is not XML ({reason(error)}).", _AGAIN) from error
    return root


def check_markup(data: bytes) -> None:
    """Raises WorkError where a part of markup would take too much memory as a tree."""
    tags = data.count(b"<") + data.count(b"<\0")
    if len(data) > TEXT.max_markup_bytes or tags > TEXT.max_tags:
        raise WorkError(
            f"A part of this file holds {len(data) / 2**20:,.1f} MB of markup with {tags:,} tags; at most "
            f"{TEXT.max_markup_bytes / 2**20:,.0f} MB and {TEXT.max_tags:,} tags are read.",
            "Divide it, for instance into one file a chapter, or save it as .txt.",
        )


def xml_parser(mend: bool = False) -> etree.XMLParser:
    """A parser that expands nothing, loads nothing and keeps libxml2's own size limits."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=mend,
    )


def _plain(name: str) -> str:
    """A name without what spellings differ in."""
    name = unicodedata.normalize("NFC", unquote(name).replace("\\", "/")).casefold()
    parts: list[str] = []
    for part in re.split("/+", name):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _as_utf8(info: zipfile.ZipInfo) -> str:
    """A name that its packer wrote as UTF-8 without saying so, which zipfile then reads as code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
