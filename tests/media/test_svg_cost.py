"""Drawings that would take minutes are refused after some seconds of processor time, whichever way they were
made slow, and the next one is drawn."""

from __future__ import annotations

import base64
import os
import signal

import numpy as np
import pytest

from etude.errors import WorkError
from etude.media.image import svg, svg_renderer
from etude.media.image.svg_renderer import Allowance

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
RECT = '<rect width="90" height="90" x="5" y="5" fill="red" {}/>'
BLUR = '<filter id="f"><feGaussianBlur stdDeviation="3"/></filter>'
FILTERED = RECT.format('filter="url(#f)"')
STEP = '<feGaussianBlur stdDeviation="9"/>'
ZIGZAG = "M0 0" + "".join(f"L{i * 37 % 100} {i * 91 % 100}" for i in range(20_000))
SLOW = {
    "filters": BLUR + FILTERED * 1000,
    "filters by style": f"<style>rect{{filter:url(#f)}}</style>{BLUR}" + RECT.format("") * 1000,
    "filters as functions": RECT.format('style="filter:blur(3px)"') * 1000,
    "a list of filters": RECT.format(f'style="filter:{"blur(3px) " * 1000}"'),
    "filters in copies": BLUR + f'<defs><g id="a">{FILTERED * 50}</g></defs>' + '<use href="#a"/>' * 40,
    "a long filter": f'<filter id="f">{STEP * 200}</filter>{FILTERED}',
    "octaves": '<filter id="f"><feTurbulence baseFrequency="0.05" numOctaves="99999"/></filter>' + FILTERED,
    "a wide brush": '<filter id="f"><feMorphology radius="100"/></filter>' + FILTERED * 9,
    "a large matrix": f'<filter id="f"><feConvolveMatrix order="60" kernelMatrix="{"1 " * 3600}"/></filter>'
    + FILTERED * 9,
    "pictures in filters": '<filter id="f"><feImage href="#q"/></filter><defs>'
    + f'<g id="q">{RECT.format("") * 200}</g></defs>'
    + FILTERED * 50,
    "masks": '<mask id="m"><rect width="100" height="100" fill="#fff"/></mask>'
    + RECT.format('mask="url(#m)"') * 2000,
    "clipping paths": '<clipPath id="m"><rect width="100" height="100"/></clipPath>'
    + RECT.format('clip-path="url(#m)"') * 3000,
    "clips in clips": "".join(
        f'<clipPath id="m{i}" clip-path="url(#m{i + 1})"><rect width="100" height="100"/></clipPath>'
        for i in range(100)
    )
    + RECT.format('clip-path="url(#m0)"') * 100,
    "layers": f'<g opacity="0.9">{RECT.format("") * 2}</g>' * 3000,
    "mixing": RECT.format('style="mix-blend-mode:color-burn"') * 3000,
    "patterns": '<pattern id="p" width="0.01" height="0.01"><rect width="1" height="1"/></pattern>'
    + '<rect width="90" height="90" fill="url(#p)"/>' * 1000,
    "gradients": '<radialGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1"/>'
    + "</radialGradient>"
    + '<rect width="100" height="100" fill="url(#g)"/>' * 3000,
    "dashes": '<path d="M0 0H100V100H0Z" fill="none" stroke="red" stroke-dasharray="0.0005"/>' * 9,
    "copies": f'<defs><g id="a">{RECT.format("") * 200}</g></defs>' + '<use href="#a"/>' * 200,
    "copies of a long path": f'<defs><path id="a" d="{ZIGZAG}"/></defs>' + '<use href="#a"/>' * 500,
    "marks on a path": '<marker id="m" markerWidth="9" markerHeight="9"><circle r="3"/></marker>'
    + f'<path marker-mid="url(#m)" stroke="red" fill="none" d="{ZIGZAG}"/>',
}


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second to draw."""

    class Little(Allowance):
        def __init__(self) -> None:
            super().__init__()
            self.seconds = 0.1

    monkeypatch.setattr(svg, "Allowance", Little)


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.usefixtures("little")
def test_slow_drawings_are_refused(name: str) -> None:
    with pytest.raises(WorkError, match="takes more than 3 s of processor time") as caught:
        svg.read(f"{HEAD}{SLOW[name]}</svg>".encode())
    assert "PNG" in caught.value.hint
    assert svg.read(f"{HEAD}{RECT.format('')}</svg>".encode()).content.shape == (256, 256, 4)


@pytest.mark.usefixtures("little")
def test_many_small_filters_are_drawn() -> None:
    """What counts is the work, not how many there are."""
    dots = "".join(
        f'<rect x="{i % 20 * 5}" y="{i // 20 * 5}" width="1" height="1" filter="url(#f)"/>'
        for i in range(300)
    )
    unused = f'<filter id="u">{STEP * 200}</filter>'
    small = '<filter id="f"><feGaussianBlur stdDeviation="0.3"/></filter>'
    assert svg.read(f"{HEAD}{unused}{small}{dots}</svg>".encode()).content[..., 3].any()


def test_drawings_within_a_drawing_share_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[float] = []

    def draw(text: bytes, left: Allowance) -> bytes:
        spent.append(left.seconds)
        return plain(text, left)

    plain = svg_renderer.draw
    monkeypatch.setattr(svg_renderer, "draw", draw)
    inner = base64.b64encode(f"{HEAD}{RECT.format('')}</svg>".encode()).decode()
    picture = f'<image width="50" height="50" href="data:image/svg+xml;base64,{inner}"/>'
    assert svg.read(f"{HEAD}{picture * 3}</svg>".encode()).content[..., 3].any()
    assert len(spent) == 4 and sorted(spent, reverse=True) == spent and spent[-1] < spent[0]


def test_a_child_that_died_is_replaced() -> None:
    data = f"{HEAD}{RECT.format('')}</svg>".encode()
    before = svg.read(data).content
    child = svg_renderer.draw.__self__._child  # type: ignore[attr-defined]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert np.array_equal(svg.read(data).content, before)
