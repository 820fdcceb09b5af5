"""The memory of a story: every fact that the rules read in a draft, each with its passage. It is read anew
whenever it is asked for, so that it is never older than the draft."""

from __future__ import annotations

from dataclasses import dataclass

from etude.story import rules_can, rules_looks, rules_time, rules_world
from etude.story.facts import Quote, Reading, reading_of


@dataclass(frozen=True)
class Remembered:
    """One fact: about whom, what, the value, where it stands, and whether it is only said by somebody."""

    about: str
    what: str
    value: str
    quote: Quote
    said: bool


def remembered(reading: Reading) -> tuple[Remembered, ...]:
    """Every fact, by whom it is about, in the order of the draft."""
    found = [
        fact for module in (rules_looks, rules_time, rules_can, rules_world) for fact in module.facts(reading)
    ]
    rows = [
        Remembered(
            reading.name(fact.about),
            fact.what,
            reading.name(fact.value) if fact.value.startswith("⟨") else reading_of(fact.value),
            reading.quote(fact.sentence),
            fact.quoted,
        )
        for fact in found
    ]
    return tuple(sorted(set(rows), key=lambda one: (one.about.lower(), one.quote.start, one.what)))
