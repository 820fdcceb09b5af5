"""A wish as controls of a recipe: what a person asked of a picture model, held against the model. Knows
nothing of networks.

A picture from outside the project is brought into the model's square first and kept in that size: that is all
the model sees of it, and a log need not carry photographs. Where some of it stays in takes that are enlarged,
it is kept as large as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.pictures import EXPLORE, EYES, FOLLOW
from etude.errors import ModelError, TakeError
from etude.families.contract import Asked, Branch, Header, Host, Wish
from etude.families.controls import settled
from etude.families.manner import spelt
from etude.families.pictures.controls import (
    CHANGES,
    CONTROLS,
    directions,
    frames_of,
    large_of,
    of_model,
    shaped,
    side_of,
)
from etude.families.pictures.enlarged_sizes import large_side, usual_side
from etude.media import MEDIA, pictorial
from etude.media.contract import PictureMedium
from etude.media.pixels.framing import Framing, frame_all
from etude.takes.recipe import Recipe
from etude.takes.source import Source

UInt8 = npt.NDArray[np.uint8]


def framed(header: Header, source: Source, *, large: bool = False) -> Source:
    """A content as the model sees it, as a content of the model's medium; `large`: at the size of its
    enlarged takes. What is in the project keeps its reference."""
    medium = of_model(header)[0]
    every = _frames(source, f"this model makes {medium.name}")
    square = large_of(header) if large else None
    frames = shaped(header, every) if square is None else frame_all(every[:1], square)
    content = medium.from_frames(frames, float(header.get("rate") or 0.0))
    ref = dict(source.ref)
    if "given" in ref:
        ref["given"] = hashlib.sha256(medium.store(content)).hexdigest()
    return Source(medium.name if "given" in ref else source.medium, content, source.title, ref)


def _frames(source: Source, why: str) -> UInt8:
    """The frames of a content. Raises TakeError where it has none."""
    kind = MEDIA[source.medium]
    if kind.family != "pictures":
        raise TakeError(f"{source.title} is {source.medium}, and {why}.", "Name a picture or a clip.")
    frames: UInt8 = pictorial(source.medium).frames(source.content)
    return frames


def ask(header: Header, model: str, wish: Wish, host: Host) -> Asked:
    """A wish as controls of a recipe. Raises TakeError or ModelError where wish and model do not fit."""
    medium, square = of_model(header)
    beside = ("source",) if wish.given is not None else ()
    said = settled(CONTROLS, wish.asked, what=f"a model of {medium.name}", beside=beside)
    size = _size(header, model, said)
    stays = "region" in said or "mask" in said or said.get("strength") == 0
    start = framed(header, wish.given, large=size is not None and stays) if wish.given is not None else None
    like = spelt(header, model, wish.like, host.works())
    _check(said, wish)
    closed = said.pop("loop", None)
    way: dict[str, Any] = {"apart": said.pop("no_copy", None) is not None}
    choose = said.pop("choose", None)
    out: dict[str, Any] = {
        name: said[name] for name in ("steps", "guidance", "eta", "strength", "vary") if name in said
    }
    out |= {} if size is None else {"size": size}
    out |= {"palette": _palette(header, model)} if "palette" in said else {}
    if "region" in said:
        out["region"] = _region(said["region"])
    if "mask" in said:
        out["mask"] = _mask(header, square, host.find(said["mask"]))
    if "mix" in said:
        out["mix"] = [framed(header, host.find(ref)) for ref in said["mix"]]
        out |= {"breed": True} if "breed" in said else {}
        out |= {"series": wish.n} if "series" in said else {}
        out |= {"shares": [float(share) for share in said["shares"]]} if "shares" in said else {}
    moved = {
        str(_number(header, model, name, host)): float(amount)
        for name, amount in said.get("slide", {}).items()
        if amount
    }
    out |= {"slide": moved} if moved else {}
    out |= {"like": like} if like else {}
    makes = medium.name
    if closed is not None:
        makes, out["loop"] = _closed(medium, model, closed, out), dict(closed)
    way["choose"] = _choice(header, out, choose)
    return Asked(makes, out, start, way, _too_weak(header, out) if start is not None and not stays else ())


def _palette(header: Header, model: str) -> str:
    """That takes keep to the colours of the works. Raises ModelError where the model does not know them."""
    if not header.get("palette"):
        raise ModelError(
            f"Model '{model}' was trained by a version of Etude that did not keep the colours of the works.",
            "Leave --palette out, or train it again: etude learn",
        )
    return "works"


def _too_weak(header: Header, controls: Mapping[str, Any]) -> tuple[str, ...]:
    """Whether the model is too weak to follow what it is given, by its own test; nothing where it was not
    tested, and where most of what is given stays."""
    test = (header.get("figures") or {}).get("following")
    strength = float(controls.get("strength", FOLLOW.strength))
    if test is None or "vary" in controls or strength < FOLLOW.warned_from:
        return ()
    lacks = [
        f"{100 * float(test.get(key, 1.0)):.0f} % of the works' {what}"
        for key, what, least in (("sharp", "edges", FOLLOW.sharp), ("flat", "flat places", FOLLOW.flat))
        if float(test.get(key, 1.0)) < least
    ]
    if test["value"] >= FOLLOW.enough and not lacks:
        return ()
    hits = f"{test['value'] * test['n']:.0f}"
    followed = f"of {test['n']} sketches of works it had not seen, its takes followed {hits}"
    edges = f", with {' and '.join(lacks)}" if lacks else ""
    return (
        f"This model is too weak to follow a sketch at strength {strength:g}: {followed}{edges}. Train it "
        "longer or on more works, or from weights that know more (--start openmoji-32); a smaller --strength "
        "keeps more of what you gave.",
    )


def _size(header: Header, model: str, said: Mapping[str, Any]) -> int | None:
    """The side of takes that are enlarged, as was asked or as the model's test advises; None for the
    network's own. Raises ModelError where the model cannot enlarge, TakeError for a loop."""
    asked, own = said.get("size"), side_of(header)
    if asked is None:
        return None if "loop" in said else usual_side(header)
    if asked == "small":
        return None
    if (large := large_side(header)) is None:
        clips = frames_of(header) > 1
        raise ModelError(
            f"Takes of model '{model}' have {own} pixels a side: it has learned no enlargement."
            + (" Clips are not enlarged." if clips else ""),
            "Leave --size out."
            if clips
            else f"Leave --size out, or learn one: etude learn NAME --start {quote(model)} --enlarge 4",
        )
    if "loop" in said:
        raise TakeError(
            f"A loop is not enlarged: frames enlarged one by one would not hold still, so it has {own} "
            "pixels a side.",
            "Leave --size out.",
        )
    return large


