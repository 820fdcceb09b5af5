"""The card of a picture model: what it is, what it was learned from, how far its takes are from works it has
not seen, and what it cost.

Every figure has its unit, n, interval and noise floor; what was not measured is said. Knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etude.config.pictures import ENLARGE, JUDGE
from etude.config.trust import TRACE
from etude.families.pictures.learn.dataset import Dataset
from etude.media.pixels import framing
from etude.training.budget import duration
from etude.training.learned import cost

_NAMES = {
    "flow loss": "loss of the flow",
    "kernel distance": "takes from works",
    "flow distance": "takes of the flow alone from works",
    "one-pass distance": "takes of one pass from works",
    "noise floor": "works learned from, from works held out (the noise floor)",
    "coverage": "works that have a take near them",
    "near copies": "takes that are nearer to a work learned from than 95 % of held-out works are",
}


def _alone(header: Mapping[str, Any]) -> str:
    if header.get("started_from"):
        return ""
    return "It was learned from nothing but the works below" + (
        ", and its takes are chosen by a network of others." if header.get("eyes") else "."
    )


def _kept(header: Mapping[str, Any]) -> str:
    """Which of its steps the weights are of, where they are not the last ones."""
    best = header.get("best_step", header["steps"])
    if best == header["steps"]:
        return ""
    why = ": what came after would have memorised works" if header.get("ended") == "no further gain" else ""
    return f" Its weights are those of step {best:,}, where held-out works were predicted best{why}."


def _copies(near: Mapping[str, Any] | None, header: Mapping[str, Any]) -> list[str]:
    """What to do where takes lie nearer to works than chance allows; or why that was not measured."""
    if near is None:
        few = len(header["works"]["held-out"]) < TRACE.held_out_needed
        why = (
            f"too few works are held out ({TRACE.held_out_needed} are needed)" if few else "there was no time"
        )
        return ["", f"How many takes are near copies of a work was not measured: {why}."]
    unchosen = (
        ["", "Near copies are counted among takes that no eyes chose (--choose 1)."]
        if header.get("eyes")
        else []
    )
    if near["low"] <= near["chance"]:
        return unchosen
    return [
        *unchosen,
        "",
        f"**Its takes are near copies more often than chance allows** ({100 * near['value']:.0f} of 100, "
        f"{100 * near['chance']:.0f} by chance). Make takes with --no-copy, look at the trace of "
        "each "
        "before it goes out, or learn from more works.",
    ]


def _started(header: Mapping[str, Any]) -> list[str]:
    out, start, whose = [], header.get("started_from"), "It"
    while start:
        out += [
            "",
            f"{whose} started from the weights of {start['model']}, learned from “{start['collection']}”, "
            "whose works it therefore owes to as well.",
            *([f"Their terms: {start['licence']}. {start['credit']}"] if "licence" in start else []),
        ]
        start, whose = start.get("started_from"), "Those had"
    return out


def _eyes(header: Mapping[str, Any]) -> list[str]:
    """Who else looked at its takes, and what it gave."""
    if "eyes" not in header:
        return []
    e = header["eyes"]
    out = ["", "## Other eyes", ""]
    if e is None:
        return [*out, "They were asked for, and there was no time to teach them."]
    out.append(
        f"Its takes are chosen from drafts by {e['network']} (package {e['package']}), frozen: a logistic "
        f"regression on what it sees, between {e['works']:,} works "
        f"and {e['takes']:,} takes. So which takes you see hangs on photographs that are not yours; the "
        "generator itself does not. Made without them: --choose 1."
    )
    if "prefers" in e:
        p, d = e["prefers"], e["distance"]
        out += [
            "",
            f"They prefer an unseen work to a take {100 * p['value']:.0f} % of the time "
            f"({100 * p['low']:.0f}-{100 * p['high']:.0f} %, n {p['n']}; 50 %: they cannot tell). "
            "In features of a network with random weights the better half of unseen drafts lies "
            f"{d['better half']:.1f} from the works held out, any half {d['any half']:.1f} (kernel "
            "distance x 1000).",
        ]
    return out


def _enlargement(header: Mapping[str, Any]) -> list[str]:
    """How far its takes can be enlarged, and the test of that on works held out."""
    e = header.get("enlarge")
    if e is None:
        return []
    side = header["net"]["side_px"]
    large = side * e["factor"]
    out = [
        "",
        "## Enlargement",
        "",
        f"It learned to enlarge its takes {e['factor']} times, from {side} to {large} pixels, from "
        f"{e['works']:,} of the works below and {e['pictures_redrawn']:,} pictures that the flow redrew from "
        f"them in part; {e['steps']:,} steps in {duration(e['seconds'])}.",
        "",
    ]
    if e["plain"] is None:
        few = len(header["works"]["held-out"])
        return [
            *out,
            f"It was not tested: too few works of {large} pixels are held out (at most {few}; "
            f"{ENLARGE.least_tested} are needed). Takes are made with {side} pixels; --size full enlarges "
            "them.",
        ]
    out += [
        f"| works held out, {large} pixels from {side} | learned | Lanczos | nearer by | 90 % interval "
        "| on |",
        "|---|---|---|---|---|---|",
    ]
    for key, name in (("plain", "as they are"), ("redrawn", "redrawn in part by the flow, as takes are")):
        if (t := e[key]) is not None:
            out.append(
                f"| {name} | {t['learned']:.2f} | {t['lanczos']:.2f} | {t['nearer']:.2f} | {t['low']:.2f} to "
                f"{t['high']:.2f} | {t['n']} |"
            )
    if e["used"]:
        end = (
            f"It is nearer to works than Lanczos, so takes are made with {large} pixels; --size small makes "
            f"them with {side}."
        )
    else:
        end = (
            f"It is no nearer to works than Lanczos, so takes are made with {side} pixels; --size full "
            "enlarges them."
        )
    return [*out, "", f"The figures are {e['unit']}. {end} Loops stay at {side} pixels."]


def write(header: Mapping[str, Any], found: Dataset) -> str:
    """The card in Markdown."""
    net, size = header["net"], header["size"]
    seen = framing.from_json(header["framing"]).words()
    what = (
        "pictures"
        if header["medium"] == "image"
        else f"clips of {net['frames']} frames, {header['rate']:g} a second"
    )
    out = [
        "# Model card",
        "",
        f"A generator of {what}: a flow network of size {size}, at {seen}. " + _alone(header),
        "",
        f"Learning took {header['steps']:,} steps ({header['epochs']:.1f} passes over the works, "
        f"{header['pictures_per_s']:.0f} works a second) and ended: {header['ended']}." + _kept(header),
        *_started(header),
        "",
        "## How near its takes are to works it has not seen",
        "",
    ]
    figures = header["figures"]
    if figures:
        out += ["| | value | 90 % interval | on |", "|---|---|---|---|"]
        for key, name in _NAMES.items():
            if key in figures:
                f = figures[key]
                out.append(
                    f"| {name} | {f['value']:.3g} {f['unit']} | {f['low']:.3g} to {f['high']:.3g} | "
                    f"{f['n']:,} |"
                )
        out += [
            "",
            "The distance is measured in features of a network with random weights, which nothing was "
            "learned from.",
        ]
    out += _copies(figures.get("near copies"), header)
    if "kernel distance" not in figures:
        few = len(header["works"]["held-out"]) < JUDGE.least_works
        out.append(
            "Not enough works are held out to say how near takes are to works."
            if few
            else "There was no time to measure how near takes are to works."
        )
    one = header.get("one_pass")
    refining = header.get("refining")
    out += ["", "## Critic and one pass", ""]
    if one:
        out.append(one["sentence"])
    elif refining and refining["ended"] == "collapsed":
        out.append("The refinement collapsed again and again, so there is no one-pass generator.")
    elif not refining or not refining["steps"]:
        out.append("No critic was learned in this run.")
    else:
        why = (
            "too few works are held out"
            if len(header["works"]["held-out"]) < JUDGE.least_works
            else "there was no time for it"
        )
        out.append(f"The one-pass generator was not tested: {why}.")
    if refining and refining["turned_back"]:
        out.append(
            f"While refining it went back to a good state {refining['turned_back']} times, since takes "
            "became alike."
        )
    out += _enlargement(header)
    out += _eyes(header)
    out += ["", "## What it was learned from", ""]
    for key, name in (
        ("train", "learned from"),
        ("critic", "looked at while learning"),
        ("held-out", "held out"),
    ):
        out.append(f"- {name}: {len(header['works'][key])} works")
    for c in header["conditions"]:
        some, more = ", ".join(map(str, c["values"][:12])), len(c["values"]) - 12
        out.append(f"- it can be asked for {c['key']}: {some}" + (f" and {more} more" if more > 0 else ""))
    return "\n".join([*out, "", *cost(header)]) + "\n"
