"""A plan is plain files: edited by hand and by commands, locked, never lost."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.api.handle import Studio
from etude.errors import EtudeError, ProjectError
from etude.story import toml_text


def file(studio: Studio, name: str) -> Path:
    return studio.root / "story" / "lamp" / name


def test_a_field_is_set_and_every_comment_stays(studio: Studio) -> None:
    studio.story_new("lamp", title="The Lamp", premise="A keeper lies.")
    studio.story_add("lamp", "character", "mara", {"name": "Mara Venn", "wants": "to be believed"})
    studio.story_add("lamp", "character", "tom", {"name": "Tom"})
    place = file(studio, "characters.toml")
    by_hand = place.read_text().replace(
        'name = "Tom"', '# his real name comes in scene 9\nname  =  "Tom"  # for now\nsmell = "tar"'
    )
    place.write_text(by_hand)
    studio.story_set("lamp", "character/mara.wants", 'to be “believed”, or\nleft "alone"')
    text = place.read_text()
    assert "# his real name comes in scene 9\n" in text
    assert 'name  =  "Tom"  # for now\n' in text
    assert 'smell = "tar"' in text
    shown = studio.story("lamp")
    assert shown.rows["character"][0]["wants"] == 'to be “believed”, or\nleft "alone"'
    assert any("'smell'" in note and "line" in note for note in shown.notes)
    assert shown.premise == "A keeper lies."


@pytest.mark.parametrize(
    ("broken", "line", "says"),
    [
        ('[[character]]\nid = "mara"\nname = Mara\n', 3, "invalid value"),
        ('[[character]]\nid = "mara"\nname = 3\n', 3, "'name' has to be a text"),
        ('[[character]]\nname = "Mara"\n', 1, "needs an id"),
        ('[character]\nid = "mara"\n', 1, "two brackets"),
        ('[[character]]\nid = "a"\n\n[[character]]\nid = "a"\n', 5, "was used in line 2 already"),
        ('[[character]]\nid = "a"\nalso = "Al"\n', 3, "list of texts"),
        ('[[character]]\nid = "a"\nname = """\nopen\n', 4, ""),
    ],
)
def test_a_plan_that_was_broken_by_hand_names_the_line_and_loses_nothing(
    studio: Studio, broken: str, line: int, says: str
) -> None:
    studio.story_new("lamp")
    file(studio, "characters.toml").write_text(broken)
    before = {path.name: path.read_bytes() for path in file(studio, "").iterdir()}
    with pytest.raises(ProjectError) as error:
        studio.story_set("lamp", "premise", "new")
    if says:
        assert f"story/lamp/characters.toml, line {line}:" in error.value.message
    assert says in error.value.message
    with pytest.raises(ProjectError):
        studio.story_read("lamp", ["draft.md"])
    assert {path.name: path.read_bytes() for path in file(studio, "").iterdir()} == before
    assert "characters.toml" in studio.stories().stories[0].damaged


def test_bytes_that_are_no_text_are_named_by_line(studio: Studio) -> None:
    studio.story_new("lamp")
    file(studio, "places.toml").write_bytes(b'[[place]]\nid = "a"\nname = "\xff"\n')
    with pytest.raises(ProjectError, match=r"places.toml, line 3: .*no UTF-8"):
        studio.story("lamp")


def test_what_is_locked_stays(studio: Studio) -> None:
    studio.story_new("lamp", premise="First.")
    studio.story_add("lamp", "character", "mara", {"name": "Mara", "wants": "rest"})
    studio.story_lock("lamp", ["character/mara.wants", "premise"])
    for part in ("character/mara.wants", "premise"):
        with pytest.raises(ProjectError, match="is locked"):
            studio.story_set("lamp", part, "something else")
    studio.story_set("lamp", "character/mara.name", "Mara Venn")
    studio.story_lock("lamp", ["character/mara"])
    with pytest.raises(ProjectError, match="is locked"):
        studio.story_set("lamp", "character/mara.name", "M.")
    studio.story_lock("lamp", ["character/mara.name"], locked=False)  # of all that are locked, this one
    studio.story_set("lamp", "character/mara.name", "M.")
    with pytest.raises(ProjectError, match="is locked"):
        studio.story_set("lamp", "character/mara.wants", "x")
    studio.story_lock("lamp", ["premise"], locked=False)
    studio.story_set("lamp", "premise", "Second.")
    assert studio.story("lamp").premise == "Second."


def test_two_peoples_edits_are_compared_before_they_are_swapped(studio: Studio) -> None:
    studio.story_new("lamp")
    seen = studio.story("lamp").version
    file(studio, "premise.md").write_text("By another person.\n")
    with pytest.raises(ProjectError, match="was changed in the meantime"):
        studio.story_set("lamp", "premise", "Mine.", version=seen)
    assert studio.story("lamp").premise == "By another person."
    now = studio.story("lamp").version
    after = studio.story_set("lamp", "premise", "Mine.", version=now).version
    assert after == studio.story("lamp").version != now


def test_names_of_parts_are_checked(studio: Studio) -> None:
    studio.story_new("lamp")
    studio.story_add("lamp", "scene", "s1", {"present": "mara; tom"})
    assert studio.story("lamp").rows["scene"][0]["present"] == ["mara", "tom"]
    assert sum("there is no character" in note for note in studio.story("lamp").notes) == 2
    for part, says in (
        ("charcter/mara.wants", "Did you mean 'character'"),
        ("scene/s1.presnt", "Did you mean 'present'"),
        ("scene/s2.title", "has no scene 's2'"),
        ("scene/s1", "is a whole scene"),
        ("scene/s1.words", "is a number"),
    ):
        with pytest.raises(EtudeError) as error:
            studio.story_set("lamp", part, "x")
        assert says in error.value.message


def test_a_story_goes_to_the_trash_and_back(studio: Studio) -> None:
    studio.story_new("lamp", premise="Kept.")
    studio.story_rm("lamp")
    assert studio.stories().stories == ()
    slot = next((studio.root / ".etude" / "trash").iterdir())
    studio.project.restore(slot)
    assert studio.story("lamp").premise == "Kept."


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=3)), min_size=1, max_size=4), TEXTS, st.data())
def test_any_text_goes_in_and_out_of_toml(
    rows: list[tuple[str, list[str]]], new: str, data: st.DataObject
) -> None:
    new = new.replace("\r\n", "\n")
    said = [{"id": str(i), "one": one, "many": many} for i, (one, many) in enumerate(rows)]
    text = toml_text.with_blocks("# a comment\n", "row", said)
    assert tomllib.loads(text)["row"] == said
    number = data.draw(st.integers(0, len(rows) - 1))
    for given_value in (new, None, [new, "x"]):
        text = toml_text.with_values(text, "row", {number: {"one": given_value}})
        assert tomllib.loads(text)["row"][number].get("one") == given_value
    assert text.startswith("# a comment\n")
