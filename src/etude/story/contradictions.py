"""Everything in a draft that contradicts, by all rules: each with two sentences, in the order of the draft.

Nothing is mended. What the author means is left out by the caller, who knows it by `Warned.key`."""

from __future__ import annotations

from etude.story import rules_can, rules_looks, rules_telling, rules_time, rules_world
from etude.story.cast import cast
from etude.story.draft import Draft
from etude.story.facts import Reading, Warned
from etude.story.said import sentences

RULES = (rules_looks, rules_time, rules_can, rules_world, rules_telling)


def reading(draft: Draft) -> Reading:
    """A draft as the rules read it."""
    who = cast(draft)
    return Reading(draft, who, sentences(draft, who))


def contradictions(read: Reading) -> tuple[Warned, ...]:
    """Every one, once."""
    found = {one.key: one for module in RULES for one in module.rules(read)}
    return tuple(sorted(found.values(), key=lambda one: (one.second.start, one.first.start)))
