"""Threads: planted, touched, paid off; overdue and out of order are named."""

from __future__ import annotations

from etude.api.handle import Studio

SCENES = 12


def text(**at: str) -> str:
    """A draft of twelve scenes, with sentences put into some."""
    return "\n\n***\n\n".join(
        f"Tom waited at stop {i}. “Yes,” said Tom. Mara shook her head. “No,” said Mara."
        f" {at.get(f's{i}', '')}"
        for i in range(1, SCENES + 1)
    )


def read(studio: Studio, words: str) -> None:
    (studio.root / "draft.md").write_text(words)
    if not studio.stories().stories:
        studio.story_new("lamp")
    studio.story_read("lamp", ["draft.md"])


def test_a_thing_that_is_hidden_and_forgotten_is_overdue(studio: Studio) -> None:
    read(
        studio,
        text(
            s2="Mara hid the brass key under the step.",
            s3="Tom kept a pistol in the drawer.",
            s9="Tom fired the pistol.",
        ),
    )
    checked = studio.story_check("lamp")
    status = {one.name: (one.status, one.planted, one.payoff) for one in checked.threads}
    assert status == {"the brass key of Mara": ("overdue", 2, 0), "the pistol of Tom": ("paid off", 3, 9)}
    assert [one.subtype for one in checked.warnings] == ["overdue"]
    assert checked.warnings[0].first.words == "Mara hid the brass key under the step."


def test_a_thread_of_the_plan_is_followed_by_its_words(studio: Studio) -> None:
    read(studio, text(s2="The gull with one eye sat there.", s7="The gull was back."))
    studio.story_add(
        "lamp", "thread", "gull", {"name": "The gull", "words": "gull", "plant": "s7", "payoff": "s2"}
    )
    studio.story_add("lamp", "thread", "bell", {"name": "The bell", "words": "bell"})
    checked = studio.story_check("lamp")
    assert [(one.name, one.status) for one in checked.threads] == [
        ("The gull", "paid off"),
        ("The bell", "not in the draft"),
    ]
    assert [one.subtype for one in checked.warnings] == ["pay-off before plant"]
    studio.story_set("lamp", "thread/gull.plant", "s2")
    studio.story_set("lamp", "thread/gull.payoff", "s11")
    assert [one.subtype for one in studio.story_check("lamp").warnings] == ["pay-off"]


def test_a_promise_is_a_thread(studio: Studio) -> None:
    read(studio, text(s1="Tom promised to mend the boat.", s11="Tom mended the boat."))
    (one,) = studio.story_check("lamp").threads
    assert (one.name, one.status, one.payoff) == ("Tom promised to mend the boat", "paid off", 11)


def test_a_pay_off_before_its_plant_is_named(studio: Studio) -> None:
    read(studio, text(s2="Tom fired the pistol at the gull.", s6="In the attic Tom found a pistol."))
    (warned,) = studio.story_check("lamp").warnings
    assert warned.subtype == "pay-off before plant"
    assert (warned.first.scene, warned.second.scene) == (2, 6)
    read(studio, text(s2="Tom found a pistol.", s6="Tom fired the pistol at the gull."))
    assert studio.story_check("lamp").warnings == ()
