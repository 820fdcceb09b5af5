"""Drawings styled by CSS have the colours that a browser gives them; what cannot be drawn is said."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.image.css.colours import as_hex, parsed
from etude.media.image.css.values import Lengths, calculated, settled, with_variables
from etude.media.image.medium import MEDIUM as IMAGE
from tests.media.picturefiles import svg


def read(data: bytes) -> Reading:
    return IMAGE.read(data, suffix=".svg")


def colour_at(pixels: np.ndarray, x: float, y: float) -> tuple[int, ...]:
    height, width = pixels.shape[:2]
    return tuple(int(v) for v in pixels[int(height * y), int(width * x)][:3])


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other)) <= 2


def test_variables_of_the_root_and_fallbacks() -> None:
    drawing = svg(
        "<style>:root{--warm:#dc1414;--cold:var(--deep);--deep:#1414dc} .top{fill:var(--warm)}</style>"
        '<rect class="top" width="100" height="50"/><rect y="50" width="50" height="50" fill="var(--cold)"/>'
        '<rect x="50" y="50" width="50" height="50" fill="var(--unset, rgb(20 180 20))"/>'
    )
    pixels = read(drawing).content
    assert near(colour_at(pixels, 0.5, 0.2), (220, 20, 20)) and near(
        colour_at(pixels, 0.2, 0.8), (20, 20, 220)
    )
    assert near(colour_at(pixels, 0.8, 0.8), (20, 180, 20))


def test_each_copy_has_the_variables_of_its_place() -> None:
    drawing = svg(
        '<symbol id="s" viewBox="0 0 9 9"><rect width="9" height="9" fill="var(--c, red)"/></symbol>'
        '<use href="#s" width="50" height="100" style="--c:#008000"/><use href="#s" x="50" width="50" '
        'height="100"/>'
    )
    pixels = read(drawing).content
    assert near(colour_at(pixels, 0.2, 0.5), (0, 128, 0)) and near(colour_at(pixels, 0.8, 0.5), (255, 0, 0))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("rgb(200 30 20)", (200, 30, 20)),
        ("hsl(120deg 50% 40%)", (51, 153, 51)),
        ("hwb(200 20% 30%)", (51, 136, 178)),
        ("oklch(0.7 0.15 150)", (76, 184, 106)),
        ("lab(50% 40 30)", (187, 88, 70)),
        ("color(display-p3 1 0 0)", (255, 0, 0)),
        ("color-mix(in srgb, red 30%, blue)", (77, 0, 178)),
        ("rgb(from red r g 200)", (255, 0, 200)),
        ("light-dark(red, blue)", (255, 0, 0)),
        ("rebeccapurple", (102, 51, 153)),
    ],
)
def test_colours_of_every_kind(value: str, wanted: tuple[int, ...]) -> None:
    for drawing in (
        f'<rect width="100" height="100" fill="{value}"/>',
        f'<rect width="100" height="100" style="fill:{value}"/>',
        f'<g color="{value}"><rect width="100" height="100" fill="currentColor"/></g>',
        f'<linearGradient id="l"><stop stop-color="{value}"/></linearGradient>'
        '<rect width="100" height="100" fill="url(#l)"/>',
    ):
        assert near(colour_at(read(svg(drawing)).content, 0.5, 0.5), wanted), drawing


def test_a_ground_in_the_style_lies_under_all_of_it() -> None:
    bar = '<rect width="50" height="100" fill="red"/>'
    for ground in ("background:#aaffaa", "background-color:rgb(170 255 170)"):
        pixels = read(svg(bar, f'viewBox="0 0 100 100" style="{ground}"')).content
        assert pixels.shape[2] == 3 and near(colour_at(pixels, 0.9, 0.5), (170, 255, 170))


def test_rules_for_a_screen_in_the_light_hold() -> None:
    sheet = (
        "rect{fill:#008000} @media print{rect{fill:red}} @media (prefers-color-scheme: dark){rect{fill:red}}"
    )
    assert near(
        colour_at(read(svg(f"<style>{sheet}</style><rect width='100' height='100'/>")).content, 0.5, 0.5),
        (0, 128, 0),
    )
    screen = "<style>@media screen{rect{fill:blue}}</style><rect width='100' height='100'/>"
    assert near(colour_at(read(svg(screen)).content, 0.5, 0.5), (0, 0, 255))


def test_links_put_together_by_variables_stay_inside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_bytes(svg('<filter id="f"><feFlood flood-color="red"/></filter>'))
    drawing = (
        f"<style>:root{{--a:url({secret}#f)}}</style><rect width='90' height='90' fill='#1414dc' "
        "filter='var(--a)'/>"
        f"<circle style='--b:{secret};fill:url(var(--b)) red' r='9'/>"
    )
    assert near(colour_at(read(svg(drawing)).content, 0.5, 0.5), (20, 20, 220))


LAUGHS = "".join(f"--a{n}:{f'var(--a{n - 1}) ' * 9};" for n in range(1, 12))
HEAVY = {
    "variables in variables": (
        f"<style>:root{{--a0:red;{LAUGHS}}}</style>"
        f"<rect width='9' height='9' fill='var(--a11)'/>"
    ),
    "rules in rules": "<style>"
    + "g,rect,path,a{" * 30
    + "fill:red"
    + "}" * 30
    + "</style><rect width='9' height='9'/>",
    "brackets": f"<rect width='{'calc(' * 5000}1px' height='9' style='stroke:{'rgb(' * 5000}'/><rect "
        "width='9' height='9'/>",
    "selectors": f"<style>{'* ' * 400}rect{{fill:red}}{'*~' * 20}rect{{fill:blue}}</style>"
    + "<g>" * 60
    + "<rect width='9' height='9'/>" * 300
    + "</g>" * 60,
    "has": "<style>"
    + ":has(:has(:has(*)))" * 5
    + "{fill:red}</style>"
    + "<g><rect width='9' height='9'/></g>" * 200,
    "many rules": "<style>" + "rect{fill:red}" * 30_000 + "</style>" + "<rect width='9' height='9'/>" * 100,
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_sheets_that_multiply_are_read_or_refused_soon(name: str) -> None:
    start = time.process_time()
    try:
        assert read(svg(HEAVY[name])).content.size
    except WorkError as error:
        assert "\n" not in error.message and error.hint
    assert time.process_time() - start < 5


def test_letters_alone_are_refused_with_the_reason() -> None:
    with pytest.raises(WorkError, match=r"Nothing is visible in this SVG; left out: text\."):
        read(svg("<text x='9' y='50'>Hello</text>"))


def test_words_of_the_drawing_are_clean() -> None:
    title = read(svg("<title>A&#x202e;b&#x85;c&#x9b;31m</title><rect width='9' height='9'/>")).title
    assert title.isprintable() and title.startswith("A")


def test_drawings_in_other_letters_are_read() -> None:
    for encoding in ("utf-16", "utf-8-sig", "utf-32", "iso-8859-1"):
        declared = f'<?xml version="1.0" encoding="{"utf-8" if encoding == "utf-8-sig" else encoding}"?>'
        text = declared + svg("<title>Größe</title><rect width='9' height='9'/>").decode()
        assert read(text.encode(encoding)).title == "Größe", encoding


def test_entities_are_found_in_any_letters() -> None:
    bomb = (
        '<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><svg '
        'xmlns="http://www.w3.org/2000/svg">&b;</svg>'
    )
    for encoding in ("utf-16", "utf-7"):
        data = (
            f'<?xml version="1.0" encoding="{encoding}"?>'.encode() if encoding == "utf-7" else b""
        ) + bomb.encode(encoding)
        with pytest.raises(WorkError):
            read(data)


@given(
    st.tuples(*[st.integers(0, 255)] * 3),
    st.sampled_from(["srgb", "hsl", "lab", "oklab", "oklch", "lch", "hwb"]),
)
def test_a_colour_mixed_with_itself_stays(rgb: tuple[int, ...], space: str) -> None:
    name = "#" + "".join(f"{v:02x}" for v in rgb)
    mixed = parsed(f"color-mix(in {space}, {name}, {name})")
    assert mixed is not None
    assert max(abs(round(v * 255) - w) for v, w in zip(mixed, rgb)) <= 1, as_hex(mixed)


@given(st.dictionaries(st.sampled_from(["--a", "--b", "--c", "--d"]), st.sampled_from(
    ["red", "var(--a)", "var(--b, blue)", "var(--c) var(--d)", "initial", "inherit", "var(--d,var(--a))",
     ""])))  # fmt: skip
def test_variables_are_always_settled(declared: dict[str, str]) -> None:
    found = settled(declared, {"--a": "green"})
    assert all("var(" not in value for value in found.values())
    assert with_variables("var(--nothing)", found) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("calc(2px * 4)", "8"), ("min(10px, 2em)", "10"), ("clamp(1px, 50px, 20px)", "20"),
     ("calc(1px + (2 + 3) * 2px)", "11"),
     ("calc(1em / 2)", "8"), ("calc(50% + 10px)", None), ("calc(1px + )", None), ("calc(1/0)", None)],
)  # fmt: skip
def test_arithmetic(text: str, wanted: str | None) -> None:
    assert calculated(text, Lengths()) == wanted
