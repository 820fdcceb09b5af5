"""The map of a collection as SVG: a point a work or passage, coloured by one attribute, regions named, thin
ones ringed.

Colours are told apart by lightness too (Okabe and Ito 2008), and every region has its number in words beside
the map. Knows no page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from etude.curate.landscape import Landscape
from etude.curate.report import Region
from etude.media.markup import Markup, join, tag, text

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d31")
OTHER = "#9aa0a6"
WIDTH, HEIGHT, EDGE, PICTURE = 960, 620, 36, 46


def draw(
    land: Landscape,
    values: Sequence[str],
    titles: Sequence[str],
    regions: Sequence[Region],
    name: str,
    pictures: Mapping[int, str],
) -> Markup:
    """`values` and `titles` (N,) of each point: what it is coloured by, and what it is called. `pictures`: a
    data URI of the work in the middle of a region, by its number."""
    legend = legend_of(values)
    colours = dict(legend)
    x = EDGE + land.at[:, 0] * (WIDTH - 2 * EDGE)
    y = EDGE + land.at[:, 1] * (HEIGHT - 2 * EDGE)
    n = len(values)
    size = float(np.clip(90 / max(n, 1) ** 0.5, 2.2, 9))
    dots = []
    for i in range(n):
        shape = {
            "cx": f"{x[i]:.1f}",
            "cy": f"{y[i]:.1f}",
            "r": f"{size:.1f}",
            "fill": colours.get(values[i], OTHER),
        }
        dots.append(tag("circle", tag("title", text(titles[i])), attrs=shape))
    labels = []
    for region in regions:
        inside = np.flatnonzero(land.region == region.number - 1)
        if not len(inside):
            continue
        cx, cy = float(np.median(x[inside])), float(np.median(y[inside]))
        if region.thin:
            far = np.hypot(x[inside] - cx, y[inside] - cy)
            ring = {
                "cx": f"{cx:.1f}",
                "cy": f"{cy:.1f}",
                "r": f"{max(16.0, float(np.percentile(far, 75))):.1f}",
            }
            labels.append(tag("circle", cls="ring", attrs=ring))
        side = 0
        if region.number in pictures:
            side = PICTURE
            place = {"x": f"{cx - side / 2:.1f}", "y": f"{cy - side / 2:.1f}", "width": side, "height": side}
            labels.append(tag("image", attrs={**place, "href": pictures[region.number]}))
        at = {"x": f"{cx + side / 2:.1f}", "y": f"{cy + 6 - side / 2:.1f}"}
        labels.append(tag("text", text(region.number), cls="rn", attrs=at))
    attrs = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": name, "class": "map"}
    return tag(
        "svg",
        tag("title", text(name)),
        tag("g", *dots, attrs={"fill-opacity": "0.75"}),
        join(labels),
        attrs={**attrs, "xmlns": "http://www.w3.org/2000/svg"},
    )


def legend_of(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The values with a colour of their own, the most frequent first."""
    counts: dict[str, int] = {}
    for value in values:
        if value:
            counts[value] = counts.get(value, 0) + 1
    most = sorted(counts, key=lambda value: (-counts[value], value))[: len(COLOURS)]
    return tuple(zip(most, COLOURS, strict=False))
