"""Drawings in SVG: drawn where they are harmless, harmless where they were not, refused where they
multiply."""

from __future__ import annotations

import base64
import gzip
import time
from pathlib import Path

import numpy as np
import pytest

from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.image.medium import MEDIUM as IMAGE_MEDIUM
from tests.media import picturefiles as files
from tests.media.picturefiles import CIRCLE, svg


def read(data: bytes) -> Reading:
    return IMAGE_MEDIUM.read(data, suffix=".svg")


def is_circle(pixels: np.ndarray) -> bool:
    """Red in the middle, nothing in the corners."""
    return tuple(pixels[128, 128]) == (255, 0, 0, 255) and not pixels[0, 0].any() and not pixels[-1, -1].any()


def test_a_drawing_is_drawn_at_our_size() -> None:
    reading = read(svg(f"<title>A  disc</title>{CIRCLE}"))
    assert reading.content.shape == (256, 256, 4) and is_circle(reading.content)
    assert reading.title == "A disc" and reading.warnings == ()
    assert read(gzip.compress(svg(CIRCLE))).content.shape == (256, 256, 4)
    assert read(svg(CIRCLE, 'width="40mm" height="20mm"')).content.shape[:2] == (128, 256)


@pytest.mark.parametrize(
    "active",
    [
        "<script>alert(1)</script>",
        '<script href="https://example.org/x.js"/>',
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" '
        'src="file:///etc/passwd"/></foreignObject>',
        '<animate attributeName="r" to="0"/>',
    ],
)
def test_scripts_are_inert_and_said(active: str) -> None:
    reading = read(svg(CIRCLE + active))
    assert is_circle(reading.content) and any("scripts" in note for note in reading.warnings)


def test_names_of_colours_mean_the_same_whatever_was_drawn_before() -> None:
    """Pillow writes numbers into its table of names as soon as one is drawn with."""
    from PIL import ImageColor

    from etude.media.image.css import colours

    drawn = svg("<rect width='100' height='100' fill='color-mix(in srgb, peru 50%, white)'/>")
    before = read(drawn).content
    for name in ("white", "peru"):
        assert ImageColor.getrgb(name)
    colours._parsed.cache_clear()
    assert np.array_equal(read(drawn).content, before) and before[50, 50].tolist() == [230, 194, 159]


def test_handlers_are_dropped() -> None:
    assert is_circle(
        read(svg(CIRCLE.replace("/>", ' onload="x()"/>'), 'viewBox="0 0 100 100" onload="x()"')).content
    )


def test_no_file_and_no_address_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture beside the drawing, named in every way that a drawing can name it, is not seen."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(files.saved(files.drawing(), "PNG"))
    inner = tmp_path / "inner.svg"
    inner.write_bytes(svg('<rect width="100" height="100" fill="blue"/>'))
    monkeypatch.chdir(tmp_path)
    nested = base64.b64encode(svg(f'<image href="{secret}" width="100" height="100"/>')).decode()
    for link in (
        str(secret),
        "secret.png",
        f"file://{secret}",
        "inner.svg",
        "https://example.org/a.png",
        "//example.org/a.png",
        f"data:image/svg+xml;base64,{nested}",
        f"{inner}#a",
    ):
        for body in (
            f'<image href="{link}" width="100" height="100"/>',
            f'<image xlink:href="{link}" width="100" height="100"/>',
            f'<use href="{link}" width="100" height="100"/>',
            f'<filter id="f"><feImage href="{link}"/></filter><rect width="9" height="9" filter="url(#f)"/>',
        ):
            reading = read(svg(body + CIRCLE))
            assert is_circle(reading.content), body
            assert any("external" in note for note in reading.warnings)
    styled = f"<style>@import url('{inner}'); circle {{ fill: url({secret}) red }}</style>"
    assert read(svg(styled + CIRCLE)).content.shape[2] == 4


def test_pictures_inside_are_kept_within_limits() -> None:
    good = base64.b64encode(files.saved(files.drawing(), "PNG")).decode()
    image = '<image href="data:image/png;base64,{}" width="100" height="100"/>'
    assert read(svg(image.format(good))).content[..., :3].std() > 10
    bomb = base64.b64encode(files.png_of_size(60_000, 60_000)).decode()
    assert is_circle(read(svg(image.format(bomb) + CIRCLE)).content)


@pytest.mark.parametrize("unit", ["mm", "cm", "in", "pt", "pc", "px", ""])
def test_lengths_have_units(unit: str) -> None:
    per = {"mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "pt": 96 / 72, "pc": 16.0}.get(unit, 1.0)
    across = 400 / per
    data = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}{unit}" height="{across}{unit}"><rect '
        'width="200" height="400" fill="red"/></svg>'
    )
    alpha = read(data.encode()).content[..., 3]
    assert (alpha > 0).mean() == pytest.approx(0.5, abs=0.02)  # half of it, in every unit


