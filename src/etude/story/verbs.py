"""English verbs as far as the rules need them: from what somebody cannot do to the form in which they do
it."""

from __future__ import annotations

_FORMS = """
swim:swam/swum read:read write:wrote/written drive:drove/driven ride:rode/ridden sing:sang/sung
speak:spoke/spoken drink:drank/drunk eat:ate/eaten fly:flew/flown see:saw/seen hear:heard leave:left
go:went/gone come:came/come steal:stole shoot:shot fight:fought sleep:slept run:ran/run
wear:wore/worn cross:crossed enter:entered open:opened play:played smoke:smoked cry:cried lie:lied
keep:kept sell:sold buy:bought bring:brought take:took/taken break:broke climb:climbed touch:touched
sail:sailed dance:danced cook:cooked knit:knitted row:rowed whistle:whistled laugh:laughed
swear:swore/sworn pray:prayed travel:travelled/traveled marry:married carry:carried
burn:burned/burnt light:lit/lighted ring:rang/rung meet:met know:knew/known set:set stand:stood
sit:sat find:found hold:held give:gave/given tell:told grow:grew/grown snow:snowed rain:rained
freeze:froze/frozen visit:visited walk:walked
"""
_IRREGULAR = {verb: forms.split("/") for verb, _, forms in (one.partition(":") for one in _FORMS.split())}


def pasts(verb: str) -> tuple[str, ...]:
    """The past forms of a verb: `swam`, `swum`."""
    if verb in _IRREGULAR:
        return tuple(_IRREGULAR[verb])
    if verb.endswith("e"):
        return (verb + "d",)
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return (verb[:-1] + "ied",)
    return (verb + "ed",)


def base(past: str) -> str:
    """The verb of a past form: `swim`."""
    for verb, forms in _IRREGULAR.items():
        if past in forms:
            return verb
    for ending, back in (("ied", "y"), ("ed", ""), ("d", "")):
        if past.endswith(ending):
            return past[: -len(ending)] + back
    return past
