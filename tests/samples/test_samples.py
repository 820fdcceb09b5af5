"""The works that Etude brings along: all there, all readable, makers and terms named."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from etude import samples
from etude.errors import WorkError
from etude.media import MEDIA

NEEDED = {"file", "title", "maker", "licence", "consent"}


def test_twelve_poets_are_named_and_readable() -> None:
    found = samples.poets()
    assert Counter(about["gender"] for _, about in found) == {"female": 7, "male": 5}
    for path, about in found:
        assert set(about) >= NEEDED and about["licence"] == "public-domain" and about["consent"] == "yes"
        assert int(about["died"]) < 1956
        reading = MEDIA["text"].read(path.read_bytes(), suffix=path.suffix)
        assert len(reading.content) > 20_000 and not reading.warnings


def test_the_novel_is_its_chapters_in_order() -> None:
    found = list(samples.novel())
    assert len(found) == 136
    for path, data, about in found:
        assert set(about) >= NEEDED and about["licence"] == "public-domain" and about["consent"] == "yes"
        assert about["maker"] == "Herman Melville" and about["file"] == path.name
        reading = MEDIA["text"].read(data, suffix=path.suffix)
        assert not reading.warnings and about["title"].split(".")[0].lower() in reading.content[:40].lower()
    assert [path.name for path, *_ in found] == sorted(path.name for path, *_ in found)
    texts = [data.decode() for _, data, _ in found]
    assert texts[0].split("\n\n")[1].startswith("Call me Ishmael.") and 1.1e6 < sum(map(len, texts)) < 1.3e6


def test_tunes_are_named_and_read_without_complaint() -> None:
    found = samples.tunes()
    assert len(found) >= 50 and sum(about["voices"] != "1" for _, about in found) >= 20
    assert {path.name for path, _ in found} == {path.name for path in found[0][0].parent.glob("*.abc")}
    for path, about in found:
        assert set(about) >= NEEDED and about["licence"] == "CC0-1.0"
        reading = MEDIA["music"].read(path.read_bytes(), suffix=".abc")
        assert not reading.warnings, (path.name, reading.warnings)
        assert reading.title == about["title"]
        sounding = [track for track in reading.content.tracks if track.notes]
        assert len(sounding) == int(about["voices"]), path.name
        assert MEDIA["music"].size(reading.content) >= 20


NOTE = re.compile(r"([_^=]*[A-Ga-g][,']*|z)(\d*)(/*)(\d*)-?[<>]?")


def length(match: re.Match[str]) -> Fraction:
    _, over, slashes, under = match.groups()
    return Fraction(int(over or 1), int(under) if under else 2 ** len(slashes))


@pytest.mark.parametrize("path", [path for path, _ in samples.tunes()], ids=lambda path: path.stem)
def test_bars_add_up(path: Path) -> None:
    fields = dict(re.findall(r"^([LM]):(.*)$", path.read_text(encoding="utf-8"), re.M))
    full = Fraction(fields["M"]) / Fraction(fields["L"])
    voices: dict[str, str] = {}
    voice = "1"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("V:"):
            voice = line[2]
        elif not re.match("[A-Z]:", line):
            voices[voice] = voices.get(voice, "") + line
    shapes = set()
    for body in voices.values():
        bars = [bar for bar in re.split(r"\|\]?", body) if bar.strip()]
        assert not "".join(NOTE.sub("", bar) for bar in bars).strip()
        lengths = [sum((length(m) for m in NOTE.finditer(bar)), Fraction()) for bar in bars]
        shapes.add(tuple(lengths))
        assert all(n == full for n in lengths[1:-1]), lengths
        assert lengths[0] <= full and lengths[-1] <= full
    assert len(shapes) == 1, "the voices do not keep time"


def test_chorales_are_found_where_music21_is() -> None:
    if importlib.util.find_spec("music21") is None:
        pytest.skip("music21 is not installed (extra: samples-music)")
    found = samples.chorales()
    assert 340 <= len(found) <= 370
    path, about = found[0]
    assert about["maker"] == "Johann Sebastian Bach" and path.stem.removeprefix("bwv") in about["title"]
    reading = MEDIA["music"].read(path.read_bytes(), suffix=path.suffix)
    assert len(reading.content.tracks) == 4


def test_chorales_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WorkError) as error:
        samples.chorales()
    assert "not installed" in error.value.message and "samples-music" in error.value.hint


def test_openmoji_are_named_and_readable() -> None:
    found = list(samples.openmoji())
    assert len(found) == 4495 and len({about["maker"] for _, _, about in found}) == 121
    assert len({about["group"] for _, _, about in found}) == 12
    for path, data, about in found[::300]:
        assert set(about) >= NEEDED and about["licence"] == "CC-BY-SA-4.0"
        reading = MEDIA["image"].read(data, suffix=path.suffix)
        assert reading.content.shape[:2] == (64, 64) and not reading.warnings
    tones = Counter(about["skin tone"] for _, _, about in found)
    assert tones["light"] == tones["dark"] and tones["light"] >= 330
    genders = Counter(about["gender"] for _, _, about in found)
    assert min(genders["woman"], genders["man"], genders["neutral"]) > 400
    series = Counter(about["series"] for _, _, about in found if about["skin tone"])
    assert (
        "" not in series and min(series.values()) >= 4
    )  # variants of one drawing stay together in the split


def test_drawings_are_the_same_pictures_at_any_size() -> None:
    found = list(samples.openmoji_svg())
    assert len(found) == 1200 and len({about["maker"] for _, _, about in found}) == 98
    assert not any(about["skin tone"] for _, _, about in found)
    for path, data, about in found[::500]:
        assert set(about) >= NEEDED and about["licence"] == "CC-BY-SA-4.0" and path.name == about["file"]
        reading = MEDIA["image"].read(data, suffix=path.suffix)
        assert reading.content.shape == (256, 256, 4) and not reading.warnings


def test_fluent_loops_move_and_are_named() -> None:
    found = list(samples.fluent())
    assert len(found) > 400
    for path, data, about in found[::50]:
        assert set(about) >= NEEDED and about["licence"] == "MIT" and about["maker"] == "Microsoft"
        clip = MEDIA["video"].read(data, suffix=path.suffix).content
        assert clip.frames.shape[1:] == (64, 64, 3) and clip.rate == 24 and len(clip.frames) >= 24


def test_packed_samples_stay_small_and_carry_their_licences() -> None:
    folders = [Path(samples.__file__).parent / name for name in ("openmoji", "fluent")]
    assert sum(file.stat().st_size for folder in folders for file in folder.rglob("*")) < 10_000_000
    assert "Attribution-ShareAlike 4.0" in (folders[0] / "LICENSE.txt").read_text(encoding="utf-8")
    assert "MIT" in (folders[1] / "LICENSE.txt").read_text(encoding="utf-8")
