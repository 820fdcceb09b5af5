"""Consent and licences: what may be learned from, and that every refusal names the work, the reason and the
way out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from etude.curate.consent import _ALIASES, LICENCES, Licence, check, duties, licence, refusal, refusals
from etude.errors import ConsentError


@dataclass(frozen=True)
class Work:
    id: str
    title: str
    licence: str
    consent: str


def work(licence: str, consent: str, number: int = 1) -> Work:
    return Work(f"w-{number}", f"Song {number}", licence, consent)


@pytest.mark.parametrize("known", sorted(LICENCES))
def test_a_maker_who_said_no_is_heeded_under_every_licence(known: str) -> None:
    found = refusal(work(known, "no"))
    assert found is not None
    assert found.reason == "its maker did not consent"


@pytest.mark.parametrize(
    ("given", "consent", "allowed"),
    [
        ("own", "yes", True),
        ("own", "unknown", False),
        ("public-domain", "unknown", True),
        ("CC0-1.0", "unknown", True),
        ("CC-BY-4.0", "yes", True),
        ("CC-BY-4.0", "unknown", False),
        ("CC-BY-NC-SA-3.0", "yes", True),
        ("CC-BY-ND-4.0", "yes", False),
        ("CC-BY-NC-ND-4.0", "yes", False),
        ("all-rights-reserved", "yes", True),
        ("all-rights-reserved", "unknown", False),
        ("", "yes", False),
        ("WTFPL-9", "yes", False),
    ],
)
def test_what_may_be_learned_from(given: str, consent: str, allowed: bool) -> None:
    assert (refusal(work(given, consent)) is None) is allowed


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("cc-by 4.0", "CC-BY-4.0"),
        ("Public Domain", "public-domain"),
        ("CC0", "CC0-1.0"),
        ("  OWN ", "own"),
        ("cc by-sa", "CC-BY-SA-4.0"),
    ],
)
def test_licences_are_known_by_their_usual_names(text: str, known: str) -> None:
    assert licence(text).id == known


def test_an_unknown_licence_is_refused_with_examples() -> None:
    with pytest.raises(ConsentError, match="'CC-FOO' is not a licence that Etude knows") as caught:
        licence("CC-FOO")
    assert "CC-BY-4.0" in caught.value.hint


def test_check_names_the_first_five_and_says_how_to_go_on() -> None:
    works = [work("own", "unknown", n) for n in range(8)] + [work("own", "yes", 9)]
    with pytest.raises(ConsentError) as caught:
        check(works)
    assert caught.value.message.startswith(
        "8 of 9 works may not be trained on: 'Song 0' (w-0): its licence is own, and its maker's consent"
    )
    assert caught.value.message.endswith("; and 3 more.")
    assert caught.value.hint == "If the maker consents: etude works edit w-0 --consent yes"
    assert len(refusals(works)) == 8
    check(works[8:])


@pytest.mark.parametrize("known", LICENCES.values(), ids=LICENCES)
def test_what_a_licence_says_follows_from_its_letters(known: Licence) -> None:
    letters = known.id.split("-")
    assert (refusal(work(known.id, "yes")) is None) == ("ND" not in letters)
    free = known.id in ("public-domain", "CC0-1.0", "PDDL-1.0", "Unlicense")
    assert (refusal(work(known.id, "unknown")) is None) == free
    if known.id.startswith("CC-"):
        assert ("name the maker" in known.duties) == ("BY" in letters)
        assert ("no commercial use" in known.duties) == ("NC" in letters and "ND" not in letters)
        assert ("under the same licence" in known.duties) == ("SA" in letters)
    assert licence(known.id.upper()) is licence(known.id.replace("-", " ")) is known


def test_every_short_name_stands_for_a_licence() -> None:
    for short in _ALIASES:
        assert licence(short) is licence(short.upper())
    for kind in ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd"):
        assert licence(f"CC {kind}").id == f"CC-{kind.upper()}-4.0"


@pytest.mark.parametrize(
    ("works", "hint"),
    [
        (
            [work("own", "unknown", 1), work("own", "unknown", 2)],
            "If their makers consent, set it for all at once: {} --consent yes",
        ),
        (
            [work("", "yes", 1), work("own", "unknown", 2)],
            "set it for all at once: {} --licence own --consent yes",
        ),
        ([work("", "no", 1), work("own", "unknown", 2)], "Take it out: etude collection rm COLLECTION w-1"),
        (
            [work("own", "yes", 1), work("own", "unknown", 2)],
            "If the maker consents: etude works edit w-2 --consent yes",
        ),
        (
            [work("own", "yes", 1), work("", "unknown", 2), work("WTF", "yes", 3)],
            "edit w-2 --licence LICENCE",
        ),
        ([work("WTF", "yes", 1), work("CC-BY-ND-4.0", "yes", 2)], "etude works edit w-1 --licence LICENCE"),
        ([work("CC0-1.0", "unknown", 1), work("", "unknown", 2)], "edit w-2 --licence LICENCE"),
    ],
)
def test_one_command_helps_where_several_works_wait_for_the_same(works: list[Work], hint: str) -> None:
    with pytest.raises(ConsentError) as caught:
        check(works, "my verse")
    assert caught.value.hint.endswith(hint.format("etude works edit --collection 'my verse' --where-unknown"))


def test_duties_are_gathered() -> None:
    works = [
        work("CC-BY-4.0", "yes", 1),
        work("own", "yes", 2),
        work("CC-BY-SA-4.0", "yes", 3),
        work("CC-BY-4.0", "yes", 4),
        work("x", "yes"),
    ]
    assert duties(works) == {
        "name the maker": ("w-1", "w-4"),
        "name the maker; pass on what resembles the work under the same licence": ("w-3",),
    }
