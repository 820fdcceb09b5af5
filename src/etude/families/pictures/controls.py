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

ASIDE = "used to validate, not trained on"  # works that say when to stop

UInt8 = npt.NDArray[np.uint8]
SIDES = (32, 64, 128, 256)

_VARY = Control(
    "vary",
    "number",
    "How far to vary --from: 0 not at all, 1 another picture.",
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
        "small: as composed by the network; full: enlarged. Default: as the card recommends.",
        choices=("small", "full"),
    ),
    Control(
        "palette",
        "choice",
        "works: only colours that the works have; edges become hard.",
        choices=("works",),
    ),
    Control(
        "steps",
        "whole",
        "Sampling steps. 1: a single pass; more: two passes each. Default: 6 or 12.",
        least=1,
        most=200,
    ),
    Control("guidance", "number", "Above 1: follow --like more closely.", least=0, most=10),
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
        "How much of --from to redraw; default 0.6.",
        least=0,
        most=1,
        needs=("source",),
        excludes=("region", "mask", "vary"),
    ),
    _VARY,
    Control(
        "region",
        "region",
        "Redraw this part of --from, in percent.",
        metavar="L,T,R,B",
        needs=("source",),
        excludes=("mask",),
    ),
    Control("mask", "content", "Redraw what is white in this picture.", metavar="PICTURE", needs=("source",)),
    Control(
        "mix",
        "contents",
        "Mix these takes, pieces, works or files; two or more.",
        metavar="TAKE",
        excludes=("source",),
    ),
    Control(
        "shares",
        "numbers",
        "How much of each --mix to use, in the same order.",
        least=0,
        option="share",
        needs=("mix",),
        excludes=("breed",),
    ),
    Control("breed", "flag", "Take each region from one of --mix, with some variation.", needs=("mix",)),
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
        "Make K times as many drafts; keep the best and most different. Default: 1, or 2 with --eyes.",
        least=1,
        most=16,
        metavar="K",
    ),
    _NO_COPY,
    Control("loop", "settings", "Settings of a loop (frames, rate, waves, calm); see etude loop."),
)
CHANGES = (
    replace(
        _VARY,
        help="How far to vary the take: 0 not at all, 1 another picture; default 0.35.",
        needs=(),
        excludes=(),
    ),
    Control(
        "no_copy",
        "switch",
        "Discard takes closer to a training work than 95 % of held-out works are, or keep all; default: as "
        "for the take.",
        off="copy",
    ),
)
OPTIONS = (
    Control("size", "text", "auto, xs, s, m or l.", metavar="SIZE"),
    Control("critic", "switch", "Also train a critic and the one-pass generator.", off="no-critic"),
    Control("side", "choice", "Pixels; default: by budget and works.", choices=tuple(map(str, SIDES))),
    Control(
        "how",
        "choice",
        "How works are made square; see etude collection sheet.",
        choices=("crop", "pad", "fit"),
        option="framing",
    ),
    Control(
        "ground",
        "text",
        "Background colour of transparency and margins, or keep; default: white.",
        metavar="COLOUR",
    ),
    Control(
        "enlarge",
        "choice",
        f"Also train a network that enlarges takes by this factor; 1: none. Default: up to {ENLARGE.most_px} "
        "pixels if works and budget are large enough.",
        choices=("1", *map(str, FACTORS)),
    ),
    Control("frames", "whole", f"Frames per clip; default {PICTURES.frames}.", least=4, most=64),
    Control(
        "mirror",
        "switch",
        "Also train on mirrored copies (the default); takes are never mirrored.",
        off="no-mirror",
    ),
    Control(
        "start",
        "model",
        "Start from the weights of this model, or from the bundled drawings-64, openmoji-32 or fluent-32 "
        "(clips).",
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
    side, square = large_side(header), of_model(header)[1]
    if side is None:
        return None
    ground = framing.KEEP if header["enlarge"].get("ground") else square.ground
    return replace(square, side_px=side, ground=ground)


def kept(header: Header) -> dict[str, str | int] | None:
    """The options of a run that goes on from this model."""
    if "framing" not in header or "size" not in header:
        return None
    seen = of_model(header)[1]
    clips = {"frames": frames_of(header)} if frames_of(header) > 1 else {}
    return {"size": header["size"], "side": side_of(header), "how": seen.how, "ground": seen.ground, **clips}


def directions(header: Header) -> tuple[float | None, ...]:
    """For each slider by how many deviations takes move at 1; none where an older version learned the
    model."""
    if "sliders_moved" not in header:
        return ()
    moved = dict(enumerate(header.get("sliders_moved") or []))
    return tuple(moved.get(i) for i in range(int(header.get("sliders") or 0)))
