"""What a person may ask of a sequence model, as tables, and a wish as controls of a recipe. Knows nothing of
networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from etude import rng, samples
from etude.config.sequence import MAKE
from etude.errors import TakeError
from etude.families.contract import Asked, Branch, Control, Header, Host, Wish
from etude.families.controls import settled
from etude.families.manner import spelt
from etude.families.sequence.records import OF_BASE
from etude.media import MEDIA, codec_from_json, sequence
from etude.media.codec import Settling
from etude.media.contract import Medium
from etude.takes.recipe import Recipe
from etude.takes.source import Source

ASIDE = "in the memory, not trained on"  # works that fit the gate and the critic
_TEMPERATURE = Control("temperature", "number", "Below 1 safer, above 1 bolder.", least=0, most=MAKE.hottest)
_MIN_P = Control(
    "min_p",
    "number",
    "Leave out what is less likely than this fraction of the most likely; 0: nothing is left out.",
    least=0,
    most=1,
)
_BORROW = Control(
    "borrow", "number", "How much to use the memory of the works, 0 to 1; 0.5 is as fitted.", least=0, most=1
)


def gaps() -> tuple[Control, ...]:
    """The ways to say which part of a given content stays, of all media that are learned as tokens."""
    rows: dict[str, Control] = {}
    for medium in MEDIA.values():
        for gap in medium.gaps if medium.family == "sequence" else ():
            # an extent without a source is a length
            needs = () if gap.form == "extent" else ("source",)
            row = Control(gap.option, gap.form, gap.help, metavar=gap.metavar, needs=needs)
            rows.setdefault(gap.option, row)
    return tuple(rows.values())


def settings() -> tuple[Control, ...]:
    """What can be settled before a content is made, of all media that are learned as tokens."""
    rows: dict[str, Control] = {}
    for medium in MEDIA.values():
        for one in medium.settings if medium.family == "sequence" else ():
            excludes = ("source",) if one.alone else ()
            row = Control(
                one.option, one.form, one.help, one.least, one.most, metavar=one.metavar, excludes=excludes
            )
            rows.setdefault(one.option, row)
    return tuple(rows.values())


def controls() -> tuple[Control, ...]:
    """The table of `make`."""
    return (
        *gaps(),
        *settings(),
        Control(
            "length",
            "whole",
            "Approximate number of characters or notes; of words, if the model is built on a base.",
            least=1,
            most=100_000,
        ),
        _TEMPERATURE,
        _MIN_P,
        _BORROW,
        Control(
            "no_copy",
            "whole",
            f"Never reproduce N or more consecutive words or notes from a work (default {MAKE.no_copy}).",
            least=2,
            most=1000,
            metavar="[N]",
            bare=MAKE.no_copy,
        ),
        Control(
            "mark",
            "switch",
            "Mark takes so that 'etude detect' recognises them; changes no probabilities. Default: yes.",
            off="no-mark",
        ),
        Control("adapt", "flag", "Also add the given text and the take itself to the memory."),
        Control(
            "rank",
            "switch",
            "Let the critic choose among drafts; default: as the card recommends.",
            off="no-rank",
        ),
        Control(
            "drafts",
            "whole",
            f"How many drafts of each block the critic chooses from; 1 turns it off. Default: "
            f"{MAKE.drafts} if the critic is used.",
            least=1,
            most=16,
            metavar="K",
        ),
    )


LENGTH_ = "length_"  # before the name of an extent: its length in a recipe

CHANGES = (_TEMPERATURE, _MIN_P, _BORROW)

OPTIONS = (
    Control("size", "text", "auto, xs, s, m, l or xl.", metavar="SIZE"),
    Control("critic", "switch", "Also train a critic.", off="no-critic"),
    Control(
        "on",
        "text",
        "Build on a base: its name, or the folder or GGUF file of a language model.",
        metavar="BASE",
        excludes=("start",),
    ),
    Control(
        "start",
        "model",
        "Start from the weights of this model, or from bundled ones for music (tunes-pd, chorales-pd).",
        metavar="MODEL",
    ),
)


def ask(header: Header, model: str, wish: Wish, host: Host) -> Asked:
    """A wish as controls of a recipe. Raises TakeError or ModelError where wish and model do not fit."""
    name = str(header["medium"])
    medium, given = MEDIA[name], wish.given
    if given is not None and given.medium != name:
        raise TakeError(
            f"{given.title} is {given.medium}, and this model makes {name}.",
            "Name a model of that medium: etude models",
        )
    rank = wish.asked.get("rank")  # False says something here: no critic is asked
    beside = ("source",) if given is not None else ()
    said = settled(controls(), wish.asked, what=f"a model of {name}", beside=beside)
    places = {gap.name for gap in gaps()}
    parts = {row.name for row in (*gaps(), *settings())}
    medium.check_options({name: value for name, value in said.items() if name in parts})
    settled_first = _settled(header, medium, said, given)
    gap = {key: value for key, value in said.items() if key in places}
    out: dict[str, Any] = {
        ("units" if key == "length" else key): value
        for key, value in said.items()
        if key not in places and key not in ("rank", "drafts", "mark")
    } | settled_first
    out |= {} if rank is None else {"rank": rank}
    out |= {"mark": False} if wish.asked.get("mark") is False else {}
    stays = medium.stays(given.content, gap, given.title) if given is not None else {}
    if given is not None:
        other = _elsewhere(header, given, stays)
        if other:
            note = (
                f"{model} was not trained on works with that many voices: these takes are made by {other}, "
                "which comes with Etude."
            )
            return Asked(name, {}, given, notes=(note,), by=other)
        _room_for(header, given, model)
    out |= _drafts(header, rank, said.get("drafts"), stays.get("fill"))
    like = spelt(header, model, wish.like, host.works())
    out |= {"like": like} if like else {}
    return Asked(name, out | stays, given)


def _elsewhere(header: Header, given: Source, stays: Mapping[str, Any]) -> str:
    """Which weights that come along make the voices that the model cannot; empty where it can."""
    if header.get("codec", OF_BASE) == OF_BASE:
        return ""
    codec = codec_from_json(header["codec"])
    other = sequence(given.medium).elsewhere(codec, given.content, stays)
    return other if other in samples.starters() else ""


def _settled(header: Header, medium: Medium, said: dict[str, Any], given: Source | None) -> dict[str, Any]:
    """What was said of the settings, taken out of `said`, as a recipe holds it. Raises TakeError where the
    model settles nothing, or knows nothing like it."""
    out: dict[str, Any] = {}
    for gap in medium.gaps:
        value = said.get(gap.option)
        if gap.form == "extent" and isinstance(value, int):
            if value < 1:
                raise TakeError(
                    f"--{gap.option} {value} is too short.", f"Ask for 1 or more: --{gap.option} 16"
                )
            out[f"{LENGTH_}{gap.option}"] = said.pop(gap.option)
        elif gap.form == "extent" and value is not None and given is None:
            raise TakeError(
                f"--{gap.option} {value[0]}:{value[1]} needs --from.",
                f"Add --from, or give a length: --{gap.option} 16",
            )
    for one in medium.settings:
        if one.option in said:
            out[one.option] = one.read(said.pop(one.option))
    if not out:
        return out
    codec: Any = None if header.get("codec", OF_BASE) == OF_BASE else codec_from_json(header["codec"])
    if not isinstance(codec, Settling):
        option = next(iter(out)).removeprefix(LENGTH_)
        raise TakeError(
            f"--{option} has no effect on this model: it draws {medium.unit} without fixing that first.",
            "Models of tunes in one voice can be asked for it: etude learn NAME --from TUNES",
        )
    codec.settle((), out, None, None, partial(rng.for_, 0, "frame"))
    return out


def _room_for(header: Header, given: Source, model: str) -> None:
    """Raises TakeError where something given would be gone from the takes: nothing given may vanish."""
    if header.get("codec", OF_BASE) == OF_BASE:
        return  # a base's tokenizer has a place for every text
    lost = codec_from_json(header["codec"]).homeless(given.content)
    if lost:
        what = ", ".join(lost[:6]) + (" ..." if len(lost) > 6 else "")
        raise TakeError(
            f"Model '{model}' cannot hold all of {given.title}: {what} would be lost, because none of its "
            "training works has that many voices.",
            "Use a model trained on works that have them (see: etude models), or give a file without them.",
        )


def _drafts(header: Header, rank: bool | None, drafts: int | None, fill: object) -> dict[str, int]:
    """Into how many drafts of a block a recipe goes; a recipe without the word has one, as those from before
    there were drafts."""
    if drafts is None:
        chosen = rank if rank is not None else bool((header.get("critic") or {}).get("used"))
        drafts = MAKE.drafts if chosen and not fill else 1
    return {"drafts": drafts} if drafts != 1 else {}


def branch(header: Header, wanted: Branch) -> tuple[Recipe, Mapping[str, Any]]:
    """The recipe of a branch: from its first units on, or the same recipe, of an edited take going on from
    the edit."""
    medium = MEDIA[wanted.made.medium]
    said = settled(CHANGES, wanted.changed, what=f"a branch of {medium.name}")
    new = replace(wanted.made, controls={**wanted.made.controls, **said})
    here = {"take": wanted.take, "medium": medium.name}
    if wanted.at is not None:
        if wanted.at >= wanted.units:
            raise TakeError(
                f"Take {wanted.take} has {wanted.units:,} {medium.unit}; it cannot be continued "
                f"from {wanted.at}.",
                f"Give --at below {wanted.units}.",
            )
        gaps_of = {gap.control for gap in medium.gaps}
        left = {key: value for key, value in new.controls.items() if key not in gaps_of}
        return replace(new, source={**here, "until": wanted.at}, controls=left), {}
    return (replace(new, source=here) if wanted.edited else new), {}
