"""Gather the drawings that the starter drawings-64 is learned from: open collections of three kinds, as a
folder that `etude add` reads.

    npm pack openmoji@17.0.0 @lobehub/fluent-emoji-3d@1.1.0
    apt-get download openclipart-png openclipart-svg     (Debian, 0.18)
        then unpack each into a folder of its own
    python tools/gather_drawings.py OPENMOJI FLUENT OPENCLIPART_PNG OPENCLIPART_SVG OUT

Writes OUT/<source>/NAME.png, 256 pixels square with transparent ground, and OUT/drawings.csv with title,
maker, licence, consent and source of each. docs/decisions/054 has what was left out, and why. Noto and
Twemoji stay out: they are what starters are measured on.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import resvg_py
from PIL import Image

SIDE, MARGIN = 256, 12  # pixels
SHARES = {"openmoji": "CC-BY-SA-4.0", "fluent": "MIT", "openclipart": "public-domain"}
# Of openclipart: what is no drawing (1,378 stars, gradients, patterns, buttons), or one thing many times
# (flags, decks of cards)
LEFT = (
    "shapes/",
    "special/",
    "unsorted/",
    "signs_and_symbols/flags",
    "signs_and_symbols/led",
    "recreation/games",
    "computer/buttons",
    "office/flowchart",
)
LEAST_INK, LEAST_PX, LONGEST = 0.04, 24, 3.5  # share of the square; of the drawing; times as long as wide

MOST_PIXELS = 20_000_000

Row = Mapping[str, str]
Drawing = tuple[str, Image.Image, Row]  # a name, the drawing, and what is said of it


def main(openmoji: Path, fluent: Path, pngs: Path, svgs: Path, out: Path) -> None:
    known = json.loads((openmoji / "data" / "openmoji.json").read_text(encoding="utf-8"))
    rows = list[dict[str, str]]()
    for source, some in (
        ("openmoji", of_openmoji(openmoji, known)),
        ("fluent", of_fluent(fluent, known)),
        ("openclipart", of_openclipart(pngs, svgs)),
    ):
        (out / source).mkdir(parents=True, exist_ok=True)
        before = len(rows)
        for name, drawing, row in some:
            square = squared(drawing)
            if square is None:
                continue
            path = out / source / f"{name}.png"
            square.save(path, compress_level=4)
            said = {"licence": SHARES[source], "consent": "yes", "source": source, **row}
            rows.append({"file": str(path.relative_to(out)), **said})
        print(f"{source}: {len(rows) - before:,} drawings")
    with (out / "drawings.csv").open("w", encoding="utf-8", newline="") as table:
        keys = ("file", "title", "maker", "licence", "consent", "source", "series")
        writer = csv.DictWriter(table, keys, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def of_openmoji(folder: Path, known: list[dict[str, object]]) -> Iterator[Drawing]:
    for one in wanted(known):
        code = str(one["hexcode"])
        path = folder / "color" / "svg" / f"{code}.svg"
        drawn = bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=SIDE, height=SIDE))
        yield code, Image.open(io.BytesIO(drawn)), {**said(one), "maker": str(one["openmoji_author"])}


def of_fluent(folder: Path, known: list[dict[str, object]]) -> Iterator[Drawing]:
    there = {re.sub("-fe0f|^00", "", path.stem): path for path in sorted((folder / "assets").glob("*.webp"))}
    for one in wanted(known):
        path = there.get(re.sub("-fe0f|^00", "", str(one["hexcode"]).lower()))
        if path is not None:
            yield path.stem, Image.open(path), {**said(one), "maker": "Microsoft"}


def of_openclipart(pngs: Path, svgs: Path) -> Iterator[Drawing]:
    Image.MAX_IMAGE_PIXELS = None  # sizes are looked at here, before anything is unpacked
    for path in sorted(pngs.rglob("*.png")):
        name = str(path.relative_to(pngs).with_suffix(""))
        drawn = svgs / f"{name}.svg"
        if name.startswith(LEFT) or not drawn.is_file():
            continue
        text = drawn.read_text(encoding="utf-8", errors="replace")
        maker = re.search(r"<dc:creator>.*?<dc:title>(.*?)</dc:title>", text, re.DOTALL)
        row = {
            "title": Path(name).name.replace("_", " ").strip(),
            "maker": " ".join(unescape(maker[1]).split()) if maker else "",
        }
        drawing = Image.open(path)
        if drawing.width * drawing.height <= MOST_PIXELS:  # two are posters of 230 megapixels
            yield re.sub("[^a-z0-9]+", "-", name.lower()), drawing, row


def wanted(known: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    """All emoji without a skin tone, and of every one with tones one, by turns: five of each would be half of
    all."""
    seen: dict[str, int] = {}
    for one in known:
        base = str(one["skintone_base_hexcode"] or one["hexcode"])
        if one["skintone"]:
            seen[base] = seen.get(base, 0) + 1
            if len(str(one["skintone"]).split(",")) > 1 or seen[base] != 1 + len(seen) % 5:
                continue
        yield one


def said(one: Mapping[str, object]) -> dict[str, str]:
    series = str(one["skintone_base_hexcode"] or "")
    return {"title": str(one["annotation"]), "series": series}


def squared(drawing: Image.Image) -> Image.Image | None:
    """The drawing without its margins in the middle of a square; None where there is hardly any."""
    if max(drawing.size) > 2048:
        drawing.thumbnail((1024, 1024))
    whole = drawing.convert("RGBA")
    box = whole.getchannel("A").point(lambda v: 255 if v > 8 else 0).getbbox()
    if box is None:
        return None
    cut = whole.crop(box)
    wide, high = cut.size
    if max(wide, high) < LEAST_PX or max(wide, high) > LONGEST * min(wide, high):
        return None
    zoom = (SIDE - 2 * MARGIN) / max(wide, high)
    fits = max(1, round(wide * zoom)), max(1, round(high * zoom))
    cut = cut.convert("RGBa").resize(fits, Image.Resampling.LANCZOS).convert("RGBA")
    out = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0))
    out.paste(cut, ((SIDE - fits[0]) // 2, (SIDE - fits[1]) // 2))
    ink = Image.new("RGB", out.size, "white")
    ink.paste(out, mask=out)
    counts = ink.convert("L").histogram()
    return out if sum(counts[:236]) >= LEAST_INK * SIDE * SIDE else None


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]))
