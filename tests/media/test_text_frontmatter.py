"""What stands before and after a text: settings and comments of Markdown, the frame of Project Gutenberg."""

from __future__ import annotations

import pytest

from etude.media.contract import Reading
from etude.media.text.medium import MEDIUM as TEXT

read = TEXT.read


def text_of(data: bytes, suffix: str = ".txt") -> str:
    text: str = read(data, suffix=suffix).content
    return text


def markdown(text: str) -> Reading:
    return read(text.encode(), suffix=".md")


def test_settings_of_markdown_are_not_text() -> None:
    reading = markdown(
        '---\ntitle: "The Tide"\nauthor: Di\ntags: [a]\n---\n\n# Heading\n\nWords <!-- hidden\n'
        "note --> stay.\n"
    )
    assert (reading.title, reading.maker) == ("The Tide", "Di")
    assert reading.content == "# Heading\n\nWords  stay.\n"
    assert reading.warnings == (
        'left out 1 block of settings: “title: "The Tide" author: Di tags: [a]”',
        "left out 1 comment: “hidden note”",
    )
    assert markdown("+++\ntitle = 'T'\n+++\nx\n").title == "T"
    assert markdown("# Only heading #\n\nx\n").title == "Only heading"
    assert markdown("---\n\nA rule, no settings.\n").content == "---\n\nA rule, no settings.\n"


def test_pandocs_title_block_is_settings() -> None:
    reading = markdown("% The Tide\n  and the Moon\n% Di Dee; Ann Am\n% May 2020\n\nWords.\n")
    assert (reading.title, reading.maker) == ("The Tide and the Moon", "Di Dee, Ann Am")
    assert reading.content == "Words.\n" and "settings" in reading.warnings[0]
    assert markdown("%\n% Di\n\nWords.\n").maker == "Di"
    kept = read(b"% A\n% B\n\nWords.\n", suffix=".md", keep_all=True)
    assert kept.content == "% A\n% B\n\nWords.\n" and kept.title == "A"


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nThe first stanza\n\n---\n\nThe second.\n",
        "---\nThe first stanza\nwithout a title\n---\nThe second.\n",
        "---\nANNA: Where are you?\nBO: Here.\n---\nThey leave.\n",
        "---\ntitle: a play\nANNA: Where?\nANNA: There!\n---\nx\n",
        "---\n- one\n- two\n---\nx\n",
        "---\nNight: it falls\n---\nx\n",
        "---\ntitle: never closed\n\nwords\n",
        "+++\nplus: no toml\n+++\nx\n",
        "+++\n\nwords\n\n+++\n\nmore\n",
        "---\n---\nx\n",
        "***\ntitle: stars\n***\nx\n",
        "% of the night was gone\n\nwords\n",
        "% one\n% two\n% three\n% four\n\nwords\n",
        "% one\n% two\nwords at once\n",
        "%%% a line\n%%% of signs\n\nwords\n",
    ],
)
def test_a_rule_at_the_top_is_no_fence_of_settings(text: str) -> None:
    reading = markdown(text)
    assert (reading.content, reading.warnings) == (text, ())


@pytest.mark.parametrize(
    ("settings", "maker"),
    [
        ("author: Ann", "Ann"),
        ("author: [Jane Doe, 'Max M.']", "Jane Doe, Max M."),
        ("author:\n  - Jane Doe\n  - Max M.", "Jane Doe, Max M."),
        ("authors:\n- name: Jane Doe\n  email: x@y\n- name: Max M.", "Jane Doe, Max M."),
        ("author:\n  name: Jane", "Jane"),
        ("Author: 'O''Hara'", "O"),
        ("title: x # comment\nby: Bo", "Bo"),
        ("title: |\n  Long: text\n  more\nauthor: Bo", "Bo"),
        ("title: a\n\n# note\nauthor: Bo\ntags:\n  - x: y", "Bo"),
    ],
)
def test_makers_in_settings_however_they_are_written(settings: str, maker: str) -> None:
    reading = markdown(f"---\n{settings}\n---\nwords\n")
    assert reading.content == "words\n" and reading.maker == maker


def test_comments_inside_code_stay() -> None:
    for text in (
        "a\n\n```html\n<!-- kept -->\n```\n\nb\n",
        "a `<!-- kept -->` b\n",
        "~~~\n<!-- a\n~~~\nb --> c\n",
        "a <!-- open\n",
    ):
        assert markdown(text).content == text
    assert markdown("```\ncode\n```\n<!-- gone -->\nb\n").content == "```\ncode\n```\n\nb\n"


GUTENBERG = """The Project Gutenberg eBook of A Tale, by Eve Writer

Title: A Tale
        of the Sea
Author: Eve Writer

*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***

Produced by Some Volunteers and the
Distributed Proofreading Team

A TALE

by Eve Writer

Copyright 1899

CONTENTS

  I. The Storm ..... 3
  II. The Calm ..... 40


I. THE STORM

It blew.

II. THE CALM

It did not.

*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***

Updated editions will replace the previous one.
"""


def test_project_gutenbergs_frame_is_left_out() -> None:
    reading = read(GUTENBERG.encode(), suffix=".txt")
    assert reading.content == "I. THE STORM\n\nIt blew.\n\nII. THE CALM\n\nIt did not.\n"
    assert (reading.title, reading.maker) == ("A Tale of the Sea", "Eve Writer")
    said = "\n".join(reading.warnings)
    for kind in (
        "2 parts of Project Gutenberg's frame",
        "producer's note",
        "title page: “A TALE",
        "table of contents: “CONTENTS",
    ):
        assert kind in said
    kept = read(GUTENBERG.encode(), suffix=".txt", keep_all=True)
    assert kept.content == GUTENBERG and kept.title == "A Tale of the Sea" and not kept.warnings


def test_what_stands_between_the_frame_and_the_first_chapter_stays() -> None:
    poem = "TO MY MOTHER\n\nThe sea you gave me\nis in this book.\n\n"
    reading = read(GUTENBERG.replace("CONTENTS\n", poem + "CONTENTS\n").encode(), suffix=".txt")
    assert reading.content.startswith(poem) and "I. The Storm ....." not in reading.content
    preface = "PREFACE\n\nWritten late.\n\n\nI. THE STORM"
    reading = read(GUTENBERG.replace("I. THE STORM", preface).encode(), suffix=".txt")
    assert reading.content.startswith("PREFACE\n")
    open_ended = GUTENBERG.replace("EBOOK A TALE ***\n\nProduced", "EBOOK A TALE\n\nProduced").replace(
        "It blew.", "It blew.\n\n***\n\nOn."
    )
    assert "It blew." in text_of(open_ended.encode())


def test_contents_of_a_persons_own_text_stay() -> None:
    text = "CONTENTS\n\nof my pockets: string.\n"
    assert text_of(text.encode()) == text