def _closed(medium: PictureMedium, model: str, closed: Mapping[str, Any], controls: Mapping[str, Any]) -> str:
    """The medium of a loop. Raises ModelError for a model of clips, TakeError for lengths that cannot be."""
    if medium.name != medium.still:
        raise ModelError(
            f"Model '{model}' makes {medium.name}: loops come from models of pictures.",
            "List them: etude models",
        )
    frames, rate = int(closed["frames"]), float(closed["rate"])
    if not 2 <= frames <= EXPLORE.most_frames:
        raise TakeError(
            f"{frames / rate:g} s at {rate:g} frames a second are {frames:,} frames.",
            f"At most {EXPLORE.most_frames}, at least 2.",
        )
    return medium.moving


def _check(said: Mapping[str, Any], wish: Wish) -> None:
    """Raises TakeError where controls do not go together in ways that the table does not know."""
    mix, closed = said.get("mix", ()), "loop" in said
    if len(mix) == 1 and closed:
        raise TakeError("A loop through one picture does not move.", "Name two or more with --through.")
    if len(mix) == 1:
        raise TakeError("One picture cannot be mixed.", "Name two or more: --mix A --mix B.")
    if "series" in said and said.get("choose", 1) > 1:
        raise TakeError(
            "A series keeps the take of every step, so there are no drafts to choose from.",
            "Leave --choose out, or --series.",
        )
    if "series" in said and wish.n < max(2, len(mix)):
        raise TakeError(
            "A series has two takes or more, and at least one for each --mix.", "Say how many: -n 9"
        )
    if said.get("steps") == 1 and ("guidance" in said or "eta" in said):
        raise TakeError(
            "--guidance and --eta mean nothing with --steps 1.", "Leave --guidance and --eta out, or --steps."
        )
    if said.get("steps") == 1 and not closed and (mix or (wish.given is not None and "vary" not in said)):
        raise TakeError(
            "Takes that begin with or mix pictures are made by the flow network, not in one pass.",
            "Leave --steps out.",
        )
    if said.get("eta") and not closed and (mix or "vary" in said):
        raise TakeError(
            "--eta redraws the noise that this take depends on.", "Leave --eta out, or --mix and --vary."
        )
    shares = said.get("shares", ())
    if shares and len(shares) != len(mix):
        raise TakeError(
            f"There are {len(shares)} shares for {len(mix)} parents.", "Give one --share for each --mix."
        )
    if shares and not sum(shares):
        raise TakeError("Shares must not all be 0.", "For example --share 0.7 --share 0.3.")


