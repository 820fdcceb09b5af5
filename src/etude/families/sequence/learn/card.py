"""The model card: what the model is, what it was learned from, how well it predicts held-out works, and what
it cost.

Every figure has its unit, n and interval; the card states what was not measured. Knows no files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from etude.families import roles
from etude.families.sequence.controls import ASIDE
from etude.families.sequence.learn import near_copies, traits
from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.networks.contract import Network
from etude.families.starts import owed
from etude.families.verdict import verdict
from etude.media import sequence
from etude.training.learned import cost

_NAMES = {
    "base": "the base alone, before it learned from the works",
    "network": "network alone",
    "frozen": "with the memory of the works, frozen",
    "growing": "with the memory growing as it reads",
}


def write(
    header: Mapping[str, Any],
    corpus: Corpus,
    network: Network,
    of_base: Sequence[str] = (),
    recited: Sequence[str] = (),
) -> str:
    """The card in Markdown, from the header that the model will have, lines `of_base`, and what it
    recites."""
    out = [
        "# Model card",
        "",
        *_what(header, corpus, network),
        *(("", *of_base) if of_base else ()),
        "",
        "## How well it predicts held-out works",
        "",
    ]
    figures = header["figures"]
    if figures:
        unit, n = figures["frozen"]["unit"], figures["frozen"]["n"]
        out += [f"| | {unit} | 90 % interval |", "|---|---|---|"]
        for key, name in _NAMES.items():
            if key not in figures:
                continue
            f = figures[key]
            name = name if "base" not in figures or key != "network" else "the base with its adapter alone"
            out.append(f"| {name} | {f['value']:.3f} | {f['low']:.3f} to {f['high']:.3f} |")
        out += [
            "",
            f"Measured on {n:,} {unit.split('/')[1]}s of held-out works; lower is better.",
        ]
    else:
        out.append("Not measured: no works are held out. Add works, or name some with --held-out.")
    near = figures.get(near_copies.NAME)
    out += near_copies.lines(near, sequence(corpus.medium).runs.unit)
    out += verdict(figures, "network", held_out=len(header["works"]["held-out"]), near=near)
    out += traits.lines(header.get("traits") or {})
    out += ["", *recited] if recited else []
    critic = header.get("critic")
    out += ["", "## Critic", "", critic["sentence"] if critic else "No critic was trained in this run."]
    out += ["", "## What it was trained on", ""]
    out += roles.lines(header["works"], ASIDE, "used to fit the gate and the critic")
    makers = Counter(p.part.maker or "unnamed" for p in corpus.train)
    out.append(
        f"- makers: {', '.join(f'{m} ({n})' for m, n in makers.most_common(12))}"
        + (" and more" if len(makers) > 12 else "")
    )
    for c in header["conditions"]:
        some, more = ", ".join(map(str, c["values"][:12])), len(c["values"]) - 12
        out.append(
            f"- takes can be asked for by {c['key']}: {some}" + (f" and {more} more" if more > 0 else "")
        )
    return "\n".join([*out, "", *cost(header)]) + "\n"


def _what(header: Mapping[str, Any], corpus: Corpus, network: Network) -> list[str]:
    """What the model is, and how learning went."""
    kind = corpus.codec.costs.tokens
    return [
        f"A generator of {corpus.medium}: {network.title}, over {corpus.codec.vocab:,} {kind}, "
        f"mixed with a memory of {corpus.train_tokens:,} tokens of the collection."
        + (f" {network.origin}" if not header.get("started_from") else ""),
        *owed(header),
        *_left_out(corpus),
        "",
        f"Training took {header['steps']:,} steps ({header['epochs']:.1f} passes over the works) "
        f"and stopped: {header['ended']}.{part_seen(header['epochs'], corpus.train_tokens)}",
    ]


def _left_out(corpus: Corpus) -> list[str]:
    """Of how many works the codec had no place for everything."""
    lost = {p.part.work_id for p in corpus.train if corpus.codec.homeless(p.part.content)}
    if not lost:
        return []
    count = len(lost)
    works = f"{count} works" if count > 1 else "1 work"
    return ["", f"In {works}, some voices did not fit this model and were left out."]


def part_seen(epochs: float, tokens: int) -> str:
    """Which part of the works a run has seen that did not reach all of them; nothing where it did."""
    if epochs >= 1.0:
        return ""
    return (
        f" It has seen about {epochs * tokens:,.0f} of {tokens:,} tokens, in windows drawn at random from "
        "all works; the memory contains all of them."
    )
