"""Reading pictures: every kind of file and colour, every bad one, framing, likeness, round trips."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import ImageCms, ImageEnhance, ImageOps

from etude.config.curate import LOOKALIKE
from etude.config.media import IMAGE
from etude.errors import WorkError
from etude.media import MEDIA, for_file
from etude.media.image.medium import MEDIUM as IMAGE_MEDIUM
from etude.media.pixels import contact_sheet as sheet
from etude.media.pixels import signature as likeness
from etude.media.pixels.arrays import from_pil
from etude.media.pixels.framing import Framing, frame, from_json
from tests.media import picturefiles as files


def read(data: bytes, suffix: str = ".png") -> np.ndarray:
    pixels: np.ndarray = IMAGE_MEDIUM.read(data, suffix=suffix).content
    return pixels


@pytest.mark.parametrize(
    "fmt, suffix, exact",
    [
        ("PNG", ".png", True),
        ("TIFF", ".tif", True),
        ("GIF", ".gif", False),
        ("JPEG", ".jpg", False),
        ("WEBP", ".webp", False),
    ],
)
def test_every_format_is_read(fmt: str, suffix: str, exact: bool) -> None:
    picture = files.drawing()
    data = files.saved(picture, fmt)
    found = read(data, suffix)
    assert found.shape == (96, 96, 3) and found.dtype == np.uint8
    error = np.abs(found.astype(int) - np.asarray(picture)).mean()
    assert error == 0 if exact else error < 6
    assert for_file(f"a{suffix}", data) is MEDIA["image"]


def test_content_decides_not_the_name() -> None:
    assert read(files.saved(files.drawing(), "PNG"), ".jpg").shape == (96, 96, 3)


def test_transparency_is_kept_and_empty_colours_are_not() -> None:
    pixels = np.full((20, 20, 4), 77, np.uint8)
    pixels[:10, :, 3], pixels[10:, :, 3] = 0, 255
    found = read(files.saved(Pil.fromarray(pixels), "PNG"))
    assert found.shape == (20, 20, 4) and not found[:10].any() and (found[10:, :, :3] == 77).all()
    assert (
        read(files.saved(files.drawing().convert("RGBA"), "PNG")).shape[2] == 3
    )  # nothing in it is transparent


def test_palette_with_a_transparent_colour() -> None:
    picture = files.drawing().quantize(16)
    data = files.saved(picture, "PNG", transparency=picture.getpixel((0, 0)))
    assert read(data).shape[2] == 4


def test_sixteen_bits() -> None:
    ramp = (np.arange(64, dtype=np.uint16) * 1000)[None].repeat(64, 0)
    for fmt, suffix in (("PNG", ".png"), ("TIFF", ".tiff")):
        found = read(files.saved(Pil.fromarray(ramp), fmt), suffix)
        assert found.shape == (64, 64, 3) and abs(int(found[0, 63, 0]) - round(63_000 / 257)) <= 1


def test_cmyk_is_read_with_a_word_about_it() -> None:
    data = files.saved(files.drawing().convert("CMYK"), "JPEG", quality=95)
    reading = IMAGE_MEDIUM.read(data, suffix=".jpg")
    assert any("CMYK" in note for note in reading.warnings)
    assert np.abs(reading.content.astype(int) - np.asarray(files.drawing())).mean() < 12
    assert read(files.saved(files.drawing().convert("CMYK"), "TIFF"), ".tif").shape == (96, 96, 3)


def test_colour_profiles_become_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = Pil.new("RGB", (32, 32), (128, 128, 128))
    assert any(
        "profile" in note
        for note in IMAGE_MEDIUM.read(files.saved(grey, "PNG", icc_profile=lab), suffix=".png").warnings
    )
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (np.abs(read(files.saved(grey, "PNG", icc_profile=srgb)).astype(int) - 128) <= 1).all()
    broken = files.saved(grey, "PNG", icc_profile=b"no profile at all")
    assert read(broken).shape == (32, 32, 3)


def test_exif_orientation_is_applied() -> None:
    picture = files.drawing().crop((0, 0, 96, 40))
    exif = Pil.Exif()
    exif[0x0112] = 6  # turn right to see it upright
    exif[0x013B] = "Ada\0"
    reading = IMAGE_MEDIUM.read(files.saved(picture, "JPEG", exif=exif, quality=95), suffix=".jpg")
    assert reading.content.shape == (96, 40, 3) and reading.maker == "Ada"
    assert (
        np.abs(reading.content.astype(int) - np.asarray(picture.transpose(Pil.Transpose.ROTATE_270))).mean()
        < 6
    )


def test_animated_and_paged_ones_give_the_first() -> None:
    frames = [files.drawing(48, hue) for hue in range(3)]
    for fmt, suffix, word in (
        ("GIF", ".gif", "frames"),
        ("WEBP", ".webp", "frames"),
        ("PNG", ".png", "frames"),
        ("TIFF", ".tif", "pages"),
    ):
        data = files.saved(frames[0], fmt, save_all=True, append_images=frames[1:])
        reading = IMAGE_MEDIUM.read(data, suffix=suffix)
        assert f"first of 3 {word} only" in reading.warnings, fmt
        assert np.abs(reading.content[..., :3].astype(int) - np.asarray(frames[0])).mean() < 8


def test_large_ones_are_reduced_and_say_how_large_they_were() -> None:
    data = files.saved(files.drawing(96).resize((3000, 1500)), "JPEG")
    reading = IMAGE_MEDIUM.read(data, suffix=".jpg")
    assert reading.content.shape == (512, 1024, 3) and reading.meta == {
        "width_px": "3000",
        "height_px": "1500",
    }


BAD = {
    "empty": (b"", ".png", "empty"),
    "one pixel": (files.saved(Pil.new("RGB", (1, 1)), "PNG"), ".png", "1 x 1"),
    "a line": (files.saved(Pil.new("RGB", (500, 2)), "PNG"), ".png", "at least 4"),
    "100 megapixels": (files.png_of_size(10_000, 10_000), ".png", "100 megapixels"),
    "a bomb": (files.png_of_size(60_000, 60_000), ".png", "megapixels"),
    "cut short": (files.saved(files.drawing(), "PNG")[:-200], ".png", "damaged"),
    "a JPEG cut short": (files.saved(files.drawing(), "JPEG")[:900], ".jpg", "damaged"),
    "a WebP cut short": (files.saved(files.drawing(), "WEBP")[:-200], ".webp", "damaged"),
    "a TIFF cut short": (files.saved(files.drawing(), "TIFF")[:-200], ".tif", "damaged"),
    "a GIF cut short": (files.saved(files.drawing(), "GIF")[:-300], ".gif", "damaged"),
    "no picture": (b"just some words" * 20, ".png", "no picture"),
    "numbers": (
        files.saved(Pil.fromarray(np.full((16, 16), -5, np.int32)), "TIFF"),
        ".tif",
        "not brightness values",
    ),
    "a disguised program": (b"MZ" + bytes(500), ".jpg", "no picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_are_refused_in_one_sentence(name: str) -> None:
    data, suffix, word = BAD[name]
    start = time.perf_counter()
    with pytest.raises(WorkError, match=word) as refused:
        IMAGE_MEDIUM.read(data, suffix=suffix)
    assert "\n" not in refused.value.message and refused.value.hint
    assert time.perf_counter() - start < 2


def test_small_ones_are_read_with_a_word_about_it() -> None:
    assert any(
        "enlarged" in note
        for note in IMAGE_MEDIUM.read(files.saved(Pil.new("RGB", (9, 9)), "PNG"), suffix=".png").warnings
    )


@given(
    st.integers(4, 80),
    st.integers(4, 80),
    st.sampled_from(["crop", "pad", "fit"]),
    st.sampled_from(["white", "keep"]),
    st.booleans(),
)
def test_framing_makes_squares_of_every_shape(
    width: int, height: int, how: str, ground: str, alpha: bool
) -> None:
    pixels = np.full((height, width, 4 if alpha else 3), 200, np.uint8)
    framing = Framing(16, how, ground)
    square = frame(pixels, framing)
    assert square.shape == (16, 16, 4 if ground == "keep" else 3) and square.dtype == np.uint8
    assert from_json(framing.to_json()) == framing
    if how == "pad" and max(width, height) > 4 * min(width, height):
        return  # a stripe so narrow that the middle may be a margin
    assert (
        abs(int(square[8, 8, 0]) - (200 if ground == "keep" or not alpha else round(200 * 200 / 255 + 55)))
        <= 1
    )


def test_framing_keeps_what_it_says() -> None:
    wide = np.zeros((20, 40, 3), np.uint8)
    wide[:, 10:30], wide[:, 30:] = 100, 250
    cropped, padded, fitted = (frame(wide, Framing(20, how)) for how in ("crop", "pad", "fit"))
    assert (cropped == 100).all()
    assert (padded[:4] == 255).all() and (padded[8:12, 17:] >= 240).all() and (padded[8:12, :3] < 20).all()
    assert (fitted[:, :4] < 20).all() and (fitted[:, 17:] > 240).all()
    refused: tuple[Callable[[], Framing], ...] = (
        lambda: Framing(64, "zoom"),
        lambda: Framing(0),
        lambda: Framing(64, "crop", "mud colour"),
    )
    for wrong in refused:
        with pytest.raises(WorkError):
            wrong()


CHANGES: dict[str, Callable[[Pil.Image], Pil.Image]] = {
    "as a JPEG": lambda p: Pil.open(io.BytesIO(files.saved(p, "JPEG", quality=50))).convert("RGB"),
    "at half the size": lambda p: p.resize((p.width // 2, p.height // 2)),
    "darker": lambda p: ImageEnhance.Brightness(p).enhance(0.85),
    "with more contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.2),
    "in a mirror": ImageOps.mirror,
    "trimmed": lambda p: ImageOps.crop(p, round(0.04 * p.width)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_signatures_survive_small_changes_and_tell_others_apart(change: str) -> None:
    from etude.curate.lookalikes import find

    originals = {f"w-{hue}": files.drawing(200, hue) for hue in range(8)}
    copy = CHANGES[change](originals["w-3"])
    signatures = {key: IMAGE_MEDIUM.signature(from_pil(p)) for key, p in (originals | {"copy": copy}).items()}
    groups = find(signatures)
    assert [set(group.ids) for group in groups] == [{"w-3", "copy"}]
    assert groups[0].pairs[0].jaccard >= LOOKALIKE.likeness
    assert find(signatures, new={"w-1"}) == ()


def test_a_mirror_of_a_mirror_is_the_picture() -> None:
    rows = likeness.signature(np.asarray(files.drawing()))
    assert np.array_equal(likeness.mirrored(likeness.mirrored(rows)), rows)


def test_plain_pictures_are_no_near_copies_of_each_other() -> None:
    from etude.curate.lookalikes import find

    plain = {
        str(grey): IMAGE_MEDIUM.signature(np.full((30, 30, 3), grey, np.uint8)) for grey in (0, 100, 200)
    }
    assert find(plain) == ()


def test_white_lines_on_nothing_are_seen() -> None:
    white = np.asarray(files.drawing(64, alpha=True)).copy()
    white[..., :3] = 255
    assert np.linalg.norm(IMAGE_MEDIUM.signature(white)) > 1


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([3, 4]), st.integers(0, 2**32 - 1))
def test_any_pixels_can_be_stored_and_written(height: int, width: int, channels: int, seed: int) -> None:
    from etude.rng import for_

    pixels = for_(seed, "pixels").integers(0, 256, (height, width, channels), dtype=np.uint8)
    assert np.array_equal(IMAGE_MEDIUM.load(IMAGE_MEDIUM.store(pixels)), pixels)
    if min(height, width) >= IMAGE.least_side_px and channels == 3:
        for fmt in ("png", "webp"):
            assert np.array_equal(read(IMAGE_MEDIUM.write(pixels, fmt), f".{fmt}"), pixels)


def test_descriptions_name_shape_and_colours() -> None:
    assert (
        IMAGE_MEDIUM.describe(np.full((10, 30, 3), (250, 220, 70), np.uint8))
        == "Wide picture, 30 x 10 pixels, mostly yellow"
    )


@pytest.mark.parametrize(("high", "words"), [(1.0, False), (255.0, True), (65535.0, False)])
def test_floats_of_every_usual_range_are_read(high: float, words: bool) -> None:
    ramp = (np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(64, 0) * np.float32(high)).astype(np.float32)
    out = io.BytesIO()
    Pil.fromarray(ramp).save(out, "TIFF")
    found = IMAGE_MEDIUM.read(out.getvalue(), suffix=".tif")
    assert np.abs(found.content[0, :, 0].astype(int) - np.round(np.linspace(0, 255, 64))).max() <= 1
    assert any("255" in one for one in found.warnings) is words


def test_clips_on_one_sheet_play_each_at_its_rate() -> None:
    slow, quick = (np.full((n, 8, 8, 3), np.arange(n)[:, None, None, None] * 10, np.uint8) for n in (4, 24))
    playing = sheet.moving([slow, quick], [8.0, 24.0], 2, "")
    assert len(playing) == 24
    left, right = (playing[:, :, : playing.shape[2] // 2], playing[:, :, playing.shape[2] // 2 :])
    changes = [int((np.diff(side.astype(int), axis=0) != 0).any((1, 2, 3)).sum()) for side in (left, right)]
    assert changes == [7, 23]  # the slow one goes through its four frames twice, three times as slowly
