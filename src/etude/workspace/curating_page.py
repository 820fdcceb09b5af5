"""The report of `curate` as a page: the map is drawn, and every work that is shown gets a preview from its
medium."""

from __future__ import annotations

import io
from contextlib import suppress

from etude.config.curate import CURATE
from etude.curate import coverage, map_svg, page
from etude.curate.page import Preview
from etude.errors import EtudeError
from etude.media import MEDIA, opening
from etude.media.contract import Medium
from etude.media.pixels.arrays import resized, to_pil
from etude.workspace.core import Workspace
from etude.workspace.curating import Looked

_MIMES = {".svg": "image/svg+xml", ".png": "image/png", ".gif": "image/gif"}
_MOST = 120_000  # bytes of a preview: a page of a hundred stays one that can be sent


def page_of(ws: Workspace, looked: Looked, by: str = "") -> bytes:
    """The page. `by`: the attribute that points are coloured by; else what divides the collection best into
    a few."""
    found = looked.report
    medium = MEDIA[found.medium]
    known = {work.id: work for work in looked.works}
    by = by or _colours(looked)
    values = [known[i].value(by) for i in looked.points.works]
    titles = [
        ", ".join(part for part in (known[i].title, known[i].maker) if part) for i in looked.points.works
    ]
    name = f"Map of {found.collection}: {found.points:,} points in {len(found.regions)} regions"
    made: dict[str, Preview] = {}

    def preview(work_id: str) -> Preview:
        if work_id not in made:
            made[work_id] = _preview(ws, medium, work_id)
        return made[work_id]

    middles = {region.number: preview(region.named[0][0]) for region in found.regions if region.named}
    pictures = {
        number: one.uri for number, one in middles.items() if one.picture and one.mime == _MIMES[".png"]
    }
    drawn = map_svg.draw(looked.points.land, values, titles, found.regions, name, pictures)
    return page.render(found, drawn, map_svg.legend_of(values), by, preview).encode()


def _colours(looked: Looked) -> str:
    """The attribute with few values that says something of most works; else the maker."""
    works = looked.report.works
    few = [
        row
        for row in looked.report.attributes
        if 2 <= len(row.shares) <= len(map_svg.COLOURS) * 2 and row.unsaid < 0.4 * works
    ]
    best = max(few, key=lambda row: min(row.as_even_as, len(map_svg.COLOURS)), default=None)
    return best.key if best is not None else coverage.MAKER


def _preview(ws: Workspace, medium: Medium, work_id: str) -> Preview:
    with suppress(EtudeError):
        content = ws.contents.read(work_id)
        seen = medium.look(content)
        if seen is not None:
            frame = seen.frames[len(seen.frames) // 2]
            scale = min(1.0, CURATE.thumb_px / max(frame.shape[:2]))
            small = resized(
                frame, max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
            )
            out = io.BytesIO()
            to_pil(small).save(out, "PNG", optimize=True)
            return Preview(out.getvalue())
        for suffix, make in medium.previews(content).items():
            if suffix in _MIMES:
                with suppress(EtudeError, OSError):
                    data = make()
                    if len(data) <= _MOST:
                        return Preview(data, _MIMES[suffix])
        return Preview(words=opening(medium, content)[:240])
    return Preview(words="(cannot be read)")
