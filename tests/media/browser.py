"""Pictures as Chromium shows them: a second reader, for tests only."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pil

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--virtual-time-budget=5000",
)
_ACROSS = 16


def shown(
    browser: str, folder: Path, pictures: Sequence[tuple[bytes, str]], sizes: Sequence[tuple[int, int]]
) -> list[np.ndarray]:
    """(h, w, 4) of each picture (its bytes and suffix), drawn at its (w, h), transparent where nothing is."""
    cell = max(max(size) for size in sizes)
    page = ["<!doctype html><body style='margin:0;background:transparent'>"]
    for number, ((data, suffix), (w, h)) in enumerate(zip(pictures, sizes)):
        (folder / f"{number}{suffix}").write_bytes(data)
        left, top = number % _ACROSS * cell, number // _ACROSS * cell
        page.append(
            f"<img decoding='sync' src='{number}{suffix}' "
            f"style='position:absolute;left:{left}px;top:{top}px;width:{w}px;height:{h}px'>"
        )
    (folder / "page.html").write_text("".join(page))
    rows = -(-len(pictures) // _ACROSS)
    seen = folder / "seen.png"
    window = f"--window-size={_ACROSS * cell},{rows * cell}"
    command = [
        browser,
        *_FLAGS,
        "--default-background-color=00000000",
        window,
        f"--screenshot={seen}",
        (folder / "page.html").as_uri(),
    ]
    subprocess.run(command, capture_output=True, check=True, timeout=200)
    whole = np.asarray(Pil.open(seen).convert("RGBA"))
    return [
        whole[number // _ACROSS * cell :, number % _ACROSS * cell :][:h, :w]
        for number, (w, h) in enumerate(sizes)
    ]


def natural_sizes(browser: str, folder: Path, pictures: Sequence[tuple[bytes, str]]) -> list[tuple[int, int]]:
    """The width and height that each picture says it has."""
    for number, (data, suffix) in enumerate(pictures):
        (folder / f"{number}{suffix}").write_bytes(data)
    images = "".join(f"<img src='{number}{suffix}'>" for number, (_, suffix) in enumerate(pictures))
    script = (
        "addEventListener('load',()=>{o.textContent=JSON.stringify([...document.images].map(i=>[i.naturalWidt"
        "h,i.naturalHeight]))})"
    )
    (folder / "page.html").write_text(
        f"<!doctype html><body>{images}<pre id=o></pre><script>{script}</script>"
    )
    command = [browser, *_FLAGS, "--dump-dom", (folder / "page.html").as_uri()]
    dom = subprocess.run(command, capture_output=True, check=True, text=True, timeout=200).stdout
    found = re.search(r'<pre id="o">(.*?)</pre>', dom)
    assert found is not None
    return [(int(w), int(h)) for w, h in json.loads(html.unescape(found[1]))]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The mean difference of two pictures of one size, 0..255, colours weighed by opacity."""
    return float(np.abs(_weighed(one) - _weighed(other)).mean())


def _weighed(pixels: np.ndarray) -> np.ndarray:
    if pixels.shape[2] == 3:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    opacity = pixels[..., 3:].astype(np.float64)
    return np.concatenate([pixels[..., :3] * opacity / 255, opacity], 2)
