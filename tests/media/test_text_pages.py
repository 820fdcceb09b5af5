"""Pages of HTML as their reader sees them: lines and paragraphs, what is hidden, what stands beside the
text.
"""

from __future__ import annotations

import pytest

from etude.media.contract import Reading
from etude.media.text.medium import MEDIUM as TEXT
from tests.media import textfiles as files

read = TEXT.read


def reading_of(body: str, head: str = "") -> Reading:
    page = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return read(page.encode(), suffix=".html")


def text_of(body: str, head: str = "") -> str:
    text: str = reading_of(body, head).content
    return text


# Lines and paragraphs


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>a<br>b<br><br>c<br>d</p>", "a\nb\n\nc\nd\n"),
        ("<p>a<br>\n<br/>&nbsp;<br>b</p>", "a\n\n\nb\n"),
        ("<div>a<br></div><div>b</div>", "a\nb\n"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"),
        ("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb\n"),
        (
            "<div class=stanza><p>a</p><p>b</p></div><div class=stanza><p>c</p><p>d</p></div>",
            "a\nb\n\nc\nd\n",
        ),
        ("<div><div>a</div><div>b</div></div><div><div>c</div><div>d</div></div>", "a\nb\n\nc\nd\n"),
        (
            "<section class=poem><div class=lg>a<br>b</div><div class=lg>c<br>d</div></section>",
            "a\nb\n\nc\nd\n",
        ),
        ("<div class=stanza><span class=line>a</span><span class=line>b</span></div>", "a\nb\n"),
        ("<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\n\nb\n"),
        ("<p>a\n  b <i> c</i> d</p>", "a b c d\n"),
        ("<pre>\na\n   b  c\n\nd</pre>e", "a\n   b  c\n\nd\n\ne\n"),
        ("<p style='white-space: pre-line'>a  b\n c</p>", "a b\nc\n"),
        ("<p>&nbsp;&nbsp;a<br>&nbsp;b</p>", "\xa0\xa0a\n\xa0b\n"),
        (
            "<form action=x><p>The whole page is a form.</p><input value=no></form>",
            "The whole page is a form.\n",
        ),
        ("<font>" * 600 + "a" + "<p>b", "a\n\nb\n"),
        ("<svg><title>no</title><text>a</text><text>b</text></svg>", "a\nb\n"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td\n"),
        ("<div class=poem><span class=i0>a<br/></span><span class=i2>b<br/></span></div>", "a\nb\n"),
        (
            "<p style='margin: 0'>a</p><p style='margin: 0; height: 11pt'><span></span></p><p "
            "style='margin: 0'>b</p>",
            "a\n\nb\n",
        ),
    ],
)
def test_lines_and_paragraphs_are_those_of_the_page(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("sheet", "body", "text"),
    [
        ("p {margin: 0}", "<p>a</p><p>b</p><p>&nbsp;</p><p>c</p>", "a\nb\n\nc\n"),
        ("p {margin: 0; text-indent: 1.2em}", "<p>a</p><p>b</p>", "a\n\nb\n"),
        (
            ".v {margin: 0 0 0 2em; text-indent: -2em} .l {margin-bottom: 1em}",
            "<p class=v>a</p><p class='v l'>b</p><p class=v>c</p>",
            "a\nb\n\nc\n",
        ),
        (
            "p {margin: 0}",
            f"<p>{'long words ' * 20}</p><p>b</p>",
            f"{'long words ' * 20}".strip() + "\n\nb\n",
        ),
        (".line {display: block}", "<p><span class=line>a</span><span class=line>b</span></p>", "a\nb\n"),
        ("div.s {margin: 1em 0}", "<div class=s>a<br>b</div><div class=s>c</div>", "a\nb\n\nc\n"),
        ("li {display: inline}", "<ul><li>a</li> <li>b</li></ul>", "a b\n"),
        ("/* p {display: none} */ @media print {p {display: none}} p {}", "<p>a</p>", "a\n"),
        ("p {display: none} p.x {display: block}", "<p>no</p><p class=x>a</p>", "a\n"),
        ("#n p > b {visibility: hidden}", "<div id=n><p>a<b>no</b></p></div><p><b>c</b></p>", "a\n\nc\n"),
        ("p {display: none !important}", "<p style='display: block'>no</p>a", "a\n"),
        ("q {quotes: none}", "<p><q>“a”</q></p>", "“a”\n"),
        ("q:before, q:after {content: ''} ", "<p>‘<q>a</q>’</p>", "‘a’\n"),
        (".up {vertical-align: super}", "<p>x<span class=up>2</span></p>", "x²\n"),
        ("p {color: red; } q:hover, , {display: none}}} {{", "<p>a</p>", "a\n"),
    ],
)
def test_style_sheets_say_what_is_hidden_a_line_or_apart(sheet: str, body: str, text: str) -> None:
    assert text_of(body, f"<style>{sheet}</style>") == text


