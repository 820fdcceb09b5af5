"""The card of a picture model: what it is, what it was learned from, how far its takes are from works it has
not seen, and what it cost.

Every figure has its unit, n, interval and noise floor; what was not measured is said. Knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etude.config.pictures import ENLARGE, FOLLOW, JUDGE
from etude.config.trust import TRACE
from etude.families import roles
from etude.families.pictures.controls import ASIDE
from etude.families.pictures.learn.dataset import Dataset
from etude.families.starts import owed
from etude.families.verdict import SEEN, verdict
from etude.media.pixels import framing
from etude.training.budget import duration
from etude.training.learned import cost

_NAMES = {
    "flow loss": "prediction error on held-out works (0 is perfect)",
    SEEN: "the same, on training works",
    "kernel distance": "distance of takes to held-out works",
    "flow distance": "the same, takes of the flow alone",
    "one-pass distance": "the same, one-pass takes",
    "noise floor": "the same, training works (noise floor)",
    "coverage": "coverage: held-out works with a take nearby",
    "following": "sketches of held-out works followed by takes at strength 0.6",
    "near copies": "near-copies: takes closer to a training work than 95 % of held-out works are",
}


def _alone(header: Mapping[str, Any]) -> str:
    if header.get("started_from"):
        return ""
    return "It was trained only on the works below" + (
        "; another network chooses among its takes." if header.get("eyes") else "."
    )


def _kept(header: Mapping[str, Any]) -> str:
    """Which of its steps the weights are of, where they are not the last ones."""
    best = header.get("best_step", header["steps"])
    if best == header["steps"]:
        return ""
    why = "; later steps overfitted" if header.get("ended") == "no further gain" else ""
    return f" The weights are those of step {best:,}, where held-out loss was lowest{why}."


def _copies(near: Mapping[str, Any] | None, header: Mapping[str, Any]) -> list[str]:
    """What to do where takes lie nearer to works than chance allows; or why that was not measured."""
    if near is None:
        few = len(header["works"]["held-out"]) < TRACE.held_out_needed
        why = (
            f"too few works are held out ({TRACE.held_out_needed} are needed)" if few else "there was no time"
        )
        return ["", f"Near-copies were not counted: {why}."]
    unchosen = (
        ["", "Near-copies are counted among unselected takes (--choose 1)."] if header.get("eyes") else []
    )
    if near["low"] <= near["chance"]:
        return unchosen
    return [
        *unchosen,
        "",
        f"**Its takes are near-copies more often than chance allows** ({100 * near['value']:.0f} of 100, "
        f"{100 * near['chance']:.0f} expected by chance). Use --no-copy, check the trace of each take before "
        "you publish it, or train on more works.",
    ]


def _sketches(header: Mapping[str, Any], found: Dataset) -> list[str]:
    """That it was not tested whether takes follow a sketch, and why; nothing where it was, and of clips."""
    if "following" in header["figures"] or header["net"]["frames"] > 1:
        return []
    few = max(found.held_out.different, found.validation.different) < FOLLOW.least
    why = f"too few works are held out ({FOLLOW.least} are needed)" if few else "there was no time"
    return ["", f"Whether takes follow a sketch (--from) was not tested: {why}."]


def _eyes(header: Mapping[str, Any]) -> list[str]:
    """Who else looked at its takes, and what it gave."""
    if "eyes" not in header:
        return []
    e = header["eyes"]
    out = ["", "## Ranking by another network", ""]
    if e is None:
        return [*out, "It was asked for, but there was no time to train it."]
    out.append(
        f"Takes are chosen among drafts by {e['network']} (package {e['package']}), frozen, with a logistic "
        f"regression on its features, fitted on {e['works']:,} works and {e['takes']:,} takes. The choice of "
        "takes therefore depends on other people's photographs; the generator does not. To turn it off: "
        "--choose 1."
    )
    if "prefers" in e:
        p, d = e["prefers"], e["distance"]
        out += [
            "",
            f"It prefers a held-out work to a take {100 * p['value']:.0f} % of the time "
            f"({100 * p['low']:.0f}-{100 * p['high']:.0f} %, n {p['n']}; 50 %: chance). "
            "In features of a network with random weights, the kernel distance x 1000 to held-out works is "
            f"{d['better half']:.1f} for the better half of new drafts and {d['any half']:.1f} for any half.",
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
        f"It learned to enlarge takes {e['factor']} times, from {side} to {large} pixels, by training on "
        f"{e['works']:,} of the works below and {e['pictures_redrawn']:,} pictures that the flow partly "
        f"redrew from them; {e['steps']:,} steps in {duration(e['seconds'])}.",
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
    for key, name in (("plain", "as they are"), ("redrawn", "partly redrawn by the flow, as takes are")):
        if (t := e[key]) is not None:
            out.append(
                f"| {name} | {t['learned']:.2f} | {t['lanczos']:.2f} | {t['nearer']:.2f} | {t['low']:.2f} to "
                f"{t['high']:.2f} | {t['n']} |"
            )
    if e["used"]:
        end = (
            f"It is closer to held-out works than Lanczos, so takes have {large} pixels; --size small makes "
            f"them with {side}."
        )
    else:
        end = (
            f"It is no closer to held-out works than Lanczos, so takes have {side} pixels; --size full "
            "enlarges them."
        )
    through = (
        " Most works have a transparent background, so enlarged takes have one too."
        if e.get("ground")
        else ""
    )
    return [*out, "", f"The figures are {e['unit']}. {end}{through} Loops stay at {side} pixels."]


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
        f"Training took {header['steps']:,} steps ({header['epochs']:.1f} passes over the works, "
        f"{header['pictures_per_s']:.0f} works per second) and stopped: {header['ended']}." + _kept(header),
        *owed(header),
        "",
        "## How close its takes are to held-out works",
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
            "The distance is measured in features of a network with random weights, which was not trained.",
        ]
    out += _copies(figures.get("near copies"), header)
    out += _sketches(header, found)
    if "kernel distance" not in figures:
        few = len(header["works"]["held-out"]) < JUDGE.least_works
        out.append(
            "Too few works are held out to measure how close takes are to them."
            if few
            else "There was no time to measure how close takes are to held-out works."
        )
    out += verdict(
        figures, "flow loss", held_out=len(header["works"]["held-out"]), near=figures.get("near copies")
    )
    one = header.get("one_pass")
    refining = header.get("refining")
    out += ["", "## Critic and one pass", ""]
    if one:
        out.append(one["sentence"])
    elif refining and refining["ended"] == "collapsed":
        out.append("Adversarial training collapsed repeatedly, so there is no one-pass generator.")
    elif not refining or not refining["steps"]:
        out.append("No critic was trained in this run.")
    else:
        why = (
            "too few works are held out"
            if len(header["works"]["held-out"]) < JUDGE.least_works
            else "there was no time for it"
        )
        out.append(f"The one-pass generator was not tested: {why}.")
    if refining and refining["turned_back"]:
        out.append(
            f"Adversarial training went back to an earlier checkpoint {refining['turned_back']} times, "
            "because of mode collapse or a NaN loss."
        )
    out += _enlargement(header)
    out += _eyes(header)
    out += ["", "## What it was trained on", ""]
    out += roles.lines(header["works"], ASIDE, "used to decide when to stop")
    for c in header["conditions"]:
        some, more = ", ".join(map(str, c["values"][:12])), len(c["values"]) - 12
        out.append(
            f"- takes can be asked for by {c['key']}: {some}" + (f" and {more} more" if more > 0 else "")
        )
    return "\n".join([*out, "", *cost(header)]) + "\n"
