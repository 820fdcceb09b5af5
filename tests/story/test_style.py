"""What is an author's own is measured, and what a rewriting irons out; worn phrases, morals and runs of
words are named."""

from __future__ import annotations

import re

import pytest

from etude.api.handle import Studio
from etude.errors import WorkError
from etude.samples import novel
from etude.story.draft import Draft
from etude.story.quirks import ironed, quirks
from etude.story.style import styled

CHAPTERS = [data.decode() for _, data, _ in novel()][:60]
MELVILLE = "\n".join(CHAPTERS[:8])
OTHER = (
    "It rained. They didn't mind. He went to the shop and bought bread, and she didn't"
    " wait for him. The road was wet. "
    "A dog barked. “Don't go,” she said. He didn't answer. The bus came and they got on"
    " and sat down at the back of it. "
) * 40


def test_habits_are_found_and_a_rewriting_that_irons_them_out_is_measured() -> None:
    found = {one.name: one for one in quirks(MELVILLE, OTHER)}
    assert found["sentence length"].value > 20 > found["sentence length"].reference
    assert "semicolons" in found and "“didn't”" not in found
    favourite = next(name for name in found if name.startswith("“") and " " not in name)
    flat = MELVILLE.replace(";", ",").replace("—", ",")
    flat = re.sub(rf"\b{favourite.strip('“”')}\b", "that", flat, flags=re.IGNORECASE)
    rows, kept = ironed(MELVILLE, flat, OTHER)
    assert 0.5 < kept < 0.99
    by_name = {one.name: one for one in rows}
    assert (
        by_name["semicolons"].kept == 0
        and by_name[favourite].kept == 0
        and by_name["sentence length"].kept > 0.9
    )
    assert ironed(MELVILLE, MELVILLE, OTHER)[1] > 0.995
    assert ironed(MELVILLE, OTHER, OTHER)[1] < 0.1


def test_two_halves_of_one_text_differ_in_few_habits() -> None:
    """The noise floor: of eighteen habits of one author's chapters, taken in turn, at most two seem to
    differ."""
    odd, even = "\n".join(CHAPTERS[1::2]), "\n".join(CHAPTERS[::2])
    habits = [one for one in quirks(odd, even) if not one.name.startswith("“") or " " in one.name]
    assert len(habits) <= 2, [(one.name, one.z) for one in habits]


def test_too_few_words_give_no_figure() -> None:
    with pytest.raises(WorkError, match="too few to measure habits by"):
        quirks("It rained.", OTHER)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("She let out a breath and sat.", "worn"),
        ("The silence was deafening.", "worn"),
        ("He closed the door. And so Mara learned that home is where the heart is.", "moral"),
        ("They sat. In the end she understood that love was all that had mattered.", "moral"),
        ("The lamp was a symbol of her grief.", "theme"),
    ],
)
def test_what_is_worn_or_said_aloud_is_named(text: str, kind: str) -> None:
    assert [one.kind for one in styled(Draft(text))] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "She learned to swim. He waited on the pier, and the boat came in.",
        "“In the end you learn that love is hard,” said Tom.",
        "Mara understood nothing. She took the lamp and went up.",
    ],
)
def test_plain_endings_are_left_alone(text: str) -> None:
    assert styled(Draft(text)) == ()


def test_runs_of_words_of_earlier_chapters_are_named_with_their_length() -> None:
    earlier = {"chapter 1": CHAPTERS[0]}
    run = "having little or no money in my purse, and nothing particular to interest me on shore"
    (one,) = styled(Draft(f"Tom sat, {run}, and smoked."), earlier)
    assert one.kind == "borrowed" and one.says == "16 words in a row stand in chapter 1."
    assert one.words.startswith("having little") and one.words.endswith("shore")
    assert styled(Draft("having little or no money in my bag"), earlier) == ()


def test_a_novels_worn_phrases_are_few() -> None:
    assert len([one for one in styled(Draft("\n".join(CHAPTERS))) if one.kind != "borrowed"]) <= 4


def test_the_studio_measures_and_guards(studio: Studio) -> None:
    (studio.root / "draft.md").write_text(MELVILLE)
    (studio.root / "other.txt").write_text(OTHER)
    (studio.root / "flat.md").write_text(MELVILLE.replace(";", ","))
    studio.story_new("moby")
    studio.story_read("moby", ["draft.md"])
    done = studio.story_quirks("moby", against=str(studio.root / "other.txt"))
    assert done.quirks and done.kept is None
    kept = studio.story_quirks(
        "moby", against=str(studio.root / "other.txt"), rewritten=studio.root / "flat.md"
    ).kept
    assert kept is not None and 0.8 < kept < 1
    (studio.root / "new.md").write_text("Let out a breath. " + " ".join(MELVILLE.split()[100:120]))
    assert {one.kind for one in studio.story_guard("moby", studio.root / "new.md").found} == {
        "worn",
        "borrowed",
    }
