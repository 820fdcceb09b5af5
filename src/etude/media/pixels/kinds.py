"""Which kind of picture a file is, by its first bytes. Knows no decoder."""

from __future__ import annotations

# Kind -> the decoders of Pillow that may open it, and no other.
DECODERS: dict[str, tuple[str, ...]] = {
    "png": ("PNG",),
    "jpeg": ("JPEG",),
    "webp": ("WEBP",),
    "gif": ("GIF",),
    "tiff": ("TIFF",),
    "bmp": ("BMP",),
    "avif": ("AVIF",),
    "psd": ("PSD",),
    "jp2": ("JPEG2000",),
    "ppm": ("PPM",),
    "ico": ("ICO",),
    "qoi": ("QOI",),
}
SUFFIXES = (
    ".png",
    ".apng",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".webp",
    ".gif",
    ".tif",
    ".tiff",
    ".bmp",
    ".dib",
    ".avif",
    ".psd",
    ".jp2",
    ".j2k",
    ".jpx",
    ".ppm",
    ".pgm",
    ".pbm",
    ".pnm",
    ".ico",
    ".qoi",
)
NAMES = {"jp2": "JPEG 2000", "ppm": "PNM", "webp": "WebP"}
_AVIF = (b"avif", b"avis")
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1", b"heif")


def kind(data: bytes) -> str | None:
    """A key of DECODERS by content, else None."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if data[:2] == b"BM" and data[14:18] in (
        b"\x0c\0\0\0",
        b"\x28\0\0\0",
        b"\x40\0\0\0",
        b"\x6c\0\0\0",
        b"\x7c\0\0\0",
        b"\x34\0\0\0",
        b"\x38\0\0\0",
    ):
        return "bmp"
    if data[:6] == b"8BPS\0\x01":
        return "psd"
    if data[:12] == b"\0\0\0\x0cjP  \r\n\x87\n" or data[:4] == b"\xff\x4f\xff\x51":
        return "jp2"
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3].isspace():
        return "ppm"
    if data[:4] == b"\0\0\x01\0" and 0 < int.from_bytes(data[4:6], "little") < 256 and data[9:10] == b"\0":
        return "ico"
    if data[:4] == b"qoif":
        return "qoi"
    return "avif" if still_brand(data) == "avif" else None


def still_brand(data: bytes) -> str:
    """'avif' or 'heic' for a file in boxes that holds such a picture, else ''."""
    if data[4:8] != b"ftyp":
        return ""
    size = int.from_bytes(data[:4], "big")
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(size, len(data), 256), 4))]
    if any(brand in _AVIF for brand in brands):
        return "avif"
    return "heic" if brands[0] in _HEIC else ""


def name(found: str) -> str:
    """How a kind is called in a sentence."""
    return NAMES.get(found, found.upper())
