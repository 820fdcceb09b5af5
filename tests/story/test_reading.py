"""A plan read out of a draft: who, where, in which scene, each with its passage; and what a person wrote
stays."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import pytest

from etude.api.handle import Studio
from etude.errors import ProjectError, WorkError
from etude.samples import novel
from etude.story.cast import cast
from etude.story.draft import Draft
from etude.story.plan import Row
from tests.story.lamp import LAMP, longer


def test_scenes_people_and_places_are_read_with_their_passages(studio: Studio) -> None:
    studio.story_new("lamp")
    done = studio.story_read("lamp", ["draft.md"])
    assert (done.scenes, done.narrator) == (4, False)
    plan = studio.story("lamp")
    assert {row["id"]: row.get("gender", "") for row in plan.rows["character"]} == {
        "mara-venn": "she",
        "tom-harke": "he",
        "quill": "she",
    }
    assert [row["name"] for row in plan.rows["place"]] == ["Rossby"]
    scenes = plan.rows["scene"]
    assert [row["present"] for row in scenes] == [
        ["mara-venn", "tom-harke"],
        ["mara-venn", "tom-harke"],
        ["mara-venn", "quill"],
        ["mara-venn", "tom-harke"],
    ]
    assert scenes[1]["title"] == "Chapter 1, scene 2"
    assert [row["place"] for row in scenes] == ["lighthouse", "Rossby", "village", "pier"] or scenes[3][
        "place"
    ]
    assert scenes[1]["when"] == "That evening"
    for kind in ("character", "place", "scene"):
        for says in plan.rows[kind]:
            passages = Row(kind, says["id"], says).passages()
            assert passages, says["id"]
            for one in passages:
                assert " ".join(LAMP[one.start : one.end].split()) == one.words


def test_what_a_person_wrote_locked_or_deleted_stays_when_the_draft_changes(studio: Studio) -> None:
    studio.story_new("lamp")
    studio.story_read("lamp", ["draft.md"])
    studio.story_set("lamp", "scene/s3.place", "the churchyard")
    studio.story_set("lamp", "scene/s4.summary", "The letter is burnt.")
    studio.story_lock("lamp", ["scene/s1.when"])
    place = studio.root / "story" / "lamp" / "places.toml"
    place.write_text("# none of these\n")
    new = LAMP.replace("before dawn", "before midnight").replace(
        "# Chapter 2", "# Interlude\n\nThe wind turned. Mara slept. “Hm,” said Mara.\n\n# Chapter 2"
    )
    (studio.root / "draft.md").write_text(new)
    done = studio.story_read("lamp")  # what was read last
    plan = studio.story("lamp")
    scenes = {row["id"]: row for row in plan.rows["scene"]}
    assert scenes["s3"]["place"] == "the churchyard"
    assert scenes["s4"]["summary"] == "The letter is burnt."
    assert scenes["s1"]["when"] == "before dawn"
    assert [row["id"] for row in plan.rows["scene"]] == ["s1", "s2", "s5", "s3", "s4"]  # in the draft's order
    assert plan.rows["place"] == ()
    assert {"scene/s3.place", "scene/s1.when", "place/rossby"} <= set(done.kept)
    assert done.added == ("scene/s5",)


def test_a_scene_that_moves_keeps_what_was_written_about_it(studio: Studio) -> None:
    studio.story_new("lamp")
    studio.story_read("lamp", ["draft.md"])
    studio.story_set("lamp", "scene/s4.turn", "he does not ask")
    head, two, three = (
        LAMP.partition("# Chapter 2")[0],
        *LAMP.partition("# Chapter 2")[2].split("# Chapter 3"),
    )
    (studio.root / "draft.md").write_text(f"{head}# Chapter 2{three}\n# Chapter 3{two}")
    studio.story_read("lamp")
    scenes = studio.story("lamp").rows["scene"]
    assert [row["id"] for row in scenes] == ["s1", "s2", "s4", "s3"]
    assert scenes[2]["turn"] == "he does not ask"


def test_gaps_are_named(studio: Studio) -> None:
    (studio.root / "draft.md").write_text(longer(14))
    studio.story_new("lamp")
    done = studio.story_read("lamp", ["draft.md"])
    assert any("Mara is not seen between scene 3 and scene 14" in gap.says for gap in done.gaps)
    svg = studio.story_draw("lamp").decode()
    assert svg.startswith("<svg ") and "Mara, scene 14" in svg and svg.count("<circle") >= 14


def test_the_sample_novel_is_read_within_seconds() -> None:
    text = "\n\n".join(data.decode() for _, data, _ in novel())
    began = time.process_time()
    draft = Draft(text)
    who = cast(draft)
    assert time.process_time() - began < 10  # 208,000 words; 2.1 s on one shared core
    assert len(draft.scenes) == 136
    first = [one.name for one in who.people[:8]]
    assert {"Ishmael", "Ahab", "Stubb", "Queequeg", "Starbuck", "Flask"} <= set(first)
    by_name = {one.name: one for one in who.people}
    assert who.narrator and by_name["Ahab"].gender == "he" and by_name["Hussey"].gender == "she"
    assert max(by_name["Peleg"].seen()) < 25  # he stays ashore
    assert {"Nantucket", "London", "New Bedford"} <= {one.name for one in who.places}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Rain.", "No name stands twice"),
        ("   \n\n", "holds no words"),
        ("雨が降っていた。彼は窓を閉めた。「遅い」と彼女は言った。\n\n***\n\n朝になった。", "no capitals"),
    ],
)
def test_drafts_that_say_little_are_read_and_said_so(studio: Studio, text: str, says: str) -> None:
    studio.story_new("lamp")
    (studio.root / "draft.md").write_text(text, encoding="utf-8")
    if not text.strip():
        with pytest.raises(WorkError):
            studio.story_read("lamp", ["draft.md"])
        return
    done = studio.story_read("lamp", ["draft.md"])
    assert any(says in note for note in done.notes)


def test_drafts_in_other_languages_and_what_is_no_text(studio: Studio, tmp_path: Path) -> None:
    german = (
        "„Komm“, sagte Jonas. Die Frau am Fenster sah das Haus und den Garten. „Nein“, sagte Jonas. "
        "Der Regen fiel auf die Straße, und Jonas sagte nichts. „Gut“, sagte Jonas zu der Frau.\n"
    )
    assert [one.name for one in cast(Draft(german)).people] == ["Jonas"]
    studio.story_new("lamp")
    with pytest.raises(ProjectError, match="has no draft yet"):
        studio.story_read("lamp")
    with pytest.raises(WorkError, match="is not a file"):
        studio.story_read("lamp", ["nowhere.md"])


def test_a_draft_of_the_studio_is_a_source_too(studio: Studio) -> None:
    studio.draft_new("well")
    studio.draft_put("well", LAMP)
    studio.story_new("lamp")
    assert studio.story_read("lamp", ["well"]).characters == 3


@pytest.mark.parametrize("width", [0, 60, 200])
def test_wrapped_lines_and_lines_as_paragraphs_are_read_alike(width: int) -> None:
    """A draft from a mail or a terminal has its lines wrapped, one from many an editor a line a
    paragraph."""
    whole = [" ".join(part.split()) for part in "\n\n".join([LAMP] * 3).split("\n\n")]
    if width == 200:  # no empty lines at all, but around headings and breaks
        text = "\n".join(f"\n{part}\n" if part.startswith(("#", "*")) else part for part in whole)
    else:
        text = "\n\n".join("\n".join(textwrap.wrap(part, width)) if width else part for part in whole)
    draft = Draft(text)
    assert len(draft.text) == len(text) and len(draft.scenes) == 12
    assert [(one.name, one.gender) for one in cast(draft).people] == [
        ("Mara Venn", "she"),
        ("Tom Harke", "he"),
        ("Quill", "she"),
    ]


def test_a_draft_of_300_000_words_is_read_and_one_beyond_all_bounds_is_refused() -> None:
    draft = Draft("\n\n".join([LAMP] * 1900))  # 304,000 words
    assert len(draft.text.split()) > 300_000
    who = cast(draft)
    assert [one.name for one in who.people] == ["Mara Venn", "Tom Harke", "Quill"]
    assert len(draft.scenes) == 4 * 1900
    with pytest.raises(WorkError, match="are read at once"):
        Draft("a " * 6_100_000)
