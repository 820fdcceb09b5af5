"""The model card: what the model is, what it was learned from, how good it is on works it has not seen, and what it cost.

Every figure has its unit, n and interval; what was not measured is said. Knows no files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from etude.families.sequence.learn.dataset import Corpus
from etude.training.budget import duration, watt_hours

_NAMES = {
    "network": "network alone",
    "frozen": "network and memory of the collection",
    "growing": "the same, with a memory that grows with the text",
}


def write(header: Mapping[str, Any], corpus: Corpus) -> str:
    """The card in Markdown."""
    out = [
        "# Model card",
        "",
        *_what(header, corpus),
        "",
        "## How well it foresees works it has not seen",
        "",
    ]
    figures = header["figures"]
    if figures:
        unit = figures["frozen"]["unit"]
        out += [f"| | {unit} | 90 % interval |", "|---|---|---|"]
        for key, name in _NAMES.items():
            f = figures[key]
            out.append(f"| {name} | {f['value']:.3f} | {f['low']:.3f} to {f['high']:.3f} |")
        out += [
            "",
            f"Measured on {figures['frozen']['n']:,} {unit.split('/')[1]}s of held-out works; less is better.",
        ]
    else:
        out.append("Not measured: no works are held out. Add works, or name some with --held-out.")
    critic = header.get("critic")
    out += ["", "## Critic", "", critic["sentence"] if critic else "No critic was learned in this run."]
    out += ["", "## What it was learned from", ""]
    for key, name in (
        ("train", "learned from"),
        ("critic", "for the gate and the critic"),
        ("held-out", "held out"),
    ):
        out.append(f"- {name}: {len(header['works'][key])} works")
    makers = Counter(p.part.maker or "unnamed" for p in corpus.train)
    out.append(
        f"- makers: {', '.join(f'{m} ({n})' for m, n in makers.most_common(12))}"
        + (" and more" if len(makers) > 12 else "")
    )
    for c in header["conditions"]:
        some, more = ", ".join(map(str, c["values"][:12])), len(c["values"]) - 12
        out.append(f"- it can be asked for {c['key']}: {some}" + (f" and {more} more" if more > 0 else ""))
    return "\n".join([*out, "", *cost(header)]) + "\n"


def _what(header: Mapping[str, Any], corpus: Corpus) -> list[str]:
    net = header["net"]
    kind = "words and parts of words" if corpus.medium == "text" else "notes"
    return [
        f"A generator of {corpus.medium}: a transformer of {net['layers']} layers, {net['width']} wide, over {corpus.codec.vocab:,} {kind}, "
        f"mixed with a memory of {corpus.train_tokens:,} tokens of the collection. It was learned from nothing but the works below.",
        "",
        f"Learning took {header['steps']:,} steps ({header['epochs']:.1f} passes over the works) and ended: {header['ended']}.",
    ]


def cost(header: Mapping[str, Any]) -> list[str]:
    g = header["ledger"]
    return [
        "## What it cost",
        "",
        f"- budget: {header['budget']}; spent: {duration(g['wall_s'])}, {duration(g['cpu_s'])} of processor time, {g['peak_mb']:,.0f} MB at most",
        f"- energy: {watt_hours(tuple(g['kwh']))}; {g['method']}",
    ]
