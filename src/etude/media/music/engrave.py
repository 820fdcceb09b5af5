"""A score engraved as one SVG: written as MusicXML, set by Verovio (L. Pugin and others, ISMIR 2014), pages
stacked on white.

Knows nothing of layout itself. A long score is engraved up to a limit of bars, and the title line says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.sax.saxutils import escape

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.music import musicxml
from etude.media.music.bars import bars
from etude.media.music.cuts import cut_ticks
from etude.media.music.score import Score

PAGE_WIDTH = 2100  # Verovio's units, a tenth of a millimetre
TITLE_SPACE = 56.0  # height of the title, in units of the SVG
TITLE_LENGTH = 64  # characters that fit on the width of the page
METRONOME = re.compile(
    r'<tspan font-family="Leipzig"[^>]*>\uECA5</tspan>'
)  # a music font's quarter note; ours is in any font
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
            "header": "none",
            "pageMarginTop": 80,
            "pageMarginBottom": 80,
            "pageMarginLeft": 80,
            "pageMarginRight": 80,
            "svgViewBox": True,
            "smuflTextFont": "none",
            "xmlIdSeed": 1,  # the same score, the same bytes
        }
    )
    if not toolkit.loadData(musicxml.write(_sounding(_shortened(score))).decode()):
        raise WorkError(
            "The score could not be engraved.", "Open the MusicXML in a notation program instead."
        )
    pages = [toolkit.renderToSVG(page + 1) for page in range(toolkit.getPageCount())]
    return _stacked(pages, _title(score)).encode()


def _shortened(score: Score) -> Score:
    grid = bars(score)
    if len(grid) <= MUSIC_LIMITS.engraved_bars:
        return score
    return cut_ticks(score, 0, grid[MUSIC_LIMITS.engraved_bars].start)


def _sounding(score: Score) -> Score:
    """Without the tracks that have no note, unless none has: a staff of rests tells a reader nothing."""
    heard = tuple(t for t in score.tracks if t.notes)
    return replace(score, tracks=heard) if heard else score


def _title(score: Score) -> str:
    title = score.title if len(score.title) <= TITLE_LENGTH else score.title[: TITLE_LENGTH - 3] + "..."
    count = len(bars(score))
    if count > MUSIC_LIMITS.engraved_bars:
        title = f"{title or 'Untitled'} (the first {MUSIC_LIMITS.engraved_bars} of {count} bars)"
    return "".join(c for c in title if c.isprintable())


def _stacked(pages: list[str], title: str) -> str:
    """Pages one under the other on a white ground, under the title, in one SVG."""
    bodies, top, width = [], TITLE_SPACE if title else 0.0, 0.0
    for page in pages:
        page = METRONOME.sub('<tspan font-size="560px">\u2669</tspan>', page[page.index("<svg") :])
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', page)
        size = (float(found[1]), float(found[2])) if found else (PAGE_WIDTH / 2, PAGE_WIDTH / 2)
        bodies.append(
            page.replace("<svg", f'<svg x="0" y="{top:g}" width="{size[0]:g}" height="{size[1]:g}"', 1)
        )
        top += size[1]
        width = max(width, size[0])
    style = 'font-family="Times, serif" font-size="26" text-anchor="middle" fill="#000000"'
    head = (
        f'<text x="{width / 2:g}" y="{0.9 * TITLE_SPACE:g}" {style}>{escape(title)}</text>\n' if title else ""
    )
    inner = "\n".join(bodies)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {top:g}" '
        f'width="{width:g}" height="{top:g}" role="img"><title>{escape(title or "Engraved score")}</title>\n'
        f'<rect width="{width:g}" height="{top:g}" fill="#ffffff"/>\n{head}{inner}\n</svg>\n'
    )