# What stands beside the text


@pytest.mark.parametrize(
    ("body", "text", "kind"),
    [
        ("<p>a hill<sup><a href='#fn1'>1</a></sup> and on.</p>", "a hill and on.\n", "note mark"),
        (
            "<p>a hill<a href='#_ftn1' name='_ftnref1'><span>[1]</span></a> and on.</p>",
            "a hill and on.\n",
            "note mark",
        ),
        (
            "<p>a hill<a class=fnanchor href='x.html#Footnote_1'>[A]</a> and on.</p>",
            "a hill and on.\n",
            "note mark",
        ),
        ("<p>a hill<sup class=footnote-ref>*</sup> and on.</p>", "a hill and on.\n", "note mark"),
        ("<p>a hill<sup>[<a href='#n'>2</a>]</sup> and on.</p>", "a hill and on.\n", "note mark"),
        (
            "<p>a</p><p role=doc-footnote id=n>1. Small. <a role=doc-backlink href='#r'>back</a></p>",
            "a\n",
            "note",
        ),
        ("<p>Words <span class=pagenum>[Pg 12]</span>go on.</p>", "Words go on.\n", "page or line number"),
        ("<p>Words <i class=pageno>- 12 -</i> go on.</p>", "Words go on.\n", "page or line number"),
        ("<p>Words <a id=page_xii>xii</a> go on.</p>", "Words go on.\n", "page or line number"),
        ("<p>Words <span role=doc-pagebreak id=p7>7</span>go on.</p>", "Words go on.\n", "page number"),
        ("<p>A line of verse<span class=linenum>5</span></p>", "A line of verse\n", "page or line number"),
        (
            "<p>東<ruby>京<rp>(</rp><rt>きょう</rt><rp>)</rp></ruby>へ</p>",
            "東京へ\n",
            "ruby annotation",
        ),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "漢字\n", "ruby annotations"),
        ("<p>She <span hidden>secretly </span>left.</p>", "She left.\n", "hidden passage"),
        ("<p>a</p><nav><a href=x>One</a></nav>", "a\n", "table of links"),
    ],
)
def test_what_stands_beside_the_text_goes_and_is_named(body: str, text: str, kind: str) -> None:
    reading = reading_of(body)
    assert reading.content == text
    assert len(reading.warnings) == 1 and f" {kind}: “" in reading.warnings[0]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>mc<sup>2</sup> and H<sub>2</sub>O, the 1<sup>st</sup></p>", "mc² and H₂O, the 1st\n"),
        ("<p>See <a href='#c1'>1</a> or <a href='#c2'>the second</a>.</p>", "See 1 or the second.\n"),
        ("<p><a href='#fnref1'>1</a> A note at the end.</p>", "1 A note at the end.\n"),
        ("<p class=pagenum>The page numbered itself.</p>", "The page numbered itself.\n"),
        (
            "<h2 class=toc id=index>Contents of a drawer</h2><p class=title>A poem</p>",
            "Contents of a drawer\n\nA poem\n",
        ),
        ("<p class=copyright>© the sea</p>", "© the sea\n"),
        ("<p aria-hidden=true>Seen by all.</p>", "Seen by all.\n"),
    ],
)
def test_what_only_looks_like_it_stays(body: str, text: str) -> None:
    reading = reading_of(body)
    assert (reading.content, reading.warnings) == (text, ())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>He said <q>Go <q>home</q></q>.</p>", "He said “Go ‘home’”.\n"),
        ("<p><q>“Said with its own marks”</q></p>", "“Said with its own marks”\n"),
        ("<p lang=de>Er rief <q>Halt</q>.</p>", "Er rief „Halt“.\n"),
        ("<p><span class=dropcap>T</span>\n he house.</p>", "The house.\n"),
        ("<p class=dropcap>T</p><p>he house.</p>", "The house.\n"),
        ("<p><span class=drop-cap>A</span> house.</p>", "A house.\n"),
        ("<p><span style='float: left; font-size: 3em'>“W</span> hen.</p>", "“When.\n"),
        ("<p><img class=dropcap src=x alt=T>he house.</p>", "The house.\n"),
        ("<p>Well <img class=emoji alt=😀> done.</p>", "Well 😀 done.\n"),
        ("<p>a<img src=x alt='A view of the house'>b</p>", "ab\n"),
        ("<p>5 &lt; 6 &amp;&#8212;&#x2014;&#150;</p>", "5 < 6 &——–\n"),
    ],
)
def test_marks_that_readers_see_are_kept(body: str, text: str) -> None:
    assert text_of(body) == text


