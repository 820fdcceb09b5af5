"""Which kinds of picture are read, what is said of the others, how colours are stated, and that every word of
a file is cleaned."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import PngImagePlugin

from etude.errors import WorkError
from etude.media import MEDIA, for_file
from etude.media.contract import Medium
from etude.media.foreign import unknown
from etude.media.image.medium import MEDIUM as IMAGE
from etude.media.pixels import foreign
from etude.media.pixels.light import HLG, PQ, Light, bytes_to_srgb, named
from etude.media.video.medium import MEDIUM as VIDEO
from tests.media import picturefiles as files

KINDS = [
    ("BMP", ".bmp"),
    ("AVIF", ".avif"),
    ("JPEG2000", ".jp2"),
    ("PPM", ".ppm"),
    ("ICO", ".ico"),
    ("QOI", ".qoi"),
]


def packed(word: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", word)
    return out.getvalue()


FOREIGN = {
    "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "JPEG or PNG"),
    "photo.mp4": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC", "JPEG or PNG"),
    "page.pdf": (b"%PDF-1.7\n" + bytes(99), "PDF", "pdftoppm"),
    "logo.ai": (b"%PDF-1.5\n" + bytes(99), "Illustrator", "SVG"),
    "old.ai": (b"%!PS-Adobe-3.0 EPSF\n%%Creator: Adobe Illustrator", "Illustrator", "SVG"),
    "logo.eps": (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript", "Ghostscript"),
    "huge.psb": (b"8BPS\0\x02" + bytes(99), "PSB", "Photoshop"),
    "art.xcf": (b"gimp xcf v011\0", "GIMP", "Export"),
    "art.kra": (packed(b"application/x-krita"), "Krita", "PNG"),
    "art.procreate": (packed(b"x"), "Procreate", "PNG"),
    "art.clip": (b"CSFCHUNK" + bytes(99), "Clip Studio", "PNG"),
    "photo.dng": (b"II*\0" + bytes(99), "raw file", "darktable"),
    "photo.cr2": (b"II*\0\x10\0\0\0CR\x02\0", "raw file", "darktable"),
    "photo.cr3": (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "raw file", "darktable"),
    "photo.raf": (b"FUJIFILMCCD-RAW 0201", "raw file", "darktable"),
    "photo.nef": (b"MM\0*" + bytes(99), "raw file", "darktable"),
    "photo.jxl": (b"\xff\x0a" + bytes(99), "JPEG XL", "djxl"),
    "light.exr": (b"\x76\x2f\x31\x01" + bytes(99), "OpenEXR", "PNG"),
    "draw.cdr": (b"RIFF\0\0\0\0CDR9vrsn", "CorelDRAW", "Inkscape"),
    "clip.wmv": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(99), "Windows Media", "ffmpeg"),
    "clip.flv": (b"FLV\x01" + bytes(99), "Flash", "ffmpeg"),
    "clip.mts": ((b"\x47" + bytes(187)) * 5, "transport stream", "ffmpeg"),
    "clip.ogv": (b"OggS" + bytes(99), "Ogg", "ffmpeg"),
}  # fmt: skip


@pytest.mark.parametrize(("fmt", "suffix"), KINDS)
def test_further_kinds_are_read(fmt: str, suffix: str) -> None:
    data = files.saved(files.drawing(48), fmt, quality=95, subsampling="4:4:4")
    assert for_file(f"a{suffix}", data) is MEDIA["image"]
    found = IMAGE.read(data, suffix=suffix).content
    assert np.abs(found.astype(int) - np.asarray(files.drawing(48))).mean() < 4


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("medium", [IMAGE, VIDEO])
def test_what_is_not_read_is_named_with_the_way_out(name: str, medium: Medium) -> None:
    data, what, way = FOREIGN[name]
    with pytest.raises(WorkError, match="is not read") as refused:
        medium.read(data, suffix=f".{name.rpartition('.')[2]}")
    assert what in refused.value.message and way in refused.value.hint
    assert "damaged" not in refused.value.message


def test_a_file_of_no_medium_says_what_it_is() -> None:
    from pathlib import Path

    heic = unknown(Path("photo.heic"), FOREIGN["photo.heic"][0])
    assert "HEIC" in heic.message and "JPEG" in heic.hint
    pdf = FOREIGN["page.pdf"][0]
    assert "pdftoppm" in unknown(Path("a.pdf"), pdf, "image").hint
    assert "pdftotext" in unknown(Path("a.pdf"), pdf, "text").hint
    both = unknown(Path("a.pdf"), pdf).hint
    assert "pdftoppm" in both and "pdftotext" in both
    strange = unknown(Path("a.x\x1b[31m\u202ey"), b"?")
    assert "is of an unknown type" in strange.message and strange.message.isprintable()


def test_pictures_that_are_read_are_no_foreign_ones() -> None:
    for fmt, suffix in [*KINDS, ("PNG", ".heic"), ("JPEG", ".nef"), ("GIF", ".pdf"), ("TIFF", ".tif")]:
        assert foreign.recognise(files.saved(files.drawing(48), fmt), suffix) is None


def psd(
    channels: list[np.ndarray], *, bits: int = 8, colour: int = 3, flattened: bool | None = None
) -> bytes:
    """A Photoshop document without layers: its channels one after the other, unpacked."""
    height, width = channels[0].shape
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, len(channels), height, width, bits, colour)
    version = struct.pack(">I", 1) + bytes([bool(flattened)]) + bytes(8)
    resource = (
        b"" if flattened is None else b"8BIM" + struct.pack(">H2xI", 1057, len(version)) + version + b"\0"
    )
    return (
        head
        + bytes(4)
        + struct.pack(">I", len(resource))
        + resource
        + bytes(4)
        + bytes(2)
        + b"".join(c.tobytes() for c in channels)
    )


def test_the_flattened_picture_of_a_photoshop_document_is_read() -> None:
    pixels = np.asarray(files.drawing(48))
    channels = [pixels[..., i] for i in range(3)]
    for flattened in (None, True):
        assert np.array_equal(IMAGE.read(psd(channels, flattened=flattened), suffix=".psd").content, pixels)
    with pytest.raises(WorkError, match="holds only layers") as refused:
        IMAGE.read(psd(channels, flattened=False), suffix=".psd")
    assert "Compatibility" in refused.value.hint
    with pytest.raises(WorkError, match="16 bits per channel") as refused:
        IMAGE.read(psd([c.astype(">u2") for c in channels], bits=16), suffix=".psd")
    assert "8 Bits" in refused.value.hint and "damaged" not in refused.value.message


def test_a_drawing_of_one_kind_under_the_name_of_another() -> None:
    assert IMAGE.read(files.svg(files.CIRCLE), suffix=".png").content.shape == (256, 256, 4)


WORDS = {"Title": "Red\x1b[31m\u202e \x9b5mhouse\n\x85two", "Author": "A\u2028B\0C\u200bD"}


def test_words_of_a_file_are_cleaned() -> None:
    about = PngImagePlugin.PngInfo()
    for key, text in WORDS.items():
        about.add_itxt(key, text)
    reading = IMAGE.read(files.saved(files.drawing(48), "PNG", pnginfo=about), suffix=".png")
    assert reading.title == "Red house two" and reading.maker == "A B CD"
    exif = Pil.Exif()
    exif[0x013B] = WORDS["Author"]
    for fmt, suffix in (("JPEG", ".jpg"), ("TIFF", ".tif"), ("WEBP", ".webp")):
        maker = IMAGE.read(files.saved(files.drawing(48), fmt, exif=exif), suffix=suffix).maker
        assert maker.isprintable() and maker.startswith("A"), fmt


def test_formats_to_write() -> None:
    clear = np.asarray(files.drawing(48, 3, alpha=True)).copy()
    clear[clear[..., 3] == 0] = 0
    for pixels in (np.asarray(files.drawing(48)), clear):
        data = IMAGE.write(pixels, "tiff")
        assert data == IMAGE.write(pixels, "tiff") and np.array_equal(
            IMAGE.read(data, suffix=".tiff").content, pixels
        )
        assert Pil.open(io.BytesIO(data)).format == "TIFF"
    with pytest.raises(WorkError, match="A picture cannot be written as psd") as refused:
        IMAGE.write(clear, "psd")
    assert "tiff" in refused.value.hint
    with pytest.raises(WorkError, match="A clip cannot be written as avi"):
        VIDEO.write(files.moving(), "avi")


@given(
    st.sampled_from([("PNG", m) for m in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")] + [("TIFF",
    m) for m in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F")] + [("BMP", m) for m in ("1", "L",
    "P", "RGB")] + [("WEBP", m) for m in ("RGB", "RGBA")] + [("GIF", "P"), ("GIF", "L"), ("PPM", "1"),
    ("PPM", "L"), ("PPM", "RGB"), ("QOI", "RGB"), ("QOI", "RGBA"), ("JPEG2000", "RGB"), ("JPEG2000", "L")]),
    st.integers(4, 40), st.integers(4, 40), st.integers(0, 999),
    st.sampled_from([None, "tiff_lzw", "tiff_adobe_deflate", "packbits"]),
)  # fmt: skip
def test_what_pillow_writes_without_loss_is_read_the_same(
    kind: tuple[str, str], width: int, height: int, hue: int, packing: Any
) -> None:
    fmt, mode = kind
    rng = np.random.default_rng(hue)
    noise = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    noise[..., 3] = np.where(noise[..., 3] < 60, 0, noise[..., 3])
    if mode == "I;16":
        picture = Pil.fromarray(noise[..., 0].astype(np.uint16) * 257)
        wanted = np.dstack([noise[..., 0]] * 3)
    elif mode == "F":
        picture = Pil.fromarray(noise[..., 0].astype(np.float32) / 255)
        wanted = np.dstack([noise[..., 0]] * 3)
    else:
        given_picture = Pil.fromarray(noise if mode in ("LA", "RGBA") else noise[..., :3])
        picture = given_picture.convert(mode) if mode != "P" else given_picture.quantize(64)
        wanted = np.asarray(picture.convert("RGBA" if mode in ("LA", "RGBA") else "RGB")).copy()
    if wanted.shape[2] == 4:
        wanted[wanted[..., 3] == 0] = 0
        wanted = wanted if wanted[..., 3].min() < 255 else wanted[..., :3]
    options = {
        "WEBP": {"lossless": True, "exact": True},
        "TIFF": {"compression": packing} if packing else {},
    }.get(fmt, {})
    found = IMAGE.read(files.saved(picture, fmt, **options), suffix=f".{fmt.lower()}").content
    assert found.shape == wanted.shape
    assert np.abs(found.astype(int) - wanted).max() <= (1 if mode == "CMYK" else 0)


def test_light_that_is_stated_becomes_srgb() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2)
    usual = bytes_to_srgb(ramp, Light())
    assert usual is ramp
    linear = bytes_to_srgb(ramp, Light(curve=8))
    assert abs(int(linear[0, 55, 0]) - 128) <= 1 and linear[0, 255, 0] == 255  # 0.2159 of light
    for curve in (PQ, HLG):
        bent = bytes_to_srgb(ramp, named(9, curve))[0, :, 1].astype(int)
        assert (np.diff(bent) >= 0).all() and bent[0] == 0 and bent[255] == 255
    wide = bytes_to_srgb(np.full((4, 4, 3), (200, 100, 50), np.uint8), named(12, 13))[0, 0]
    assert np.abs(wide.astype(int) - (215, 93, 31)).max() <= 1  # as Chromium shows it


@given(
    st.integers(0, 255), st.sampled_from([1, 4, 5, 6, 8, 13, 16, 17, 18]), st.sampled_from([1, 4, 9, 11, 12])
)
def test_grey_stays_grey_in_any_light(level: int, curve: int, primaries: int) -> None:
    found = bytes_to_srgb(np.full((1, 1, 3), level, np.uint8), named(primaries, curve))[0, 0].astype(int)
    assert np.ptp(found) <= 1
