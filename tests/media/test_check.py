"""The conformance suite, on all four media and on media that break their promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from etude.media import MEDIA
from etude.media.check import CHECKS, PICTURE_CHECKS, SEQUENCE_CHECKS, Subject, check_medium
from etude.media.contract import Codec, Float32, Reading, UInt8
from etude.media.image.medium import Image
from etude.media.music import event_codec as events
from etude.media.promises.subject import Promise
from etude.media.text.medium import Text
from etude.media.video.medium import MEDIUM as VIDEO_MEDIUM
from tests.media import picturefiles
from tests.media import textfiles as files

TUNE = b"X:1\nT:Scale\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|\nCDEF|GABc|cBAG|FEDC|]\n"
TUNE2 = b"X:2\nT:Round\nM:4/4\nL:1/8\nK:G\nG2B2d2B2|g4d4|e2c2A2c2|G8|G2B2d2B2|g4d4|e2c2A2c2|G8|]\n"
EXAMPLES = {
    "text": [
        (files.PROSE.encode(), ".txt"),
        (files.VERSE.encode("utf-16"), ".md"),
        (files.book(), ".epub"),
        (files.letters(), ".docx"),
        (files.page("<h1>One</h1><p>Two words.</p>").encode(), ".html"),
    ],
    "music": [(TUNE, ".abc"), (TUNE2, ".abc")],
    "image": [
        (picturefiles.saved(picturefiles.drawing(), "PNG"), ".png"),
        (picturefiles.saved(picturefiles.drawing(60, 3, alpha=True), "WEBP", lossless=True), ".webp"),
        (picturefiles.saved(picturefiles.drawing(80, 4), "JPEG"), ".jpg"),
        (picturefiles.saved(picturefiles.drawing(40, 5), "GIF"), ".gif"),
        (picturefiles.saved(picturefiles.drawing(40, 6), "TIFF"), ".tif"),
        (picturefiles.svg(picturefiles.CIRCLE), ".svg"),
    ],
    "video": [
        (VIDEO_MEDIUM.write(picturefiles.moving(), "mp4"), ".mp4"),
        (VIDEO_MEDIUM.write(picturefiles.moving(8, 32, 10.0, hue=2), "webm"), ".webm"),
        (VIDEO_MEDIUM.write(picturefiles.moving(6, 32, 10.0, hue=3), "gif"), ".gif"),
        (VIDEO_MEDIUM.write(picturefiles.moving(6, 32, 20.0, hue=3, alpha=True), "webp"), ".webp"),
    ],
}
FAMILY = {"text": SEQUENCE_CHECKS, "music": SEQUENCE_CHECKS, "image": PICTURE_CHECKS, "video": PICTURE_CHECKS}
PAIRS = [(name, check) for name in EXAMPLES for check in (*CHECKS, *FAMILY[name])]


@pytest.fixture(scope="module")
def subjects() -> dict[str, Subject]:
    return {
        name: Subject(MEDIA[name], data, [MEDIA[name].read(d, suffix=x).content for d, x in data])
        for name, data in EXAMPLES.items()
    }


@pytest.mark.parametrize(("name", "check"), PAIRS, ids=[f"{name}-{check.__name__}" for name, check in PAIRS])
def test_every_medium_keeps_every_promise(name: str, check: Promise, subjects: dict[str, Subject]) -> None:
    assert list(check(subjects[name])) == []


class AsEvents(Subject):
    """The music again, with the codec for music that no grid of voices holds."""

    def codec(self) -> Codec:
        return events.learn_codec(self.contents)


@pytest.mark.parametrize("check", SEQUENCE_CHECKS, ids=lambda check: check.__name__)
def test_events_keep_every_promise(check: Promise, subjects: dict[str, Subject]) -> None:
    music = subjects["music"]
    assert list(check(AsEvents(music.medium, music.files, music.contents))) == []


def test_check_medium_runs_them_all() -> None:
    found = check_medium(MEDIA["text"], EXAMPLES["text"][:2])
    assert len(found) == len(CHECKS) + len(SEQUENCE_CHECKS)
    assert all(check.ok for check in found), [c for c in found if not c.ok]


class Broken(Text):
    """A medium with faults that the suite must find."""

    def features(self, content: str) -> Float32:
        return np.full(3, np.nan, np.float32)

    def boundaries(self, content: str) -> Sequence[int]:
        return [0, len(content) + 1]

    def read(self, data: bytes, *, suffix: str, **said: Any) -> Reading:
        if not data:
            raise KeyError("oops")
        return super().read(data, suffix=suffix, **said)


def test_faults_are_found_and_named() -> None:
    complaints = {
        check.name: check.complaints for check in check_medium(Broken(), EXAMPLES["text"][:1]) if not check.ok
    }
    assert {
        "features are unit vectors",
        "boundaries ascend inside",
        "hostile bytes are refused politely",
    } <= set(complaints)
    assert "KeyError" in complaints["hostile bytes are refused politely"][0]


class Smudged(Image):
    """A picture medium with faults that the suite must find."""

    def signature(self, content: UInt8) -> Float32:
        return 3 * super().signature(content)

    def from_frames(self, frames: UInt8, rate: float) -> UInt8:
        first: UInt8 = frames[0]
        return 255 - first


def test_faults_of_pictures_are_found_and_named() -> None:
    complaints = {check.name for check in check_medium(Smudged(), EXAMPLES["image"][:1]) if not check.ok}
    assert complaints == {
        "marks repeat themselves",
        "frames go out and in",
        "enlarging keeps to its scales",
    }
