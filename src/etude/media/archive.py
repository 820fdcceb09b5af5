"""Zip containers opened with limits: how many parts, how large unpacked, how strongly packed, how large each part really is.

So that a zip bomb, an encrypted or a broken file is one clear sentence. Nothing is ever written to disk. Knows no format inside.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from lxml import etree

from etude.config.media import TEXT
from etude.errors import WorkError


class Archive:
    """A zip held in memory whose parts can be read by name."""

    def __init__(self, data: bytes, what: str) -> None:
        """`what`: how errors call the file ("e-book"). Raises WorkError before anything is unpacked."""
        self._what = what
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (
            zipfile.BadZipFile,
            ValueError,
            NotImplementedError,
            OSError,
            OverflowError,
            IndexError,
        ) as error:
            raise WorkError(
                f"This {what} is damaged: it cannot be opened as a zip archive ({error}).",
                "Export or download it again.",
            ) from error
        self._parts = {info.filename: info for info in self._zip.infolist()}
        total = sum(info.file_size for info in self._parts.values())
        if len(self._zip.infolist()) > TEXT.max_entries:
            raise WorkError(
                f"This {what} holds {len(self._zip.infolist()):,} parts; at most {TEXT.max_entries:,} are opened.",
                "Save it as text first.",
            )
        if total > TEXT.max_unpacked_bytes or total > TEXT.max_ratio * max(len(data), 10_000):
            raise WorkError(
                f"This {what} would unpack from {len(data) / 2**20:,.1f} MB to {total / 2**20:,.1f} MB (at most "
                f"{TEXT.max_unpacked_bytes / 2**20:,.0f} MB and {TEXT.max_ratio:.0f} times its size are unpacked): it may be a zip bomb.",
                "Leave it out, or save its text as .txt.",
            )

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._parts)

    def read(self, name: str) -> bytes:
        """One part. Raises WorkError where it is missing, encrypted, damaged, or larger than it says."""
        info = self._parts.get(name)
        if info is None:
            raise WorkError(
                f"This {self._what} is damaged: its part '{name}' is missing.", "Export or download it again."
            )
        if info.flag_bits & 1:
            raise WorkError(f"This {self._what} is protected by a password.", "Save it without the password.")
        try:
            with self._zip.open(info) as part:
                data = part.read(info.file_size + 1)  # never more, whatever the stream unpacks to
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise WorkError(
                f"This {self._what} is damaged at its part '{name}' ({error}).",
                "Export or download it again.",
            ) from error
        if len(data) > TEXT.max_bytes:
            raise WorkError(
                f"A part of this {self._what} holds {len(data) / 2**20:,.1f} MB; at most {TEXT.max_bytes / 2**20:,.0f} MB are read.",
                "Divide it, for instance into one file a book.",
            )
        return data

    def xml(self, name: str) -> etree._Element:
        """One part as XML, without entities, external files or the network. Raises WorkError."""
        try:
            return etree.fromstring(self.read(name), xml_parser())
        except (etree.XMLSyntaxError, ValueError) as error:
            raise WorkError(
                f"This {self._what} is damaged: its part '{name}' is no XML ({error}).",
                "Export or download it again.",
            ) from error


def xml_parser() -> etree.XMLParser:
    """A parser that expands nothing, loads nothing and keeps libxml2's own size limits."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
