"""Makers whose names are written almost alike are pointed out, and others are not."""

from __future__ import annotations

from etude.curate.spellings import notes, perhaps_one


def test_dots_capitals_spaces_and_accents_make_no_other_maker() -> None:
    makers = ["G.L.TRACY", "G.L.TRACY.", "G.L.TRACY", "J. S. Bach", "J.S. Bach", "W. F. Bach", "", ""]
    assert perhaps_one(makers) == (("G.L.TRACY", "G.L.TRACY."), ("J. S. Bach", "J.S. Bach"))
    assert perhaps_one(["Antonin Dvorak", "Antonín Dvořák"]) != ()
    assert perhaps_one(["李白", "杜甫", "?", "!"]) == ()


def test_the_note_names_both_and_what_to_do() -> None:
    (note,) = notes(["O'Neill", "O’Neill"] * 3)
    assert "perhaps one maker" in note and "etude works edit WORK... --maker" in note
    many = notes(f"maker {i}{dot}" for i in range(9) for dot in ("", "."))
    assert len(many) == 4 and "6 more groups" in many[-1]


def test_forms_of_unicode_that_look_the_same_are_told_apart_in_words() -> None:
    (said,) = notes(["Ana Pe\u00f1a", "Ana Pen\u0303a", "Ana Pe\u00f1a"])
    assert "2 forms of Unicode that look the same" in said
    assert "etude works edit WORK... --maker 'Ana Pe\u00f1a'" in said
