"""A score engraved as one SVG: written as MusicXML, set by Verovio (L. Pugin and others, ISMIR 2014), pages stacked on white.

Knows nothing of layout itself. A long score is engraved up to a limit of bars, and the title line says so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from etude.config import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media import musicxml
from etude.media.bars import bars
from etude.media.score import Score

PAGE_WIDTH = 2100  # Verovio's units, a tenth of a millimetre
PAGE_HEIGHT = 60_000  # as tall as it allows: nearly every score is one page, trimmed to what it needs


def svg(score: Score) -> bytes:
    """The engraved score. Raises WorkError where Verovio cannot set it."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(
        {
            "pageWidth": PAGE_WIDTH,
            "pageHeight": PAGE_HEIGHT,
            "adjustPageHeight": True,
            "scale": 50,
            "footer": "none",
            "header": "auto",
            "pageMarginTop": 80,
            "pageMarginBottom": 80,
            "pageMarginLeft": 80,
            "pageMarginRight": 80,
            "svgViewBox": True,
            "xmlIdSeed": 1,
        }
    )
    if not toolkit.loadData(musicxml.write(_shortened(score)).decode()):
        raise WorkError("The score could not be engraved.", "Open the MusicXML in a notation program instead.")
    return _stacked([toolkit.renderToSVG(page + 1) for page in range(toolkit.getPageCount())]).encode()


def _shortened(score: Score) -> Score:
    grid = bars(score)
    if len(grid) <= MUSIC_LIMITS.engraved_bars:
        return score
    from etude.media.music import cut_ticks

    title = f"{score.title or 'Untitled'} (the first {MUSIC_LIMITS.engraved_bars} of {len(grid)} bars)"
    return replace(cut_ticks(score, 0, grid[MUSIC_LIMITS.engraved_bars].start), title=title)


def _stacked(pages: list[str]) -> str:
    """Pages one under the other on a white ground, in one SVG."""
    bodies, top, width = [], 0.0, 0.0
    for k, page in enumerate(pages):
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', page)
        size = (float(found[1]), float(found[2])) if found else (float(PAGE_WIDTH), float(PAGE_WIDTH))
        body = page[page.index("<svg") :]
        bodies.append(body.replace("<svg", f'<svg x="0" y="{top:g}" width="{size[0]:g}" height="{size[1]:g}"', 1) if k or len(pages) > 1 else body)
        top += size[1]
        width = max(width, size[0])
    inner = "\n".join(bodies)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {width:g} {top:g}" '
        f'width="{width:g}" height="{top:g}"><rect width="{width:g}" height="{top:g}" fill="#ffffff"/>\n{inner}\n</svg>\n'
    )
