"""What a person may ask of a picture model, as tables, and what a model's header says of the size of its
pictures. Knows nothing of networks.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from etude.config.pictures import ENLARGE, EXPLORE, PICTURES
from etude.families.contract import Control, Header
from etude.families.pictures.enlarged_sizes import FACTORS, large_side
from etude.media import pictorial
from etude.media.contract import PictureMedium
from etude.media.pixels import framing
from etude.media.pixels.framing import Framing, frame_all

UInt8 = npt.NDArray[np.uint8]
SIDES = (32, 64, 128, 256)

_VARY = Control(
    "vary",
    "number",
    "Variations of --from: 0 none, 1 another picture.",
    least=0,
    most=1,
    needs=("source",),
    excludes=("strength", "region", "mask"),
)
_NO_COPY = Control(
    "no_copy",
    "whole",
    "Discard takes closer to a training work than 95 % of held-out works are.",
    least=2,
    most=1000,
    metavar="[N]",
    bare=8,
    excludes=("series",),
)
CONTROLS = (
    Control(
        "size",
        "choice",
        "small: as the network composes them; full: enlarged as it learned; else as the model's card says.",
        choices=("small", "full"),
    ),
    Control(
        "steps", "whole", "1 is one pass; more are steps of two passes each; else 6 or 12.", least=1, most=200
    ),
    Control("guidance", "number", "Above 1, more of what --like asks for.", least=0, most=10),
    Control(
        "eta",
        "number",
        "Fraction of the noise redrawn at each step. Setting it turns off the one-pass start.",
        least=0,
        most=1,
    ),
    Control(
        "strength",
        "number",
        "How much of --from is made anew; else 0.6.",
        least=0,
        most=1,
        needs=("source",),
        excludes=("region", "mask", "vary"),
    ),
    _VARY,
    Control(
        "region",
        "region",
        "Make this part of --from anew, in percent.",
        metavar="L,T,R,B",
        needs=("source",),
        excludes=("mask",),
    ),
    Control(
        "mask", "content", "Make anew what is white in this picture.", metavar="PICTURE", needs=("source",)
    ),
    Control(
        "mix",
        "contents",
        "Between these takes, pieces, works or files; two or more.",
        metavar="TAKE",
        excludes=("source",),
    ),
    Control(
        "shares",
        "numbers",
        "How much of each --mix, in their order.",
        least=0,
        option="share",
        needs=("mix",),
        excludes=("breed",),
    ),
    Control("breed", "flag", "Each region from one of --mix, with a little that is new.", needs=("mix",)),
    Control(
        "series",
        "flag",
        "-n takes in even steps from the first --mix to the last.",
        needs=("mix",),
        excludes=("breed", "shares"),
    ),
    Control(
        "slide",
        "amounts",
        "A slider, in standard deviations; see etude sliders.",
        least=-EXPLORE.furthest,
        most=EXPLORE.furthest,
        metavar="NAME=AMOUNT",
    ),
    Control(
        "choose",
        "whole",
        "Keep the best and most different of K times as many drafts; else 1, or 2 with --eyes.",
        least=1,
        most=16,
        metavar="K",
    ),
    _NO_COPY,
    Control("loop", "settings", "A closed path of frames, rate, waves and calm; see etude loop."),
)
CHANGES = (
    replace(
        _VARY, help="How far from the take: 0 none, 1 another picture; else 0.35.", needs=(), excludes=()
    ),
    Control(
        "no_copy",
        "switch",
        "Discard takes closer to a training work than 95 % of held-out works are, or keep all; else as "
        "before.",
        off="copy",
    ),
)
OPTIONS = (
    Control("size", "text", "auto, xs, s, m or l.", metavar="SIZE"),
    Control("critic", "switch", "Also learn a critic and the one-pass generator.", off="no-critic"),
    Control("side", "choice", "Pixels; else by budget and works.", choices=tuple(map(str, SIDES))),
    Control(
        "how",
        "choice",
        "How works become squares; look first: etude collection sheet.",
        choices=("crop", "pad", "fit"),
        option="framing",
    ),
    Control(
        "ground",
        "text",
        "What lies under transparency and in margins: a colour, or keep; else white.",
        metavar="COLOUR",
    ),
    Control(
        "enlarge",
        "choice",
        f"Also learn to enlarge pictures so many times, 1: not; else to at most {ENLARGE.most_px} pixels "
        "where works and budget are large enough.",
        choices=("1", *map(str, FACTORS)),
    ),
    Control("frames", "whole", f"Frames of a clip; else {PICTURES.frames}.", least=4, most=64),
    Control(
        "mirror",
        "switch",
        "Whether to learn from mirrored copies too (usual); takes are never mirrored.",
        off="no-mirror",
    ),
    Control(
        "start",
        "model",
        "Go on from the weights of this model, or of openmoji-32 or fluent-32 (clips), which come along.",
        metavar="MODEL",
    ),
    Control(
        "eyes",
        "choice",
        "Let this network, trained on other people's pictures, choose among drafts; card and credentials "
        "name it.",
        choices=("imagenet",),
    ),
)


def of_model(header: Header) -> tuple[PictureMedium, Framing]:
    """The medium of a picture model, and the square that it sees."""
    return pictorial(str(header["medium"])), framing.from_json(header["framing"])


def frames_of(header: Header) -> int:
    """How many frames the model sees at once."""
    return int(header["net"]["frames"])


def side_of(header: Header) -> int:
    """The side of the model's square, in pixels."""
    return int(header["net"]["side_px"])


def shaped(header: Header, frames: UInt8) -> UInt8:
    """(F, side, side, C) as the model has them: of a clip evenly spread frames, a still picture held."""
    count = frames_of(header)
    at = np.floor(np.arange(count) * len(frames) / count).astype(int)
    return frame_all(frames[at], of_model(header)[1])


def large_of(header: Header) -> Framing | None:
    """The square of takes that are enlarged; None where the model has learned no enlargement."""
    side = large_side(header)
    return None if side is None else replace(of_model(header)[1], side_px=side)


def directions(header: Header) -> tuple[float | None, ...]:
    """For each slider by how many deviations takes move at 1; none where an older version learned the
    model."""
    if "sliders_moved" not in header:
        return ()
    moved = dict(enumerate(header.get("sliders_moved") or []))
    return tuple(moved.get(i) for i in range(int(header.get("sliders") or 0)))
