"""A plan drawn: who is in which scene, and arcs as curves over scenes, as one SVG that opens anywhere.

One row a character: a filled mark where they act or speak, a hollow one where only their name is said.
Below, where the plan says states with a level, the arc of each character. Colour says nothing alone."""

from __future__ import annotations

from xml.sax.saxutils import escape

from etude.story.plan import Row, Story

LEFT_PX, TOP_PX, ROW_PX, RIGHT_PX, ARC_PX = 170, 56, 22, 24, 140
INK, FAINT, MARK, SOFT = "#1f2328", "#d5d9e0", "#0b6e99", "#b4532a"
MOST_ROWS = 24


def presence(story: Story) -> bytes:
    """The drawing. Characters are those in most scenes."""
    scenes = list(story.of("scene"))
    people = sorted(
        (who for who in story.of("character")),
        key=lambda who: (
            -sum((who.id in s.texts("present")) + 0.3 * (who.id in s.texts("mentioned")) for s in scenes)
        ),
    )
    people = [
        who for who in people if any(who.id in (*s.texts("present"), *s.texts("mentioned")) for s in scenes)
    ]
    shown, arcs = people[:MOST_ROWS], _arcs(story, scenes)
    step = max(6.0, min(26.0, 900 / max(1, len(scenes))))
    width = round(LEFT_PX + step * len(scenes) + RIGHT_PX)
    bottom = TOP_PX + ROW_PX * len(shown)
    height = bottom + 34 + (ARC_PX + 30 if arcs else 0)
    left_out = f", the {len(shown)} in most scenes of {len(people)}" if len(people) > len(shown) else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {max(width, 480)} {height}" '
        f'width="{max(width, 480)}" height="{height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(story.title)}: who is in which scene</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(12, 20, f"{story.title}: who is in which scene{left_out}", size=14),
        _text(12, 38, "filled: acts or speaks; hollow: only named", colour="#59636e"),
    ]
    for i in range(len(scenes)):
        x = LEFT_PX + step * (i + 0.5)
        if i == 0 or (i + 1) % (5 if step > 8 else 10) == 0:
            parts.append(_text(x, TOP_PX - 6, str(i + 1), anchor="middle", colour="#59636e", size=10))
            parts.append(_line(x, TOP_PX, x, bottom))
    for number, who in enumerate(shown):
        y = TOP_PX + ROW_PX * (number + 0.5)
        parts.append(_text(LEFT_PX - 10, y + 4, who.name[:24], anchor="end"))
        parts.append(_line(LEFT_PX, y, LEFT_PX + step * len(scenes), y))
        for i, scene in enumerate(scenes):
            x, r = LEFT_PX + step * (i + 0.5), min(6.0, step * 0.42)
            said = f"<title>{escape(f'{who.name}, scene {i + 1}: {scene.name}')}</title>"
            if who.id in scene.texts("present"):
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{MARK}">{said}</circle>')
            elif who.id in scene.texts("mentioned"):
                hollow = f'r="{0.55 * r:.1f}" fill="#fff" stroke="{SOFT}"'
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" {hollow}>{said}</circle>')
    parts.append(
        _text(LEFT_PX + step * len(scenes) / 2, bottom + 20, "scene", anchor="middle", colour="#59636e")
    )
    if arcs:
        parts += _curves(arcs, bottom + 40, step, len(scenes))
    return "\n".join([*parts, "</svg>\n"]).encode()


def _arcs(story: Story, scenes: list[Row]) -> dict[str, list[tuple[int, float, str]]]:
    """Of each character the scenes with a level, in order."""
    order = {scene.id: i for i, scene in enumerate(scenes)}
    out: dict[str, list[tuple[int, float, str]]] = {}
    for row in story.of("arc"):
        if row.text("scene") in order and "level" in row.says:
            point = (order[row.text("scene")], float(row.says["level"]), row.text("state"))
            out.setdefault(story.called(row.text("who")), []).append(point)
    return {who: sorted(points) for who, points in out.items()}


def _curves(arcs: dict[str, list[tuple[int, float, str]]], top: float, step: float, n: int) -> list[str]:
    def y(level: float) -> float:
        return top + ARC_PX * (0.5 - max(-5.0, min(5.0, level)) / 10)

    parts = [
        _text(LEFT_PX - 10, top + 10, "whole", anchor="end", colour="#59636e"),
        _text(LEFT_PX - 10, top + ARC_PX, "lost", anchor="end", colour="#59636e"),
        _line(LEFT_PX, y(0), LEFT_PX + step * n, y(0)),
    ]
    for number, (who, points) in enumerate(arcs.items()):
        dash = ("", "6 3", "2 3", "8 3 2 3")[number % 4]
        at = [(LEFT_PX + step * (i + 0.5), y(level), state) for i, level, state in points]
        line = " ".join(f"{x:.1f},{v:.1f}" for x, v, _ in at)
        stroke = f'fill="none" stroke="{MARK}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{line}" {stroke}/>')
        for x, v, state in at:
            said = f"<title>{escape(f'{who}: {state}')}</title>"
            parts.append(f'<circle cx="{x:.1f}" cy="{v:.1f}" r="3.5" fill="{MARK}">{said}</circle>')
        parts.append(_text(at[-1][0] + 6, at[-1][1] - 6, who[:24], size=11))
    return parts


def _text(x: float, y: float, said: str, *, anchor: str = "start", colour: str = INK, size: int = 12) -> str:
    how = f'text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{escape(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{FAINT}"/>'
