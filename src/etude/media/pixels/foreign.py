"""Files that hold pictures or clips and are not read: what each is, and the program that converts it.

By the first bytes, and by the suffix where the bytes are those of another kind. A file that is merely not supported is never called
damaged. Knows no reader.
"""

from __future__ import annotations

from dataclasses import dataclass

from etude.errors import WorkError
from etude.media.pixels.kinds import kind, still_brand


@dataclass(frozen=True)
class Foreign:
    """A kind of file: what it is, and what to do to have its picture or its clip."""

    what: str
    hint: str


_PHOTO = "XnConvert or ImageMagick converts it (magick FILE picture.png); on a Mac, Preview: File > Export."
_DRAWING = "Open it in Inkscape (or in the program that made it), and export it as plain SVG or as PNG."
_PAINTING = "Open it in the program that made it, and export it as PNG or TIFF."
_CLIP = "HandBrake, VLC or FFmpeg converts it: ffmpeg -i FILE clip.mp4"
_RAW = Foreign(
    "a camera's raw file",
    "Develop it (darktable, RawTherapee, or the camera's program), and add the JPEG or TIFF.",
)
_HEIC = Foreign(
    "a HEIC photograph",
    "Save it as JPEG or PNG: on a Mac in Preview, File > Export; elsewhere with XnConvert, or heif-convert FILE picture.png; "
    "on an iPhone, Settings > Camera > Formats > Most Compatible takes JPEG from the start.",
)
_PDF = Foreign(
    "a PDF",
    "Make a picture of each page, pdftoppm -png -r 300 FILE page; or open it in Inkscape and export it as SVG.",
)
_AI = Foreign(
    "an Illustrator drawing (.ai)",
    "In Illustrator: File > Export > SVG or PNG; elsewhere Inkscape opens most of them.",
)
_EPS = Foreign(
    "a PostScript drawing (.eps)",
    "Inkscape or Ghostscript converts it: gs -sDEVICE=pngalpha -r300 -o picture.png FILE",
)
_PSB = Foreign("a large Photoshop document (PSB)", "In Photoshop: File > Export > PNG, or save it as TIFF.")
_XCF = Foreign("a GIMP drawing (.xcf)", "In GIMP: File > Export As > picture.png")
_KRA = Foreign(
    "a Krita drawing (.kra)",
    "In Krita: File > Export > PNG; or: krita --export --export-filename picture.png FILE",
)
_JXL = Foreign("a JPEG XL picture", "djxl converts it: djxl FILE picture.png")
_EXR = Foreign(
    "an OpenEXR picture", "Open it in GIMP, Krita or darktable, and export it as PNG or as 16-bit TIFF."
)
_HDR = Foreign(
    "a Radiance HDR picture", "Open it in GIMP or darktable, and export it as PNG or as 16-bit TIFF."
)
_WMV = Foreign("a Windows Media clip", _CLIP)
_FLV = Foreign("a Flash video", _CLIP)
_TS = Foreign(
    "an MPEG transport stream", "FFmpeg puts it into an MP4 without loss: ffmpeg -i FILE -c copy clip.mp4"
)
_MPG = Foreign("an MPEG clip (.mpg)", _CLIP)
_OGG = Foreign("an Ogg file", _CLIP)
_SWF = Foreign("a Flash animation", "Play it in Ruffle and record it, or export it as MP4 where it was made.")
_REAL = Foreign("a RealMedia clip", _CLIP)
_CLIPSTUDIO = Foreign(
    "a Clip Studio Paint drawing", "In Clip Studio Paint: File > Export (Single Layer) > PNG."
)
_AFFINITY = Foreign("an Affinity document", "In Affinity: File > Export > PNG or SVG.")
_COREL = Foreign("a CorelDRAW drawing", _DRAWING)
_META = Foreign("a Windows metafile", _DRAWING)
_DDS = Foreign("a DDS texture", _PHOTO)

