"""The score inside a zipped MusicXML file (.mxl), found by its container and read within limits. Nothing is written to disk."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import unquote

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.music.guarded import clean, reason
from etude.media.music.musicxml_text import EXPORT_HINT, ROOTS, parse

CONTAINER = "META-INF/container.xml"
OTHERS = {
    ".mscx": "MuseScore",
    ".gpif": "Guitar Pro",
    "score.dorico": "Dorico",
}  # member -> the program it belongs to
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def score_in(data: bytes) -> bytes:
    """The bytes of the score. Raises WorkError in one sentence."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _member(archive, _wanted(archive))
    except WorkError:
        raise
    except (
        Exception
    ) as error:  # zipfile raises many kinds for damage: its own, those of decoders, struct.error, IndexError
        raise WorkError(
            f"The .mxl file is not a zip file that can be opened ({reason(error)}).", EXPORT_HINT
        ) from error


def _wanted(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The member that the container names, else the first that is a score."""
    members = {i.filename.replace("\\", "/").lstrip("./"): i for i in archive.infolist() if not i.is_dir()}
    if CONTAINER in members:
        try:
            root = parse(_member(archive, members[CONTAINER]), [])
        except WorkError as error:
            if "not well-formed" not in error.message:
                raise
            root = ()
        for element in root.iter() if len(root) else ():
            if str(element.tag).rsplit("}", 1)[-1] != "rootfile" or "pdf" in element.get("media-type", ""):
                continue
            path = element.get("full-path", "").replace("\\", "/").lstrip("./")
            for name in (path, unquote(path)):
                if name in members:
                    return members[name]
    scores = [
        (name, info)
        for name, info in members.items()
        if name.lower().endswith((".xml", ".musicxml")) and not name.startswith(("META-INF/", "__MACOSX/"))
    ]
    scores = [(name, info) for name, info in scores if not name.rsplit("/", 1)[-1].startswith("._")]
    for ending, program in OTHERS.items():
        if not scores and any(name.lower().endswith(ending) for name in members):
            raise WorkError(
                f"This is a file of {program}, not a MusicXML score.",
                f"Export it as MusicXML from {program}.",
            )
    if not scores:
        raise WorkError(f"The .mxl file holds no score among its {len(members)} members.", EXPORT_HINT)
    if len(scores) > 1:
        for _, info in scores[:20]:
            with archive.open(info) as stream:
                head = stream.read(4096).replace(b"\0", b"")
            if any(root.encode() in head for root in ROOTS):
                return info
    return scores[0][1]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """One member, never more than the limit whatever its header says."""
    if info.flag_bits & 1:
        raise WorkError("The .mxl file is protected by a password.", "Save it without the password.")
    if info.compress_type not in (STORED, DEFLATED):
        raise WorkError(
            f"The .mxl file packs '{clean(info.filename, 80)}' in a way that is not read (zip method {info.compress_type}).",
            "Unpack it, and add the .xml or .musicxml file inside.",
        )
    limit = MUSIC_LIMITS.max_unzipped_bytes
    with archive.open(info) as stream:
        body = stream.read(limit + 1)
    if len(body) > limit:
        raise WorkError(
            f"The .mxl file unpacks to more than {limit / 1e6:.0f} MB, from {info.compress_size / 1e6:.2f} MB zipped.",
            "It may be a zip bomb; a real score of that size should be cut into movements.",
        )
    return body