def test_everything_is_kept_where_a_person_asks_for_it() -> None:
    body = (
        "<p><ruby>夢<rt>ゆめ</rt></ruby>の<ruby>見<rp>[</rp><rt>み</rt><rp>]</rp></ruby>た<span hidden> h</span>"
        "<sup><a href='#fn1'>1</a></sup></p><nav>menu</nav><p role=doc-footnote>1. "
        "note</p><script>no</script>"
    )
    page = f"<html><head><meta charset=utf-8></head><body>{body}</body></html>".encode()
    reading = read(page, suffix=".html", keep_all=True)
    assert reading.content == "夢(ゆめ)の見[み]た h¹\n\nmenu\n\n1. note\n"
    assert reading.warnings == ()


def test_names_of_encodings_mean_what_browsers_mean() -> None:
    said = "“Don’t” – he said…"
    for label, codec in (
        ("iso-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("x-cp1251", "cp1251"),
    ):
        page = f"<meta charset={label}><p>{said}</p>".encode(codec)
        reading = read(page, suffix=".html")
        assert (reading.content, reading.warnings) == (said + "\n", ())
    japanese = "春の夜の夢のことを書いた①。"
    for label, codec in (
        ("windows-31j", "cp932"),
        ("x-sjis", "cp932"),
        ("ms_kanji", "cp932"),
        ("x-euc-jp", "euc_jis_2004"),
        ("iso-2022-jp", "iso2022_jp_3"),
    ):
        page = f"<meta http-equiv=Content-Type content='text/html; charset={label}'><p>{japanese}</p>".encode(
            codec
        )
        assert read(page, suffix=".html").content == japanese + "\n", label
    chinese = "男孩沿着河边走，望着星星。镕"
    for label in ("gb2312", "x-gbk", "GB_2312-80"):
        assert (
            read(f"<meta charset='{label}'><p>{chinese}</p>".encode("gbk"), suffix=".html").content
            == chinese + "\n"
        )


def test_a_declaration_in_a_comment_is_none() -> None:
    page = "<!-- <meta charset=koi8-r> --><meta charset=windows-1251><p>Мороз и солнце</p>"
    assert read(page.encode("cp1251"), suffix=".html").content == "Мороз и солнце\n"


def test_a_wrong_declaration_gives_way_to_utf8() -> None:
    page = "<meta charset=iso-8859-1><p>Le café – déjà vu</p>"
    assert read(page.encode(), suffix=".html").content == "Le café – déjà vu\n"


def test_entities_of_a_page_itself_are_plain_text() -> None:
    page = (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY hill "the hill"> <!ENTITY dash "&#8212;">\n'
        "]><html><body>"
        "<p>On &hill;&dash;&amp;</p></body></html>"
    )
    assert read(page.encode(), suffix=".xhtml").content == "On the hill—&\n"


def test_the_title_of_a_picture_is_not_the_title_of_the_page() -> None:
    page = "<html><body><svg><title>Icon</title></svg><p>a</p></body></html>"
    assert read(page.encode(), suffix=".html").title == ""
    assert read(files.page("<p>a</p>", "My <b>page</b>").encode(), suffix=".html").title.startswith("My")
