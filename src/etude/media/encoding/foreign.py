"""Files that hold words and are not read here, and files that hold none: what each is, and the program that
converts it.

By the first bytes, and by the suffix where bytes say nothing. A file that is merely not supported is never
called damaged. Knows no reader.
"""

from __future__ import annotations

from dataclasses import dataclass

from etude.errors import WorkError

_OFFICE = "LibreOffice converts it: soffice --headless --convert-to docx FILE"
_CALIBRE = "Calibre converts it: ebook-convert FILE book.epub"


@dataclass(frozen=True)
class Foreign:
    """A kind of file: what it is, and what to do to have its text."""

    what: str
    hint: str


_PDF = Foreign(
    "a PDF, which stores where letters are on the page and not the lines of the text",
    "Add the original document; or extract its text and check it: pdftotext -layout FILE text.txt",
)
_OLD_WORD = Foreign("an old Word document (.doc)", _OFFICE)
_LOCKED_OFFICE = Foreign(
    "an office document that is protected by a password", "Save a copy without the password."
)
_MOBI = Foreign("a Kindle or Mobipocket e-book", _CALIBRE)
_PICTURE = "Add it as a picture, or type its words into a text file."
_NOT_TEXT = "Leave it out."
_ZIP = Foreign("a zip archive", "Unpack it, and add the files in it.")  # many documents are one
_MAGIC: tuple[tuple[int, bytes, Foreign], ...] = (
    (0, b"%PDF", _PDF),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"PK\x05\x06", Foreign("an empty zip archive", _NOT_TEXT)),
    (60, b"BOOKMOBI", _MOBI),
    (60, b"TEXtREAd", Foreign("an old Palm e-book", _CALIBRE)),
    (0, b"ITSF", Foreign("a Windows help book (.chm)", _CALIBRE)),
    (0, b"\xffWPC", Foreign("a WordPerfect document", _OFFICE)),
    (0, b"\x89PNG", Foreign("a PNG picture", _PICTURE)),
    (0, b"\xff\xd8\xff", Foreign("a JPEG picture", _PICTURE)),
    (0, b"GIF8", Foreign("a GIF picture", _PICTURE)),
    (0, b"II*\0", Foreign("a TIFF picture", _PICTURE)),
    (0, b"MM\0*", Foreign("a TIFF picture", _PICTURE)),
    (0, b"AT&TFORM", Foreign("a DjVu scan", "Extract its text with: djvutxt FILE text.txt")),
    (0, b"MThd", Foreign("a MIDI file", "Add it as music, with the suffix .mid.")),
    (0, b"RIFF", Foreign("a sound or film file", _NOT_TEXT)),
    (0, b"OggS", Foreign("a sound file", _NOT_TEXT)),
    (0, b"fLaC", Foreign("a sound file", _NOT_TEXT)),
    (0, b"ID3", Foreign("an MP3 file", _NOT_TEXT)),
    (4, b"ftyp", Foreign("a film or a HEIC picture", _NOT_TEXT)),
    (0, b"\x7fELF", Foreign("a program", _NOT_TEXT)),
    (0, b"MZ\x90", Foreign("a program", _NOT_TEXT)),
    (0, b"\x1f\x8b", Foreign("a gzip archive", "Unpack it first: gunzip FILE")),
    (0, b"BZh", Foreign("a bzip2 archive", "Unpack it first: bunzip2 FILE")),
    (0, b"7z\xbc\xaf", Foreign("a 7-Zip archive", "Unpack it first.")),
    (0, b"Rar!", Foreign("a RAR archive", "Unpack it first.")),
    (0, b"\xfd7zXZ", Foreign("an xz archive", "Unpack it first: unxz FILE")),
    (0, b"SQLite format 3", Foreign("a database", _NOT_TEXT)),
)
_SUFFIXES: dict[str, Foreign] = {
    ".pdf": _PDF,
    ".doc": _OLD_WORD,
    ".dot": _OLD_WORD,
    ".wpd": Foreign("a WordPerfect document", _OFFICE),
    ".wps": Foreign("a Microsoft Works document", _OFFICE),
    ".sxw": Foreign("an old OpenOffice document", _OFFICE),
    ".pages": Foreign("a Pages document", "In Pages: File > Export To > Word (or EPUB)."),
    ".mobi": _MOBI,
    ".prc": _MOBI,
    ".azw": _MOBI,
    ".azw3": _MOBI,
    ".kfx": _MOBI,
    ".fb2": Foreign("a FictionBook", _CALIBRE),
    ".lit": Foreign("a Microsoft Reader e-book", _CALIBRE),
    ".djvu": Foreign("a DjVu scan", "Extract its text with: djvutxt FILE text.txt"),
    ".tex": Foreign("a LaTeX manuscript", "pandoc converts it: pandoc FILE -o text.docx"),
    ".rst": Foreign("a reStructuredText file", "pandoc converts it: pandoc FILE -o text.md"),
    ".org": Foreign("an Org file", "pandoc converts it: pandoc FILE -o text.md"),
    ".scriv": Foreign("a Scrivener project", "In Scrivener: File > Compile, for Word (.docx)."),
    ".fdx": Foreign("a Final Draft script", "In Final Draft: File > Export > Text."),
    ".fountain": Foreign("a Fountain script, which is plain text", "Rename it to .txt."),
    ".mht": Foreign("a web archive", "Save the page as HTML only."),
    ".mhtml": Foreign("a web archive", "Save the page as HTML only."),
    ".webarchive": Foreign("a web archive", "Save the page as HTML only."),
    ".gdoc": Foreign("a link to a Google document", "In Google Docs: File > Download > Word (.docx)."),
}


def recognise(data: bytes, suffix: str = "") -> Foreign | None:
    """What a file is that is not read as text: by its bytes, then by its suffix (".pdf"); None where nothing
    is known of it.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return _LOCKED_OFFICE if "EncryptedPackage".encode("utf-16-le") in data else _OLD_WORD
    found = next((known for at, magic, known in _MAGIC if data[at : at + len(magic)] == magic), None)
    named = _SUFFIXES.get(suffix.lower())
    return named if named is not None and (found is None or found is _ZIP) else found


def refuse(data: bytes, suffix: str = "") -> None:
    """Raises WorkError that says what the file is and what to do, where it is no text."""
    if (known := recognise(data, suffix)) is not None:
        raise WorkError(f"This file is {known.what}. Its text is not read from it.", known.hint)