@pytest.mark.parametrize(
    "drawing",
    [
        "<style>.x path { clip-path: url(#c) }</style><clipPath id='c'><path d='M0 "
        "0h90v90H0z'/></clipPath><g class='x'><path d='M0 0h90v90H0z'/></g>",
        "<style>g.a rect { fill: url(#p) }</style><pattern id='p' width='9' height='9' "
        "patternUnits='userSpaceOnUse'><circle r='4'/></pattern><g class='a'><rect width='90' "
        "height='90'/></g>",
        "<circle id='c' r='40' cx='50' cy='50'><animate href='#c' attributeName='r'/></circle>",
        "<style>path.x { clip-path: url(#c) }</style><clipPath id='c'><path d='M0 "
        "0h90v90H0z'/></clipPath><path class='x' d='M0 0h90v90H0z'/>",
    ],
)
def test_drawings_that_do_not_contain_themselves_are_drawn(drawing: str) -> None:
    assert read(svg(drawing)).content[..., 3].any()


@pytest.mark.parametrize(
    "selector",
    [
        "rect",
        "*",
        "g > rect",
        "/* x */ rect",
        "rect/* x */",
        "rect:hover",
        "rect[width]",
        ":not(.a, .b)",
        "\\72 ect",
        ".y, rect",
    ],
)
def test_no_selector_hides_what_multiplies(selector: str) -> None:
    grow = "".join(
        f"<pattern id='p{n}' width='9' height='9'>"
        + f"<rect width='9' height='9' style='fill:url(#p{n - 1})'/>" * 10
        + "</pattern>"
        for n in range(1, 10)
    )
    with pytest.raises(WorkError, match=r"grows|itself"):
        read(
            svg(f"<style>{selector} {{ fill: url(#p9) }}</style>{grow}<g><rect width='99' height='99'/></g>")
        )


BOMBS = {
    "billion laughs": (
        svg(
            "<desc>&d;</desc>" + CIRCLE,
            before='<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY d "&b;&b;">]>',
        ),
        "entities",
    ),
    "an outside entity": (
        svg("<desc>&a;</desc>", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        "entities",
    ),
    "a parameter entity": (
        svg(CIRCLE, before='<!DOCTYPE svg [<!ENTITY % p SYSTEM "https://example.org/x.dtd"> %p;]>'),
        "entities",
    ),
    "a long entity": (
        svg("<desc>" + "&a;" * 9 + "</desc>", before=f'<!DOCTYPE svg [<!ENTITY a "{"x" * 9000}">]>'),
        "entities",
    ),
    "copies of copies": (
        svg(
            "<defs><g id='a0'>"
            + CIRCLE
            + "</g>"
            + "".join(f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 10 + "</g>" for n in range(1, 10))
            + "</defs><use href='#a9'/>"
        ),
        "grows",
    ),
    "patterns in patterns": (
        svg(
            "".join(
                f"<pattern id='p{n}' width='9' height='9'>"
                + f"<rect width='9' height='9' fill='url(#p{n - 1})'/>" * 10
                + "</pattern>"
                for n in range(1, 10)
            )
            + "<style>.x { fill: url(#p9) }</style><rect class='x' width='99' height='99'/>"
        ),
        "grows",
    ),
    "rules times elements": (
        svg("<style>" + "path{fill:url(#p)}" * 20_000 + "</style>" + "<path d='M0 0'/>" * 5_000 + CIRCLE),
        "rules",
    ),
    "itself in itself": (svg("<g id='a'><use href='#a'/></g>"), "itself"),
    "very deep": (svg("<g>" * 5000 + CIRCLE + "</g>" * 5000), "deep|damaged"),
    "many elements": (svg("<path d='M0 0'/>" * 60_000), "elements"),
    "a zip bomb": (gzip.compress(svg("<g/>" * 5_000_000)), "MB of SVG"),
    "damaged": (svg(CIRCLE)[:-9], "damaged"),
    "empty": (svg(""), "Nothing is visible"),
    "only text": (svg("<text x='9' y='50'>Hello</text>"), "Nothing is visible"),
    "endless": (svg(CIRCLE, 'viewBox="0 0 100000 1"'), "size"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_and_broken_drawings_are_refused_at_once(name: str) -> None:
    data, word = BOMBS[name]
    start = time.process_time()
    with pytest.raises(WorkError, match=word) as refused:
        read(data)
    assert "\n" not in refused.value.message
    assert time.process_time() - start < 5


def test_namespaces_written_as_entities_are_read() -> None:
    """As Illustrator writes them."""
    data = (
        '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;" viewBox="0 0 100 '
        f'100">{CIRCLE}</svg>'
    )
    assert is_circle(read(data.encode()).content)


def test_text_is_left_out_with_a_word_about_it() -> None:
    assert any("text" in note for note in read(svg(CIRCLE + "<text>x</text>")).warnings)


@pytest.mark.parametrize("box", ["0", "0 0 a", "", "1,2,,"])
def test_a_drawing_turned_as_a_whole_needs_no_view_box(box: str) -> None:
    assert read(svg(CIRCLE, f'viewBox="{box}" transform="rotate(90)" width="100" height="100"')).content.any()