def _region(region: Sequence[float]) -> list[float]:
    left, top, right, bottom = region
    if not (0 <= left < right <= 100 and 0 <= top < bottom <= 100):
        raise TakeError(
            f"The region {left:g},{top:g},{right:g},{bottom:g} does not lie in the picture.",
            "Give left,top,right,bottom in percent, for example 25,25,75,75.",
        )
    return [float(v) for v in region]


def _mask(header: Header, square: Framing, mask: Source) -> Source:
    """The mask in the model's square: white is made anew, black stays."""
    frames = _frames(mask, "a mask is a picture: white is redrawn, black is kept")
    small = frame_all(frames[:1], Framing(side_of(header), square.how, "black"))[0]
    still = of_model(header)[0].still
    digest = hashlib.sha256(MEDIA[still].store(small)).hexdigest()
    return Source(still, small, mask.title, {"given": digest})


def _number(header: Header, model: str, name: str, host: Host) -> int:
    """A slider by its number from 1, or by the name that the person gave it."""
    count = len(directions(header))
    names = {word.casefold(): number for number, word in host.labels(model).items()}
    number = int(name) if name.isdecimal() else names.get(name.casefold(), 0)
    if not 1 <= number <= count:
        has = ", ".join([*(f"1 to {count}" for _ in range(min(1, count))), *names]) or "none"
        raise TakeError(
            f"Model '{model}' has no slider '{name}' (it has: {has}).", f"See: etude sliders {quote(model)}"
        )
    return number


def _choice(header: Header, controls: Mapping[str, Any], asked: int | None) -> int:
    """How many drafts a take is chosen from: several where a network of others choose. The first of a mixture
    is the mixture itself, and stays."""
    if asked is not None:
        return asked
    mixture = "mix" in controls and not controls.get("breed")
    if header.get("eyes") and "loop" not in controls and not mixture:
        from etude.families.pictures import imagenet  # torch: only where a network of others are wanted

        return EYES.choose if imagenet.weights_file() else 1
    return 1


def branch(header: Header, wanted: Branch) -> tuple[Recipe, Mapping[str, Any]]:
    """The recipe of a branch: variations of a picture; of a loop or a mixture the same recipe with another
    seed."""
    made, here = wanted.made, {"take": wanted.take, "medium": wanted.made.medium}
    loop = "loop" in made.controls
    no_copy = wanted.changed.get("no_copy")
    table = [row for row in CHANGES if row.name == "no_copy" or not loop]
    asked = {name: value for name, value in wanted.changed.items() if name != "no_copy"}
    said = settled(table, asked, what="a branch of a loop" if loop else f"a branch of {made.medium}")
    if wanted.at is not None:
        raise TakeError(
            "A picture cannot be continued from a place in it.",
            f"Leave --at out: etude take branch {wanted.take}",
        )
    if loop and wanted.edited:
        raise TakeError(
            "A loop that you edited cannot be branched: loops are made from noise alone.",
            f"Branch the take it came from: etude take branch {wanted.origin}",
        )
    if loop and no_copy is not None:
        raise TakeError("--no-copy and --copy mean nothing for loops.", "Leave --no-copy and --copy out.")
    guarded = "near" in (wanted.record.get("measured") or {}) if no_copy is None else bool(no_copy)
    way = {"choose": 1, "apart": guarded and not loop}
    controls = {**made.controls, **said}
    if not loop:
        begun = ("strength", "region", "mask", "mix", "breed", "series", "shares", "slide", "eta")
        left = {key: value for key, value in controls.items() if key not in begun}
        return replace(made, source=here, controls={"vary": EXPLORE.vary, **left}), way
    if "mix" in controls:  # the first is the way through the parents themselves, whatever the seed
        return replace(made, controls=controls, index=1), way
    return replace(made, controls=controls), way