_MAGIC: tuple[tuple[int, bytes, Foreign], ...] = (
    (0, b"8BPS\0\x02", _PSB), (0, b"gimp xcf", _XCF), (0, b"\xff\x0a", _JXL), (4, b"JXL \r\n\x87\n", _JXL),
    (0, b"\x76\x2f\x31\x01", _EXR), (0, b"#?RADIANCE", _HDR), (0, b"#?RGBE", _HDR), (0, b"\xc5\xd0\xd3\xc6", _EPS),
    (0, b"CSFCHUNK", _CLIPSTUDIO), (0, b"\0\xffKA", _AFFINITY), (0, b"\xd7\xcd\xc6\x9a", _META), (40, b" EMF", _META),
    (0, b"DDS ", _DDS), (0, b"FUJIFILMCCD-RAW", _RAW), (4, b"ftypcrx ", _RAW), (0, b"IIRO", _RAW), (0, b"IIRS", _RAW),
    (0, b"MMOR", _RAW), (0, b"IIU\0", _RAW), (0, b"FOVb", _RAW), (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _WMV),
    (0, b"FLV\x01", _FLV), (0, b"\0\0\x01\xba", _MPG), (0, b"\0\0\x01\xb3", _MPG), (0, b"OggS", _OGG), (0, b".RMF", _REAL),
    (0, b"FWS", _SWF), (0, b"CWS", _SWF), (0, b"ZWS", _SWF), (0, b"II\xbc", Foreign("a JPEG XR picture", _PHOTO)),
    (0, b"BPG\xfb", Foreign("a BPG picture", _PHOTO)), (0, b"AT&TFORM", Foreign("a DjVu scan", "ddjvu -format=tiff FILE page.tif")),
)  # fmt: skip
_PACKED = {  # what stands in a zip
    b"application/x-krita": _KRA,
    b"image/openraster": Foreign("an OpenRaster drawing (.ora)", _PAINTING),
}
_SUFFIXES: dict[str, Foreign] = {
    **dict.fromkeys((".heic", ".heif", ".hif"), _HEIC),
    **dict.fromkeys((".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw",
                     ".x3f", ".3fr", ".iiq", ".mos", ".mef", ".erf", ".kdc", ".dcr", ".raw"), _RAW),
    ".pdf": _PDF, ".ai": _AI, ".eps": _EPS, ".ps": _EPS, ".psb": _PSB, ".xcf": _XCF, ".kra": _KRA,
    ".ora": _PACKED[b"image/openraster"], ".jxl": _JXL, ".exr": _EXR, ".hdr": _HDR, ".dds": _DDS,
    ".clip": _CLIPSTUDIO, ".lip": _CLIPSTUDIO, ".procreate": Foreign("a Procreate drawing", "In Procreate: Actions > Share > PNG."),
    ".sai": Foreign("a PaintTool SAI drawing", _PAINTING), ".mdp": Foreign("a MediBang drawing", _PAINTING),
    **dict.fromkeys((".afphoto", ".afdesign", ".afpub", ".af"), _AFFINITY), ".cdr": _COREL, ".wmf": _META, ".emf": _META,
    ".sketch": Foreign("a Sketch drawing", "In Sketch: File > Export > SVG or PNG."),
    ".fig": Foreign("a Figma drawing", "In Figma: Export > SVG or PNG."), ".dxf": Foreign("a CAD drawing", _DRAWING),
    ".tga": Foreign("a Targa picture", _PHOTO), ".pcx": Foreign("a PCX picture", _PHOTO), ".icns": Foreign("a Mac icon", _PHOTO),
    **dict.fromkeys((".wmv", ".asf"), _WMV), ".flv": _FLV, **dict.fromkeys((".mpg", ".mpeg", ".vob"), _MPG),
    **dict.fromkeys((".mts", ".m2ts", ".ts"), _TS), ".ogv": _OGG, **dict.fromkeys((".rm", ".rmvb"), _REAL), ".swf": _SWF,
}  # fmt: skip
SUFFIXES = tuple(_SUFFIXES)


def recognise(data: bytes, suffix: str = "") -> Foreign | None:
    """What a file is that is not read as a picture or a clip; None where nothing is known of it, or where it is read."""
    found = kind(data)
    if found is not None:  # raw files begin as TIFF does
        return (
            _RAW
            if found == "tiff" and (_SUFFIXES.get(suffix.lower()) is _RAW or data[8:11] == b"CR\x02")
            else None
        )
    if data.startswith(b"%PDF"):
        return _AI if suffix.lower() == ".ai" else _PDF
    if data.startswith(b"%!PS"):
        return _AI if suffix.lower() == ".ai" or b"Illustrator" in data[:400] else _EPS
    if still_brand(data) == "heic":
        return _HEIC
    if data[:4] == b"RIFF" and data[8:11] in (b"CDR", b"cdr"):
        return _COREL
    if data[:4] == b"PK\x03\x04":
        packed = next((known for word, known in _PACKED.items() if word in data[:120]), None)
        return packed or _SUFFIXES.get(suffix.lower())
    if (len(data) > 376 and data[0] == data[188] == data[376] == 0x47) or (
        len(data) > 388 and data[4] == data[196] == data[388] == 0x47
    ):
        return _TS
    known = next((known for at, magic, known in _MAGIC if data[at : at + len(magic)] == magic), None)
    return known or _SUFFIXES.get(suffix.lower())


def refuse(data: bytes, suffix: str = "") -> None:
    """Raises WorkError that says what the file is and what to do, where it is of a kind that is not read."""
    if (known := recognise(data, suffix)) is not None:
        raise WorkError(f"This file is {known.what}, which is not read.", known.hint)
