"""Notes that nothing declares, as word processors and converters write them, are left out and named; what
only looks like one stays."""

from __future__ import annotations

import pytest

from etude.media.contract import Reading
from etude.media.text.medium import MEDIUM as TEXT

MARK = "<p>The well{} is deep.</p>"


def read(body: str, keep_all: bool = False) -> Reading:
    page = f"<html><head><title>T</title></head><body>{body}</body></html>"
    return TEXT.read(page.encode(), suffix=".html", keep_all=keep_all)


NOTES = {
    "a list at the end": (
        MARK.format('<a href="#fn1" class="footnote-ref" id="fnref1"><sup>1</sup></a>')
        + '<div class="footnotes"><hr/><ol><li id="fn1"><p>Of Kent.</p><p>And <i>dry</i>. '
        '<a href="#fnref1">\u21a9</a></p></li></ol></div>'
    ),
    "an anchor in the note": (
        MARK.format('<a class="sdfootnoteanc" name="f1anc" href="#f1sym"><sup>1</sup></a>')
        + '<div id="f1"><p><a class="sdfootnotesym" name="f1sym" href="#f1anc">1</a> Of Kent.</p>'
        "<p>And dry.</p></div>"
    ),
    "brackets": (
        MARK.format('<a href="#_ftn1" name="_ftnref1" title="">[1]</a>')
        + '<div><div id="ftn1"><p><a href="#_ftnref1" name="_ftn1">[1]</a> Of Kent.</p></div></div>'
    ),
    "a list of terms": (
        MARK.format('<sup><a id="back_note_1" href="#note_1">1</a></sup>')
        + '<dl id="note_1"><dt>[<a href="#back_note_1">\u21901</a>]</dt><dd>Of Kent.</dd></dl>'
    ),
}


@pytest.mark.parametrize("way", NOTES)
def test_a_note_with_a_link_each_way_is_left_out_and_named(way: str) -> None:
    found = read(NOTES[way])
    assert found.content.strip() == "The well is deep."
    assert any("left out 1 note:" in words and "Of Kent." in words for words in found.warnings)
    assert "Of Kent." in read(NOTES[way], keep_all=True).content


@pytest.mark.parametrize(
    "body",
    [
        # chapters that lead back to the contents, with numbers as their names
        '<p><a href="#c1" id="t1">I</a></p><p><a href="#c2" id="t2">II</a></p>'
        '<h2 id="c1"><a href="#t1">I</a></h2><p>One.</p><h2 id="c2"><a href="#t2">II</a></h2><p>Two.</p>',
        # a mark whose target does not lead back
        '<p>As said<a href="#p9"><sup>9</sup></a> before.</p><p id="p9">Two. One.</p>',
        # verse that leads to the next page
        '<p id="a">One. Two.</p><p><a href="#a">Back to the first line</a></p>',
    ],
)
def test_what_is_no_note_stays(body: str) -> None:
    found = read(body)
    assert "One." in found.content and "Two." in found.content
    assert not any("note:" in words for words in found.warnings)


def test_a_rule_across_the_page_begins_another_section() -> None:
    assert read("<p>One.</p><hr/><p>Two.</p><p>Three.</p>").content == "One.\n\n\nTwo.\n\nThree.\n"
    assert read("<hr/><p>One.</p><hr/><hr/><p>Two.</p><hr/>").content == "One.\n\n\nTwo.\n"


def test_all_authors_of_a_page_are_its_makers() -> None:
    page = b'<html><head><meta name="author" content="Ana"><meta name="author" content="Ben"></head>'
    assert TEXT.read(page + b"<p>One two three.</p></html>", suffix=".html").maker == "Ana, Ben"


def test_signs_that_a_style_lowers_are_lowered() -> None:
    style = "<style>.d { position: relative; top: 0.33em } .u { position: relative; top: -0.3em }</style>"
    found = read(f'{style}<p>H<span class="d">2</span>O and x<span class="u">2</span></p>')
    assert found.content == "H\u2082O and x\u00b2\n"
